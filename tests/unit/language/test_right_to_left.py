"""Golden texts: what a right-to-left reader gets, character by character.

⁨…⁩ below stands for U+2068 … U+2069, written as escapes so that the source itself doesn't jump.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.contract import Bullets, Paragraph, Text
from bot.language import Hours, M, N, Name, Param, Renderer, Url, plain, user_rich
from tests.unit.language.made import Texts, made

FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"
ADDRESS = "https://example.org/q/nordstadt"
ARABIC: Texts = {
    "test.event": "**{title}**\n{when}\nالمكان: {street}\nالهاتف: {phone}\nالرابط: {page}\nمن {who}",
    "test.hours": "الدوام: {hours}، منذ {clock}",
    "test.reach": ("لا أحد", "شخص واحد", "شخصان", "{n} أشخاص", "{n} شخصًا", "{n} شخص"),
    "test.list": "تقرأ: {where}",
    "test.items": "يمكنك كتابة:\n- {command}\n- مرحبا",
    "test.latin": "Telegram",
}
FARSI: Texts = {
    "test.event": "**{title}**\n{when}\nمکان: {street}\nتلفن: {phone}\nپیوند: {page}\nاز {who}",
}


def renderer(folder: Path, tag: str) -> Renderer:
    return made(folder, {"ar": ARABIC, "fa": FARSI}).renderer(tag, zone=ZoneInfo("Europe/Berlin"))


EVENT: dict[str, Param] = {
    "title": Name("Frühstück im „Kaisers“"),
    "when": datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
    "street": Name("Kaiserstraße 80, 31785 Hameln"),
    "phone": Name("05151 20 23 45"),
    "page": Url(ADDRESS),
    "who": Name("Sevgi (Nordstadt)"),
}


def isolated(text: str) -> str:
    return f"{FSI}{text}{PDI}"


@pytest.mark.parametrize(
    ("tag", "lines"),
    [
        (
            "ar",
            [
                f"{RLM}{isolated('Frühstück im „Kaisers“')}",
                f"{RLM}{isolated('الخميس، 26 نوفمبر، الساعة 9:00')}",
                f"المكان: {isolated('Kaiserstraße 80, 31785 Hameln')}",
                f"الهاتف: {isolated('05151 20 23 45')}",
                f"الرابط: {isolated(ADDRESS)}",
                f"من {isolated('Sevgi (Nordstadt)')}",
            ],
        ),
        (
            "fa",
            [
                f"{RLM}{isolated('Frühstück im „Kaisers“')}",
                f"{RLM}{isolated('پنجشنبه 26 نوامبر، ساعت 9:00')}",
                f"مکان: {isolated('Kaiserstraße 80, 31785 Hameln')}",
                f"تلفن: {isolated('05151 20 23 45')}",
                f"پیوند: {isolated(ADDRESS)}",
                f"از {isolated('Sevgi (Nordstadt)')}",
            ],
        ),
    ],
)
def test_phone_time_url_street_and_names(tmp_path: Path, tag: str, lines: list[str]) -> None:
    assert plain(renderer(tmp_path, tag).rich(M("test.event", **EVENT))).split("\n") == lines


def test_isolates_stay_out_of_the_link(tmp_path: Path) -> None:
    (paragraph,) = renderer(tmp_path, "ar").rich(M("test.event", **EVENT))
    assert isinstance(paragraph, Paragraph)
    assert paragraph.lines[4] == (Text(f"الرابط: {FSI}"), Text(ADDRESS, url=ADDRESS), Text(PDI))


def test_hours_keep_their_order(tmp_path: Path) -> None:
    shown = renderer(tmp_path, "ar").text(
        M("test.hours", hours=Hours(time(15), time(17, 30)), clock=time(9, 5))
    )
    assert shown == f"الدوام: {isolated('من الساعة 15:00 إلى 17:30')}، منذ {isolated('الساعة 9:05')}"


def test_numbers_are_latin_and_isolated(tmp_path: Path) -> None:
    arabic = renderer(tmp_path, "ar")
    assert [arabic.text(N("test.reach", n)) for n in (2, 5, 12345)] == [
        "شخصان",
        f"{isolated('5')} أشخاص",
        f"{isolated('12,345')} شخصًا",
    ]


def test_each_name_of_a_list_is_isolated(tmp_path: Path) -> None:
    names = (Name("Nordstadt"), Name("Rohrsen"))
    shown = renderer(tmp_path, "ar").text(M("test.list", where=names))
    assert shown == f"تقرأ: {isolated('Nordstadt')} و{isolated('Rohrsen')}"


def test_a_line_begins_from_the_right(tmp_path: Path) -> None:
    arabic = renderer(tmp_path, "ar")
    assert arabic.rich(M("test.latin")) == (Paragraph(((Text(RLM), Text("Telegram")),)),)
    assert arabic.rich(M("test.items", command="/start"))[1] == Bullets(
        ((Text(RLM), Text(isolated("/start"))), (Text("مرحبا"),))
    )


def test_a_label_has_no_invisible_beginning(tmp_path: Path) -> None:
    assert renderer(tmp_path, "ar").text(M("test.latin")) == "Telegram"


def test_a_name_cannot_turn_the_text(tmp_path: Path) -> None:
    shown = renderer(tmp_path, "ar").text(M("test.list", where=Name(f"Ro{PDI}\u202erse\u2066n\u200f")))
    assert shown == f"تقرأ: {isolated('Rorsen')}"


def test_in_german_only_right_to_left_values_are_isolated(tmp_path: Path) -> None:
    german = made(tmp_path, {"de": {"test.from": "Von {who} am {when}, {page}"}}).renderer("de")
    when = datetime(2026, 11, 26, 8, tzinfo=UTC)
    shown = [
        german.text(M("test.from", who=Name(who), when=when, page=Url(ADDRESS))) for who in ("Sevgi", "ليلى")
    ]
    rest = f" am Donnerstag, 26. November, 8 Uhr, {ADDRESS}"
    assert shown == [f"Von Sevgi{rest}", f"Von {isolated('ليلى')}{rest}"]


def test_phone_and_link_in_a_persons_own_arabic() -> None:
    assert user_rich(f"اتصل على 05151-20 23 45 أو {ADDRESS}، الساعة 15:30") == (
        Paragraph(
            (
                (
                    Text(f"اتصل على {isolated('05151-20 23 45')} أو {FSI}"),
                    Text(ADDRESS, url=ADDRESS),
                    Text(f"{PDI}، الساعة 15:30"),
                ),
            )
        ),
    )
