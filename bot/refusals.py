"""What goes wrong in a command, as the sentence its operator gets."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from pydantic import ValidationError

from bot.app import CannotStartError
from bot.backup import BackupError
from bot.contract import PlatformError
from bot.language import CatalogueError
from bot.moving.errors import MoveError
from bot.prepare import NotReadyError
from bot.quartiere.cityfile import CityFileError
from bot.settings import SettingsError
from bot.storage.moved import MovedError
from bot.storage.schema import BrokenReferencesError
from bot.storage.sole import AlreadyRunningError, BeingRestoredError, LockLostError

log = logging.getLogger(__name__)

_SPEAKS = (
    CannotStartError,
    NotReadyError,
    BackupError,
    MoveError,
    SettingsError,
    CityFileError,
    CatalogueError,
    BrokenReferencesError,
    PlatformError,
    AlreadyRunningError,
    BeingRestoredError,
    LockLostError,
    MovedError,
)
"""Exceptions whose message is meant for the operator."""


def refusal(error: Exception) -> str:
    """The sentence; for what nobody foresaw, where it happened goes to the log and the sentence points there."""
    told = [str(each) for each in _leaves(error) if isinstance(each, _SPEAKS)]
    if told:
        return "\n".join(dict.fromkeys(told))
    for each in _leaves(error):
        if isinstance(each, OSError) and each.filename:
            return f"{each.filename} can't be used: {each.strerror}. Is the folder right, and may we write there?"
        if isinstance(each, ValidationError):
            return "\n".join(_of_validation(each))
    log.critical("a fault of the program", exc_info=error)
    kind = type(error).__name__
    return f"Something went wrong inside the program ({kind}). The lines above say where: please report them."


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions of a group, of groups in it, or the exception itself."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _of_validation(error: ValidationError) -> Iterator[str]:
    """Names and rules of a foreign model; its values may be secret."""
    for fault in error.errors(include_input=False, include_url=False):
        yield f"{error.title}, {'.'.join(map(str, fault['loc']))}: {fault['msg']}. See docs/settings.md"
