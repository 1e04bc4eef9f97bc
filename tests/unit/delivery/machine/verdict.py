"""What must be true when everything has settled, and what must have been true all along."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.delivery.erase import UNSENT_LIFE
from bot.delivery.model import Delivery, Priority, State
from tests.unit.delivery.machine.pacing import SMALL, limits
from tests.unit.delivery.machine.server import Request, Told, row_of
from tests.unit.delivery.machine.town import Item, Town

BULK = {Priority.ANNOUNCEMENT, Priority.DIGEST}
ENDS = (State.HELD, State.GONE, State.REJECTED, State.UNSURE, State.DROPPED)
HARMLESS = (Told.DONE, Told.NOT_SENT)
PAUSES = 2.0
"""Seconds for which the engine still waits after a few faults of the database."""


async def judge(town: Town) -> None:
    """Raises `AssertionError` for whatever isn't as it must be."""
    requests: dict[int, list[Request]] = defaultdict(list)
    for request in town.server.requests:
        requests[request.row].append(request)
    rows = await town.rows()
    for row, chat in rows:
        if row.item is not None:
            _copy(town, row, chat, town.items[row.item - 1], requests[row.id])
    _nobody_is_missed(town, rows)
    _nobody_is_told_twice(town, requests)
    _answers_arrive(town, requests)
    _answers_overtake(town)
    _who_is_gone_is_left_alone(town)
    limits(town)


def _copy(town: Town, row: Delivery, chat: str, item: Item, requests: Sequence[Request]) -> None:
    """One recipient's copy: in one final state, with a reason for it, and what is held is what is shown."""
    says = f"copy {row.id} of {item} to {chat} is {row.state}: {requests}"
    state = State(row.state)
    sends = [request for request in requests if request.act == "send"]
    left = row.id in town.left_behind
    unknown = left or any(request.told is Told.NOTHING for request in requests)
    told = {request.told for request in requests}
    assert state in ENDS, says
    match state:
        case State.HELD:
            assert row.held_text is not None, says
            assert item.versions[row.held_text] == item.says, says
            shown = town.server.messages[row.ref[0]] if row.ref else None
            assert shown is not None, says
            assert (shown.chat, shown.text, shown.is_deleted) == (chat, item.says, False), says
        case State.UNSURE:
            assert unknown, says
        case State.REJECTED:
            moves = sum(request.told is Told.MOVED for request in requests)
            assert Told.REFUSED in told or moves or unknown, says
        case State.GONE:
            assert chat in town.was_gone or Told.GONE in town.told(chat), says
        case State.DROPPED:
            expired = item.expires_at is not None and item.expires_at <= town.clock.latest
            assert item.says is None or expired, says
            if not unknown and told <= {*HARMLESS, Told.MOVED}:
                there = [
                    message for message in town.server.messages.values() if row_of(message.key) == row.id
                ]
                assert all(message.is_deleted for message in there), says
    lost = [request for request in sends if request.told is Told.NOTHING]
    if lost and not town.server.keys and item.classes <= BULK:
        assert state is State.UNSURE, f"an unknown that nobody counts: {says}"


def _nobody_is_missed(town: Town, rows: Sequence[tuple[Delivery, str]]) -> None:
    has = {(row.item, chat) for row, chat in rows}
    assert len(has) == len([row for row, _ in rows if row.item is not None]), "two copies of one item"
    for item in town.items:
        for chat in item.to - town.erased:
            assert (item.number, chat) in has, f"{chat} has no copy of {item}"


def _nobody_is_told_twice(town: Town, requests: dict[int, list[Request]]) -> None:
    """Bulk rings once, whatever happens; with keys everything does. Elsewhere the rest is repeated once."""
    for key, times in town.server.arrivals.items():
        row = requests[row_of(key)]
        most = 1 if town.server.keys or town.classes(row[0].text) <= BULK else 2
        assert times <= most, f"{key} rang {times} times: {row}"
        if town.server.keys:
            texts = {request.text for request in row if request.key == key and request.took_effect}
            assert len(texts) == 1, f"one key, different words: {row}"


def _answers_arrive(town: Town, requests: dict[int, list[Request]]) -> None:
    """Unless something stood against it; and in the order in which they were written."""
    by_text: dict[str, list[Request]] = defaultdict(list)
    for request in town.server.requests:
        by_text[request.text].append(request)
    before: dict[str, tuple[object, list[Request]]] = {}
    for answer in town.answers:
        tries = by_text[answer.says]
        told = {request.told for request in tries}
        in_time = town.clock.latest < answer.due + UNSENT_LIFE - timedelta(minutes=1)
        left = answer.id in town.left_behind
        excused = answer.to in town.erased | town.was_gone or Told.GONE in town.told(answer.to)
        if tries and not left and told <= {*HARMLESS}:
            arrived = sum(request.told is Told.DONE for request in tries)
            assert arrived == 1 or (excused and not arrived), f"{answer}: {tries}"
        if not tries and in_time and not excused:
            assert answer.id in town.left_behind, f"{answer} was never sent"
        if answer.to in before and tries:
            due, others = before[answer.to]
            if others and due <= answer.due:  # type: ignore[operator]  # a moment
                assert others[-1].number < tries[0].number, f"{answer} overtook {others}"
        if tries:
            before[answer.to] = (answer.due, tries)


def _answers_overtake(town: Town) -> None:
    """Of what waits when somebody is answered, one message may just be leaving; no more go first."""
    by_text = {request.text: request for request in reversed(town.server.requests)}
    struck = [moment for process in town.processes for moment in process.faults_struck]
    for answer in town.answers:
        first = by_text.get(answer.says)
        if not answer.is_first_in_line or first is None or first.owner != answer.owner:
            continue
        if any(answer.at <= moment <= first.at for moment in town.clock.set_back):
            continue  # It isn't due any more.
        if any(answer.at - PAUSES <= moment <= first.at for moment in struck):
            continue  # What is marked already goes on; the answer can't be marked.
        between = [
            request
            for request in town.server.requests
            if request.at > answer.at + SMALL and request.number < first.number
            and request.act == "send" and Priority.REPLY not in town.classes(request.text)
        ]  # fmt: skip
        assert len(between) <= 1, f"{answer} waited for {between}"


def _who_is_gone_is_left_alone(town: Town) -> None:
    """Only an answer is tried, until an answer arrives or they come back."""
    gone: dict[str, Request] = {}
    for request in town.server.requests:
        chat = request.chat
        is_answer = request.act == "send" and Priority.REPLY in town.classes(request.text)
        told = gone.get(chat)
        if told is not None and not is_answer and told.owner == request.owner:
            is_back = any(told.done_at <= at <= request.at for at in town.came_back.get(chat, ()))
            assert is_back or told.row in town.left_behind, f"tried again after {told}: {request}"
        if request.told is Told.GONE:
            gone[chat] = request
        elif request.told is Told.DONE and is_answer:
            gone.pop(chat, None)
