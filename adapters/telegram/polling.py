"""Long polling that can't be stopped by one bad update, nor become a storm.

The order is: fetch, store (events and cursor together), answer the taps, fetch on from the cursor. Killed anywhere in
between, the same updates come again and are known by their ids.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from adapters.telegram.errors import REFUSED_LOGIN
from adapters.telegram.reading import ALLOWED, Batch, Reader
from adapters.telegram.request import RawBot, TooFastError
from bot.contract import LoginRefused, Receive

Sleep = Callable[[float], Awaitable[None]]
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_CONFLICT = (
    "Another program reads this bot's messages. Only one may run with one token; waiting for it to end."
)
_UNREADABLE = "Telegram's updates carry no ids"
_log = logging.getLogger(__name__)


class Poller:
    """Receives until cancelled. Raises `LoginRefused` when the token is dead, and whatever `receive` raises."""

    def __init__(
        self,
        bot: RawBot,
        reader: Reader,
        login: Callable[[], Awaitable[None]],
        sleep: Sleep,
        well: Callable[[str], None],
    ) -> None:
        self._bot = bot
        self._reader = reader
        self._login = login
        self._sleep = sleep
        self._well = well
        self._answers: set[asyncio.Task[None]] = set()
        self._failures = 0

    async def run(self, receive: Receive, cursor: str | None) -> None:
        try:
            await self._begin()
            offset = int(cursor) if cursor else None
            while True:
                batch = await self._poll(offset)
                if batch is None:
                    continue
                await receive(batch.events, str(batch.next_offset))
                offset = batch.next_offset
                for tap in batch.taps:
                    self._answer(tap)
        finally:
            for task in self._answers:
                task.cancel()
            await asyncio.gather(*self._answers, return_exceptions=True)

    async def _begin(self) -> None:
        """A webhook that somebody set would keep all updates from us."""
        while True:
            try:
                await self._login()
                await self._bot.delete_webhook()
            except TelegramError as error:
                await self._wait(error)
            else:
                self._failures = 0
                return

    async def _poll(self, offset: int | None) -> Batch | None:
        """The next updates, or None after a failure that was waited out or an empty answer."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            raw = await self._bot.raw_updates(offset, ALLOWED)
        except (TelegramError, KeyError) as error:
            await self._wait(error)
            return None
        batch = self._reader.batch(raw)
        if raw and batch.next_offset is None:
            await self._wait(ValueError(_UNREADABLE))
            return None
        if self._failures:
            self._failures = 0
            self._well("")
            _log.info("Telegram is there again")
        if raw:
            return batch
        if loop.time() - begun < _FIRST_WAIT:
            await self._sleep(_FIRST_WAIT)  # something in between doesn't hold the line as Telegram does
        return None

    async def _wait(self, error: Exception) -> None:
        """Say what is wrong, once, and wait longer each time."""
        if isinstance(error, InvalidToken):
            raise LoginRefused(REFUSED_LOGIN) from None
        delay = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures, 10))
        if isinstance(error, TooFastError):
            delay = max(delay, error.seconds)
        if self._failures == 0:
            said = (
                _CONFLICT
                if isinstance(error, Conflict)
                else f"No answer from Telegram ({_what(error)}); trying on."
            )
            _log.warning("%s", said)
            self._well(said)
        self._failures += 1
        await self._sleep(delay)

    def _answer(self, tap: str) -> None:
        """End the spinner on the tapped button. One that isn't ended ends by itself."""
        task = asyncio.create_task(self._answer_one(tap))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer_one(self, tap: str) -> None:
        try:
            await self._bot.answer_callback_query(tap)
        except BadRequest:
            _log.debug("a tap was too old to be answered")
        except (TelegramError, KeyError) as error:
            _log.info("a tap was not answered (%s)", type(error).__name__)


def _what(error: Exception) -> str:
    """Our own failures carry only what kind they are; Telegram's words are left out."""
    return type(error).__name__ if not isinstance(error, ValueError) else str(error)
