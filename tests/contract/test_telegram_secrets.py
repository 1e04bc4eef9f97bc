"""The token is in every address Telegram's library uses. It must not be in a log, an error or a shown setting."""

from __future__ import annotations

import logging
import traceback

import pytest

from adapters.telegram import Telegram, TelegramSettings, build
from bot.contract import Attachment, PlatformError
from bot.host import Host
from bot.settings import SettingsError
from tests.contract.harness import Files, Inbox, KeyValues, plain, running
from tests.contract.telegram_side import TelegramSide

SECRET = "fake-token-for-tests"
WORDS = "Ein vertrauliches Wort"


async def test_neither_token_nor_words_nor_addresses_are_logged(
    telegram: TelegramSide, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reader, inbox = await telegram.person(), Inbox()
    async with running(telegram.platform, inbox):
        await telegram.platform.send(reader.address, plain(WORDS), "1")
        await reader.types(WORDS)
        await inbox.has(1)
        for fault in ("500", "502", "bad_json", "drop_before", "400", "429"):
            await telegram.api.fault(fault, "sendMessage")
            with pytest.raises(PlatformError):
                await telegram.platform.send(reader.address, plain(WORDS), "1")
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert SECRET not in logged
    assert WORDS not in logged
    assert reader.address not in logged.replace("127.0.0.1", "")


@pytest.mark.parametrize(
    "fault", ["401", "403", "400", "409", "429", "500", "502", "bad_json", "drop_before"]
)
async def test_the_token_is_in_no_error(telegram: TelegramSide, fault: str) -> None:
    reader = await telegram.person()
    await telegram.api.fault(fault)
    with pytest.raises(PlatformError) as caught:
        await telegram.platform.send(reader.address, plain(WORDS), "1")
    _has_no_secret(caught.value)


async def test_the_token_is_in_no_error_of_login_and_download(store: KeyValues, files: Files) -> None:
    platform = Telegram(f"1:{SECRET}", "http://127.0.0.1:9", store, files)
    with pytest.raises(PlatformError) as caught:
        await platform.check()
    _has_no_secret(caught.value)
    with pytest.raises(PlatformError) as caught:
        await platform.fetch(Attachment("image", source="FILE1"))
    _has_no_secret(caught.value)
    await platform.close()


def test_settings_do_not_show_the_token() -> None:
    settings = TelegramSettings.model_validate({"token": f"1:{SECRET}"})
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ({"token": f"no colon {SECRET}"}, "QUARTIERBOTE_TELEGRAM__TOKEN"),
        ({"token": f"1:{SECRET}", "base_url": "api.telegram.org"}, "QUARTIERBOTE_TELEGRAM__BASE_URL"),
        ({"token": f"1:{SECRET}", "base_url": "https://h/?x={token}"}, "QUARTIERBOTE_TELEGRAM__BASE_URL"),
        ({"token": f"1:{SECRET}", "bas_url": "x"}, "QUARTIERBOTE_TELEGRAM__BAS_URL"),
    ],
)
def test_bad_settings_are_named_without_their_secret(
    host: Host, section: dict[str, object], name: str
) -> None:
    host.settings.update(section)
    with pytest.raises(SettingsError) as caught:
        build(host)
    assert name in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("section", [{}, {"token": ""}])
def test_without_a_token_there_is_no_telegram(host: Host, section: dict[str, object]) -> None:
    host.settings.update(section)
    assert build(host) is None


async def test_with_a_token_there_is(host: Host) -> None:
    host.settings.update({"token": f"1:{SECRET}", "base_url": "http://127.0.0.1:9/"})
    platform = build(host)
    assert platform is not None
    assert platform.name == "telegram"
    await platform.close()


def _has_no_secret(error: BaseException) -> None:
    told = "".join(traceback.format_exception(error))
    assert SECRET not in told
    assert WORDS not in told
