"""Killed in mid-conversation: every message is answered, in order, and the state is as if nothing had happened."""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict
from itertools import groupby

import pytest

from bot.app import open_house
from bot.delivery.chats import chat_for, lane_for
from tests.fakes.botapi.client import BotApi, User
from tests.kill.program import PATIENCE, Program, dice

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]

CALM, MINA, OMAR = 8_150_047_110, 8_150_047_221, 8_150_047_332
MARK = "Zauberwort-4711-xyz"

TALK: list[list[str]] = [
    ["/start"],
    ["[Weiter auf Deutsch]"],
    ["[Nordstadt]"],
    ["/tempo"],
    ["[Sofort]"],
    ["/ruhe"],
    ["19-7", "hilfe", "/regeln"],
    ["/quartier"],
    ["[Altstadt dazu]", f"Was heißt {MARK}?", "/impressum"],
]
"""What a resident types or [taps]. Lines of one list come without waiting for an answer."""


async def test_conversations(running: Program, api: BotApi) -> None:
    calm, mina, omar = [await api.user(id_) for id_ in (CALM, MINA, OMAR)]
    await running.start()
    seen = await undisturbed(calm)

    moments = dice("conversation")
    done = asyncio.Event()
    reaper = asyncio.create_task(kill_again_and_again(running, api, moments, done))
    await asyncio.gather(*(talks(user, seen) for user in (mina, omar)))
    done.set()
    await reaper
    assert running.kills >= 3

    everybody = (calm, mina, omar)
    await asyncio.gather(*(gets_answered(user, ["/ruhe"]) for user in everybody))
    await running.restart()
    for user in everybody:
        await user.types("21-6")
    for user in everybody:
        await user.waits_for("21 Uhr bis 6 Uhr", seconds=PATIENCE)
    await running.stop()
    assert await chosen(running, MINA) == await chosen(running, OMAR) == await chosen(running, CALM)


async def test_nothing_is_left_of_who_was_deleted(running: Program, api: BotApi) -> None:
    moments = dice("delete")
    mina, omar = [await api.user(id_) for id_ in (MINA, OMAR)]
    await running.start()
    await asyncio.gather(undisturbed(mina), undisturbed(omar))
    await running.restart()
    assert left_of(running, str(MINA))  # or the search below would prove nothing

    await mina.types("/delete")
    await mina.waits_for("wirklich", seconds=PATIENCE)
    await mina.taps("Ja, alles löschen")
    await asyncio.sleep(moments.uniform(0, 0.2))
    await running.restart()
    await mina.waits_for("Alles gelöscht", seconds=PATIENCE)
    await running.stop()
    await running.start()
    await gets_answered(omar, ["/tempo"])
    await running.stop()

    assert left_of(running, str(MINA)) == []
    assert left_of(running, MARK) == []
    assert left_of(running, str(OMAR)) == [running.file.name]
    assert [private for private in (MARK, str(MINA), str(OMAR)) if private in running.log()] == []


async def undisturbed(user: User) -> list[list[str]]:
    """Have the talk; returns everything seen after each part of it."""
    seen: list[list[str]] = []
    for part in TALK:
        await gets_answered(user, part)
        seen.append(await user.sees())
    assert seen[-1] == once(seen[-1])
    return seen


async def talks(user: User, seen: list[list[str]]) -> None:
    """Have the talk again, whatever happens to the program; the same is seen, each answer at most repeated once."""
    for part, expected in zip(TALK, seen, strict=True):
        await does(user, part)
        try:
            async with asyncio.timeout(PATIENCE):
                while once(await user.sees()) != expected:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            assert once(await user.sees()) == expected
    assert max(len(list(same)) for _, same in groupby(await user.sees())) <= 2


async def gets_answered(user: User, lines: list[str]) -> None:
    """Say something and wait for as many answers."""
    before = len(await user.sees())
    await does(user, lines)
    async with asyncio.timeout(PATIENCE):
        while len(await user.sees()) < before + len(lines):
            await asyncio.sleep(0.02)


async def does(user: User, lines: list[str]) -> None:
    for line in lines:
        if line.startswith("["):
            await user.taps(line[1:-1])
        else:
            await user.types(line)


async def kill_again_and_again(
    running: Program, api: BotApi, moments: random.Random, done: asyncio.Event
) -> None:
    """At random moments, but not twice during one answer: that would rightly cost it."""
    while not done.is_set():
        before = await sent(api)
        while await sent(api) == before and not done.is_set():
            await asyncio.sleep(0.02)
        await asyncio.sleep(moments.uniform(0.15, 1.2))
        await running.restart()


async def sent(api: BotApi) -> int:
    return sum(len(texts) for texts in (await api.sends()).values())


def once(texts: list[str]) -> list[str]:
    """Without what was said again right away."""
    return [text for text, _ in groupby(texts)]


async def chosen(running: Program, id_: int) -> dict[str, object]:
    """What somebody's settings are; when they agreed is their own affair."""
    async with open_house(running.settings, connect=False) as house, house.database.write() as session:
        chat = await chat_for(session, (await lane_for(session, "telegram")).id, str(id_))
        speaker = await house.features.people.speaker(session, chat.id)
        assert speaker is not None
        settings = asdict(await house.features.people.settings(session, speaker.person))
        return {name: value for name, value in settings.items() if name != "agreed_at"}


def left_of(running: Program, private: str) -> list[str]:
    """The program's files in which something stands, the database's own leftovers included."""
    return sorted(
        path.name for path in running.file.parent.iterdir() if private.encode() in path.read_bytes()
    )
