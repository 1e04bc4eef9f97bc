"""After it was sent: receipts, corrections, news of a change, withdrawal, alerts with a second person, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.model import Delivery, Priority, State
from bot.items.model import Item, ItemState
from bot.language import plain
from bot.people.model import Pace, Role
from bot.posts.announcement import Announcement
from bot.posts.errors import NeedsAnotherError, NotAllowedError, StaleError, WrongStateError
from bot.posts.kinds import TEMPLATES, FieldName, Kind
from bot.posts.leaving.publishing import Way
from bot.posts.model import Post
from bot.posts.render import post_rich
from tests.unit.posts.test_publishing import CAKE
from tests.unit.posts.town import LANGUAGES, PostsTown, at


async def corrected(town: PostsTown, author: int, item: int, words: str) -> None:
    """A correction in plain words, sent and left."""
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, item)
        assert await town.posts.drafts.change(session, draft, words)
    await sent_correction(town, author, draft)


async def sent_correction(town: PostsTown, author: int, draft: Announcement) -> None:
    await town.send(author, await town.load(draft.id))
    town.clock.advance(timedelta(seconds=30))
    await town.wake()


async def news_of(town: PostsTown, item: int) -> list[int]:
    async with town.database.read() as session:
        return list((await session.scalars(select(Post.item_id).where(Post.follows == item))).all())


# --- receipts ------------------------------------------------------------------------------------------------


async def test_the_sender_hears_once_how_many_have_it(town: PostsTown) -> None:
    author = await town.staff()
    await town.resident()
    gone = await town.resident()
    await town.resident(pace=Pace.WEEKLY)
    await town.resident(web=True)
    await town.published(author, CAKE)
    town.platform.blocks(gone)
    await town.wake()
    assert town.sees("staff-1") == []
    await town.deliver()
    # The page's own lane has no platform here, so its copy is taken for held.
    async with town.database.write() as session:
        await session.execute(
            Delivery.__table__.update().where(Delivery.lane_id == town.web).values(state=State.HELD)  # type: ignore[attr-defined]  # a Table
        )
    await town.wake()
    await town.wake()
    await town.deliver()
    said = town.sees("staff-1")
    assert len(said) == 1
    assert "1 von 2 haben es." in said[0]
    assert "1 Mensch hat mich blockiert" in said[0]
    assert "1 Mensch bekommt es noch" in said[0]


# --- corrections ---------------------------------------------------------------------------------------------


async def test_a_correction_changes_every_copy_and_is_undone_like_anything_else(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    later = await town.resident(pace=Pace.EVENING)
    sent = await town.published(author, CAKE)
    await town.deliver()
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, sent.id)
        await town.posts.drafts.set_field(session, draft, FieldName.COST, "3 Euro")
    await town.send(author, await town.load(draft.id))
    await town.deliver()
    assert "keine" in town.sees(reader)[0] or "kostenlos" in town.sees(reader)[0]
    town.clock.advance(timedelta(seconds=30))
    await town.wake()
    await town.deliver()
    assert len(town.sees(reader)) == 1
    assert "3 Euro" in town.sees(reader)[0] or "3 €" in town.sees(reader)[0]
    assert await news_of(town, sent.id) == []
    town.clock.set(at("2026-11-23T18:00"))
    await town.wake()
    await town.deliver()
    assert len(town.sees(later)) == 1
    assert "Kaffee und Kuchen" in town.sees(later)[0]


async def test_another_date_is_also_sent_anew_to_all_who_hold_it(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    later = await town.resident(pace=Pace.WEEKLY)
    sent = await town.published(author, CAKE)
    await town.deliver()
    await corrected(town, author, sent.id, "doch Freitag 16 Uhr")
    await town.deliver()
    old, new = town.sees(reader)
    assert "Freitag, 27. November, 16 Uhr" in old
    assert "Geändert: Kaffee und Kuchen" in new
    assert "Bisher: Donnerstag, 26. November, 15 Uhr" in new
    assert "Jetzt: Freitag, 27. November, 16 Uhr" in new
    assert town.sees(later) == []


async def test_a_cancellation_is_sent_anew_and_nobody_else_hears_of_it(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    later = await town.resident(pace=Pace.WEEKLY)
    sent = await town.published(author, CAKE)
    await town.deliver()
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, sent.id)
        await town.posts.drafts.set_cancelled(session, draft)
    await sent_correction(town, author, draft)
    await town.deliver()
    old, new = town.sees(reader)
    assert old.startswith("Fällt aus!")
    assert new.startswith("Fällt aus: Kaffee und Kuchen")
    town.clock.set(at("2026-11-25T18:00"))
    await town.wake()
    await town.deliver()
    assert town.sees(later) == []
    town.clock.set(at("2026-11-27T16:00"))
    await town.wake()
    await town.deliver()
    assert not any("Kaffee und Kuchen" in text for text in town.sees(later))


async def test_more_quartiere_reach_new_readers_once(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    async with town.database.read() as session:
        nordstadt = await town.quartiere.by_slug(session, "nordstadt")
    assert nordstadt is not None
    new = await town.resident(quartier=nordstadt.id)
    sent = await town.published(author, CAKE)
    await town.deliver()
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, sent.id)
        await town.posts.drafts.target(session, draft, [town.suedstadt, nordstadt.id])
    await sent_correction(town, author, draft)
    await town.deliver()
    assert (len(town.sees(reader)), len(town.sees(new))) == (1, 1)


# --- withdrawal ----------------------------------------------------------------------------------------------


async def test_withdrawn_everywhere(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    later = await town.resident(pace=Pace.WEEKLY)
    sent = await town.published(author, CAKE)
    await town.deliver()
    async with town.database.write() as session:
        assert await town.posts.corrections.withdraw(session, author, sent.id) == (1, 0)
    await town.deliver()
    await town.wake()
    await town.deliver()
    assert town.sees(reader) == []
    assert "überall zurückgezogen" in town.sees("staff-1")[-1]
    town.clock.set(at("2026-11-25T18:00"))
    await town.wake()
    await town.deliver()
    assert town.sees(later) == []
    town.clock.set(at("2026-11-27T16:00"))
    await town.wake()
    await town.deliver()
    assert not any("Kaffee und Kuchen" in text for text in town.sees(later))


async def test_taken_back_after_it_was_cancelled_its_sender_hears_once(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    sent = await town.published(author, CAKE)
    await town.deliver()
    async with town.database.write() as session:
        draft = await town.posts.drafts.correction(session, author, sent.id)
        await town.posts.drafts.set_cancelled(session, draft)
    await sent_correction(town, author, draft)
    await town.deliver()
    assert len(town.sees(reader)) == 2
    async with town.database.write() as session:
        await town.posts.corrections.withdraw(session, author, sent.id)
    for _ in range(2):
        await town.deliver()
        await town.wake()
    await town.deliver()
    assert town.sees(reader) == []
    assert len([text for text in town.sees("staff-1") if "überall zurückgezogen" in text]) == 1


async def test_what_is_too_old_to_delete_is_overwritten(town: PostsTown) -> None:
    author = await town.staff()
    reader = await town.resident()
    sent = await town.published(author, CAKE)
    await town.deliver()
    able = town.able[town.lane]
    town.able[town.lane] = type(able)(buttons=True, deletes_after=timedelta(hours=48))
    town.clock.advance(timedelta(hours=49))
    async with town.database.write() as session:
        assert await town.posts.corrections.withdraw(session, author, sent.id) == (1, 1)
    await town.deliver()
    assert town.sees(reader) == ["KAISERS hat diese Ansage zurückgezogen."]


async def test_only_who_may_withdraws_and_only_once(town: PostsTown) -> None:
    author, stranger = await town.staff(), await town.staff(treffpunkt=town.kaisers + 1)
    sent = await town.published(author, CAKE)
    async with town.database.write() as session:
        with pytest.raises(NotAllowedError):
            await town.posts.corrections.withdraw(session, stranger, sent.id)
        await town.posts.corrections.withdraw(session, author, sent.id)
        with pytest.raises(WrongStateError):
            await town.posts.corrections.withdraw(session, author, sent.id)


# --- alerts --------------------------------------------------------------------------------------------------


async def alert(town: PostsTown, author: int) -> Announcement:
    async with town.database.write() as session:
        draft = await town.posts.drafts.begin(session, author, town.kaisers, "de", template=Kind.ALERT)
        await town.posts.drafts.set_field(session, draft, FieldName.WHAT, "Bombenfund am Bahnhof")
        await town.posts.drafts.set_field(session, draft, FieldName.WHERE, "Bahnhof")
        for name in (FieldName.WHEN, FieldName.UNTIL, FieldName.CONTACT, FieldName.NOTE):
            await town.posts.drafts.leave_out(session, draft, name)
    return draft


async def test_an_alert_needs_a_second_person_and_then_reaches_everybody_at_night(town: PostsTown) -> None:
    author, second = await town.staff(), await town.staff(role=Role.COORDINATOR)
    reader = await town.resident(pace=Pace.WEEKLY)
    town.clock.set(at("2026-11-23T23:30"))
    draft = await alert(town, author)
    await town.send(author, draft)
    await town.deliver()
    assert await town.copies(draft.id) == []
    assert "Bitte prüf diese Warnung" in town.sees("staff-2")[0]
    async with town.database.write() as session:
        with pytest.raises(NotAllowedError):
            await town.posts.publishing.approve(session, author, draft.id, revision=draft.item.revision)
        await town.posts.publishing.approve(session, second, draft.id, revision=draft.item.revision)
    assert [copy.priority for copy in await town.copies(draft.id)] == [Priority.ALERT]
    await town.deliver()
    assert town.sees(reader)[0].startswith("Warnung: Bombenfund am Bahnhof")


async def test_nobody_to_release_an_alert(town: PostsTown) -> None:
    author = await town.staff()
    draft = await alert(town, author)
    with pytest.raises(NeedsAnotherError):
        await town.send(author, draft)


async def test_a_refused_alert_is_a_draft_again_and_its_sender_hears(town: PostsTown) -> None:
    author, second = await town.staff(), await town.staff()
    draft = await alert(town, author)
    await town.send(author, draft)
    async with town.database.write() as session:
        await town.posts.publishing.refuse(session, second, draft.id, revision=draft.item.revision)
    async with town.database.write() as session:
        with pytest.raises(StaleError):
            await town.posts.publishing.approve(session, second, draft.id, revision=draft.item.revision)
    await town.deliver()
    assert "nicht freigegeben" in town.sees("staff-1")[0]


async def test_a_changed_alert_must_be_released_anew(town: PostsTown) -> None:
    author, second = await town.staff(), await town.staff()
    draft = await alert(town, author)
    await town.send(author, draft)
    async with town.database.write() as session:
        await town.posts.drafts.edit(session, author, draft.id)
        with pytest.raises(StaleError):
            await town.posts.publishing.approve(session, second, draft.id, revision=draft.item.revision)


async def test_the_correction_of_an_alert_must_be_released_too(town: PostsTown) -> None:
    author, second = await town.staff(), await town.staff()
    reader = await town.resident()
    draft = await alert(town, author)
    await town.send(author, draft)
    async with town.database.write() as session:
        await town.posts.publishing.approve(session, second, draft.id, revision=draft.item.revision)
    await town.deliver()
    async with town.database.write() as session:
        change = await town.posts.drafts.correction(session, author, draft.id)
        await town.posts.drafts.set_kind(session, change, Kind.NEWS)
        await town.posts.drafts.set_field(session, change, FieldName.WHAT, "Entwarnung")
        sent = await town.posts.publishing.send(session, author, change.id, revision=change.item.revision)
    assert (sent.way, sent.asked) == (Way.ASKED, 1)
    town.clock.advance(timedelta(minutes=1))
    await town.wake()
    await town.deliver()
    assert town.sees(reader)[0].startswith("Warnung: Bombenfund am Bahnhof")
    async with town.database.write() as session:
        await town.posts.publishing.approve(session, second, change.id, revision=change.item.revision)
    await town.deliver()
    assert town.sees(reader)[0].startswith("Entwarnung")


# --- translations and pages ----------------------------------------------------------------------------------


async def test_a_translation_by_hand_is_shown_until_the_text_changes(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, CAKE)
    async with town.database.write() as session:
        edited = await town.posts.drafts.edit(session, author, draft.id)
        await town.posts.drafts.translate(session, edited, "ar", "قهوة وكعك", "أحضر كوبك من فضلك.")
    shown = await town.load(draft.id)
    async with town.database.read() as session:
        voice = await town.posts.voices.of(session, shown)
    arabic = plain(post_rich(town.posts.voices.render("ar"), shown, voice))
    assert "قهوة وكعك" in arabic
    assert "ترجمه إنسان" in arabic
    assert "\u2068الخميس" in arabic
    async with town.database.write() as session:
        edited = await town.posts.drafts.edit(session, author, draft.id)
        await town.posts.drafts.set_field(session, edited, FieldName.NOTE, "Kuchen ist da.")
        preview = await town.posts.preview(session, edited)
    assert preview.stale_translations == ("ar",)
    assert edited.text_for("ar").language == "de"


async def test_every_template_is_complete_in_every_language(town: PostsTown) -> None:
    author = await town.staff()
    said = {
        FieldName.WHAT: "Spielecafé", FieldName.WHEN: "Donnerstag 15 Uhr", FieldName.UNTIL: "17 Uhr",
        FieldName.WHERE: "KAISERS", FieldName.NEW_WHEN: "Freitag 16 Uhr", FieldName.NEW_WHERE: "Fuchsbau",
        FieldName.COST: "3 Euro", FieldName.CONTACT: "Frau Muster", FieldName.HELPERS: "4",
    }  # fmt: skip
    for kind in TEMPLATES:
        async with town.database.write() as session:
            draft = await town.posts.drafts.begin(session, author, town.kaisers, "de", template=kind)
            for name, words in said.items():
                await town.posts.drafts.set_field(session, draft, name, words)
            voice = await town.posts.voices.of(session, draft)
            for tag in LANGUAGES.tags():
                text = plain(post_rich(town.posts.voices.render(tag), draft, voice))
                assert ("KAISERS" if kind is Kind.CLOSED else "Spielecafé") in text
                assert "Geschrieben auf" not in text


async def test_pages_show_what_was_sent_until_it_is_over(town: PostsTown) -> None:
    author = await town.staff()
    draft = await town.draft(author, CAKE)
    await town.send(author, draft)
    now = town.clock.now

    async def shown() -> list[int]:
        async with town.database.read() as session:
            return [post.id for post in await town.posts.public(session, [town.suedstadt], now())]

    assert await shown() == []
    town.clock.advance(timedelta(seconds=30))
    assert await shown() == [draft.id]
    town.clock.set(at("2026-11-26T17:30"))
    assert await shown() == []


async def test_drafts_are_forgotten_after_a_month_and_what_was_sent_stays(town: PostsTown) -> None:
    author = await town.staff()
    draft, sent = await town.draft(author, CAKE), await town.published(author, CAKE)
    for days, left in ((29, {draft.id, sent.id}), (2, {sent.id})):
        town.clock.advance(timedelta(days=days))
        async with town.database.write() as session:
            await town.posts.erase_old(session)
            assert set((await session.scalars(select(Post.item_id))).all()) == left


async def test_a_person_who_leaves_takes_their_drafts_along(town: PostsTown) -> None:
    author = await town.staff()
    draft, sent = await town.draft(author, CAKE), await town.published(author, CAKE)
    async with town.database.write() as session:
        assert len(list(await town.posts.export(session, author))) == 2  # type: ignore[call-overload]  # a list
        await town.posts.erase(session, author)
    async with town.database.read() as session:
        left = {item.id: item.author for item in (await session.scalars(select(Item))).all()}
    assert draft.id not in left
    assert left[sent.id] is None
    assert (await town.load(sent.id)).item.state == ItemState.PUBLISHED
