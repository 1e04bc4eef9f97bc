"""All languages of the program: the registry, and the catalogues of those that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, tzinfo
from pathlib import Path

from bot.language.catalogue import Catalogue, CatalogueError, read_catalogue
from bot.language.registry import Language, read_registry
from bot.language.render import Renderer

REGISTRY = "languages.toml"


class Languages:
    """What the program can speak. `Languages.load(Languages.find())` at the start, then handed on."""

    def __init__(self, known: dict[str, Language], catalogues: dict[str, Catalogue]) -> None:
        self._known = known
        self._catalogues = catalogues
        self._matches = {
            match.lower(): tag for tag, language in known.items() for match in (tag, *language.matches)
        }

    @staticmethod
    def find() -> Path:
        """The folder of the catalogues: beside the code in a checkout, inside the package when installed."""
        package = Path(__file__).resolve().parent.parent
        for folder in (package.parent / "locales", package / "_data" / "locales"):
            if (folder / REGISTRY).is_file():
                return folder
        raise CatalogueError(f"no {REGISTRY} beside or inside {package}: install the package again")

    @classmethod
    def load(cls, folder: Path) -> Languages:
        """Read the registry and every shipped catalogue. Raises `CatalogueError`, also if one is empty."""
        known = read_registry(folder / REGISTRY)
        catalogues = {
            tag: read_catalogue(folder / language.folder, language)
            for tag, language in known.items()
            if language.shipped
        }
        for tag, catalogue in catalogues.items():
            if not catalogue.ids():
                raise CatalogueError(f"{folder / known[tag].folder}: {tag} is shipped but has no texts")
        return cls(known, catalogues)

    def tags(self) -> tuple[str, ...]:
        """The languages a reader can choose, in the registry's order."""
        return tuple(self._catalogues)

    def __iter__(self) -> Iterator[Language]:
        return (self._known[tag] for tag in self._catalogues)

    def __contains__(self, tag: object) -> bool:
        return tag in self._catalogues

    def __getitem__(self, tag: str) -> Language:
        """A language of the registry, shipped or not. Raises `KeyError`."""
        return self._known[tag]

    def known(self) -> tuple[Language, ...]:
        """Everything the registry knows, shipped or not."""
        return tuple(self._known.values())

    def catalogue(self, tag: str) -> Catalogue:
        """The texts of a shipped language. Raises `KeyError`."""
        return self._catalogues[tag]

    def match(self, hint: str) -> str | None:
        """The shipped language that a BCP 47 tag asks for, or None: "de-AT" gives "de"."""
        parts = hint.strip().replace("_", "-").lower().split("-")
        for length in range(len(parts), 0, -1):
            tag = self._matches.get("-".join(parts[:length]))
            if tag:
                # A known language without catalogues is not answered with its shorter tag: ku-Arab isn't ku.
                return tag if tag in self._catalogues else None
        return None

    def renderer(self, tag: str, *, zone: tzinfo = UTC, today: date | None = None) -> Renderer:
        """What writes in language `tag`, in the city's `zone`. With `today` a far-off date shows its year."""
        chain: list[tuple[Language, Catalogue]] = []
        at: str | None = tag
        while at is not None:
            if at in self._catalogues:
                chain.append((self._known[at], self._catalogues[at]))
            at = self._known[at].fallback
        return Renderer(self._known[tag], chain, zone, today, known=self._known)
