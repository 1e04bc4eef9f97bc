"""Carry the message ids of the code into every catalogue: `python -m locales.update [DOMAIN …]`.

Translations are kept, new ids get an empty text, ids that nobody uses any more are marked obsolete. The same code
gives the same files, with no dates and no line numbers in them: a change shows only what changed.
"""

from __future__ import annotations

import sys
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.language.registry import Language, plural_rule, read_registry
from locales.extract import ROOT, Use, domain_of, used

FOLDER = Path(__file__).resolve().parent


def header(language: Language) -> str:
    """The first entry of every catalogue: what gettext tools need, nothing that changes by itself."""
    lines = {
        "Language": language.tag,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": language.plural,
    }
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{name}: {value}\\n"\n' for name, value in lines.items())


def updated(old: str, uses: dict[str, Use], language: Language) -> str:
    """The catalogue `old` (the file's text, or empty) with exactly the messages of `uses`."""
    before = read_po(StringIO(old or header(language)), abort_invalid=True)
    kept = {_id(message): message for message in [*before.obsolete.values(), *before] if message.id}
    after = read_po(StringIO(header(language)))
    for id, use in uses.items():
        known = kept.pop(id, None)
        after.add(
            (id, id) if use.counts else id,
            _texts(known, before, language, counts=use.counts),
            locations=[(file, 0) for file in sorted(use.files)],
            flags=set(known.flags) - {"python-format", "python-brace-format"} if known else (),
            auto_comments=[f"Translators: {note}" for note in use.notes],
            user_comments=known.user_comments if known else (),
        )
    for id, message in kept.items():
        message.locations, message.auto_comments = [], []
        if message.pluralizable:
            message.string = _texts(message, before, language, counts=True)
        after.obsolete[id] = message
    written = BytesIO()
    write_po(written, after, width=0, omit_header=True, sort_output=True, include_lineno=False)
    return header(language) + "\n" + written.getvalue().decode().strip("\n") + "\n"


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _texts(
    known: Message | None, before: Catalog, language: Language, *, counts: bool
) -> str | tuple[str, ...]:
    """The translation, with plural forms in the registry's order whatever rule the file had."""
    texts = known.string if known else ""
    forms = tuple(map(str, texts)) if isinstance(texts, (tuple, list)) else (str(texts or ""),)
    if not counts:
        return forms[-1]
    if len(forms) != before.num_plurals:
        return (forms[0],) * language.forms
    rule = plural_rule(f"plural={before.plural_expr};")
    samples = {language.plural_form(n): n for n in range(200, -1, -1)}
    return tuple(forms[rule(samples[form])] if form in samples else "" for form in range(language.forms))


def main(domains: list[str]) -> int:
    uses = used(ROOT)
    for domain in domains or sorted({domain_of(id) for id in uses}):
        of_domain = {id: use for id, use in uses.items() if domain_of(id) == domain}
        for language in read_registry(FOLDER / "languages.toml").values():
            if not language.shipped and not (FOLDER / language.folder).is_dir():
                continue
            file = FOLDER / language.folder / f"{domain}.po"
            old = file.read_text(encoding="utf-8") if file.exists() else ""
            new = updated(old, of_domain, language)
            if new != old:
                file.parent.mkdir(exist_ok=True)
                file.write_text(new, encoding="utf-8")
                sys.stdout.write(f"{file.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
