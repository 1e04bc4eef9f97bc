"""What was said in each chat of the page, in order: the page's own messenger, as small as it can be.

One entry is one row of the adapter's store and carries the key it was sent under, so the same key arrives once, also
over a crash. A number that only grows (`rev`) tells an open page what it hasn't seen. The oldest entries go.

Where several processes share the store, one writes what a reader said and another what the bot says. Then nothing is
remembered here, and who waits is woken by word from the other process.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from weakref import WeakValueDictionary

from pydantic import TypeAdapter

from bot.clock import Clock
from bot.contract import Outgoing, Ref
from bot.host import Store
from bot.ports import everything

KEPT_ENTRIES = 200
OVERLAP = 5000
"""Of two processes that write at once, the one that took its number first may be seen last: so many milliseconds back
is looked again for what wasn't seen. Nobody's clock should differ by more."""
_KEPT_THREADS = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One bubble. `said`: the bot's words; `wrote`: the reader's. A taken-back entry has neither."""

    seq: int
    rev: int
    key: str
    at: datetime
    said: Outgoing | None = None
    wrote: str | None = None
    reply_to: Ref = ()

    @property
    def ref(self) -> Ref:
        return (str(self.seq),)

    @property
    def is_gone(self) -> bool:
        return self.said is None and self.wrote is None


_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


@dataclass(eq=False, slots=True, weakref_slot=True)
class _Thread:
    entries: list[Entry] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    pulse: asyncio.Event = field(default_factory=asyncio.Event)


class Threads:
    """All chats. Entries are written through to the store; the threads read last are also in memory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._threads: WeakValueDictionary[str, _Thread] = WeakValueDictionary()
        self._recent: deque[_Thread] = deque(maxlen=_KEPT_THREADS)
        self._is_shared = False
        self.closing = False

    def share(self) -> None:
        """Other processes write to the store, too."""
        self._is_shared = True

    def stored(self, key: str) -> None:
        """Another process wrote or deleted this row; "": perhaps any."""
        kind, _, rest = key.partition("/")
        if kind == "m":
            thread = self._threads.get(rest.partition("/")[0])
            if thread is not None:
                _beat(thread)
        elif not key:
            for thread in list(self._threads.values()):
                _beat(thread)

    async def entries(self, account: str) -> list[Entry]:
        """What is kept, oldest first, with the traces of what was taken back."""
        thread = self._thread(account)
        async with thread.lock:
            return list(await self._loaded(account, thread))

    async def entry(self, account: str, ref: Ref) -> Entry | None:
        """The entry of a reference; None if it isn't kept any more."""
        return next((entry for entry in await self.entries(account) if entry.ref == ref), None)

    async def say(self, account: str, message: Outgoing, key: str) -> Ref:
        """The bot says something; once per key. A farewell first erases what stood before it."""
        key = f"out:{key}"
        if message.forget and all(entry.key != key for entry in await self.entries(account)):
            await self.forget(account)
        return await self._append(account, key, said=message)

    async def write(self, account: str, text: str, key: str, reply_to: Ref = ()) -> Ref:
        """The reader wrote something; once per key."""
        return await self._append(account, f"in:{key}", wrote=text, reply_to=reply_to)

    async def change(self, account: str, ref: Ref, message: Outgoing | None) -> bool:
        """Make an entry say something else, or nothing (None). False if it isn't kept any more."""
        thread = self._thread(account)
        async with thread.lock:
            entries = await self._loaded(account, thread)
            for place, entry in enumerate(entries):
                if entry.ref != ref:
                    continue
                if entry.said != message:
                    changed = replace(entry, said=message, rev=self._next(entries))
                    await self._put(account, changed)
                    entries[place] = changed
                    _beat(thread)
                return True
        return False

    async def forget(self, account: str) -> None:
        """Erase all that was said in a chat."""
        thread = self._thread(account)
        async with thread.lock:
            for entry in await self._loaded(account, thread):
                await self._store.delete(_key(account, entry.seq))
            thread.entries = []
            _beat(thread)

    async def changes(
        self, account: str, since: int, patience: float, seen: Collection[int] = ()
    ) -> list[Entry] | None:
        """Entries newer than `since`, waiting up to `patience` seconds for one; None: the chat was erased meanwhile.

        `seen`: the latest revisions that were handed over already; what is not among them may come late.
        """
        thread = self._thread(account)
        async with thread.lock:
            pulse = thread.pulse
            before = list(await self._loaded(account, thread))
        fresh = _since(before, since, seen)
        if fresh or self.closing:
            return fresh
        try:
            await asyncio.wait_for(pulse.wait(), patience)
        except TimeoutError:
            return []
        after = await self.entries(account)
        if before and not {entry.seq for entry in before} & {entry.seq for entry in after}:
            return None
        return _since(after, since, seen)

    def close(self) -> None:
        """Let everyone who waits go."""
        self.closing = True
        for thread in list(self._threads.values()):
            _beat(thread)

    async def _append(
        self,
        account: str,
        key: str,
        said: Outgoing | None = None,
        wrote: str | None = None,
        reply_to: Ref = (),
    ) -> Ref:
        thread = self._thread(account)
        async with thread.lock:
            entries = await self._loaded(account, thread)
            known = next((entry for entry in reversed(entries) if entry.key == key), None)
            if known is not None:
                return known.ref
            number = self._next(entries)
            entry = Entry(number, number, key, self._clock.now(), said, wrote, reply_to)
            while not await self._store.put_new(_key(account, entry.seq), _written(entry)):
                entry = replace(entry, seq=entry.seq + 1, rev=entry.rev + 1)  # another process was quicker
            entries.append(entry)
            while len(entries) > KEPT_ENTRIES:
                await self._store.delete(_key(account, entries.pop(0).seq))
            _beat(thread)
            return entry.ref

    def _thread(self, account: str) -> _Thread:
        thread = self._threads.get(account)
        if thread is None:
            thread = self._threads[account] = _Thread()
            self._recent.append(thread)
        return thread

    async def _loaded(self, account: str, thread: _Thread) -> list[Entry]:
        if thread.entries is None or self._is_shared:
            mine = everything(self._store, f"m/{account}/", page=KEPT_ENTRIES + 1)
            thread.entries = [_ENTRY.validate_json(value) async for _, value in mine]
        return thread.entries

    def _next(self, entries: list[Entry]) -> int:
        """Greater than all before, also after the chat was erased: so it begins with the time in milliseconds."""
        highest = max((entry.rev for entry in entries), default=0)
        return max(highest + 1, int(self._clock.now().timestamp() * 1000))

    async def _put(self, account: str, entry: Entry) -> None:
        await self._store.put(_key(account, entry.seq), _written(entry))


def _key(account: str, seq: int) -> str:
    return f"m/{account}/{seq:015d}"


def _written(entry: Entry) -> str:
    return _ENTRY.dump_json(entry, exclude_defaults=True).decode()


def _since(entries: list[Entry], since: int, seen: Collection[int]) -> list[Entry]:
    if not seen:
        return [entry for entry in entries if entry.rev > since]
    return [entry for entry in entries if entry.rev > since - OVERLAP and entry.rev not in seen]


def _beat(thread: _Thread) -> None:
    thread.pulse.set()
    thread.pulse = asyncio.Event()
