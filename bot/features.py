"""All features of the house, wired together: services first, then their faces in the chat, then what they hold."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot.agenda.dialogue import AgendaDialogue
from bot.agenda.service import Agenda
from bot.clock import Clock, Ids
from bot.contract import Capabilities, Outgoing, Platform
from bot.delivery.engine import Engine
from bot.delivery.outbox import Outbox
from bot.delivery.store import MediaStore
from bot.dialogue import Routes
from bot.dialogue.dispatch import Dispatcher
from bot.dialogue.inbox import Inbox
from bot.digests.dialogue import DigestsDialogue
from bot.digests.service import Digests
from bot.digests.writing import Writer
from bot.host import Section
from bot.insights.dialogue import InsightsDialogue
from bot.insights.service import Figures
from bot.intake import Intake
from bot.items.dialogue import ItemsDialogue
from bot.language import Languages, M, Renderer
from bot.moderation.counting import cases_between
from bot.moderation.dialogue import ModerationDialogue
from bot.moderation.keeping import TABLES as MODERATION_TABLES
from bot.moderation.restrictions import Restrictions
from bot.moderation.service import Moderation
from bot.offers.dialogue import OffersDialogue
from bot.offers.service import Offers
from bot.people.dialogue import PeopleDialogue
from bot.people.redeem import Redeem
from bot.people.roles import Roles
from bot.people.service import People
from bot.people.slots import SlotDialogue
from bot.people.tasks import Tasks
from bot.people.welcome import Welcome
from bot.people.wording import PeopleWording
from bot.place import Place
from bot.ports import Menus
from bot.posts.dialogue import PostsDialogue
from bot.posts.passes import Passes
from bot.posts.service import Posts
from bot.privacy.dialogue import PrivacyDialogue
from bot.privacy.register import Holding, Register, Retention
from bot.privacy.telling import tell_announcements, tell_moderation, tell_proposals, tell_questions
from bot.proposals.dialogue import ProposalsDialogue
from bot.proposals.service import Proposals
from bot.quartiere.dialogue import CityDialogue
from bot.questions.dialogue import QuestionsDialogue
from bot.questions.service import Questions
from bot.storage import Database
from bot.storage.again import again
from bot.thanks.dialogue import ThanksDialogue
from bot.thanks.service import ThanksService

StartLinks = Callable[[str], Sequence[str]]


_MENU_NAME = re.compile(r"[a-z0-9_]{1,32}")
"""What every messenger takes as a command in its menu (Bot API: BotCommand)."""


class Features:
    """The features of one running program."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        languages: Languages,
        place: Place,
        media: MediaStore,
        engine: Engine,
        links: StartLinks,
        platforms: Mapping[int, Platform],
        secret: bytes,
    ) -> None:
        self._clock = clock
        self._media = media
        self.public_url = ""
        """Of the page, where it is published: digests lead there."""
        self.page_address = ""
        """Where staff find the page: as above, or on this machine in the demo."""
        self.languages = languages
        self.place = place
        quartiere = place.quartiere
        self.outbox = Outbox(clock, engine.wake)
        self.people = People(clock, self.outbox)
        self.roles = Roles(clock, ids)
        self.agenda = Agenda(clock, quartiere)
        able = _abilities(platforms)
        restrictions = Restrictions(clock)
        self.questions = Questions(clock, self.outbox, self.people, self.roles, languages, able, restrictions)
        self.posts = Posts(
            clock,
            self.outbox,
            self.people,
            self.roles,
            quartiere,
            languages,
            able,
            place.zone,
            place.language,
            restrictions,
        )
        self.proposals = Proposals(
            clock, self.outbox, self.people, self.roles, quartiere, self.posts, restrictions, able
        )
        self.thanks = ThanksService(clock, self.outbox, self.people, self.posts)
        self.moderation = Moderation(
            clock, self.outbox, self.people, self.roles, quartiere, languages, able, place.zone, place.language,
            self.posts, self.questions, restrictions, secret,
        )  # fmt: skip
        self.posts.thanks = self.thanks.counts
        self.passes = Passes(secret, clock, ids)
        self.posts.link = self._staff_page
        self.figures = Figures(clock, quartiere, place.zone)
        self.figures.counts["cases"] = cases_between
        writer = Writer(self.agenda, quartiere, self.posts.voices, lambda: self.public_url)
        self.digests = Digests(clock, self.outbox, writer, self.posts.spread.waits, place.zone)
        self.register = Register()
        self.routes = Routes(languages)

        wording = PeopleWording(quartiere)
        agenda_face = AgendaDialogue(self.agenda, self.people)
        redeem = Redeem(self.roles, self.people, quartiere, self.outbox, languages, links)
        welcome = Welcome(self.people, quartiere, redeem, wording, agenda_face.upcoming)
        for face in (
            PeopleDialogue(self.people, welcome, wording, Tasks(self.roles)),
            welcome,
            CityDialogue(quartiere),
            agenda_face,
            redeem,
            PrivacyDialogue(self.register, self.people, wording, media),
            PostsDialogue(self.posts, self.people, quartiere),
            OffersDialogue(Offers(clock, quartiere, self.posts, languages, place.zone), quartiere),
            QuestionsDialogue(self.questions, quartiere),
            ProposalsDialogue(self.proposals, self.posts, self.people, quartiere),
            ThanksDialogue(self.thanks),
            ModerationDialogue(self.moderation, languages),
            ItemsDialogue(),
            InsightsDialogue(self.figures, self.roles),
            DigestsDialogue(self.posts),
            SlotDialogue(self.people, wording),
        ):
            face.register(self.routes)

        self.inbox = Inbox(
            database,
            clock,
            Dispatcher(self.routes),
            self.people,
            languages,
            self.outbox,
            Intake(database, clock, media).take_in,
            place.language,
            place.zone,
        )
        self._register_holdings()

    def _staff_page(self, person: int) -> str:
        """A new address of the page on which this member of staff sees how their posts go; "" where there is none."""
        return f"{self.page_address}/deliveries/{self.passes.make(person)}" if self.page_address else ""

    def repeat(self, message: Outgoing) -> Outgoing:
        """How an alert is marked that is sent once more, because nobody knows whether it arrived."""
        render = self.languages.renderer(message.language, zone=self.place.zone())
        # Translators: above an alert that is repeated, because the first may not have arrived.
        return replace(message, body=(*render.rich(M("dialogue.repeated")), *message.body))

    async def announced(
        self, session: AsyncSession, quartiere: Sequence[int], render: Renderer
    ) -> Sequence[Section]:
        """The announcements for the public page of these Quartiere."""
        return await self.posts.announced(session, quartiere, render)

    async def due(self, database: Database) -> None:
        """Do what the clock asks for, in this order: a digest tells what was published at its hour.

        Each is a transaction of its own, and one that fails keeps no other back. Raises what failed, at the end.
        """
        in_one: tuple[Callable[[AsyncSession], Awaitable[object]], ...] = (
            self.posts.receipts_due,
            self.proposals.due,
            self.thanks.due,
            self.moderation.due,
        )
        works: list[Callable[[], Awaitable[object]]] = [
            partial(self._publish, database),
            partial(self.digests.due, database),
            *(partial(_in_one, database, work) for work in in_one),
        ]
        failed = []
        for work in works:
            try:
                await again(work)
            except Exception as fault:
                failed.append(fault)
        if failed:
            raise ExceptionGroup("not everything that is due could be done", failed)

    async def _publish(self, database: Database) -> None:
        async with database.write() as session:
            await self.posts.publish_due(session, self._clock.now())

    async def menus(self, platform: Platform) -> None:
        """Show the commands beside the text field, where the platform has such a list."""
        if not isinstance(platform, Menus):
            return
        for language in self.languages:
            render = self.languages.renderer(language.tag)
            shown = [
                (_menu_name(render.text(command.names), command.key), render.text(command.about))
                for command in self.routes.commands
                if command.in_menu
            ]
            await platform.set_menu(language.tag, shown)

    async def _erase_files(self, session: AsyncSession) -> None:
        await self._media.erase_unused(session, await self.posts.media_in_use(session))

    def _register_holdings(self) -> None:
        self.register.holds(
            Holding(
                "settings",
                frozenset(
                    {"person", "account", "subscription", "grant", "try", "chat", "delivery", "conversation"}
                ),
                self.people.export,
                self.people.erase,
                hold=self.people.hold,
            )
        )
        self.register.holds(Holding("files", frozenset({"media"}), nothing, self._media.erase_of))
        self.register.holds(Holding("digests", frozenset({"carry"}), self.digests.export, self.digests.erase))
        self.register.holds(
            Holding(
                "questions",
                frozenset({"question"}),
                self.questions.export,
                self.questions.erase,
                tell_questions,
                self.questions.hold,
            )
        )
        self.register.holds(
            Holding(
                "announcements",
                frozenset({"item", "post", "post_text"}),
                self.posts.export,
                self.posts.erase,
                tell_announcements,
                self.posts.hold,
            )
        )
        # After the announcements: what is registered later is erased first, while the posts still know their author.
        self.register.holds(
            Holding(
                "proposals",
                frozenset({"proposal"}),
                self.proposals.export,
                self.proposals.erase,
                tell_proposals,
                self.proposals.hold,
            )
        )
        self.register.holds(Holding("thanks", frozenset({"thanks"}), self.thanks.export, self.thanks.erase))
        keeping = self.moderation.keeping
        self.register.holds(
            Holding(
                "moderation",
                MODERATION_TABLES,
                keeping.export,
                keeping.erase,
                tell_moderation,
                keeping.hold,
            )
        )
        for name, sweep in (
            ("answers", self.outbox.erase_unsent),
            ("copies", self.outbox.drop_overdue),
            ("events", self.inbox.erase_old),
            ("strangers", self.people.erase_unread),
            ("codes", self.roles.erase_old),
            ("drafts", self.posts.erase_old),
            ("files", self._erase_files),
            ("digests", self.digests.erase_old),
            ("questions", self.questions.erase_old),
            ("proposals", self.proposals.erase_old),
            ("thanks", self.thanks.erase_old),
            ("moderation", keeping.erase_old),
        ):
            self.register.sweeps(Retention(name, sweep))


async def _in_one(database: Database, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
    async with database.write() as session:
        await work(session)


def _menu_name(names: str, key: str) -> str:
    """The first of a command's names that a menu can show; else its key."""
    return next((name for name in map(str.strip, names.split(",")) if _MENU_NAME.fullmatch(name)), key)


def _abilities(platforms: Mapping[int, Platform]) -> Callable[[], Mapping[int, Capabilities]]:
    """What each lane can do; asked each time, because platforms are built after the features."""
    return lambda: {lane: platform.capabilities for lane, platform in platforms.items()}


async def nothing(_session: AsyncSession, _person: int) -> object:
    """What is made from the other holdings need not be handed out again."""
    return []
