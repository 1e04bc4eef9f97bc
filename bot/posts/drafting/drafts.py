"""Drafts: begun with the first word, changed by words or taps, discarded. Each change asks for the role again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.contract import Attachment
from bot.items.model import Item, ItemState
from bot.language import strip_controls
from bot.posts.announcement import EDITABLE, Announcement, copy_content, load, put_text, set_quartiere, take
from bot.posts.drafting import editing
from bot.posts.drafting.doubts import from_json
from bot.posts.drafting.editing import Reading
from bot.posts.errors import StaleError, WrongStateError
from bot.posts.kinds import FieldName, Kind
from bot.posts.model import ITEM_KIND, Origin, Post
from bot.posts.rights import Rights
from bot.posts.understanding.danger import ASKED
from bot.posts.understanding.moments import When
from bot.posts.understanding.places import PlaceHint
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.service import Quartiere


class Drafts:
    """Use cases of drafts. Each runs in the caller's transaction."""

    def __init__(
        self, clock: Clock, rights: Rights, quartiere: Quartiere, zone: Callable[[], ZoneInfo]
    ) -> None:
        self._clock = clock
        self._rights = rights
        self._quartiere = quartiere
        self._zone = zone

    async def begin(
        self,
        session: AsyncSession,
        author: int,
        treffpunkt: int | None,
        language: str,
        *,
        template: Kind | None = None,
    ) -> Announcement:
        """An empty draft for a Treffpunkt (None: the city), to be read by the Treffpunkt's Quartier."""
        await self._rights.check(session, author, treffpunkt)
        item = Item(
            kind=ITEM_KIND, author=author, treffpunkt=treffpunkt, state=ItemState.DRAFT, revision=1,
            created_at=self._clock.now(),
        )  # fmt: skip
        session.add(item)
        await session.flush()
        kind = template or Kind.NEWS
        post = Post(
            item_id=item.id, kind=kind, language=language, template=template is not None, fields={},
            alert=kind is Kind.ALERT, media=[], doubts=[], asked=[], rendered={}, place="", new_place="", cost="",
            all_day=False, new_all_day=False, cancelled=False,
        )  # fmt: skip
        session.add(post)
        draft = Announcement(item, post, {}, ())
        put_text(session, draft, language, Origin.AUTHOR, "", "")
        place = await self._quartiere.treffpunkt(session, treffpunkt) if treffpunkt is not None else None
        await set_quartiere(session, draft, [place.quartier_id if place else WHOLE_CITY])
        return draft

    async def draft(
        self, session: AsyncSession, author: int, treffpunkt: int | None, text: str, language: str
    ) -> Announcement:
        """A draft from a free text."""
        draft = await self.begin(session, author, treffpunkt, language)
        editing.read_first(session, draft, text, await self.reading(session))
        await session.flush()
        return draft

    async def look(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int | None = None
    ) -> Announcement:
        """The draft as it stands; looking changes nothing, so what is scheduled stays so.

        Raises `NotAllowedError`, `StaleError` (another revision), `WrongStateError` (sent or discarded).
        """
        return await self._seen(session, person, await load(session, item_id), revision)

    async def _seen(
        self, session: AsyncSession, person: int, draft: Announcement | None, revision: int | None
    ) -> Announcement:
        if draft is None or draft.item.kind != ITEM_KIND:
            raise StaleError
        await self._rights.check(session, person, draft.item.treffpunkt)
        if revision is not None and draft.item.revision != revision:
            raise StaleError
        if draft.item.state not in EDITABLE:
            raise WrongStateError
        return draft

    async def edit(
        self, session: AsyncSession, person: int, item_id: int, *, revision: int | None = None
    ) -> Announcement:
        """The draft, to be changed: it gets a new revision, and waits no longer for its time or its release.

        Raises what `look` raises.
        """
        draft = await self._seen(session, person, await take(session, item_id), revision)
        draft.item.state = ItemState.DRAFT
        draft.item.revision += 1
        draft.post.due_at = None
        return draft

    async def read(self, session: AsyncSession, draft: Announcement, text: str) -> None:
        """The first free text of a draft that began with a photo."""
        editing.read_first(session, draft, text, await self.reading(session))
        await session.flush()

    async def set_field(self, session: AsyncSession, draft: Announcement, name: FieldName, text: str) -> bool:
        """One fact in somebody's words. False if they don't say it."""
        said = editing.set_field(session, draft, name, text, await self.reading(session))
        if said:
            self._asked(draft, name)
        await session.flush()
        return said

    async def change(self, session: AsyncSession, draft: Announcement, text: str) -> bool:
        """Words typed below the preview. False if it isn't clear what they are meant for."""
        changed = editing.change(session, draft, text, await self.reading(session))
        await session.flush()
        return changed

    async def choose(self, session: AsyncSession, draft: Announcement, place: int) -> None:
        """The person chose the moment number `place` (from 0) of the first open doubt."""
        doubts = from_json(draft.post.doubts, self._zone())
        if not doubts or not 0 <= place < len(doubts[0].doubt.candidates):
            raise StaleError
        editing.settle(draft, doubts[0], doubts[0].doubt.candidates[place], self._zone())
        await session.flush()

    async def leave_out(self, session: AsyncSession, draft: Announcement, name: FieldName) -> None:
        """The fact stays unknown and isn't asked for again; what was in doubt about it is forgotten."""
        if name in (FieldName.WHEN, FieldName.NEW_WHEN, FieldName.UNTIL):
            editing.set_when(draft, name, When(), self._zone())
        else:
            self._clear(session, draft, name)
        self._asked(draft, name)
        await session.flush()

    async def set_kind(self, session: AsyncSession, draft: Announcement, kind: Kind) -> None:
        """Another kind; only an alert is an alert, and needs a second person."""
        draft.post.kind, draft.post.alert = kind, kind is Kind.ALERT
        await session.flush()

    async def judge(self, session: AsyncSession, draft: Announcement, *, danger: bool) -> None:
        """Somebody said whether people are in danger, and isn't asked again."""
        draft.post.asked = [*draft.post.asked, ASKED]
        if danger:
            await self.set_kind(session, draft, Kind.ALERT)
        await session.flush()

    async def set_cancelled(self, session: AsyncSession, draft: Announcement) -> None:
        """What was announced doesn't take place."""
        draft.post.cancelled = True
        await session.flush()

    async def attach(self, session: AsyncSession, draft: Announcement, files: Sequence[Attachment]) -> None:
        """Add checked files."""
        added = [
            {"media": file.media, "kind": file.kind, "name": file.name, "mime": file.mime}
            | ({"alt": file.alt} if file.alt else {})
            for file in files
            if file.media is not None
        ]
        draft.post.media = [*draft.post.media, *added]
        await session.flush()

    async def describe(
        self, session: AsyncSession, draft: Announcement, file: int, **said: str | bool
    ) -> None:
        """Keep what the person said about a picture: `alt`, `people`."""
        files = [dict(each) for each in draft.post.media]
        if not 0 <= file < len(files):
            raise StaleError
        files[file].update(said)
        draft.post.media = files
        await session.flush()

    async def remove_file(self, session: AsyncSession, draft: Announcement, file: int) -> None:
        """Leave a file out."""
        draft.post.media = [each for place, each in enumerate(draft.post.media) if place != file]
        await session.flush()

    async def target(self, session: AsyncSession, draft: Announcement, quartiere: Collection[int]) -> None:
        """For which Quartiere it is; at least one."""
        known = {quartier.id for quartier in await self._quartiere.quartiere(session)} | {WHOLE_CITY}
        wanted = set(quartiere) & known
        if wanted:
            await set_quartiere(session, draft, wanted)

    async def translate(
        self, session: AsyncSession, draft: Announcement, language: str, title: str, body: str
    ) -> None:
        """A translation by hand."""
        if language == draft.post.language:
            raise ValueError("that is the language it was written in")
        title, body = strip_controls(title), strip_controls(body)
        title, body = " ".join(title.split())[: editing.MAX_TITLE], body.strip()[: editing.MAX_BODY]
        put_text(session, draft, language, Origin.HAND, title, body)
        draft.texts[language].revision = draft.item.revision
        await session.flush()

    async def discard(self, session: AsyncSession, draft: Announcement) -> None:
        """Throw it away."""
        draft.item.state = ItemState.DISCARDED
        await session.flush()

    async def correction(self, session: AsyncSession, person: int, item_id: int) -> Announcement:
        """A draft that will correct what is published; the one that is open already, if there is one."""
        source = await load(session, item_id)
        if source is None:
            raise WrongStateError
        await self._rights.check(session, person, source.item.treffpunkt)
        if source.item.state != ItemState.PUBLISHED or source.post.source:
            raise WrongStateError  # nobody changes a resident's words behind their back
        mine = select(Post.item_id).join(Item, Item.id == Post.item_id)
        mine = mine.where(Post.corrects == item_id, Item.state == ItemState.DRAFT, Item.author == person)
        mine = mine.order_by(Post.item_id)
        for old in (await session.scalars(mine)).all():
            abandoned = await take(session, old)
            if abandoned is not None and abandoned.item.state == ItemState.DRAFT:
                await self.discard(session, abandoned)
        draft = await self.begin(session, person, source.item.treffpunkt, source.post.language)
        draft.post.corrects = item_id
        draft.post.asked = [name.value for name in FieldName]
        await copy_content(session, source, draft)
        await session.flush()
        return draft

    async def reading(self, session: AsyncSession) -> Reading:
        """What reading needs to know of the world."""
        places = [
            PlaceHint(place.name, place.address) for place in await self._quartiere.treffpunkte(session)
        ]
        return Reading(self._clock.now(), self._zone(), places)

    @staticmethod
    def _asked(draft: Announcement, name: FieldName) -> None:
        if name.value not in draft.post.asked:
            draft.post.asked = [*draft.post.asked, name.value]

    @staticmethod
    def _clear(session: AsyncSession, draft: Announcement, name: FieldName) -> None:
        post = draft.post
        match name:
            case FieldName.WHERE:
                post.place = ""
            case FieldName.NEW_WHERE:
                post.new_place = ""
            case FieldName.COST:
                post.cost = ""
            case FieldName.NOTE:
                editing.write(session, draft, draft.original.title, "")
            case FieldName.CONTACT | FieldName.HELPERS:
                post.fields = {key: value for key, value in post.fields.items() if key != name.value}
            case _:
                raise ValueError(f"{name} can't be left out")
