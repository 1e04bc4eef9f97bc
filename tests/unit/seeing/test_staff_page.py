"""What a pass shows: the holder's own posts, in their language, as long as they hold a role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, update

from bot.clock import RandomIds
from bot.delivery.chats import lane_for
from bot.delivery.model import Delivery, State
from bot.health import Health
from bot.people.model import Role
from bot.place import Place
from bot.posts.leaving.copies import Figures
from bot.posts.passes import LIFE, Passes
from bot.seeing.metrics import Metrics
from bot.seeing.staff_page import KEPT, HouseSights
from tests.unit.posts.test_publishing import CAKE
from tests.unit.posts.town import LANGUAGES, MONDAY_NOON, PostsTown
from tests.unit.seeing.test_overview import half_way

_IS_DUE = (Delivery.state == State.PENDING) & (Delivery.due_at <= MONDAY_NOON + timedelta(minutes=1))


async def town_figures(town: PostsTown, item: int) -> Mapping[int, Figures]:
    async with town.database.read() as session:
        return await town.posts.receipts.figures(session, [item])


async def sights(town: PostsTown) -> tuple[HouseSights, Passes]:
    place = Place(town.database, town.clock)
    await place.refresh()
    passes = Passes(b"secret", town.clock, RandomIds())
    metrics = Metrics(town.database, town.clock, list, Health(town.database, town.clock))
    shown = HouseSights(town.database, town.clock, metrics, passes, town.posts, town.people, LANGUAGES, place)
    return shown, passes


async def test_the_figures_of_ones_own_posts_while_they_go_out(town: PostsTown) -> None:
    await half_way(town)
    author = await town.staff()
    shown, passes = await sights(town)
    token = passes.make(author)
    assert await shown.staff_language(token) == "de"
    sight = await shown.staff(token, "de")
    assert sight is not None
    assert (sight.title, sight.is_moving) == ("So laufen eure Ansagen", True)
    assert "gilt bis Montag, 23. November, 20 Uhr." in sight.intro
    [post] = sight.posts
    assert post.head.startswith("Kaffee und Kuchen, gesendet: ")
    said = list(post.lines)
    assert said == [
        "6 Menschen haben es.",
        "Es geht gerade raus, noch etwa 1 Minute lang.",
        "6 Menschen bekommen es noch, zu ihrer Zeit.",
        "1 Mensch hat mich blockiert und zählt ab jetzt nicht mehr mit.",
        "1 Mensch konnte es nicht bekommen.",
        "1 Mensch hat es vielleicht bekommen, ich weiß es nicht.",
        "1 Mensch findet es auf der Webseite.",
        "In der letzten Minute ist es bei 6 Menschen angekommen.",
    ]
    assert (post.reached, post.people) == (6, 15)


async def test_one_messenger_that_stands_still_leaves_nobody_to_tell_how_long(town: PostsTown) -> None:
    item = await half_way(town)
    async with town.database.write() as session:
        stuck = (await lane_for(session, "matrix")).id
        [last, *_] = (await session.scalars(select(Delivery.id).where(Delivery.item == item, _IS_DUE))).all()
        await session.execute(update(Delivery).where(Delivery.id == last).values(lane_id=stuck))
    [figures] = (await town_figures(town, item)).values()
    assert (figures.due, figures.lately, figures.left) == (4, 6, None)
    shown, passes = await sights(town)
    sight = await shown.staff(passes.make(await town.staff()), "de")
    assert sight is not None
    assert sight.is_moving
    assert not [line for line in sight.posts[0].lines if "noch etwa" in line]


async def test_it_counts_once_for_all_who_look_within_a_few_seconds(town: PostsTown) -> None:
    item = await half_way(town)
    shown, passes = await sights(town)
    one, other = passes.make(await town.staff()), passes.make(await town.staff())
    assert (await shown.staff(one, "de")) is not None
    async with town.database.write() as session:
        await session.execute(update(Delivery).where(Delivery.item == item).values(state=State.GONE))
    seen = await shown.staff(other, "ar")
    assert seen is not None
    assert seen.posts[0].people == 15
    assert seen.is_moving
    town.clock.advance(KEPT)
    seen = await shown.staff(other, "ar")
    assert seen is not None
    assert not seen.is_moving


async def test_in_the_language_the_page_is_read_in(town: PostsTown) -> None:
    await half_way(town)
    shown, passes = await sights(town)
    sight = await shown.staff(passes.make(await town.staff()), "ar")
    assert sight is not None
    assert sight.title == "هكذا يسير إرسال إعلاناتكم"
    assert any("أشخاص" in line for line in sight.posts[0].lines)


async def test_staff_of_another_place_see_their_own_posts_alone(town: PostsTown) -> None:
    await town.published(await town.staff(), CAKE)
    await town.wake()
    async with town.database.read() as session:
        places = await town.quartiere.treffpunkte(session)
    other = next(place.id for place in places if place.id != town.kaisers)
    shown, passes = await sights(town)
    sight = await shown.staff(passes.make(await town.staff(other)), "de")
    assert sight is not None
    assert (sight.posts, sight.empty) == ((), "Hier gibt es noch keine Ansagen.")
    everywhere = await shown.staff(passes.make(await town.staff(role=Role.COORDINATOR)), "de")
    assert everywhere is not None
    assert len(everywhere.posts) == 1


async def test_who_holds_no_role_any_more_sees_nothing(town: PostsTown) -> None:
    await half_way(town)
    author = await town.staff()
    shown, passes = await sights(town)
    token = passes.make(author)
    assert await shown.staff(token, "de") is not None
    async with town.database.write() as session:
        [held] = await town.roles.held_by(session, author)
        await town.roles.revoke(session, held.grant)
    assert await shown.staff(token, "de") is None
    assert await shown.staff_language(token) is None


async def test_an_old_pass_and_a_forged_one_show_nothing(town: PostsTown) -> None:
    await half_way(town)
    author = await town.staff()
    shown, passes = await sights(town)
    token = passes.make(author)
    town.clock.advance(LIFE + timedelta(seconds=1))
    assert await shown.staff(token, "de") is None
    assert await shown.staff("A" * len(token), "de") is None
    assert await shown.staff_language("A" * len(token)) is None
