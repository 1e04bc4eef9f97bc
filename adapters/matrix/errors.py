"""What a homeserver's answers mean in the contract's words.

Inside the adapter a failed request is one of three: the homeserver refused it, it never left this machine, or nobody
knows. Every send has a transaction id, so what nobody knows may be repeated on the same device without harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.contract import (
    LoginRefused,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Rejected,
    Unsure,
)

DEAD_LOGIN = (
    "Matrix no longer takes the bot's login. Give the program the account's password (it logs in again by itself), "
    "or a fresh token. Example: QUARTIERBOTE_MATRIX__PASSWORD=correct horse battery"
)
REFUSED_LOGIN = (
    "Matrix refuses the bot's name or password. Check both. "
    "Example: QUARTIERBOTE_MATRIX__USER=@quartierbote:example.org and "
    "QUARTIERBOTE_MATRIX__PASSWORD=correct horse battery"
)
UNKNOWN_WAIT = 5.0
_NOT_INSIDE = frozenset({"M_FORBIDDEN", "M_NOT_FOUND"})
_NOT_US = frozenset(
    {
        "M_USER_SUSPENDED",
        "M_USER_DEACTIVATED",
        "M_USER_LOCKED",
        "M_CONSENT_NOT_GIVEN",
        "M_RESOURCE_LIMIT_EXCEEDED",
        "M_UNRECOGNIZED",
    }
)
"""Said of our account or of the whole homeserver, never of one conversation."""
_SOMETHING_BETWEEN = frozenset({401, 403, 404, 405, 407})
"""What a proxy that is set up wrongly says in the homeserver's place."""
_DEAD = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})


class HomeserverError(Exception):
    """A request that failed; its words carry no address, id or text."""


class RefusedError(HomeserverError):
    """Answered with an error. `code` is Matrix's own ("M_FORBIDDEN"), empty for an answer that isn't Matrix's."""

    def __init__(self, status: int, code: str = "", wait: float | None = None) -> None:
        super().__init__(f"HTTP {status} {code}".strip())
        self.status = status
        self.code = code
        self.wait = wait

    @property
    def is_dead_login(self) -> bool:
        return self.code in _DEAD

    @property
    def is_page(self) -> bool:
        """Said by something between the homeserver and us."""
        return not self.code

    @property
    def is_too_fast(self) -> bool:
        return self.status == 429 or self.code == "M_LIMIT_EXCEEDED"


class UnsentError(HomeserverError):
    """The request never left this machine."""


class LostError(HomeserverError):
    """The request went out; what became of it is not known."""


UNREACHED = (
    "Matrix can't be reached: see whether the address in QUARTIERBOTE_MATRIX__HOMESERVER is right"
    " and answers from here"
)


@contextmanager
def sending() -> Iterator[None]:
    """Around what is sent, changed or taken away in a room: an answer that got lost is `Unsure`."""
    try:
        yield
    except HomeserverError as error:
        raise translated(error, lost=Unsure) from None


@contextmanager
def changing() -> Iterator[None]:
    """Around what can be repeated without harm and says nothing to anybody."""
    try:
        yield
    except HomeserverError as error:
        raise translated(error, lost=PlatformDown) from None


def translated(error: HomeserverError, *, lost: type[Unsure] | type[PlatformDown]) -> PlatformError:
    if isinstance(error, UnsentError):
        return PlatformDown(f"{UNREACHED} ({error})")
    if not isinstance(error, RefusedError):
        return lost(f"no answer from Matrix ({error})")
    if error.is_too_fast:
        return RateLimited(error.wait if error.wait is not None else UNKNOWN_WAIT)
    if error.is_dead_login:
        return LoginRefused(DEAD_LOGIN)
    if error.status >= 500:
        # Also a proxy with nobody behind it: the homeserver may have died after it took the message in.
        return lost(f"{UNREACHED} ({error})" if error.is_page else f"no answer from Matrix ({error})")
    if error.code in _NOT_INSIDE:
        return RecipientGone("the person isn't in the conversation any more")
    if error.code in _NOT_US or (error.is_page and error.status in _SOMETHING_BETWEEN):
        return PlatformDown(f"{UNREACHED} ({error})")  # whatever it is, nobody is gone for that
    return Rejected(f"Matrix refuses it ({error})")
