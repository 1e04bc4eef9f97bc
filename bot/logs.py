"""What the program says about itself, on standard error: lines for a person, or JSON for a collector.

Other people's libraries put addresses, tokens and whole messages into what they log and raise. So they are quiet, and
of a foreign exception only its kind and the place in the code are written, never its words.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Collection
from datetime import UTC, datetime
from typing import TextIO

from bot.settings import LogFormat, LogSettings

_OURS = ("bot", "adapters", "migrations")
_QUIET = (
    "httpx",
    "httpcore",
    "telegram",
    "peewee",
    "aiohttp",
    "uvicorn",
    "apscheduler",
    "sqlalchemy",
    "aiosqlite",
    "asyncio",
    "alembic",
)
_SILENT = ("nio",)
"""Names people in whatever it logs, its errors too; what is worth knowing of them the adapter says in its own words."""

_NAMING_CODE = (AttributeError, NameError, ImportError, TypeError, NotImplementedError)


def set_up(settings: LogSettings, secrets: Collection[str] = (), stream: TextIO | None = None) -> None:
    """From now on, log in this way; `secrets` are blotted out wherever they turn up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json(secrets) if settings.format is LogFormat.JSON else _Lines(secrets))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(settings.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    logging.captureWarnings(True)


class _Careful(logging.Formatter):
    """Knows what may not be shown."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def said(self, record: logging.LogRecord) -> str:
        return self._blotted(record.getMessage())

    def failure(self, record: logging.LogRecord) -> str:
        """The exception and what led to it, the last cause first; empty without one."""
        error = record.exc_info[1] if record.exc_info else None
        return self._blotted("\n".join(_told(error))) if error else ""

    def _blotted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


class _Lines(_Careful):
    """12:00:01 warning bot.delivery: what happened"""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{time} {record.levelname.lower()} {record.name}: {self.said(record)}"
        failure = self.failure(record)
        return f"{line}\n{failure}" if failure else line


class _Json(_Careful):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.said(record),
        }
        failure = self.failure(record)
        return json.dumps(entry | ({"failure": failure} if failure else {}), ensure_ascii=False)


def _told(error: BaseException) -> list[str]:
    """Kind and place of an exception, of its cause, and of all in a group."""
    lines = [f"  {_kind(error)}"]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f"    {frame.filename}:{frame.lineno} in {frame.name}")
    inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for each in [*inner, *([cause] if cause else [])]:
        lines += _told(each)
    return lines


def _kind(error: BaseException) -> str:
    """Our own exceptions speak for the log, and Python's that name code; of others the words may be a person's."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    speaks = type(error).__module__.split(".")[0] in _OURS or isinstance(error, _NAMING_CODE)
    return f"{name}: {error}" if speaks else name
