"""An answer got lost on the way: the sender sees it, and may send it once more by a tap."""

from __future__ import annotations

from sqlalchemy import select

from adapters.memory import MemoryPlatform
from bot.delivery.model import Delivery, State
from tests.stories.driver import Neighbour, Town
from tests.stories.sides import MemorySide, TelegramSide
from tests.stories.test_staff_announce import HALF_A_MINUTE, announces
from tests.stories.test_staff_drafts_stay_theirs import NOBODYS, forge, memory, strangers

__all__ = ["memory"]


async def loses(town: Town, reader: Neighbour) -> None:
    """The next message to this reader arrives, but the answer gets lost."""
    assert isinstance(town.side, MemorySide | TelegramSide)
    await town.side.loses(reader.hand)


async def test_sent_once_more_by_a_tap(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await loses(town, reader)
    await town.later(HALF_A_MINUTE)
    await staff.sees("1 von 2 haben es.", "1 Mensch hat es vielleicht bekommen, ich weiß es nicht.")
    await staff.taps("Noch einmal senden")
    await staff.sees("1 Mensch hat es vielleicht schon.")
    await reader.looks_away()
    await staff.taps("Noch einmal senden")
    await staff.sees("Ich sende es noch einmal an 1 Menschen.", "2 von 2 haben es.")
    await reader.sees("Noch einmal, weil ich nicht weiß, ob es angekommen ist:", "Kaffee und Kuchen")
    await reader.looks_away()
    await staff.taps("Noch einmal senden")  # a second tap on the same
    await reader.sees_nothing_new()


async def test_no_is_no(town: Town) -> None:
    staff, reader = await town.staff("Mira"), await town.resident("Ali")
    await announces(staff)
    await staff.taps("Senden")
    await loses(town, reader)
    await town.later(HALF_A_MINUTE)
    await reader.looks_away()
    await staff.taps("Noch einmal senden")
    await staff.taps("Nein")
    await staff.sees("1 Mensch hat es vielleicht bekommen")
    assert "Noch einmal senden" in await staff.buttons()
    await reader.sees_nothing_new()


async def test_a_forged_tap_shows_nothing(town: Town, memory: MemoryPlatform) -> None:
    others = await strangers(town)
    staff, reader = await town.staff("Mira"), await town.resident("Nora")
    await announces(staff)
    await staff.taps("Senden")
    await loses(town, reader)
    await town.later(HALF_A_MINUTE)
    item = await in_doubt(town)
    for who in (*others, "Nora"):
        for value in (f"post.again:{item}.0", f"post.again_yes:{item}.0", "post.again_yes:x"):
            (said,) = await forge(town, memory, who, [value])
            assert [said] == await forge(town, memory, who, [f"post.again:{NOBODYS}.0"])
    assert await in_doubt(town) == item


async def in_doubt(town: Town) -> int:
    """The item of which one copy perhaps arrived."""
    async with town.house.database.read() as session:
        unsure = select(Delivery.item).where(Delivery.state == State.UNSURE)
        return (await session.scalars(unsure)).one() or 0
