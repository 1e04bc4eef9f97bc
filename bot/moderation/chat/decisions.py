"""Deciding in the chat: a step, a reason that names a house rule, and what came of it; or all at once by /decide."""

from __future__ import annotations

from bot.contract import Rich
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.dialogue.words import normal
from bot.language import Languages, M, Msg, N
from bot.moderation.chat.casework import CaseFace
from bot.moderation.chat.desk import MENU, explain, first, guarded
from bot.moderation.deciding import Done, Wanted
from bot.moderation.errors import ModerationError, OverError, TakenError
from bot.moderation.model import Case, CaseState, Standing
from bot.moderation.service import Moderation
from bot.moderation.words import CLAIM_WORDS, HAND_ON_WORDS, MUTE_DAYS, Step, step_name, step_words
from bot.posts.render import stacked

STEP = "case.reason"
CLAIM, HAND_ON = "claim", "hand_on"
EXAMPLE = "117"
"""The number of a case in the sentence that says how to decide, where no case is open."""
REASON_WORDS = 3
"""Fewer words after "mute" may be a part of how long: then the reason is asked for."""


class DecisionFace:
    """Registers the steps below a case, their reasons, and /decide."""

    def __init__(self, moderation: Moderation, cases: CaseFace, languages: Languages) -> None:
        self._moderation = moderation
        self._deciding = moderation.deciding
        self._rules = moderation.rules
        self._cases = cases
        self._words = _all_words(languages)

    def register(self, routes: Routes) -> None:
        # Translators: names of the moderators' command that decides at once ("/decide 117 hide 2"). / What it does.
        routes.command(
            "decide",
            M("moderation.command.decide"),
            M("moderation.command.decide.about"),
            self.command,
            in_menu=False,
        )
        routes.action("case.step", guarded(self.step))
        routes.action("case.why", guarded(self.why))
        routes.action("case.yes", guarded(self.confirm))
        routes.action("case.no", guarded(self.refuse))
        routes.form(STEP, self.reason)

    async def step(self, turn: Turn, parts: list[str]) -> None:
        """Which step; then why. "Unfounded" needs no reason."""
        case = await self._moderation.cases.seen(turn.session, turn.person, first(parts))
        wanted = _wanted(parts)
        await self._ask_or_decide(turn, case, wanted)

    async def why(self, turn: Turn, parts: list[str]) -> None:
        """The house rule, by its number; 0: other words."""
        case = await self._moderation.cases.seen(turn.session, turn.person, first(parts))
        wanted = _wanted(parts)
        rule = await self._rules.id_of(turn.session, number_in(parts[-1]) or 0)
        if rule is None:
            await self._check(turn, case, wanted.step)
            turn.expect(STEP, item=case.item_id, act=wanted.step, days=wanted.days)
            # Translators: asks a moderator for a reason in their own words; the author will read it.
            turn.say(M("moderation.reason.own"))
            return
        await self._decide(turn, case.item_id, Wanted(wanted.step, wanted.days, rule))

    async def reason(self, turn: Turn) -> None:
        """The reason in the moderator's own words."""
        data = turn.step.data if turn.step else {}
        if not turn.text:
            turn.say(M("moderation.needs_reason"))
            return
        wanted = Wanted(Step(data["act"]), int(data["days"]), words=turn.text)
        try:
            async with turn.session.begin_nested():
                await self._decide(turn, int(data["item"]), wanted)
        except ModerationError as fault:
            explain(turn, fault)

    async def confirm(self, turn: Turn, parts: list[str]) -> None:
        self._say(turn, await self._deciding.confirm(turn.session, turn.person, first(parts), yes=True))

    async def refuse(self, turn: Turn, parts: list[str]) -> None:
        done = await self._deciding.confirm(turn.session, turn.person, first(parts), yes=False)
        # Translators: to the second person: you did not confirm; the case is open again. {number}.
        turn.say(M("moderation.second.open_again", number=str(done.case.number)), buttons=MENU)

    async def command(self, turn: Turn, argument: str) -> None:
        """/decide 117 hide 2 · /decide 117 mute 7 2 · /decide 117 hide because …"""
        if not await self._moderation.cases.moderates(turn.session, turn.person):
            self._cases.no_role(turn)
            return
        number, _, rest = argument.strip().partition(" ")
        if number_in(normal(number)) is None:
            await self._how(turn)
            return
        word, _, more = rest.strip().partition(" ")
        act = self._words.get(normal(word))
        try:
            case = await self._moderation.cases.numbered(
                turn.session, turn.person, number_in(normal(number)) or 0
            )
            async with turn.session.begin_nested():
                await self._act(turn, case, act, more.strip())
        except ModerationError as fault:
            explain(turn, fault)

    async def _act(self, turn: Turn, case: Case, act: str | None, more: str) -> None:
        if act is None or (act == Step.MUTE and _no_such_days(more)):
            await self._how(turn, case)
        elif act == CLAIM:
            await self._cases.claim(turn, [str(case.item_id)])
        elif act == HAND_ON:
            await self._cases.hand_on(turn, [str(case.item_id)])
        else:
            await self._typed(turn, case, Step(act), more)

    async def _how(self, turn: Turn, case: Case | None = None) -> None:
        """How to write it, with the number of this case; where none was named, of one that is open."""
        waiting = [case] if case else await self._moderation.cases.open(turn.session, turn.person)
        number = str(waiting[0].number) if waiting else EXAMPLE
        # Translators: /decide was not understood: how to write it. {number}: of a case, which may follow.
        turn.say(M("moderation.decide.how", number=number), buttons=[] if case else MENU)
        if case is not None:
            await self._cases.show_case(turn, case)

    async def _typed(self, turn: Turn, case: Case, step: Step, more: str) -> None:
        words = more.split()
        days = 0
        if step is Step.MUTE and words and (days := number_in(normal(words[0])) or 0):
            words.pop(0)  # the first number is how long; only another one is the rule
        rule = await self._rules.id_of(turn.session, number_in(words[0]) or 0) if len(words) == 1 else None
        if rule is not None:
            wanted = Wanted(step, days, rule)
        elif _is_reason(step, words):
            wanted = Wanted(step, days, words=" ".join(words))
        else:
            wanted = Wanted(step, days)
        await self._ask_or_decide(turn, case, wanted)

    async def _ask_or_decide(self, turn: Turn, case: Case, wanted: Wanted) -> None:
        if wanted.step is Step.DISMISS or wanted.rule or wanted.words:
            await self._decide(turn, case.item_id, wanted)
            return
        await self._check(turn, case, wanted.step)
        value = f"case.why:{case.item_id}.{wanted.step}.{wanted.days}"
        named = await self._rules.named(turn.session, turn.render)
        rows = [[Button(name, f"{value}.{place}")] for place, name in enumerate(named, start=1)]
        # Translators: a moderator chose a step: why? House rules follow as choices. {step}, {number}: of the case. /
        # Button: another reason, in own words.
        turn.say(
            M("moderation.why", step=step_name(wanted.step, wanted.days), number=str(case.number)),
            buttons=[*rows, [Button(M("moderation.button.other_reason"), f"{value}.0")]],
        )

    async def _check(self, turn: Turn, case: Case, step: Step) -> None:
        """Before anything is asked: is this theirs to decide, and is it open?"""
        await self._deciding.may(turn.session, turn.person, case, step)
        if case.state in (CaseState.DECIDED, CaseState.DISMISSED, CaseState.VOID):
            raise OverError
        if case.state == CaseState.SECOND:
            raise TakenError

    async def _decide(self, turn: Turn, item: int, wanted: Wanted) -> None:
        done = await self._deciding.decide(turn.session, turn.person, item, wanted)
        turn.leave()
        self._say(turn, done)

    def _say(self, turn: Turn, done: Done) -> None:
        turn.say(*_told(turn, done), buttons=MENU)


def _no_such_days(more: str) -> bool:
    """Whether what follows "mute" begins with a number that is none of its days."""
    begins = normal(more).split()[:1]
    return bool(begins) and begins[0][0].isdigit() and number_in(begins[0]) not in MUTE_DAYS


def _is_reason(step: Step, words: list[str]) -> bool:
    """Whether these are surely a reason in own words, which the author will read. "mute 7 days" has none."""
    if not words or number_in(words[0]) is not None:
        return False
    return step is not Step.MUTE or len(words) >= REASON_WORDS


def _told(turn: Turn, done: Done) -> list[Rich | Msg]:
    """What came of it, to whoever decided."""
    case, decision = done.case, done.decision
    number = str(case.number)
    step = step_name(decision.step, decision.days)
    if decision.state == Standing.PROPOSED:
        # Translators: to a moderator: the exclusion waits for a second person. {n}: how many were asked. {number}.
        return [N("moderation.second.waits", done.asked, number=number)]
    if decision.step == Step.DISMISS:
        # Translators: to a moderator: the report was unfounded; the reporters are told. {number}.
        return [M("moderation.done.dismissed", number=number)]
    # Translators: to a moderator: it is decided. {step}: what; {number}: of the case.
    lines: list[Msg] = [M("moderation.done.decided", number=number, step=step)]
    if done.held or done.overwritten:
        # Translators: how many copies were taken back; {n} copies.
        lines.append(N("moderation.done.hidden", done.held))
    if done.overwritten:
        # Translators: {n} copies are too old to be deleted; they are overwritten with a notice.
        lines.append(N("posts.overwritten", done.overwritten))
    # Translators: the author and the reporters are told, at night only in the morning.
    lines.append(M("moderation.done.told"))
    return [stacked(turn.render, lines)]


def _wanted(parts: list[str]) -> Wanted:
    """Step and days of "item.step.days…"; a forged one is "unfounded" for nobody: it raises."""
    step = parts[1] if len(parts) > 1 else ""
    if step not in tuple(Step):
        raise OverError
    return Wanted(Step(step), number_in(parts[2]) or 0 if len(parts) > 2 else 0)


def _all_words(languages: Languages) -> dict[str, str]:
    """What one may type for each act, in every language at once."""
    acts: dict[str, Msg] = {step.value: words for step, words in step_words().items()}
    acts |= {CLAIM: CLAIM_WORDS, HAND_ON: HAND_ON_WORDS}
    found: dict[str, str] = {act: act for act in acts}
    for tag in languages.tags():
        render = languages.renderer(tag)
        for act, words in acts.items():
            for word in render.text(words).split(","):
                found.setdefault(normal(word), act)
    return found
