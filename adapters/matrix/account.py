"""Who we are on Matrix: logged in once, then the same device for ever.

The device is what makes a repeated send harmless and what old keys are locked to, so user, device and token are kept.
The keys lie in a folder that one process at a time may use.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
from pathlib import Path
from typing import IO, Any

import vodozemac
from nio import AsyncClient, AsyncClientConfig
from nio.store import SqliteStore

from adapters.matrix.errors import DEAD_LOGIN, REFUSED_LOGIN, RefusedError
from adapters.matrix.settings import MatrixSettings
from adapters.matrix.wire import CLIENT, Wire, asked
from bot.contract import LoginRefused, PlatformDown
from bot.host import Store

_LOGIN = "login"
_BEGIN = "begin"
_log = logging.getLogger(__name__)

LOST_KEYS = (
    "The encryption keys in QUARTIERBOTE_MATRIX__FOLDER are gone, and with a token alone no new device can be made. "
    "Put the folder back, or set the password. Example: QUARTIERBOTE_MATRIX__PASSWORD=correct horse battery"
)
LOCKED_KEYS = (
    "QUARTIERBOTE_MATRIX__STORE_SECRET is not the secret that the encryption keys were locked with. "
    "Set the old one; if it is lost, remove the folder that QUARTIERBOTE_MATRIX__FOLDER names: "
    "the bot then becomes a new device."
)
ELSEWHERE = (
    "The encryption keys of this account are not in QUARTIERBOTE_MATRIX__FOLDER here, so Matrix stays with the machine"
    " that has them. If they are lost for good, set QUARTIERBOTE_MATRIX__NEW_DEVICE=true: the bot becomes a new device."
)
AWAY = "Another process looks after Matrix."
IN_USE = "Another program uses the encryption keys in QUARTIERBOTE_MATRIX__FOLDER. Only one may; waiting for it to end."
_FILTER_OF_BEGIN = json.dumps({"room": {"timeline": {"limit": 1}, "state": {"lazy_load_members": True}}})


class Account:
    """The login and the keys of one bot."""

    def __init__(self, settings: MatrixSettings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self.wire = Wire(settings.homeserver)
        self.client: AsyncClient = self.wire.client
        self.user = settings.user
        self.is_open = False
        self._is_away = False
        """Another process has the keys, or may have them any moment."""
        self._opening = asyncio.Lock()
        self._lock: IO[str] | None = None

    async def check(self) -> str:
        """Whom the homeserver takes us for. Logs in (again) if need be."""
        saved = await self._saved()
        if saved is None:
            await self.open()
        else:
            self.wire.token = self.wire.token or saved["token"]
        try:
            me = await self._whoami()
        except RefusedError as error:
            if not error.is_dead_login:
                raise
            await self._renew()
            me = await self._whoami()
        return str(me["user_id"])

    async def open(self) -> None:
        """Log in or go on where we were, with our keys. Raises `HomeserverError` or `PlatformError`."""
        async with self._opening:
            if self.is_open:
                return
            if self._is_away:
                raise PlatformDown(AWAY)
            self._take_lock()
            saved = await self._saved()
            if saved is None:
                saved = await self._log_in("")
            elif not self._keys_of(saved["device"]).exists():
                if self._settings.password is None:
                    raise LoginRefused(LOST_KEYS)
                saved = await self._log_in("")
                _log.warning("Matrix: the encryption keys were gone; the bot is a new device now")
            await self._restore(saved)
            self.is_open = True

    async def move_in(self) -> str:
        """Take the keys for this process: "", or why that can't be. See `bot.ports.Resides`."""
        saved = await self._saved()
        if (
            saved is not None
            and not self._keys_of(saved["device"]).exists()
            and not self._settings.new_device
        ):
            return ELSEWHERE
        try:
            self._take_lock()
        except PlatformDown as taken:
            return str(taken)
        self._is_away = False
        return ""

    async def move_out(self) -> None:
        """Leave the keys to another process."""
        self._is_away = True
        async with self._opening:
            await self.close()

    async def begin(self) -> str:
        """Where listening begins for who never listened: at the first login, not with what was said before."""
        return await self._store.get(_BEGIN) or ""

    async def close(self) -> None:
        self.is_open = False
        await self.client.close()
        await self.wire.close()
        if isinstance(self.client.store, SqliteStore):
            self.client.store.database.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # --- the login -----------------------------------------------------------------------------------------------

    async def _whoami(self) -> dict[str, Any]:
        return await self.wire.call("GET", f"{CLIENT}/account/whoami")

    async def _saved(self) -> dict[str, str] | None:
        """The login that is kept, if it is this account's."""
        stored = await self._store.get(_LOGIN)
        saved: dict[str, str] | None = json.loads(stored) if stored else None
        mine = saved and (saved["user"], saved["homeserver"]) == (
            self._settings.user,
            self._settings.homeserver,
        )
        return saved if mine else None

    async def _log_in(self, device: str) -> dict[str, str]:
        """A login, kept at once. `device`: be this one again."""
        if self._settings.password is not None:
            me = await self._by_password(self._settings.password.get_secret_value(), device)
        else:
            token = self._settings.token.get_secret_value() if self._settings.token else ""
            self.wire.token = token
            me = {**await self._by_token(), "access_token": token}
        saved = {
            "homeserver": self._settings.homeserver,
            "user": self._settings.user,
            "device": str(me["device_id"]),
            "token": str(me["access_token"]),
        }
        self.wire.token = saved["token"]
        if me["user_id"] != self._settings.user:
            raise LoginRefused(REFUSED_LOGIN)
        if await self._store.get(_BEGIN) is None:
            query = {"timeout": "0", "filter": _FILTER_OF_BEGIN}
            now = await self.wire.call("GET", f"{CLIENT}/sync", query=query, patience=120.0)
            for invited in now.get("rooms", {}).get("invite", {}):
                await self._store.put(f"invite:{invited}", "")
            await self._store.put(_BEGIN, str(now["next_batch"]))
        await self._store.put(_LOGIN, json.dumps(saved))
        return saved

    async def _by_password(self, password: str, device: str) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._settings.user},
            "password": password,
            "initial_device_display_name": "Quartierbote",
        }
        if device:
            asked["device_id"] = device
        self.wire.token = ""
        try:
            return await self.wire.call("POST", f"{CLIENT}/login", asked)
        except RefusedError as error:
            if error.status in (400, 401, 403) and not error.is_too_fast:
                raise LoginRefused(REFUSED_LOGIN) from None
            raise

    async def _by_token(self) -> dict[str, Any]:
        try:
            return await self._whoami()
        except RefusedError as error:
            if error.is_dead_login:
                raise LoginRefused(DEAD_LOGIN) from None
            raise

    async def _renew(self) -> None:
        """The token is dead. With a password we become the same device again, with the same keys."""
        saved = await self._saved()
        if self._settings.password is None or saved is None:
            raise LoginRefused(DEAD_LOGIN)
        await self.open()
        async with self._opening:
            renewed = await self._log_in(saved["device"])
            self.client.access_token = renewed["token"]
            if self.client.olm is not None:
                self.client.olm.account.shared = (
                    False  # a login that ended took the device's public keys along
                )
            await self.upload_keys()
        _log.warning("Matrix: the login had ended; logged in again as the same device")

    # --- the keys ------------------------------------------------------------------------------------------------

    async def upload_keys(self) -> None:
        """Give the homeserver our public keys, as many as it lacks."""
        if self.client.should_upload_keys:
            await asked(self.client.keys_upload())

    async def _restore(self, saved: dict[str, str]) -> None:
        secret = self._settings.store_secret
        config = AsyncClientConfig(
            store=SqliteStore,
            store_name=self._keys_of(saved["device"]).name,
            store_sync_tokens=False,
            encryption_enabled=True,
            pickle_key=secret.get_secret_value() if secret else "",
            max_limit_exceeded=0,
            max_timeouts=1,
            request_timeout=30,
        )
        client = AsyncClient(
            self._settings.homeserver,
            saved["user"],
            saved["device"],
            str(self._settings.folder),
            config,
        )
        try:
            client.restore_login(saved["user"], saved["device"], saved["token"])
        except (vodozemac.PickleException, vodozemac.LibolmPickleException):
            raise LoginRefused(LOCKED_KEYS) from None
        self.wire.token = saved["token"]
        self.client = client

    def _keys_of(self, device: str) -> Path:
        return self._settings.folder / f"{device}.sqlite3"

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        self._settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self._settings.folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise PlatformDown(IN_USE) from None
        self._lock = lock
