"""What people type: no markup, safe links, nothing invisible that turns the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.contract import Paragraph, Text
from bot.language import plain, strip_controls, user_rich


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\u202eb\u2066c\u2069d\u200fe\u061cf", "abcdef"),
        ("a\x00b\x07c\ufeffd\u200be", "abcde"),
        ("eins\r\nzwei\rdrei\u2028vier\u2029fünf", "eins\nzwei\ndrei\nvier\nfünf"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u0600\u0661\u06dd", "\u0600\u0661\u06dd"),
        ("halb\ud800 ", "halb "),
    ],
)
def test_control_characters(typed: str, kept: str) -> None:
    assert strip_controls(typed) == kept


def test_paragraphs_and_lines_are_kept() -> None:
    assert user_rich("  eins\n zwei \n\n\n\n**drei**\n- vier\n") == (
        Paragraph(((Text("eins"),), (Text("zwei"),))),
        Paragraph(((Text("**drei**"),), (Text("- vier"),))),
    )


@pytest.mark.parametrize("empty", ["", "\n\n", "  \n\u200b"])
def test_nothing_is_nothing(empty: str) -> None:
    assert user_rich(empty) == ()


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("Siehe https://a.de/b.", ["https://a.de/b"]),
        ("(https://a.de/b), „https://c.de“!", ["https://a.de/b", "https://c.de"]),
        ("https://de.wikipedia.org/wiki/Hameln_(Stadt)", ["https://de.wikipedia.org/wiki/Hameln_(Stadt)"]),
        ("http://a.de?x=1&y=2#z", ["http://a.de?x=1&y=2#z"]),
        ("HTTPS://A.DE", ["HTTPS://A.DE"]),
        ("javascript:alert(1) ftp://a.de https:// www.a.de", []),
        ("https://a.de/\u202egpj.exe", ["https://a.de/gpj.exe"]),
    ],
)
def test_web_addresses_become_links(typed: str, links: list[str]) -> None:
    runs = [
        run
        for block in user_rich(typed)
        if isinstance(block, Paragraph)
        for line in block.lines
        for run in line
    ]
    assert [run.url for run in runs if run.url] == links
    assert all(run.text == run.url for run in runs if run.url)


@given(st.text())
def test_a_link_shows_where_it_leads_and_no_character_is_invented(typed: str) -> None:
    rich = user_rich(typed)
    shown = plain(rich)
    assert "".join(strip_controls(shown).split()) == "".join(strip_controls(typed).split())
