"""What can be wrong with what people ask of moderation.

ModerationError
├── UnknownError     there is no such case, or it isn't this person's to see: nobody can tell which
├── TakenError       somebody else was faster: they claimed it, or decided
├── OverError        it is decided, or can't be appealed any more
├── NotYoursError    this step is the coordinator's (an official message)
├── AnotherError     the same person can't be the second one
├── NobodyError      it needs a second person, and there is none
├── TwiceError       this person did so already
├── OwnError         nobody reports their own words
└── NeedsReasonError every step but "unfounded" needs a reason
"""

from __future__ import annotations


class ModerationError(Exception):
    """Something that a person should hear in plain words."""


class UnknownError(ModerationError):
    """There is no such case, or it isn't this person's to see."""


class TakenError(ModerationError):
    """Somebody else was faster."""


class OverError(ModerationError):
    """It is decided, or can't be appealed any more."""


class NotYoursError(ModerationError):
    """This step is the coordinator's."""


class AnotherError(ModerationError):
    """The same person can't be the second one."""


class NobodyError(ModerationError):
    """It needs a second person, and there is none."""


class TwiceError(ModerationError):
    """This person did so already. `number`: of the case."""

    def __init__(self, number: int = 0) -> None:
        super().__init__()
        self.number = number


class OwnError(ModerationError):
    """Nobody reports their own words."""


class NeedsReasonError(ModerationError):
    """Every step but "unfounded" names a house rule, or says why."""
