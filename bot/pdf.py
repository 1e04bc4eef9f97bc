"""Writes a PDF anew from its pages: what they show and their web links, and nothing else.

Author, program, XMP, scripts, actions, attached files and form fields are not copied, so they can't be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, RectangleObject, StreamObject

_MOST_PAGES = 300

_OF_A_PAGE = frozenset(
    ("/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group")
)
_NOWHERE = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/AA",
    "/A",
    "/OpenAction",
    "/JS",
    "/JavaScript",
    "/EF",
    "/AF",
    "/OPI",
)
"""Also inside of pictures and drawings."""


class BrokenPdfError(Exception):
    """It can't be read, or only with a password."""


class TooLongPdfError(Exception):
    """More pages than anyone sends to a neighbourhood."""


def clean_pdf(content: bytes) -> bytes:
    """The same pages. Raises `BrokenPdfError`, `TooLongPdfError`."""
    try:
        return _rewritten(content)
    except (BrokenPdfError, TooLongPdfError):
        raise
    except Exception as error:
        # A damaged file can make the parser stumble anywhere (KeyError, RecursionError, …): all of it means the same.
        raise BrokenPdfError("the PDF can't be read") from error


def _rewritten(content: bytes) -> bytes:
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise BrokenPdfError("the PDF needs a password")
    if not reader.pages:
        raise BrokenPdfError("the PDF has no pages")
    if len(reader.pages) > _MOST_PAGES:
        raise TooLongPdfError("the PDF has too many pages")
    writer = PdfWriter()
    for number, page in enumerate(reader.pages):
        links = list(_web_links(page))
        _only_what_shows(page)
        writer.add_page(page)
        for url, area in links:
            writer.add_annotation(number, Link(rect=area, url=url))
    for stored in writer._objects:
        _without_metadata(stored)
    writer.metadata = None
    into = BytesIO()
    writer.write(into)
    return into.getvalue()


def _web_links(page: PageObject) -> Iterator[tuple[str, RectangleObject]]:
    """Links that open a web page or a mail; not those that start something."""
    for reference in page.get("/Annots") or ArrayObject():
        annotation = reference.get_object()
        action = annotation.get("/A") if annotation.get("/Subtype") == "/Link" else None
        url = str(action.get_object().get("/URI", "")) if action is not None else ""
        if url.startswith(("https://", "http://", "mailto:", "tel:")):
            yield url, RectangleObject(annotation["/Rect"])


def _only_what_shows(page: PageObject) -> None:
    inherited = {key: page[key] for key in ("/Resources", "/MediaBox", "/CropBox", "/Rotate") if key in page}
    for key in set(page) - _OF_A_PAGE:
        del page[key]
    for key, value in inherited.items():
        page[NameObject(key)] = value


def _without_metadata(stored: object) -> None:
    if isinstance(stored, ArrayObject):
        for item in stored:
            _without_metadata(item)
    if not isinstance(stored, DictionaryObject):
        return
    is_link = stored.get("/Subtype") == "/Link"
    for key in _NOWHERE:
        if key in stored and not (is_link and key == "/A"):
            del stored[key]
    for value in stored.values():
        _without_metadata(value)
    if isinstance(stored, StreamObject) and stored.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        stored._data = without_exif(stored._data)


def without_exif(jpeg: bytes) -> bytes:
    """A JPEG without its EXIF, XMP, IPTC and comment segments; pixels and colour segments untouched."""
    if jpeg[:2] != b"\xff\xd8":
        return jpeg
    parts, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        size = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] not in (0xE1, 0xED, 0xFE):
            parts.append(jpeg[at : at + size])
        at += size
    return b"".join((*parts, jpeg[at:]))
