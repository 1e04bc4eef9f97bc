"""/privacy, /export and /delete: everything about one's own data, finished in the chat."""

from __future__ import annotations

import json
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Attachment, Happened, Rich
from bot.dialogue import Button, Routes, Turn
from bot.language import M, Name, join
from bot.people.service import People
from bot.people.wording import PeopleWording
from bot.privacy.register import Register


class KeepsFiles(Protocol):
    """Stores a file made for a person for a short while."""

    async def save(
        self, session: AsyncSession, mime: str, name: str, content: bytes, *, owner: int | None = None
    ) -> int:
        """Returns its media id."""


class PrivacyDialogue:
    """The face of the register in the chat."""

    def __init__(self, register: Register, people: People, wording: PeopleWording, files: KeepsFiles) -> None:
        self._register = register
        self._people = people
        self._wording = wording
        self._files = files

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
        # First of all: whoever closes the chat changes copies, and erasing locks much before it comes to them.
        routes.gone.insert(0, self.left)

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
        media = await self._files.save(
            turn.session, "application/json", "quartierbote.json", content, owner=turn.person
        )
        file = Attachment(
            "document", name="quartierbote.json", mime="application/json", size=len(content), media=media
        )
        turn.say(
            # Translators: above the person's own data; the same is attached as a file.
            M("privacy.export.here"),
            await self._settings(turn),
            self._register.tell(data, turn.render),
            attachments=[file],
        )

    async def _settings(self, turn: Turn) -> Rich:
        settings = await self._people.settings(turn.session, turn.person)
        names = await self._wording.quartier_names(turn.session)
        day = settings.agreed_at.astimezone(turn.render.zone).date()
        # Translators: in /export: since when we know the person, the language's own name, and in which chats.
        known = M(
            "privacy.export.settings",
            day=day,
            language=Name(turn.languages[settings.language].own_name),
            chats=tuple(Name(chat) for chat in await self._people.addresses(turn.session, turn.person)),
        )
        said = turn.render.rich(known), self._wording.reads(turn.render, settings, names)
        return join(*said, self._wording.habit(turn.render, settings.habit))

    async def left(self, turn: Turn) -> None:
        """Somebody ended their chat where it can't be opened again: there they could never say /delete."""
        if turn.event.what is Happened.LEFT and not turn.event.is_room and turn.speaker is not None:
            await self._register.erase(turn.session, turn.person)
            turn.forget = True

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
