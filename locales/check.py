"""What is wrong with the catalogues, one line each: `python -m locales.check`.

`pybabel compile` lets a wrong or dropped `{name}` pass, and skips a fuzzy file with success; so the checks are ours.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import read_po

from bot.language import CatalogueError, Languages
from bot.language.registry import SOURCE
from bot.language.template import placeholders
from locales.extract import Use, domain_of, used

_WORD_LISTS = re.compile(r".*\.words\..*|.*\.command\..*")
"""Words to type, separated by commas: read by the program, not by a reader."""
MAX_WORDS = 10
"""Words in one line of plain German."""


def missing_and_extra(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """Ids of the code that a language has no text for, and texts nobody uses."""
    for tag in languages.tags():
        ids = languages.catalogue(tag).ids()
        yield from (f"{tag}: {id} is missing" for id in sorted(uses.keys() - ids))
        yield from (f"{tag}: {id} is used nowhere" for id in sorted(ids - uses.keys()))


def forms(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """Messages with a count need all plural forms, others one."""
    for tag, id in _texts(languages, uses):
        expected = languages[tag].forms if uses[id].counts else 1
        found = len(languages.catalogue(tag).forms(id))
        if found != expected:
            yield f"{tag}: {id} has {found} forms, not {expected}"


def differing_placeholders(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """Every text has the German one's placeholders. `{n}` may be left out of a form that stands for one number."""
    source = languages.catalogue(SOURCE)
    for tag, id in _texts(languages, uses):
        if id not in source.ids():
            continue
        wanted = placeholders(source.forms(id)[-1])
        language = languages[tag]
        texts = languages.catalogue(tag).forms(id)
        for form, text in enumerate(texts):
            found = placeholders(text)
            numbers = [n for n in range(200) if language.plural_form(n) == form]
            if len(texts) > 1 and len(numbers) == 1:
                found, expected = found - {"n"}, wanted - {"n"}
            else:
                expected = wanted
            if found != expected:
                yield f"{tag}: {id} [{form}] has {sorted(found)}, not {sorted(expected)}"


def unfilled_placeholders(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """Placeholders that some call gives no value for."""
    for tag, id in _texts(languages, uses):
        wanted = frozenset[str]().union(*map(placeholders, languages.catalogue(tag).forms(id)))
        for given in uses[id].given:
            if wanted - given:
                yield f"{tag}: {id} needs {sorted(wanted - given)}; a call gives {sorted(given)}"


def unbalanced_markup(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """A `**` without its partner on the line, a brace that is no placeholder."""
    for tag, id in _texts(languages, uses):
        for text in languages.catalogue(tag).forms(id):
            rest = re.sub(r"\{[a-z_][a-z0-9_]*\}", "", text)
            if any(line.count("**") % 2 for line in text.split("\n")) or "{" in rest or "}" in rest:
                yield f"{tag}: {id} has unbalanced markup: {text!r}"


def long_lines(languages: Languages, uses: Mapping[str, Use]) -> Iterator[str]:
    """Plain German: at most ten words a line, a placeholder being one."""
    for tag, id in _texts(languages, uses):
        if tag != "de-simple" or _WORD_LISTS.fullmatch(id):
            continue
        for text in languages.catalogue(tag).forms(id):
            for line in text.split("\n"):
                words = [word for word in line.split() if re.search(r"\w", word)]
                if len(words) > MAX_WORDS:
                    yield f"{tag}: {id} has {len(words)} words in one line: {line}"


def strays_and_headers(languages: Languages, folder: Path) -> Iterator[str]:
    """Texts in the file of another room; headers that differ from the registry; fuzzy texts."""
    for language in languages:
        for file in sorted((folder / language.folder).glob("*.po")):
            with file.open(encoding="utf-8") as lines:
                catalog = read_po(lines)
            if f'"Plural-Forms: {language.plural}\\n"' not in file.read_text(encoding="utf-8"):
                yield f"{language.tag}/{file.name}: the header's plurals differ from the registry"
            for message in catalog:
                id = message.id if isinstance(message.id, str) else message.id[0]
                if id and domain_of(id) != file.stem:
                    yield f"{language.tag}/{file.name}: {id} belongs to {domain_of(id)}.po"
                if id and message.fuzzy:
                    yield f"{language.tag}/{file.name}: {id} is marked fuzzy"


def _texts(languages: Languages, uses: Mapping[str, Use]) -> Iterator[tuple[str, str]]:
    for tag in languages.tags():
        yield from ((tag, id) for id in sorted(languages.catalogue(tag).ids() & uses.keys()))


def problems() -> list[str]:
    """Everything at once."""
    folder, uses = Languages.find(), used()
    try:
        languages = Languages.load(folder)
    except CatalogueError as error:
        return [str(error)]
    checks = (
        missing_and_extra,
        forms,
        differing_placeholders,
        unfilled_placeholders,
        unbalanced_markup,
        long_lines,
    )
    found = [problem for check in checks for problem in check(languages, uses)]
    return found + list(strays_and_headers(languages, folder))


if __name__ == "__main__":
    found = problems()
    sys.stdout.write("".join(f"{problem}\n" for problem in found) or "All catalogues are whole.\n")
    sys.exit(1 if found else 0)
