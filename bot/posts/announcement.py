"""A post as a whole: its item, its facts, its texts, its Quartiere; loaded together and judged together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import Item, ItemQuartier, ItemState
from bot.items.service import hold
from bot.posts.kinds import FieldName
from bot.posts.model import Origin, Post, PostText

EDITABLE = (ItemState.DRAFT, ItemState.AWAITING, ItemState.SCHEDULED)
"""States in which a change leads back to a draft; what is published is corrected by a draft of its own."""


@dataclass(slots=True)
class Announcement:
    """A post with all that belongs to it. The rows are live: changing them changes the database."""

    item: Item
    post: Post
    texts: dict[str, PostText]
    quartiere: tuple[int, ...]

    @property
    def id(self) -> int:
        return self.item.id

    @property
    def original(self) -> PostText:
        """What the author wrote."""
        return self.texts[self.post.language]

    def has_left(self, now: datetime) -> bool:
        """Whether anybody may read it: sent, not taken back, and its moment in which it can be undone is over."""
        published = self.item.published_at
        return self.item.state == ItemState.PUBLISHED and published is not None and published <= now

    def text_for(self, tag: str) -> PostText:
        """The text a reader of `tag` gets: theirs if it is as new as the author's, else the author's."""
        own = self.texts.get(tag)
        return own if own is not None and self.is_fresh(own) else self.original

    def is_fresh(self, text: PostText) -> bool:
        """Whether a translation was made of the words as they are now."""
        return text.revision >= self.original.revision

    def filled(self) -> frozenset[FieldName]:
        """Which facts are known."""
        post, text = self.post, self.original
        known = {
            FieldName.WHAT: text.title,
            FieldName.NOTE: text.body,
            FieldName.WHEN: post.starts_at,
            FieldName.UNTIL: post.ends_at,
            FieldName.WHERE: post.place,
            FieldName.NEW_WHEN: post.new_starts_at,
            FieldName.NEW_WHERE: post.new_place,
            FieldName.COST: post.cost,
            FieldName.CONTACT: post.fields.get(FieldName.CONTACT),
            FieldName.HELPERS: post.fields.get(FieldName.HELPERS),
        }
        return frozenset(name for name, value in known.items() if value)


async def take(session: AsyncSession, item_id: int) -> Announcement | None:
    """The same to be changed: locked, and read as it is now, whatever this transaction has read of it before."""
    await hold(session, [item_id])
    return await load(session, item_id, anew=True)


async def load(session: AsyncSession, item_id: int, *, anew: bool = False) -> Announcement | None:
    """The post, or None. Who may see it is the caller's to ask, before anything else is said about it."""
    if anew:
        await session.flush()
    item = await session.get(Item, item_id, populate_existing=anew)
    post = await session.get(Post, item_id, populate_existing=anew)
    if item is None or post is None:
        return None
    said = select(PostText).where(PostText.item_id == item_id)
    texts = await session.scalars(said.execution_options(populate_existing=anew))
    here = (
        select(ItemQuartier.quartier).where(ItemQuartier.item_id == item_id).order_by(ItemQuartier.quartier)
    )
    return Announcement(
        item, post, {text.language: text for text in texts}, tuple((await session.scalars(here)).all())
    )


async def load_all(session: AsyncSession, ids: Collection[int]) -> dict[int, Announcement]:
    """The same for many posts at once; ids that are no posts are missing."""
    both = select(Item, Post).join(Post, Post.item_id == Item.id).where(Item.id.in_(ids))
    found = {item.id: Announcement(item, post, {}, ()) for item, post in (await session.execute(both)).all()}
    for text in await session.scalars(select(PostText).where(PostText.item_id.in_(ids))):
        found[text.item_id].texts[text.language] = text
    here = select(ItemQuartier).where(ItemQuartier.item_id.in_(ids)).order_by(ItemQuartier.quartier)
    for row in await session.scalars(here):
        found[row.item_id].quartiere += (row.quartier,)
    return found


async def set_quartiere(session: AsyncSession, announcement: Announcement, quartiere: Iterable[int]) -> None:
    """For whom it is; 0 is everybody and takes the place of all others."""
    wanted = set(quartiere)
    wanted = {0} if 0 in wanted else wanted
    await session.execute(delete(ItemQuartier).where(ItemQuartier.item_id == announcement.id))
    session.add_all(ItemQuartier(item_id=announcement.id, quartier=quartier) for quartier in wanted)
    await session.flush()
    announcement.quartiere = tuple(sorted(wanted))


async def copy_content(session: AsyncSession, source: Announcement, target: Announcement) -> bool:
    """Give `target` the words, facts and Quartiere of `source`. Returns whether author's words changed."""
    for name in CONTENT:
        setattr(target.post, name, getattr(source.post, name))
    before = {tag: (text.title, text.body) for tag, text in target.texts.items()}
    words_changed = before.get(target.post.language) != (source.original.title, source.original.body)
    for tag, text in source.texts.items():
        if not source.is_fresh(text) and tag != source.post.language:
            continue
        put_text(session, target, tag, Origin(text.origin), text.title, text.body)
        if tag != source.post.language:
            target.texts[tag].revision = target.item.revision
    await set_quartiere(session, target, source.quartiere)
    return words_changed


def put_text(
    session: AsyncSession, announcement: Announcement, language: str, origin: Origin, title: str, body: str
) -> None:
    """Write what it says in one language, at the item's present revision."""
    row = announcement.texts.get(language)
    if row is None:
        row = PostText(item_id=announcement.id, language=language, origin=origin, title="", body="")
        announcement.texts[language] = row
        session.add(row)
    if (row.title, row.body) != (title, body) or row.revision is None:
        row.title, row.body, row.origin = title, body, origin
        row.revision = announcement.item.revision


CONTENT = (
    "kind", "language", "template", "fields", "starts_at", "ends_at", "all_day", "place", "new_starts_at",
    "new_ends_at", "new_all_day", "new_place", "cost", "until", "alert", "cancelled", "media",
)  # fmt: skip
"""Columns of a post that a correction changes."""
