"""What staff see before they send: the post as readers will see it, whom it reaches by when, and who hears too late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.people.audience import audience
from bot.posts.announcement import Announcement
from bot.posts.leaving.reach import Reach, reach
from bot.posts.leaving.spread import Spread
from bot.posts.render import Voice
from bot.posts.timing import over, too_late
from bot.posts.voices import Voices


@dataclass(frozen=True, slots=True)
class Preview:
    """All a preview says; `too_late` are among those reached."""

    draft: Announcement
    voice: Voice
    reach: Reach
    too_late: int
    until: datetime | None
    """Until when pages show it, if that follows from its date."""
    stale_translations: tuple[str, ...]
    """Languages whose translation was made of older words, and is not shown."""


class Previews:
    """Works previews out."""

    def __init__(self, clock: Clock, spread: Spread, voices: Voices, zone: Callable[[], ZoneInfo]) -> None:
        self._clock = clock
        self._spread = spread
        self._voices = voices
        self._zone = zone

    async def of(self, session: AsyncSession, draft: Announcement, at: datetime | None = None) -> Preview:
        """The preview if it is sent at `at`; by default now."""
        await session.flush()
        at = at or self._clock.now()
        zone = self._zone()
        found = await reach(session, audience(draft.quartiere), self._spread.timing(draft, at))
        return Preview(
            draft=draft,
            voice=await self._voices.of(session, draft),
            reach=found,
            too_late=sum(wave.people for wave in found.waves if too_late(draft.post, wave.at, at, zone)),
            until=over(draft.post, zone),
            stale_translations=tuple(tag for tag, text in draft.texts.items() if not draft.is_fresh(text)),
        )
