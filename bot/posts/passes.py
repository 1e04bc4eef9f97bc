"""A pass: the way for one member of staff to the page that shows how their posts go, for a working day.

Whoever has it (from a proxy's log, say) sees what its owner may see, until it ends. Whose it is it doesn't say: that is
sealed with the installation's key. The role is asked anew each time: once it is gone, the pass opens nothing.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from bot.clock import Clock, Ids

LIFE = timedelta(hours=8)
_NONCE, _TAG = 13, 16
_CONTENT = struct.Struct(">QI")
"""The person's id, and the second at which it ends."""
_LONGEST = 100


class Passes:
    """Makes passes and reads them."""

    def __init__(self, secret: bytes, clock: Clock, ids: Ids) -> None:
        self._secret = secret
        self._clock = clock
        self._ids = ids

    def make(self, person: int) -> str:
        """A new pass, fit for an address."""
        ends = int((self._clock.now() + LIFE).timestamp())
        nonce = self._ids.token(_NONCE)
        sealed = self._masked(nonce, _CONTENT.pack(person, ends))
        return nonce + urlsafe_b64encode(sealed + self._tag(nonce, sealed)).decode().rstrip("=")

    def read(self, token: str) -> tuple[int, datetime] | None:
        """Whose it is and until when; None if we didn't make it, or it has ended."""
        if not token.isascii() or len(token) > _LONGEST:
            return None
        nonce, rest = token[:_NONCE], token[_NONCE:]
        try:
            content = urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
        except (binascii.Error, ValueError):
            return None
        sealed, tag = content[: _CONTENT.size], content[_CONTENT.size :]
        if len(sealed) != _CONTENT.size or not hmac.compare_digest(tag, self._tag(nonce, sealed)):
            return None
        person, ends = _CONTENT.unpack(self._masked(nonce, sealed))
        until = datetime.fromtimestamp(ends, UTC)
        return (person, until) if until > self._clock.now() else None

    def _masked(self, nonce: str, content: bytes) -> bytes:
        """Sealed and opened alike; a nonce is used once."""
        stream = self._keyed("pass.mask", nonce.encode())
        return bytes(a ^ b for a, b in zip(content, stream, strict=False))

    def _tag(self, nonce: str, sealed: bytes) -> bytes:
        return self._keyed("pass.tag", nonce.encode() + sealed)[:_TAG]

    def _keyed(self, purpose: str, content: bytes) -> bytes:
        return hmac.new(self._secret, purpose.encode() + b"\0" + content, hashlib.sha256).digest()
