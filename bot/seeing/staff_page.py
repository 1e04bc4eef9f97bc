"""What staff see on their page: their Treffpunkte's last posts with the figures of /posts, how fast and how long yet.

Counts of all messengers together: by messenger they would soon be about single people. Reads only, so a page left open
never holds up a broadcast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.items.model import ItemState
from bot.language import Languages, M, Renderer
from bot.people.service import People
from bot.place import Place
from bot.posts.announcement import Announcement
from bot.posts.leaving.copies import Figures
from bot.posts.leaving.receipts import figures_lines, headline, pace_lines
from bot.posts.passes import Passes
from bot.posts.service import Posts
from bot.seeing.metrics import Metrics
from bot.sights import PostSight, StaffSight
from bot.storage import Database

SHOWN = 6
KEPT = timedelta(seconds=4)
"""How long counts are shown again. Shorter than the page waits until it looks again."""


class HouseSights:
    """Implements `bot.sights.Sights`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        passes: Passes,
        posts: Posts,
        people: People,
        languages: Languages,
        place: Place,
    ) -> None:
        self._database = database
        self._clock = clock
        self._counted: dict[tuple[int, ...], tuple[datetime, Mapping[int, Figures]]] = {}
        self._metrics = metrics
        self._passes = passes
        self._posts = posts
        self._people = people
        self._languages = languages
        self._place = place

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        return await self._metrics.exposed(accept)

    async def staff_language(self, token: str) -> str | None:
        found = self._passes.read(token)
        if found is None:
            return None
        person, _ = found
        async with self._database.read() as session:
            if not await self._posts.rights.scopes(session, person):
                return None
            chats = await self._people.chats(session, [person])
        return chats[person][1] if person in chats else None

    async def staff(self, token: str, language: str) -> StaffSight | None:
        found = self._passes.read(token)
        if found is None:
            return None
        person, until = found
        tag = language if language in self._languages else self._place.language()
        render = self._languages.renderer(tag, zone=self._place.zone())
        async with self._database.read() as session:
            scopes = await self._posts.rights.scopes(session, person)
            if not scopes:
                return None
            latest = await self._posts.receipts.latest(session, scopes, limit=SHOWN)
            figures = await self._figures(session, latest)
        # Translators: title of the page that shows staff how their announcements are being delivered.
        title = M("posts.page.title")
        # Translators: below the title. {until}: day and time. Whoever has the link sees what its reader sees.
        intro = M("posts.page.intro", until=until)
        return StaffSight(
            title=render.text(title),
            intro=render.text(intro),
            posts=tuple(_sight(render, post, figures.get(post.id)) for post in latest),
            empty=render.text(M("posts.list.empty")),
            is_moving=any(count.due for count in figures.values()),
        )

    async def _figures(self, session: AsyncSession, latest: Sequence[Announcement]) -> Mapping[int, Figures]:
        """Counted once for everybody who looks within the same few seconds: many pages may be open."""
        sent = tuple(post.id for post in latest if post.item.state == ItemState.PUBLISHED)
        now = self._clock.now()
        self._counted = {key: one for key, one in self._counted.items() if abs(now - one[0]) < KEPT}
        if sent not in self._counted:
            self._counted[sent] = now, await self._posts.receipts.figures(session, list(sent))
        return self._counted[sent][1]


def _sight(render: Renderer, post: Announcement, count: Figures | None) -> PostSight:
    lines = [*figures_lines(count), *pace_lines(count)] if count else []
    return PostSight(
        head=render.text(headline(post)),
        lines=tuple(render.text(line) for line in lines),
        reached=count.held if count else 0,
        people=count.people if count else 0,
    )
