"""`kill -9` in the middle of a broadcast on Matrix, again and again: everybody has the announcement exactly once.

Fewer readers than elsewhere, since a homeserver takes about thirty messages a second. Half of them are in encrypted
rooms.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contract.matrix_side import PASSWORD, SECRET
from tests.fakes.botapi.client import BotApi
from tests.fakes.matrix_person import MatrixPerson
from tests.fakes.synapse import NAME, Homeserver, homeserver
from tests.kill import city
from tests.kill.program import PATIENCE, START, Program, dice
from tests.kill.test_broadcast import OPEN, RECEIPT, TITLE, announce

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]

READERS = 60
KILLS = 20
AT_A_STROKE = 20
"""So many copies may end between two looks: no kill may come after the last."""
PRIVATE = (TITLE, "@reader", "@bot:", PASSWORD, SECRET, "syt_")
"""What no log may hold: words, ids, and what opens the account."""


@pytest.fixture
def synapse(tmp_path: Path) -> Iterator[Homeserver]:
    folder = tmp_path / "synapse"
    folder.mkdir()
    with homeserver(folder) as server:
        yield server


@pytest.fixture
async def readers(synapse: Homeserver) -> AsyncIterator[list[MatrixPerson]]:
    """People with a room for the bot, which isn't in it yet."""
    await asyncio.to_thread(synapse.register, "bot", PASSWORD)
    people = [await reader(synapse, number, encrypted=number % 2 == 0) for number in range(READERS)]
    yield people
    for person in people:
        await person.close()


@pytest.fixture
async def anna(synapse: Homeserver) -> AsyncIterator[MatrixPerson]:
    """One in an encrypted room."""
    await asyncio.to_thread(synapse.register, "bot", PASSWORD)
    person = await reader(synapse, 1, encrypted=True)
    yield person
    await person.close()


async def reader(synapse: Homeserver, number: int, *, encrypted: bool) -> MatrixPerson:
    login = await asyncio.to_thread(synapse.register, f"reader-{number}")
    person = MatrixPerson(synapse, login, f"@bot:{NAME}")
    await person.meets(encrypted=encrypted)
    return person


def connect(running: Program, synapse: Homeserver) -> None:
    """From the next start on it is on Matrix too."""
    running.sets(
        MATRIX__HOMESERVER=synapse.url,
        MATRIX__USER=f"@bot:{NAME}",
        MATRIX__PASSWORD=PASSWORD,
        MATRIX__STORE_SECRET=SECRET,
        MATRIX__FOLDER=str(running.file.parent / "matrix"),
    )


async def test_matrix(
    running: Program, api: BotApi, synapse: Homeserver, readers: list[MatrixPerson]
) -> None:
    moments = dice("matrix")
    connect(running, synapse)
    await city.settle(running.settings, "matrix", [person.room for person in readers])
    staff = await api.user(city.STAFF)

    # Coming in, killed meanwhile: every invitation is taken up.
    await running.start()
    await asyncio.sleep(moments.uniform(START, 2 * START))
    await running.restart()
    for person in readers:
        await asyncio.wait_for(person.is_met(), PATIENCE)

    await announce(staff)
    await staff.waits_for("Geht in 30 Sekunden raus.", seconds=PATIENCE)
    await running.kill()
    await city.half_a_minute_passes(running.settings)
    await running.start()
    for goal in sorted(moments.sample(range(READERS - AT_A_STROKE), KILLS - running.kills)):
        async with asyncio.timeout(PATIENCE):
            while ended(running) < goal:
                await asyncio.sleep(0.005)
        await asyncio.sleep(moments.uniform(0, 0.05))
        print(f"kill {running.kills + 1} after {ended(running)} copies")  # noqa: T201 - shown when a test fails
        assert ended(running) < READERS
        await running.restart()
    await staff.waits_for(RECEIPT, seconds=PATIENCE)
    await running.stop()

    assert running.kills == KILLS
    assert len(set().union(*running.caught)) > 0  # or nothing was under way at any kill
    assert Counter((await city.states(running.settings)).values()) == {"held": READERS}
    assert Counter([await copies(person) for person in readers]) == {1: READERS}
    assert [private for private in PRIVATE if private in running.log()] == []


async def test_what_a_person_wrote_is_answered_once(
    running: Program, synapse: Homeserver, anna: MatrixPerson
) -> None:
    """Killed again and again while somebody in an encrypted room writes: each word has its one answer."""
    moments = dice("matrix words")
    connect(running, synapse)
    await city.settle(running.settings, "matrix", [anna.room])
    await running.start()
    await asyncio.wait_for(anna.is_met(), PATIENCE)
    for count in range(1, 6):
        await anna.types("/hilfe")
        await asyncio.sleep(moments.uniform(0, START))
        await running.restart()
        async with asyncio.timeout(PATIENCE):
            while await answers(anna) < count:
                await asyncio.sleep(0.05)
    await running.answers()  # it may have been answered before the last kill
    await running.stop()
    assert await answers(anna) == 5
    assert anna.room not in running.log()


def ended(running: Program) -> int:
    """How many copies have come to their end."""
    running.is_up()
    return READERS - running.count(OPEN)


async def copies(person: MatrixPerson) -> int:
    return sum(shown.text.startswith(TITLE) for shown in await person.screen())


async def answers(person: MatrixPerson) -> int:
    return sum("112" in shown.text for shown in await person.screen())
