"""A proposal is its author's, and its reviewers' once handed in: anybody else's forged tap shows nothing of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.memory import MemoryPlatform
from bot.clock import ManualClock
from bot.delivery.model import StoredText
from bot.items.guard import Silence
from bot.items.model import Item
from bot.moderation.restrictions import Restrictions
from bot.people.model import Person, Role
from bot.posts.model import Post, PostText
from bot.proposals.model import Proposal
from bot.questions.model import Message
from bot.thanks.model import Thanks
from tests.stories.driver import Side, Town, open_town
from tests.stories.test_resident_proposes import HALF_A_MINUTE, proposes, released, sent
from tests.stories.test_staff_drafts_stay_theirs import forge, memory, strangers

__all__ = ["memory"]

SECRET = "Pusteblumen zu verschenken, Losungswort Geheimfest"
MORE = {
    "prop.area": "1", "prop.loose": "text", "prop.people": "0.no", "prop.pick": "0", "prop.reason": "ad",
    "prop.skip": "where", "prop.until": "7",
}  # fmt: skip
"""What else the values of these choices say."""


async def one(town: Town) -> tuple[int, int]:
    async with town.house.database.read() as session:
        found = (await session.scalars(select(Item).join(Proposal, Proposal.item_id == Item.id))).one()
    return found.id, found.revision


async def rows(town: Town) -> list[object]:
    async with town.house.database.read() as session:
        stage = select(Proposal.item_id, Proposal.stage, Proposal.reviewer, Proposal.words)
        found = (await session.execute(stage)).all()
        items = (await session.execute(select(Item.id, Item.kind, Item.state, Item.revision))).all()
        texts = (await session.execute(select(PostText.title, PostText.body))).all()
    return [*found, *items, *texts]


def values(town: Town, item: int, revision: int) -> list[str]:
    """Every choice of proposals, and every one of staff's posts."""
    actions = town.house.features.routes.actions
    mine = [
        name
        for name in actions
        if name.startswith(("prop.", "post.")) and name not in ("prop.for", "prop.kind")
    ]
    return [f"{name}:{item}.{revision}.{MORE.get(name, '')}" for name in mine]


async def test_nobody_elses_tap_shows_or_changes_anything(town: Town, memory: MemoryPlatform) -> None:
    await town.staff("Petra")
    mina = await town.resident("Mina")
    await proposes(mina, SECRET)
    await mina.taps("Abschicken")
    item, revision = await one(town)
    others = await strangers(town)
    before = await rows(town)
    for who in others:
        said = await forge(town, memory, who, values(town, item, revision))
        assert not [text for text in said if "Pusteblume" in text or "Geheimfest" in text], who
    assert await rows(town) == before


async def test_before_it_is_handed_in_not_even_staff_see_it(town: Town, memory: MemoryPlatform) -> None:
    await town.staff("Petra")
    await town.staff("Karin", role=Role.COORDINATOR)
    mina = await town.resident("Mina")
    await proposes(mina, SECRET)
    item, revision = await one(town)
    before = await rows(town)
    for who in ("Petra", "Karin"):
        said = await forge(town, memory, who, values(town, item, revision))
        assert not [text for text in said if "Pusteblume" in text or "Geheimfest" in text], who
    assert await rows(town) == before


async def test_a_reviewer_can_not_agree_in_the_authors_place(town: Town, memory: MemoryPlatform) -> None:
    _, petra, ali = await sent(town)
    await petra.taps("Änderung vorschlagen")
    await petra.says("Ganz andere Worte")
    item, revision = await one(town)
    taps = [
        f"{name}:{item}.{revision}" for name in ("prop.agree", "prop.release", "prop.revise", "prop.taken")
    ]
    await forge(town, memory, "Petra", taps)
    await town.later(HALF_A_MINUTE)
    await ali.does_not_see("Ganz andere Worte", "Kinderbett")


async def test_staff_can_not_correct_a_residents_words(town: Town, memory: MemoryPlatform) -> None:
    _, petra, _ = await released(town)
    item, _ = await one(town)
    before = await rows(town)
    await forge(town, memory, "Petra", [f"post.fix:{item}.0", f"post.off:{item}.0", f"post.undo:{item}.0"])
    assert await rows(town) == before
    await petra.says("/posts")
    await petra.taps("Kinderbett zu verschenken")
    assert "Berichtigen" not in await petra.buttons()


async def test_a_step_survives_a_restart(side: Side, tmp_path: Path, clock: ManualClock) -> None:
    async with open_town(side, tmp_path, clock=clock) as town:
        mina = await town.resident("Mina")
        await mina.says("/vorschlag")
        await mina.taps("Gesucht")
    async with open_town(side, tmp_path, clock=clock) as again:
        mina.town = again
        await mina.says("Suche Umzugskartons")
        await mina.sees("So lesen es deine Nachbarn:", "Gesucht", "Suche Umzugskartons")


def silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody may speak."""

    async def silence(self: Restrictions, session: AsyncSession, person: int) -> Silence | None:
        return Silence(case=117, until=None)

    monkeypatch.setattr(Restrictions, "silence", silence)


async def test_who_is_silenced_proposes_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mina = await town.resident("Mina")
    await proposes(mina)
    silenced(monkeypatch)
    await mina.taps("Abschicken")
    await mina.sees("Fall 117")
    await mina.says("/vorschlag")
    await mina.sees("Fall 117")


async def test_who_was_silenced_meanwhile_is_not_released(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, petra, ali = await sent(town)
    silenced(monkeypatch)
    await petra.taps("Freigeben")
    await petra.sees("darf zurzeit nichts schreiben")
    await town.later(HALF_A_MINUTE)
    await ali.does_not_see("Kinderbett")


async def test_who_is_silenced_neither_asks_nor_answers(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mina, _, ali = await released(town)
    await ali.replies("Noch da?", to="Kinderbett")
    silenced(monkeypatch)
    await ali.replies("Hallo?", to="Kinderbett")
    await ali.sees("Fall 117")
    await mina.does_not_see("Hallo?")
    await mina.replies("Ja.", to="Noch da?")
    await mina.sees("Fall 117")
    async with town.house.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 1


async def test_everything_is_exported_and_erased(town: Town) -> None:
    mina, _, ali = await released(town)
    await ali.replies("Noch da?", to="Kinderbett")
    await ali.taps("Danke sagen")
    await mina.replies("Ja, noch da.", to="Noch da?")
    await mina.says("/vorschlag")
    await mina.taps("Idee")
    await mina.says("Eine Schaukel im Hof")
    async with town.house.database.read() as session:
        author = await session.scalar(
            select(Item.author).join(Post, Post.item_id == Item.id).where(Post.source != "")
        )
        assert author is not None
        data = str(await town.house.features.register.export(session, author))
    for words in ("Kinderbett", "Eine Schaukel im Hof", "Ja, noch da."):
        assert words in data
    async with town.house.database.write() as session:
        await town.house.features.register.erase(session, author)
    await town.later(timedelta(minutes=1))
    async with town.house.database.read() as session:
        assert await session.get(Person, author) is None
        for column in (Item.author, Post.sender):
            assert author not in (await session.scalars(select(column))).all()
        left = [
            *(await session.scalars(select(PostText.title))),
            *(await session.scalars(select(Message.text))),
        ]
        assert not [
            text for text in left if "Kinderbett" in text or "Schaukel" in text or "Ja, noch da" in text
        ]
        bodies = (await session.scalars(select(StoredText.body))).all()
    assert not [body for body in bodies if "fast neu" in str(body)]
    await ali.does_not_see("Kinderbett zu verschenken\n")


async def test_thanks_are_erased_with_who_said_them(town: Town) -> None:
    _, _, ali = await released(town)
    await ali.taps("Danke sagen")
    await ali.says("/delete")
    await ali.taps("Ja, alles löschen")
    async with town.house.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Thanks)) == 0
