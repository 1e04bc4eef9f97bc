"""The composition root: settings in, running program out. The only place where parts are wired.

Features register their routes, their hooks and what they hold about people; nothing else in the house knows them all.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.metadata import entry_points

from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, Ids, RandomIds, SystemClock
from bot.contract import Address, Inbound, LoginRefused, Platform, PlatformError, Receive
from bot.delivery.chats import lane_for
from bot.delivery.engine import Engine
from bot.delivery.hooks import Hooks
from bot.delivery.lease import LaneLostError
from bot.delivery.model import Lane
from bot.delivery.store import LaneStore, MediaReader, MediaStore
from bot.delivery.tempo import Tempo
from bot.features import Features, nothing
from bot.health import Health
from bot.host import Build, Host
from bot.language import Languages
from bot.living import Living
from bot.pages import Pages
from bot.place import Place
from bot.ports import Forgets, Shares
from bot.privacy.register import Holding, Retention
from bot.process import ProcessRole
from bot.schedule import Job
from bot.seeing.metrics import Metrics
from bot.seeing.staff_page import HouseSights
from bot.settings import Settings
from bot.storage import Database
from bot.storage.again import again
from bot.watch.look import Look
from bot.watch.tell import Tell
from bot.watch.trouble import Probes, database_folder, free_bytes

log = logging.getLogger(__name__)

LOCAL_PAGE = "web"
"""The platform that may run while imprint, privacy contact or rules are missing: on this machine only."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between attempts to reach a platform that is down."""
STEADY = 60.0
"""Seconds a platform must have listened for its next failure to count as a first one."""


class CannotStartError(Exception):
    """The program can't start; the message says why and what to do."""


@dataclass(slots=True)
class House:
    """All parts of the running program."""

    settings: Settings
    database: Database
    clock: Clock
    languages: Languages
    place: Place
    features: Features
    engine: Engine
    media: MediaStore
    health: Health
    watch: Tell
    role: ProcessRole = ProcessRole.ALL
    lanes: dict[str, int] = field(default_factory=dict)
    platforms: dict[int, Platform] = field(default_factory=dict)
    sights: HouseSights | None = None

    def start_links(self, payload: str) -> list[str]:
        """Links that open the bot with a payload, on every platform where roles may be held."""
        links = [p.start_link(payload) for p in self.platforms.values() if p.capabilities.roles]
        return [link for link in links if link]

    async def run(self) -> None:
        """Do what this process is for until cancelled; then stop in order."""
        living = Living(
            self.database,
            self.role,
            self.engine,
            self.features.inbox,
            self.place,
            self.health,
            self.platforms,
            self._receive,
            self._jobs(),
            self._rounds(),
        )
        await living.run()

    async def close(self) -> None:
        """Let go of every platform. One that can't keeps no other."""
        for platform in self.platforms.values():
            try:
                await platform.close()
            except Exception as fault:
                log.exception("%s could not be closed: %s", platform.name, type(fault).__name__)

    async def tidy(self) -> None:
        """Forget what time has run out for, and the chats of people who did not agree."""
        for retention in self.features.register.retentions:
            await self._sweep(retention)
        forgetful: dict[int, Forgets] = {
            lane: platform for lane, platform in self.platforms.items() if isinstance(platform, Forgets)
        }
        async with self.database.read() as session:
            strangers = await self.features.people.strangers(session, shown_in=list(forgetful))
        for _, lane, address in strangers:
            if lane in forgetful:
                await forgetful[lane].forget(Address(address))
        if strangers:
            async with self.database.write() as session:
                found = [chat for chat, _, _ in strangers]
                await self.features.people.forget_chats(session, found, shown_in=list(forgetful))
        await self.database.settle()

    async def _sweep(self, retention: Retention) -> None:
        """Each in a transaction of its own: one that fails keeps no other from its deadline."""

        async def swept() -> None:
            async with self.database.write() as session:
                await retention.sweep(session)

        try:
            await again(swept)
        except SQLAlchemyError as fault:
            log.exception("sweeping %s failed: %s", retention.name, type(fault).__name__)

    async def wake(self) -> None:
        """Publish what is due, and tell senders how it went."""
        await self.features.due(self.database)

    async def count(self) -> None:
        """Write down the figures of days that are over."""
        if self.place.is_loaded:
            async with self.database.write() as session:
                await self.features.figures.count(session)

    def _jobs(self) -> list[Job]:
        """What one process of all does: it is about the city's rows."""
        return [
            Job("due", timedelta(seconds=5), self.wake),
            Job("tidy", timedelta(minutes=5), self.tidy),
            Job("figures", timedelta(minutes=10), self.count),
        ]

    def _rounds(self) -> list[Job]:
        """What every process does: it is about its own memory, and about what it alone knows."""
        place = Job("place", timedelta(minutes=1), self.place.refresh)
        watch = Job("watch", timedelta(minutes=1), self.watch.tell)
        return [place] if self.role is ProcessRole.WEB else [place, watch]

    async def _receive(self, lane: int, platform: Platform) -> None:
        """Listen to one platform. One that is down is tried again, ever more slowly, and troubles no other."""
        pause = FIRST_PAUSE
        now = asyncio.get_running_loop().time
        while True:
            began = math.inf
            try:
                await platform.check()
                self.health.up(platform.name)
                await self.features.menus(platform)
                began = now()
                async with self.database.read() as session:
                    row = await session.get_one(Lane, lane)
                    cursor = row.cursor
                await platform.run(self._receiver(lane), cursor)
            except PlatformError as fault:
                self.health.down(platform.name, str(fault), login=isinstance(fault, LoginRefused))
                is_new = pause == FIRST_PAUSE and not self.health.was_up(platform.name)
                if platform.name == LOCAL_PAGE or (is_new and isinstance(fault, LoginRefused)):
                    raise CannotStartError(str(fault)) from fault
                log.warning("%s can't be reached: %s", platform.name, fault)
            except LaneLostError:
                raise
            except Exception as fault:
                # An adapter's own fault must not silence the other messengers: it is recorded, and tried again.
                self.health.down(platform.name, type(fault).__name__)
                log.exception("%s broke: %s", platform.name, type(fault).__name__)
            if now() - began >= STEADY:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _receiver(self, lane: int) -> Receive:
        async def receive(events: Sequence[Inbound], cursor: str | None) -> None:
            if events:
                self.engine.expect(lane)
            await self.features.inbox.store(lane, events, cursor)

        return receive


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    adapters: Mapping[str, Build] | None = None,
    connect: bool = True,
    role: ProcessRole = ProcessRole.ALL,
) -> AsyncIterator[House]:
    """Wire the parts on a migrated database. `connect=False`: for commands that only read or write rows.

    Raises `CannotStartError` when no city is loaded.
    """
    clock = clock or SystemClock()
    url = settings.database_url.render_as_string(hide_password=False)
    connections = settings.database.connections or role.connections
    database = Database(url, patience=settings.database.lease, connections=connections)
    try:
        house = await _wire(settings, database, clock, ids or RandomIds())
        house.role = role
        try:
            if connect:
                await _connect(house, adapters if adapters is not None else _installed())
            yield house
        finally:
            await house.close()
    finally:
        await database.close()


async def _wire(settings: Settings, database: Database, clock: Clock, ids: Ids) -> House:
    languages = Languages.load(Languages.find())
    place = Place(database, clock)
    await place.refresh()
    platforms: dict[int, Platform] = {}
    hooks = Hooks()
    engine = Engine(database, clock, platforms, hooks, Tempo(lease=settings.database.lease))
    media = MediaStore(clock)
    health = Health(database, clock)
    house: House
    features = Features(
        database,
        clock,
        ids,
        languages,
        place,
        media,
        engine,
        lambda payload: house.start_links(payload),
        platforms,
        await _secret(database),
    )
    features.public_url = settings.web.public_url
    features.page_address = settings.web.address if settings.demo or settings.web.public_url else ""
    hooks.repeat = features.repeat
    watch = _watch(settings, features, health, database, clock, platforms, engine)
    house = House(
        settings,
        database,
        clock,
        languages,
        place,
        features,
        engine,
        media,
        health,
        watch,
        platforms=platforms,
    )
    return house


def _watch(
    settings: Settings,
    features: Features,
    health: Health,
    database: Database,
    clock: Clock,
    platforms: Mapping[int, Platform],
    engine: Engine,
) -> Tell:
    """Who looks after the program itself; `/healthz` says the same."""
    probes = Probes(
        partial(free_bytes, database_folder(settings)),
        lambda: database.is_full,
        health.platforms,
        lambda: health.failing,
        lambda: database.is_sqlite or health.leads,
    )
    health.watch = Look(database, clock, probes)
    tell = Tell(
        database, clock, health.watch, features.people, features.roles, features.outbox, features.languages,
        features.place.zone, platforms, lambda lane: lane in engine.owning.held,
    )  # fmt: skip
    features.register.holds(Holding("watch", frozenset({"adapter_store"}), nothing, tell.erase))
    return tell


async def _connect(house: House, adapters: Mapping[str, Build]) -> None:
    """Build every platform that the settings ask for, each with its lane."""
    missing = await house.place.missing_duties()
    secret = await _secret(house.database)
    house.sights = sights = _sights(house)
    for name, build in adapters.items():
        section = house.settings.platform(name)
        if missing and name != LOCAL_PAGE and section:
            log.warning("%s does not start while the city lacks: %s", name, ", ".join(missing))
            continue
        async with house.database.write() as session:
            lane = await lane_for(session, name)
        store = LaneStore(house.database, lane.id)
        host = Host(
            settings=section,
            store=store,
            media=MediaReader(house.database),
            pages=Pages(
                house.database,
                house.clock,
                house.languages,
                house.place,
                house.features.agenda,
                house.features.announced,
            ),
            demo=house.settings.demo,
            health=house.health.report,
            secret=secret,
            public_url=house.settings.web.public_url,
            folder=str(house.settings.data.folder / name),
            well=partial(house.health.went, name),
            sights=sights,
        )
        platform = build(host)
        if platform is not None:
            house.lanes[name] = lane.id
            house.platforms[lane.id] = platform
            if isinstance(platform, Shares) and not house.database.is_sqlite:
                store.tells = True
                platform.share()


def _sights(house: House) -> HouseSights:
    """What the house shows of itself: metrics, and to staff how their posts go."""
    features = house.features
    metrics = Metrics(house.database, house.clock, house.engine.pulse, house.health)
    return HouseSights(
        house.database,
        house.clock,
        metrics,
        features.passes,
        features.posts,
        features.people,
        house.languages,
        house.place,
    )


async def _secret(database: Database) -> bytes:
    """The installation's signing key: made once, kept beside the rows it signs for."""
    async with database.write() as session:
        lane = await lane_for(session, "house")
    store = LaneStore(database, lane.id)
    await store.put_new("secret", secrets.token_hex(32))
    return bytes.fromhex(await store.get("secret") or "")


def _installed() -> dict[str, Build]:
    return {entry.name: entry.load() for entry in entry_points(group="quartierbote.adapters")}
