"""The log of every step: a chain of hashes that shows whether anything was changed, and names nobody."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.moderation.audit_model import AuditEntry
from bot.storage.counter_model import PUBLICATION, hold, take_next

HOUSE = "house"
"""The actor where no human acted: time did."""
START = "0" * 64
COUNTER = "audit"
BATCH = 1000


class What(StrEnum):
    """The steps that are logged."""

    REPORTED = "reported"
    JOINED = "joined"
    HANDED_ON = "handed_on"
    ESCALATED = "escalated"
    CLAIMED = "claimed"
    PROPOSED = "proposed"
    DECIDED = "decided"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    STATEMENT = "statement"
    OUTCOME = "outcome"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    LIFTED = "lifted"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of the whole chain found."""

    entries: int
    broken_at: int | None = None
    """The first entry that doesn't follow from the one before; None: the chain is whole."""


class Audit:
    """Appends and checks. `secret`: the installation's key, so that a pseudonym can't be guessed from an id."""

    def __init__(self, clock: Clock, secret: bytes) -> None:
        self._clock = clock
        self._secret = secret

    def pseudonym(self, person: int) -> str:
        """The same for the same person, and nothing else can be told from it."""
        keyed = hmac.new(self._secret, f"audit:{person}".encode(), hashlib.sha256)
        return keyed.hexdigest()[:16]

    async def note(
        self,
        session: AsyncSession,
        what: What,
        case_number: int,
        actor: int | None = None,
        **detail: str | int,
    ) -> None:
        """Append one step. `detail`: fixed words and numbers only, never a text or an id of a person."""
        # What is pushed after this takes a publication number; whoever reports has taken theirs before it.
        await hold(session, PUBLICATION)
        # Whoever takes the number holds it until the transaction ends, so the entry before is always committed.
        seq = await take_next(session, COUNTER)
        before = await session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq - 1))
        at = self._clock.now().replace(microsecond=0)
        who = self.pseudonym(actor) if actor is not None else HOUSE
        previous = before or START
        session.add(
            AuditEntry(
                seq=seq,
                at=at,
                actor=who,
                case_number=case_number,
                what=what,
                detail=detail,
                previous=previous,
                hash=_hash(previous, seq, at, who, case_number, what, detail),
            )
        )
        await session.flush()


async def verify(session: AsyncSession) -> Verdict:
    """Whether the chain is whole from its first entry to the last."""
    previous, seq = START, 0
    while True:
        rows = select(AuditEntry).where(AuditEntry.seq > seq).order_by(AuditEntry.seq).limit(BATCH)
        batch = (await session.scalars(rows)).all()
        for entry in batch:
            if entry.seq != seq + 1 or entry.previous != previous or entry.hash != hash_of(entry):
                return Verdict(seq, broken_at=entry.seq)
            previous, seq = entry.hash, entry.seq
        session.expunge_all()
        if len(batch) < BATCH:
            return Verdict(seq)


async def latest(session: AsyncSession, limit: int) -> list[AuditEntry]:
    """The last entries, oldest first."""
    rows = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    return list(reversed((await session.scalars(rows)).all()))


def line_of(entry: AuditEntry) -> str:
    """One entry for an operator to read."""
    detail = " ".join(f"{name}={value}" for name, value in sorted(entry.detail.items()))
    when = entry.at.isoformat(timespec="seconds")
    return f"{entry.seq}  {when}  case {entry.case_number}  {entry.what}  by {entry.actor}  {detail}".rstrip()


def hash_of(entry: AuditEntry) -> str:
    """What the entry's hash must be."""
    return _hash(
        entry.previous, entry.seq, entry.at, entry.actor, entry.case_number, entry.what, entry.detail
    )


def _hash(
    previous: str, seq: int, at: datetime, actor: str, number: int, what: str, detail: Mapping[str, object]
) -> str:
    row = [previous, seq, at.isoformat(), actor, number, str(what), dict(sorted(detail.items()))]
    return hashlib.sha256(json.dumps(row, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
