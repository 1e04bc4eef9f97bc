"""The chat in the page: a messenger for those who have none. Plain forms carry all of it; a script only makes it live.

The demo's phones are the same chat under another address, each with an account of its own.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from itertools import pairwise

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.web.accounts import DEMO_PHONES, demo_account
from adapters.web.bubbles import bubbles, quote_of
from adapters.web.inbound import Said, Speaking
from adapters.web.limits import CODES, CODES_OF_ADDRESS, MESSAGES, MESSAGES_OF_ADDRESS, NEW_ACCOUNTS
from adapters.web.problems import sentence
from adapters.web.reader import Reader
from adapters.web.site import Problem, Site
from adapters.web.stream import changes_stream
from adapters.web.threads import Entry
from bot.language import M

_COOKIE = "qb_chat"
_COOKIE_AGE = 400 * 24 * 3600
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CODE_PAYLOAD = "r_"
_SECOND_MESSAGE = 0.1
"""Seconds more that a plain form waits: an answer is often two messages."""


@dataclass(frozen=True, slots=True)
class Room:
    """One chat: whose, where, and who reads it."""

    account: str
    base: str
    reader: Reader
    is_phone: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the text field already, and why it could not be sent."""

    text: str = ""
    reply_to: str = ""
    problem: str = ""
    status: int = 200


class Chat:
    """Views of the chat. `max_file`: bytes a reader may hand in."""

    def __init__(self, site: Site, max_file: int) -> None:
        self._site = site
        self._max_file = max_file
        self._speaking = Speaking(site)

    def routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [
            Route("/chat", self.page),
            Route("/chat/start", self.start, methods=["POST"]),
            Route("/chat/say", self.say, methods=["POST"]),
            Route("/chat/events", self.events),
            Route("/chat/end", self.ask_end),
            Route("/chat/end", self.end, methods=["POST"]),
        ]
        if self._site.host.demo:
            phone = "/demo/phone/{who}"
            routes += [
                Route(phone, self.page),
                Route(f"{phone}/say", self.say, methods=["POST"]),
                Route(f"{phone}/events", self.events),
            ]
        return routes

    async def page(self, request: Request) -> Response:
        """The chat, or the way in."""
        account, base = await self._whose(request)
        if not account:
            return await self._way_in(request, _payload(request.query_params.get("start", "")))
        return await self._show(request, account, base, Draft(reply_to=request.query_params.get("reply", "")))

    async def _show(self, request: Request, account: str, base: str, draft: Draft) -> Response:
        payload = _payload(request.query_params.get("start", ""))
        entries = await self._site.threads.entries(account)
        room = self._room(request, account, base, entries)
        answered = next((entry for entry in entries if entry.ref == (draft.reply_to,)), None)
        nonce = self._site.nonce(request)
        response = await self._site.render(
            request,
            "phone.html" if room.is_phone else "chat.html",
            room.reader,
            draft.status,
            room=room,
            draft=draft,
            bubbles=[bubble for bubble in bubbles(entries, self._site.seals) if bubble.markup],
            since=max((entry.rev for entry in entries), default=0),
            token=self._site.seals.form_token(nonce, account),
            event=self._site.ids.token(20),
            reply=answered.seq if answered else "",
            quote=quote_of(answered),
            payload=payload,
            payload_name=await self._name(payload),
            limit_bytes=self._max_file,
        )
        if not room.is_phone:
            cookie = self._site.seals.account_cookie(account)
            self._site.set_cookie(response, self._site.cookie_name(_COOKIE), cookie, _COOKIE_AGE)
        return self._site.with_nonce(request, response, nonce)

    async def start(self, request: Request) -> Response:
        """The reader pressed start: an account is opened and says hello."""
        self._site.check_origin(request)
        form = await request.form(max_files=0, max_fields=10)
        self._site.check_token(request, str(form.get("token", "")), "")
        reader = self._site.reader(request)
        account, _ = await self._whose(request)
        if not account:
            self._site.limit(NEW_ACCOUNTS, self._site.client(request))
            account = await self._site.accounts.open()
        payload = _payload(str(form.get("payload", "")))
        said = Said(str(form.get("event", "")), text=f"/start {payload}".strip())
        self._limit(request, account, [said])
        await self._say(account, reader, [said], patient=True)
        response = RedirectResponse(reader.link("/chat"), 303)
        cookie = self._site.seals.account_cookie(account)
        self._site.set_cookie(response, self._site.cookie_name(_COOKIE), cookie, _COOKIE_AGE)
        return response

    async def say(self, request: Request) -> Response:
        """The reader typed, tapped or handed in a file."""
        self._site.check_origin(request)
        account, base = await self._whose(request)
        if not account:
            raise Problem(403, M("web.problem.ended"))
        live = request.headers.get("x-chat") == "live"
        draft = Draft()
        try:
            async with request.form(max_files=1, max_fields=20) as form:
                self._site.check_token(request, str(form.get("token", "")), account)
                draft = Draft(str(form.get("text", "")), str(form.get("reply", ""))[:20])
                reader = await self._heard(request, account, base, form, live=live)
        except HTTPException as fault:
            if live or fault.status_code == 403:
                raise
            return await self._again(request, account, base, draft, fault)
        return Response(status_code=204) if live else RedirectResponse(reader.link(base), 303)

    async def _heard(
        self, request: Request, account: str, base: str, form: FormData, *, live: bool
    ) -> Reader:
        said = self._speaking.read(form)
        self._limit(request, account, said)
        reader = self._room(request, account, base, await self._site.threads.entries(account)).reader
        if any(each.file for each in said):
            await self._speaking.limit_upload(account, self._site.client(request))
        await self._say(account, reader, said, patient=not live)
        return reader

    async def _again(
        self, request: Request, account: str, base: str, draft: Draft, fault: HTTPException
    ) -> Response:
        """The chat once more with the typed text in its field: nobody types it twice because we refused it."""
        reader = self._room(request, account, base, await self._site.threads.entries(account)).reader
        said = self._site.words(reader, sentence(fault, self._max_file))
        return await self._show(
            request, account, base, replace(draft, problem=said, status=fault.status_code)
        )

    async def events(self, request: Request) -> Response:
        """The live stream of an open page."""
        account, base = await self._whose(request)
        if not account:
            raise Problem(403, M("web.problem.ended"))
        room = self._room(request, account, base, await self._site.threads.entries(account))
        return changes_stream(self._site, request, account, room)

    async def ask_end(self, request: Request) -> Response:
        """Ask before the chat on this device ends."""
        account, _ = await self._whose(request)
        if not account:
            return RedirectResponse("/chat", 303)
        nonce = self._site.nonce(request)
        token = self._site.seals.form_token(nonce, account)
        response = await self._site.render(request, "end.html", self._site.reader(request), token=token)
        return self._site.with_nonce(request, response, nonce)

    async def end(self, request: Request) -> Response:
        """End it: the house hears that the reader left, and what was said here is erased."""
        self._site.check_origin(request)
        account, _ = await self._whose(request)
        form = await request.form(max_files=0, max_fields=10)
        if account:
            self._site.check_token(request, str(form.get("token", "")), account)
            await self._speaking.leave(account)
            await self._site.accounts.end(account)
            await self._site.threads.forget(account)
        reader = self._site.reader(request)
        response = await self._site.render(request, "ended.html", reader)
        response.delete_cookie(self._site.cookie_name(_COOKIE), secure=self._site.secure, httponly=True)
        return response

    # --- helpers -------------------------------------------------------------------------------------------

    async def _whose(self, request: Request) -> tuple[str, str]:
        """The account of a request and its chat's address; "" for a reader who has none."""
        who = request.path_params.get("who")
        if who is not None:
            if who not in DEMO_PHONES:
                raise HTTPException(404)
            return demo_account(who), f"/demo/phone/{who}"
        account = self._site.seals.account_of(request.cookies.get(self._site.cookie_name(_COOKIE), ""))
        is_open = not account.startswith("demo-") and await self._site.accounts.exists(account)
        return (account if is_open else ""), "/chat"

    def _room(self, request: Request, account: str, base: str, entries: list[Entry]) -> Room:
        reader = self._site.reader(request, _language_of(entries))
        return Room(account, base, reader, is_phone=base != "/chat")

    async def _way_in(self, request: Request, payload: str) -> Response:
        nonce = self._site.nonce(request)
        response = await self._site.render(
            request,
            "start.html",
            self._site.reader(request),
            token=self._site.seals.form_token(nonce, ""),
            event=self._site.ids.token(20),
            payload=payload,
            payload_name=await self._name(payload),
        )
        return self._site.with_nonce(request, response, nonce)

    async def _name(self, payload: str) -> str:
        """The Quartier a poster's code leads to; "" if it leads elsewhere."""
        slug = payload.removeprefix("q_") if payload.startswith("q_") else ""
        return next((name for known, name in await self._site.host.pages.quartiere() if known == slug), "")

    def _limit(self, request: Request, account: str, said: list[Said]) -> None:
        client = self._site.client(request)
        for each in said:
            self._site.limit(MESSAGES, account)
            self._site.limit(MESSAGES_OF_ADDRESS, client)
            if each.text.startswith(f"/start {_CODE_PAYLOAD}"):
                self._site.limit(CODES, account)
                self._site.limit(CODES_OF_ADDRESS, client)

    async def _say(self, account: str, reader: Reader, said: list[Said], *, patient: bool) -> None:
        for each in said:
            seen = await self._speaking.say(account, reader.language, each)
            if patient and await self._site.threads.changes(account, seen, self._site.patience):
                await asyncio.sleep(min(_SECOND_MESSAGE, self._site.patience))


def _payload(text: str) -> str:
    return text if _PAYLOAD.fullmatch(text) else ""


def _language_of(entries: list[Entry]) -> str:
    """The language the bot answered in last: what follows the reader's own words is an answer."""
    language = ""
    for before, entry in pairwise(entries):
        if before.wrote is not None and entry.said is not None:
            language = entry.said.language
    return language
