"""What a team hasn't sent is the team's: a forged tap of anybody else shows nothing of it and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.memory import MemoryPlatform
from bot.contract import Address, Happened, Inbound
from bot.items.model import Item
from bot.posts.model import ITEM_KIND, Post, PostText
from bot.questions.model import Message
from tests.stories.driver import Town
from tests.stories.sides import MemorySide
from tests.stories.test_staff_announce import announces

SECRET = "Am Donnerstag 15 Uhr Geheimfest im KAISERS, Losungswort Pusteblume"
MORE = {
    "post.at": "1795500000",
    "post.both": "de",
    "post.danger": "yes",
    "post.field": "note",
    "post.fill": "where",
    "post.in": "en",
    "post.into": "en",
    "post.kind": "news",
    "post.loose": "text",
    "post.people": "0.no",
    "post.pick": "0",
    "post.skip": "where",
    "post.toggle": "0",
    "post.view": "en",
}
"""What else the values of these choices say."""
NOBODYS = 999_999


@pytest.fixture
def memory(town: Town) -> MemoryPlatform:
    """Only on buttons can any value be tapped."""
    if not isinstance(town.side, MemorySide) or not town.side.platform.capabilities.buttons:
        pytest.skip("needs a phone that can send any value")
    return town.side.platform


async def forge(town: Town, platform: MemoryPlatform, who: str, values: list[str]) -> list[str]:
    """Taps on buttons that this person was never shown. Returns the answers."""
    before = len(platform.phone(who).shown)
    for value in values:
        id = f"{who} {platform.happened}"
        platform.happens(
            Inbound(id, Address(who), Happened.CHOICE, town.clock.now(), choice=value, language="de")
        )
    await town.settled()
    return [shown.text for shown in platform.phone(who).shown[before:]]


async def strangers(town: Town) -> tuple[str, ...]:
    """Somebody without a role, somebody of another Treffpunkt, and somebody whose role was taken back."""
    await town.resident("Ali")
    await town.staff("Sven", "kuckucksnest")
    await town.staff("Paul")
    async with town.house.database.write() as session:
        roles = town.house.features.roles
        kaisers = await town.house.place.quartiere.treffpunkt_by_slug(session, "kaisers")
        assert kaisers is not None
        for held in await roles.all(session):
            if held.scope == kaisers.id:
                await roles.revoke(session, held.grant)
    return "Ali", "Sven", "Paul"


async def rows(town: Town) -> list[object]:
    """Everything that is kept of posts."""
    async with town.house.database.read() as session:
        found: list[object] = []
        for table in (Item, Post, PostText):
            for row in (await session.execute(select(table.__table__))).all():
                found.append(tuple(row))
        return found


def taps(town: Town, item: int, revision: int) -> list[str]:
    names = [name for name in town.house.features.routes.actions if name.startswith("post.")]
    return [f"{name}:{item}.{revision}.{MORE.get(name, '')}".rstrip(".") for name in names]


async def test_a_draft(town: Town, memory: MemoryPlatform) -> None:
    others = await strangers(town)
    mira = await town.staff("Mira")
    await announces(mira, SECRET)
    await mira.sees("Pusteblume")
    async with town.house.database.read() as session:
        draft = (await session.scalars(select(Item).where(Item.kind == ITEM_KIND))).one()
    before = await rows(town)
    for who in others:
        for revision in (0, draft.revision):
            answers = await forge(town, memory, who, taps(town, draft.id, revision))
            assert answers == await forge(town, memory, who, taps(town, NOBODYS, revision))
            shown = "\n".join(answers)
            assert answers, who
            for secret in ("Pusteblume", "Geheimfest", "Senden", "So kommt es an"):
                assert secret not in shown
    assert await rows(town) == before


async def test_what_can_still_be_undone(town: Town, memory: MemoryPlatform) -> None:
    others = await strangers(town)
    mira = await town.staff("Mira")
    await announces(mira, SECRET)
    await mira.taps("Senden")
    async with town.house.database.read() as session:
        sent = (await session.scalars(select(Item).where(Item.kind == ITEM_KIND))).one()
    for who in others:
        answers = await forge(town, memory, who, [*taps(town, sent.id, sent.revision), f"ask:{sent.id}"])
        assert answers == await forge(
            town, memory, who, [*taps(town, NOBODYS, sent.revision), f"ask:{NOBODYS}"]
        )
        assert "Geheimfest" not in "\n".join(answers)


async def test_a_cancelled_date_is_not_undone_by_others(town: Town, memory: MemoryPlatform) -> None:
    others = await strangers(town)
    mira = await town.staff("Mira")
    await mira.says("/angebote")
    await mira.taps("Rollender Südstadttreff, Freitag, 27. November")
    await mira.taps("Fällt aus")
    await mira.taps("Ohne Grund")
    async with town.house.database.read() as session:
        sent = (await session.scalars(select(Item).where(Item.kind == ITEM_KIND))).one()
    before = await rows(town)
    for who in others:
        answers = await forge(town, memory, who, [f"offer.undo:{sent.id}"])
        assert answers == await forge(town, memory, who, [f"offer.undo:{NOBODYS}"])
    assert await rows(town) == before


async def test_a_question(town: Town, memory: MemoryPlatform) -> None:
    others = await strangers(town)
    mira = await town.staff("Mira")
    mina = await town.resident("Mina")
    await announces(mira)
    await mira.taps("Senden")
    await town.later(timedelta(seconds=31))
    await mina.replies("Gibt es auch vegan?", to="Kaffee und Kuchen")
    async with town.house.database.read() as session:
        question = (await session.scalars(select(Message))).one().item_id
    for who in others:
        answers = await forge(town, memory, who, [f"answer:{question}", f"ask-on:{question}"])
        assert answers == await forge(town, memory, who, [f"answer:{NOBODYS}", f"ask-on:{NOBODYS}"])
        assert "Was möchtest du antworten?" not in "\n".join(answers)


@pytest.mark.parametrize("odd", ["²", "9" * 40, "-1", "", "x", "1_0", " 1"])
async def test_a_value_that_is_no_number_is_not_understood(
    town: Town, memory: MemoryPlatform, odd: str
) -> None:
    await town.staff("Mira")
    names = [
        name for name in town.house.features.routes.actions
        if name.startswith(("post.", "offer", "answer", "ask"))
    ]  # fmt: skip
    answers = await forge(town, memory, "Mira", [f"{name}:{odd}.{odd}.{odd}" for name in names])
    answers += await forge(town, memory, "Mira", [f"{name}:{odd}:2026-11-27" for name in names])
    assert len(answers) >= len(names)
    assert "schiefgegangen" not in "\n".join(answers)


@pytest.mark.parametrize("odd", ["²", "9" * 40, "-1", "x"])
async def test_nor_what_stands_behind_a_draft_of_ones_own(
    town: Town, memory: MemoryPlatform, odd: str
) -> None:
    mira = await town.staff("Mira")
    await announces(mira)
    async with town.house.database.read() as session:
        draft = (await session.scalars(select(Item).where(Item.kind == ITEM_KIND))).one()
    names = [name for name in town.house.features.routes.actions if name.startswith("post.")]
    for name in names:
        async with town.house.database.read() as session:
            revision = (await session.get_one(Item, draft.id)).revision
        answers = await forge(town, memory, "Mira", [f"{name}:{draft.id}.{revision}.{odd}"])
        assert "schiefgegangen" not in "\n".join(answers), name
