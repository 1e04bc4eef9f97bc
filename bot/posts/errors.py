"""What can be wrong with what staff ask for.

PostError
├── NotAllowedError    this person holds no role for it (any more)
├── StaleError         a tap on an old preview: the post has another revision now
├── WrongStateError    it can't be done any more, or not yet (already sent, already withdrawn)
├── TooLateError       what it announces is over, or the moment to undo is
├── NeedsAnotherError  a severe alert, and nobody else could release it
└── MutedError         this person may not write at present
"""

from __future__ import annotations

from bot.items.guard import Silence


class PostError(Exception):
    """Something about a post that its sender should hear in plain words."""


class NotAllowedError(PostError):
    """This person holds no role for it (any more)."""


class StaleError(PostError):
    """A tap on an old preview: the post has another revision now."""


class WrongStateError(PostError):
    """It can't be done in the state the post is in."""


class TooLateError(PostError):
    """What it announces is over, or the moment in which it could be undone is."""


class NeedsAnotherError(PostError):
    """A severe alert, and nobody else is there to release it."""


class MutedError(PostError):
    """This person may not write at present."""

    def __init__(self, silence: Silence) -> None:
        super().__init__()
        self.silence = silence
