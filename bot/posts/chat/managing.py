"""/posts, /correct, /withdraw: what was announced, how it went, and changing or taking it back everywhere."""

from __future__ import annotations

from bot.contract import Rich
from bot.dialogue import Button, Routes, Turn
from bot.items.model import ItemState
from bot.language import M, Msg, N, Name, Url, join
from bot.posts.announcement import Announcement
from bot.posts.chat.asking import AskingFace
from bot.posts.chat.desk import Desk, guarded
from bot.posts.chat.preview import key
from bot.posts.errors import WrongStateError
from bot.posts.kinds import Kind
from bot.posts.leaving.receipts import again_button, figures_lines, headline
from bot.posts.offer_model import OfferNews
from bot.posts.passes import LIFE
from bot.posts.render import post_rich, stacked
from bot.posts.service import Posts
from bot.quartiere.service import Quartiere

SHOWN = 6


class ManagingFace:
    """Shows and changes what was sent."""

    def __init__(self, posts: Posts, desk: Desk, asking: AskingFace, quartiere: Quartiere) -> None:
        self._quartiere = quartiere
        self._posts = posts
        self._desk = desk
        self._asking = asking

    def register(self, routes: Routes) -> None:
        # Translators: names of the command that lists the last announcements, comma-separated. / What it does.
        routes.command(
            "posts", M("posts.command.posts"), M("posts.command.posts.about"), self.posts, in_menu=False
        )
        # Translators: names of the command that corrects an announcement, comma-separated. / What it does.
        routes.command(
            "correct",
            M("posts.command.correct"),
            M("posts.command.correct.about"),
            self.correct,
            in_menu=False,
        )
        # Translators: names of the command that takes an announcement back, comma-separated. / What it does.
        routes.command(
            "withdraw",
            M("posts.command.withdraw"),
            M("posts.command.withdraw.about"),
            self.withdraw,
            in_menu=False,
        )
        for name, handler in (
            ("post.open", self.open),
            ("post.fix", self.fix),
            ("post.off", self.cancelled),
            ("post.take", self.ask_take_back),
            ("post.taken", self.take_back),
        ):
            routes.action(name, guarded(self._desk, handler))

    async def posts(self, turn: Turn, argument: str) -> None:
        """The last announcements with their figures."""
        latest = await self._latest(turn)
        if latest is None:
            return
        figures = await self._posts.receipts.figures(turn.session, [post.id for post in latest])
        thanks = await self._posts.thanks(turn.session, [post.id for post in latest])
        parts: list[Rich] = []
        for post in latest:
            lines = figures_lines(figures[post.id]) if post.item.state == ItemState.PUBLISHED else []
            lines += _thanked(thanks.get(post.id, 0))
            parts.append(stacked(turn.render, [headline(post), *lines]))
        address = self._posts.link(turn.person)
        if address:
            # Translators: below the list: a page shows live how it goes. {link}: its address, good for {hours} hours.
            more = M("posts.list.link", link=Url(address), hours=int(LIFE.total_seconds() // 3600))
            parts.append(turn.render.rich(more))
        # Translators: above the list of a Treffpunkt's last announcements.
        turn.say(M("posts.list.head"), join(*parts), buttons=_titles(latest, "post.open"))

    async def correct(self, turn: Turn, argument: str) -> None:
        """Which one is to be corrected?"""
        latest = await self._latest(turn, only_published=True, own_words=True)
        if latest is not None:
            # Translators: which announcement is to be corrected? Their titles follow as choices.
            turn.say(M("posts.ask.correct"), buttons=_titles(latest, "post.fix"))

    async def withdraw(self, turn: Turn, argument: str) -> None:
        """Which one is to be taken back?"""
        latest = await self._latest(turn, only_published=True)
        if latest is not None:
            # Translators: which announcement is to be taken back? Their titles follow as choices.
            turn.say(M("posts.ask.withdraw"), buttons=_titles(latest, "post.take"))

    async def open(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """One announcement, how it went, and what can be done."""
        post = await self._mine(turn, item)
        voice = await self._posts.voices.of(turn.session, post)
        figures = (await self._posts.receipts.figures(turn.session, [item]))[item]
        rows: list[list[Button]] = []
        lines: list[Msg] = [headline(post)]
        if post.item.state == ItemState.PUBLISHED:
            lines += figures_lines(figures)
            lines += _thanked((await self._posts.thanks(turn.session, [item])).get(item, 0))
            if (await self._posts.again.doubt(turn.session, post)).copies:
                rows.append([Button(again_button(), f"post.again:{item}.0")])
            # Translators: buttons below an announcement that was sent: correct it, it is cancelled, take it back.
            if not post.post.source:
                rows.append([Button(M("posts.button.correct"), f"post.fix:{item}.0")])
            if _can_be_cancelled(post):
                rows.append([Button(M("posts.button.cancelled"), f"post.off:{item}.0")])
            rows.append([Button(M("posts.button.withdraw"), f"post.take:{item}.0")])
        elif post.item.state == ItemState.DRAFT:
            # Translators: button: go on with a draft that was not sent.
            rows.append([Button(M("posts.button.go_on"), f"post.show:{key(post)}")])
        elif post.item.state in (ItemState.SCHEDULED, ItemState.AWAITING):
            rows.append([Button(M("posts.button.undo"), f"post.undo:{item}.0")])
        turn.say(
            post_rich(turn.render, post, voice),
            stacked(turn.render, lines),
            buttons=[*rows, [Button(M("common.menu"), "menu:")]],
        )

    async def fix(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Begin a correction: the preview of what stands there, to be changed."""
        draft = await self._posts.drafts.correction(turn.session, turn.person, item)
        await self._asking.go_on(turn, draft)

    async def cancelled(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """It doesn't take place: a correction that says so."""
        if not _can_be_cancelled(await self._mine(turn, item)):
            raise WrongStateError
        draft = await self._posts.drafts.correction(turn.session, turn.person, item)
        await self._posts.drafts.set_cancelled(turn.session, draft)
        await self._asking.go_on(turn, draft)

    async def ask_take_back(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Really?"""
        post = await self._mine(turn, item)
        if post.item.state != ItemState.PUBLISHED:
            raise WrongStateError
        if await self._points_to_date(turn, post):
            return
        # Translators: really take the announcement back everywhere? {title}. / Buttons: yes, take it back; no.
        turn.say(
            M("posts.ask.take_back", title=Name(post.original.title)),
            buttons=[
                [Button(M("posts.button.take_back"), f"post.taken:{item}.0")],
                [Button(M("common.no"), f"post.open:{item}.0")],
            ],
        )

    async def take_back(self, turn: Turn, item: int, revision: int, rest: str) -> None:
        """Take it back everywhere."""
        if await self._points_to_date(turn, await self._mine(turn, item)):
            return
        held, overwritten = await self._posts.corrections.withdraw(turn.session, turn.person, item)
        # Translators: the announcement is being taken back; {n} copies were held by readers.
        said = [N("posts.withdrawing", held)]
        if overwritten:
            # Translators: {n} copies are too old to be deleted; they are overwritten with a notice.
            said.append(N("posts.overwritten", overwritten))
        turn.leave()
        turn.say(stacked(turn.render, said))

    async def _points_to_date(self, turn: Turn, post: Announcement) -> bool:
        """Whether this tells that a date of an offer is called off: then the date itself is to be put back, which
        takes this back too. Says so. False once the date is over or planned no more.
        """
        news = await turn.session.get(OfferNews, post.id)
        if news is None or post.item.state != ItemState.PUBLISHED:
            return False
        date = await self._quartiere.occurrence(turn.session, news.offer, news.date)
        if date is None or not date.cancelled or (date.ends_at or date.starts_at) <= turn.now:
            return False
        # Translators: staff want to take back the news that a date of an offer is called off: then the date takes place
        # again, which is said by the button or with /offers. / Buttons: it takes place after all; no.
        turn.say(
            M("posts.of_offer", title=Name(post.original.title)),
            buttons=[
                [Button(M("offers.button.on"), f"offer.on:{news.offer}:{news.date.isoformat()}")],
                [Button(M("common.no"), f"post.open:{post.id}.0")],
            ],
        )
        return True

    async def _latest(
        self, turn: Turn, *, only_published: bool = False, own_words: bool = False
    ) -> list[Announcement] | None:
        """The last announcements of this person's Treffpunkte; None if that was answered already."""
        scopes = await self._posts.rights.scopes(turn.session, turn.person)
        if not scopes:
            self._desk.no_role(turn)
            return None
        author = None if only_published else turn.person
        latest = await self._posts.receipts.latest(turn.session, scopes, drafts_of=author, limit=SHOWN)
        if only_published:
            latest = [post for post in latest if post.item.state == ItemState.PUBLISHED]
        if own_words:
            latest = [post for post in latest if not post.post.source]
        if latest:
            return latest
        # Translators: the Treffpunkt has announced nothing yet. / Button: begin.
        turn.say(M("posts.list.empty"), buttons=[[Button(M("posts.button.announce"), "do:announce")]])
        return None

    async def _mine(self, turn: Turn, item: int) -> Announcement:
        post = await self._posts.find(turn.session, item)
        if post is None:
            raise WrongStateError
        await self._posts.rights.check(turn.session, turn.person, post.item.treffpunkt)
        return post


def _thanked(count: int) -> list[Msg]:
    # Translators: figures of a post: {n} people said thanks for it.
    return [N("posts.figures.thanks", count)] if count else []


def _can_be_cancelled(post: Announcement) -> bool:
    """Whether it is something that takes place, and does so yet. Nobody changes a resident's words."""
    if post.post.source:
        return False
    return post.post.starts_at is not None and not post.post.cancelled and post.post.kind != Kind.CANCELLED


def _titles(posts: list[Announcement], action: str) -> list[list[Button]]:
    return [[Button(post.original.title[:60] or str(post.id), f"{action}:{post.id}.0")] for post in posts]
