"""The HTTP side: reads a request as Telegram does, lets faults happen to it, answers in Telegram's envelope."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.fakes.botapi.call import Call
from tests.fakes.botapi.control import Control
from tests.fakes.botapi.faults import SENDS, Fault
from tests.fakes.botapi.limits import Limiter
from tests.fakes.botapi.methods import Methods
from tests.fakes.botapi.state import ApiError, Json, World

Method = Callable[[Call], Awaitable[Any]]
MAX_BODY = 64 * 1024 * 1024
"""aiohttp's own cap is 1 MiB, less than one photo."""


class Server:
    """One bot's Bot API server. Other tokens are refused as the real one refuses them."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._begin()

    def _begin(self) -> None:
        self._world = World()
        limiter = Limiter()
        self._methods = Methods(self._world, limiter)
        self._control = Control(self._world, limiter)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._api)
        app.router.add_get("/file/bot{token}/{folder}/{file}", self._download)
        app.router.add_post("/_control/{action}", self._order)
        return app

    async def _order(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["action"] != "reset":
            return await self._control.handle(request)
        self._begin()
        return web.json_response(True)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self._token:
            return _refuse(ApiError(401, "Unauthorized"))
        name = request.match_info["method"]
        method = self._methods.find(name)
        if method is None:
            return _refuse(ApiError(404, "Not Found"))
        call = await _read(request, name)
        self._world.calls[name] += 1
        log, came = self._world.log, time.monotonic()
        try:
            return await self._answer(request, call, method)
        finally:
            if name in SENDS:
                log.spans.append((came, time.monotonic()))

    async def _answer(self, request: web.Request, call: Call, method: Method) -> web.StreamResponse:
        name = call.method
        fault = self._control.fault_for(name, call.number("chat_id"))
        try:
            if fault is not None and (broken := await _before(request, call, fault)) is not None:
                return broken
            if delay := self._control.delay():
                await asyncio.sleep(delay)
            result: Any = await method(call)
        except ApiError as error:
            if error.code == 429:
                log = self._world.log
                log.refused.append(log.entry(call.number("chat_id") or 0, call.text("text")))
            return _refuse(error)
        if fault is not None and fault.kind == "drop_after":
            return _hang_up(request)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return web.json_response({"ok": True, "result": result})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self._world.files.get(request.match_info["file"])
        if request.match_info["token"] != self._token or file is None:
            return _refuse(ApiError(404, "Not Found"))
        return web.Response(body=file.content, content_type="application/octet-stream")


async def _before(request: web.Request, call: Call, fault: Fault) -> web.StreamResponse | None:
    """What the fault does before the call is taken in; None when it lets the call through."""
    refusal = fault.answer()
    if refusal is not None:
        raise refusal
    if fault.kind == "drop_before":
        return _hang_up(request)
    if fault.kind == "502":
        return web.Response(
            status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html"
        )
    if fault.kind == "bad_json":
        return web.Response(
            text=f'{{"ok": true, "result": {{"text": "{call.text("text")}', content_type="application/json"
        )
    if fault.kind == "no_result":
        return web.json_response({"ok": True})
    return None


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refuse(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


async def _read(request: web.Request, name: str) -> Call:
    """Parameters from the query, a form, multipart or JSON: Telegram takes all four."""
    call = Call(name, dict(request.query))
    if request.content_type == "application/json":
        call.values.update(await request.json())
        return call
    for field, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            call.files[field] = (value.file.read(), value.filename, value.content_type)
            value.file.close()
        else:
            call.values[field] = value
    return call
