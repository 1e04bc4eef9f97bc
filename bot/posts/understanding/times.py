"""Which hours a written time means; where it could be morning or afternoon, both."""

from __future__ import annotations

from dataclasses import dataclass

from bot.posts.understanding.calendar_words import PartOfDay
from bot.posts.understanding.tokens import Clock

HourMinute = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Times:
    """Start and end as a clock on the wall shows them."""

    start: HourMinute | None = None
    end: HourMinute | None = None

    @property
    def overnight(self) -> int:
        """1 if it begins in the evening and ends in the night after, else 0."""
        late = self.start is not None and self.end is not None and self.start[0] >= 17
        return int(late and self.end is not None and self.end[0] <= 6)


@dataclass(frozen=True, slots=True)
class TimeChoices:
    """Ways to understand it, the likeliest first."""

    choices: tuple[Times, ...]

    @property
    def first(self) -> Times:
        return self.choices[0]

    @property
    def end(self) -> HourMinute | None:
        return self.first.end


def resolve_times(clock: Clock | None, end: Clock | None, part: PartOfDay | None) -> TimeChoices:
    """What start and end can mean. A part of the day ("abends") decides for both."""
    starts, ends = _hours(clock, part), _hours(end, part)
    if not starts:
        return TimeChoices(tuple(Times(None, each) for each in ends) or (Times(),))
    if not ends:
        return TimeChoices(tuple(Times(each) for each in starts))
    if len(starts) == len(ends) == 2:
        pairs = [Times(start, stop) for start, stop in zip(starts, ends, strict=True)]
    else:
        pairs = [Times(start, stop) for start in starts for stop in ends]
    forward = [pair for pair in pairs if pair.start and pair.end and (pair.start < pair.end)]
    if len(starts) == 1 and clock and not clock.half and end and end.half and len(ends) == 2:
        # "10 bis 2 Uhr": one way runs backwards; if that is how it was written, it has to be asked.
        forward = [pair for pair in forward if pair.end == (end.hour, end.minute)]
        forward = forward or [Times(starts[0], (end.hour, end.minute))]
    return TimeChoices(tuple(forward or pairs[:1]))


def _hours(clock: Clock | None, part: PartOfDay | None) -> tuple[HourMinute, ...]:
    if clock is None:
        return ()
    early, late = (clock.hour, clock.minute), (clock.hour + 12, clock.minute)
    if part and clock.hour <= 12:
        return (late if _is_late(clock.hour, part) else early,)
    return (late, early) if clock.half and late[0] < 24 else (early,)


def _is_late(hour: int, part: PartOfDay) -> bool:
    match part:
        case PartOfDay.EVENING:
            return 4 <= hour < 12
        case PartOfDay.AFTERNOON:
            return 1 <= hour < 8
        case PartOfDay.NIGHT:
            return 8 <= hour < 12
        case PartOfDay.NOON:
            return 1 <= hour <= 2
        case _:
            return False
