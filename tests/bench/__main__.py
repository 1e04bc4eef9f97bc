"""`make bench`: runs every benchmark of this folder (or those named), prints a table, writes build/bench/results.json.

A benchmark is a module with `async def measure() -> list[Figure]`. Each runs in a process of its own, so that none
inherits another's memory, and its results are written when it ends: a run that is broken off keeps what it has.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import platform
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import beside
from tests.bench.report import Figure, table

HERE = Path(__file__).parent
RESULTS = HERE.parent.parent / "build" / "bench" / "results.json"


def main(names: list[str]) -> int:
    """Exit status: 1 if a goal was missed or a benchmark failed."""
    if len(names) == 1:
        return one(names[0])
    chosen = names or found()
    ends = [subprocess.call([sys.executable, "-m", "tests.bench", name]) for name in chosen]
    say(f"\n{RESULTS}")
    return int(any(ends))


def one(name: str) -> int:
    """Run it here, show and keep what it measured."""
    module = importlib.import_module(f"tests.bench.{name}")
    say(f"\n{(module.__doc__ or name).splitlines()[0]}")
    beside.forget(name)
    figures: list[Figure] = asyncio.run(module.measure())
    for row in table(figures):
        say("  " + row)
    keep(name, figures)
    for picture in beside.pictures(name):
        say(f"  {picture}")
    return int(any(not figure.is_reached for figure in figures))


def keep(name: str, figures: list[Figure]) -> None:
    """Take the place of what an earlier run of this benchmark measured; the others' results stay."""
    known: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known["on"] = machine()
    known.setdefault("results", {})[name] = [figure.as_json() for figure in figures]
    known.setdefault("at", {})[name] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    fresh = RESULTS.with_suffix(".new")
    fresh.write_text(json.dumps(known, indent=2, ensure_ascii=False), encoding="utf-8")
    fresh.replace(RESULTS)


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


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
