"""Files that people send, made safe to pass on: checked by what is in them, without what they give away.

A photo can carry the place where it was taken, a PDF its author, other files, or a program. Both are written anew from
their visible content, so whatever else was inside stays behind. The file's own claims about itself are not believed.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from bot.pdf import BrokenPdfError, TooLongPdfError, clean_pdf

LONGEST_SIDE = 2560
"""Pixels; a photo is scaled down to this."""

_MOST_PIXELS = {"JPEG": 64_000_000}
_MOST_PIXELS_ELSE = 25_000_000
"""Above this a small file is a trap for our memory. JPEGs are scaled while they are read, so they may be larger."""

_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")


class Refusal(StrEnum):
    """Why a file is not taken; the dialogue says it in the person's language."""

    TOO_BIG = "too_big"
    UNKNOWN_KIND = "unknown_kind"
    BROKEN = "broken"


class MediaRefused(Exception):
    """The file is not taken, for this reason."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"file refused: {reason.value}")
        self.reason = reason


class MediaKind(StrEnum):
    """As in `Attachment.kind`."""

    IMAGE = "image"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class CleanMedia:
    """A file that can be passed on."""

    kind: MediaKind
    mime: str
    name: str
    content: bytes


async def clean_async(content: bytes, *, claimed_mime: str, name: str, max_bytes: int) -> CleanMedia:
    """As `clean`, in a thread: decoding a photo takes a good part of a second."""
    return await asyncio.to_thread(clean, content, claimed_mime=claimed_mime, name=name, max_bytes=max_bytes)


def clean(content: bytes, *, claimed_mime: str, name: str, max_bytes: int) -> CleanMedia:
    """A JPEG, PNG, WebP, GIF (its first picture) or PDF, written anew without metadata.

    `claimed_mime` and the ending of `name` only say what an empty file was meant to be. Raises `MediaRefused`.
    """
    if len(content) > max_bytes:
        raise MediaRefused(Refusal.TOO_BIG)
    if not content:
        known = claimed_mime.startswith("image/") or claimed_mime == "application/pdf"
        raise MediaRefused(Refusal.BROKEN if known else Refusal.UNKNOWN_KIND)
    cleaned = _document(content, name) if content.lstrip()[:5] == b"%PDF-" else _image(content, name)
    if len(cleaned.content) > max_bytes:
        raise MediaRefused(Refusal.TOO_BIG)
    return cleaned


def _document(content: bytes, name: str) -> CleanMedia:
    try:
        cleaned = clean_pdf(content)
    except TooLongPdfError as error:
        raise MediaRefused(Refusal.TOO_BIG) from error
    except BrokenPdfError as error:
        raise MediaRefused(Refusal.BROKEN) from error
    return CleanMedia(MediaKind.DOCUMENT, "application/pdf", _safe_name(name, "pdf"), cleaned)


def _image(content: bytes, name: str) -> CleanMedia:
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > _MOST_PIXELS.get(opened.format or "", _MOST_PIXELS_ELSE):
                raise MediaRefused(Refusal.TOO_BIG)
            lossless = opened.format in ("PNG", "GIF")
            picture = _redrawn(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaRefused(Refusal.TOO_BIG) from error
    except UnidentifiedImageError as error:
        meant = content.startswith(_STARTS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")
        raise MediaRefused(Refusal.BROKEN if meant else Refusal.UNKNOWN_KIND) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        # What Pillow raises for damaged files, by format.
        raise MediaRefused(Refusal.BROKEN) from error
    return _saved(picture, name, lossless=lossless or picture.mode == "RGBA")


def _redrawn(opened: Image.Image) -> Image.Image:
    """The picture upright, in sRGB, no larger than needed, and with nothing but its pixels."""
    profile, orientation = opened.info.get("icc_profile"), opened.getexif().get(0x0112, 1)
    if max(opened.size) > LONGEST_SIDE:
        opened.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    opened.load()
    alpha = "A" in opened.getbands() or "transparency" in opened.info
    picture = (
        opened if profile and opened.mode in ("RGB", "CMYK") else opened.convert("RGBA" if alpha else "RGB")
    )
    if isinstance(profile, bytes):
        picture = _in_srgb(picture, profile)
    picture.getexif()[0x0112] = orientation
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new picture: comments and profiles in `info` would be written along.
    clean_picture = Image.new(picture.mode, picture.size)
    clean_picture.paste(picture)
    return clean_picture


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Colours as seen, without the camera's profile; as they are if the profile is of no use."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        converted = None
    return converted if converted is not None else picture.convert(mode)


def _saved(picture: Image.Image, name: str, *, lossless: bool) -> CleanMedia:
    into = BytesIO()
    if lossless:
        picture.save(into, "PNG", optimize=True)
        return CleanMedia(MediaKind.IMAGE, "image/png", _safe_name(name, "png"), into.getvalue())
    picture.save(into, "JPEG", quality=85, optimize=True, progressive=True)
    return CleanMedia(MediaKind.IMAGE, "image/jpeg", _safe_name(name, "jpg"), into.getvalue())


def _safe_name(name: str, ending: str) -> str:
    """Letters, digits and hyphens of the name, without folders, with the true ending."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"[^\w-]+", "-", last.rsplit(".", 1)[0]).strip("-_")[:60]
    return f"{stem or 'file'}.{ending}"
