"""What people write about days and times, and what it must be read as: a table.

Now is Monday, 23 November 2026, 12:00.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.posts.understanding.when import DoubtKind, Moment, When, answered, read_when

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)

CERTAIN = [
    # German, with ranges
    ("Am Donnerstag 15 Uhr Kaffee und Kuchen", "2026-11-26 15:00"),
    ("Mi 25.11. 15-17 Uhr", "2026-11-25 15:00 / 2026-11-25 17:00"),
    ("Mi., 25.11., 15–17 Uhr", "2026-11-25 15:00 / 2026-11-25 17:00"),
    ("30.11. 15:00–17:30", "2026-11-30 15:00 / 2026-11-30 17:30"),
    ("am 30.11. von 15.00 bis 17.30 Uhr", "2026-11-30 15:00 / 2026-11-30 17:30"),
    ("Samstag von 10 bis 14 Uhr", "2026-11-28 10:00 / 2026-11-28 14:00"),
    ("Samstag zwischen 10 und 14 Uhr", "2026-11-28 10:00 / 2026-11-28 14:00"),
    ("Samstag von 10 bis 14", "2026-11-28 10:00 / 2026-11-28 14:00"),
    ("10 bis 14 Uhr am Samstag", "2026-11-28 10:00 / 2026-11-28 14:00"),
    ("Freitag, 4.12., ab 17 Uhr", "2026-12-04 17:00"),
    ("Do ab 17 Uhr", "2026-11-26 17:00"),
    ("Sa. 28.11. 14 Uhr", "2026-11-28 14:00"),
    ("morgen 18 Uhr", "2026-11-24 18:00"),
    ("morgen früh um 10", "2026-11-24 10:00"),
    ("Übermorgen um 9:30 Uhr", "2026-11-25 09:30"),
    ("heute um 20 Uhr", "2026-11-23 20:00"),
    ("heute Abend um acht", "2026-11-23 20:00"),
    ("Donnerstagabend um halb acht", "2026-11-26 19:30"),
    ("Freitag, Viertel nach drei nachmittags", "2026-11-27 15:15"),
    ("Samstagnachmittag um 3", "2026-11-28 15:00"),
    ("Freitag 8 Uhr morgens", "2026-11-27 08:00"),
    ("Freitag 15 Uhr 30", "2026-11-27 15:30"),
    ("26. November 2026 um 15.30 Uhr", "2026-11-26 15:30"),
    ("3. Dez. 18h", "2026-12-03 18:00"),
    ("26.11.26 15 Uhr", "2026-11-26 15:00"),
    ("Samstag 20 bis 1 Uhr", "2026-11-28 20:00 / 2026-11-29 01:00"),
    ("von Freitag 18 Uhr bis Sonntag 14 Uhr", "2026-11-27 18:00 / 2026-11-29 14:00"),
    ("Sonntag, den 29.", "2026-11-29"),
    ("Freitag zehn nach acht abends", "2026-11-27 20:10"),
    ("Freitagabend um fünf vor halb acht", "2026-11-27 19:25"),
    ("Freitagabend, viertel acht", "2026-11-27 19:15"),
    ("Freitagabend, dreiviertel acht", "2026-11-27 19:45"),
    ("Freitag 15 Uhr 30 Plätze frei", "2026-11-27 15:00"),
    ("Feier am 5. Dezember 18 Uhr, Reservierung bitte bis zum 30. November", "2026-12-05 18:00"),
    ("vom 3. bis 5. Dezember", "2026-12-03 / 2026-12-05"),
    ("3.–5.12.", "2026-12-03 / 2026-12-05"),
    ("28.12. bis 3.1. geschlossen", "2026-12-28 / 2027-01-03"),
    ("am 5. Dezember", "2026-12-05"),
    # The four Turkish i's, however they are typed
    ("Sali kommt am Freitag um 10 Uhr", "2026-11-27 10:00"),
    ("PAZARTESİ 15:00", "2026-11-23 15:00"),
    ("salı 9:00", "2026-11-24 09:00"),
    ("26 KASIM, 15:00", "2026-11-26 15:00"),
    ("26 kasim, 15:00", "2026-11-26 15:00"),
    ("FRİDAY 3 pm", "2026-11-27 15:00"),
    ("Mittwoch", "2026-11-25"),
    ("1.1. 11 Uhr", "2027-01-01 11:00"),
    ("24.12., 24 Uhr", "2026-12-25 00:00"),
    ("nächste Woche Mittwoch 14 Uhr", "2026-12-02 14:00"),
    ("kommenden Dienstag 14 Uhr", "2026-11-24 14:00"),
    ("in zwei Wochen um 15 Uhr", "2026-12-07 15:00"),
    ("bis Freitag gesperrt", "- / 2026-11-27"),
    ("heute bis 18 Uhr gesperrt", "- / 2026-11-23 18:00"),
    # today, if the time is still ahead
    ("Montag 15 Uhr", "2026-11-23 15:00"),
    ("Montag 10 Uhr", "2026-11-30 10:00"),
    # a deadline or the old day is not when it happens
    ("Samstag 10 Uhr Ausflug, Anmeldung bis Donnerstag", "2026-11-28 10:00"),
    ("von Dienstag auf Donnerstag 16 Uhr verschoben", "2026-11-26 16:00"),
    ("Freitag statt Donnerstag 15 Uhr", "2026-11-27 15:00"),
    ("doch Freitag 16 Uhr", "2026-11-27 16:00"),
    ("Kaffee am Donnerstag im Haus, Beginn ist 15 Uhr", "2026-11-26 15:00"),
    # English, and digits in any language
    ("Thursday 3pm", "2026-11-26 15:00"),
    ("3-5pm on Thursday", "2026-11-26 15:00 / 2026-11-26 17:00"),
    ("on 26 November at 15:00", "2026-11-26 15:00"),
    ("November 26th, 3:30 p.m.", "2026-11-26 15:30"),
    ("tomorrow from 10 to 12", "2026-11-24 10:00 / 2026-11-24 12:00"),
    ("2026-11-26 15:00", "2026-11-26 15:00"),
    ("Joi, 26.11. ora 15:00", "2026-11-26 15:00"),
    ("26 Kasım 15:00", "2026-11-26 15:00"),
    ("четверг 15:00", "2026-11-26 15:00"),
    ("الخميس 26.11. 15:00", "2026-11-26 15:00"),
]

NOTHING = [
    "Tel. 05151 123456",
    "Ruf an: 05151/12 34 56 oder +49 5151 1530",
    "Das macht 3,50 Euro",
    "3.50 €, für Kinder 12.30 €",
    "für Kinder ab 6 Jahren",
    "von 6 bis 12 Jahren",
    "Raum 12",
    "Kaiserstr. 80",
    "So 15 Leute waren da",
    "Do it yourself",
    "Guten Morgen, guten Abend!",
    "Frau Mai und Fr. März",
    "um 10 Prozent teurer",
    "https://hameln.de/2026-11-26/15:00",
    "Der Sonntagsbraten und ein gemütlicher Abend",
    "1,5 km in 20 Minuten",
    "Bis morgen!",
    "Schönen Donnerstag euch allen",
    "am 1. Advent",
]

ASKED = [
    ("am 3. und 10. Dezember", "several", ["2026-12-03", "2026-12-10"]),
    (
        "3., 10. und 17. Dezember um 16 Uhr",
        "several",
        ["2026-12-03 16:00", "2026-12-10 16:00", "2026-12-17 16:00"],
    ),
    ("Samstag 15 Uhr und 17 Uhr", "several", ["2026-11-28 15:00", "2026-11-28 17:00"]),
    ("Einlass 18 Uhr, Beginn 19 Uhr am Freitag", "several", ["2026-11-27 18:00", "2026-11-27 19:00"]),
    (
        "Sa 10-12 Uhr, So 14-16 Uhr",
        "several",
        ["2026-11-28 10:00 / 2026-11-28 12:00", "2026-11-29 14:00 / 2026-11-29 16:00"],
    ),
    (
        "4.–5.12. 10 bis 14 Uhr",
        "several",
        ["2026-12-04 10:00 / 2026-12-04 14:00", "2026-12-05 10:00 / 2026-12-05 14:00"],
    ),
    ("jeden Dienstag 15 Uhr", "recurring", ["2026-11-24 15:00"]),
    ("dienstags um 15 Uhr", "recurring", ["2026-11-24 15:00"]),
    ("4 Termine ab 1.12., jeweils 16 Uhr", "recurring", ["2026-12-01 16:00"]),
    ("jeden 2. Dienstag im Monat um 15 Uhr", "recurring", []),
    ("am ersten Mittwoch im Monat 18 Uhr", "recurring", []),
    ("letzten Freitag", "recurring", []),
    ("first Wednesday of the month at 15:00", "recurring", []),
    ("28./29.11. Flohmarkt", "several", ["2026-11-28", "2026-11-29"]),
    ("Freitag, den 13. 15 Uhr", "weekday", ["2026-12-13 15:00", "2026-12-11 15:00", "2026-12-18 15:00"]),
    ("am Samstag um Mitternacht", "time_unclear", []),
    ("Saturday, half seven", "time_unclear", []),
    ("Freitag um acht Uhr dreißig", "time_unclear", []),
    ("nächsten Dienstag 15 Uhr", "day_unclear", ["2026-11-24 15:00", "2026-12-01 15:00"]),
    ("next Thursday at 15:00", "day_unclear", ["2026-11-26 15:00", "2026-12-03 15:00"]),
    ("am Montag", "day_unclear", ["2026-11-23", "2026-11-30"]),
    ("03/12/2027", "day_unclear", ["2027-12-03", "2027-03-12"]),
    ("Donnerstag, 27.11.", "weekday", ["2026-11-27", "2026-11-26", "2026-12-03"]),
    ("morgen, Mittwoch, um 9 Uhr", "weekday", ["2026-11-25 09:00", "2026-11-24 09:00"]),
    ("Freitag, 20.11. 15 Uhr", "past", ["2026-11-27 15:00", "2027-11-20 15:00"]),
    ("20.11.2026", "past", ["2026-11-27", "2027-11-20"]),
    ("gestern", "past", ["2026-11-29"]),
    ("heute 10 Uhr", "past", ["2026-11-24 10:00"]),
    ("31.11. 10 Uhr", "impossible", ["2026-11-30 10:00", "2026-12-01 10:00"]),
    ("um 15 Uhr", "day_missing", ["2026-11-23 15:00", "2026-11-24 15:00", "2026-11-25 15:00"]),
    ("Freitag um drei", "time_unclear", ["2026-11-27 15:00", "2026-11-27 03:00"]),
    ("Freitag um halb acht", "time_unclear", ["2026-11-27 19:30", "2026-11-27 07:30"]),
    ("Freitag Viertel nach drei", "time_unclear", ["2026-11-27 15:15", "2026-11-27 03:15"]),
    (
        "Samstag von drei bis fünf",
        "time_unclear",
        ["2026-11-28 15:00 / 2026-11-28 17:00", "2026-11-28 03:00 / 2026-11-28 05:00"],
    ),
    (
        "heute Abend",
        "time_unclear",
        ["2026-11-23", "2026-11-23 18:00", "2026-11-23 19:00", "2026-11-23 20:00"],
    ),
    (
        "Samstag 10 bis 2 Uhr",
        "end_before_start",
        ["2026-11-28 10:00 / 2026-11-28 14:00", "2026-11-28 10:00 / 2026-11-29 02:00", "2026-11-28 10:00"],
    ),
    # both clock changes
    ("28.3.2027 um 02:30 Uhr", "impossible", ["2027-03-28 03:30"]),
    ("31.10.2027 um 02:30 Uhr", "time_unclear", ["2027-10-31 02:30", "2027-10-31 02:30 again"]),
]


def _said(moment: Moment | When) -> str:
    shape = "%Y-%m-%d" if moment.all_day else "%Y-%m-%d %H:%M"
    start = (
        moment.starts_at.strftime(shape) + (" again" if moment.starts_at.fold else "")
        if moment.starts_at
        else "-"
    )
    return f"{start} / {moment.ends_at.strftime(shape)}" if moment.ends_at else start


@pytest.mark.parametrize(("text", "expected"), CERTAIN)
def test_reads_what_is_certain(text: str, expected: str) -> None:
    when = read_when(text, now=NOW, zone=ZONE)

    assert when.doubts == ()
    assert _said(when) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_leaves_other_numbers_alone(text: str) -> None:
    assert read_when(text, now=NOW, zone=ZONE) == When()


@pytest.mark.parametrize(("text", "kind", "offered"), ASKED)
def test_asks_what_is_not_certain(text: str, kind: str, offered: list[str]) -> None:
    when = read_when(text, now=NOW, zone=ZONE)

    assert [doubt.kind for doubt in when.doubts] == [DoubtKind(kind)]
    assert [_said(moment) for moment in when.doubts[0].candidates] == offered


def test_wall_clock_is_kept_over_a_clock_change() -> None:
    saturday_before = datetime(2027, 3, 27, 12, 0, tzinfo=ZONE)

    when = read_when("morgen 10 Uhr", now=saturday_before, zone=ZONE)

    assert when.starts_at is not None
    assert when.starts_at.isoformat() == "2027-03-28T10:00:00+02:00"


def test_two_doubts_are_answered_one_after_the_other() -> None:
    when = read_when("nächsten Donnerstag um drei", now=NOW, zone=ZONE)
    day, time = when.doubts
    assert (day.kind, time.kind) == (DoubtKind.DAY_UNCLEAR, DoubtKind.TIME_UNCLEAR)

    later = answered(when, day, day.candidates[1])
    assert [_said(moment) for moment in later.doubts[0].candidates] == [
        "2026-12-03 15:00",
        "2026-12-03 03:00",
    ]

    settled = answered(later, later.doubts[0], later.doubts[0].candidates[0])
    assert settled.doubts == ()
    assert _said(settled) == "2026-12-03 15:00"


def test_answering_the_time_first_keeps_it_on_each_day_offered() -> None:
    when = read_when("nächsten Donnerstag um drei", now=NOW, zone=ZONE)
    day, time = when.doubts

    at_three = answered(when, time, time.candidates[1])

    assert [_said(moment) for moment in at_three.doubts[0].candidates] == [
        "2026-11-26 03:00",
        "2026-12-03 03:00",
    ]
    assert at_three.doubts[0].kind == day.kind


def test_a_long_text_is_read_in_bounded_time() -> None:
    # A pattern that backtracks badly would run into the test's own timeout.
    read_when("am 3. und " * 2000 + "von drei bis " * 2000, now=NOW, zone=ZONE)
    assert read_when("x " * 5000 + "morgen 18 Uhr", now=NOW, zone=ZONE) == When()
