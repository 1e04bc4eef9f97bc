"""What leads where. Features register commands, actions (choices) and steps (forms); nothing is found by magic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.dialogue.turn import Turn
from bot.dialogue.words import normal
from bot.language import Languages, Msg

Handler = Callable[[Turn], Awaitable[None]]
WithArgument = Callable[[Turn, str], Awaitable[None]]
OnReply = Callable[[Turn], Awaitable[bool]]
OnAddressed = Callable[[Turn, int, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `names`: a message with its names, comma-separated; `about`: what the platform's menu says."""

    key: str
    names: Msg
    about: Msg
    handler: WithArgument
    in_menu: bool = True


class Routes:
    """The register of one program. `languages` gives the commands' names in every language at once."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages
        self.commands: list[Command] = []
        self._by_name: dict[str, Command] = {}
        self._words: dict[str, Command] = {}
        self._actions: dict[str, WithArgument] = {}
        self._steps: dict[str, Handler] = {}
        self._backs: dict[str, Handler] = {}
        self._lefts: dict[str, Handler] = {}
        self._unsent: set[str] = set()
        self._halt_words: set[str] = set()
        self.halts: list[OnReply] = []
        self.reminders: list[OnReply] = []
        self.replies: list[OnReply] = []
        self.addressed: list[OnAddressed] = []
        self.joined: list[Handler] = []
        self.gone: list[Handler] = []
        self.stranger: Handler | None = None
        self.unknown: Handler | None = None
        self.left_form: Handler | None = None

    def command(
        self,
        key: str,
        names: Msg,
        about: Msg,
        handler: WithArgument,
        *,
        in_menu: bool = True,
        words: Msg | None = None,
    ) -> None:
        """A slash command, known by all its names in all languages; `words`: plain words that mean the same."""
        command = Command(key, names, about, handler, in_menu)
        self.commands.append(command)
        for name in {key, *self._in_all_languages(names)}:
            self._claim(self._by_name, name, command)
        for word in self._in_all_languages(words) if words else ():
            self._claim(self._words, word, command)

    def action(self, name: str, handler: WithArgument) -> None:
        """A choice whose value is "name:argument"."""
        if name in self._actions:
            raise ValueError(f"two features claim the action {name!r}")
        self._actions[name] = handler

    def form(
        self, step: str, handler: Handler, *, back: Handler | None = None, left: Handler | None = None,
        unsent: bool = False,
    ) -> None:  # fmt: skip
        """Free text while `step` is expected; `back`: what ZURÜCK does there; `left`: what to say, before the answer,
        when another command ends it. `unsent`: nothing of it is kept, so say then that nothing was sent; a form that
        holds words in its data as "words" says so only if there are any.
        """
        if step in self._steps:
            raise ValueError(f"two features claim the step {step!r}")
        self._steps[step] = handler
        if back is not None:
            self._backs[step] = back
        if left is not None:
            self._lefts[step] = left
        if unsent:
            self._unsent.add(step)

    def undoable(self, halt: OnReply, *, words: Msg, remind: OnReply | None = None) -> None:
        """Something that can still be undone for a moment. `halt` undoes it, or says False if nothing waits: for
        `words` at any time, for STOPP, ZURÜCK and /cancel where no form is open. `remind` answers instead of "I didn't
        understand", with the way to undo it, or says False.
        """
        self.halts.append(halt)
        self._halt_words |= self._in_all_languages(words)
        if remind is not None:
            self.reminders.append(remind)

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of all choices."""
        return tuple(self._actions)

    def command_named(self, name: str) -> Command | None:
        return self._by_name.get(name)

    def command_worded(self, text: str) -> Command | None:
        return self._words.get(normal(text))

    def action_of(self, value: str) -> tuple[WithArgument, str] | None:
        """Handler and argument of a choice's value."""
        name, _, argument = value.partition(":")
        handler = self._actions.get(name)
        return (handler, argument) if handler else None

    def step_named(self, step: str) -> Handler | None:
        return self._steps.get(step)

    def back_from(self, step: str) -> Handler | None:
        return self._backs.get(step)

    def left_from(self, step: str) -> Handler | None:
        return self._lefts.get(step)

    def is_unsent(self, step: str) -> bool:
        """Whether what is typed there is gone when the form ends."""
        return step in self._unsent

    def is_halt(self, text: str) -> bool:
        """Whether somebody wants to undo what they just did."""
        return normal(text) in self._halt_words

    def _in_all_languages(self, names: Msg) -> set[str]:
        found: set[str] = set()
        for tag in self._languages.tags():
            found.update(normal(name) for name in self._languages.renderer(tag).text(names).split(","))
        return found - {""}

    @staticmethod
    def _claim(names: dict[str, Command], name: str, command: Command) -> None:
        # The same word may mean the same command in several languages, never two commands.
        other = names.setdefault(name, command)
        if other.key != command.key:
            raise ValueError(f"{name!r} names both {other.key!r} and {command.key!r}")
