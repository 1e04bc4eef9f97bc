"""Matrix for the contract suite: the adapter and real Matrix programs on a real homeserver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from pydantic import SecretStr

from adapters.matrix import Matrix, MatrixSettings
from bot.contract import Address, Inbound, Receive
from tests.contract.harness import Files, KeyValues
from tests.fakes.matrix_person import MatrixPerson
from tests.fakes.synapse import Homeserver

PASSWORD = "a long password"
SECRET = "a secret of the tests, long enough"


class Continued(Matrix):
    """Goes on where a person's coming in has brought it, and hurries to nothing."""

    reached: str | None = None

    async def run(self, receive: Receive, cursor: str | None) -> None:
        await super().run(receive, cursor or self.reached)

    async def lets_in(self, person: MatrixPerson) -> None:
        """Listen until the bot is in the person's room and has heard of it."""
        arrived = asyncio.Event()

        async def receive(events: Sequence[Inbound], cursor: str | None) -> None:
            self.reached = cursor or self.reached
            if any(event.conversation == person.room for event in events):
                arrived.set()

        task = asyncio.create_task(self.run(receive, None))
        waiting = asyncio.create_task(arrived.wait())
        try:
            async with asyncio.timeout(30):
                await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            waiting.cancel()
            task.cancel()
            await asyncio.wait([task, waiting])
        await person.is_met()


@dataclass
class Neighbour:
    """A person of the suite."""

    matrix: MatrixPerson

    @property
    def address(self) -> Address:
        return Address(self.matrix.room)

    async def types(self, text: str) -> None:
        await self.matrix.types(text)

    async def taps(self, label: str) -> None:
        for shown in reversed(await self.matrix.screen()):
            for number, offered in shown.numbered.items():
                if offered == label:
                    await self.matrix.types(number)
                    return
        raise LookupError(f"no choice {label!r}")

    async def hands_in(self, content: bytes, name: str, mime: str, caption: str) -> None:
        await self.matrix.sends_file(content, name, mime, caption)

    async def sees(self) -> list[str]:
        """A picture and the words right below it are one message; a picture without words is ""."""
        texts = [shown.text for shown in await self.matrix.screen()]
        return [text for text, below in pairwise([*texts, ""]) if text or not below]

    async def is_offered(self) -> list[str]:
        offered = [shown.labels for shown in await self.matrix.screen() if shown.labels]
        return offered[-1] if offered else []


@dataclass
class MatrixSide:
    """The adapter, and who writes with it."""

    server: Homeserver
    platform: Continued
    settings: MatrixSettings
    store: KeyValues
    files: Files
    encrypted: bool = False
    version: str = ""
    people: list[MatrixPerson] = field(default_factory=list)

    async def person(self, *, language: str = "de") -> Neighbour:
        person = await self.stranger()
        await person.meets(encrypted=self.encrypted, version=self.version)
        await self.platform.lets_in(person)
        return Neighbour(person)

    async def stranger(self) -> MatrixPerson:
        """Somebody who has no room with the bot yet."""
        login = await asyncio.to_thread(self.server.register, f"person-{uuid4().hex[:12]}")
        person = MatrixPerson(self.server, login, self.settings.user)
        self.people.append(person)
        return person

    def nobody(self) -> Address:
        return Address("!nobody:hameln.test")

    def again(self, settings: MatrixSettings | None = None) -> Continued:
        """The program started again: the same store, the same keys, nothing else remembered."""
        return Continued(settings or self.settings, self.store, self.files)


def settings_for(server: Homeserver, folder: Path, name: str) -> MatrixSettings:
    return MatrixSettings(
        homeserver=server.url,
        user=f"@{name}:hameln.test",
        password=SecretStr(PASSWORD),
        store_secret=SecretStr(SECRET),
        folder=folder / "matrix",
    )


@asynccontextmanager
async def matrix_side(
    server: Homeserver,
    folder: Path,
    store: KeyValues,
    files: Files,
    *,
    encrypted: bool = False,
    version: str = "",
) -> AsyncIterator[MatrixSide]:
    name = f"bot-{uuid4().hex[:12]}"
    await asyncio.to_thread(server.register, name, PASSWORD)
    settings = settings_for(server, folder, name)
    platform = Continued(settings, store, files)
    side = MatrixSide(server, platform, settings, store, files, encrypted, version)
    try:
        await platform.check()
        yield side
    finally:
        await side.platform.close()
        for person in side.people:
            await person.close()
