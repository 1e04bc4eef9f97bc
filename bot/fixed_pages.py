"""Imprint, privacy, rules and accessibility: the pages a city owes its readers."""

from __future__ import annotations

from bot.contract import Rich
from bot.host import Page, Section
from bot.language import M, Msg, Renderer
from bot.quartiere import notices
from bot.quartiere.service import CityInfo

NAMES = ("imprint", "privacy", "rules", "accessibility")


def fixed_page(name: str, render: Renderer, city: CityInfo) -> Page | None:
    """One of `NAMES`; None for another name."""
    match name:
        case "imprint":
            # Translators: title of the imprint.
            return _page(render, M("pages.imprint.title"), notices.imprint(render, city))
        case "privacy":
            # Translators: title of the privacy page. / What is stored, how long, and which rights one has.
            said = render.rich(M("pages.privacy.text"))
            return _page(render, M("pages.privacy.title"), notices.privacy_contact(render, city), said)
        case "rules":
            # Translators: title of the house rules. / A line above them.
            intro = render.rich(M("pages.rules.intro"))
            return _page(render, M("pages.rules.title"), notices.rules(render, city), intro)
        case "accessibility":
            # Translators: title of the accessibility statement. / What works and what doesn't yet.
            said = render.rich(M("pages.accessibility.text"))
            return _page(
                render, M("pages.accessibility.title"), notices.accessibility_contact(render, city), said
            )
        case _:
            return None


def _page(render: Renderer, title: Msg, of_the_city: Rich, said: Rich = ()) -> Page:
    # Translators: the city has not filled this page in yet.
    own = of_the_city or render.rich(M("pages.missing"))
    section = Section("text", (*said, *own))
    return Page(render.text(title), render.language.tag, render.language.rtl, parts=(("", (section,)),))
