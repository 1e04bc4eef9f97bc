"""Moderation, as the rest of the house uses it: reports, cases, decisions, appeals, time."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.delivery.outbox import Outbox
from bot.language import Languages
from bot.moderation.appeals import Appeals
from bot.moderation.audit import Audit, What
from bot.moderation.cases import Cases
from bot.moderation.deciding import Deciding
from bot.moderation.house_rules import HouseRules
from bot.moderation.jury import Jury
from bot.moderation.keeping import Keeping
from bot.moderation.mail import Mail
from bot.moderation.model import Appeal, Case, Decision, Report, Standing
from bot.moderation.reported import Subjects
from bot.moderation.reports import Reports
from bot.moderation.restrictions import Restrictions
from bot.moderation.statements import Statements
from bot.people.roles import Roles
from bot.people.service import People
from bot.posts.leaving.hiding import Hiding
from bot.posts.leaving.spread import Able
from bot.posts.service import Posts
from bot.quartiere.service import Quartiere
from bot.questions.service import Questions

SHOWN = 8


class Moderation:
    """Wires the use cases of moderation. `secret`: the installation's key, for the log's pseudonyms."""

    def __init__(
        self, clock: Clock, outbox: Outbox, people: People, roles: Roles, quartiere: Quartiere,
        languages: Languages, able: Able, zone: Callable[[], ZoneInfo], language: Callable[[], str],
        posts: Posts, questions: Questions, restrictions: Restrictions, secret: bytes,
    ) -> None:  # fmt: skip
        self.restrictions = restrictions
        self.mail = mail = Mail(clock, outbox, people, languages, able, zone, language)
        self.audit = audit = Audit(clock, secret)
        self.rules = rules = HouseRules(quartiere)
        self.jury = jury = Jury(roles)
        self.hiding = hiding = Hiding(clock, outbox, posts.voices, able, zone)
        self.statements = statements = Statements(clock, mail, rules, audit)
        self.cases = cases = Cases(clock, outbox, mail, jury, audit, rules)
        subjects = Subjects(clock, posts, questions, quartiere)
        self.reports = Reports(clock, subjects, cases, jury, mail, audit)
        self.deciding = Deciding(clock, cases, jury, rules, restrictions, statements, hiding, mail, audit)
        self.appeals = Appeals(
            clock, outbox, cases, jury, rules, restrictions, statements, hiding, mail, audit
        )
        self.keeping = Keeping(clock, outbox, cases, self.appeals, audit)

    async def due(self, session: AsyncSession) -> None:
        """What time brings: restrictions end, cases that wait are handed up. Called by the alarm clock."""
        for over in await self.restrictions.end_due(session):
            await self.audit.note(session, What.LIFTED, over.case_number, kind=over.kind)
            if await self.restrictions.silence(session, over.person) is None:
                await self.statements.ended(session, over.person, over.case_number)
        await self.cases.escalate_due(session)
        await self.appeals.bring_waiting(session)
        await self.hiding.overwrite_refused(session)

    async def reported_by(self, session: AsyncSession, person: int) -> list[tuple[Report, Case]]:
        """The person's reports, the latest first."""
        rows = select(Report, Case).join(Case, Case.item_id == Report.case_item)
        rows = rows.where(Report.reporter == person).order_by(Report.id.desc()).limit(SHOWN)
        return [(row[0], row[1]) for row in (await session.execute(rows)).all()]

    async def decided_about(self, session: AsyncSession, person: int) -> list[tuple[Decision, Case]]:
        """Decisions about the person, the latest first."""
        rows = select(Decision, Case).join(Case, Case.item_id == Decision.case_item)
        rows = rows.where(Case.author == person, Decision.step != "dismiss")
        rows = rows.where(Decision.state.in_((Standing.IN_FORCE, Standing.OVERTURNED)))
        return [
            (row[0], row[1])
            for row in (await session.execute(rows.order_by(Decision.id.desc()).limit(SHOWN))).all()
        ]

    async def appeal_of(self, session: AsyncSession, person: int, decision: int) -> Appeal | None:
        """The person's appeal against a decision."""
        rows = select(Appeal).where(Appeal.person == person, Appeal.decision == decision)
        return (await session.scalars(rows)).first()
