"""What can go wrong between a bot and Telegram: injected faults."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.botapi.state import ApiError

SENDS = frozenset({"sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup"})


@dataclass
class Fault:
    """Happens to the next `count` calls of `method` ("*": any but getUpdates) to `chat` (None: any).

    `kind`: "429" (`retry_after` 0: the answer doesn't say), "403", "400", "401", "409", "413", "500", "502",
    "bad_json", "no_result", "drop_before", "drop_after", "slow", "migrate".
    """

    kind: str
    method: str = "*"
    count: int = 1
    chat: int | None = None
    retry_after: int = 0
    seconds: float = 0.0
    description: str = ""
    new_chat: int = 0

    def fits(self, method: str, chat: int | None) -> bool:
        if self.count <= 0 or (self.chat is not None and self.chat != chat):
            return False
        return self.method == method or (self.method == "*" and method != "getUpdates")

    def answer(self) -> ApiError | None:
        """The refusal this fault stands for, or None when it is something else than a refusal."""
        if self.kind == "429":
            parameters = {"retry_after": self.retry_after} if self.retry_after else None
            said = f": retry after {self.retry_after}" if self.retry_after else ""
            return ApiError(429, self.description or f"Too Many Requests{said}", parameters)
        if self.kind == "migrate":
            why = "Bad Request: group chat was upgraded to a supergroup chat"
            return ApiError(400, why, {"migrate_to_chat_id": self.new_chat})
        usual = {
            "400": "Bad Request: message is too strange",
            "401": "Unauthorized",
            "403": "Forbidden: bot was blocked by the user",
            "409": "Conflict: terminated by other getUpdates request",
            "413": "Request Entity Too Large",
            "500": "Internal Server Error",
        }
        if self.kind not in usual:
            return None
        return ApiError(int(self.kind), self.description or usual[self.kind])
