"""Draws one picture: messages over time, and how long people waited for an answer. `plot.py traces.json picture.png`"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def main(source: Path, picture: Path) -> None:
    told: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    figure, (messages, replies) = plt.subplots(2, 1, figsize=(9, 8), sharex=True, layout="constrained")
    for trace in told["traces"]:
        sent = sorted(trace["sent"])
        (line,) = messages.plot(sent, range(1, len(sent) + 1), label=trace["who"])
        if trace["refused"]:
            refused = sorted(trace["refused"])
            below = [sum(1 for at in sent if at <= moment) for moment in refused]
            messages.plot(refused, below, "x", color=line.get_color(), markersize=4)
        asked = [at for at, _ in trace["replies"]]
        waited = [max(seconds, 0.001) for _, seconds in trace["replies"]]
        replies.plot(asked, waited, ".", color=line.get_color(), markersize=3, label=trace["who"])
    messages.set_title(f"{told['part']}: messages that arrived (x: refused with 429)")
    messages.set_ylabel("messages")
    messages.legend()
    replies.set_title("from a command to its answer")
    replies.set_ylabel("seconds")
    replies.set_yscale("log")
    replies.set_xlabel("seconds since the broadcast began")
    for axes in (messages, replies):
        axes.grid(visible=True, alpha=0.3)
    figure.savefig(picture, dpi=110)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
