"""The face of questions in the chat: answering an announcement asks its Treffpunkt, answering that question replies."""

from __future__ import annotations

from bot.delivery.refs import item_of
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.items.guard import SilencedError
from bot.language import M, Name, strip_controls
from bot.quartiere.service import Quartiere
from bot.questions.model import Direction, Message
from bot.questions.service import MAX_TEXT, Questions


class QuestionsDialogue:
    """Registers replies, the buttons below announcements and questions, and their steps."""

    def __init__(self, questions: Questions, quartiere: Quartiere) -> None:
        self._questions = questions
        self._quartiere = quartiere

    def register(self, routes: Routes) -> None:
        routes.replies.append(self.replied)
        routes.action("ask", self.begin_ask)
        routes.action("ask-on", self.begin_ask_on)
        routes.action("answer", self.begin_answer)
        routes.form("question.ask", self.asked, unsent=True)
        routes.form("question.answer", self.answered, unsent=True)

    async def replied(self, turn: Turn) -> bool:
        """Somebody answered one of our messages: about an announcement, a question, or an answer?"""
        item = await item_of(turn.session, turn.chat_id, turn.event.reply_to)
        if item is None:
            return False
        message = await self._questions.message(turn.session, item)
        if message is None and not (
            await self._questions.about(turn.session, item)
            or await self._questions.has_run_out(turn.session, item)
        ):
            return False
        if not _words(turn):
            # Translators: a question needs words; a picture alone can't be passed on.
            turn.say(M("questions.words_only"))
        elif message is None:
            await self._ask(turn, item)
        elif message.direction == Direction.QUESTION:
            await self._answer(turn, message)
        else:
            await self._ask(turn, message.about or 0, after=message.item_id)
        return True

    async def begin_ask(self, turn: Turn, argument: str) -> None:
        """The button below an announcement."""
        item = number_in(argument) or 0
        found = await self._questions.about(turn.session, item)
        if found is None:
            # Translators: the announcement is gone, so it can't be asked about.
            turn.say(M("questions.too_late"))
            return
        if await self._silenced(turn):
            return
        turn.expect("question.ask", about=item)
        # Translators: asks for the question's words. {title}: of the announcement.
        turn.say(M("questions.what", title=Name(found[0])))

    async def begin_ask_on(self, turn: Turn, argument: str) -> None:
        """The button below an answer."""
        message = await self._questions.message(turn.session, number_in(argument) or 0)
        if message is None or message.about is None or message.asker != turn.person:
            turn.say(M("questions.too_late"))
            return
        if await self._silenced(turn):
            return
        turn.expect("question.ask", about=message.about, after=message.item_id)
        # Translators: the reader wants to ask on after an answer.
        turn.say(M("questions.what_else"))

    async def begin_answer(self, turn: Turn, argument: str) -> None:
        """The button below a question, for staff."""
        question = await self._questions.open_to(turn.session, turn.person, number_in(argument) or 0)
        if question is None:
            _say_gone(turn)
            return
        if await self._silenced(turn):
            return
        turn.expect("question.answer", question=question.item_id)
        if await self._questions.answered(turn.session, question.item_id):
            # Translators: somebody of the team answered this already; one may add something.
            turn.say(M("questions.answered_already"))
        else:
            # Translators: asks staff for the answer's words.
            turn.say(M("questions.your_answer"))

    async def asked(self, turn: Turn) -> None:
        """The question's words, typed in the form."""
        data = turn.step.data if turn.step else {}
        if not _words(turn):
            turn.say(M("questions.words_only"))
            return
        turn.leave()
        await self._ask(turn, int(data["about"]), after=data.get("after"))

    async def answered(self, turn: Turn) -> None:
        """The answer's words, typed in the form."""
        data = turn.step.data if turn.step else {}
        question = await self._questions.open_to(turn.session, turn.person, int(data["question"]))
        if question is None:
            turn.leave()
            _say_gone(turn)
            return
        if not _words(turn):
            turn.say(M("questions.words_only"))
            return
        turn.leave()
        await self._answer(turn, question)

    async def _ask(self, turn: Turn, about: int, after: int | None = None) -> None:
        if await self._too_long(turn):
            return
        if await self._questions.has_run_out(turn.session, about):
            turn.say(M("questions.too_late"))
            return
        try:
            asked = await self._questions.ask(
                turn.session,
                turn.person,
                turn.language,
                turn.text,
                about=about,
                zone=turn.render.zone,
                after=after,
            )
        except SilencedError as fault:
            turn.say(fault.silence.said(), buttons=[[Button(M("common.menu"), "menu:")]])
            return
        if asked.neighbour:
            # Translators: the answer to a resident's post is on its way to its author, without names or numbers.
            turn.say(M("questions.sent_neighbour"))
            return
        name, phone = await self._speaks(turn, asked.treffpunkt)
        if asked.reached:
            # Translators: the question is on its way, without a name. {place}: the Treffpunkt. {phone}: its number.
            said = [M("questions.sent", place=Name(name), phone=Name(phone))]
            if asked.rests_until is not None:
                # Translators: below it, at night: from which time of day on the team reads it. {clock}: the time.
                clock = asked.rests_until.astimezone(turn.render.zone).time()
                said.append(M("questions.rests", clock=clock))
            turn.say(*said)
        else:
            # Translators: nobody reads questions there at present; call instead.
            turn.say(M("questions.nobody", place=Name(name), phone=Name(phone)))

    async def _answer(self, turn: Turn, question: Message) -> None:
        if await self._too_long(turn):
            return
        place = await self._in_name_of(turn, question)
        try:
            reached = await self._questions.answer(
                turn.session,
                turn.person,
                question,
                turn.text,
                place,
                zone=turn.render.zone,
            )
        except PermissionError:
            # Translators: only staff of that Treffpunkt may answer.
            turn.say(M("questions.not_yours"))
            return
        except SilencedError as fault:
            turn.say(fault.silence.said(), buttons=[[Button(M("common.menu"), "menu:")]])
            return
        # Translators: the answer is on its way. / The asker has left, so the answer reaches nobody.
        turn.say(M("questions.answer_sent") if reached else M("questions.asker_gone"))

    async def _in_name_of(self, turn: Turn, question: Message) -> str:
        """The Treffpunkt's name, or an organisation's; "" for a neighbour."""
        own = await self._questions.for_whom(turn.session, question, turn.person)
        if own is None:
            return (await self._speaks(turn, question.treffpunkt))[0]
        if own.organisation is None:
            return ""
        organisation = await self._quartiere.organisation(turn.session, own.organisation)
        return organisation.name if organisation else ""

    async def _speaks(self, turn: Turn, treffpunkt: int | None) -> tuple[str, str]:
        """Name and phone of the Treffpunkt; of the city's contact where there is none, or no phone."""
        place = await self._quartiere.treffpunkt(turn.session, treffpunkt) if treffpunkt else None
        city = await self._quartiere.city(turn.session)
        if city is None:
            raise LookupError("no city is loaded")
        contact = city.facts.contact
        return (place.name if place else contact.name), ((place.phone if place else "") or contact.phone)

    async def _silenced(self, turn: Turn) -> bool:
        """Say so before they type anything."""
        try:
            await self._questions.may_speak(turn.session, turn.person)
        except SilencedError as fault:
            turn.leave()
            turn.say(fault.silence.said(), buttons=[[Button(M("common.menu"), "menu:")]])
            return True
        return False

    async def _too_long(self, turn: Turn) -> bool:
        if len(turn.text) <= MAX_TEXT:
            return False
        # Translators: the text is too long. {limit}: how many characters are possible.
        turn.say(M("questions.too_long", limit=MAX_TEXT), buttons=[[Button(M("common.menu"), "menu:")]])
        return True


def _say_gone(turn: Turn) -> None:
    # Translators: staff want to answer a question that was erased, or that is not theirs to answer.
    turn.say(M("questions.gone"), buttons=[[Button(M("common.menu"), "menu:")]])


def _words(turn: Turn) -> str:
    return strip_controls(turn.text).strip()
