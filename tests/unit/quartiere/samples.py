"""A small city for the tests, and a way to change it."""

from __future__ import annotations

from bot.quartiere.cityfile import CityFile, parse

SMALL = """
sample = true

[city]
slug = "muster"
name = "Musterstadt"
languages = ["de", "de-simple", "en"]

[contact]
name = "Quartiersmanagement"
phone = "05151 000-10"

[[rules]]
id = "respect"
title = { de = "Sei freundlich", en = "Be kind" }
text = "Wir gehen freundlich miteinander um."

[[quartiere]]
slug = "nord"
name = "Nord"

[[quartiere]]
slug = "sued"
name = "Süd"

[[treffpunkte]]
slug = "nordtreff"
name = "Nordtreff"
quartier = "nord"
address = "Heinestr. 29"
phone = "05151 000-30"

[[treffpunkte]]
slug = "suedtreff"
name = "Südtreff"
quartier = "sued"
address = "Kaiserstr. 80"

[[organisations]]
slug = "chor"
name = "Chor"
kind = "association"
treffpunkt = "nordtreff"

[[offers]]
slug = "cafe"
treffpunkt = "nordtreff"
title = { de = "Café", en = "Coffee" }
cost = "free"
when = [{ weekly = "thursday", start = "15:00", end = "17:30" }]

[[offers]]
slug = "stammtisch"
treffpunkt = "suedtreff"
title = "Stammtisch"
when = [{ monthly = "1st wednesday", start = "18:00" }]

[[offers]]
slug = "fest"
whole_city = true
place = "Innenstadt"
title = "Fest"
when = [{ dates = [2026-11-28], start = "18:00", end = "01:00" }]
"""


def small(*changes: tuple[str, str]) -> CityFile:
    """The small city after replacing each first text by the second."""
    return parse(changed(*changes))


def changed(*changes: tuple[str, str]) -> str:
    content = SMALL
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new)
    return content
