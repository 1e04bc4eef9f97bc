"""The engine's own times and sizes, all in one place, each with its reason. Seconds unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tempo:
    """Found by measuring; tests make it faster."""

    ahead: float = 0.1
    """How much sending time is marked `sending` in advance: few rows are left unsure by a kill. As many outcomes may
    wait for their mark: at 30 a second that is three, at full speed `most_ahead`."""
    turns_ahead: float = 3.0
    """Where a transaction takes long (a slow disk): the time of so many of them …"""
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

    @property
    def renew(self) -> float:
        """How often the lease is renewed: twice it may fail."""
        return self.lease / 3
