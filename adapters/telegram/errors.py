"""Telegram's failures in the contract's words.

Order matters: `BadRequest` is a `NetworkError` in python-telegram-bot, so asking for the parent first would take a
refused message for a broken line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError

from adapters.telegram.request import TooFastError, UnsentError
from bot.contract import (
    Address,
    AddressMoved,
    LoginRefused,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Rejected,
    Unsure,
)

_NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "group chat was deactivated")
_ALREADY_SO = (
    "message is not modified",
    "message to edit not found",
    "message to delete not found",
    "message_id_invalid",
)
REFUSED_LOGIN = (
    "Telegram refuses the bot token. Take a fresh one from @BotFather and set it: "
    "QUARTIERBOTE_TELEGRAM__TOKEN=123456789:AAE-kQ3x..."
)


@contextmanager
def sending(to: str) -> Iterator[None]:
    """Around one request that makes something new: an answer that got lost is `Unsure`."""
    try:
        yield
    except TelegramError as error:
        raise _sorted(error, to, lost=Unsure) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unsure(f"Telegram's answer makes no sense ({type(error).__name__})") from error


@contextmanager
def changing(to: str, lost: type[Unsure] | type[PlatformDown] = PlatformDown) -> Iterator[None]:
    """Around one request that can be repeated without harm: what is so already counts as done.

    `lost`: what an answer that got lost is. `Unsure` for a change of one copy, which may be the only one that makes
    Telegram stumble: all others needn't wait for it.
    """
    try:
        yield
    except TelegramError as error:
        if isinstance(error, BadRequest) and any(words in error.message.lower() for words in _ALREADY_SO):
            return
        raise _sorted(error, to, lost=lost) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise lost(f"Telegram's answer makes no sense ({type(error).__name__})") from error


def _sorted(error: TelegramError, to: str, *, lost: type[Unsure] | type[PlatformDown]) -> PlatformError:
    match error:
        case TooFastError():
            # A group has a limit of its own that is met first; a person's is met only together with the account's.
            return RateLimited(error.seconds, chat_only=to.startswith("-"))
        case ChatMigrated():
            return AddressMoved(Address(str(error.new_chat_id)))
        case Forbidden():
            return RecipientGone("the person or group doesn't let the bot in")
        case BadRequest():
            return _refused(error)
        case InvalidToken():
            return LoginRefused(REFUSED_LOGIN)
        case Conflict():
            return PlatformDown("another program uses this bot token")
        case UnsentError():
            return PlatformDown(f"Telegram can't be reached ({error.message})")
    return lost(f"no answer from Telegram ({error.message})")


def _refused(error: BadRequest) -> PlatformError:
    if any(words in error.message.lower() for words in _NO_SUCH_CHAT):
        return RecipientGone("Telegram knows no such chat")
    return Rejected(error.message)
