"""The face of moderation in the chat, put together from its parts."""

from __future__ import annotations

from bot.dialogue import Routes
from bot.language import Languages
from bot.moderation.chat.appealing import AppealFace
from bot.moderation.chat.casework import CaseFace
from bot.moderation.chat.decisions import DecisionFace
from bot.moderation.chat.mine import MineFace
from bot.moderation.chat.reporting import ReportingFace
from bot.moderation.service import Moderation


class ModerationDialogue:
    """Registers everything that reporters, moderators and authors can do."""

    def __init__(self, moderation: Moderation, languages: Languages) -> None:
        cases = CaseFace(moderation)
        self._faces = (
            ReportingFace(moderation),
            cases,
            DecisionFace(moderation, cases, languages),
            AppealFace(moderation),
            MineFace(moderation),
        )

    def register(self, routes: Routes) -> None:
        for face in self._faces:
            face.register(routes)
