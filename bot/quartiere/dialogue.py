"""The city's duties in the chat: imprint and house rules, in at most two taps."""

from __future__ import annotations

from bot.dialogue import Button, Routes, Turn
from bot.language import M
from bot.quartiere import notices
from bot.quartiere.service import Quartiere


class CityDialogue:
    """Registers /imprint and /rules."""

    def __init__(self, quartiere: Quartiere) -> None:
        self._quartiere = quartiere

    def register(self, routes: Routes) -> None:
        # Translators: names of the imprint command, comma-separated. / What it does, for the platform's menu.
        routes.command(
            "imprint", M("quartiere.command.imprint"), M("quartiere.command.imprint.about"), self.imprint
        )
        # Translators: names of the command that shows the house rules. / What it does.
        routes.command("rules", M("quartiere.command.rules"), M("quartiere.command.rules.about"), self.rules)

    async def imprint(self, turn: Turn, argument: str) -> None:
        city = await self._quartiere.city(turn.session)
        said = notices.imprint(turn.render, city) if city else ()
        turn.say(
            # Translators: heading of the imprint in the chat. / The city has not filled it in yet.
            M("quartiere.imprint.heading"),
            said or turn.render.rich(M("quartiere.missing")),
            buttons=[[Button(M("common.menu"), "menu:")]],
        )

    async def rules(self, turn: Turn, argument: str) -> None:
        city = await self._quartiere.city(turn.session)
        said = notices.rules(turn.render, city) if city else ()
        turn.say(
            said or turn.render.rich(M("quartiere.missing")), buttons=[[Button(M("common.menu"), "menu:")]]
        )
