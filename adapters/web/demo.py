"""The demo: a resident's, a staff member's and a moderator's phone side by side, on the sample city.

Its suggestions are plain forms that type into a phone, so they work without a script.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from adapters.web.accounts import DEMO_PHONES, demo_account
from adapters.web.site import Site
from bot.language import M, Msg


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to try: what is typed, and into whose phone."""

    about: Msg
    button: Msg
    who: str
    typed: tuple[str, ...]


class Demo:
    """View of the demo; only in demo mode."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        return [Route("/demo", self.page)] if self._site.host.demo else []

    async def page(self, request: Request) -> Response:
        reader = self._site.reader(request)
        nonce = self._site.nonce(request)
        # Translators: typed by staff in the demo; stays German in every language, as the sample city's staff write it.
        announcement = self._site.words(reader, M("web.demo.announcement"))
        suggestions = [
            Suggestion(
                M("web.demo.subscribe"), M("web.demo.subscribe.button"), "resident", ("/start q_suedstadt",)
            ),
            Suggestion(
                M("web.demo.announce"), M("web.demo.announce.button"), "staff", ("/ansage", announcement)
            ),
            Suggestion(M("web.demo.today"), M("web.demo.today.button"), "resident", ("/today",)),
            # Translators: the resident reports, the moderator decides. The first button is named as the resident's
            # phone shows it, "Ausblenden" as the moderator's German phone does. / Button: lists the open reports there.
            Suggestion(M("web.demo.moderate"), M("web.demo.moderate.button"), "moderator", ("/reports",)),
        ]
        # Translators: whose phone it is.
        names = (M("web.demo.resident"), M("web.demo.staff"), M("web.demo.moderator"))
        response = await self._site.render(
            request,
            "demo.html",
            reader,
            phones=[
                (who, self._site.words(reader, name)) for who, name in zip(DEMO_PHONES, names, strict=True)
            ],
            suggestions=suggestions,
            tokens={who: self._site.seals.form_token(nonce, demo_account(who)) for who in DEMO_PHONES},
        )
        return self._site.with_nonce(request, response, nonce)
