"""What all pages share: who reads, in which language, the tools a page needs, and how a page is laid out.

Views hold no state of their own; all of it is here, given by the platform.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from adapters.web.accounts import Accounts
from adapters.web.limits import Buckets, Rate, Streams
from adapters.web.reader import LANGUAGE_COOKIE, Reader, reader_of
from adapters.web.richhtml import html
from adapters.web.seals import Seals
from adapters.web.threads import Threads
from adapters.web.uploads import Uploads
from bot.clock import Clock, Ids
from bot.contract import Inbound
from bot.host import Host
from bot.language import M, Msg
from bot.settings import WebSettings

ROOM = Path(__file__).parent
_YEAR = 365 * 24 * 3600


class Problem(HTTPException):
    """Something a reader did can't be done; `sentence` says what to do."""

    def __init__(self, status: int, sentence: Msg) -> None:
        super().__init__(status, sentence.id)
        self.sentence = sentence


@dataclass(frozen=True)
class Site:
    """The tools of the pages."""

    host: Host
    settings: WebSettings
    clock: Clock
    ids: Ids
    seals: Seals
    buckets: Buckets
    streams: Streams
    threads: Threads
    accounts: Accounts
    uploads: Uploads
    deliver: Callable[[Inbound], Awaitable[None]]
    """Hands an event to the house; returns when it is stored."""
    patience: float
    """Seconds a plain form waits for the answer, so that a page without a script shows it at once."""

    @property
    def secure(self) -> bool:
        """Whether readers come over https."""
        return self.public_url.startswith("https:")

    @property
    def public_url(self) -> str:
        return self.host.public_url or self.settings.address

    def cookie_name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    @cached_property
    def templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(ROOM / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["static"] = self.static
        environment.filters["rich"] = html
        return environment

    @cached_property
    def _static_marks(self) -> dict[str, str]:
        return {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10]
            for file in (ROOM / "static").iterdir()
        }

    def static(self, name: str) -> str:
        """The address of a static file; another one when its content changes."""
        return f"/static/{name}?v={self._static_marks[name]}"

    def words(self, reader: Reader, message: Msg) -> str:
        """A message in the reader's language."""
        values = {name: str(value) for name, value in message.params.items()}
        return self.host.pages.text(reader.language, message.id, **values)

    def wording(self, reader: Reader) -> Callable[..., str]:
        """What templates call `text`."""
        return partial(self.host.pages.text, reader.language)

    def moments(self, reader: Reader) -> Callable[..., str]:
        """What templates call `moment`: a time in the city's zone."""
        return partial(self.host.pages.moment, reader.language)

    def reader(self, request: Request, preferred: str = "") -> Reader:
        return reader_of(request, self.host.pages.languages(), preferred)

    async def render(
        self, request: Request, template: str, reader: Reader, status: int = 200, **context: object
    ) -> Response:
        """A whole page."""
        query = {key: value for key, value in request.query_params.items() if key != "lang"}
        stays = "/chat" if request.method == "POST" else ""
        markup = self.templates.get_template(template).render(
            text=self.wording(reader),
            moment=self.moments(reader),
            words=partial(self.words, reader),
            reader=reader,
            languages=self.host.pages.languages(),
            here=lambda tag: f"{stays}?{urlencode({**query, 'lang': tag})}",
            quartiere=await self.host.pages.quartiere(),
            path=request.url.path,
            demo=self.host.demo,
            **context,
        )
        headers = {
            "Cache-Control": "no-store",
            "Vary": "Cookie, Accept-Language",
            "Content-Language": reader.language,
        }
        response = HTMLResponse(markup, status, headers)
        if reader.in_address and request.cookies.get(LANGUAGE_COOKIE) != reader.language:
            self.set_cookie(response, LANGUAGE_COOKIE, reader.language, _YEAR)
        return response

    def set_cookie(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=self.secure)

    # --- limits and forgery --------------------------------------------------------------------------------

    def client(self, request: Request) -> str:
        """The reader's address, blurred. What a proxy says counts only if we trust that proxy."""
        address = request.client.host if request.client else ""
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        while hops and _within(address, self.settings.trusted_proxies):
            address = hops.pop()
        return self.seals.blurred(_household(address))

    def limit(self, rate: Rate, who: str) -> None:
        """Raises `Problem` 429 when it is too much."""
        if not self.host.demo and not self.buckets.take(rate, who):
            raise Problem(429, M("web.problem.too_many"))

    def nonce(self, request: Request) -> str:
        """What makes this browser's forms its own."""
        return request.cookies.get(self.cookie_name("qb_form"), "")[:64] or self.ids.token(20)

    def with_nonce(self, request: Request, response: Response, nonce: str) -> Response:
        name = self.cookie_name("qb_form")
        if request.cookies.get(name) != nonce:
            self.set_cookie(response, name, nonce, None)
        return response

    def check_origin(self, request: Request) -> None:
        """A form must have been sent from our own page. Raises `Problem` 403."""
        origin = request.headers.get("origin")
        ours = {request.headers.get("host", ""), urlsplit(self.public_url).netloc}
        if origin is not None and urlsplit(origin).netloc not in ours - {""}:
            raise Problem(403, M("web.problem.foreign"))
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Problem(403, M("web.problem.foreign"))

    def check_token(self, request: Request, token: str, account: str) -> None:
        """The form must be one of this browser's. Raises `Problem` 403."""
        nonce = request.cookies.get(self.cookie_name("qb_form"), "")
        if not self.seals.form_token_fits(token, nonce, account):
            raise Problem(403, M("web.problem.stale_form"))


def _within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network, strict=False) for network in networks)


def _household(address: str) -> str:
    """One connection has a whole /64 of IPv6 addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else address
