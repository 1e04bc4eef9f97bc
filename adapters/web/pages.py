"""The public pages: what is on and what was announced, for anyone, without an account and without a script."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.web.bubbles import File
from adapters.web.site import Problem, Site
from bot.contract import Attachment
from bot.language import M

_FIXED = {
    "imprint": ("imprint", "impressum"),
    "privacy": ("privacy", "datenschutz"),
    "rules": ("rules", "regeln"),
    "accessibility": ("accessibility", "barrierefreiheit"),
}
_SHOWN_IN_PAGE = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


class Pages:
    """Views of what anyone may read."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[BaseRoute]:
        fixed = [Route(f"/{path}", self.fixed, name=name) for name, paths in _FIXED.items() for path in paths]
        return [
            Route("/", self.city),
            Route("/q/{slug}", self.quartier),
            *fixed,
            Route("/media/{media:int}", self.media),
            Route("/healthz", self.health),
        ]

    async def city(self, request: Request) -> Response:
        reader = self._site.reader(request)
        page = await self._site.host.pages.city(reader.language)
        return await self._site.render(
            request, "page.html", reader, page=page, slug="", start="", entry=True, file=self.file
        )

    async def quartier(self, request: Request) -> Response:
        reader = self._site.reader(request)
        slug = str(request.path_params["slug"])
        page = await self._site.host.pages.quartier(slug, reader.language)
        if page is None and slug.lower() in dict(await self._site.host.pages.quartiere()):
            return RedirectResponse(reader.link(f"/q/{slug.lower()}"), 301)
        if page is None:
            raise Problem(404, M("web.problem.not_found"))
        return await self._site.render(
            request, "page.html", reader, page=page, slug=slug, start=f"q_{slug}", entry=True, file=self.file
        )

    async def fixed(self, request: Request) -> Response:
        reader = self._site.reader(request)
        path = request.url.path.strip("/")
        name = next(name for name, paths in _FIXED.items() if path in paths)
        page = await self._site.host.pages.fixed(name, reader.language)
        if page is None:
            raise Problem(404, M("web.problem.not_found"))
        return await self._site.render(
            request, "page.html", reader, page=page, slug="", start="", entry=False, file=self.file
        )

    async def media(self, request: Request) -> Response:
        """A file of a post. Only addresses that a page or chat of ours showed open one."""
        media = int(request.path_params["media"])
        if not self._site.seals.media_fits(media, request.query_params.get("s", "")):
            raise Problem(404, M("web.problem.not_found"))
        try:
            content, mime = await self._site.host.media.load(media)
        except KeyError:
            raise Problem(404, M("web.problem.not_found")) from None
        headers = {
            "Cache-Control": "private, max-age=3600",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        }
        if mime not in _SHOWN_IN_PAGE:
            ending = ".pdf" if mime == "application/pdf" else ""
            headers["Content-Disposition"] = f'attachment; filename="quartierbote-{media}{ending}"'
            mime = mime if ending else "application/octet-stream"
        return Response(content, media_type=mime, headers=headers)

    async def health(self, request: Request) -> Response:
        state = await self._site.host.health()
        return JSONResponse(state, 503 if state.get("ok") is False else 200, {"Cache-Control": "no-store"})

    def file(self, attachment: Attachment) -> File | None:
        """How an attachment is shown; None while it isn't stored."""
        if attachment.media is None:
            return None
        address = self._site.seals.media_path(attachment.media)
        return File(address, attachment.kind == "image", attachment.name, attachment.alt)
