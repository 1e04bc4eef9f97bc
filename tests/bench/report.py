"""What a benchmark hands back: figures with names, units, goals, and what its peers measured in the same run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass

WIDTHS = (64, 14, 18, 34, 16)


@dataclass(frozen=True, slots=True)
class Peer:
    """The same value, measured on somebody else's program. `goal`: our value is at most so many times theirs
    (at least, where more is better)."""

    name: str
    value: float
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `goal`: at most this (or at least, where more is better); None: for information.

    `missing`: why it could not be measured (see `not_measured`); such a row is missed.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    peers: tuple[Peer, ...] = ()
    missing: str = ""

    @classmethod
    def not_measured(cls, name: str, unit: str, why: str, *, goal: float | None = None) -> Figure:
        """A row for what should have been measured: leaving it out would make the run look good."""
        return cls(name, math.nan, unit, goal=goal, missing=why)

    @property
    def is_reached(self) -> bool:
        if self.missing:
            return False
        held = self._holds(self.value, self.goal)
        return held and all(self._holds(self.ratio(peer), peer.goal) for peer in self.peers)

    def ratio(self, peer: Peer) -> float:
        """How many times the peer's value ours is."""
        return self.value / peer.value if peer.value else float("inf")

    def rows(self) -> list[str]:
        """Its part of the table: one row, and one more for each further peer."""
        if self.missing:
            return [_row(self.name, "MISSED", f"not measured: {self.missing}", "", "")]
        sides = [self._beside(peer) for peer in self.peers] or [("", "")]
        own = (self.name, self._sign(self.value, self.goal), f"{_number(self.value)} {self.unit}")
        return [_row(*(own if n == 0 else ("", "", "")), *side) for n, side in enumerate(sides)]

    def as_json(self) -> dict[str, object]:
        # JSON knows no infinity.
        peers = [{**asdict(peer), "ratio": self.ratio(peer) if peer.value else None} for peer in self.peers]
        value = None if self.missing else self.value
        return {**asdict(self), "value": value, "peers": peers, "is_reached": self.is_reached}

    def _beside(self, peer: Peer) -> tuple[str, str]:
        ratio = self.ratio(peer)
        goal = f" {self._sign(ratio, peer.goal)}" if peer.goal is not None else ""
        return f"{peer.name}: {_number(peer.value)}", f"{_number(ratio)} ×{goal}" if peer.value else "–"

    def _sign(self, value: float, goal: float | None) -> str:
        if goal is None:
            return ""
        missed = "" if self._holds(value, goal) else " MISSED"
        return f"{'≥' if self.more_is_better else '≤'} {goal:g}{missed}"

    def _holds(self, value: float, goal: float | None) -> bool:
        return goal is None or (value >= goal if self.more_is_better else value <= goal)


def table(figures: Iterable[Figure]) -> list[str]:
    """All of them, under their heads."""
    rows = [row for figure in figures for row in figure.rows()]
    return [_row("benchmark", "goal", "measured", "peer", "ratio"), *rows]


def _row(*cells: str) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _number(value: float) -> str:
    """Three figures, or all before the point."""
    places = 0 if abs(value) >= 1000 or float(value).is_integer() else 2 if abs(value) >= 1 else 4
    return f"{value:,.{places}f}"
