"""Puts the found words together: which time belongs to which day, what is a beginning and what an end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from bot.posts.understanding.calendar_words import PartOfDay
from bot.posts.understanding.scan import phrases, span_of
from bot.posts.understanding.tokens import Clock, Day, Joint, Modifier, Part, Role, Span, Token


@dataclass(slots=True)
class Slot:
    """One appointment as written, perhaps incomplete. Several `Day` in `day` describe one day ("Freitag, 4.12.")."""

    day: list[Day] = field(default_factory=list)
    end_day: list[Day] = field(default_factory=list)
    clock: Clock | None = None
    end_clock: Clock | None = None
    part: PartOfDay | None = None
    through: bool = False
    """From the first day's time to the last day's time; else each day has these times."""
    target: bool = False
    """ "auf Freitag": what something was moved to."""

    @property
    def only_end(self) -> bool:
        return not self.day and self.clock is None and bool(self.end_day or self.end_clock)


_DEADLINE = re.compile(
    r"anmeld|abmeld|melde[tn]?\b|reservier|vorverkauf|karten\b|abgabe|abgeben|einsend|rückmeld|bewerb|bewirb|frist|zusage|sign\s?up|register|rsvp|deadline",
    re.IGNORECASE,
)
_MOVED = re.compile(r"versch[oi]e?b|verleg|moved|postponed|rescheduled|vorgezogen", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;!?\n]|\.\s")


@dataclass(frozen=True, slots=True)
class Written:
    """Appointments in a text, and where the words that say so stand."""

    slots: list[Slot]
    spans: tuple[Span, ...]
    all_used: bool
    """False if something was said besides ("Freitag statt Donnerstag")."""
    recurring: bool
    """ "jeden Dienstag", "dienstags", "ab 1.12. jeweils 16 Uhr"."""
    nth: bool
    """ "am ersten Mittwoch im Monat"."""


def read_slots(text: str) -> Written:
    """What a text says about when."""
    slots: list[Slot] = []
    spans: list[Span] = []
    all_used, each = True, False
    for group in phrases(text):
        if _is_deadline(text, group):
            continue
        found = _Assembly().read(group)
        slots += found
        if found:
            spans.append(span_of(group))
            each = each or any(isinstance(token, Joint) and token.role is Role.EACH for token in group)
            all_used = all_used and not any(
                isinstance(token, Joint) and token.role is Role.NOT for token in group
            )
    if _MOVED.search(text) and any(slot.target for slot in slots):
        first = next(at for at, slot in enumerate(slots) if slot.target)
        all_used = all_used and first == 0
        slots = slots[first:]
    modifiers = {day.modifier for slot in slots for day in (*slot.day, *slot.end_day)}
    slots = _completed(slots)
    recurring = Modifier.EVERY in modifiers or (each and len(slots) == 1)
    return Written(slots, tuple(spans), all_used, recurring, Modifier.NTH in modifiers)


def _is_deadline(text: str, group: list[Token]) -> bool:
    """ "Anmeldung bis Donnerstag" is not when it happens."""
    start, end = span_of(group)
    until = any(isinstance(token, Joint) and token.role is Role.TO for token in group[:1])
    if not until and not re.search(r"\bby\s*$", text[:start], re.IGNORECASE):
        return False
    clause_start = max((found.end() for found in _CLAUSE_END.finditer(text[:start])), default=0)
    clause_end = _CLAUSE_END.search(text, end)
    return _DEADLINE.search(text[clause_start : clause_end.start() if clause_end else len(text)]) is not None


class _Assembly:
    """Reads one phrase from left to right."""

    def __init__(self) -> None:
        self._slots = [Slot()]
        self._role: Role | None = None
        self._between = False
        self._last: Token | None = None
        self._negated = False

    def read(self, group: list[Token]) -> list[Slot]:
        for token in group:
            if isinstance(token, Joint):
                self._joint(token)
                continue
            if self._negated and not isinstance(token, Part):
                self._negated = False
                continue
            if isinstance(token, Day):
                self._day(token)
            elif isinstance(token, Clock):
                self._clock(token)
            else:
                self._slot.part = token.part
            self._last, self._role = token, None
        return [slot for slot in self._slots if slot.day or slot.end_day or slot.clock or slot.end_clock]

    @property
    def _slot(self) -> Slot:
        return self._slots[-1]

    def _joint(self, token: Joint) -> None:
        if token.role is Role.BETWEEN:
            self._between = True
        elif token.role is Role.NOT:
            self._negated = True
        elif token.role is Role.AND and self._between:
            self._role, self._between = Role.TO, False
        elif token.role is not Role.GLUE:
            self._role = token.role

    def _to(self, same: type[Day | Clock]) -> bool:
        """Whether a "bis" stands before; a dash counts only between two of a kind ("Montag – 15 Uhr" is no range)."""
        return self._role is Role.TO or (self._role is Role.DASH and isinstance(self._last, same))

    def _day(self, token: Day) -> None:
        slot = self._slot
        if self._to(Day) and not slot.end_day and (slot.day or slot.clock is None):
            slot.through = slot.clock is not None
            slot.end_day = [token]
        elif (
            self._role in (None, Role.DASH)
            and isinstance(self._last, Day)
            and _describes(slot.end_day or slot.day, token)
        ):
            (slot.end_day or slot.day).append(token)
        elif not slot.day and not slot.end_day:
            slot.day = [token]
            slot.target = self._role is Role.TARGET
        else:
            self._slots.append(Slot(day=[token], target=self._role is Role.TARGET))

    def _clock(self, token: Clock) -> None:
        slot = self._slot
        after_end_day = isinstance(self._last, Day) and bool(slot.end_day)
        if self._to(Clock) and slot.end_clock is None:
            slot.end_clock = token
        elif slot.clock is None and not slot.only_end:
            slot.clock = token
        elif after_end_day and slot.end_clock is None:
            slot.end_clock = token
        else:
            self._slots.append(Slot(clock=token, target=self._role is Role.TARGET))


def _describes(days: list[Day], token: Day) -> bool:
    """Whether this is one more word for the same day: a weekday and its date, but not two weekdays."""
    return bool(days) and all(_form(day) != _form(token) for day in days)


def _form(day: Day) -> str:
    return "weekday" if day.weekday is not None else "date" if day.day else "offset"


def _completed(slots: list[Slot]) -> list[Slot]:
    """Share what was said once: the one time for all days, the one day for all times, an end said apart."""
    ends = [slot for slot in slots if slot.only_end]
    rest = [slot for slot in slots if not slot.only_end]
    if len(ends) == 1 and len(rest) == 1 and not (ends[0].end_day or rest[0].end_day or rest[0].end_clock):
        rest = [replace(rest[0], end_clock=ends[0].end_clock)]
        ends = []
    days = [slot for slot in rest if slot.day]
    clocks = [slot for slot in rest if slot.clock or slot.end_clock]
    if len({_words(slot.day) for slot in days}) == 1 and clocks:
        rest = [
            replace(
                slot,
                day=slot.day or days[0].day,
                end_day=slot.end_day or days[0].end_day,
                part=slot.part or days[0].part,
            )
            for slot in clocks
        ]
    elif len({(slot.clock, slot.end_clock) for slot in clocks}) == 1 and days:
        one = clocks[0]
        rest = [
            replace(slot, clock=one.clock, end_clock=one.end_clock, part=slot.part or one.part)
            for slot in days
        ]
    return rest + ends


def _words(days: list[Day]) -> tuple[Day, ...]:
    return tuple(replace(day, span=(0, 0)) for day in days)
