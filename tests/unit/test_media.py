"""What is passed on of a file: its visible content, and nothing that it gives away."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NoReturn

import pytest
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from bot.media import LONGEST_SIDE, CleanMedia, MediaKind, MediaRefused, Refusal, clean, clean_async
from bot.pdf import without_exif

LIMIT = 20 * 1024 * 1024
SECRETS = (
    b"Geheimkamera",
    b"GPS-Text",
    b"Erika",
    b"appalert",
    b"anhangdatei",
    b"streng geheim",
    b"<x:xmpmeta",
)


def _clean(content: bytes, *, mime: str = "", name: str = "x") -> CleanMedia:
    return clean(content, claimed_mime=mime, name=name, max_bytes=LIMIT)


def _refused(content: bytes, *, mime: str = "", max_bytes: int = LIMIT) -> Refusal:
    with pytest.raises(MediaRefused) as refused:
        clean(content, claimed_mime=mime, name="x", max_bytes=max_bytes)
    return refused.value.reason


def _photo(size: tuple[int, int] = (60, 40), *, orientation: int = 1) -> bytes:
    """A JPEG, its left half red, its right half blue, that tells camera and place."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "Geheimkamera"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (IFDRational(52), IFDRational(6), IFDRational(13)), 29: "GPS-Text"}
    )
    into = BytesIO()
    picture.save(into, "JPEG", exif=exif, comment=b"streng geheim", quality=95)
    return into.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_bomb(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _pdf() -> bytes:
    """A page with a picture, a link, an author, XMP, scripts in three places, and an attached file."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 100)
    picture = StreamObject()
    picture._data = _photo()
    for key, name in (
        ("/Type", "/XObject"),
        ("/Subtype", "/Image"),
        ("/Filter", "/DCTDecode"),
        ("/ColorSpace", "/DeviceRGB"),
    ):
        picture[NameObject(key)] = NameObject(name)
    for key, number in (("/Width", 60), ("/Height", 40), ("/BitsPerComponent", 8)):
        picture[NameObject(key)] = NumberObject(number)
    drawing = DecodedStreamObject()
    drawing.set_data(b"q 60 0 0 40 10 10 cm /Photo Do Q")
    page[NameObject("/Contents")] = writer._add_object(drawing)
    photo = DictionaryObject({NameObject("/Photo"): writer._add_object(picture)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): photo})
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("appalert")}
    )
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    writer.root_object[NameObject("/OpenAction")] = script
    writer.add_attachment("anhangdatei", b"streng geheim")
    scripts = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("start"), script])})
    names = writer.root_object["/Names"]
    assert isinstance(names, DictionaryObject)
    names[NameObject("/JavaScript")] = scripts
    xmp = DecodedStreamObject()
    xmp.set_data(b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Erika</x:xmpmeta>")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.add_metadata({"/Author": "Erika", "/Creator": "Erikas Rechner"})
    writer.add_annotation(0, Link(rect=(0, 0, 50, 50), url="https://hameln.de/"))
    writer.add_annotation(0, Link(rect=(0, 50, 50, 90), url="javascript:appalert"))
    into = BytesIO()
    writer.write(into)
    return into.getvalue()


def test_a_photo_loses_place_and_camera_and_stands_upright() -> None:
    # 6: the camera was held upright, the picture must be turned clockwise.
    content = _photo(orientation=6)
    assert b"Geheimkamera" in content

    cleaned = _clean(content, mime="image/jpeg", name="IMG 1.jpeg")

    assert (cleaned.kind, cleaned.mime, cleaned.name) == (MediaKind.IMAGE, "image/jpeg", "IMG-1.jpg")
    assert [secret for secret in SECRETS if secret in cleaned.content] == []
    with Image.open(BytesIO(cleaned.content)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (40, 60)
        above, below = picture.getpixel((20, 5)), picture.getpixel((20, 55))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert (above[0] > 200, below[2] > 200) == (True, True)


def test_a_large_photo_is_scaled() -> None:
    with Image.open(BytesIO(_clean(_photo((6000, 3000))).content)) as picture:
        assert picture.size == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_a_png_loses_its_text_and_keeps_its_transparency() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Erika")
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>", zip=False)
    into = BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(into, "PNG", pnginfo=notes)
    assert b"Erika" in into.getvalue()

    cleaned = _clean(into.getvalue())

    assert cleaned.mime == "image/png"
    assert [secret for secret in SECRETS if secret in cleaned.content] == []
    with Image.open(BytesIO(cleaned.content)) as picture:
        assert picture.getpixel((5, 5)) == (255, 0, 0, 0)


@pytest.mark.parametrize(("shape", "mime"), [("GIF", "image/png"), ("WEBP", "image/jpeg")])
def test_a_moving_picture_becomes_its_first(shape: str, mime: str) -> None:
    first, second = Image.new("RGB", (8, 8), (255, 0, 0)), Image.new("RGB", (8, 8), (0, 0, 255))
    into = BytesIO()
    first.save(into, shape, save_all=True, append_images=[second])

    cleaned = _clean(into.getvalue())

    assert cleaned.mime == mime
    with Image.open(BytesIO(cleaned.content)) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        colour = picture.convert("RGB").getpixel((4, 4))
    assert isinstance(colour, tuple)
    assert (colour[0] > 240, colour[2] < 15) == (True, True)


def test_a_picture_in_other_colours_is_taken() -> None:
    into = BytesIO()
    Image.new("CMYK", (8, 8)).save(into, "JPEG")

    with Image.open(BytesIO(_clean(into.getvalue()).content)) as picture:
        assert picture.mode == "RGB"


def test_a_pdf_loses_author_scripts_and_attachments() -> None:
    content = _pdf()
    assert [
        secret for secret in (b"Erika", b"appalert", b"anhangdatei", b"Geheimkamera") if secret not in content
    ] == []

    cleaned = _clean(content, mime="application/pdf", name="Aushang.pdf")

    assert (cleaned.kind, cleaned.mime, cleaned.name) == (
        MediaKind.DOCUMENT,
        "application/pdf",
        "Aushang.pdf",
    )
    assert [secret for secret in SECRETS if secret in cleaned.content] == []
    reader = PdfReader(BytesIO(cleaned.content))
    assert sorted(reader.root_object) == ["/Pages", "/Type"]
    assert reader.metadata is None
    assert reader.attachments == {}


def test_a_pdf_keeps_what_it_shows() -> None:
    page = PdfReader(BytesIO(_clean(_pdf()).content)).pages[0]

    contents = page.get_contents()
    assert contents is not None
    assert contents.get_data().strip() == b"q 60 0 0 40 10 10 cm /Photo Do Q"
    assert [picture.image.size for picture in page.images if picture.image] == [(60, 40)]
    assert page.annotations is not None
    links = [note.get_object()["/A"]["/URI"] for note in page.annotations]
    assert links == ["https://hameln.de/"]


def test_a_picture_bomb_is_too_big() -> None:
    assert _refused(_png_bomb(6000, 6000)) == Refusal.TOO_BIG
    assert _refused(_png_bomb(60_000, 60_000)) == Refusal.TOO_BIG


def test_a_file_over_the_limit_is_too_big() -> None:
    assert _refused(_photo(), max_bytes=100) == Refusal.TOO_BIG


def _unknown() -> Iterator[bytes]:
    yield b"MZ\x90\x00" + b"\0" * 200
    yield b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"
    yield b"<html><script>alert(1)</script></html>"
    yield b"PK\x03\x04" + b"\0" * 100
    into = BytesIO()
    Image.new("RGB", (4, 4)).save(into, "TIFF")
    yield into.getvalue()


@pytest.mark.parametrize("content", list(_unknown()))
def test_a_file_is_known_by_its_content(content: bytes) -> None:
    assert _refused(content, mime="image/jpeg") == Refusal.UNKNOWN_KIND


def _locked_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(10, 10)
    writer.encrypt("x", algorithm="RC4-128")
    into = BytesIO()
    writer.write(into)
    return into.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        _photo((300, 300))[:900],
        _png_bomb(300, 300),
        b"\xff\xd8\xff\xe0 and no more",
        b"%PDF-1.7\nnothing",
        _locked_pdf(),
    ],
)
def test_a_damaged_file_is_broken(content: bytes) -> None:
    assert _refused(content, mime="image/jpeg") == Refusal.BROKEN


def test_a_parser_that_stumbles_means_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> NoReturn:
        raise RecursionError

    monkeypatch.setattr("bot.pdf.PdfReader", stumble)

    assert _refused(b"%PDF-1.7") == Refusal.BROKEN


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Erika\\bild.exe", "bild.jpg"),
        ("foto\u202egpj.exe", "foto-gpj.jpg"),
        ("Frühstück im Mai.JPG", "Frühstück-im-Mai.jpg"),
        ("صورة.jpg", "صورة.jpg"),
        ("...", "file.jpg"),
        ("", "file.jpg"),
        ("a" * 300, "a" * 60 + ".jpg"),
    ],
)
def test_the_name_is_safe(name: str, safe: str) -> None:
    assert _clean(_photo(), name=name).name == safe


def test_a_jpeg_without_exif_shows_the_same() -> None:
    content = _photo()
    with Image.open(BytesIO(content)) as before, Image.open(BytesIO(without_exif(content))) as after:
        assert after.tobytes() == before.tobytes()
        assert dict(after.getexif()) == {}


async def test_it_works_beside_the_event_loop() -> None:
    cleaned = await clean_async(_photo(), claimed_mime="image/jpeg", name="x.jpg", max_bytes=LIMIT)

    assert cleaned == _clean(_photo(), name="x.jpg")
