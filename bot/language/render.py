"""The renderer of one language: a message in, neutral rich text out.

A value is put into a text that was taken apart before, so it can't become markup; and it is isolated, so it can't turn
the text around it. The adapter escapes for its platform.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, tzinfo

from babel.lists import format_list
from babel.numbers import format_decimal

from bot.contract import Bullets, Line, Paragraph, Rich, Text
from bot.language.bidi import isolated, isolated_link, led_from_right
from bot.language.catalogue import Catalogue
from bot.language.dates import Dates
from bot.language.message import Hours, M, Msg, Name, Param, Span, Url
from bot.language.registry import Language
from bot.language.rich import merged, plain
from bot.language.template import Fixed, Template, TemplateLine
from bot.language.typed import strip_controls

_log = logging.getLogger(__name__)

_NAMED = {
    # Translators: the name of a language: plain German.
    "de-simple": M("language.name.de_simple"),
    # Translators: the name of a language: Kurdish in Latin letters.
    "kmr": M("language.name.kmr"),
    # Translators: the name of a language: Central Kurdish, in Arabic letters.
    "ckb": M("language.name.ckb"),
}
"""Languages that Babel can't name well; all others it names in every language."""

_GROUPED_FROM = 10_000
"""Below this a number is easier to read without a separator."""


class MissingMessage(LookupError):
    """No catalogue has this message id, not even the German one."""


class MissingParameter(LookupError):
    """The text has a placeholder that the message gives no value for."""


class Renderer:
    """Writes in one language, for one city. Made by `Languages.renderer`."""

    def __init__(
        self,
        language: Language,
        chain: Sequence[tuple[Language, Catalogue]],
        zone: tzinfo,
        today: date | None,
        *,
        known: Mapping[str, Language],
    ) -> None:
        self.language = language
        self.zone = zone
        self.today = today
        self._chain = chain
        self._known = known
        self._dates = Dates(language, zone, today, self._said)

    # --- messages --------------------------------------------------------------------------------------------

    def rich(self, message: Msg) -> Rich:
        """The text with its paragraphs, lists, bold and links."""
        return tuple(
            Bullets(tuple(map(self._led, block.items)))
            if isinstance(block, Bullets)
            else Paragraph(tuple(map(self._led, block.lines)))
            for block in self._blocks(message)
        )

    def text(self, message: Msg) -> str:
        """The characters alone: for labels of buttons, and pages. They say their direction, so no leading U+200F."""
        return plain(self._blocks(message))

    def line(self, message: Msg) -> Line:
        """The text as one line; the lines of a longer one are put one after the other."""
        return self._led(self._inline(message))

    # --- values ----------------------------------------------------------------------------------------------

    def moment(self, at: datetime) -> str:
        """Weekday, date and time of an aware `at`: "Donnerstag, 26. November, 15 Uhr"."""
        return self._dates.moment(at)

    def day(self, day: date) -> str:
        """Weekday and date: "Donnerstag, 26. November"."""
        return self._dates.day(day)

    def clock(self, at: time) -> str:
        """A time of day: "15 Uhr", "15:30 Uhr"."""
        return self._dates.clock(at)

    def hours(self, start: time, end: time | None) -> str:
        """From when to when: "15 bis 17:30 Uhr"."""
        return self._dates.hours(start, end)

    def span(self, start: datetime, end: datetime | None) -> str:
        """Day and hours, of aware times: "Donnerstag, 26. November, 15 bis 17:30 Uhr"."""
        return self._dates.span(start, end)

    def name_in(self, tag: str) -> str:
        """The name of language `tag` in this language: "Arabisch", "العربية"."""
        if tag in _NAMED:
            return self.text(_NAMED[tag])
        other = self._known[tag]
        return str(self.language.locale.languages.get(other.babel_locale, other.own_name))

    # --- how it is done --------------------------------------------------------------------------------------

    def _template(self, message: Msg) -> Template:
        for language, catalogue in self._chain:
            form = 0 if message.count is None else language.plural_form(message.count)
            template = catalogue.template(message.id, form)
            if template is not None:
                return template
            _log.error("message %s has no text in %s", message.id, language.tag)
        raise MissingMessage(message.id)

    def _blocks(self, message: Msg) -> tuple[Paragraph | Bullets, ...]:
        blocks: list[Paragraph | Bullets] = []
        for block in self._template(message):
            lines = tuple(self._line(line, message) for line in block.lines)
            blocks.append(Bullets(lines) if block.bullets else Paragraph(lines))
        return tuple(blocks)

    def _led(self, line: Line) -> Line:
        return led_from_right(line) if self.language.rtl else line

    def _line(self, template: TemplateLine, message: Msg) -> Line:
        runs: list[Text] = []
        for piece in template:
            if isinstance(piece, Fixed):
                runs.append(Text(piece.text, bold=piece.bold))
            else:
                runs.extend(self._value(self._param(piece.name, message), bold=piece.bold))
        return merged(runs)

    def _param(self, name: str, message: Msg) -> Param:
        if name == "n" and message.count is not None:
            return message.count
        try:
            return message.params[name]
        except KeyError:
            raise MissingParameter(f"{message.id}: {{{name}}} has no value") from None

    def _value(self, value: Param, *, bold: bool) -> Line:
        match value:
            case Msg():
                return tuple(Text(run.text, run.bold or bold, run.url) for run in self._inline(value))
            case Url():
                return isolated_link(
                    value.label or value.address, value.address, rtl=self.language.rtl, bold=bold
                )
            case tuple():
                return self._listed(value, bold=bold)
            case _:
                return (Text(isolated(self._plain_value(value), rtl=self.language.rtl), bold=bold),)

    def _plain_value(self, value: str | int | Name | date | time | Hours | Span) -> str:
        match value:
            case str():
                return value
            case int():
                return format_decimal(
                    value, locale=self.language.locale, group_separator=abs(value) >= _GROUPED_FROM
                )
            case Name():
                return " ".join(strip_controls(value.text).split())
            case datetime():
                return self._dates.moment(value)
            case date():
                return self._dates.day(value)
            case time():
                return self._dates.clock(value)
            case Hours(start, end):
                return self._dates.hours(start, end)
            case Span(start, end):
                return self._dates.span(start, end)

    def _said(self, message: Msg) -> str:
        """A message of words of our own, none of them isolated."""
        return "".join(
            piece.text if isinstance(piece, Fixed) else str(self._param(piece.name, message))
            for block in self._template(message)
            for line in block.lines
            for piece in line
        )

    def _inline(self, message: Msg) -> Line:
        runs: list[Text] = []
        for block in self._template(message):
            for line in block.lines:
                if runs:
                    runs.append(Text(" "))
                runs.extend(self._line(line, message))
        return merged(runs)

    def _listed(self, values: tuple[Param, ...], *, bold: bool) -> Line:
        """ "a, b und c" with the language's own commas and words, each value isolated by itself."""
        marks = [chr(0xE000 + index) for index in range(len(values))]
        runs: list[Text] = []
        for character in format_list(marks, locale=self.language.locale):
            if character in marks:
                runs.extend(self._value(values[marks.index(character)], bold=bold))
            else:
                runs.append(Text(character, bold=bold))
        return merged(runs)
