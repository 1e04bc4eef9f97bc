"""Carries out one job on the platform, and puts what came of it into our words. It begins no transaction of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.contract import (
    AddressMoved,
    Platform,
    PlatformDown,
    PlatformError,
    RateLimited,
    RecipientGone,
    Ref,
    Rejected,
    Unsure,
)
from bot.delivery.job import MAX_MOVES, Act, Fate, Job, Outcome, after_unsure, returned
from bot.ports import Remains

log = logging.getLogger(__name__)

_SUCCESS = (Fate.HELD, Fate.TAKEN_BACK)


async def carry(platform: Platform, job: Job, patience: float) -> tuple[Outcome, PlatformError | None]:
    """The outcome, and the platform's complaint if it had one. `patience`: seconds until an answer counts as lost."""
    try:
        async with asyncio.timeout(patience):
            ref = await _request(platform, job)
    except TimeoutError:
        return _complaint(platform, job, Unsure("no answer in time"))
    except PlatformError as complaint:
        return _complaint(platform, job, complaint)
    except Exception as fault:
        # A fault of the adapter. It may have struck after the message had left, so the message counts as unsure.
        log.error("%s: %s failed with %s", platform.name, job.act, type(fault).__name__)  # noqa: TRY400 - its words may quote the message
        return _complaint(platform, job, Unsure("the adapter failed"))
    return Outcome(job, Fate.TAKEN_BACK if job.act is Act.DELETE else Fate.HELD, ref), None


async def with_remains(platform: Platform, outcome: Outcome) -> Outcome:
    """An outcome that is no success, with what is out all the same: so it can be taken back, or completed."""
    job = outcome.job
    if outcome.fate in _SUCCESS or not _has_parts(job) or not isinstance(platform, Remains):
        return outcome
    try:
        ref = await platform.remains(job.key)
    except Exception as fault:
        log.error("%s: nobody knows what is out of a message (%s)", platform.name, type(fault).__name__)  # noqa: TRY400 - as above
        return outcome
    return replace(outcome, ref=ref) if ref else outcome


async def with_all_remains(platform: Platform, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same of all that a former owner left under way, asked for in one go."""
    if not outcomes or not isinstance(platform, Remains):
        return list(outcomes)
    try:
        out = await platform.all_remains()
    except Exception as fault:
        log.error("%s: nobody knows what is out of messages (%s)", platform.name, type(fault).__name__)  # noqa: TRY400 - as above
        return list(outcomes)
    return [replace(outcome, ref=out.get(outcome.job.key, ())) for outcome in outcomes]


async def settle_remains(platform: Platform, outcomes: Sequence[Outcome]) -> None:
    """These are stored, with what is out all the same: the platform need note it no longer.

    A note that stays does no harm: what comes next has a key of its own.
    """
    if not isinstance(platform, Remains):
        return
    for outcome in outcomes:
        if outcome.ref and outcome.fate not in _SUCCESS:
            try:
                await platform.settle_remains(outcome.job.key)
            except Exception as fault:
                log.warning("%s: a note stays (%s)", platform.name, type(fault).__name__)


def _has_parts(job: Job) -> bool:
    """Whether some of it may be out while the rest is not."""
    if job.ref and job.text is None:
        return False  # a deletion leaves nothing new
    if job.message is None:
        return True  # its owner died: nobody knows any more
    if job.act is Act.SEND:
        return job.parts > 1
    return job.completes or job.parts > 1 or len(job.ref) > 1 or bool(job.message.attachments)


async def _request(platform: Platform, job: Job) -> Ref:
    if job.message is None:
        await platform.delete(job.address, job.ref, job.key)
        return ()
    if job.act is Act.EDIT:
        return await platform.edit(job.address, job.ref, job.message, job.key)
    return await platform.send(job.address, job.message, job.key)


def _complaint(platform: Platform, job: Job, complaint: PlatformError) -> tuple[Outcome, PlatformError]:
    return judge(job, complaint, knows_keys=platform.capabilities.idempotent_sends), complaint


def judge(job: Job, complaint: PlatformError, *, knows_keys: bool) -> Outcome:
    """What a complaint means for the copy."""
    match complaint:
        case RecipientGone():
            return Outcome(job, Fate.GONE)
        case Rejected():
            return Outcome(job, Fate.REJECTED)
        case AddressMoved() if job.moves >= MAX_MOVES:
            return Outcome(job, Fate.REJECTED, moved_to=complaint.new)
        case AddressMoved():
            return replace(returned(job, knows_keys=knows_keys), moved_to=complaint.new)
        case RateLimited() | PlatformDown():
            return returned(job, knows_keys=knows_keys)
        case _:
            return after_unsure(job, knows_keys=knows_keys)
