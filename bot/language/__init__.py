"""What people read, in their language: a typed message in, neutral rich text out.

A room says what it means (`M("people.pace.saved", hour=…)`), never how that is spelt. The catalogues hold the words,
the registry what is special about a language, the renderer puts both together. The language is always an argument.
"""

from bot.language.catalogue import CatalogueError
from bot.language.languages import Languages
from bot.language.message import Hours, M, Msg, N, Name, Param, Span, Url
from bot.language.registry import Language
from bot.language.render import MissingMessage, MissingParameter, Renderer
from bot.language.rich import join, plain
from bot.language.typed import strip_controls, user_rich

__all__ = [
    "CatalogueError",
    "Hours",
    "Language",
    "Languages",
    "M",
    "MissingMessage",
    "MissingParameter",
    "Msg",
    "N",
    "Name",
    "Param",
    "Renderer",
    "Span",
    "Url",
    "join",
    "plain",
    "strip_controls",
    "user_rich",
]
