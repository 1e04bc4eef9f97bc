"""Every text of the product, in every language it ships: whole, fillable, renderable.

Babel's own tools let these faults pass: a dropped `{name}`, a file skipped because its header is fuzzy.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.contract import Rich
from bot.language import CatalogueError, Languages, Msg, Name, Param, Renderer, plain
from bot.language.registry import read_registry
from bot.language.template import placeholders
from locales import check
from locales.extract import Use, used
from tests.unit.language.made import REGISTRY, made, write

COUNTS = (0, 1, 2, 5, 11, 100)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages.load(Languages.find())


@pytest.fixture(scope="module")
def uses() -> dict[str, Use]:
    return used()


def test_the_shipped_languages_are_all_there(languages: Languages) -> None:
    assert languages.tags() == ("de", "de-simple", "en", "ar", "uk", "ru", "ro", "tr", "fa", "kmr")


def test_every_message_of_the_code_is_in_every_language_and_no_other(
    languages: Languages, uses: dict[str, Use]
) -> None:
    assert list(check.missing_and_extra(languages, uses)) == []


def test_every_count_has_all_plural_forms(languages: Languages, uses: dict[str, Use]) -> None:
    assert list(check.forms(languages, uses)) == []


def test_every_translation_has_the_placeholders_of_the_german_text(
    languages: Languages, uses: dict[str, Use]
) -> None:
    assert list(check.differing_placeholders(languages, uses)) == []


def test_every_call_fills_every_placeholder(languages: Languages, uses: dict[str, Use]) -> None:
    assert list(check.unfilled_placeholders(languages, uses)) == []


def test_markup_is_balanced(languages: Languages, uses: dict[str, Use]) -> None:
    assert list(check.unbalanced_markup(languages, uses)) == []


def test_plain_german_has_at_most_ten_words_a_line(languages: Languages, uses: dict[str, Use]) -> None:
    assert list(check.long_lines(languages, uses)) == []


def test_texts_stand_in_their_rooms_file_and_headers_say_what_the_registry_says(languages: Languages) -> None:
    assert list(check.strays_and_headers(languages, Languages.find())) == []


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("tag", [tag for tag, one in read_registry(REGISTRY).items() if one.shipped])
def test_every_message_renders_with_every_count(languages: Languages, tag: str, n: int) -> None:
    renderer = languages.renderer(tag)
    catalogue = languages.catalogue(tag)
    broken = [id for id in sorted(catalogue.ids()) if not _renders(renderer, id, catalogue.forms(id), n)]
    assert broken == []


def _renders(renderer: Renderer, id: str, forms: tuple[str, ...], n: int) -> bool:
    """Rendered with some value in each placeholder, the text shows each value and no brace or asterisk is left."""
    form = renderer.language.plural_form(n) if len(forms) > 1 else 0
    names = placeholders(forms[form])
    values: dict[str, Param] = {name: Name(f"<{name}>") for name in names if name != "n" or len(forms) == 1}
    message = Msg(id, values, n if len(forms) > 1 else None)
    rich: Rich = renderer.rich(message)
    shown = plain(rich)
    assert renderer.text(message)
    shows_values = all(f"<{name}>" in shown for name in values)
    shows_count = str(n) in shown if "n" in names and len(forms) > 1 else True
    return bool(rich) and shows_values and shows_count and not set("{}*") & set(shown)


# --- plural rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", list(read_registry(REGISTRY)))
def test_a_plural_rule_splits_the_numbers_as_cldr_does(tag: str) -> None:
    language = read_registry(REGISTRY)[tag]
    pairs = {(language.plural_form(n), language.locale.plural_form(n)) for n in range(1000)}
    assert (len(pairs), {form for form, _ in pairs}) == (language.forms, set(range(language.forms)))


def test_how_many_plural_forms_each_language_has() -> None:
    forms = {tag: language.forms for tag, language in read_registry(REGISTRY).items()}
    assert forms == {
        "de": 2,
        "de-simple": 2,
        "en": 2,
        "ar": 6,
        "uk": 3,
        "ru": 3,
        "ro": 3,
        "tr": 2,
        "fa": 2,
        "kmr": 2,
        "ckb": 2,
        "pl": 3,
        "bg": 2,
        "fr": 2,
        "sq": 2,
    }


def test_arabic_counts_in_six_forms(tmp_path: Path) -> None:
    forms = ("zero", "one", "two", "few {n}", "many {n}", "other {n}")
    arabic = made(tmp_path, {"ar": {"test.n": forms}}).renderer("ar")
    shown = [arabic.text(Msg("test.n", {}, n)).translate({0x2068: None, 0x2069: None}) for n in COUNTS]
    assert shown == ["zero", "one", "two", "few 5", "many 11", "other 100"]


# --- what is refused -----------------------------------------------------------------------------------------


def test_a_fuzzy_header_is_refused(tmp_path: Path) -> None:
    made(tmp_path, {})
    file = tmp_path / "ar" / "test.po"
    file.write_text("#, fuzzy\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"ar/test\.po.*fuzzy"):
        Languages.load(tmp_path)


def test_a_missing_header_is_refused(tmp_path: Path) -> None:
    made(tmp_path, {})
    write(tmp_path / "en" / "test.po", "", {"test.a": "A"})
    with pytest.raises(CatalogueError, match=r"en/test\.po.*header"):
        Languages.load(tmp_path)


def test_plurals_counted_in_another_order_are_refused(tmp_path: Path) -> None:
    """Babel's own Arabic rule has the last two forms the other way round."""
    made(tmp_path, {})
    rule = (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 "
        ": n%100>=0 && n%100<=2 ? 4 : 5);"
    )
    head = f'msgid ""\nmsgstr ""\n"Language: ar\\n"\n"Plural-Forms: {rule}\\n"\n'
    write(tmp_path / "ar" / "test.po", head, {"test.n": ("a", "b", "c", "d", "e", "f")})
    with pytest.raises(CatalogueError, match=r"ar/test\.po.*plurals"):
        Languages.load(tmp_path)


def test_a_shipped_language_without_texts_is_refused(tmp_path: Path) -> None:
    made(tmp_path, {})
    for file in (tmp_path / "ar").iterdir():
        file.unlink()
    with pytest.raises(CatalogueError, match="ar is shipped but has no texts"):
        Languages.load(tmp_path)


def test_an_id_in_two_files_is_refused(tmp_path: Path) -> None:
    made(tmp_path, {"de": {"test.a": "A"}})
    text = (tmp_path / "de" / "test.po").read_text(encoding="utf-8")
    (tmp_path / "de" / "twin.po").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"test\.a stands in two catalogues"):
        Languages.load(tmp_path)


def test_an_unfinished_translation_counts_as_missing(tmp_path: Path) -> None:
    languages = made(tmp_path, {"en": {"test.a": "", "test.n": ("one", ""), "test.b": "B"}})
    assert {id for id in languages.catalogue("en").ids() if id.startswith("test.")} == {"test.b"}


# --- the checks find what they are for -----------------------------------------------------------------------


def test_a_dropped_placeholder_is_found(tmp_path: Path) -> None:
    languages = made(
        tmp_path,
        {
            "de": {"test.a": "{place}, {when}", "test.n": ("Einer", "{n} Leute")},
            "en": {"test.a": "{place}", "test.n": ("one", "people")},
        },
    )
    uses = {"test.a": Use(), "test.n": Use(counts=True)}
    assert list(check.differing_placeholders(languages, uses)) == [
        "en: test.a [0] has ['place'], not ['place', 'when']",
        "en: test.n [1] has [], not ['n']",
    ]


def test_faults_in_a_text_are_found(tmp_path: Path) -> None:
    languages = made(
        tmp_path,
        {
            "de": {"test.a": "**Halt", "test.b": "{Name}", "test.c": "{who}", "test.n": "ein Text"},
            "de-simple": {"test.a": "eins zwei drei vier fünf sechs sieben acht neun zehn {elf}"},
        },
    )
    uses = {
        "test.a": Use(),
        "test.b": Use(),
        "test.c": Use(given=[frozenset({"who"}), frozenset({"whom"})]),
        "test.n": Use(counts=True),
    }
    assert [text.split(":")[1] for text in check.unbalanced_markup(languages, uses)] == [
        " test.a has unbalanced markup",
        " test.b has unbalanced markup",
    ]
    assert list(check.unfilled_placeholders(languages, uses)) == [
        "de: test.c needs ['who']; a call gives ['whom']"
    ]
    assert list(check.forms(languages, uses)) == ["de: test.n has 1 forms, not 2"]
    assert [text.partition(" in ")[0] for text in check.long_lines(languages, uses)] == [
        "de-simple: test.a has 11 words"
    ]
    assert "en: test.a is missing" in list(check.missing_and_extra(languages, uses))


def test_a_moment_needs_its_zone(languages: Languages) -> None:
    with pytest.raises(ValueError, match="zone"):
        languages.renderer("de").moment(datetime(2026, 11, 26, 15))  # noqa: DTZ001 (that is the point)
    assert languages.renderer("de").moment(datetime(2026, 11, 26, 15, tzinfo=UTC)).endswith("15 Uhr")
