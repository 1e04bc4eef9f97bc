"""Who may write in the page's chat: a random account per browser, made when its reader presses start.

The account knows nothing of its reader. It ends when the reader ends it; its cookie opens nothing then.
"""

from __future__ import annotations

from bot.clock import Clock, Ids
from bot.host import Store

DEMO_PHONES = ("resident", "staff", "moderator")
_DEMO_ACCOUNTS = frozenset(f"demo-{who}" for who in DEMO_PHONES)


def demo_account(who: str) -> str:
    """The fixed account of one phone of the demo."""
    return f"demo-{who}"


class Accounts:
    """Opens and ends accounts."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, *, demo: bool) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._demo = demo

    async def open(self) -> str:
        """A new account; 26 characters of 32 are 130 random bits."""
        account = self._ids.token(26)
        await self._store.put(_key(account), self._clock.now().date().isoformat())
        return account

    async def exists(self, account: str) -> bool:
        if account in _DEMO_ACCOUNTS:
            return self._demo
        return bool(account) and await self._store.get(_key(account)) is not None

    async def end(self, account: str) -> None:
        await self._store.delete(_key(account))


def _key(account: str) -> str:
    return f"a/{account}"
