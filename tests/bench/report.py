"""What a benchmark hands back: figures with names, units and goals."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `goal`: at most this (or at least, where more is better); None: for information."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more_is_better: bool = False

    @property
    def is_reached(self) -> bool:
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal

    def line(self) -> str:
        """As a row of the table."""
        goal = ""
        if self.goal is not None:
            goal = (
                f"{'≥' if self.more_is_better else '≤'} {self.goal:g}{'' if self.is_reached else '  MISSED'}"
            )
        return f"{self.name:<62} {self.value:>12,.2f} {self.unit:<10} {goal}"

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "is_reached": self.is_reached}
