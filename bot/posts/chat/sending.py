"""Sending from the preview: now or at a time, "halt, noch nicht", and the second person's yes or no to an alert."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.dialogue import Button, Routes, Turn
from bot.language import M, Msg, N, Name
from bot.posts.chat.asking import AskingFace
from bot.posts.chat.desk import Desk, guarded
from bot.posts.errors import PostError, WrongStateError
from bot.posts.leaving.publishing import SOON, Sent, Way
from bot.posts.offer_model import OfferNews
from bot.posts.service import Posts
from bot.posts.timing import UNDO
from bot.posts.understanding.moments import When
from bot.posts.understanding.when import read_when

OFFERED_HOURS = ((0, 18), (1, 8), (1, 18))
"""Days from today and hours that are offered for sending later."""


class SendingFace:
    """Sends drafts."""

    def __init__(self, posts: Posts, desk: Desk, asking: AskingFace) -> None:
        self._posts = posts
        self._desk = desk
        self._asking = asking

    def register(self, routes: Routes) -> None:
        for name, handler in (
            ("post.send", self.send),
            ("post.later", self.later),
            ("post.at", self.at),
            ("post.undo", self.undo),
            ("post.approve", self.approve),
            ("post.refuse", self.refuse),
        ):
            routes.action(name, guarded(self._desk, handler))
        routes.form("post.when", self._desk.form(self.typed_time), left=self._desk.left)
        # Translators: words people type to halt what they have just sent, before it leaves. Separated by commas, small.
        routes.undoable(self.halt, words=M("posts.words.halt"), remind=self.remind)

    async def send(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Senden."""
        sent = await self._posts.publishing.send(turn.session, turn.person, item, revision=revision)
        turn.leave()
        turn.say(_said(sent), buttons=[[_undo(item)]])

    async def later(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """When shall it be sent?"""
        draft = await self._posts.drafts.look(turn.session, turn.person, item, revision=revision)
        at = f"{item}.{draft.item.revision}"
        today = turn.now.astimezone(turn.render.zone).date()
        rows = []
        for days, hour in OFFERED_HOURS:
            moment = datetime.combine(today + timedelta(days=days), time(hour), tzinfo=turn.render.zone)
            if moment > turn.now + SOON:
                # Translators: a day and time as a choice: keep the placeholder only.
                label = M("posts.value", value=moment)
                rows.append([Button(label, f"post.at:{at}.{int(moment.timestamp())}")])
        turn.expect("post.when", item=item, revision=draft.item.revision)
        # Translators: when shall it be sent? Some times follow as choices; another one can be typed.
        turn.say(M("posts.ask.later"), buttons=[*rows, [Button(M("common.back"), f"post.show:{at}")]])

    async def at(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One of the offered times."""
        await self._schedule(turn, item, revision, datetime.fromtimestamp(int(rest), UTC))

    async def typed_time(self, turn: Turn, item: int) -> None:
        """A time somebody typed."""
        data = turn.step.data if turn.step else {}
        reading = await self._posts.drafts.reading(turn.session)
        when = read_when(turn.text, now=reading.now, zone=reading.zone)
        if when.starts_at is None or when.all_day or when.doubts or when.starts_at <= turn.now:
            await self._ask_again(turn, item, int(data["revision"]), when)
            return
        await self._schedule(turn, item, int(data["revision"]), when.starts_at)

    async def _ask_again(self, turn: Turn, item: int, revision: int, when: When) -> None:
        """The words were no clear time ahead: what they may have meant, as choices."""
        candidates = [moment for doubt in when.doubts for moment in doubt.candidates if not moment.all_day]
        meant = [moment.starts_at for moment in candidates if moment.starts_at is not None]
        turn.expect("post.when", item=item, revision=revision)
        # Translators: the typed words are no clear day and time to send at; an example helps. Choices may follow.
        turn.say(
            M("posts.no_time"),
            buttons=[
                [Button(M("posts.value", value=at), f"post.at:{item}.{revision}.{int(at.timestamp())}")]
                for at in meant
                if at > turn.now + SOON
            ],
        )

    async def _schedule(self, turn: Turn, item: int, revision: int, at: datetime) -> None:
        await self._posts.publishing.schedule(turn.session, turn.person, item, at, revision=revision)
        turn.leave()
        # Translators: the announcement will be sent at {moment}; it can be stopped until then.
        turn.say(M("posts.scheduled", moment=at), buttons=[[_undo(item)]])

    async def undo(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Halt, noch nicht."""
        post = await self._posts.find(turn.session, item)
        if post is not None and post.post.source:
            raise WrongStateError  # a resident's words are no draft of staff's
        draft = await self._posts.publishing.undo(turn.session, turn.person, item)
        # Translators: the announcement was stopped in time; nobody got it. The preview follows.
        turn.say(M("posts.undone"))
        await self._asking.go_on(turn, draft)

    async def halt(self, turn: Turn) -> bool:
        """STOPP, ZURÜCK or "halt" in the 30 seconds."""
        item = await self._waiting(turn)
        if item is None:
            return False
        try:
            await self.undo(turn, item, 0, "")
        except PostError as fault:
            await self._desk.explain(turn, fault, item)
        return True

    async def remind(self, turn: Turn) -> bool:
        """Something that nobody understood, in the 30 seconds: perhaps it was to halt it."""
        item = await self._waiting(turn)
        if item is None:
            return False
        # Translators: what was typed wasn't understood while an announcement is about to leave; the button halts it.
        turn.say(M("posts.leaves_soon"), buttons=[[_undo(item)]])
        return True

    async def _waiting(self, turn: Turn) -> int | None:
        item = await self._posts.publishing.waiting(turn.session, turn.person)
        # What tells of an offer is undone together with its date, by the offers.
        is_offer = item is not None and await turn.session.get(OfferNews, item) is not None
        # What a resident proposed goes back to those who review it.
        post = await self._posts.find(turn.session, item) if item is not None else None
        return None if is_offer or (post is not None and post.post.source) else item

    async def approve(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A second person releases the alert."""
        alert = await self._posts.publishing.approve(turn.session, turn.person, item, revision=revision)
        # Translators: the alert was released and goes out now. {title}.
        turn.say(M("posts.approval.released", title=Name(alert.original.title)))

    async def refuse(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """A second person says no."""
        alert = await self._posts.publishing.refuse(turn.session, turn.person, item, revision=revision)
        # Translators: the alert was not released; its sender hears of it. {title}.
        turn.say(M("posts.approval.declined", title=Name(alert.original.title)))


def _said(sent: Sent) -> Msg:
    if sent.way is Way.ASKED:
        # Translators: {n} people were asked to release the alert; it goes out as soon as one of them does.
        return N("posts.asked_release", sent.asked)
    # Translators: it leaves in {seconds} seconds and can be stopped until then.
    return M("posts.leaves", seconds=int(UNDO.total_seconds()))


def _undo(item: int) -> Button:
    # Translators: button: stop, don't send it yet.
    return Button(M("posts.button.undo"), f"post.undo:{item}.0")
