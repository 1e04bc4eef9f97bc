"""The preview: the post as it will arrive, whom it reaches by when, and every way on as a choice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot.contract import Bullets, Line, Rich
from bot.dialogue import Button, Turn
from bot.language import M, Msg, N, Name, Renderer
from bot.posts.announcement import Announcement
from bot.posts.drafting.preview import Preview
from bot.posts.kinds import Kind
from bot.posts.leaving.reach import Reach, Wave
from bot.posts.leaving.receipts import figures_lines
from bot.posts.render import Voice, attachments, post_rich, stacked
from bot.posts.sentences import kind_name
from bot.posts.service import Posts

STEP = "post.preview"
WAVES_SHOWN = 4
"""More moments than these say nothing to anyone."""


class PreviewFace:
    """Shows a draft that is ready."""

    def __init__(self, posts: Posts) -> None:
        self._posts = posts

    async def show(self, turn: Turn, draft: Announcement) -> None:
        """The preview; plain words typed next change it."""
        preview = await self._posts.preview(turn.session, draft)
        turn.expect(STEP, item=draft.id)
        # Translators: above the preview of an announcement: this is how it will arrive. / The same of a correction.
        head = M("posts.preview.head") if draft.post.corrects is None else M("posts.preview.head_correction")
        turn.say(
            head,
            post_rich(turn.render, draft, preview.voice),
            self._about(turn.render, preview),
            await self._reach(turn, preview),
            self._warnings(turn.render, preview),
            buttons=_buttons(draft),
            attachments=attachments(draft),
        )

    async def _reach(self, turn: Turn, preview: Preview) -> Rich:
        """Whom it reaches by when; of a correction, how many have what it corrects."""
        corrects = preview.draft.post.corrects
        if corrects is None:
            return reach_rich(turn.render, preview.reach, preview.voice)
        figures = (await self._posts.receipts.figures(turn.session, [corrects]))[corrects]
        return stacked(turn.render, figures_lines(figures))

    def _about(self, render: Renderer, preview: Preview) -> Rich:
        """Kind, other languages, until when."""
        kind = Kind(preview.draft.post.kind)
        # Translators: in the preview: what kind of announcement it is. {kind}: one of the kinds.
        lines = [M("posts.preview.kind", kind=kind_name(kind))]
        hidden = {preview.draft.post.language, *preview.stale_translations}
        shown = [tag for tag in preview.draft.texts if tag not in hidden]
        if shown:
            # Translators: in the preview: into which languages somebody translated it.
            names = tuple(Name(render.name_in(tag)) for tag in shown)
            lines.append(M("posts.preview.translations", languages=names))
        if preview.until is not None:
            # Translators: in the preview: how long the web page shows it.
            lines.append(M("posts.preview.until", until=_last(render, preview.until)))
        return stacked(render, lines)

    def _warnings(self, render: Renderer, preview: Preview) -> Rich:
        said: list[Msg] = []
        if preview.too_late:
            # Translators: in the preview: so many readers hear of it only when it is over or has begun.
            said.append(N("posts.preview.too_late", preview.too_late))
        for tag in preview.stale_translations:
            # Translators: the translation no longer fits, because the text was changed since; it won't be shown.
            said.append(M("posts.preview.stale", language=Name(render.name_in(tag))))
        if preview.draft.post.alert:
            # Translators: below the preview of a severe alert: at once, to everybody, also at night; a second person.
            said.append(M("posts.preview.alert"))
        if preview.draft.post.corrects is not None:
            # Translators: below the preview of a correction: what happens when it is sent.
            said.append(M("posts.preview.correction"))
        return stacked(render, said)


def _last(render: Renderer, until: datetime) -> date | datetime:
    """The midnight after a day is said as that day."""
    local = until.astimezone(render.zone)
    return local.date() - timedelta(days=1) if local.time() == time() else until


def reach_rich(render: Renderer, reach: Reach, voice: Voice) -> Rich:
    """ "An: Südstadt. 212 Menschen", then by when, one moment a line."""
    where: Msg | tuple[Name, ...]
    if voice.quartiere:
        where = tuple(Name(name) for name in voice.quartiere)
    else:
        # Translators: in place of a list of Quartiere: everybody. {city}: the city's name.
        where = M("posts.whole_city", city=Name(voice.city))
    # Translators: whom it reaches. {where}: Quartiere. {n}: how many people get it in their messenger.
    head = render.rich(N("posts.reach.people", reach.people, where=where))
    shown, rest = reach.waves[:WAVES_SHOWN], reach.waves[WAVES_SHOWN:]
    lines: list[Line] = [render.line(_wave(wave)) for wave in shown]
    if rest:
        later = sum(wave.people for wave in rest)
        # Translators: {n} more readers, at several later moments; the last one is {moment}.
        lines.append(render.line(N("posts.reach.later", later, moment=rest[-1].at)))
    if reach.web:
        # Translators: {n} readers of the page's chat: it waits there for them, because the page can't ring.
        lines.append(render.line(N("posts.reach.web", reach.web)))
    return (*head, Bullets(tuple(lines))) if lines else head


def _wave(wave: Wave) -> Msg:
    if wave.at_once:
        # Translators: so many readers get it at once.
        return N("posts.reach.now", wave.people)
    if wave.early:
        # Translators: {n} readers of the weekly overview get it at {moment}, because it takes place before that.
        return N("posts.reach.early", wave.people, moment=wave.at)
    # Translators: {n} readers get it at {moment}.
    return N("posts.reach.at", wave.people, moment=wave.at)


def key(draft: Announcement) -> str:
    """Item and revision, as choices carry them: an old preview never sends something else."""
    return f"{draft.id}.{draft.item.revision}"


def _buttons(draft: Announcement) -> list[list[Button]]:
    at = key(draft)
    # Translators: buttons below a preview: send, send at a time, change, choose other Quartiere, look at it in other
    # languages, add a translation, throw away.
    send = Button(M("posts.button.send"), f"post.send:{at}")
    later = Button(M("posts.button.later"), f"post.later:{at}")
    change = Button(M("posts.button.change"), f"post.change:{at}")
    where = Button(M("posts.button.quartiere"), f"post.where:{at}")
    view = Button(M("posts.button.languages"), f"post.languages:{at}")
    translate = Button(M("posts.button.translate"), f"post.translate:{at}")
    discard = Button(M("posts.button.discard"), f"post.discard:{at}")
    if draft.post.corrects is not None:
        return [[send, change], [where, view], [translate, discard]]
    if draft.post.alert:
        # Translators: button below the preview of an alert: ask a second person to release it.
        release = Button(M("posts.button.ask_release"), f"post.send:{at}")
        return [[release], [change, where], [view, translate], [discard]]
    return [[send, later], [change, where], [view, translate], [discard]]
