"""The web application: all views under one roof, and friendly words when something can't be shown."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from adapters.web.chat import Chat
from adapters.web.demo import Demo
from adapters.web.pages import Pages
from adapters.web.problems import sentence, status_of
from adapters.web.seeing import Seeing
from adapters.web.shield import Shield
from adapters.web.site import ROOM, Site

_FORM_EXTRA = 64 * 1024


def application(site: Site, max_file: int) -> ASGIApp:
    """The pages, shielded. `max_file`: bytes a reader may hand in."""

    async def told(request: Request, fault: Exception) -> Response:
        reader = site.reader(request)
        said = site.words(reader, sentence(fault, max_file))
        if request.headers.get("x-chat") == "live":
            return JSONResponse({"message": said}, status_of(fault))
        return await site.render(request, "problem.html", reader, status_of(fault), sentence=said)

    routes = [
        *Pages(site).routes(),
        *Chat(site, max_file).routes(),
        *Demo(site).routes(),
        *Seeing(site).routes(),
        Mount("/static", StaticFiles(directory=ROOM / "static")),
    ]
    starlette = Starlette(routes=routes, exception_handlers={HTTPException: told, Exception: told})
    return Shield(starlette, demo=site.host.demo, secure=site.secure, upload_limit=max_file + _FORM_EXTRA)
