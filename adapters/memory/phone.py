"""What is seen in one conversation of the memory platform, and every request that was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.memory.words import written
from bot.contract import Address, Choice, Outgoing, Ref


@dataclass(slots=True)
class Shown:
    """One message on the screen, with all it ever said."""

    ref: Ref
    versions: list[Outgoing]
    numbered: bool
    deleted: bool = False

    @property
    def message(self) -> Outgoing:
        return self.versions[-1]

    @property
    def text(self) -> str:
        """As it is read now, numbered choices included where there are no buttons."""
        return written(self.message, numbered=self.numbered)

    @property
    def choices(self) -> list[Choice]:
        return [choice for row in self.message.choices for choice in row]

    @property
    def is_edited(self) -> bool:
        return len(self.versions) > 1


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the platform, whatever became of it."""

    act: str
    to: Address
    key: str


@dataclass(slots=True)
class Phone:
    """One conversation."""

    address: Address
    shown: list[Shown] = field(default_factory=list)
    is_blocked: bool = False

    @property
    def screen(self) -> list[Shown]:
        """What is there, oldest first."""
        return [message for message in self.shown if not message.deleted]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.screen]

    @property
    def last(self) -> Shown:
        """The latest message. Raises `IndexError` on an empty screen."""
        return self.screen[-1]

    def find(self, ref: Ref) -> Shown | None:
        """The message with these ids, if it is still there."""
        return next((message for message in self.screen if message.ref == ref), None)

    def choice(self, label: str) -> tuple[Shown, Choice]:
        """The newest choice with this label, and the message that carries it. Raises `LookupError`."""
        for message in reversed(self.screen):
            for choice in message.choices:
                if choice.label == label:
                    return message, choice
        offered = [choice.label for message in self.screen[-3:] for choice in message.choices]
        raise LookupError(f"no choice {label!r} on the screen; offered lately: {offered}")
