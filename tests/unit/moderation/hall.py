"""Moderation without a chat: people with their roles, a resident's question, and every use case, on a real database."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.delivery.chats import chat_for
from bot.items.guard import Silence
from bot.items.model import Item
from bot.moderation.audit_model import AuditEntry
from bot.moderation.model import Case, Decision
from bot.moderation.restrictions import Restrictions
from bot.moderation.service import Moderation
from bot.moderation.words import Reason
from bot.people.model import Role
from bot.questions.service import Questions
from bot.storage import Database
from tests.unit.posts.town import BERLIN, LANGUAGES, PostsTown

SECRET = b"of this test"
TEXT = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts"


@dataclass
class Hall:
    """The room of moderation with all that is below it."""

    town: PostsTown
    questions: Questions
    moderation: Moderation

    @classmethod
    async def make(cls, database: Database) -> Hall:
        town = await PostsTown.make(database)
        outbox, able, restrictions = town.posts._outbox, (lambda: town.able), Restrictions(town.clock)
        questions = Questions(town.clock, outbox, town.people, town.roles, LANGUAGES, able, restrictions)
        moderation = Moderation(
            town.clock, outbox, town.people, town.roles, town.quartiere, LANGUAGES, able,
            lambda: BERLIN, lambda: "de", town.posts, questions, restrictions, SECRET,
        )  # fmt: skip
        return cls(town, questions, moderation)

    @property
    def database(self) -> Database:
        return self.town.database

    async def person(self, role: Role | None = None, language: str = "de") -> int:
        """Somebody; a moderator moderates the Südstadt."""
        address = f"person-{next(self.town.names)}"
        async with self.database.write() as session:
            chat = await chat_for(session, self.town.lane, address)
            speaker = await self.town.people.agree(session, chat.id, language)
            if role is not None:
                scope = {
                    Role.MODERATOR: self.town.suedstadt, Role.STAFF: self.town.kaisers, Role.COORDINATOR: 0
                }[role]  # fmt: skip
                await self.town.roles.grant(session, speaker.person, role, scope)
        return speaker.person

    async def question(self, asker: int, staff: int) -> int:
        """A question about an announcement, in the hands of the staff; returns its item."""
        post = await self.town.published(staff, TEXT)
        async with self.database.write() as session:
            await self.questions.ask(session, asker, "de", "Ihr seid alle dumm.", about=post.id, zone=BERLIN)
        await self.town.deliver()
        async with self.database.read() as session:
            found = await session.scalars(select(Item.id).where(Item.kind == "question"))
            return found.all()[-1]

    async def report(self, person: int, item: int, reason: Reason = Reason.INSULT) -> Case:
        async with self.database.write() as session:
            receipt = await self.moderation.reports.report(session, person, item, reason)
            case = await session.scalar(select(Case).where(Case.number == receipt.number))
        assert case is not None
        await self.town.deliver()
        return case

    async def case(self, item: int) -> Case:
        async with self.database.read() as session:
            return await session.get_one(Case, item)

    async def decisions(self, item: int) -> list[Decision]:
        async with self.database.read() as session:
            rows = select(Decision).where(Decision.case_item == item).order_by(Decision.id)
            return list((await session.scalars(rows)).all())

    async def silence(self, person: int) -> Silence | None:
        async with self.database.read() as session:
            return await self.moderation.restrictions.silence(session, person)

    async def log(self) -> list[AuditEntry]:
        async with self.database.read() as session:
            return list((await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all())
