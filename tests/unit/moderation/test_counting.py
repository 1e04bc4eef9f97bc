"""The figures count cases by Quartier and day, and nothing else of them."""

from __future__ import annotations

from datetime import timedelta

from bot.moderation.counting import cases_between
from bot.people.model import Role
from tests.unit.moderation.hall import Hall


async def test_a_case_counts_on_its_day_in_the_quartier_of_what_it_is_about(hall: Hall) -> None:
    staff, nils = await hall.person(Role.STAFF), await hall.person()
    await hall.report(staff, await hall.question(nils, staff))
    now, day = hall.town.clock.now(), timedelta(days=1)
    async with hall.database.read() as session:
        assert await cases_between(session, now - day, now + day) == {hall.town.suedstadt: 1}
        assert await cases_between(session, now + day, now + 2 * day) == {}
