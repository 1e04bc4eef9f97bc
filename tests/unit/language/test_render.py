"""Messages become text: markup, values, lists, dates, fallbacks."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.contract import Bullets, Facts, Paragraph, Text
from bot.language import (
    Hours,
    Languages,
    M,
    MissingMessage,
    MissingParameter,
    Msg,
    N,
    Name,
    Span,
    Url,
    join,
    plain,
)
from tests.unit.language.made import made

BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load(Languages.find())


def german(folder: Path, text: str | tuple[str, ...]) -> Languages:
    return made(folder, {"de": {"test.a": text}})


# --- markup --------------------------------------------------------------------------------------------------


def test_paragraphs_lines_lists_and_bold(tmp_path: Path) -> None:
    text = "**Gut** gemacht.\nZweite Zeile.\n\nDu kannst:\n- lesen\n- **schreiben**\n\nEnde."
    assert german(tmp_path, text).renderer("de").rich(M("test.a")) == (
        Paragraph(((Text("Gut", bold=True), Text(" gemacht.")), (Text("Zweite Zeile."),))),
        Paragraph(((Text("Du kannst:"),),)),
        Bullets(((Text("lesen"),), (Text("schreiben", bold=True),))),
        Paragraph(((Text("Ende."),),)),
    )


def test_a_value_is_never_markup(tmp_path: Path) -> None:
    rich = (
        german(tmp_path, "Von {who}:").renderer("de").rich(M("test.a", who=Name("**A**\n- {b}\n\n<i>c</i>")))
    )
    assert rich == (Paragraph(((Text("Von **A** - {b} <i>c</i>:"),),)),)


def test_a_value_is_bold_where_its_placeholder_is(tmp_path: Path) -> None:
    rich = german(tmp_path, "**{what}** heute").renderer("de").rich(M("test.a", what=Name("Chor")))
    assert rich == (Paragraph(((Text("Chor", bold=True), Text(" heute")),)),)


def test_a_link_is_a_run_of_its_own(tmp_path: Path) -> None:
    renderer = german(tmp_path, "Mehr: {page}.").renderer("de")
    address = "https://example.org/a?b=1&c=2"
    assert renderer.line(M("test.a", page=Url(address))) == (
        Text("Mehr: "),
        Text(address, url=address),
        Text("."),
    )
    labelled = renderer.line(M("test.a", page=Url(address, label="die Seite")))
    assert labelled[1] == Text("die Seite", url=address)
    assert renderer.text(M("test.a", page=Url(address))) == f"Mehr: {address}."


def test_a_message_in_a_message_is_in_the_same_language(tmp_path: Path) -> None:
    languages = made(
        tmp_path,
        {
            "de": {"test.a": "Du bist {role}.", "test.role": "**Mitarbeiterin**"},
            "en": {"test.a": "You are {role}.", "test.role": "**staff**"},
        },
    )
    message = M("test.a", role=M("test.role"))
    assert languages.renderer("en").line(message) == (Text("You are "), Text("staff", bold=True), Text("."))
    assert languages.renderer("de").text(message) == "Du bist Mitarbeiterin."


def test_plain_and_join() -> None:
    rich = join(
        (Paragraph(((Text("a"), Text("b", bold=True)), (Text("c"),))),),
        (Bullets(((Text("d"),),)), Facts((((Text("Wo"),), (Text("hier"),)),))),
    )
    assert plain(rich) == "ab\nc\n\n- d\n\nWo: hier"


# --- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "items", "shown"),
    [
        ("de", (), ""),
        ("de", ("Rohrsen",), "Rohrsen"),
        ("de", ("Nordstadt", "Rohrsen"), "Nordstadt und Rohrsen"),
        ("de", ("Altstadt", "Nordstadt", "Rohrsen"), "Altstadt, Nordstadt und Rohrsen"),
        ("en", ("Nordstadt", "Rohrsen"), "Nordstadt and Rohrsen"),
    ],
)
def test_lists_in_words(tmp_path: Path, tag: str, items: tuple[str, ...], shown: str) -> None:
    languages = made(tmp_path, {"de": {"test.a": "[{where}]"}, "en": {"test.a": "[{where}]"}})
    names = tuple(Name(item) for item in items)
    assert languages.renderer(tag).text(M("test.a", where=names)) == f"[{shown}]"


def test_numbers(tmp_path: Path) -> None:
    renderer = german(tmp_path, ("Einer", "{n} Leute")).renderer("de")
    assert [renderer.text(N("test.a", n)) for n in (0, 1, 2, 1200, 10000)] == [
        "0 Leute",
        "Einer",
        "2 Leute",
        "1200 Leute",
        "10.000 Leute",
    ]


def test_dates_as_values(tmp_path: Path) -> None:
    renderer = german(tmp_path, "{a} | {b} | {c} | {d} | {e}").renderer("de", zone=BERLIN)
    message = M(
        "test.a",
        a=NOVEMBER,
        b=date(2026, 11, 26),
        c=time(15, 30),
        d=Hours(time(15), time(17, 30)),
        e=Span(NOVEMBER, NOVEMBER.replace(hour=16, minute=30)),
    )
    assert renderer.text(message).split(" | ") == [
        "Donnerstag, 26. November, 15 Uhr",
        "Donnerstag, 26. November",
        "15:30 Uhr",
        "15 bis 17:30 Uhr",
        "Donnerstag, 26. November, 15 bis 17:30 Uhr",
    ]


def test_a_missing_value_names_message_and_placeholder(tmp_path: Path) -> None:
    with pytest.raises(MissingParameter, match=r"test\.a: \{who\} has no value"):
        german(tmp_path, "Von {who}").renderer("de").text(M("test.a"))


# --- what is missing -----------------------------------------------------------------------------------------


def test_a_message_nobody_has_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingMessage, match=r"test\.unknown"):
        german(tmp_path, "A").renderer("ar").text(M("test.unknown"))


def test_a_message_missing_in_one_language_is_german_there_and_logged_by_its_id(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    languages = made(tmp_path, {"de": {"test.n": ("Ein {who}", "{n} {who}")}})
    with caplog.at_level(logging.ERROR):
        shown = languages.renderer("de-simple").text(N("test.n", 2, who=Name("Geheim")))
    assert shown == "2 Geheim"
    assert [record.getMessage() for record in caplog.records] == ["message test.n has no text in de-simple"]


def test_a_fallback_counts_as_its_own_language_does(tmp_path: Path) -> None:
    languages = made(tmp_path, {"de": {"test.n": ("einer", "viele")}})
    shown = [languages.renderer("ar").text(Msg("test.n", {}, n)) for n in (0, 1, 2, 11)]
    assert shown == ["viele", "einer", "viele", "viele"]


# --- dates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "moment", "span"),
    [
        ("de", "Donnerstag, 26. November, 15 Uhr", "Donnerstag, 26. November, 15 bis 17:30 Uhr"),
        ("de-simple", "Donnerstag, 26. November, 15 Uhr", "Donnerstag, 26. November, 15 bis 17:30 Uhr"),
        ("en", "Thursday, 26 November, 15:00", "Thursday, 26 November, 15:00 to 17:30"),
        ("ar", "الخميس، 26 نوفمبر، الساعة 15:00", "الخميس، 26 نوفمبر، من الساعة 15:00 إلى 17:30"),
    ],
)
def test_a_moment_and_a_span(languages: Languages, tag: str, moment: str, span: str) -> None:
    renderer = languages.renderer(tag, zone=BERLIN)
    end = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
    assert (renderer.moment(NOVEMBER), renderer.span(NOVEMBER, end)) == (moment, span)


def test_spans_over_midnight(languages: Languages) -> None:
    renderer = languages.renderer("de", zone=BERLIN)
    midnight = datetime(2026, 11, 26, 23, tzinfo=UTC)
    assert renderer.span(NOVEMBER, None) == "Donnerstag, 26. November, 15 Uhr"
    assert renderer.span(NOVEMBER, midnight) == "Donnerstag, 26. November, 15 bis 24 Uhr"
    assert (
        renderer.span(NOVEMBER, midnight.replace(day=28, hour=9))
        == "Donnerstag, 26. November, 15 Uhr bis Samstag, 28. November, 10 Uhr"
    )


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (date(2026, 1, 5), "Montag, 5. Januar"),
        (date(2027, 4, 22), "Donnerstag, 22. April"),
        (date(2027, 4, 23), "Freitag, 23. April 2027"),
        (date(2025, 12, 31), "Mittwoch, 31. Dezember 2025"),
    ],
)
def test_the_year_is_shown_when_it_is_far(languages: Languages, day: date, shown: str) -> None:
    assert languages.renderer("de", today=date(2026, 11, 23)).day(day) == shown


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "Sonntag, 25. Oktober, 0:30 Uhr"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Sonntag, 25. Oktober, 2:30 Uhr"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Sonntag, 25. Oktober, 2:30 Uhr"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "Sonntag, 25. Oktober, 3:30 Uhr"),
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "Sonntag, 28. März, 1:30 Uhr"),
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "Sonntag, 28. März, 3:30 Uhr"),
    ],
)
def test_clock_changes(languages: Languages, at: datetime, shown: str) -> None:
    assert languages.renderer("de", zone=BERLIN).moment(at) == shown


# --- the registry --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hint", "tag"),
    [
        ("de-AT", "de"),
        ("DE_de", "de"),
        ("de-simple", "de-simple"),
        ("gsw-CH", "de"),
        ("en-GB", "en"),
        ("ar-SY", "ar"),
        ("apc", "ar"),
        ("uk-UA", "uk"),
        ("ckb", None),
        ("xx", None),
        ("", None),
    ],
)
def test_a_platforms_hint(languages: Languages, hint: str, tag: str | None) -> None:
    assert languages.match(hint) == tag


def test_hints_for_languages_with_several_names(tmp_path: Path) -> None:
    texts = {tag: {"test.a": "a"} for tag in ("uk", "fa", "kmr")}
    languages = made(tmp_path, texts)
    hints = ("uk-UA", "prs-AF", "fa-IR", "ku", "ku-TR", "ku-Latn-TR", "ku-Arab-IQ", "ckb")
    assert [languages.match(hint) for hint in hints] == ["uk", "fa", "fa", "kmr", "kmr", "kmr", None, None]


def test_names_of_languages(languages: Languages) -> None:
    names = {
        tag: [languages.renderer(tag).name_in(other) for other in languages.tags()] for tag in ("de", "ar")
    }
    assert names == {
        "de": [
            *("Deutsch", "Einfaches Deutsch", "Englisch", "Arabisch", "Ukrainisch", "Russisch"),
            *("Rumänisch", "Türkisch", "Persisch", "Kurdisch (Kurmandschi)"),
        ],
        "ar": [
            *("الألمانية", "الألمانية المبسّطة", "الإنجليزية", "العربية", "الأوكرانية", "الروسية"),
            *("الرومانية", "التركية", "الفارسية", "الكردية (الكرمانجية)"),
        ],
    }


def test_every_known_language_has_a_name_in_every_shipped_one(languages: Languages) -> None:
    for tag in languages.tags():
        names = [languages.renderer(tag).name_in(language.tag) for language in languages.known()]
        assert len(set(names)) == len(languages.known())
