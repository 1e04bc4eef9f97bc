"""The fixed words of moderation: why somebody reports, and what can be decided."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from bot.language import M, Msg, N


class Reason(StrEnum):
    """Why somebody reports."""

    INSULT = "insult"
    HATE = "hate"
    DANGER = "danger"
    SPAM = "spam"
    PRIVATE = "private"
    OTHER = "other"


class Step(StrEnum):
    """What can be decided."""

    DISMISS = "dismiss"
    HINT = "hint"
    HIDE = "hide"
    WARN = "warn"
    MUTE = "mute"
    EXCLUDE = "exclude"


SILENCING = frozenset({Step.MUTE, Step.EXCLUDE})
HIDING = frozenset({Step.HIDE, Step.MUTE, Step.EXCLUDE})
"""Steps that also take the message back."""
HARMLESS = frozenset({Step.DISMISS, Step.HINT})
"""What a moderator may decide about an official message; the rest is the coordinator's."""
MUTE_DAYS = (1, 7, 30)
APPEAL_MONTHS = 6
PATIENCE = timedelta(hours=24)
"""How long a case waits for its moderators before the coordinator hears of it; and how long a claim holds."""
URGENT_PATIENCE = timedelta(minutes=30)
"""The same where somebody is in danger."""


def reason_name(reason: str) -> Msg:
    """A reason, as a choice and in a case."""
    # Translators: reasons of a report, as buttons and in lists; short.
    return {
        Reason.INSULT: M("moderation.reason.insult"),
        Reason.HATE: M("moderation.reason.hate"),
        Reason.DANGER: M("moderation.reason.danger"),
        Reason.SPAM: M("moderation.reason.spam"),
        Reason.PRIVATE: M("moderation.reason.private"),
        Reason.OTHER: M("moderation.reason.other"),
    }[Reason(reason)]


def step_name(step: str, days: int | None = None) -> Msg:
    """A step, as a button and in lists."""
    if step == Step.MUTE:
        # Translators: button and word for a step: the person can't write for {n} days.
        return N("moderation.step.mute", days or MUTE_DAYS[1])
    # Translators: steps of a moderator, as buttons and in lists; short. "dismiss": the report is unfounded.
    return {
        Step.DISMISS: M("moderation.step.dismiss"),
        Step.HINT: M("moderation.step.hint"),
        Step.HIDE: M("moderation.step.hide"),
        Step.WARN: M("moderation.step.warn"),
        Step.EXCLUDE: M("moderation.step.exclude"),
    }[Step(step)]


def step_words() -> dict[Step, Msg]:
    """What one may type for a step after /decide; comma-separated."""
    # Translators: words for a moderator's steps, typed after /decide; comma-separated, small letters, one word each.
    return {
        Step.DISMISS: M("moderation.words.dismiss"),
        Step.HINT: M("moderation.words.hint"),
        Step.HIDE: M("moderation.words.hide"),
        Step.WARN: M("moderation.words.warn"),
        Step.MUTE: M("moderation.words.mute"),
        Step.EXCLUDE: M("moderation.words.exclude"),
    }


# Translators: the word for claiming a case, typed after /decide; comma-separated, small letters.
CLAIM_WORDS = M("moderation.words.claim")
# Translators: the word for handing a case on to the coordinator, typed after /decide; comma-separated, small letters.
HAND_ON_WORDS = M("moderation.words.hand_on")
