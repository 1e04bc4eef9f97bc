"""What stands around a reported message is other people's: it leaves the cases about somebody else when they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.items.model import Item
from bot.posts.announcement import load
from bot.posts.model import Post
from bot.questions.model import Direction, Message


@dataclass(frozen=True, slots=True)
class Own:
    """What a person has said so far, to be found again in snapshots, also in those that don't say whose it is."""

    person: int
    said: frozenset[tuple[str, str]]
    """Direction and words of their questions, and of their answers as a neighbour."""
    posts: frozenset[str]
    """Title and words of the posts that are theirs and not a Treffpunkt's."""

    @classmethod
    async def of(cls, session: AsyncSession, person: int) -> Own:
        answered = select(Item.id).where(Item.author == person)
        asked = (Message.asker == person) & (Message.direction == Direction.QUESTION)
        theirs = or_(asked, Message.neighbour & Message.item_id.in_(answered))
        messages = (await session.scalars(select(Message).where(theirs))).all()
        mine = select(Post.item_id).join(Item, Item.id == Post.item_id)
        mine = mine.where(Item.author == person, Post.source != "")
        posts = [await load(session, item) for item in (await session.scalars(mine)).all()]
        return cls(
            person,
            frozenset((one.direction, one.text) for one in messages),
            frozenset(title_and_words(post.original.title, post.original.body) for post in posts if post),
        )

    def without(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        """The snapshot of a case about somebody else, without this person's words."""
        kept = dict(snapshot)
        if "around" in kept:
            kept["around"] = [one for one in kept["around"] if not self._said(one)]
        if kept.get("about_by") == self.person or kept.get("about") in self.posts:
            kept["about"], kept["about_by"] = "", None
        return kept

    def _said(self, one: dict[str, Any]) -> bool:
        if one["this"] == "True":
            return False
        if "by" in one:
            return bool(one["by"] == self.person)
        return (one["kind"], one["text"]) in self.said


def title_and_words(title: str, words: str) -> str:
    """An announcement in one line, as a case shows what a message is about."""
    return " ".join((title, words)).strip()
