"""The file of a backup: a .tar.gz with a manifest first, written beside its name and renamed when it is whole."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

MANIFEST = "manifest.json"
OURS = "quartierbote"
"""The manifest's `program`: another's archive is refused."""
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 20


class BackupError(Exception):
    """A backup could not be made or put back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is."""

    version: str
    """Of the program that made it."""
    schema: str
    """The newest migration its database has."""
    kind: str
    """"sqlite" or "postgresql"."""
    taken_at: datetime
    files: Mapping[str, str]
    """Name in the archive and SHA-256."""

    def to_json(self) -> bytes:
        values = asdict(self) | {"program": OURS, "taken_at": self.taken_at.isoformat()}
        return json.dumps(values, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Manifest:
        """Raises `ValueError` for anything that is no manifest of ours."""
        values = json.loads(raw)
        if not isinstance(values, dict) or values.pop("program", None) != OURS:
            raise ValueError("not ours")
        try:
            files = {str(name): str(digest) for name, digest in values["files"].items()}
            return cls(
                str(values["version"]),
                str(values["schema"]),
                str(values["kind"]),
                datetime.fromisoformat(values["taken_at"]),
                files,
            )
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError("not ours") from fault


@contextmanager
def workshop(beside: Path, purpose: str) -> Iterator[Path]:
    """An empty folder that only we may read, on the disk of `beside`; gone at the end.

    What a killed one left behind is cleared by the next with the same name. Raises `BackupError` if one is at work.
    """
    folder = beside.with_name(f".{beside.name}.{purpose}")
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(
                f"Another command is at work on {beside} just now. Wait until it has ended."
            ) from None
        _empty(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """What the disk says, as a sentence about `file`."""
    try:
        yield
    except OSError as fault:
        raise BackupError(_told(file, fault)) from fault
    except sqlite3.Error as fault:
        if is_full(fault):
            raise BackupError(_no_room(file)) from fault
        raise BackupError(f"The database can't be read ({fault}). See: quartierbote check") from fault


def is_full(fault: BaseException) -> bool:
    """Whether a disk without room is behind this, or behind what it was raised from."""
    seen: BaseException | None = fault
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "disk is full" in str(seen) and "sqlite" in type(seen).__module__:
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def write(file: Path, parts: Mapping[str, Path], manifest: Manifest, work: Path) -> None:
    """Pack `parts` (name in the archive and file) into `file`, by way of `work`. Whole, or not at all."""
    packed = work / "packed"
    with packed.open("xb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
            head = tarfile.TarInfo(MANIFEST)
            content = manifest.to_json()
            head.size = len(content)
            archive.addfile(head, io.BytesIO(content))
            for name, part in parts.items():
                info = tarfile.TarInfo(name)
                info.size = part.stat().st_size
                with part.open("rb") as source:
                    archive.addfile(info, source)
        raw.flush()
        os.fsync(raw.fileno())
    unpack(packed, None)
    packed.replace(file)
    settle_folder(file.parent)


def unpack(file: Path, into: Path | None) -> Manifest:
    """Check every part against the manifest, and put them into the folder `into`. Raises `BackupError`."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest = _manifest(archive, file)
            missing = dict(manifest.files)
            for member in archive:  # from the first on, which has been read
                if member.name == MANIFEST:
                    continue
                expected = missing.pop(member.name, None)
                source = archive.extractfile(member) if member.isreg() else None
                if expected is None or source is None or not _is_plain(member.name):
                    raise _damaged(file)
                if _copied(source, into / member.name if into else None) != expected:
                    raise _damaged(file)
    except (tarfile.TarError, EOFError, zlib.error) as fault:
        raise _damaged(file) from fault
    if missing:
        raise _damaged(file)
    return manifest


def sha256(file: Path) -> str:
    with file.open("rb") as source:
        return _copied(source, None)


def settle_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(archive: tarfile.TarFile, file: Path) -> Manifest:
    first = archive.next()
    source = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if first is None or source is None or first.size > _LARGEST_MANIFEST:
        raise BackupError(f"{file} is not a backup of Quartierbote.")
    try:
        return Manifest.from_json(source.read())
    except ValueError:
        raise BackupError(f"{file} is not a backup of Quartierbote.") from None


def _copied(source: IO[bytes], to: Path | None) -> str:
    """Copy, and return the SHA-256 of what went by."""
    digest = hashlib.sha256()
    target: IO[bytes] | None = None
    if to is not None:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = to.open("xb")
    try:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
        if target is not None:
            target.flush()
            os.fchmod(target.fileno(), 0o600)
            os.fsync(target.fileno())
    finally:
        if target is not None:
            target.close()
    return digest.hexdigest()


def _is_plain(name: str) -> bool:
    """A name that leads nowhere but down."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _damaged(file: Path) -> BackupError:
    return BackupError(f"{file} is damaged: what is in it isn't what its manifest says. Take another backup.")


def _told(file: Path, fault: OSError) -> str:
    if is_full(fault):
        return _no_room(file)
    return f"{fault.filename or file} can't be used: {fault.strerror}. Is the folder right, and may we write there?"


def _no_room(file: Path) -> str:
    return (
        f"There is no room left on the disk of {file.parent}. Nothing was changed."
        " Make room there, or name a file on another disk."
    )


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
