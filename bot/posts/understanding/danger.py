"""Whether a text sounds as if people were in danger. Only asks: what is a warning, a person decides."""

from __future__ import annotations

import re

ASKED = "danger"
"""In `Post.asked`: somebody was asked, and once is enough."""
_SIGNS = re.compile(
    r"\b\w*warnung(?:en)?\b|\bvorsicht\b|\b(?<!eigene )(?<!eigener )\w*gefahr(?:en)?\b|\blebensgefährlich\w*|"
    r"\bgas-?(?:austritt|leck|geruch|alarm)\w*|\b(?:gro(?:ß|ss)|wohnungs|dachstuhl|keller|haus|wald|zimmer)?-?brand\b|"
    r"\bbrände\b|\bes brennt\b|\b(?:groß)?feuer in\b|\bevakuier\w*|\b(?:flieger|weltkriegs)?-?bomben?\b|"
    r"\bbomben(?:fund|entschärfung|drohung|alarm)\w*|\bblindgänger\w*|\bexplosion\w*|\bamok\w*|"
    r"\bwarnings?\b|\bdanger(?:ous)?\b|\bgas leak\w*|\bevacuat\w*|\bbombs?\b|\b(?:on|a|house|wild|big) ?fire\b|"
    r"\bfire (?:in|at)\b|\bemergency\b|تحذير|خطر|إخلاء|قنبلة|حريق|تسرب غاز",
    re.IGNORECASE,
)


def sounds_dangerous(text: str) -> bool:
    """Rather once too often: a wrong yes costs one tap."""
    return _SIGNS.search(text) is not None
