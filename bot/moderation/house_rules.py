"""The city's house rules as reasons: every step but "unfounded" names one, or says in words why."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Renderer
from bot.moderation.model import Decision
from bot.quartiere import notices
from bot.quartiere.service import Quartiere


class HouseRules:
    """Reads them from the city's file."""

    def __init__(self, quartiere: Quartiere) -> None:
        self._quartiere = quartiere

    async def named(self, session: AsyncSession, render: Renderer) -> list[str]:
        """Each rule in a few words with its number, in their order."""
        city = await self._quartiere.city(session)
        return [notices.rule_name(render, city, rule.id) for rule in city.facts.rules] if city else []

    async def id_of(self, session: AsyncSession, number: int) -> str | None:
        """The id of rule 1, 2, …; None if there is none."""
        city = await self._quartiere.city(session)
        rules = city.facts.rules if city else []
        return rules[number - 1].id if 1 <= number <= len(rules) else None

    async def reason(self, session: AsyncSession, render: Renderer, decision: Decision) -> str:
        """Why, in the reader's language: the rule's name, or the words of who decided."""
        city = await self._quartiere.city(session)
        if decision.rule and city is not None:
            try:
                return notices.rule_name(render, city, decision.rule)
            except KeyError:
                return decision.rule  # the city's file names it no more
        return decision.reason
