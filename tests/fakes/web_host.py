"""A house around the page that fits into memory: for tests of the page alone. Texts are the real catalogues'."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from bot.contract import Attachment, Facts, Paragraph, Text
from bot.host import Host, Page, Section, Store
from bot.language import Languages
from bot.language.message import Msg, Name
from bot.sights import Sights

QUARTIERE = (
    ("kuckuck", "Kuckuck"),
    ("altstadt", "Altstadt"),
    ("nordstadt", "Nordstadt"),
    ("suedstadt", "Südstadt"),
)


class MemoryStore:
    """`bot.host.Store` in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.rows.get(key)

    async def put(self, key: str, value: str) -> None:
        self.rows[key] = value

    async def put_new(self, key: str, value: str) -> bool:
        return self.rows.setdefault(key, value) is value

    async def delete(self, key: str) -> None:
        self.rows.pop(key, None)

    async def listing(self, prefix: str, *, after: str = "", limit: int = 100) -> list[tuple[str, str]]:
        keys = sorted(key for key in self.rows if key.startswith(prefix) and key > after)
        return [(key, self.rows[key]) for key in keys[:limit]]


class MemoryMedia:
    """`contract.Media` in a dictionary."""

    def __init__(self, files: dict[int, tuple[bytes, str]] | None = None) -> None:
        self.files = files or {}

    async def load(self, media: int) -> tuple[bytes, str]:
        return self.files[media]


class SamplePages:
    """`contract.PublicPages` with one announcement."""

    def __init__(self, title: str = "Kaffee und Kuchen") -> None:
        self._title = title
        self._languages = _languages()

    async def city(self, language: str) -> Page:
        return self._page("Hameln", language)

    async def quartier(self, slug: str, language: str) -> Page | None:
        name = dict(QUARTIERE).get(slug)
        return self._page(name, language) if name else None

    async def fixed(self, name: str, language: str) -> Page | None:
        return Page(name, language, language == "ar", (_paragraph(f"This is the {name}."),))

    async def quartiere(self) -> Sequence[tuple[str, str]]:
        return QUARTIERE

    def languages(self) -> Sequence[tuple[str, str, bool]]:
        return [(language.tag, language.own_name, language.rtl) for language in self._languages]

    def text(self, language: str, key: str, **values: str) -> str:
        message = Msg(key, {name: Name(value) for name, value in values.items()})
        return self._languages.renderer(language).text(message)

    def moment(self, language: str, at: datetime, *, brief: bool = False) -> str:
        local = at.astimezone(ZoneInfo("Europe/Berlin"))
        return f"{local:%H:%M}" if brief else f"{local:%d.%m. %H:%M}"

    def _page(self, title: str, language: str) -> Page:
        facts = Facts((((Text("Wann"),), (Text("Donnerstag, 26. November, 15 Uhr"),)),))
        body = (Paragraph(((Text(self._title, bold=True),),)), facts)
        picture = Attachment("image", "tasse.jpg", "image/jpeg", media=1, alt="Eine Tasse")
        parts = (
            ("Heute", ()),
            ("Angesagt", (Section("p1", body, (picture,), datetime(2026, 11, 20, 9, tzinfo=UTC)),)),
        )
        intro = (_paragraph("Das ist los in deinem Quartier."),)
        return Page(title, language, language == "ar", intro, parts, {"Heute": "Heute ist nichts."})


@cache
def _languages() -> Languages:
    return Languages.load(Languages.find())


def _paragraph(text: str) -> Paragraph:
    return Paragraph(((Text(text),),))


async def _well() -> dict[str, object]:
    return {"ok": True}


def sample_host(
    *,
    demo: bool = False,
    store: Store | None = None,
    pages: SamplePages | None = None,
    media: MemoryMedia | None = None,
    settings: dict[str, object] | None = None,
    public_url: str = "",
    health: Callable[[], Awaitable[dict[str, object]]] = _well,
    sights: Sights | None = None,
) -> Host:
    """What the page gets from the house."""
    return Host(
        settings=settings or {},
        store=store or MemoryStore(),
        media=media or MemoryMedia({1: (b"\xff\xd8\xffpicture", "image/jpeg")}),
        pages=pages or SamplePages(),
        demo=demo,
        health=health,
        secret=b"a secret of these tests only",
        public_url=public_url,
        sights=sights,
    )
