"""One turn of a conversation: somebody did something, and a handler answers.

A handler sees only the `Turn`. What it says is collected and becomes outbox rows in the turn's own transaction,
together with the effects and the event's "done": all of it happens or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.contract import Attachment, Capabilities, Choice, Inbound, Outgoing, Rich
from bot.language import Languages, M, Msg, Renderer, join


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: a person who agreed."""

    person: int
    language: str


class Directory(Protocol):
    """Knows whose chat it is; the people room is one."""

    async def speaker(self, session: AsyncSession, chat_id: int) -> Speaker | None: ...


@dataclass(frozen=True, slots=True)
class Button:
    """A choice to offer. `value` is "action:argument", at most 64 bytes. `number`: typed instead of its place."""

    label: Msg | str
    value: str = ""
    url: str = ""
    number: str = ""


Buttons = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a form stands: what the next free text will be taken for."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Said:
    """One message of a turn, before it has numbers."""

    body: Rich
    buttons: Buttons
    attachments: tuple[Attachment, ...]


@dataclass(slots=True)
class Turn:
    """What a handler gets. `say` answers, `expect` asks for free text, `leave` ends the form."""

    session: AsyncSession
    event: Inbound
    lane_id: int
    platform: str
    capabilities: Capabilities
    chat_id: int
    speaker: Speaker | None
    languages: Languages
    render: Renderer
    now: datetime
    step: Step | None
    open_choices: list[list[str]]
    said: list[Said] = field(default_factory=list)
    forget: bool = False
    """The person is erased in this turn: keep no conversation."""

    @property
    def person(self) -> int:
        """The person's id. Only for handlers that strangers never reach."""
        if self.speaker is None:
            raise LookupError("this handler needs a person who agreed")
        return self.speaker.person

    @property
    def text(self) -> str:
        """What was typed, stripped."""
        return self.event.text.strip()

    @property
    def language(self) -> str:
        """The tag we answer in."""
        return self.render.language.tag

    def say(self, *parts: Msg | Rich, buttons: Buttons = (), attachments: Sequence[Attachment] = ()) -> None:
        """Answer. Parts are put one under the other in one message."""
        rich = join(*(self.render.rich(part) if isinstance(part, Msg) else part for part in parts))
        self.said.append(Said(rich, buttons, tuple(attachments)))

    def expect(self, step: str, **data: Any) -> None:
        """The next free text belongs to `step`. `data` is JSON."""
        self.step = Step(step, data)

    def leave(self) -> None:
        """No form any more."""
        self.step = None

    def speak(self, language: str) -> None:
        """Answer in another language from here on."""
        self.render = self.languages.renderer(language, zone=self.render.zone, today=self.render.today)
        if self.speaker is not None:
            self.speaker = Speaker(self.speaker.person, language)

    def outgoing(self) -> list[Outgoing]:
        """What was said, with numbers, which become the open choices of the conversation."""
        self.open_choices = [] if self.said else self.open_choices
        messages: list[Outgoing] = []
        for said in self.said:
            rows, numbers = self._numbered(said.buttons)
            messages.append(
                Outgoing(
                    body=said.body,
                    language=self.language,
                    rtl=self.render.language.rtl,
                    choices=rows,
                    numbers=numbers,
                    attachments=said.attachments,
                    forget=self.forget and not messages,
                    notice=self.render.text(M("common.choose_number")) if rows else "",
                )
            )
        return messages

    def _numbered(self, buttons: Buttons) -> tuple[tuple[tuple[Choice, ...], ...], tuple[str, ...]]:
        rows: list[tuple[Choice, ...]] = []
        numbers: list[str] = []
        for row in buttons:
            choices: list[Choice] = []
            for button in row:
                label = self.render.text(button.label) if isinstance(button.label, Msg) else button.label
                number = button.number or str(len(self.open_choices) + 1)
                choices.append(Choice(label, button.value, button.url))
                numbers.append(number)
                self.open_choices.append([number, label, button.value])
            if choices:
                rows.append(tuple(choices))
        return tuple(rows), tuple(numbers)
