"""Reads which module imports which, from the source alone: a rule can't be dodged by importing late or for types."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ORDER = (
    ("__main__",),
    ("cli",),
    ("refusals", "running", "operate", "check", "posters", "figures"),
    ("app",),
    ("seeing",),
    ("living",),
    ("sharing",),
    ("demo", "prepare", "pages", "moving"),
    ("features", "fixed_pages"),
    ("tables", "place", "health", "intake", "schedule", "backup"),
    ("privacy", "watch"),
    ("insights",),
    ("moderation",),
    ("translations",),
    ("digests",),
    ("relay",),
    ("agenda",),
    ("proposals", "thanks"),
    ("offers", "questions"),
    ("posts",),
    ("items",),
    ("people",),
    ("quartiere",),
    ("dialogue",),
    ("delivery",),
    ("language",),
    ("storage",),
    ("logs", "media"),
    ("settings", "pdf"),
    ("clock", "process", "ports", "waiting"),
    ("host",),
    ("contract",),
    ("sights",),
    ("files", "this_machine"),
)
"""The rooms of `bot`, from the roof down. Rooms on one floor don't know each other."""

LIBRARIES = frozenset(
    {
        "sqlalchemy",
        "aiosqlite",
        "alembic",
        "pydantic",
        "pydantic_core",
        "pydantic_settings",
        "babel",
        "apscheduler",
        "click",
        "prometheus_client",
    }
    | {"PIL", "pypdf", "ctparse", "dateutil", "segno"}
)
"""What `bot` may import besides Python's own: no messenger's library and no web framework is among them."""

OPEN_TO_ADAPTERS = frozenset(
    {"bot.contract", "bot.host", "bot.ports", "bot.sights"}
    | {"bot.clock", "bot.settings", "bot.media", "bot.this_machine"}
    | {"bot.language.plain", "bot.language.bidi", "bot.language.M", "bot.language.N", "bot.language.Msg"}
)
"""The contract, and helpers that know nothing of the neighbourhood: reading one's section, naming a fixed text."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`importer` imports `imported`: "bot.posts.service" and "bot.items.service.publish" (a name or a module)."""

    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


def sources(root: Path, *packages: str) -> dict[str, str]:
    """Module name and source of everything in the packages."""
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name + (".__init__" if parts[-1] == "__init__" else "")] = path.read_text(encoding="utf-8")
    return found


def imports(modules: Mapping[str, str]) -> list[Import]:
    """Every import, wherever it stands: at the top, in a function, or for types only."""
    return sorted({each for name, source in modules.items() for each in _imports(name, source)})


def _imports(module: str, source: str) -> Iterator[Import]:
    importer = module.removesuffix(".__init__")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(importer, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            yield from (Import(importer, f"{base}.{alias.name}") for alias in node.names)


def _base(module: str, node: ast.ImportFrom) -> str:
    """The module that `from … import` names; dots are resolved."""
    if not node.level:
        return node.module or ""
    above = module.split(".")[: -node.level]
    return ".".join([*above, *([node.module] if node.module else [])])


def room(module: str) -> str:
    """The room of `bot` a module belongs to: "bot.posts.service" is in "posts"; "bot" itself is ""."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def between_rooms(found: Iterable[Import]) -> Iterator[tuple[Import, str, str]]:
    for each in found:
        if each.importer.split(".")[0] == "bot" == each.imported.split(".")[0]:
            above, below = room(each.importer), room(each.imported)
            if above and below and above != below:
                yield each, above, below


def strangers(found: Iterable[Import]) -> list[str]:
    """Imports of `bot` that are neither Python's, nor its own, nor among its libraries."""
    known = LIBRARIES | {"bot"} | sys.stdlib_module_names
    return [
        str(each)
        for each in found
        if each.importer.split(".")[0] == "bot" and each.imported.split(".")[0] not in known
    ]


def upwards(found: Iterable[Import]) -> list[str]:
    """Imports that don't lead to a floor below. A room without a floor is a violation too."""
    floor = {name: number for number, names in enumerate(ORDER) for name in names}
    wrong = []
    for each, above, below in between_rooms(found):
        if above not in floor or below not in floor:
            wrong.append(f"{each}: give {above if above not in floor else below} its place in ORDER")
        elif floor[below] <= floor[above]:
            wrong.append(str(each))
    return wrong


def circles(found: Iterable[Import]) -> list[str]:
    """Rooms that reach themselves through others."""
    leads: dict[str, set[str]] = {}
    for _, above, below in between_rooms(found):
        leads.setdefault(above, set()).add(below)
    return sorted(start for start in leads if start in _reached(start, leads))


def _reached(start: str, leads: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(leads.get(start, ()))
    while ahead:
        here = ahead.pop()
        if here not in reached:
            reached.add(here)
            ahead += leads.get(here, ())
    return reached


def wrong_faces(found: Iterable[Import]) -> list[str]:
    """Use cases that know the chat, and tables that know use cases or the chat."""
    forbidden = {"service": ("dialogue",), "model": ("dialogue", "service")}
    wrong = []
    for each in found:
        kind = each.importer.split(".")[-1].split("_")[-1]
        faces = {part.split("_")[-1] for part in each.imported.split(".")[2:]}
        if each.imported.startswith("bot.") and faces & set(forbidden.get(kind, ())):
            wrong.append(str(each))
    return wrong


def wrong_doors(found: Iterable[Import]) -> list[str]:
    """Imports of adapters that reach into the house, or into another adapter."""
    wrong = []
    for each in found:
        if each.importer.split(".")[0] != "adapters":
            continue
        own = ".".join(each.importer.split(".")[:2])
        top = each.imported.split(".")[0]
        into_house = top == "bot" and not any(
            f"{each.imported}.".startswith(f"{open_}.") for open_ in OPEN_TO_ADAPTERS
        )
        into_other = top == "adapters" and not f"{each.imported}.".startswith(f"{own}.")
        if into_house or into_other:
            wrong.append(str(each))
    return wrong


def too_long(modules: Mapping[str, str], limit: int) -> list[str]:
    """Files over `limit` lines."""
    lengths = {name: source.count("\n") for name, source in modules.items()}
    return [f"{name}: {length}" for name, length in lengths.items() if length > limit]
