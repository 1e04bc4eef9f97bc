"""One request to a platform, and what became of it: the words in which the engine's parts talk to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.contract import Address, Outgoing, Platform, Ref
from bot.delivery.model import Priority
from bot.ports import Splits

RELEVANT_REPEATS = frozenset({Priority.REPLY, Priority.ALERT, Priority.RELAY})
"""Classes in which hearing something twice is better than not at all. Bulk is never sent twice."""
MAX_REPEATS = 60
"""How often a request is repeated that may safely be: an edit, a deletion, a send under its key.

With pauses that grow to a minute that is nearly an hour. A message that makes the platform stumble each time must
end somewhere; while the platform itself loses answers, only the first counts (`spared`).
"""
MAX_MOVES = 1
"""How often a message follows its conversation to another address: a group becomes a supergroup once in its life. One
that moves on and on is none; but the newest address is kept."""


class Act(StrEnum):
    """What is asked of the platform."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Job:
    """A copy whose row says `sending`."""

    id: int
    item: int | None
    chat_id: int
    address: Address
    is_room: bool
    priority: int
    text: int | None
    message: Outgoing | None
    ref: Ref
    attempts: int
    changes: int
    generation: int = 0
    moves: int = 0
    request: int = 0
    """Which of all that was begun for this copy."""
    due_at: datetime | None = None
    parts: int = 1
    """How many messages it counts as: see `counting`."""
    completes: bool = False
    """An edit that sends what is missing of a message that broke off in the middle (`bot.ports.Remains`)."""

    @property
    def act(self) -> Act:
        if not self.ref:
            return Act.SEND
        return Act.EDIT if self.message is not None else Act.DELETE

    @property
    def key(self) -> str:
        """The same for every repeat of a send; its own for each edit and deletion, and for what is given back."""
        if self.act is not Act.SEND:
            return f"{self.id}.{self.changes}"
        return f"{self.id}~{self.generation}" if self.generation else str(self.id)


def counting(platform: Platform) -> Callable[[Job], Job]:
    """How a job learns what it counts as on this platform, which may make several messages of one."""
    splits = platform if isinstance(platform, Splits) else None

    def counted(job: Job) -> Job:
        if job.message is None:
            return job
        parts = splits.parts(job.message) if splits else len(job.message.attachments)
        return replace(job, parts=parts) if parts > 1 else job

    return counted


class Fate(StrEnum):
    """What became of a request. `RETURNED`: the row is pending again."""

    HELD = "held"
    TAKEN_BACK = "taken back"
    GONE = "gone"
    REJECTED = "rejected"
    UNSURE = "unsure"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    job: Job
    fate: Fate
    ref: Ref = ()
    """What the recipient has of it; also where it failed, if some of it is out all the same."""
    counts: bool = False
    """A returned job that used up one of its attempts."""
    same_text: bool = False
    """A send that must be repeated word for word under its key, if it is repeated: it may have arrived."""
    moved_to: Address | None = None
    """Where the conversation lives now, whatever became of the request."""


def after_unsure(job: Job, *, knows_keys: bool) -> Outcome:
    """What to do about a request that perhaps arrived.

    Edits and deletions may be repeated, and sends where the platform knows keys. Elsewhere a reply, an alert or a
    relayed message is repeated once; an announcement or digest is left `unsure`, for its sender to see.
    """
    harmless = _is_harmless(job, knows_keys=knows_keys)
    if harmless and job.attempts < MAX_REPEATS:
        return Outcome(job, Fate.RETURNED, counts=True, same_text=job.act is Act.SEND)
    if not harmless and job.attempts == 0 and job.priority in RELEVANT_REPEATS:
        return Outcome(job, Fate.RETURNED, counts=True)
    # Asked for once more, it says the same under the same key first.
    return Outcome(job, Fate.UNSURE, same_text=harmless and job.act is Act.SEND)


def after_crash(job: Job, *, knows_keys: bool) -> Outcome:
    """The same for a request that was under way when its owner died.

    That is no fault of the message, so what may safely be repeated is, however often we die.
    """
    if _is_harmless(job, knows_keys=knows_keys):
        return Outcome(job, Fate.RETURNED, counts=True, same_text=job.act is Act.SEND)
    return after_unsure(job, knows_keys=knows_keys)


def returned(job: Job, *, knows_keys: bool) -> Outcome:
    """The job was not carried out after all, and waits again as it did before."""
    return Outcome(job, Fate.RETURNED, same_text=knows_keys and job.act is Act.SEND and job.attempts > 0)


def spared(outcome: Outcome) -> Outcome:
    """The same for a request that got lost with many others: no fault of the message, so it counts but once."""
    if outcome.fate is Fate.RETURNED and outcome.counts and outcome.job.attempts:
        return replace(outcome, counts=False)
    return outcome


def _is_harmless(job: Job, *, knows_keys: bool) -> bool:
    return (job.act is not Act.SEND and not job.completes) or knows_keys
