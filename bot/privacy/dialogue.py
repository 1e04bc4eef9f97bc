"""/privacy, /export and /delete: everything about one's own data, finished in the chat."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Attachment
from bot.dialogue import Button, Routes, Turn
from bot.language import M
from bot.people.wording import PeopleWording
from bot.privacy.readable import readable
from bot.privacy.register import Register

KeepFile = Callable[[AsyncSession, str, str, bytes], Awaitable[int]]
"""Stores a file (MIME type, name, content) for a short while and returns its media id."""


class PrivacyDialogue:
    """The face of the register in the chat."""

    def __init__(self, register: Register, wording: PeopleWording, keep_file: KeepFile) -> None:
        self._register = register
        self._wording = wording
        self._keep_file = keep_file

    def register(self, routes: Routes) -> None:
        # Translators: names of the privacy command, comma-separated. / What it does, for the platform's menu.
        routes.command(
            "privacy", M("privacy.command.privacy"), M("privacy.command.privacy.about"), self.privacy
        )
        # Translators: names of the command that hands out one's data. / What it does.
        routes.command("export", M("privacy.command.export"), M("privacy.command.export.about"), self.export)
        # Translators: names of the command that erases one's data. / What it does.
        routes.command(
            "delete", M("privacy.command.delete"), M("privacy.command.delete.about"), self.ask_delete
        )
        routes.action("erase-yes", self.delete)
        routes.action("keep", self.keep)

    async def privacy(self, turn: Turn, argument: str) -> None:
        # Translators: buttons below the privacy notice: get my data, delete everything.
        turn.say(
            await self._wording.privacy(turn),
            buttons=[
                [
                    Button(M("privacy.button.export"), "do:export"),
                    Button(M("privacy.button.delete"), "do:delete"),
                ],
                # Translators: buttons below the privacy notice that lead to the imprint and the house rules.
                [
                    Button(M("privacy.button.imprint"), "do:imprint"),
                    Button(M("privacy.button.rules"), "do:rules"),
                ],
                [Button(M("common.menu"), "menu:")],
            ],
        )

    async def export(self, turn: Turn, argument: str) -> None:
        """All we hold, readable and as JSON."""
        data = await self._register.export(turn.session, turn.person)
        content = json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True).encode()
        media = await self._keep_file(turn.session, "application/json", "quartierbote.json", content)
        file = Attachment(
            "document", name="quartierbote.json", mime="application/json", size=len(content), media=media
        )
        # Translators: above the person's own data; the same is attached as a file.
        turn.say(M("privacy.export.here"), readable(data), attachments=[file])

    async def ask_delete(self, turn: Turn, argument: str) -> None:
        # Translators: really delete everything we know about you?
        turn.say(
            M("privacy.delete.sure"),
            buttons=[[Button(M("privacy.delete.yes"), "erase-yes:"), Button(M("common.no"), "keep:")]],
        )

    async def delete(self, turn: Turn, argument: str) -> None:
        await self._register.erase(turn.session, turn.person)
        turn.forget = True
        turn.leave()
        # Translators: everything is deleted; a friendly farewell.
        turn.say(M("privacy.deleted"))

    async def keep(self, turn: Turn, argument: str) -> None:
        # Translators: the person doesn't want to be deleted after all.
        turn.say(M("privacy.kept"), buttons=[[Button(M("common.menu"), "menu:")]])
