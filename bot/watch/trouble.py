"""What can be wrong, and what is measured to find out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.settings import Settings


class Kind(StrEnum):
    """What is wrong."""

    PLATFORM = "platform"
    """A messenger can't be reached, and hasn't been for a while."""
    LOGIN = "login"
    """A messenger doesn't take our login any more: this doesn't end by itself."""
    DISK_LOW = "disk-low"
    DISK_FULL = "disk-full"
    """A write found no room: what people do is not kept."""
    QUEUE = "queue"
    """Messages wait to be sent, though their messenger is there."""
    INBOX = "inbox"
    """What people wrote waits to be answered."""
    JOB = "job"
    """Something that is to happen again and again fails each time."""


URGENT = frozenset({Kind.DISK_LOW, Kind.DISK_FULL})
"""What somebody is woken for: waiting until the morning would lose things."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `subject`: which platform or job; `detail`: for whoever looks after the machine."""

    kind: Kind
    since: datetime
    subject: str = ""
    detail: str = ""

    @property
    def code(self) -> str:
        """What it is, in a word: it names the trouble from its beginning to its end."""
        return f"{self.kind}:{self.subject}" if self.subject else str(self.kind)


@dataclass(frozen=True, slots=True)
class PlatformStanding:
    """How it goes on a platform."""

    up: bool
    since: datetime
    why: str = ""
    login: bool = False
    """It is down because it refuses our login."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What is measured; tests measure what they like."""

    free: Callable[[], int]
    """Bytes free where the database lies."""
    is_full: Callable[[], bool]
    """Whether the last write found no room."""
    platforms: Callable[[], Mapping[str, PlatformStanding]]
    failing: Callable[[], Mapping[str, str]]
    """Jobs that failed last time, and how."""
    leads: Callable[[], bool] = lambda: True
    """Whether this process, of several, is the one that looks after disk and jobs."""


def database_folder(settings: Settings) -> Path:
    """Where the program writes: the folder of SQLite's file, else the data folder."""
    url = settings.database_url
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)).parent if is_file else settings.data.folder


def free_bytes(folder: Path) -> int:
    """Bytes that we may still write on the folder's disk; of the nearest folder above while it isn't there."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path.cwd())
    return shutil.disk_usage(there).free
