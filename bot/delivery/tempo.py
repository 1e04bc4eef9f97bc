"""The engine's own times and sizes, all in one place, each with its reason. Seconds unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tempo:
    """Found by measuring; tests make it faster."""

    ahead: float = 0.1
    """How much sending time is marked `sending` in advance, and how much waits for its mark: at 30 a second three rows
    each, for all of that is left unsure by a kill, beside what is in flight …"""
    few: int = 10
    """… and therefore no more rows than this, however fast it goes (a paid broadcast: 1000 a second) …"""
    shortest: float = 0.01
    """… as long as a transaction each hundredth of a second is enough. Only beyond 1000 a second, which no messenger
    takes, are more rows marked in one: a quick disk could do more, but people who tap wait behind each."""
    turns_ahead: float = 3.0
    """Where a transaction takes long, what leaves meanwhile must be ready: the time of so many of them, because it
    begins when half of it has left, and may take longer than the last …"""
    ahead_at_most: float = 0.2
    """… but no more than this."""
    most_ahead: int = 100
    """Rows; a longer transaction would keep people waiting who tap something meanwhile."""
    mark_within: float = 0.25
    """How long an outcome waits for its mark at most."""
    look_again: float = 0.05
    """How soon at the earliest rows are looked for again whose chats can't take a message yet."""
    poll: float = 2.0
    """The net below: rows that a command beside the program wrote are found without a wake-up."""
    lease: float = 12.0
    """How long after its last renewal another process may take over what this one owned."""
    patience: float = 120.0
    """Until an adapter that doesn't answer is given up on; its own time-outs come first."""
    first_pause: float = 1.0
    longest_pause: float = 60.0
    """A platform that is down is tried again after a second, then after two, and so on up to this."""
    farewell: float = 2.5
    """How long an orderly stop waits for requests under way; marks and closing follow, within `LAST_MOMENTS`."""
    kept_for_replies: float = 0.2
    """Share of the requests in flight that bulk may not take."""

    def few_at(self, rate: float) -> float:
        """Rows that are ready, and outcomes that wait for their mark, at so many messages a second."""
        ahead = min(rate * self.ahead, max(float(self.few), rate * self.shortest))
        return min(self.most_ahead, max(2.0, ahead))

    @property
    def renew(self) -> float:
        """How often the lease is renewed: twice it may fail."""
        return self.lease / 3
