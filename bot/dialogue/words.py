"""Understanding short answers: commands, plain words, numbers, the label of a choice. Typing is never exact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_EDGES = " \t\n.,;:!?()[]\"'«»„“”‚‘’…،؟⁦⁧⁨⁩‎‏"
_ADDRESSED = re.compile(r"(\d{1,9})\s+(\d{1,2})")


def normal(text: str) -> str:
    """What was typed, made comparable: one case, one form, digits of any script as 0–9, no marks at the edges.

    The Turkish i's are one letter here: "HAYIR" is "hayır", and "GERİ" is "geri".
    """
    folded = (
        unicodedata.normalize("NFKC", text).casefold().replace("ı", "i").replace("\u0307", "").strip(_EDGES)
    )
    return " ".join("".join(str(unicodedata.digit(c, c)) for c in folded).split())


def command_of(text: str) -> tuple[str, str] | None:
    """Name and argument of "/name argument"; None if it is no command. "/name@bot" is "/name"."""
    if not text.startswith("/") or len(text) < 2:
        return None
    head, _, argument = text[1:].partition(" ")
    name = normal(head.partition("@")[0])
    return (name, argument.strip()) if name else None


def chosen(text: str, open_choices: Sequence[Sequence[str]]) -> str | None:
    """The value of the open choice that was answered by its number or its label; None if none was.

    The first words of a label are enough where only one begins so: "ja" for "Ja, löschen".
    """
    said = normal(text)
    for number, label, value in open_choices:
        if said in (normal(number), normal(label)):
            return value
    begun = {value for _, label, value in open_choices if _words(label)[: len(_words(text))] == _words(text)}
    return begun.pop() if len(begun) == 1 and _words(text) else None


def _words(text: str) -> list[str]:
    return [word for word in (normal(part) for part in text.split()) if word]


def addressed(text: str) -> tuple[int, int] | None:
    """ "117 3": the third choice of what has the number 117, however long ago it was shown."""
    match = _ADDRESSED.fullmatch(normal(text))
    return (int(match[1]), int(match[2])) if match else None
