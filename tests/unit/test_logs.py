"""The log: what it says, and what it never says."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.settings import LogSettings


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def logged(format_: str = "text", level: str = "info") -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    settings = LogSettings.model_validate({"format": format_, "level": level})
    logs.set_up(settings, {"123:geheim"}, stream)
    return logging.getLogger("bot.probe"), stream


class OursError(Exception):
    """Stands for an exception of the house."""


OursError.__module__ = "bot.probe"


def test_a_line_for_a_person() -> None:
    log, stream = logged()
    log.warning("lane %s waits %d s", "telegram", 7)
    time, rest = stream.getvalue().split(" ", 1)
    assert rest == "warning bot.probe: lane telegram waits 7 s\n"
    assert len(time) == len("12:00:00")


def test_an_object_for_a_collector() -> None:
    log, stream = logged("json")
    log.info("gut")
    entry = json.loads(stream.getvalue())
    assert (entry["level"], entry["logger"], entry["message"]) == ("info", "bot.probe", "gut")


@pytest.mark.parametrize("format_", ["text", "json"])
def test_secrets_and_foreign_words_stay_out(format_: str) -> None:
    log, stream = logged(format_)
    try:
        try:
            dict[str, int]()["Frau Schmidt, 0170 1234567"]
        except KeyError as error:
            raise OursError("login with 123:geheim refused") from error
    except OursError:
        log.exception("token 123:geheim")
    written = stream.getvalue()
    assert "Schmidt" not in written
    assert "123:geheim" not in written
    assert "bot.probe.OursError: login with [secret] refused" in written
    assert "KeyError" in written
    assert "test_logs.py" in written


def test_every_exception_of_a_group_is_named() -> None:
    log, stream = logged()
    log.error("both", exc_info=ExceptionGroup("two", [ValueError("a"), OSError("b")]))
    assert "ValueError" in stream.getvalue()
    assert "OSError" in stream.getvalue()


def test_foreign_libraries_are_quiet_and_ours_are_as_set() -> None:
    log, stream = logged(level="error")
    logging.getLogger("httpx").warning("GET https://api.telegram.org/bot123:geheim/getMe")
    logging.getLogger("nio.crypto.log").error("decryption failed for sender @anna:example.org")
    log.warning("hidden")
    assert stream.getvalue() == ""
