"""The tests' hand on the server: starts it in its own process, plays the people, reads what they see."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.botapi.__main__ import TOKEN

_ROOT = Path(__file__).parents[3]


@contextmanager
def server(*, port: int = 0) -> Iterator[int]:
    """Run the server in a process of its own; gives its port."""
    command = [sys.executable, "-m", "tests.fakes.botapi", "--port", str(port)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as process:
        if process.stdout is None:
            raise RuntimeError("the server's output is not piped")
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@dataclass(frozen=True)
class Seen:
    """One message as it stands on the person's screen."""

    id: int
    from_bot: bool
    text: str
    entities: list[dict[str, Any]]
    kind: str
    file: str
    buttons: list[list[dict[str, str]]]
    reply_to: int | None
    album: str | None
    silent: bool
    revisions: int

    def marked(self, kind: str) -> list[str]:
        """The stretches of text with an entity of this kind ("bold", "text_link")."""
        raw = self.text.encode("utf-16-le")
        found = [(e["offset"], e["length"]) for e in self.entities if e["type"] == kind]
        return [raw[2 * start : 2 * (start + length)].decode("utf-16-le") for start, length in found]


class BotApi:
    """A running server. `async with BotApi.start() as api`."""

    token = TOKEN

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._session = session

    @classmethod
    @asynccontextmanager
    async def start(cls, *, port: int = 0) -> AsyncIterator[BotApi]:
        with server(port=port) as chosen:
            async with cls.at(chosen) as api:
                yield api

    @classmethod
    @asynccontextmanager
    async def at(cls, port: int) -> AsyncIterator[BotApi]:
        """A server that runs already, as on its first day: nobody knows it, nothing was said."""
        async with aiohttp.ClientSession() as session:
            api = cls(port, session)
            await api.order("reset")
            yield api

    async def user(self, id: int, *, language_code: str = "de", name: str = "Someone") -> User:
        """A person who has the bot open."""
        await self.users([id], language_code=language_code, name=name)
        return User(self, id)

    async def users(self, ids: Iterable[int], *, language_code: str = "de", name: str = "Someone") -> None:
        """Many people at once."""
        await self._chats([{"id": i, "language": language_code, "name": name} for i in ids])

    async def group(self, id: int, *, title: str = "Nordstadt", kind: str = "group") -> User:
        """A group the bot is in; `id` is negative."""
        await self._chats([{"id": id, "kind": kind, "name": title}])
        return User(self, id)

    async def fault(self, kind: str, method: str = "*", **details: Any) -> None:
        """Let something go wrong: see `faults.Fault`."""
        await self.order("fault", kind=kind, method=method, **details)

    async def calm(self) -> None:
        """No more faults."""
        await self.order("calm")

    async def set(self, **switches: Any) -> None:
        """`limiter`, `model`, `per_second`, `latency`, `jitter`, `ahead`, …: see `control.Control.do_set`."""
        await self.order("set", **switches)

    async def push(self, update: dict[str, Any]) -> None:
        """Any update, also one that can't be parsed."""
        await self.order("update", update=update)

    async def sends(self) -> dict[int, list[str]]:
        """Every accepted message by chat: for counting exactly."""
        return {int(chat): texts for chat, texts in (await self.state())["sends"].items()}

    async def calls(self, method: str) -> int:
        """How often a method was called, refused calls included."""
        return int((await self.state())["calls"].get(method, 0))

    async def state(self) -> dict[str, Any]:
        """See `control.Control.do_state`."""
        state: dict[str, Any] = await self.order("state")
        return state

    async def log(self, *, clear: bool = False) -> dict[str, list[tuple[float, int, str]]]:
        """When what was "typed", "accepted" or "refused" with 429: (seconds, chat, first words)."""
        log: dict[str, list[list[Any]]] = await self.order("log", clear=clear)
        return {what: [(at, chat, text) for at, chat, text in entries] for what, entries in log.items()}

    async def spans(self) -> list[tuple[float, float]]:
        """When each send came in, and when it was answered."""
        return [(came, answered) for came, answered in await self.order("spans")]

    async def order(self, action: str, **order: Any) -> Any:
        async with self._session.post(f"{self.url}/_control/{action}", json=order) as answer:
            result = await answer.json()
        if answer.status != 200:
            raise LookupError(result["error"])
        return result

    async def _chats(self, chats: list[dict[str, Any]]) -> None:
        await self.order("chats", chats=chats)


class User:
    """A person (or a group) and the bot, seen from the person's side."""

    def __init__(self, api: BotApi, id: int) -> None:
        self._api = api
        self.id = id

    async def types(self, text: str, *, reply_to: int | None = None, sender: int | None = None) -> int:
        """Write something; the message's id. `sender`: who, in a group."""
        more = {} if sender is None else {"sender": sender}
        return int(await self._api.order("type", chat=self.id, text=text, reply_to=reply_to, **more))

    async def taps(self, button: str, *, on: int | None = None) -> dict[str, str]:
        """Tap the newest button with this label or data; {"tap": id} or {"url": …}."""
        result: dict[str, str] = await self._api.order("tap", chat=self.id, button=button, message=on)
        return result

    async def sends_photo(self, content: bytes, *, caption: str = "", name: str = "photo.jpg") -> int:
        return await self._sends_file("photo", content, caption, name, "image/jpeg")

    async def sends_document(
        self, content: bytes, *, caption: str = "", name: str = "file.pdf", mime: str = "application/pdf"
    ) -> int:
        return await self._sends_file("document", content, caption, name, mime)

    async def edits(self, message: int, text: str) -> None:
        await self._api.order("edit", chat=self.id, message=message, text=text)

    async def blocks(self) -> None:
        await self._api.order("block", chat=self.id, blocked=True)

    async def unblocks(self) -> None:
        await self._api.order("block", chat=self.id, blocked=False)

    async def moves(self, new: int) -> User:
        """A group becomes a supergroup."""
        await self._api.order("move", chat=self.id, new=new)
        return User(self._api, new)

    async def transcript(self) -> list[Seen]:
        """Everything in the chat, the person's own messages too."""
        return [Seen(**one) for one in await self._api.order("transcript", chat=self.id)]

    async def messages(self) -> list[Seen]:
        """What the bot wrote, as it stands now."""
        return [one for one in await self.transcript() if one.from_bot]

    async def sees(self) -> list[str]:
        """The texts the bot wrote, as they stand now."""
        return [one.text for one in await self.messages()]

    async def buttons(self) -> list[str]:
        """Labels under the newest message that has any."""
        for message in reversed(await self.messages()):
            if message.buttons:
                return [button["label"] for row in message.buttons for button in row]
        return []

    async def waits_for(self, text: str, *, seconds: float = 15.0) -> str:
        """Until a message of the bot contains `text`; gives that message's whole text."""
        async with asyncio.timeout(seconds):
            while True:
                for seen in reversed(await self.sees()):
                    if text in seen:
                        return seen
                await asyncio.sleep(0.02)

    async def _sends_file(self, kind: str, content: bytes, caption: str, name: str, mime: str) -> int:
        encoded = base64.b64encode(content).decode()
        what = {"kind": kind, "content": encoded, "caption": caption, "name": name, "mime": mime}
        return int(await self._api.order("send_file", chat=self.id, **what))
