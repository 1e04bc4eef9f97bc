"""Sending: the preview's figures, one copy per reader at their own pace, undo, schedules, and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.model import Priority
from bot.items.model import ItemState
from bot.people.model import Pace
from bot.posts.announcement import Announcement
from bot.posts.drafting.asking import Asking, open_question
from bot.posts.errors import NotAllowedError, StaleError, TooLateError, WrongStateError
from bot.posts.kinds import FieldName, Kind
from tests.unit.posts.town import BERLIN, MONDAY_NOON, PostsTown, at

CAKE = "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen"
CAKE_TITLE = "Kaffee und Kuchen"
SOON = MONDAY_NOON + timedelta(seconds=30)


async def test_a_free_text_becomes_a_draft_with_its_facts(town: PostsTown) -> None:
    draft = await town.draft(await town.staff(), CAKE)
    post = draft.post
    assert (post.kind, post.place, post.cost) == (Kind.EVENT, "KAISERS, Kaiserstr. 80", "free")
    assert post.starts_at is not None
    assert post.starts_at.astimezone(BERLIN) == at("2026-11-26T15:00")
    assert draft.original.title == "Kaffee und Kuchen"
    assert draft.quartiere == (town.suedstadt,)
    assert open_question(draft, BERLIN) is None


async def test_only_staff_of_the_treffpunkt_may_draft(town: PostsTown) -> None:
    stranger = await town.staff(treffpunkt=town.kaisers + 1)
    with pytest.raises(NotAllowedError):
        await town.draft(stranger, CAKE)


async def test_the_preview_counts_by_when(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    await town.resident(pace=Pace.EVENING)
    await town.resident(pace=Pace.WEEKLY)
    await town.resident(pace=Pace.WEEKLY)
    await town.resident(web=True)
    draft = await town.draft(author, CAKE)
    async with town.database.read() as session:
        preview = await town.posts.preview(session, draft)
    waves = [(wave.at, wave.people, wave.at_once, wave.early) for wave in preview.reach.waves]
    assert waves == [
        (MONDAY_NOON, 1, True, False),
        (at("2026-11-23T18:00"), 1, False, False),
        (at("2026-11-25T18:00"), 2, False, True),
    ]
    assert (preview.reach.people, preview.reach.web, preview.too_late) == (4, 1, 0)


async def test_the_preview_counts_who_would_hear_too_late(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    await town.change_habit(quiet_from=11, quiet_to=17)
    draft = await town.draft(author, "Heute 15 Uhr Kaffee im KAISERS")
    async with town.database.read() as session:
        preview = await town.posts.preview(session, draft)
    assert preview.too_late == 1


async def test_sending_writes_one_copy_per_reader_who_gets_it_by_itself(town: PostsTown) -> None:
    author = await town.staff()
    for pace in (Pace.NOW, Pace.EVENING, Pace.WEEKLY):
        await town.resident(pace=pace)
    await town.resident(pace=Pace.WEEKLY, web=True)
    draft = await town.draft(author, CAKE)
    await town.send(author, draft)
    found = {(copy.due_at, copy.priority, copy.lane_id) for copy in await town.copies(draft.id)}
    assert found == {
        (SOON.astimezone(UTC), Priority.ANNOUNCEMENT, town.lane),
        (SOON.astimezone(UTC), Priority.ANNOUNCEMENT, town.web),
    }


async def test_each_language_is_rendered_once_and_two_go_under_each_other(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident("de")
    await town.resident("de")
    await town.resident("ar", second="de")
    draft = await town.draft(author, CAKE)
    await town.send(author, draft)
    sent = await town.load(draft.id)
    assert set(sent.post.rendered) == {"de", "ar de"}
    wanted = await town.wanted(draft.id)
    assert "Wann: Donnerstag, 26. November, 15 Uhr" in wanted[0]
    assert "Geschrieben auf" not in wanted[0]
    both = wanted[2]
    assert both.index("الموعد") < both.index("Wann: Donnerstag, 26. November, 15 Uhr")
    assert "كُتب باللغة \u2068الألمانية\u2069" in both


async def test_a_second_tap_sends_nothing_more(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    draft = await town.draft(author, CAKE)
    await town.send(author, draft)
    with pytest.raises(WrongStateError):
        await town.send(author, draft)
    assert len(await town.copies(draft.id)) == 1


async def test_an_old_preview_sends_nothing(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, CAKE)
    old = draft.item.revision
    async with town.database.write() as session:
        changed = await town.posts.drafts.edit(session, author, draft.id, revision=old)
        assert await town.posts.drafts.change(session, changed, "doch Freitag 16 Uhr")
    async with town.database.write() as session:
        with pytest.raises(StaleError):
            await town.posts.publishing.send(session, author, draft.id, revision=old)
    assert (await town.load(draft.id)).post.starts_at == at("2026-11-27T16:00")


async def test_undo_within_thirty_seconds_takes_every_copy_off(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    slow = await town.resident(pace=Pace.EVENING)
    town.clock.set(at("2026-11-23T17:59:45"))
    draft = await town.draft(author, CAKE)
    await town.send(author, draft)
    town.clock.advance(timedelta(seconds=29))
    # Its slot has begun, and it can still be undone.
    await town.wake()
    async with town.database.write() as session:
        await town.posts.publishing.undo(session, author, draft.id)
    undone = await town.load(draft.id)
    assert undone.item.state == ItemState.DRAFT
    assert await town.copies(draft.id) == []
    await town.send(author, undone)
    assert len(await town.copies(draft.id)) == 1
    await town.deliver()
    assert town.sees(slow) == []
    town.clock.set(at("2026-11-24T18:00"))
    await town.wake()
    await town.deliver()
    assert [CAKE_TITLE in text for text in town.sees(slow)] == [True]


async def test_after_thirty_seconds_it_is_too_late_to_undo(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    sent = await town.published(author, CAKE)
    async with town.database.write() as session:
        with pytest.raises(TooLateError):
            await town.posts.publishing.undo(session, author, sent.id)
    assert len(await town.copies(sent.id)) == 1


async def test_nothing_arrives_before_the_thirty_seconds_are_over(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    await town.send(author, await town.draft(author, CAKE))
    await town.deliver()
    assert town.sees(reader) == []
    town.clock.advance(timedelta(seconds=30))
    await town.deliver()
    assert len(town.sees(reader)) == 1


async def test_numbers_grow_in_the_order_of_publication(town: PostsTown) -> None:
    author = await town.staff()
    first = await town.draft(author, CAKE)
    second = await town.published(author, "Die Leihregale sind wieder voll")
    await town.send(author, first)
    assert second.item.publication_no == 1
    assert (await town.load(first.id)).item.publication_no == 2


async def test_a_scheduled_post_leaves_once_and_late_if_we_were_down(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    draft = await town.draft(author, CAKE)
    async with town.database.write() as session:
        await town.posts.publishing.schedule(
            session, author, draft.id, at("2026-11-24T09:00"), revision=draft.item.revision
        )
    await town.wake()
    assert await town.copies(draft.id) == []
    town.clock.set(at("2026-11-24T11:00"))
    await town.wake()
    await town.wake()
    copies = await town.copies(draft.id)
    assert [copy.due_at for copy in copies] == [at("2026-11-24T11:00")]


async def test_a_scheduled_post_that_is_over_does_not_leave_and_its_sender_hears(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    draft = await town.draft(author, CAKE)
    async with town.database.write() as session:
        await town.posts.publishing.schedule(
            session, author, draft.id, at("2026-11-26T09:00"), revision=draft.item.revision
        )
    town.clock.set(at("2026-11-27T09:00"))
    await town.wake()
    await town.deliver()
    assert (await town.load(draft.id)).item.state == ItemState.DRAFT
    assert "habe ich nicht gesendet" in town.sees("staff-1")[0]


async def test_who_lost_the_role_sends_nothing(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, CAKE)
    async with town.database.write() as session:
        held = await town.roles.held_by(session, author)
        await town.roles.revoke(session, held[0].grant)
    with pytest.raises(NotAllowedError):
        await town.send(author, draft)


async def test_doubts_are_asked_before_anything_is_sent(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, "Freitag, 26.11., 15 Uhr Spielenachmittag im KAISERS")
    question = open_question(draft, BERLIN)
    assert question is not None
    assert (question.asking, question.field) == (Asking.DOUBT, FieldName.WHEN)
    with pytest.raises(StaleError):
        await town.send(author, draft)
    async with town.database.write() as session:
        asked = await town.posts.drafts.edit(session, author, draft.id)
        await town.posts.drafts.choose(session, asked, 0)
    assert open_question(await town.load(draft.id), BERLIN) is None


async def test_a_missing_fact_is_asked_for_once(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, "Donnerstag 15 Uhr Kaffee und Kuchen")
    question = open_question(draft, BERLIN)
    assert question is not None
    assert (question.field, question.optional) == (FieldName.WHERE, True)
    async with town.database.write() as session:
        asked = await town.posts.drafts.edit(session, author, draft.id)
        await town.posts.drafts.leave_out(session, asked, FieldName.WHERE)
    assert open_question(await town.load(draft.id), BERLIN) is None


async def test_one_that_can_not_be_published_holds_no_other_up(
    town: PostsTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = await town.staff()
    bad, good = await town.draft(author, CAKE), await town.draft(author, CAKE)
    async with town.database.write() as session:
        for draft in (bad, good):
            when = town.clock.now() + timedelta(hours=1)
            item = await town.load(draft.id)
            await town.posts.publishing.schedule(session, author, draft.id, when, revision=item.item.revision)
    leave = town.posts.publishing._leave

    async def breaks_once(session: AsyncSession, post: Announcement, now: datetime) -> bool:
        if post.id == bad.id:
            raise ValueError("can't be rendered")
        return await leave(session, post, now)

    monkeypatch.setattr(town.posts.publishing, "_leave", breaks_once)
    town.clock.advance(timedelta(hours=1))
    async with town.database.write() as session:
        assert await town.posts.publish_due(session, town.clock.now()) == [good.id]
