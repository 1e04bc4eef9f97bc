"""The page's own messenger: once per key, in order, never more than it should keep."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from adapters.web.threads import KEPT_ENTRIES, Threads
from bot.clock import ManualClock
from bot.contract import Outgoing
from tests.fakes.web_host import MemoryStore
from tests.fakes.web_reader import words

HELLO, CHANGED = Outgoing(words("Hallo")), Outgoing(words("Geändert"))


async def test_the_same_key_arrives_once_also_after_a_restart(clock: ManualClock) -> None:
    store = MemoryStore()
    first = await Threads(store, clock).say("a", HELLO, "k1")
    again = await Threads(store, clock).say("a", HELLO, "k1")

    assert again == first
    assert [entry.said for entry in await Threads(store, clock).entries("a")] == [HELLO]


async def test_many_at_once_keep_their_order_and_differ(clock: ManualClock) -> None:
    threads = Threads(MemoryStore(), clock)
    refs = await asyncio.gather(*(threads.say("a", HELLO, f"k{n % 10}") for n in range(50)))

    assert len(set(refs)) == 10
    assert [entry.key for entry in await threads.entries("a")] == [f"out:k{n}" for n in range(10)]


async def test_only_the_last_are_kept_and_others_chats_are_untouched(clock: ManualClock) -> None:
    store = MemoryStore()
    threads = Threads(store, clock)
    await threads.say("b", HELLO, "b")
    for number in range(KEPT_ENTRIES + 5):
        await threads.say("a", HELLO, str(number))

    entries = await Threads(store, clock).entries("a")
    assert [entries[0].key, entries[-1].key, len(entries)] == [
        "out:5",
        f"out:{KEPT_ENTRIES + 4}",
        KEPT_ENTRIES,
    ]
    assert len(await threads.entries("b")) == 1


async def test_a_change_is_new_to_an_open_page_and_the_same_change_is_not(clock: ManualClock) -> None:
    threads = Threads(MemoryStore(), clock)
    ref = await threads.say("a", HELLO, "k")
    seen = (await threads.entries("a"))[0].rev
    assert await threads.change("a", ref, CHANGED)
    fresh = await threads.changes("a", seen, patience=0)
    assert fresh is not None
    assert [(entry.ref, entry.said) for entry in fresh] == [(ref, CHANGED)]

    assert await threads.change("a", ref, CHANGED)

    assert await threads.changes("a", fresh[0].rev, patience=0) == []


async def test_what_is_taken_back_leaves_no_words(clock: ManualClock) -> None:
    store = MemoryStore()
    threads = Threads(store, clock)
    ref = await threads.say("a", HELLO, "k")
    assert await threads.change("a", ref, None)

    assert "Hallo" not in "".join(store.rows.values())
    assert [entry.is_gone for entry in await threads.entries("a")] == [True]
    assert not await threads.change("a", ("404",), None)


async def test_who_waits_hears_of_news_of_an_erased_chat_and_of_the_end(clock: ManualClock) -> None:
    threads = Threads(MemoryStore(), clock)
    waiting = asyncio.create_task(threads.changes("a", 0, patience=60))
    await asyncio.sleep(0)
    await threads.say("a", HELLO, "k")
    heard = await waiting
    assert heard is not None
    assert [entry.said for entry in heard] == [HELLO]

    waiting = asyncio.create_task(threads.changes("a", heard[0].rev, patience=60))
    await asyncio.sleep(0)
    await threads.forget("a")
    assert await waiting is None
    assert await threads.entries("a") == []

    waiting = asyncio.create_task(threads.changes("a", heard[0].rev, patience=60))
    await asyncio.sleep(0)
    threads.close()
    assert await waiting == []


async def test_a_farewell_erases_what_stood_before_it_once(clock: ManualClock) -> None:
    threads = Threads(MemoryStore(), clock)
    await threads.write("a", "Was ist heute los?", "w")
    await threads.say("a", HELLO, "k1")
    farewell = Outgoing(words("Alles gelöscht"), forget=True)
    ref = await threads.say("a", farewell, "k2")
    assert [entry.said for entry in await threads.entries("a")] == [farewell]

    await threads.say("a", HELLO, "k3")
    assert await threads.say("a", farewell, "k2") == ref
    assert [entry.said for entry in await threads.entries("a")] == [farewell, HELLO]


# --- in several processes ------------------------------------------------------------------------------------


def two_processes(clock: ManualClock) -> tuple[Threads, Threads]:
    """The page's process and the worker's, which tell each other what they wrote."""
    store = MemoryStore()
    page, worker = Threads(store, clock), Threads(store, clock)
    page.share()
    worker.share()
    return page, worker


def key(ref: tuple[str, ...]) -> str:
    return f"m/a/{int(ref[0]):015d}"


async def test_an_open_page_hears_what_another_process_wrote(clock: ManualClock) -> None:
    page, worker = two_processes(clock)
    mine = await page.write("a", "Hilfe!", "1")
    waiting = asyncio.create_task(page.changes("a", int(mine[0]), patience=60))
    await asyncio.sleep(0)
    ref = await worker.say("a", HELLO, "k")
    page.stored(key(ref))
    heard = await waiting
    assert heard is not None
    assert [entry.said for entry in heard] == [HELLO]


async def test_after_a_gap_an_open_page_looks_again(clock: ManualClock) -> None:
    page, worker = two_processes(clock)
    waiting = asyncio.create_task(page.changes("a", 0, patience=60))
    await asyncio.sleep(0)
    await worker.say("a", HELLO, "k")
    page.stored("")
    assert await waiting


async def test_an_open_page_hears_that_another_process_erased_the_chat(clock: ManualClock) -> None:
    page, worker = two_processes(clock)
    mine = await page.write("a", "/delete", "1")
    waiting = asyncio.create_task(page.changes("a", int(mine[0]), patience=60))
    await asyncio.sleep(0)
    clock.advance(timedelta(milliseconds=1))
    ref = await worker.say("a", Outgoing(words("Alles gelöscht."), forget=True), "k")
    page.stored(key(ref))
    assert await waiting is None


async def test_two_processes_that_write_at_once_overwrite_nothing(clock: ManualClock) -> None:
    page, worker = two_processes(clock)
    writing = [page.write("a", f"{n}", f"{n}") for n in range(10)]
    await asyncio.gather(*writing, *(worker.say("a", HELLO, f"{n}") for n in range(10)))
    assert len(await page.entries("a")) == 20


async def test_what_was_written_first_and_seen_last_is_not_left_out(clock: ManualClock) -> None:
    page, worker = two_processes(clock)
    first = await page.write("a", "zuerst", "1")
    clock.advance(timedelta(milliseconds=10))
    second = await worker.say("a", HELLO, "k")
    late = await page.changes("a", int(second[0]), patience=0, seen={int(second[0])})
    assert late is not None
    assert [entry.ref for entry in late] == [first]
