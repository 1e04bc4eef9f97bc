"""What the page signs, so that nobody can make it up: the account's cookie, the token in a form, the way to a file.

All of it hangs on the installation's secret and holds nothing about a person.
"""

from __future__ import annotations

import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer


class Seals:
    """Signs and checks."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._accounts = URLSafeSerializer(secret, salt="quartierbote.web.account")

    def account_cookie(self, account: str) -> str:
        """The cookie's value for an account."""
        return str(self._accounts.dumps(account))

    def account_of(self, cookie: str) -> str:
        """The account of a cookie's value; "" for one that we didn't sign."""
        try:
            account = self._accounts.loads(cookie)
        except BadSignature:
            return ""
        return account if isinstance(account, str) else ""

    def form_token(self, nonce: str, account: str) -> str:
        """What a form of this browser (`nonce`) and account must carry."""
        return self._sign("form", nonce, account)

    def form_token_fits(self, token: str, nonce: str, account: str) -> bool:
        return bool(nonce) and hmac.compare_digest(token.encode(), self.form_token(nonce, account).encode())

    def media_path(self, media: int) -> str:
        """The address of a file. Ids can be counted, so only an address that we wrote opens it."""
        return f"/media/{media}?s={self._sign('media', str(media))[:24]}"

    def media_fits(self, media: int, signature: str) -> bool:
        return hmac.compare_digest(signature.encode(), self._sign("media", str(media))[:24].encode())

    def blurred(self, address: str) -> str:
        """A client's address, good for counting and for nothing else."""
        return self._sign("address", address)[:24]

    def _sign(self, *parts: str) -> str:
        return hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()
