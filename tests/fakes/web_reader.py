"""A reader with a browser that has no script: opens pages, fills in their forms, follows where they lead."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from types import TracebackType

import httpx

from adapters.web.platform import WebPlatform
from bot.clock import ManualClock, RandomIds
from bot.contract import Choice, Inbound, Outgoing, Paragraph, Rich, Text
from bot.host import Host
from bot.settings import WebSettings

ORIGIN = "http://127.0.0.1:8080"


def words(text: str) -> Rich:
    """One paragraph."""
    return (Paragraph(((Text(text),),)),)


class Echo:
    """A house that says back what it hears, with one choice below, and remembers the events."""

    def __init__(self) -> None:
        self.heard: list[Inbound] = []
        self.platform: WebPlatform | None = None

    async def receive(self, events: Sequence[Inbound], cursor: str | None) -> None:
        assert cursor is None
        for event in events:
            if any(known.event_id == event.event_id for known in self.heard):
                continue
            self.heard.append(event)
            if self.platform is not None:
                language = event.language or "de"
                body = words(f"Echo: {event.text or event.choice}")
                choices = ((Choice("Ja", "yes:1"),),)
                answer = Outgoing(body, language, language == "ar", choices, ("1",))
                await self.platform.send(event.conversation, answer, f"answer:{event.event_id}")


class ListeningPlatform(WebPlatform):
    """The page without a socket: requests reach it directly, events reach the echo."""

    def listen(self, echo: Echo) -> None:
        self._receive = echo.receive


def listening(
    host: Host, clock: ManualClock, echo: Echo, settings: dict[str, object] | None = None
) -> ListeningPlatform:
    """A platform that answers requests and echoes."""
    platform = ListeningPlatform(
        host, WebSettings.model_validate(settings or {}), clock, RandomIds(), patience=0
    )
    platform.listen(echo)
    return platform


class WebReader:
    """One browser; without a platform it goes over the network to `base`."""

    def __init__(
        self, platform: WebPlatform | None, *, address: str = "127.0.0.1", base: str = ORIGIN
    ) -> None:
        transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport()
        if platform is not None:
            transport = httpx.ASGITransport(platform.app, raise_app_exceptions=False, client=(address, 50000))
        self.browser = httpx.AsyncClient(
            transport=transport, base_url=base, headers={"Accept-Language": "de", "Origin": base}
        )
        self.page = ""

    async def __aenter__(self) -> WebReader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.browser.aclose()

    async def opens(self, path: str, **headers: str) -> httpx.Response:
        response = await self.browser.get(path, headers=headers)
        self.page = response.text
        return response

    async def posts(self, path: str, data: dict[str, str], **headers: str) -> httpx.Response:
        """Send a form and show where it leads."""
        response = await self.browser.post(path, data=data, headers=headers)
        if response.is_redirect:
            await self.opens(response.headers["location"])
        return response

    async def starts(self, payload: str = "") -> httpx.Response:
        await self.opens(f"/chat?start={payload}" if payload else "/chat")
        return await self.posts("/chat/start", {**self.form(), "payload": payload})

    async def says(self, text: str) -> httpx.Response:
        return await self.posts("/chat/say", {**self.form(), "text": text})

    async def taps(self, label: str) -> httpx.Response:
        found = re.search(
            rf'name="tap" value="([^"]+)"[^>]*>(?:<span[^>]*>[^<]*</span>)?{re.escape(label)}<', self.page
        )
        assert found is not None, f"no choice {label!r}"
        return await self.posts("/chat/say", {**self.form(), "tap": found[1]})

    async def hands_in(self, name: str, content: bytes, text: str = "") -> httpx.Response:
        response = await self.browser.post(
            "/chat/say", data={**self.form(), "text": text}, files={"file": (name, content)}
        )
        if response.is_redirect:
            await self.opens(response.headers["location"])
        return response

    def form(self) -> dict[str, str]:
        """The hidden fields of the page's first form."""
        return {name: self._hidden(name) for name in ("token", "event")}

    def bubbles(self) -> list[str]:
        """What stands in the chat, oldest first, as plain words."""
        found = re.findall(r'<div class="words".*?>(.*?)<div class="under"', self.page, re.DOTALL)
        return [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", each).split())) for each in found]

    def _hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""
