"""`make bench`: runs every benchmark of this folder (or those named), prints a table, writes build/bench/results.json.

A benchmark is a module with `async def measure() -> list[Figure]`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import platform
import sqlite3
import sys
from pathlib import Path

from tests.bench.report import Figure

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "build" / "bench" / "results.json"


def main(names: list[str]) -> int:
    """Exit status: 1 if a goal was missed."""
    results: dict[str, list[Figure]] = {}
    for name in names or found():
        module = importlib.import_module(f"tests.bench.{name}")
        say(f"\n{(module.__doc__ or name).splitlines()[0]}")
        results[name] = asyncio.run(module.measure())
        for figure in results[name]:
            say("  " + figure.line())
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"on": machine(), "results": as_json(results)}, indent=2), encoding="utf-8")
    say(f"\n{RESULTS}")
    return int(any(not figure.is_reached for figures in results.values() for figure in figures))


def found() -> list[str]:
    """The benchmarks of this folder."""
    modules = sorted(path for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return [path.stem for path in modules if "async def measure(" in path.read_text(encoding="utf-8")]


def machine() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.machine(),
    }


def as_json(results: dict[str, list[Figure]]) -> dict[str, list[dict[str, object]]]:
    return {name: [figure.as_json() for figure in figures] for name, figures in results.items()}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
