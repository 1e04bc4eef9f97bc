"""The words of one language: its `.po` files, read once at the start.

Read without compiling: there is no compiled file that could be stale, missing, or silently left out.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from bot.language.registry import Language, plural_rule
from bot.language.template import Template, parse


class CatalogueError(Exception):
    """A catalogue can't be used; says which file, why, and what to do."""


class Catalogue:
    """Texts by message id. A message without a count has one form."""

    def __init__(self, texts: dict[str, tuple[str, ...]]) -> None:
        self._texts = texts
        self._parsed: dict[tuple[str, int], Template] = {}

    def ids(self) -> frozenset[str]:
        return frozenset(self._texts)

    def forms(self, id: str) -> tuple[str, ...]:
        """The text of every plural form, as written. Raises `KeyError`."""
        return self._texts[id]

    def template(self, id: str, form: int) -> Template | None:
        """The text of one form, taken apart; None if there is none."""
        parsed = self._parsed.get((id, form))
        if parsed is None and id in self._texts:
            forms = self._texts[id]
            parsed = self._parsed[id, form] = parse(forms[min(form, len(forms) - 1)])
        return parsed


def read_catalogue(folder: Path, language: Language) -> Catalogue:
    """All `*.po` of `folder` together. Raises `CatalogueError`."""
    texts: dict[str, tuple[str, ...]] = {}
    for file in sorted(folder.glob("*.po")):
        for message in read_file(file, language):
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.fuzzy or not all(forms):
                continue
            id = message.id if isinstance(message.id, str) else message.id[0]
            if id in texts:
                raise CatalogueError(
                    f"{file}: {id} stands in two catalogues of {language.tag}; keep one of them"
                )
            texts[id] = tuple(str(form) for form in forms)
    return Catalogue(texts)


def read_file(file: Path, language: Language) -> list[Message]:
    """The messages of one file. Refuses a header that is fuzzy, and plurals that are not counted as in the registry."""
    try:
        with file.open(encoding="utf-8") as lines:
            catalog: Catalog = read_po(lines, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise CatalogueError(f"{file}: not a readable catalogue of {language.tag}: {error}") from error
    if catalog.fuzzy:
        raise CatalogueError(
            f"{file}: its header is missing or marked fuzzy, so gettext tools would skip the file"
        )
    messages = [message for message in catalog if message.id]
    if any(message.pluralizable for message in messages) and not counts_like(catalog, language):
        raise CatalogueError(
            f'{file}: its plurals must be "{language.plural}"; `python -m locales.update` puts them in that order'
        )
    return messages


def counts_like(catalog: Catalog, language: Language) -> bool:
    """Whether the catalogue's own plural rule is the registry's."""
    rule = plural_rule(f"plural={catalog.plural_expr};")
    same = all(rule(n) == language.plural_form(n) for n in range(200))
    return same and catalog.num_plurals == language.forms
