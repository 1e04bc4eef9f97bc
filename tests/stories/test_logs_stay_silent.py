"""Nothing of people is in the log: every story checks that (conftest), and here it is shown that the check sees."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.people.model import Account
from bot.questions.service import Questions
from tests.stories.driver import Town
from tests.stories.overheard import OVERHEARD

log = logging.getLogger("bot.probe")


async def test_the_check_finds_words_names_addresses_and_ids(town: Town) -> None:
    mina = await town.resident("Mina")
    await mina.says("Ich wohne über der Bäckerei")
    async with town.house.database.read() as session:
        account = (await session.scalars(select(Account))).one()
    for leak in (
        "somebody wrote: Ich wohne über der Bäckerei",
        "a word of it, bäckerei",
        "Mina was here",
        f"person {account.person_id}",
        f"chat={account.chat_id}",
    ):
        assert OVERHEARD.leaks() == []
        log.debug("%s", leak)
        assert len(OVERHEARD.leaks()) >= 1, leak
        OVERHEARD.forget_log()
    log.warning("Minarets and bakeries are nobody's words")
    assert OVERHEARD.leaks() == []


async def test_a_fault_quotes_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A use case breaks, and its exception holds the very words."""

    async def breaks(*arguments: object, **_: object) -> object:
        try:
            return dict[object, object]()[arguments[4]]
        except KeyError as fault:
            raise LookupError(f"no question {arguments[4]}") from fault

    monkeypatch.setattr(Questions, "ask", breaks)
    mina = await town.resident("Mina")
    petra = await town.staff("Petra")
    await petra.says("/ansage")
    await petra.says("Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts")
    await petra.taps("Senden")
    await town.later(timedelta(seconds=31))
    await mina.replies("Kann ich mit dem Rollstuhl hinein?", to="Kaffee und Kuchen")
    assert OVERHEARD.leaks() == []
    assert "LookupError" in OVERHEARD.written()
