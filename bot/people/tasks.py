"""What people with a role can do, as buttons: in the menu, in the help and in the welcome of a role."""

from __future__ import annotations

from bot.dialogue import Button, Turn
from bot.language import M
from bot.people.model import Role
from bot.people.roles import Roles


class Tasks:
    """Knows which tasks come with which role. The commands belong to other rooms and check the role again."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def buttons(self, turn: Turn) -> list[list[Button]]:
        """Rows of choices; none for somebody without a role."""
        held = {one.role for one in await self._roles.held_by(turn.session, turn.person)}
        rows: list[list[Button]] = []
        if held & {Role.STAFF, Role.COORDINATOR}:
            # Translators: buttons for staff: write an announcement; my announcements; recurring offers.
            rows.append(
                [Button(M("people.task.announce"), "do:announce"), Button(M("people.task.posts"), "do:posts")]
            )
            # Translators: button for staff: what residents propose and waits for a decision.
            rows.append(
                [
                    Button(M("people.task.offers"), "do:offers"),
                    Button(M("people.task.suggestions"), "do:suggestions"),
                ]
            )
        if held & {Role.MODERATOR, Role.COORDINATOR}:
            # Translators: button for moderators: open reports.
            rows.append([Button(M("people.task.reports"), "do:reports")])
        if Role.COORDINATOR in held:
            # Translators: buttons for the coordinator: invite somebody; all roles.
            rows.append(
                [Button(M("people.button.invite"), "invite:"), Button(M("people.task.roles"), "do:roles")]
            )
        return rows
