"""Who reads what, as a query: an audience is never a list in memory, delivery inserts straight from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Label, Select, func, select

from bot.delivery.model import Chat
from bot.people.model import Person, Subscription
from bot.quartiere.model import WHOLE_CITY


def audience(quartiere: Collection[int], *collected: Label[Any]) -> Select[Any]:
    """One row per person who reads one of `quartiere` (0: everybody who reads anything) and can be written to.

    `collected`: further columns, each an aggregate of a person's subscriptions among `quartiere`.

    Columns: person_id, chat_id, lane_id, language, languages, quartier (for fairness), pace, slot_weekday, slot_hour,
    evening_hour, quiet_from, quiet_to, digest_mark. Whoever reads the whole city reads every Quartier.
    """
    columns: tuple[Any, ...] = (
        Person.id.label("person_id"),
        Chat.id.label("chat_id"),
        Chat.lane_id.label("lane_id"),
        Person.language.label("language"),
        Person.languages.label("languages"),
        func.max(Subscription.quartier).label("quartier"),
        Person.pace.label("pace"),
        Person.slot_weekday.label("slot_weekday"),
        Person.slot_hour.label("slot_hour"),
        Person.evening_hour.label("evening_hour"),
        Person.quiet_from.label("quiet_from"),
        Person.quiet_to.label("quiet_to"),
        Person.digest_mark.label("digest_mark"),
        *collected,
    )
    reads = (
        select(*columns)
        .join(Subscription, Subscription.person_id == Person.id)
        .join(Chat, Chat.id == Person.preferred_chat)
        .where(Chat.reachable, Subscription.paused.is_(False))
        # Not by a subquery that is joined: where PostgreSQL expects few readers, it goes through all of it for each.
        .group_by(Person.id, Chat.id)
    )
    if WHOLE_CITY not in quartiere:
        reads = reads.where(Subscription.quartier.in_({*quartiere, WHOLE_CITY}))
    return reads
