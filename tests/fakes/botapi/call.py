"""One request as the methods see it, however it was encoded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.botapi.state import ApiError, Json


@dataclass
class Call:
    """One request: its parameters (JSON values parsed where they are JSON) and uploaded files by field name."""

    method: str
    values: Json
    files: dict[str, tuple[bytes, str, str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return str(self.values.get(name, "") or "")

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        try:
            return None if value in (None, "") else int(str(value))
        except ValueError:
            return None

    def tree(self, name: str) -> Any:
        value = self.values.get(name)
        try:
            return json.loads(value) if isinstance(value, str) and value else value
        except ValueError:
            raise ApiError(400, f"Bad Request: can't parse {name} JSON object") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1"}
