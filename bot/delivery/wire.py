"""`Outgoing` and `Inbound` as JSON, for the rows that keep them."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot.contract import Inbound, Outgoing

_OUTGOING: TypeAdapter[Outgoing] = TypeAdapter(Outgoing)
_INBOUND: TypeAdapter[Inbound] = TypeAdapter(Inbound)


def to_wire(message: Outgoing) -> dict[str, Any]:
    """JSON-ready form of a message."""
    wire: dict[str, Any] = _OUTGOING.dump_python(message, mode="json", exclude_defaults=True)
    return wire


def from_wire(wire: dict[str, Any]) -> Outgoing:
    """The message of `to_wire`."""
    return _OUTGOING.validate_python(wire, strict=False)


def inbound_to_wire(event: Inbound) -> dict[str, Any]:
    """JSON-ready form of an event."""
    wire: dict[str, Any] = _INBOUND.dump_python(event, mode="json", exclude_defaults=True)
    return wire


def inbound_from_wire(wire: dict[str, Any]) -> Inbound:
    """The event of `inbound_to_wire`."""
    return _INBOUND.validate_python(wire, strict=False)
