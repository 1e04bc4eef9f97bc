"""Small catalogues of the tests' own, so that they don't depend on what the product happens to say."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.language import Languages
from bot.language.registry import read_registry
from locales.update import header

Texts = Mapping[str, str | tuple[str, ...]]
REGISTRY = Languages.find() / "languages.toml"


def made(folder: Path, texts: Mapping[str, Texts]) -> Languages:
    """The product's registry and its own catalogues of dates, with `texts` by language shipped in addition."""
    registry = REGISTRY.read_text(encoding="utf-8")
    for tag in texts:
        section, _, _ = registry.partition(f"[{tag}]\n")[2].partition("\n[")
        if "shipped" not in section:
            registry = registry.replace(f"[{tag}]\n", f"[{tag}]\nshipped = true\n")
    (folder / "languages.toml").write_text(registry, encoding="utf-8")
    languages = read_registry(folder / "languages.toml")
    for tag, language in languages.items():
        if language.shipped:
            target = folder / language.folder
            target.mkdir(exist_ok=True)
            own = texts.get(tag, {"test.nothing": "-"})
            source = REGISTRY.parent / language.folder / "language.po"
            if source.exists() and not any(id.startswith("language.") for id in own):
                shutil.copy(source, target)
            write(target / "test.po", header(language), own)
    return Languages.load(folder)


def write(file: Path, head: str, texts: Texts) -> None:
    """A catalogue file."""
    entries = []
    for id, text in texts.items():
        if isinstance(text, str):
            entries.append(f"msgid {_quoted(id)}\nmsgstr {_quoted(text)}\n")
        else:
            forms = "".join(f"msgstr[{form}] {_quoted(each)}\n" for form, each in enumerate(text))
            entries.append(f"msgid {_quoted(id)}\nmsgid_plural {_quoted(id)}\n{forms}")
    file.write_text("\n".join([head, *entries]), encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
