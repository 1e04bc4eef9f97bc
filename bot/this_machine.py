"""Who is at this machine itself: what the program shows of itself, and the demo, are for nobody else unasked.

A proxy on this machine asks for the world, and a page in a browser here may ask under a name of its own that leads
here: so it counts neither what a proxy carried nor what was meant for another name.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping

_CARRIED = re.compile(
    r"via|forwarded|x-(forwarded|original|prox).*|.*forwarded-for|x-real-(ip|port)|x-host"
    r"|(.*-)?(client|connecting|remote|cluster)-?(ip|addr)|x-envoy-.*|cf-.*|cdn-loop"
)
"""Headers that proxies add, and browsers never do."""


def may_read(headers: Mapping[str, str], peer: str, token: str) -> bool:
    """Whether the figures are for whoever asks from the address `peer`: with the token, or from here if there is none.

    The headers' names are in small letters, as everywhere here.
    """
    return _carries(headers, token) if token else is_loopback(peer) and is_meant_for_here(headers)


def is_meant_for_here(headers: Mapping[str, str]) -> bool:
    """Whether a request was meant for this machine's own name and wasn't carried here by a proxy."""
    if any(_CARRIED.fullmatch(name) for name in headers):
        return False
    return is_loopback(_host_only(headers.get("host", "")))


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _carries(headers: Mapping[str, str], token: str) -> bool:
    """Whether a request knows the token."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _host_only(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
