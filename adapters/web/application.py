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
from adapters.web.shield import Shield
from adapters.web.site import ROOM, Problem, Site
from bot.language import M, Msg

_FORM_EXTRA = 64 * 1024


def application(site: Site, max_file: int) -> ASGIApp:
    """The pages, shielded. `max_file`: bytes a reader may hand in."""
    megabytes = str(max_file // (1024 * 1024))

    async def told(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        reader = site.reader(request)
        sentence = site.words(reader, _sentence(fault, status, megabytes))
        if request.headers.get("x-chat") == "live":
            return JSONResponse({"message": sentence}, status)
        return await site.render(request, "problem.html", reader, status, sentence=sentence)

    routes = [
        *Pages(site).routes(),
        *Chat(site).routes(),
        *Demo(site).routes(),
        Mount("/static", StaticFiles(directory=ROOM / "static")),
    ]
    starlette = Starlette(routes=routes, exception_handlers={HTTPException: told, Exception: told})
    return Shield(starlette, demo=site.host.demo, secure=site.secure, upload_limit=max_file + _FORM_EXTRA)


def _sentence(fault: Exception, status: int, megabytes: str) -> Msg:
    match fault:
        case Problem(sentence=sentence):
            return sentence
        case _ if status == 413:
            # Translators: a file is too large; {limit} is a number of megabytes.
            return M("web.problem.too_big", limit=megabytes)
        case _ if status in (404, 405):
            return M("web.problem.not_found")
        case _ if status == 400:
            return M("web.problem.unreadable")
    # Translators: something broke on our side.
    return M("web.problem.ours")
