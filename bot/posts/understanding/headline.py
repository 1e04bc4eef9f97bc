"""Makes a title and a body of what is left of a text when its facts are taken out.

Nothing the person wrote gets lost: what is neither a fact nor in the title is in the body. A sentence that would read
badly without its facts stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int]

TITLE_LENGTH = 60

_FIRST_HOLE = 0xE000
_HOLE = "[\ue000-\uf8ff]"
_PRIVATE_OR_BIDI = re.compile(
    "[\ue000-\uf8ff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f]"
)

_SENTENCE_END = re.compile(
    r"(?<!\bz\.\sB)(?<!\bd\.\sh)(?<!\bu\.\sa)(?<!\b\w)(?<!\d)(?<!\bca)(?<!\bbzw)(?<!\bFr)(?<!\bHr)(?<!\bNr)(?<!\bTel)(?<!\bStr)(?<!str)"
    r"\.+(?=\s)|(?<=\d)\.(?=\s+[A-ZÄÖÜ]\w+\s+\w+)(?<!\b\d\.)(?<!\b\d\d\.)|[!?…]+(?=\s)|\n+"
)
_CLAUSE_END = re.compile(r"\s*[,;](?=\s|$)\s*|\s+[-–—]\s+|:\s+|:$")
_LABEL = re.compile(
    r"(?:wann|wo|ort|beginn|start|los\s+geht['’]?s|uhrzeit|datum|zeit|termin|eintritt|kosten|preis|treffpunkt|"
    r"der|die|das|es|ist|sind|und|dort|hier|doch|uhr|when|where|time|date|place|costs?|entry|price|is|it|and|[\W_])*",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:achtung|hinweis|info|wichtig|erinnerung|hallo|moin|hi|attention|note|reminder|important|hello|dear|liebe[rs]?|"
    r"guten\s+(?:morgen|tag|abend))(?:\s.*)?",
    re.IGNORECASE,
)
_HANGS_ON = re.compile(
    r"(?:weil|da|dass|wenn|damit|denn|obwohl|bis|der|die|das|dem|den|deren|wo|wer|was|wie|mit|und|oder|aber|sowie|sondern|um|ohne|"
    r"because|since|which|that|who|with|and|or|but|so)\b",
    re.IGNORECASE,
)
_VERB_FIRST = re.compile(
    r"(?:ist|sind|hat|haben|wird|werden|kommt|kommen|singt|spielt|liest|trifft|treffen|geht|gehen|macht|machen|fährt|öffnet|"
    r"startet|beginnt|gibt|findet|finden|laden|lädt|feiern|feiert|kochen|backen|basteln|zeigt|zeigen|bleibt|bleiben|fällt|"
    r"entfällt|können|kann|könnt|dürfen|müssen|muss|wollen|will|möchten|bietet|bieten|suchen|sucht|brauchen|braucht|steht|"
    r"stehen|endet|lesen|sprechen|singen|spielen|tanzen|there|we|is|are)\b"
)
_ARTICLE = r"(?:(?:auch|wieder|eine?n?|a|an|the)\s+)*"
_REWORDED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), shape)
    for pattern, shape in (
        (rf"find(?:et|en)\s+{_ARTICLE}(.+)\s+statt", r"\1"),
        (r"(.+?)\s+find(?:et|en)\s+statt", r"\1"),
        (r"(.+?)\s+(?:takes?|will\s+take)\s+place", r"\1"),
        (r"f(?:ä|ae)llt\s+(.+)\s+aus", r"\1 fällt aus"),
        (r"entfällt\s+(.+)", r"\1 entfällt"),
        (
            r"(ist|sind|bleibt|bleiben|wird|werden|hat|haben)\s+(.+)\s+(geschlossen|gesperrt|verschoben|verlegt|abgesagt|zu)",
            r"\2 \1 \3",
        ),
        (
            r"(?:laden\s+wir|wir\s+laden)\s+(?:(?:euch|sie|alle|dich|herzlich)\s+)*(?:zum|zur|zu)\s+(.+?)(?:\s+ein)?",
            r"\1",
        ),
        (
            rf"(?:gibt\s+es|gibt['’]?s|es\s+gibt|ist|sind|haben\s+wir|wir\s+haben|machen\s+wir|"
            rf"feiern\s+wir|there\s+is|we\s+have)\s+{_ARTICLE}"
            r"((?-i:[A-ZÄÖÜ]).+)",
            r"\1",
        ),
        (r"(.+?)(?:\s+und|\s+and)?\s+(?:ist|sind|beginnt|startet|is|starts|will\s+be)", r"\1"),
        (
            r"((?-i:[a-zäöü])\w+)\s+((?:der|die|das|unsere?|eine?)\s+"
            r"(?:(?-i:[a-zäöü])\w+e\s+)?(?-i:[A-ZÄÖÜ])[\w-]+)((?:\s.+)?)",
            r"\2 \1\3",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What to show above the facts and below them."""

    title: str
    body: str


def tidy_text(text: str) -> str:
    """The text without invisible direction marks and control characters, and with plain spaces."""
    text = _PRIVATE_OR_BIDI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"[^\S\n]+", " ", text).strip()


def word(text: str, facts: Iterable[Span], *, keep: bool = False) -> Wording:
    """Title and body of a tidy text. `keep`: the facts don't say all, so the body repeats their sentence."""
    return _Worder(text, facts, keep=keep).word()


class _Worder:
    def __init__(self, text: str, facts: Iterable[Span], *, keep: bool) -> None:
        self._text, self._keep = text, keep
        self._said: dict[str, str] = {}
        self._holed = self._cut(sorted(facts))

    def word(self) -> Wording:
        sentences = list(_sentences(self._holed))
        title, body = "", []
        for sentence, end in sentences:
            if not title:
                title, rest = self._headline(sentence, end)
                body += rest
            elif rest_of := self._without_facts(sentence):
                body.append(_sentence(rest_of, end))
        if not title:
            return Wording(
                _shortened(" ".join(self._text.split())),
                "" if len(self._text) <= TITLE_LENGTH else self._text,
            )
        return Wording(title, _joined(body))

    def _cut(self, facts: list[Span]) -> str:
        parts, position = [], 0
        for number, (start, end) in enumerate(span for span in facts):
            if start < position:
                continue
            hole = chr(_FIRST_HOLE + number)
            self._said[hole] = self._text[start:end]
            parts += [self._text[position:start], hole]
            position = end
        return "".join((*parts, self._text[position:]))

    def _restored(self, holed: str) -> str:
        return re.sub(_HOLE, lambda found: self._said[found[0]], holed)

    # --- the first sentence ----------------------------------------------------------------------------------

    def _headline(self, sentence: str, end: str) -> tuple[str, list[str]]:
        """The title, and what of its sentence goes to the body."""
        clauses = [clause for clause in _CLAUSE_END.split(sentence) if not _only_label(clause)]
        greeting = [clauses.pop(0)] if len(clauses) > 1 and _GREETING.fullmatch(_closed(clauses[0])) else []
        if not clauses:
            return "", []
        if len(clauses) == 1 and _GREETING.fullmatch(_closed(clauses[0])) and re.search(r"[,!]", end):
            return "", []
        whole = self._restored(sentence)
        title, more = _closed(clauses[0]), clauses[1:]
        reworded = _reworded(title)
        badly = reworded == title and _VERB_FIRST.match(title) is not None
        hangs_on = bool(more) and _HANGS_ON.match(_closed(more[0])) is not None
        if badly or hangs_on or self._keep or len(reworded) > TITLE_LENGTH:
            return _capital(_shortened(reworded)), [_sentence(whole, end)]
        rest = [_sentence(_closed(self._restored(clause)), "!") for clause in greeting]
        if more:
            rest.append(_sentence(", ".join(_closed(self._restored(clause)) for clause in more), end))
        asks = "?" if not more and "?" in end and reworded == title else ""
        return _capital(reworded) + asks, rest

    # --- the others ------------------------------------------------------------------------------------------

    def _without_facts(self, sentence: str) -> str:
        """The sentence without those of its clauses that say nothing but facts; as it was if it has other words."""
        if self._keep:
            return self._restored(sentence)
        if _only_label(sentence):
            return ""
        clauses = re.split(r"(\s*[,;]\s+)", sentence)
        if not any(_only_label(clause) and re.search(_HOLE, clause) for clause in clauses[::2]):
            return self._restored(sentence)
        kept = [clause for clause in clauses[::2] if not (_only_label(clause) and re.search(_HOLE, clause))]
        return ", ".join(self._restored(clause).strip() for clause in kept)


def _sentences(holed: str) -> Iterable[tuple[str, str]]:
    """Sentences with what ended them: a stop, or a line's end."""
    position = 0
    for found in _SENTENCE_END.finditer(holed):
        if sentence := holed[position : found.start()].strip():
            yield sentence, found[0]
        position = found.end()
    if rest := holed[position:].strip():
        yield rest, ""


def _only_label(clause: str) -> bool:
    return _LABEL.fullmatch(re.sub(_HOLE, " ", clause)) is not None


def _closed(clause: str) -> str:
    """The clause with the holes closed and no stops at its ends."""
    whole = re.sub(r"\s+", " ", re.sub(_HOLE, " ", clause)).strip(" ,;:–—-*")
    return whole if re.search(r"[Ss]tr\.$", whole) else whole.rstrip(" .")


def _reworded(title: str) -> str:
    for pattern, shape in _REWORDED:
        if found := pattern.fullmatch(title):
            return found.expand(shape)
    return title


def _shortened(title: str) -> str:
    if len(title) <= TITLE_LENGTH:
        return title
    cut = title[: TITLE_LENGTH - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[20:] else cut).rstrip(" ,;:-–") + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str, end: str) -> str:
    text = text.strip(" ,;")
    if not text:
        return ""
    stop = end.strip() or ("." if text[-1].isalnum() or text[-1] in ')€%"”“' else "")
    return _capital(text if text[-1] in ".!?…:" else text + stop) + ("\n" if "\n" in end else "")


def _joined(sentences: list[str]) -> str:
    return re.sub(r"\n ", "\n", " ".join(sentence for sentence in sentences if sentence)).strip()
