"""Which messages the code and the templates use: ids, whether they count, which values they give.

The ids and the notes for translators are Babel's extraction; the values are read from the same calls, so that a text
with a placeholder nobody fills is found before a reader finds it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("bot", "adapters")
_IN_CODE: dict[str, tuple[int, ...]] = {"M": (1,), "N": (1, 1)}
_IN_TEMPLATES: dict[str, tuple[int, ...]] = {"text": (1,), "M": (1,), "N": (1, 1)}
_ID = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
_NOTE = "Translators:"


@dataclass(slots=True)
class Use:
    """How one message is used, over all its calls."""

    counts: bool = False
    files: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    given: list[frozenset[str]] = field(default_factory=list)
    """Names of the values, per call; calls with `**values` are left out."""


def used(root: Path = ROOT) -> dict[str, Use]:
    """Every message id in `bot/` and `adapters/`, in alphabetical order."""
    uses: dict[str, Use] = {}
    for folder in _FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".py", ".html"):
                _read(file, file.relative_to(root).as_posix(), uses)
    return dict(sorted(uses.items()))


def domain_of(id: str) -> str:
    """The room a message belongs to, and so its file."""
    return id.partition(".")[0]


def _read(file: Path, name: str, uses: dict[str, Use]) -> None:
    in_code = file.suffix == ".py"
    notes = _notes_above_statements(file) if in_code else {}
    keywords = _IN_CODE if in_code else _IN_TEMPLATES
    method = "python" if in_code else "jinja2.ext:babel_extract"
    options = {} if in_code else {"silent": "false"}
    with file.open("rb") as source:
        for line, found, comments, _ in extract(method, source, keywords, (_NOTE,), options, True):
            id = found if isinstance(found, str) else found[0]
            if _ID.fullmatch(id):
                use = uses.setdefault(id, Use())
                use.files.add(name)
                use.counts |= not isinstance(found, str)
                # A word that all rooms share is explained where it is defined, not by each place that shows it.
                around = "" if domain_of(id) == "common" else notes.get(line, "")
                note = " ".join(comments) or around
                if note and note not in use.notes:
                    use.notes.append(note)
    if in_code:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            _read_call(node, name, uses)


def _notes_above_statements(file: Path) -> dict[int, str]:
    """Notes by line, for every line of the statement or argument below; Babel only looks one line up from a call."""
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines()
    notes: dict[int, str] = {}
    for node in ast.walk(ast.parse(source)):  # outer nodes come first, so a nearer note wins
        if isinstance(node, (ast.stmt, ast.expr)) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            note = _note_ending_above(lines, node.lineno - 1)
            if note:
                last = node.end_lineno or node.lineno
                notes.update(dict.fromkeys(range(node.lineno, last + 1), note))
    return notes


def _note_ending_above(lines: list[str], index: int) -> str:
    comment: list[str] = []
    while index > 0 and lines[index - 1].strip().startswith("#"):
        index -= 1
        comment.insert(0, lines[index].strip().lstrip("# "))
        if comment[0].startswith(_NOTE):
            return " ".join(comment).removeprefix(_NOTE).strip()
    return ""


def _read_call(node: ast.AST, name: str, uses: dict[str, Use]) -> None:
    match node:
        case ast.Call(
            func=ast.Name(id="M" | "N" as kind), args=[ast.Constant(value=str(id)), *_], keywords=values
        ) if _ID.fullmatch(id):
            # Babel goes by tokens and can miss a call; the syntax tree can't.
            use = uses.setdefault(id, Use(counts=kind == "N"))
            use.files.add(name)
            names = {value.arg for value in values} | ({"n"} if kind == "N" else set())
            if None not in names:
                use.given.append(frozenset(value for value in names if value))
        case ast.Call(func=ast.Attribute(attr="text"), args=[_, ast.Constant(value=str(id)), *_]) if (
            _ID.fullmatch(id)
        ):
            # `PublicPages.text(language, id)`; not Babel's to find: it stumbles over methods that are called `text`.
            uses.setdefault(id, Use()).files.add(name)
