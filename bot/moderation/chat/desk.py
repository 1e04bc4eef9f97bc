"""What all faces of moderation share: reading a choice's value, and saying kindly what went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.contract import Choice
from bot.dialogue import Button, Turn
from bot.dialogue.numbers import number_in
from bot.language import M, Msg
from bot.moderation.errors import (
    AnotherError,
    ModerationError,
    NeedsReasonError,
    NobodyError,
    NotYoursError,
    OverError,
    OwnError,
    TakenError,
    TwiceError,
)

OnParts = Callable[[Turn, list[str]], Awaitable[None]]
MENU = [[Button(M("common.menu"), "menu:")]]


def guarded(handler: OnParts) -> Callable[[Turn, str], Awaitable[None]]:
    """An action on "item.more.more" that says what went wrong, and takes back what it changed by then."""

    async def action(turn: Turn, argument: str) -> None:
        try:
            async with turn.session.begin_nested():
                await handler(turn, argument.split("."))
        except ModerationError as fault:
            explain(turn, fault)

    return action


def explain(turn: Turn, fault: ModerationError) -> None:
    """What went wrong, in plain words."""
    turn.leave()
    turn.say(said(fault), buttons=MENU)


def said(fault: ModerationError) -> Msg:
    """The sentence for a fault. What one may not see sounds like what doesn't exist."""
    match fault:
        case TakenError():
            # Translators: to a moderator: somebody else looks after this case already. Never named.
            return M("moderation.taken")
        case OverError():
            # Translators: it is decided already, or the time to appeal is over; nothing more can be done here.
            return M("moderation.over")
        case NotYoursError():
            # Translators: to a moderator: the message is official, only the coordinator decides this step.
            return M("moderation.not_yours")
        case AnotherError():
            # Translators: to a moderator who proposed an exclusion: somebody else has to confirm it.
            return M("moderation.another")
        case NobodyError():
            # Translators: to a moderator: it needs another human, and there is none at present.
            return M("moderation.nobody_else")
        case TwiceError():
            # Translators: somebody reported this, or appealed, before. {number}: of the case.
            return M("moderation.twice", number=str(fault.number))
        case OwnError():
            # Translators: somebody reports what they wrote themselves.
            return M("moderation.own")
        case NeedsReasonError():
            # Translators: to a moderator: a reason is missing.
            return M("moderation.needs_reason")
        case _:
            # Translators: a case, or a message to report, that doesn't exist or isn't this person's to see.
            return M("moderation.unknown")


def rows_of(choices: Sequence[Choice], number: int | None = None) -> list[list[Button]]:
    """Choices as rows of two; `number`: typed as "117 1" instead of by their place."""
    buttons = [
        Button(choice.label, choice.value, number=f"{number} {place}" if number is not None else "")
        for place, choice in enumerate(choices, start=1)
    ]
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def first(parts: list[str]) -> int:
    """The number that a choice's value begins with; 0 if it is forged."""
    return number_in(parts[0]) or 0
