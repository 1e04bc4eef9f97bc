"""A real Matrix homeserver in another process: Synapse, from a virtual environment of its own (`tests/set-up`).

It is AGPL and only ever run, never imported. It starts in about two seconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("SYNAPSE_PYTHON", ROOT / "build" / "synapse" / "bin" / "python"))
SHARED = "registration-shared-secret"
NAME = "hameln.test"
PASSWORD = "a long password"
_PATIENCE = 60.0
_LIMITS = {"per_second": 10_000, "burst_count": 10_000}


@dataclass(frozen=True)
class Homeserver:
    """A running one. Users are made by its administration, outside of its limits."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def register(self, name: str, password: str = PASSWORD, *, admin: bool = False) -> dict[str, Any]:
        """A user; the answer has `user_id`, `device_id` and `access_token`."""
        where = "/_synapse/admin/v1/register"
        nonce = self.call("GET", where)["nonce"]
        kind = "admin" if admin else "notadmin"
        words = "\0".join((nonce, name, password, kind)).encode()
        mac = hmac.new(SHARED.encode(), words, hashlib.sha1).hexdigest()
        asked = {"nonce": nonce, "username": name, "password": password, "admin": admin, "mac": mac}
        return self.call("POST", where, asked)

    def call(self, method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
        """One request. Raises `HTTPError`."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        asked = Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own machine
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            content: dict[str, Any] = json.load(answer)
            return content


@contextmanager
def homeserver(folder: Path, **changed: object) -> Iterator[Homeserver]:
    """Started in `folder`, empty or as it was left there. `changed`: settings of its own."""
    if not PYTHON.exists():
        if os.environ.get("CI"):
            pytest.fail("there is no Synapse to test with: run tests/set-up")
        pytest.skip("there is no Synapse to test with: run tests/set-up")
    port = _port(folder)
    (folder / "media").mkdir(exist_ok=True)
    config = folder / "homeserver.yaml"
    config.write_text(json.dumps(_settings(folder, port) | changed))
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    server = Homeserver(port, process)
    try:
        _wait(server, folder)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _settings(folder: Path, port: int) -> dict[str, object]:
    key = folder / "signing.key"
    if not key.exists():
        seed = base64.b64encode(os.urandom(32)).decode().rstrip("=")
        key.write_text(f"ed25519 a_test {seed}\n")
    return {
        "server_name": NAME,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [
            {
                "port": port,
                "type": "http",
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(key),
        "macaroon_secret_key": "macaroon-secret",
        "form_secret": "form-secret",
        "registration_shared_secret": SHARED,
        "report_stats": False,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        "caches": {"sync_response_cache_duration": "0s"},
        "rc_message": _LIMITS,
        "rc_registration": _LIMITS,
        "rc_joins": {"local": _LIMITS, "remote": _LIMITS},
        "rc_joins_per_room": _LIMITS,
        "rc_room_creation": _LIMITS,
        "rc_media_create": _LIMITS,
        "rc_login": {"address": _LIMITS, "account": _LIMITS, "failed_attempts": _LIMITS},
        "rc_invites": {"per_room": _LIMITS, "per_user": _LIMITS, "per_issuer": _LIMITS},
    }


def _port(folder: Path) -> int:
    """The same at every start in a folder: what talks to it expects it there."""
    kept = folder / "port"
    if kept.exists():
        return int(kept.read_text())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    kept.write_text(str(port))
    return port


def _wait(server: Homeserver, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        try:
            server.call("GET", "/_matrix/client/versions")
        except (URLError, HTTPError, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Synapse did not start:\n{(folder / 'log').read_text()[-4000:]}")
