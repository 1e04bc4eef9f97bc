"""The tools of the catalogues: what they find in the code, what they write."""

from __future__ import annotations

from pathlib import Path

from bot.language.registry import read_registry
from locales.extract import Use, used
from locales.update import header, updated
from tests.unit.language.made import REGISTRY

LANGUAGES = read_registry(REGISTRY)

CODE = """
def say(turn, pages, n):
    # Translators: the first one.
    M("posts.one", who=Name("x"))
    # Translators: over several lines.
    # They belong together.
    turn.say(
        M("posts.two"),
        N("posts.many", n, place="y"),
        M("posts.any", **values),
    )
    pages.text("de", "web.title")
    text("SELECT 1", "a b")
    M(name)
    # Translators: one in the other.
    M("posts.outer", inner=M("posts.inner", a=1))


class Pages:
    async def text(self, language: str, key: str, **values: str) -> str:
        # Translators: below the list.
        return self.say(M("posts.last"))
"""


def test_what_is_found_in_code_and_templates(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "adapters" / "templates").mkdir(parents=True)
    (tmp_path / "bot" / "room.py").write_text(CODE, encoding="utf-8")
    template = (
        '<p title="{{ text("web.page.hint") }}">{% if a %}{{ text("web.page.today", day=b) }}{% endif %}</p>'
    )
    (tmp_path / "adapters" / "templates" / "page.html").write_text(template, encoding="utf-8")
    note = "over several lines. They belong together."
    code, page = {"bot/room.py"}, {"adapters/templates/page.html"}
    assert used(tmp_path) == {
        "posts.any": Use(files=code, notes=[note]),
        "posts.inner": Use(files=code, notes=["one in the other."], given=[frozenset({"a"})]),
        "posts.last": Use(files=code, notes=["below the list."], given=[frozenset()]),
        "posts.many": Use(counts=True, files=code, notes=[note], given=[frozenset({"n", "place"})]),
        "posts.one": Use(files=code, notes=["the first one."], given=[frozenset({"who"})]),
        "posts.outer": Use(files=code, notes=["one in the other."], given=[frozenset({"inner"})]),
        "posts.two": Use(files=code, notes=[note], given=[frozenset()]),
        "web.page.hint": Use(files=page),
        "web.page.today": Use(files=page),
        "web.title": Use(files=code),
    }


OLD = (
    header(LANGUAGES["en"])
    + """
#. Translators: old note
#: bot/old.py:12
msgid "posts.kept"
msgstr "kept\\n"
"twice"

msgid "posts.gone"
msgstr "gone"

#~ msgid "posts.again"
#~ msgstr "again"
"""
)
USES = {
    "posts.again": Use(files={"bot/b.py"}),
    "posts.kept": Use(files={"bot/c.py", "bot/b.py"}, notes=["a button."]),
    "posts.many": Use(counts=True, files={"bot/b.py"}),
    "posts.new": Use(files={"bot/b.py"}),
}


def test_translations_are_kept_new_ids_added_unused_ones_marked() -> None:
    expected = (
        header(LANGUAGES["en"])
        + """
#: bot/b.py
msgid "posts.again"
msgstr "again"

#. Translators: a button.
#: bot/b.py bot/c.py
msgid "posts.kept"
msgstr ""
"kept\\n"
"twice"

#: bot/b.py
msgid "posts.many"
msgid_plural "posts.many"
msgstr[0] ""
msgstr[1] ""

#: bot/b.py
msgid "posts.new"
msgstr ""

#~ msgid "posts.gone"
#~ msgstr "gone"
"""
    )
    assert updated(OLD, USES, LANGUAGES["en"]) == expected


def test_a_second_update_changes_nothing() -> None:
    once = updated(OLD, USES, LANGUAGES["en"])
    assert updated(once, USES, LANGUAGES["en"]) == once


def test_plural_forms_are_put_in_the_registrys_order() -> None:
    """Babel's Arabic rule has 11–99 last and 100–102 before it; the pinned one the other way round."""
    old = (
        'msgid ""\nmsgstr ""\n"Language: ar\\n"\n'
        '"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : '
        'n%100>=0 && n%100<=2 ? 4 : 5);\\n"\n\nmsgid "posts.many"\nmsgid_plural "posts.many"\n'
        'msgstr[0] "0"\nmsgstr[1] "1"\nmsgstr[2] "2"\nmsgstr[3] "3-10"\nmsgstr[4] "100"\nmsgstr[5] "11-99"\n'
    )
    new = updated(old, {"posts.many": Use(counts=True)}, LANGUAGES["ar"])
    assert [line for line in new.split("\n") if line.startswith("msgstr[")] == [
        'msgstr[0] "0"',
        'msgstr[1] "1"',
        'msgstr[2] "2"',
        'msgstr[3] "3-10"',
        'msgstr[4] "11-99"',
        'msgstr[5] "100"',
    ]
