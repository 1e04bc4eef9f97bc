"""`kill -9` at 20 random moments between the tap on "Senden" and the last of 500 deliveries: nobody is pinged twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from adapters.web.threads import Threads
from bot.app import open_house
from bot.clock import SystemClock
from bot.contract import Outgoing, Paragraph
from bot.delivery.chats import lane_for
from bot.delivery.store import LaneStore
from bot.language import Languages, M, Msg, N
from tests.fakes.botapi.client import BotApi, User
from tests.kill import city
from tests.kill.program import PATIENCE, START, Program, dice

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]

READERS = 500
KILLS = 20
WORDS = "Der Aufzug im KAISERS fährt wieder."
TITLE = "Der Aufzug fährt wieder"
OPEN = "SELECT count(*) FROM delivery WHERE item IS NOT NULL AND state IN ('pending', 'sending')"
AT_A_STROKE = 200
"""So many copies may end between two looks at the page's fast lane: no kill may come after the last."""
IN_FLIGHT = 30
"""How many requests Telegram's lane may have under way (`adapters.telegram`)."""
RECEIPT = "/posts"
"""Every receipt names this command."""


async def test_telegram(running: Program, api: BotApi) -> None:
    readers = range(10_001, 10_001 + READERS)
    await api.users(readers)
    await city.settle(running.settings, "telegram", [str(reader) for reader in readers])

    receipt = await announced_under_fire(running, api, dice("telegram"))

    arrived = {str(chat): told(texts) for chat, texts in (await api.sends()).items() if chat != city.STAFF}
    ended = await city.states(running.settings)
    outcomes = Counter((ended[str(reader)], arrived.get(str(reader), 0)) for reader in readers)
    # Without idempotency keys, those in flight at a kill have it once or not at all: never twice.
    assert set(outcomes) <= {("held", 1), ("unsure", 1), ("unsure", 0)}, outcomes
    unsure = outcomes["unsure", 0] + outcomes["unsure", 1]
    assert unsure == len(set().union(*running.caught))
    assert max(len(caught) for caught in running.caught) <= IN_FLIGHT
    assert receipt.split() == said(
        N("posts.receipt.held", READERS, held=READERS - unsure),
        *([N("posts.figures.unsure", unsure)] if unsure else []),
    )


async def test_the_page(running: Program, api: BotApi) -> None:
    readers = await city.web_accounts(running.settings, READERS)
    await city.settle(running.settings, "web", readers)

    receipt = await announced_under_fire(running, api, dice("web"))

    # The page knows keys: what was in flight is repeated under its key, and stands there once.
    assert Counter((await city.states(running.settings)).values()) == {"held": READERS}
    assert Counter(await in_the_page(running, readers)) == {1: READERS}
    assert receipt.split() == said(N("posts.figures.web", READERS))


async def announced_under_fire(running: Program, api: BotApi, moments: random.Random) -> str:
    """Announce over Telegram, with a kill at every stage; returns the receipt, once the program has ended in order."""
    staff = await api.user(city.STAFF)
    await running.start()
    await announce(staff)
    await asyncio.sleep(moments.uniform(0, 0.3))
    await running.restart()
    # The tap was taken in before or after the kill; it is answered, and what was answered is not lost.
    await staff.waits_for("Geht in 30 Sekunden raus.", seconds=PATIENCE)
    await running.kill()
    await city.half_a_minute_passes(running.settings)
    await running.start()

    await kill_during_delivery(running, moments, KILLS - running.kills)
    receipt = await staff.waits_for(RECEIPT, seconds=PATIENCE)
    await running.stop()
    await running.start()
    await staff.types("/hilfe")
    await staff.waits_for("Feuerwehr und Rettung 112", seconds=PATIENCE)
    await running.stop()
    assert running.kills == KILLS
    receipts = [text for text in await staff.sees() if RECEIPT in text]
    assert receipts == [receipt]
    return receipt


async def announce(staff: User) -> None:
    await staff.types("/ansage")
    await staff.waits_for("Was möchtest du ansagen?", seconds=PATIENCE)
    await staff.types(WORDS)
    await staff.waits_for("So kommt es an:", seconds=PATIENCE)
    await staff.taps("Senden")


async def kill_during_delivery(running: Program, moments: random.Random, kills: int) -> None:
    """Each time when so many copies have ended, and a moment more: anywhere in claiming, sending and marking.

    When so many had ended before the last kill already, it comes somewhere in the start.
    """
    for goal in sorted(moments.sample(range(READERS - AT_A_STROKE), kills)):
        before = ended(running)
        if before < goal:
            async with asyncio.timeout(PATIENCE):
                while ended(running) < goal:
                    await asyncio.sleep(0.005)
            await asyncio.sleep(moments.uniform(0, 0.02))
        else:
            await pause(running, before, moments.uniform(0, START))
        print(f"kill {running.kills + 1} after {ended(running)} copies")  # noqa: T201 - shown when a test fails
        assert ended(running) < READERS
        await running.restart()


async def pause(running: Program, before: int, seconds: float) -> None:
    """Wait, but no longer than until the first copies have ended."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while ended(running) == before and loop.time() < until:
        await asyncio.sleep(0.005)


def ended(running: Program) -> int:
    """How many copies have come to their end."""
    running.is_up()
    return READERS - running.count(OPEN)


def told(texts: list[str]) -> int:
    """How many of these messages are the announcement."""
    return sum(text.startswith(TITLE) for text in texts)


async def in_the_page(running: Program, accounts: list[str]) -> list[int]:
    """How often the announcement stands in each account's chat."""
    async with open_house(running.settings, connect=False) as house:
        async with house.database.write() as session:
            lane = await lane_for(session, "web")
        threads = Threads(LaneStore(house.database, lane.id), SystemClock())
        return [
            sum(
                entry.said is not None and TITLE in plain(entry.said)
                for entry in await threads.entries(account)
            )
            for account in accounts
        ]


def plain(message: Outgoing) -> str:
    blocks = [block for block in message.body if isinstance(block, Paragraph)]
    return "".join(run.text for block in blocks for line in block.lines for run in line)


def said(*figures: Msg) -> list[str]:
    """The words of a receipt with these figures."""
    render = Languages.load(Languages.find()).renderer("de")
    return " ".join(render.text(message) for message in [*figures, M("posts.receipt.more")]).split()
