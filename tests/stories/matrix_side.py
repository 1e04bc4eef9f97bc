"""Matrix for the stories: real programs of real people on a real homeserver, in encrypted rooms or plain ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from adapters.matrix import Matrix
from adapters.matrix.choosing import keycap
from bot.app import House
from bot.contract import Limits, Platform
from bot.delivery.model import Lane
from bot.host import Host
from tests.contract.matrix_side import PASSWORD, settings_for
from tests.fakes.matrix_person import MatrixPerson, Shown
from tests.fakes.synapse import Homeserver
from tests.stories.driver import Hand, Seen
from tests.stories.overheard import OVERHEARD

PATIENCE = 30.0
"""Seconds until a story gives up waiting; never a measure of anything."""

ON_MATRIX = {
    "matrix_encrypted": (
        "test_resident_comes_in.test_two_taps",
        "test_resident_comes_in.test_settings",
        "test_staff_announce.test_two_messages_and_one_tap",
        "test_staff_announce.test_a_photo_is_asked_about_and_arrives",
        "test_questions.test_by_replying",
    ),
    "matrix": (
        "test_resident_comes_in.test_one_tap_from_a_poster",
        "test_resident_comes_in.test_a_stranger_leaves_no_trace",
        "test_resident_comes_in.test_export_and_delete_finish_in_the_chat",
        "test_staff_announce.test_corrected_everywhere_and_the_new_date_sent_anew",
        "test_staff_announce.test_withdrawn_everywhere",
        "test_questions.test_by_buttons_and_a_second_question",
        "test_questions.test_who_leaves_takes_the_question_along",
        "test_roles.test_the_coordinator_invites_and_takes_back",
        "test_roles.test_a_role_by_its_link_on_the_very_first_message",
    ),
}
"""The main stories; all of them would take too long. In encrypted rooms taps are reactions, else typed numbers."""


class Unhurried(Matrix):
    """Without its pace; the pace has tests of its own."""

    @property
    def limits(self) -> Limits:
        return Limits(
            per_second=float("inf"),
            per_chat_per_second=float("inf"),
            per_room_per_minute=1_000_000,
            in_flight=10,
        )


class MatrixSide:
    """The real adapter against a real homeserver."""

    name = "matrix"

    def __init__(self, server: Homeserver, folder: Path, *, encrypted: bool) -> None:
        self.server = server
        self.encrypted = encrypted
        self.settings = settings_for(server, folder, f"bot-{uuid4().hex[:12]}")
        self.platform: Unhurried | None = None
        self.people: list[MatrixPerson] = []

    def build(self, host: Host) -> Platform:
        self.platform = Unhurried(self.settings, host.store, host.media, well=host.well)
        return self.platform

    async def hand(self, name: str, language: str) -> Hand:
        login = await asyncio.to_thread(self.server.register, f"{name.lower()}-{uuid4().hex[:12]}")
        person = MatrixPerson(self.server, login, self.settings.user)
        self.people.append(person)
        await person.meets(encrypted=self.encrypted)
        await person.is_met()
        OVERHEARD.somebody(name, person.user, person.token, person.room, self.settings.user)
        return MatrixHand(self, person)

    async def arrived(self, house: House) -> None:
        """The program has stored everything up to where the people are."""
        wanted = max((person.position for person in self.people), default=0)
        async with asyncio.timeout(PATIENCE):
            while await self._read(house) < wanted:
                await asyncio.sleep(0.01)

    async def _read(self, house: House) -> int:
        async with house.database.read() as session:
            cursor = await session.scalar(select(Lane.cursor).where(Lane.platform == self.name))
        return int(cursor.split("_")[0][1:]) if cursor else 0


class MatrixHand:
    """Somebody on Matrix."""

    def __init__(self, side: MatrixSide, person: MatrixPerson) -> None:
        self._side = side
        self.person = person

    async def types(self, text: str) -> None:
        await self.person.types(text)
        await self.person.looks()

    async def taps(self, label: str) -> None:
        shown, number = self._offered(await self.person.screen(), label)
        if self._side.encrypted and self._side.platform is not None:
            await self._side.platform.seeder.planted()
            shown, number = self._offered(await self.person.screen(), label)
            signs = list(shown.reactions)
            place = list(shown.numbered).index(number)
            if keycap(number) in signs or " " in number:
                await self.person.reacts(shown.id, signs[place] if " " in number else keycap(number))
                await self.person.looks()
                return
        await self.types(number)

    async def answers(self, text: str, to: str) -> None:
        await self.person.answers(text, to)
        await self.person.looks()

    async def sends_photo(self, content: bytes, caption: str = "") -> None:
        await self.person.sends_file(content, "photo.jpg", "image/jpeg", caption)
        await self.person.looks()

    async def blocks(self) -> None:
        await self.person.leaves()

    async def unblocks(self) -> None:
        raise NotImplementedError("who left a room on Matrix opens a new one, and is a newcomer there")

    async def seen(self) -> list[Seen]:
        return [Seen(shown.text, tuple(shown.labels), shown.id) for shown in await self.person.screen()]

    def _offered(self, screen: list[Shown], label: str) -> tuple[Shown, str]:
        for shown in reversed(screen):
            for number, offered in shown.numbered.items():
                if offered == label:
                    return shown, number
        raise LookupError(f"no choice {label!r} on the screen")


@asynccontextmanager
async def matrix_side(server: Homeserver, folder: Path, *, encrypted: bool) -> AsyncIterator[MatrixSide]:
    side = MatrixSide(server, folder, encrypted=encrypted)
    name = side.settings.user[1:].partition(":")[0]
    await asyncio.to_thread(server.register, name, PASSWORD)
    try:
        yield side
    finally:
        for person in side.people:
            await person.close()


def sides_of(module: str, story: str) -> list[str]:
    """On which of Matrix's rooms a story is told."""
    return [kind for kind, stories in ON_MATRIX.items() if f"{module.split('.')[-1]}.{story}" in stories]
