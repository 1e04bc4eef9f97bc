"""Our peers: other people's programs, measured in the same run on the same fake server.

They live in a virtual environment of their own (build/bench/peers), made anew when what it needs has changed, and run
as processes of their own. The scripts are in `peers/`; each gets one JSON object as its argument and prints one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
OUT = ROOT / "build" / "bench"
HOME = OUT / "peers"
TRACES = OUT / "traces"


@dataclass(slots=True)
class Trace:
    """What somebody did over time, for the plot. Seconds since the broadcast began."""

    who: str
    sent: list[float] = field(default_factory=list)
    """When the server took each message in."""
    replies: list[tuple[float, float]] = field(default_factory=list)
    """When somebody asked, and how long they waited for the answer."""
    refused: list[float] = field(default_factory=list)
    """When the server said 429."""


async def peer(script: str, *, seconds: float = 600.0, **said: object) -> dict[str, Any]:
    """Run peers/<script>.py in the peers' environment; what it printed. Raises `RuntimeError` if it failed."""
    python = await asyncio.to_thread(environment)
    process = await asyncio.create_subprocess_exec(
        python,
        *("-m", f"tests.bench.peers.{script}", json.dumps(said)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        limit=64 * 2**20,
    )
    try:
        async with asyncio.timeout(seconds):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"{script} ended with {process.returncode}")
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def environment() -> Path:
    """The peers' Python; the environment is made first where it is missing or out of date."""
    wanted = (SCRIPTS / "requirements.txt").read_bytes() + sys.version.encode()
    mark = HOME / f".made-{hashlib.sha256(wanted).hexdigest()[:16]}"
    python = HOME / "bin" / "python"
    if not mark.exists():
        sys.stdout.write("Setting up the peers (once, about a minute) …\n")
        sys.stdout.flush()
        shutil.rmtree(HOME, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(SCRIPTS / "requirements.txt")], check=True)
        mark.touch()
    return python


def trace(benchmark: str, part: str, traces: Sequence[Trace]) -> None:
    """Keep what is to be drawn: one picture per part of a benchmark."""
    TRACES.mkdir(parents=True, exist_ok=True)
    told = json.dumps({"part": part, "traces": [asdict(one) for one in traces]})
    name = re.sub(r"[^a-z0-9]+", "-", part.lower())
    (TRACES / f"{benchmark}-{name}.json").write_text(told, encoding="utf-8")


def forget(benchmark: str) -> None:
    """An earlier run's traces are not this one's."""
    for kept in TRACES.glob(f"{benchmark}-*.json"):
        kept.unlink()


def pictures(benchmark: str) -> list[Path]:
    """Draw what this benchmark kept; matplotlib is in the peers' environment only."""
    drawn = []
    for kept in sorted(TRACES.glob(f"{benchmark}-*.json")):
        picture = OUT / f"{kept.stem}.png"
        subprocess.run([environment(), SCRIPTS / "plot.py", kept, picture], check=True)
        drawn.append(picture)
    return drawn
