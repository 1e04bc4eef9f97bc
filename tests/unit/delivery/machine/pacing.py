"""How fast it may go, as the platform sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from tests.unit.delivery.machine.server import LIMITS, Request
from tests.unit.delivery.machine.town import ROOMS, Town

SMALL = 1e-6
MANY = 5
"""So many requests in a row show how evenly they are spread."""


def limits(town: Town) -> None:
    """As the platform sees them. A new owner doesn't know what the last one sent, and begins slowly."""
    requests = town.server.requests
    for place, request in enumerate(requests):
        window = [r for r in requests[place : place + 40] if r.at < request.at + 1 - SMALL]
        others = len({r.owner for r in window}) - 1
        assert len(window) <= LIMITS.per_second + others, f"{len(window)} in the second from {request.at}"
    for owner in {request.owner for request in requests}:
        mine = [request for request in requests if request.owner == owner]
        by_chat: dict[str, list[Request]] = defaultdict(list)
        for request in mine:
            by_chat[request.chat].append(request)
            flying = [r for r in mine if r.at <= request.at < r.done_at]
            assert len(flying) <= LIMITS.in_flight, f"{len(flying)} in flight at {request.at}"
        # A timer that was late by a place in the row makes up for it, once.
        for one, two in zip(mine, mine[MANY:], strict=False):
            assert two.at >= one.at + (MANY - 1) / LIMITS.per_second - SMALL, f"a burst: {one} to {two}"
        _most(mine, LIMITS.per_second, 1)
        for chat, some in by_chat.items():
            _most(some, 1, 1 / LIMITS.per_chat_per_second)
            for one, two in pairwise(some):
                assert two.at >= one.done_at - SMALL, f"at once: {one} and {two}"
            if chat in ROOMS:
                _most(some, LIMITS.per_room_per_minute, 60)


def _most(requests: Sequence[Request], most: float, seconds: float) -> None:
    """No more of them than that may arrive within any so many seconds."""
    arrived = sorted(request.arrived_at for request in requests if request.arrived_at < float("inf"))
    for first, beyond in zip(arrived, arrived[int(most) :], strict=False):
        assert beyond >= first + seconds - SMALL, f"more than {most} within {seconds} s from {first}"
