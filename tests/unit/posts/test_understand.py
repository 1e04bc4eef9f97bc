"""Whole messages, as staff write them, and the draft they become. Now is Monday, 23 November 2026, 12:00."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.posts.kinds import PROPOSED, TEMPLATES, FieldName, Kind
from bot.posts.understanding.understand import (
    Cost,
    DoubtKind,
    PlaceHint,
    Understood,
    read_cost,
    read_when,
    understand,
)

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
PLACES = (
    PlaceHint("KAISERS", "Kaiserstr. 80"),
    PlaceHint("FiZ – Familie im Zentrum", "Osterstr. 46"),
    PlaceHint("Fuchsbau"),
    PlaceHint("Nordstadttreff", "Heinestr. 29"),
)


def _understood(text: str) -> Understood:
    return understand(text, now=NOW, zone=ZONE, places=PLACES)


def test_the_story() -> None:
    draft = _understood(
        "Am Donnerstag 15 Uhr Kaffee und Kuchen im KAISERS, kostet nichts, bitte eigene Tasse mitbringen"
    )

    assert draft == Understood(
        title="Kaffee und Kuchen",
        body="Bitte eigene Tasse mitbringen.",
        kind=Kind.EVENT,
        starts_at=datetime(2026, 11, 26, 15, 0, tzinfo=ZONE),
        place="KAISERS, Kaiserstr. 80",
        cost=Cost(free=True, text="kostet nichts"),
    )


WORDINGS = [
    (
        "Das Sommerfest findet am Samstag um 15 Uhr im KAISERS statt. Es gibt Kuchen und Musik. Eintritt frei!",
        "Das Sommerfest",
        "Es gibt Kuchen und Musik.",
    ),
    ("Am Samstag um 15 Uhr singt der Chor im Fuchsbau", "Der Chor singt", ""),
    ("Am Samstag ist Flohmarkt von 10 bis 14 Uhr.", "Flohmarkt", ""),
    ("Am Freitag bleibt das KAISERS geschlossen.", "Das KAISERS bleibt geschlossen", ""),
    ("Wir laden euch herzlich zum Grillen am Samstag ab 17 Uhr ein", "Grillen", ""),
    (
        "Hallo zusammen!\nAm Freitag um 18 Uhr gibt es Pizza.\nWo: Schulhof, Meißelstr. 5\nKosten: 3,50 €\n"
        "Fragen an Anna, Tel. 05151 123456",
        "Pizza",
        "Fragen an Anna, Tel. 05151 123456.",
    ),
    (
        "Achtung: Stromausfall in der Kaiserstr. heute bis 22 Uhr",
        "Stromausfall in der Kaiserstr.",
        "Achtung!",
    ),
    (
        "Der Kurs am Dienstag fällt aus, weil Frau Meier krank ist.",
        "Der Kurs fällt aus",
        "Der Kurs am Dienstag fällt aus, weil Frau Meier krank ist.",
    ),
    (
        "Am 3. und 10. Dezember Plätzchen backen im FiZ",
        "Plätzchen backen",
        "Am 3. und 10. Dezember Plätzchen backen im FiZ.",
    ),
    (
        "Coffee and cake on Thursday at 15:00 at KAISERS, please bring a cup",
        "Coffee and cake",
        "Please bring a cup.",
    ),
    ("Neue Leihregale sind da.", "Neue Leihregale sind da", ""),
    ("Donnerstag 15 Uhr", "Donnerstag 15 Uhr", ""),
    ("", "", ""),
]


@pytest.mark.parametrize(("text", "title", "body"), WORDINGS)
def test_title_and_body(text: str, title: str, body: str) -> None:
    draft = _understood(text)

    assert (draft.title, draft.body) == (title, body)


@pytest.mark.parametrize(
    "text",
    [
        "Lorem " * 40,
        "Wir möchten gemeinsam mit euch am Samstag um 10 Uhr den Garten umgraben und danach grillen, Kinder sind da.",
        "Bringt mit:\n- Schaufel\n- Handschuhe\n\nAm Samstag um 10 Uhr geht es los, wir freuen uns z. B. über Kuchen.",
        "Statt Dienstag treffen wir uns am Mittwoch um 14 Uhr im Fuchsbau, denn der Raum ist belegt. Bis bald!",
        "Umfrage zum Spielplatz: macht mit unter https://hameln.de/umfrage bis 30.11.",
        "Erwachsene 5 €, Kinder 2 €: Zirkus am Samstag 16 Uhr",
        "Heute Abend Lesung mit Dr. Weber, Raum 12, für Kinder ab 6 Jahren",
    ],
)
def test_no_word_is_lost(text: str) -> None:
    draft = _understood(text)
    shown = f"{draft.title} {draft.body} {draft.place} {draft.cost.text if draft.cost else ''}".lower()
    said_by_facts = {"samstag", "mittwoch", "uhr", "um", "am", "im"}

    lost = {word for word in re.findall(r"\w+", text.lower()) if not word.isdigit()} - said_by_facts
    assert {word for word in lost if word not in shown} == set()
    assert 0 < len(draft.title) <= 60


KINDS = [
    ("Der Kurs am Dienstag fällt aus", Kind.CANCELLED),
    ("Das Frühstück entfällt am Dienstag", Kind.CANCELLED),
    ("Das Frühstück am Dienstag fällt nicht aus", Kind.EVENT),
    ("Der Stammtisch wird auf Donnerstag verschoben", Kind.MOVED),
    ("Das KAISERS bleibt am Freitag geschlossen", Kind.CLOSED),
    ("Wir haben am Freitag nicht geschlossen", Kind.EVENT),
    ("Geschlossene Gesellschaft am Freitag", Kind.EVENT),
    ("Stromausfall in der Heinestr.", Kind.DISRUPTION),
    ("Die Osterstr. ist bis Freitag gesperrt", Kind.DISRUPTION),
    ("Helfer gesucht für Samstag", Kind.HELP_WANTED),
    ("Wir suchen noch Helferinnen", Kind.HELP_WANTED),
    ("Umfrage zum Spielplatz bis 30.11.", Kind.TAKE_PART),
    ("Jetzt mitmachen beim Garten", Kind.TAKE_PART),
    ("Ausflug am Samstag, bitte anmelden", Kind.EVENT),
    ("Kaffee am Donnerstag", Kind.EVENT),
    ("Neue Leihregale sind da", Kind.NEWS),
    ("The course on Tuesday is cancelled", Kind.CANCELLED),
    ("Volunteers needed", Kind.HELP_WANTED),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kind(text: str, kind: Kind) -> None:
    assert _understood(text).kind == kind


COSTS = [
    ("Eintritt frei", Cost(free=True, text="Eintritt frei")),
    ("Das Angebot ist kostenlos.", Cost(free=True, text="ist kostenlos")),
    ("free entry", Cost(free=True, text="free entry")),
    ("Kosten: 3,50 €", Cost(cents=350, text="Kosten: 3,50 €")),
    ("Eintritt 5 Euro", Cost(cents=500, text="Eintritt 5 Euro")),
    ("kostet 50 Cent", Cost(cents=50, text="kostet 50 Cent")),
    ("Beitrag 2,- Euro", Cost(cents=200, text="Beitrag 2,- Euro")),
    ("entry €4", Cost(cents=400, text="entry €4")),
    ("Erwachsene 5 €, Kinder 2 €", Cost(text="Erwachsene 5 €, Kinder 2 €")),
    ("nicht kostenlos", None),
    ("barrierefrei, feel free to come", None),
    ("Wir haben 500 Euro Spenden gesammelt", None),
    ("Ausleihe gegen 10 Euro Pfand", None),
    ("Eintritt frei, Kuchen 2 €", None),
    ("Kostet ab 5 Euro", None),
    ("Kaffee um 15 Uhr", None),
]


@pytest.mark.parametrize(("text", "cost"), COSTS)
def test_cost(text: str, cost: Cost | None) -> None:
    assert read_cost(text) == cost


SPOTS = [
    ("Spiele im kaisers", "KAISERS, Kaiserstr. 80"),
    ("Spiele im KAISERS, Kaiserstr. 80", "KAISERS, Kaiserstr. 80"),
    ("Spiele im FiZ", "FiZ – Familie im Zentrum, Osterstr. 46"),
    ("Spiele im Fuchsbau", "Fuchsbau"),
    ("Spiele in der Meißelstr. 5", "Meißelstr. 5"),
    ("Spiele\nWo: Spielplatz am Haydnweg", "Spielplatz am Haydnweg"),
    ("Vom KAISERS gehen wir zum Fuchsbau", ""),
    ("Spiele für die Kaiser", ""),
]


@pytest.mark.parametrize(("text", "place"), SPOTS)
def test_place(text: str, place: str) -> None:
    assert _understood(text).place == place


@pytest.mark.parametrize(
    "word",
    [
        "Ka-",
        "acht ",
        "0 ",
        "a, ",
        "5 € ",
        "suchen ",
        "fällt ",
        "findet ",
        "brauchen wir ",
        "1.1., ",
        "von 3 bis ",
        "A",
        "(",
        "3.",
        "Wo: ",
    ],
)
def test_a_text_made_to_keep_us_busy_is_read_all_the_same(word: str) -> None:
    # A pattern that backtracks badly runs into the tests' timeout.
    assert _understood(word * (12_000 // len(word))).title != ""


def test_direction_marks_do_not_reach_the_draft() -> None:
    draft = _understood("\u202eKaffee\u2066 am Donnerstag\u200f 15 Uhr")

    assert draft.title == "Kaffee"
    assert draft.starts_at == datetime(2026, 11, 26, 15, 0, tzinfo=ZONE)


def test_a_correction_moves_the_draft() -> None:
    draft = _understood("Donnerstag, 27.11., 15 Uhr Kaffee")
    assert [doubt.kind for doubt in draft.doubts] == [DoubtKind.WEEKDAY]

    corrected = draft.with_when(read_when("doch Freitag 16 Uhr", now=NOW, zone=ZONE))

    assert corrected.doubts == ()
    assert corrected.starts_at == datetime(2026, 11, 27, 16, 0, tzinfo=ZONE)
    assert corrected.title == "Kaffee"


def test_no_text_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _understood("Geheimes Treffen um halb acht, Viertel nach drei, um drei Uhr")

    assert [
        record for record in caplog.records if "halb" in record.getMessage() or "drei" in record.getMessage()
    ] == []


def test_every_kind_has_a_form_that_can_be_completed() -> None:
    words_alone = set(PROPOSED) - {Kind.EVENT}
    assert set(TEMPLATES) == set(Kind) - words_alone
    for template in TEMPLATES.values():
        names = [field.name for field in template.fields]
        assert len(names) == len(set(names))
        assert set(template.one_of) <= set(names)
        assert template.missing(frozenset(names)) == ()


def test_a_moved_event_needs_a_new_time_or_a_new_place() -> None:
    form = TEMPLATES[Kind.MOVED]
    known = frozenset({FieldName.WHAT, FieldName.WHEN})

    assert form.missing(known) == (FieldName.NEW_WHEN, FieldName.NEW_WHERE)
    assert form.missing(known | {FieldName.NEW_WHERE}) == ()
