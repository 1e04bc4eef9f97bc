"""How delivery goes: to staff as a page behind a pass, to Prometheus as figures. Neither is for everybody.

The page renews itself without a script, and stops when its reader says so: what moves by itself disturbs some.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.web.site import Problem, Site
from bot.language import M
from bot.this_machine import may_read

SOON, SELDOM = 5, 60
"""Seconds until the page looks again: while something is on its way, and else."""
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow"}


class Seeing:
    """Views of what the house shows of itself."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        if self._site.host.sights is None:
            return []
        return [Route("/deliveries/{token}", self.deliveries), Route("/metrics", self.metrics)]

    async def deliveries(self, request: Request) -> Response:
        """The posts that a pass lets its holder see. A pass that opens nothing can't be told from a made-up one."""
        sights, token = self._site.host.sights, str(request.path_params["token"])
        language = await sights.staff_language(token) if sights else None
        reader = self._site.reader(request, language or "")
        sight = await sights.staff(token, reader.language) if sights and language else None
        if sight is None:
            # Translators: the link to the page for staff is too old, or wrong. /posts is a command: keep it.
            raise Problem(404, M("web.deliveries.expired"))
        is_still = bool(request.query_params.get("still"))
        response = await self._site.render(
            request,
            "deliveries.html",
            reader,
            sight=sight,
            refresh=0 if is_still else SOON if sight.is_moving else SELDOM,
        )
        response.headers.update(_PRIVATE)
        return response

    async def metrics(self, request: Request) -> Response:
        """What is measured, for whoever knows the token; where there is none, for this machine."""
        sights, token = self._site.host.sights, self._site.settings.metrics_token
        if not may_read(request.headers, request.client.host if request.client else "", token):
            if token:
                challenge = {"WWW-Authenticate": "Bearer"}
                return PlainTextResponse("The metrics need their token.\n", 401, challenge)
            return PlainTextResponse(
                "The metrics are shown on this machine only: see QUARTIERBOTE_WEB__METRICS_TOKEN.\n", 403
            )
        if sights is None:
            raise Problem(404, M("web.problem.not_found"))
        content, kind = await sights.metrics(request.headers.get("accept", ""))
        return Response(content, headers={"Content-Type": kind, "Cache-Control": "no-store"})
