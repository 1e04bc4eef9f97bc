"""/offers: staff see the next dates of their offers, and call one off (or on again) by a tap.

Everything a step needs stands in the choice's value or in the conversation's row: a restart in between changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import M, Msg, N, Name, strip_controls
from bot.offers.service import AlreadySoError, Offers
from bot.posts.errors import MutedError, NotAllowedError, TooLateError, WrongStateError
from bot.posts.rights import CITY
from bot.quartiere.model import WHOLE_CITY
from bot.quartiere.occurrences import Occurrence
from bot.quartiere.render import offer_rich, title_of
from bot.quartiere.service import NoSuchOccurrenceError, Quartiere

MANY = 10
"""From this many dates on they are shown week by week."""
MAX_REASON = 200
"""Characters."""
MINE, THE_CITY = "mine", "city"
"""Whose dates a list shows, in a choice's value: all of mine, the city's own, else the id of a Treffpunkt."""
WEEK = timedelta(days=7)


class OffersDialogue:
    """The face of offers for staff."""

    def __init__(self, offers: Offers, quartiere: Quartiere) -> None:
        self._offers = offers
        self._quartiere = quartiere

    def register(self, routes: Routes) -> None:
        # Translators: names of the staff's command for recurring offers, comma-separated. / What it does.
        routes.command(
            "offers", M("offers.command.offers"), M("offers.command.offers.about"), self.begin, in_menu=False
        )
        routes.action("offers", self.open)
        routes.action("offer", self.show)
        routes.action("offer.off", self.ask_reason)
        routes.action("offer.off-now", self.call_off_silently)
        routes.action("offer.on", self.takes_place)
        routes.action("offer.undo", self.undo)
        routes.form("offers.reason", self.typed_reason, back=self.back)
        routes.undoable(self.halt, words=M("posts.words.halt"), remind=self.remind)

    # --- lists -------------------------------------------------------------------------------------------

    async def begin(self, turn: Turn, argument: str) -> None:
        """The dates of one's own Treffpunkte; the coordinator chooses a Treffpunkt first."""
        turn.leave()
        scopes = await self._offers.scopes(turn.session, turn.person)
        if not scopes:
            # Translators: /offers typed by somebody who is no staff. Friendly; how to become staff: a code for /role.
            turn.say(M("offers.not_staff"), buttons=_menu())
        elif CITY in scopes:
            places = {place.id: place.name for place in await self._quartiere.treffpunkte(turn.session)}
            rows = [[Button(places[scope], f"offers:{scope}:0")] for scope in scopes if scope is not CITY]
            if await self._offers.coming(turn.session, turn.person, CITY):
                # Translators: button: offers of the city itself, not of one Treffpunkt.
                rows.append([Button(M("offers.button.city"), f"offers:{THE_CITY}:0")])
            # Translators: the coordinator chooses a Treffpunkt.
            turn.say(M("offers.which_place"), buttons=rows)
        else:
            await self._list(turn, MINE, 0)

    async def open(self, turn: Turn, argument: str) -> None:
        """A list, as a choice names it: "mine:0", "12:1"."""
        turn.leave()
        scope, _, week = argument.partition(":")
        try:
            await self._list(turn, scope, 1 if week == "1" else 0)
        except NotAllowedError:
            _say_not_yours(turn)

    async def _list(self, turn: Turn, scope: str, week: int) -> None:
        scopes = await self._offers.scopes(turn.session, turn.person) if scope == MINE else [_place(scope)]
        if not scopes:
            raise NotAllowedError
        found = [one for each in scopes for one in await self._offers.coming(turn.session, turn.person, each)]
        found.sort(key=lambda one: one.starts_at)
        if not found:
            # Translators: no offer takes place in the next 14 days.
            turn.say(M("offers.none"), buttons=_menu())
            return
        second = turn.now.astimezone(turn.render.zone).date() + WEEK
        paged = len(found) > MANY
        shown = [one for one in found if (one.day >= second) == bool(week)] if paged else found
        rows = [[_date_button(turn, one)] for one in shown]
        if paged:
            # Translators: button: the dates of the week after. / Of the week before.
            other = M("offers.button.sooner") if week else M("offers.button.later")
            rows.append([Button(other, f"offers:{scope}:{1 - week}")])
        # Translators: above the dates of offers, each a button: tap one to call it off, or on again.
        turn.say(M("offers.pick"), buttons=rows)

    # --- one date ----------------------------------------------------------------------------------------

    async def show(self, turn: Turn, argument: str) -> None:
        """One date, with what can be done about it."""
        turn.leave()
        found = await self._found(turn, argument)
        if found is not None:
            # Translators: button: this date is called off. / It takes place after all.
            act = (
                Button(M("offers.button.on"), f"offer.on:{_named(found)}")
                if found.cancelled
                else Button(M("offers.button.off"), f"offer.off:{_named(found)}")
            )
            turn.say(offer_rich(turn.render, found), buttons=[[act], [_to_list(found)]])

    async def ask_reason(self, turn: Turn, argument: str) -> None:
        """[Fällt aus]: asks once why; it may be left out."""
        turn.leave()
        found = await self._found(turn, argument)
        if found is None:
            return
        if found.cancelled:
            _say_already(turn, found)
            return
        try:
            await self._offers.may_speak(turn.session, turn.person)
        except MutedError as fault:
            _say_muted(turn, fault)
            return
        turn.expect("offers.reason", date=_named(found))
        # Translators: asks for the reason, which everybody can read. {title}: the offer, {day}: weekday and date.
        # Translators: button: without a reason.
        turn.say(
            M("offers.why", title=title_of(turn.render, found), day=found.day),
            buttons=[[Button(M("offers.button.no_reason"), f"offer.off-now:{_named(found)}")]],
        )

    async def typed_reason(self, turn: Turn) -> None:
        """The reason's words."""
        data = turn.step.data if turn.step else {}
        reason = " ".join(strip_controls(turn.text).split())
        if turn.event.attachments or not reason:
            # Translators: a reason needs words; a picture can't be passed on here.
            turn.say(M("offers.words_only"))
        elif len(reason) > MAX_REASON:
            # Translators: the reason is too long. {limit}: characters.
            turn.say(M("offers.too_long", limit=MAX_REASON))
        else:
            turn.leave()
            await self._call_off(turn, data["date"], reason)

    async def call_off_silently(self, turn: Turn, argument: str) -> None:
        """[Ohne Grund]."""
        turn.leave()
        await self._call_off(turn, argument, "")

    async def back(self, turn: Turn) -> None:
        """ZURÜCK while a reason is asked for: the date again."""
        data = turn.step.data if turn.step else {}
        await self.show(turn, data["date"])

    async def takes_place(self, turn: Turn, argument: str) -> None:
        """[Findet doch statt]."""
        turn.leave()
        found = await self._found(turn, argument)
        if found is None:
            return
        try:
            back = await self._offers.takes_place(turn.session, turn.person, found.offer, found.day)
        except AlreadySoError:
            _say_already(turn, found)
        except TooLateError:
            _say_over(turn)
        except MutedError as fault:
            _say_muted(turn, fault)
        else:
            title = title_of(turn.render, found)
            # Translators: it takes place again; those who read of the cancellation hear of it. {title}, {day}.
            told = M("offers.on.told", title=title, day=found.day)
            # Translators: it takes place again; nobody had read of the cancellation yet. {title}, {day}.
            turn.say(
                told if back.told else M("offers.on.silent", title=title, day=found.day),
                buttons=[[_to_list(found)]],
            )

    async def undo(self, turn: Turn, argument: str) -> None:
        """[Halt, noch nicht]."""
        turn.leave()
        try:
            found = await self._offers.undo(turn.session, turn.person, number_in(argument) or 0)
        except NotAllowedError:
            # Translators: a tap on something that doesn't exist, or that belongs to others; plain and friendly.
            turn.say(M("offers.unknown"), buttons=_menu())
        except TooLateError:
            # Translators: it can't be undone any more: it has left. Staff can still tap that it takes place after all.
            turn.say(M("offers.undo_too_late"), buttons=_list_of_mine())
        except WrongStateError:
            # Translators: somebody has taken this back already.
            turn.say(M("offers.undone_already"), buttons=_list_of_mine())
        else:
            if found is None:
                _say_gone(turn)
                return
            # Translators: undone in time: nobody was told, it takes place. {title}, {day}.
            turn.say(
                M("offers.undone", title=title_of(turn.render, found), day=found.day),
                buttons=[[_to_list(found)]],
            )

    async def halt(self, turn: Turn) -> bool:
        """STOPP, ZURÜCK or "halt" in the 30 seconds."""
        item = await self._offers.waiting(turn.session, turn.person)
        if item is None:
            return False
        await self.undo(turn, str(item))
        return True

    async def remind(self, turn: Turn) -> bool:
        """Something that nobody understood, in the 30 seconds: perhaps it was to halt it."""
        item = await self._offers.waiting(turn.session, turn.person)
        if item is None:
            return False
        # Translators: what was typed wasn't understood while a cancellation is about to leave; the button halts it.
        turn.say(M("offers.leaves_soon"), buttons=[[_halt(item)]])
        return True

    async def _call_off(self, turn: Turn, argument: str, reason: str) -> None:
        found = await self._found(turn, argument)
        if found is None:
            return
        try:
            done = await self._offers.call_off(
                turn.session, turn.person, found.offer, found.day, reason=reason, language=turn.language
            )
        except AlreadySoError:
            _say_already(turn, found)
        except TooLateError:
            _say_over(turn)
        except MutedError as fault:
            _say_muted(turn, fault)
        else:
            said = [await self._sent(turn, found)]
            if done.too_late:
                # Translators: {n} people hear of it too late because of their quiet hours; so put up a note, or call.
                said.append(N("offers.too_late_for", done.too_late))
            turn.say(*said, buttons=[[_halt(done.item)], [_to_list(found)]])

    async def _sent(self, turn: Turn, found: Occurrence) -> Msg:
        title = title_of(turn.render, found)
        if WHOLE_CITY in found.quartiere:
            # Translators: marked; in 30 seconds everybody in the city hears of it. {title}, {day}.
            return M("offers.sent_city", title=title, day=found.day)
        names = [q.name for q in await self._quartiere.quartiere(turn.session) if q.id in found.quartiere]
        # Translators: marked; in 30 seconds the readers of {quartiere} (a list) hear of it. {title}, {day}.
        return M("offers.sent", title=title, day=found.day, quartiere=tuple(Name(name) for name in names))

    async def _found(self, turn: Turn, argument: str) -> Occurrence | None:
        """The date a choice names; None if that was answered already."""
        try:
            return await self._offers.occurrence(turn.session, turn.person, *_read(argument))
        except NotAllowedError:
            _say_not_yours(turn)
        except NoSuchOccurrenceError:
            _say_gone(turn)
        return None


def _halt(item: int) -> Button:
    # Translators: button: stop, don't send it yet.
    return Button(M("offers.button.halt"), f"offer.undo:{item}")


def _date_button(turn: Turn, one: Occurrence) -> Button:
    title = title_of(turn.render, one)
    # Translators: button: one date of an offer that is called off. {title}, {day}: weekday and date.
    cancelled = M("offers.button.cancelled", title=title, day=one.day)
    # Translators: button: one date of an offer. {title} first, because long labels are cut at their end.
    label = cancelled if one.cancelled else M("offers.button.date", title=title, day=one.day)
    return Button(label, f"offer:{_named(one)}")


def _to_list(one: Occurrence) -> Button:
    # Translators: button: back to the list of all dates.
    return Button(M("offers.button.list"), f"offers:{one.treffpunkt or THE_CITY}:0")


def _list_of_mine() -> Sequence[Sequence[Button]]:
    return [[Button(M("offers.button.list"), f"offers:{MINE}:0")]]


def _menu() -> Sequence[Sequence[Button]]:
    return [[Button(M("common.menu"), "menu:")]]


def _say_already(turn: Turn, found: Occurrence) -> None:
    """Told to whoever was second. `found`: as it stood when they tapped."""
    title = title_of(turn.render, found)
    # Translators: somebody else of the team has already marked it as called off. {title}, {day}.
    off = M("offers.already_off", title=title, day=found.day)
    # Translators: somebody else has already marked that it takes place. {title}, {day}.
    on = M("offers.already_on", title=title, day=found.day)
    turn.say(off if found.cancelled else on, buttons=[[_to_list(found)]])


def _say_over(turn: Turn) -> None:
    # Translators: the date has passed, so nothing can be changed.
    turn.say(M("offers.over"), buttons=_list_of_mine())


def _say_muted(turn: Turn, fault: MutedError) -> None:
    turn.say(fault.silence.said(), buttons=_list_of_mine())


def _say_gone(turn: Turn) -> None:
    # Translators: this date does not exist (any more): the plan has changed.
    turn.say(M("offers.gone"), buttons=_list_of_mine())


def _say_not_yours(turn: Turn) -> None:
    # Translators: only the team of that Treffpunkt may do this.
    turn.say(M("offers.not_yours"), buttons=_menu())


def _named(one: Occurrence) -> str:
    return f"{one.offer}:{one.day.isoformat()}"


def _read(argument: str) -> tuple[int, date]:
    """Offer and day. Raises `NoSuchOccurrenceError` for what no button of ours ever said."""
    offer, _, day = argument.partition(":")
    try:
        return number_in(offer) or 0, date.fromisoformat(day)
    except ValueError:
        raise NoSuchOccurrenceError("no such choice") from None


def _place(scope: str) -> int | None:
    if scope == THE_CITY:
        return CITY
    return number_in(scope) or 0
