"""The page's colours can be told apart by weak eyes: WCAG 2.2 AA, in the light and in the dark."""

from __future__ import annotations

import re

import pytest

from adapters.web.site import ROOM

TEXT, BORDER = 4.5, 3.0
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "tint", TEXT),
    ("ink", "bot", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "card", TEXT),
    ("soft", "bot", TEXT),
    ("soft", "tint", TEXT),
    ("mine-ink", "mine", TEXT),
    ("accent", "paper", TEXT),
    ("accent", "card", TEXT),
    ("accent", "tint", TEXT),
    ("accent", "bot", TEXT),
    ("accent-deep", "tint", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    ("danger", "card", TEXT),
    ("paper", "danger", TEXT),
    ("edge", "paper", BORDER),
    ("edge", "card", BORDER),
    ("focus", "paper", BORDER),
    ("focus", "card", BORDER),
]


def palettes() -> dict[str, dict[str, str]]:
    """The light palette, and the dark one over it."""
    css = (ROOM / "static" / "style.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in css.split(":root {")[1:3]
    )
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "enough"), PAIRS)
def test_contrast(scheme: str, front: str, back: str, enough: float) -> None:
    palette = palettes()[scheme]
    dim, bright = sorted((luminance(palette[front]), luminance(palette[back])))

    assert (bright + 0.05) / (dim + 0.05) >= enough
