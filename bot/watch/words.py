"""What coordinators read: what happened, what it means, what to do. They don't look after the machine."""

from __future__ import annotations

from datetime import datetime

from bot.language import M, Msg, N, Name
from bot.watch.trouble import Kind, Trouble

_BRANDS = {"web": "Web"}


def begins(trouble: Trouble) -> list[Msg]:
    """What is said when it begins."""
    said = [_begins(trouble)]
    if trouble.detail:
        # Translators: below a trouble's message: technical words to hand on. {detail}: for instance "34 MB free".
        said.append(M("watch.pass_on", detail=Name(f"{trouble.code}, {trouble.detail}")))
    return said


def _begins(trouble: Trouble) -> Msg:
    platform = Name(named(trouble.subject))
    match trouble.kind:
        case Kind.PLATFORM:
            # Translators: a messenger ({platform}) hasn't been reachable since {since}. Nothing is lost.
            return M("watch.platform", platform=platform, since=trouble.since)
        case Kind.LOGIN:
            # Translators: the messenger refuses the bot's login (its token is no longer valid). Doesn't end by itself.
            return M("watch.login", platform=platform)
        case Kind.DISK_LOW:
            # Translators: the machine's disk has little room left.
            return M("watch.disk_low")
        case Kind.DISK_FULL:
            # Translators: the disk is full: the bot can store nothing, so it can't answer.
            return M("watch.disk_full")
        case Kind.QUEUE:
            # Translators: messages wait to be sent since {since}, though the messenger is there.
            return M("watch.queue", platform=platform, since=trouble.since)
        case Kind.INBOX:
            # Translators: what people wrote to the bot waits since {since} to be answered.
            return M("watch.inbox", platform=platform, since=trouble.since)
        case Kind.JOB:
            # Translators: something the bot does by itself (sending what is due, tidying up) fails since {since}.
            return M("watch.job", since=trouble.since)


def is_over(trouble: Trouble) -> Msg:
    """What is said when it is over."""
    platform = Name(named(trouble.subject))
    match trouble.kind:
        case Kind.PLATFORM | Kind.LOGIN:
            # Translators: the messenger is reachable again; what waited is being sent.
            return M("watch.over.platform", platform=platform)
        case Kind.DISK_LOW | Kind.DISK_FULL:
            # Translators: the disk has room again.
            return M("watch.over.disk")
        case Kind.QUEUE | Kind.INBOX:
            # Translators: nothing waits too long any more.
            return M("watch.over.queue", platform=platform)
        case Kind.JOB:
            # Translators: what failed works again.
            return M("watch.over.job")


def restored(taken_at: datetime, drafts: int) -> list[Msg]:
    """What is said when a backup was put back."""
    # Translators: a backup was put back. {moment}: what people did after it is gone.
    said = [M("watch.restored", moment=taken_at)]
    if drafts:
        # Translators: below it. {n} announcements were due since; they are drafts again, because nobody knows
        # whether they went out.
        said.append(N("watch.restored.drafts", drafts))
    return said


def named(platform: str) -> str:
    """A platform as people write it."""
    return _BRANDS.get(platform, platform.capitalize())
