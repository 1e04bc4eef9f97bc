"""A case as those see it who decide: what was written, what stood around it, what is proposed. Never who reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.contract import Choice, Rich
from bot.language import M, Msg, N, Name, Renderer, join, user_rich
from bot.moderation.model import Case, CaseState, Decision, Report
from bot.moderation.words import HARMLESS, MUTE_DAYS, Reason, Step, reason_name, step_name

_FIRST_STEPS = {
    Reason.INSULT: Step.HINT,
    Reason.HATE: Step.HIDE,
    Reason.DANGER: Step.HIDE,
    Reason.SPAM: Step.HIDE,
    Reason.PRIVATE: Step.HIDE,
    Reason.OTHER: Step.HINT,
}
_NEXT_STEPS = {Step.HINT: Step.WARN, Step.HIDE: Step.MUTE}
"""What is suggested where something was decided about this author before."""


@dataclass(frozen=True, slots=True)
class Casefile:
    """Everything about a case that a juror may know."""

    case: Case
    reports: Sequence[Report]
    before: int
    """Decisions about this author before. A number, no profile."""
    decision: Decision | None
    """The last one."""
    reason: str = ""
    """Why, in the reader's language; empty where nothing is decided."""

    @property
    def reasons(self) -> list[Reason]:
        """Why it was reported; the most frequent first."""
        counted = Counter(Reason(report.reason) for report in self.reports)
        return [reason for reason, _ in counted.most_common()]

    @property
    def suggested(self) -> Step:
        first = _FIRST_STEPS[self.reasons[0]] if self.reports else Step.HINT
        return _NEXT_STEPS[first] if self.before else first


def case_rich(render: Renderer, file: Casefile, person: int, *, coordinates: bool) -> Rich:
    """The whole case for one juror."""
    return join(
        case_head(render, file),
        content_rich(render, file.case.snapshot),
        *(_note(render, report.words) for report in file.reports if report.words),
        *(render.rich(said) for said in (*_proposal(file, coordinates), *_standing(file, person))),
    )


def case_head(render: Renderer, file: Casefile) -> Rich:
    """Number, reasons, how many reports, since when; that it is urgent comes first."""
    case = file.case
    # Translators: first line of a case for moderators. {number}: of the case; {reasons}: one or several; {n}: how many
    # reports; {at}: since when.
    head = N(
        "moderation.case.head",
        len(file.reports),
        number=str(case.number),
        reasons=tuple(reason_name(reason) for reason in file.reasons) or "–",
        at=case.created_at,
    )
    # Translators: above an urgent case: somebody may be in danger.
    return join(render.rich(M("moderation.case.urgent")) if case.urgent else (), render.rich(head))


def content_rich(render: Renderer, snapshot: dict[str, object]) -> Rich:
    """What was reported, and what stood around it."""
    if not snapshot:
        # Translators: in a case: the content was erased, because time is over or its author left.
        return render.rich(M("moderation.case.erased"))
    at = datetime.fromisoformat(str(snapshot["at"]))
    # Translators: above what was reported, by what it is. {at}: when it was written.
    kinds = {
        "post": M("moderation.case.post", at=at),
        "question": M("moderation.case.question", at=at),
        "answer": M("moderation.case.answer", at=at),
    }
    words = "\n".join(str(part) for part in (snapshot.get("title"), snapshot.get("text")) if part)
    parts = [render.rich(kinds[str(snapshot["kind"])]), user_rich(f"„{words}“")]
    if snapshot.get("about"):
        # Translators: above the announcement that a reported question or answer is about.
        parts += [render.rich(M("moderation.case.about")), user_rich(str(snapshot["about"])[:600])]
    around = snapshot.get("around")
    if isinstance(around, list) and len(around) > 1:
        # Translators: above the messages before and after a reported one.
        parts.append(render.rich(M("moderation.case.around")))
        parts += [_line(render, one) for one in around]
    return join(*parts)


def case_choices(render: Renderer, file: Casefile, *, decides: bool, coordinates: bool) -> list[Choice]:
    """What one juror may do, always in this order: "117 3" is the third."""
    case = file.case
    if not decides or case.state not in (CaseState.OPEN, CaseState.SECOND):
        return []
    if case.state == CaseState.SECOND:
        number = file.decision.id if file.decision is not None else 0
        # Translators: buttons for the second person: confirm the exclusion / don't exclude.
        return [
            Choice(render.text(M("moderation.button.confirm")), f"case.yes:{number}"),
            Choice(render.text(M("moderation.button.refuse")), f"case.no:{number}"),
        ]
    # Translators: button: I look after this case.
    claim = Choice(render.text(M("moderation.button.claim")), f"case.claim:{case.item_id}")
    if case.official and not coordinates:
        return [claim, *_steps(render, case, (Step.HINT, Step.DISMISS)), _hand_on(render, case)]
    # Translators: button: more choices about a case.
    more = Choice(render.text(M("moderation.button.more")), f"case.more:{case.item_id}")
    if case.author is None:
        return [claim, *_steps(render, case, (Step.HIDE, Step.DISMISS))]
    steps = (Step.HINT, Step.HIDE, Step.WARN, Step.MUTE, Step.DISMISS)
    return [claim, *_steps(render, case, steps), more]


def more_choices(render: Renderer, case: Case, *, coordinates: bool) -> list[Choice]:
    """The rarer ones."""
    mutes = [_step(render, case, Step.MUTE, days) for days in MUTE_DAYS if days != MUTE_DAYS[1]]
    found = [*mutes, _step(render, case, Step.EXCLUDE)]
    return found if coordinates else [*found, _hand_on(render, case)]


def _hand_on(render: Renderer, case: Case) -> Choice:
    # Translators: button: hand the case on to the coordinator.
    return Choice(render.text(M("moderation.button.hand_on")), f"case.on:{case.item_id}")


def _steps(render: Renderer, case: Case, steps: Sequence[Step]) -> list[Choice]:
    return [_step(render, case, step) for step in steps]


def _step(render: Renderer, case: Case, step: Step, days: int | None = None) -> Choice:
    days = days or (MUTE_DAYS[1] if step is Step.MUTE else 0)
    return Choice(render.text(step_name(step, days)), f"case.step:{case.item_id}.{step}.{days}")


def _note(render: Renderer, words: str) -> Rich:
    # Translators: above what somebody wrote who reported something.
    return render.rich(M("moderation.case.note")) + user_rich(words)


def _line(render: Renderer, one: dict[str, Any]) -> Rich:
    if one["this"] == "True":
        # Translators: in the list of messages: here stands the reported one.
        return render.rich(M("moderation.case.here"))
    said = Name(str(one["text"]))
    # Translators: one message of the conversation around a reported one: a question, an answer. {words}: what it says.
    if one["kind"] == "question":
        return render.rich(M("moderation.case.asked", words=said))
    return render.rich(M("moderation.case.answered", words=said))


def _proposal(file: Casefile, coordinates: bool) -> list[Msg]:
    case = file.case
    said: list[Msg] = []
    if case.official:
        # Translators: in a case: the message is official, so only the coordinator may hide it. / The same to the
        # coordinator, who may.
        said.append(M("moderation.case.official_yours") if coordinates else M("moderation.case.official"))
    if case.author is not None:
        # Translators: in a case: how many decisions there were about its author before; 0 is possible.
        said.append(N("moderation.case.before", file.before))
    if case.state == CaseState.OPEN:
        # Translators: in a case: what the bot would suggest. {step}: a step's name. A human decides.
        said.append(M("moderation.case.suggested", step=_suggested(file, coordinates)))
    return said


def _suggested(file: Casefile, coordinates: bool) -> Msg:
    """Only what this person can do."""
    if file.case.official and not coordinates and file.suggested not in HARMLESS:
        return M("moderation.button.hand_on")
    return step_name(file.suggested)


def _standing(file: Casefile, person: int) -> list[Msg]:
    case, decision = file.case, file.decision
    if case.state == CaseState.OPEN:
        if case.claimed_by is None:
            return []
        if case.claimed_by == person:
            # Translators: at the end of a case: you look after it.
            return [M("moderation.case.yours")]
        # Translators: at the end of a case: somebody else looks after it. Never named.
        return [M("moderation.case.claimed")]
    return [standing(case, decision, file.reason)]


def standing(case: Case, decision: Decision | None, reason: str = "") -> Msg:
    """Where a case stands, in one sentence."""
    # Translators: where a case stands: nobody looked yet; somebody looks after it; the report was unfounded; what it
    # was about is gone.
    plain = {
        CaseState.OPEN: M("moderation.state.open")
        if case.claimed_by is None
        else M("moderation.state.claimed"),
        CaseState.DISMISSED: M("moderation.state.dismissed"),
        CaseState.VOID: M("moderation.state.void"),
    }.get(CaseState(case.state))
    if plain is not None or decision is None:
        return plain or M("moderation.state.open")
    step = step_name(decision.step, decision.days)
    if case.state == CaseState.SECOND:
        # Translators: where a case stands: a step is proposed and needs a second person. {step}, {reason}.
        return M("moderation.state.second", step=step, reason=Name(reason))
    if decision.state == "overturned":
        # Translators: where a case stands: the decision was overturned after an appeal. {step}: what it had been.
        return M("moderation.state.overturned", step=step)
    # Translators: where a case stands: decided. {step}: what; {reason}: why.
    return M("moderation.state.decided", step=step, reason=Name(reason))
