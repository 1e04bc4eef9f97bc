"""The table `limits` of an adapter's section: how fast its account may send, where the platform's figures don't fit."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from bot.contract import Limits

_FAST = "a number greater than 0, at most 10000"


class LimitSettings(BaseModel):
    """What is set replaces the platform's own figure; the rest stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_second: float | None = Field(default=None, gt=0, le=10_000, description=_FAST, examples=["30"])
    per_chat_per_second: float | None = Field(
        default=None, gt=0, le=10_000, description=_FAST, examples=["1"]
    )
    per_room_per_minute: int | None = Field(
        default=None, ge=1, le=100_000, description="a whole number from 1 to 100000", examples=["20"]
    )
    in_flight: int | None = Field(
        default=None, ge=1, le=500, description="a whole number from 1 to 500", examples=["30"]
    )

    def applied_to(self, limits: Limits) -> Limits:
        return replace(limits, **self.model_dump(exclude_none=True))
