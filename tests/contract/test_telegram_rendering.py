"""Rich text as Telegram HTML: what is escaped, where it breaks, where it begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.render import parts, units
from bot.contract import Bullets, Facts, Line, Outgoing, Paragraph, Text
from tests.fakes.botapi.html import parse

ROOF = 4096


def line(text: str) -> Line:
    return (Text(text),)


def test_blocks_stand_as_people_read_them() -> None:
    body = (
        Paragraph(((Text("Herbstfest", bold=True),), line("im Hof"))),
        Facts(((line("Wann"), line("Sa, 15 Uhr")), (line("Was kostet es?"), line("nichts")))),
        Bullets((line("Kuchen"), (Text("Plan", url='https://example.org/?a="1"&b=2'),))),
    )
    assert parts(Outgoing(body)) == [
        "<b>Herbstfest</b>\nim Hof\n\n"
        "<b>Wann:</b> Sa, 15 Uhr\n<b>Was kostet es?</b> nichts\n\n"
        '• Kuchen\n• <a href="https://example.org/?a=&quot;1&quot;&amp;b=2">Plan</a>'
    ]


def test_lines_of_a_right_to_left_text_begin_right() -> None:
    body = (Paragraph((line("15:00 مساءً"), line("Kaisers"))), Bullets((line("Café"),)))
    shown, _ = parse(parts(Outgoing(body, language="ar", rtl=True))[0])
    assert shown.split("\n") == ["15:00 مساءً", "\u200fKaisers", "", "\u200f• Café"]


def test_a_text_that_fits_is_one_part_and_one_unit_more_are_two() -> None:
    assert [units(part) for part in parts(Outgoing((Paragraph((line("x" * ROOF),)),)))] == [ROOF]
    assert [units(part) for part in parts(Outgoing((Paragraph((line("😀" * (ROOF // 2) + "x"),)),)))] != [
        ROOF + 1
    ]
    assert len(parts(Outgoing((Paragraph((line("😀" * (ROOF // 2) + "x"),)),)))) == 2


def test_markup_does_not_count() -> None:
    body = (Paragraph(((Text("&" * ROOF, bold=True, url="https://example.org/" + "x" * 500),),)),)
    assert len(parts(Outgoing(body))) == 1


def test_it_breaks_between_paragraphs_then_lines_then_words() -> None:
    paragraphs = Outgoing(tuple(Paragraph((line(letter * 3000),)) for letter in "ab"))
    assert parts(paragraphs) == ["a" * 3000, "b" * 3000]
    lines = Outgoing((Paragraph(tuple(line(letter * 3000) for letter in "ab")),))
    assert parts(lines) == ["a" * 3000, "b" * 3000]
    words = Outgoing((Paragraph((line("a" * 3000 + " " + "b" * 3000),)),))
    assert parts(words) == ["a" * 3000 + " ", "b" * 3000]


def test_a_joined_emoji_stays_whole() -> None:
    family = "👩‍👩‍👧‍👦"
    shown = parts(Outgoing((Paragraph((line(family * 800),)),)))
    assert "".join(shown) == family * 800
    assert all(part.count("👩") % 2 == 0 for part in shown)


@pytest.mark.parametrize("body", [(), (Paragraph(()),), (Paragraph((line("  "),)),)])
def test_an_empty_body_has_no_parts(body: tuple[Paragraph, ...]) -> None:
    assert parts(Outgoing(body)) == []


runs = st.builds(
    Text, st.text(max_size=40), st.booleans(), st.sampled_from(["", "https://example.org/?a=1&b=<2>"])
)
lines_ = st.lists(st.lists(runs, max_size=5).map(tuple), min_size=1, max_size=8).map(tuple)
blocks = st.one_of(
    lines_.map(Paragraph),
    lines_.map(Bullets),
    st.lists(st.tuples(lines_.map(lambda x: x[0]), lines_.map(lambda x: x[0])), max_size=4).map(
        lambda pairs: Facts(tuple(pairs))
    ),
)


@given(st.lists(blocks, max_size=6).map(tuple), st.booleans(), st.integers(40, 200))
def test_whatever_is_written_arrives_whole_in_parts_that_fit(
    body: tuple[Paragraph | Bullets | Facts, ...], rtl: bool, limit: int
) -> None:
    shown = [parse(part)[0] for part in parts(Outgoing(body, rtl=rtl), limit)]
    assert all(units(part) <= limit for part in shown)
    whole = [parse(part)[0] for part in parts(Outgoing(body, rtl=rtl), 1_000_000)]
    assert "".join("".join(shown).split()) == "".join("".join(whole).split())
