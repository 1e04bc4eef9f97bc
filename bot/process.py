"""What a process is for. With SQLite there is one, for everything; with PostgreSQL any number of each."""

from __future__ import annotations

from enum import StrEnum


class ProcessRole(StrEnum):
    """`quartierbote run --role`."""

    ALL = "all"
    WEB = "web"
    """Serves the page."""
    WORKER = "worker"
    """Owns lanes: receives, answers, delivers."""
    SCHEDULER = "scheduler"
    """Does what the clock asks for, if it leads."""

    @property
    def connections(self) -> int:
        """How many connections to PostgreSQL it opens at most, if no setting says otherwise.

        A server has 100 by default: one that serves, two workers and a scheduler leave some over.
        """
        return {ProcessRole.WEB: 12, ProcessRole.SCHEDULER: 8}.get(self, 30)

    @property
    def serves(self) -> bool:
        return self in (ProcessRole.ALL, ProcessRole.WEB)

    @property
    def owns(self) -> bool:
        return self in (ProcessRole.ALL, ProcessRole.WORKER)

    @property
    def leads(self) -> bool:
        return self in (ProcessRole.ALL, ProcessRole.SCHEDULER)
