"""Taking up a role by its one-time code, and the coordinator's list of roles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Outgoing
from bot.delivery.outbox import Outbox
from bot.dialogue import Button, Routes, Turn
from bot.dialogue.numbers import number_in
from bot.language import Languages, M, Msg, Name, Url
from bot.people.model import Role
from bot.people.roles import Held, Roles, TooManyTriesError
from bot.people.service import People
from bot.people.tasks import Tasks
from bot.quartiere.service import Quartiere

StartLinks = Callable[[str], Sequence[str]]
"""Links that open the bot with a payload, one per platform that has such links and may hold roles."""


class Redeem:
    """The face of roles in the chat."""

    def __init__(
        self,
        roles: Roles,
        people: People,
        quartiere: Quartiere,
        outbox: Outbox,
        languages: Languages,
        links: StartLinks,
    ) -> None:
        self._roles = roles
        self._tasks = Tasks(roles)
        self._people = people
        self._quartiere = quartiere
        self._outbox = outbox
        self._languages = languages
        self._links = links

    def register(self, routes: Routes) -> None:
        # Translators: names of the command that takes up a role by its code. / What the platform's menu says of it.
        routes.command(
            "role", M("people.command.role"), M("people.command.role.about"), self.redeem, in_menu=False
        )
        # Translators: names of the coordinator's command that lists all roles. / What the platform's menu says of it.
        routes.command(
            "roles", M("people.command.roles"), M("people.command.roles.about"), self.list, in_menu=False
        )
        # Translators: names of the coordinator's command that invites somebody. / What the platform's menu says.
        routes.command(
            "invite", M("people.command.invite"), M("people.command.invite.about"), self.invite, in_menu=False
        )
        routes.action("invite", self.invite)
        routes.action("revoke", self.ask_revoke)
        routes.action("revoke-yes", self.revoke)

    async def redeem(self, turn: Turn, code: str) -> None:
        """Take up the role of a code."""
        if not turn.capabilities.roles:
            # Translators: roles can't be held in the page's chat; use Telegram, say.
            turn.say(M("people.role.not_here"))
            return
        if not code.strip():
            # Translators: /role without a code.
            turn.say(M("people.role.code_missing"))
            return
        try:
            held = await self._roles.redeem(turn.session, turn.chat_id, turn.person, code)
        except TooManyTriesError:
            # Translators: too many wrong codes; try again in an hour.
            turn.say(M("people.role.too_many"))
            return
        if held is None:
            # Translators: the code is wrong, used or too old; ask for a new one.
            turn.say(M("people.role.wrong_code"))
            return
        # Translators: the person has a role now. {role}: "staff of KAISERS", say.
        turn.say(
            M("people.role.welcome", role=await self.named(turn.session, held.role, held.scope)),
            # Translators: one message per role: what one can do now, with the commands.
            {
                Role.STAFF: M("people.role.can.staff"),
                Role.MODERATOR: M("people.role.can.moderator"),
                Role.COORDINATOR: M("people.role.can.coordinator"),
                Role.ORGANISATION: M("people.role.can.organisation"),
            }[held.role],
            buttons=[*await self._tasks.buttons(turn), [Button(M("common.menu"), "menu:")]],
        )

    async def list(self, turn: Turn, argument: str) -> None:
        """All roles, for the coordinator, each with a choice to take it back. No names: roles are numbered."""
        if not await self._is_coordinator(turn):
            return
        rows = []
        for held in await self._roles.all(turn.session):
            named = await self.named(turn.session, held.role, held.scope)
            # Translators: button that takes a role back. {number}: the role's number. {role}: "staff of KAISERS".
            rows.append(
                [Button(M("people.role.revoke", number=held.grant, role=named), f"revoke:{held.grant}")]
            )
        # Translators: heading of the list of roles; tapping one takes it back.
        turn.say(M("people.role.list"), buttons=[*rows, [Button(M("people.button.invite"), "invite:")]])

    async def invite(self, turn: Turn, argument: str) -> None:
        """Role, then scope, then the code with its links."""
        if not await self._is_coordinator(turn):
            return
        role_name, _, scope = argument.partition(":")
        if role_name not in tuple(Role):
            # Translators: which role shall the invited person have?
            turn.say(
                M("people.role.which"),
                buttons=[[Button(_ROLE_WORDS[role], f"invite:{role}")] for role in Role],
            )
            return
        role = Role(role_name)
        scopes = await self._scopes(turn.session, role)
        wanted = number_in(scope)
        if wanted is not None and wanted in scopes:
            await self._hand_out(turn, role, wanted)
            return
        if role is Role.COORDINATOR:
            await self._hand_out(turn, role, 0)
            return
        # Translators: for which Treffpunkt or Quartier shall the role be?
        turn.say(
            M("people.role.where"),
            buttons=[[Button(name, f"invite:{role}:{id_}")] for id_, name in scopes.items()],
        )

    async def ask_revoke(self, turn: Turn, argument: str) -> None:
        """Sure?"""
        held = await self._one(turn, argument)
        if held is None:
            return
        named = await self.named(turn.session, held.role, held.scope)
        # Translators: really take this role back? {role}: "staff of KAISERS".
        turn.say(
            M("people.role.revoke_sure", role=named),
            buttons=[[Button(M("common.yes"), f"revoke-yes:{held.grant}"), Button(M("common.no"), "menu:")]],
        )

    async def revoke(self, turn: Turn, argument: str) -> None:
        """Take it back, and tell the person."""
        held = await self._one(turn, argument)
        if held is None:
            return
        await self._roles.revoke(turn.session, held.grant)
        named = await self.named(turn.session, held.role, held.scope)
        # Translators: the role was taken back.
        turn.say(M("people.role.revoked", role=named))
        for chat_id, language in (await self._people.chats(turn.session, [held.person])).values():
            render = self._languages.renderer(language, zone=turn.render.zone)
            # Translators: told to the person whose role was taken back.
            body = render.rich(M("people.role.you_lost", role=named))
            message = Outgoing(body, language=language, rtl=render.language.rtl)
            await self._outbox.send(turn.session, chat_id, message)

    async def named(self, session: AsyncSession, role: Role, scope: int) -> Msg:
        """A role with its scope, in words."""
        scopes = await self._scopes(session, role)
        match role:
            case Role.STAFF:
                # Translators: a role with its Treffpunkt.
                return M("people.role.staff_of", place=Name(scopes.get(scope, "?")))
            case Role.MODERATOR:
                # Translators: a role with its Quartier.
                return M("people.role.moderator_of", place=Name(scopes.get(scope, "?")))
            case Role.COORDINATOR:
                # Translators: the role for the whole city.
                return M("people.role.coordinator")
            case Role.ORGANISATION:
                # Translators: a role with its organisation: may propose posts in its name.
                return M("people.role.organisation_of", organisation=Name(scopes.get(scope, "?")))

    async def _hand_out(self, turn: Turn, role: Role, scope: int) -> None:
        code = await self._roles.invite(turn.session, role, scope)
        named = await self.named(turn.session, role, scope)
        links = [turn.render.rich(M("people.role.link", link=Url(link))) for link in self._links(f"r_{code}")]
        # Translators: a one-time code for a role. {code}: the code. Links may follow, one a line.
        turn.say(M("people.role.code", role=named, code=Name(code)), *links)

    async def _one(self, turn: Turn, argument: str) -> Held | None:
        if not await self._is_coordinator(turn):
            return None
        every = {held.grant: held for held in await self._roles.all(turn.session)}
        held = every.get(number_in(argument) or 0)
        if held is None:
            # Translators: that role was taken back already.
            turn.say(M("people.role.gone"))
        return held

    async def _is_coordinator(self, turn: Turn) -> bool:
        held = await self._roles.held_by(turn.session, turn.person)
        if any(one.role is Role.COORDINATOR for one in held):
            return True
        # Translators: only the coordinator may do this.
        turn.say(M("people.role.coordinator_only"))
        return False

    async def _scopes(self, session: AsyncSession, role: Role) -> dict[int, str]:
        match role:
            case Role.STAFF:
                return {place.id: place.name for place in await self._quartiere.treffpunkte(session)}
            case Role.MODERATOR:
                return {quartier.id: quartier.name for quartier in await self._quartiere.quartiere(session)}
            case Role.COORDINATOR:
                return {0: ""}
            case Role.ORGANISATION:
                return {one.id: one.name for one in await self._quartiere.organisations(session)}


# Translators: the roles, as choices.
_ROLE_WORDS = {
    Role.STAFF: M("people.role.word.staff"),
    Role.MODERATOR: M("people.role.word.moderator"),
    Role.COORDINATOR: M("people.role.word.coordinator"),
    Role.ORGANISATION: M("people.role.word.organisation"),
}
