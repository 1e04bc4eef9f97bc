"""Who the bot is on Matrix: one device for ever, its keys in one hand, and each send once whatever happens."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace as _replace

import pytest
from pydantic import SecretStr

from adapters.matrix import Matrix, MatrixSettings, build
from bot.contract import Attachment, LoginRefused, Outgoing, Paragraph, PlatformDown, Text
from bot.host import Host
from bot.settings import SettingsError
from tests.contract.harness import Inbox, plain, running
from tests.contract.matrix_side import MatrixSide
from tests.contract.test_matrix_listening import restarted
from tests.contract.test_platforms import picture

LONG = "Im Nachbarschaftscafé gibt es am Samstag Kuchen. "


async def test_the_same_key_arrives_once_for_concurrent_sends_and_after_a_restart(
    matrix_encrypted: MatrixSide,
) -> None:
    side = matrix_encrypted
    anna = await side.person()
    refs = await asyncio.gather(*(side.platform.send(anna.address, plain("einmal"), "7") for _ in range(3)))
    platform = await restarted(side)
    refs.append(await platform.send(anna.address, plain("einmal"), "7"))
    assert len(set(refs)) == 1
    assert await anna.sees() == ["einmal"]


async def test_a_message_of_several_parts_repeated_whole_arrives_once(matrix: MatrixSide) -> None:
    anna = await matrix.person()
    matrix.files.kept = {1: (picture(), "image/jpeg")}
    image = Attachment("image", "fest.jpg", "image/jpeg", len(picture()), media=1, alt="Ein Bild")
    body = tuple(Paragraph(((Text(LONG * 100),),)) for _ in range(4))
    message = Outgoing(body, attachments=(image,))
    first = await matrix.platform.send(anna.address, message, "7")
    assert await matrix.platform.send(anna.address, message, "7") == first
    seen = await anna.matrix.screen()
    assert matrix.platform.parts(message) == len(seen) == len(first) - 1 > 3
    assert await anna.matrix.file(seen[0].content) == picture()
    assert matrix.files.loads == [1]  # uploaded once


async def test_a_picture_in_an_encrypted_room_is_locked_and_opens_again(matrix_encrypted: MatrixSide) -> None:
    side = matrix_encrypted
    anna = await side.person()
    side.files.kept = {1: (picture(), "image/jpeg")}
    image = Attachment("image", "fest.jpg", "image/jpeg", len(picture()), media=1)
    await side.platform.send(anna.address, Outgoing((), attachments=(image,)), "1")
    (shown,) = await anna.matrix.screen()
    assert "url" not in shown.content
    assert await anna.matrix.file(shown.content) == picture()


async def test_a_long_arabic_text_fits_even_as_an_edit_in_an_encrypted_room(
    matrix_encrypted: MatrixSide,
) -> None:
    side = matrix_encrypted
    anna = await side.person()
    ref = await side.platform.send(anna.address, plain("kurz"), "1")
    long = " ".join(["المقهى في الحيّ"] * 900)
    await side.platform.edit(anna.address, ref, plain(long), "1.1")
    assert " ".join(" ".join(await anna.sees()).split()) == long


# --- the login -----------------------------------------------------------------------------------------------


async def test_a_login_that_was_ended_is_renewed_as_the_same_device(matrix_encrypted: MatrixSide) -> None:
    side = matrix_encrypted
    anna, inbox = await side.person(), Inbox()
    ref = await side.platform.send(anna.address, plain("vorher"), "1")
    device = side.platform.account.client.device_id
    await end_login(side)
    with pytest.raises(LoginRefused):
        await asyncio.wait_for(side.platform.run(inbox.receive, None), 20)
    assert await side.platform.check() == side.settings.user
    assert side.platform.account.client.device_id == device
    assert await side.platform.send(anna.address, plain("vorher"), "1") == ref
    async with running(side.platform, inbox):
        await anna.types("nachher")
        (event,) = await inbox.has(1)
        await side.platform.send(anna.address, plain("Antwort"), "2")
    assert event.text == "nachher"
    assert await anna.sees() == ["vorher", "Antwort"]


async def test_without_a_password_an_ended_login_stops_and_is_told(matrix: MatrixSide) -> None:
    token = matrix.platform.account.wire.token
    await matrix.platform.close()
    only_token = matrix.settings.model_copy(update={"password": None, "token": SecretStr(token)})
    platform = matrix.platform = matrix.again(only_token)
    assert await platform.check() == matrix.settings.user
    await end_login(matrix)
    with pytest.raises(LoginRefused, match="QUARTIERBOTE_MATRIX__PASSWORD"):
        await platform.check()


async def test_lost_keys_make_a_new_device_and_that_is_said(
    matrix_encrypted: MatrixSide, caplog: pytest.LogCaptureFixture
) -> None:
    side = matrix_encrypted
    anna, inbox = await side.person(), Inbox()
    await side.platform.send(anna.address, plain("vorher"), "1")
    await side.platform.close()
    device = side.platform.account.client.device_id
    for file in side.settings.folder.glob("*.sqlite3*"):
        file.unlink()
    reached, side.platform = side.platform.reached, side.again()
    with caplog.at_level(logging.WARNING, "adapters"):
        async with running(side.platform, inbox, reached):
            await side.platform.send(anna.address, plain("nachher"), "2")
            assert await anna.sees() == ["vorher", "nachher"]
            await anna.types("Ich lese dich")
            (event,) = await inbox.has(1)
    assert event.text == "Ich lese dich"
    assert side.platform.account.client.device_id != device
    said = [record.getMessage() for record in caplog.records if record.name.startswith("adapters")]
    assert [line for line in said if "the bot is a new device now" in line]
    assert not [line for line in said if device in line]


async def test_two_programs_never_use_one_set_of_keys(matrix: MatrixSide) -> None:
    anna = await matrix.person()
    second = matrix.again()
    try:
        assert await second.check() == matrix.settings.user  # asking who we are needs no keys
        with pytest.raises(PlatformDown, match="QUARTIERBOTE_MATRIX__FOLDER"):
            await second.send(anna.address, plain("zweimal"), "1")
    finally:
        await second.close()
    await matrix.platform.send(anna.address, plain("einmal"), "1")


async def test_another_secret_than_the_keys_were_locked_with_is_told(matrix: MatrixSide) -> None:
    await matrix.platform.check()
    await matrix.platform.close()
    other = matrix.settings.model_copy(update={"store_secret": SecretStr("another secret, long enough")})
    matrix.platform = matrix.again(other)
    with pytest.raises(LoginRefused, match="QUARTIERBOTE_MATRIX__STORE_SECRET"):
        await matrix.platform.send(matrix.nobody(), plain("x"), "1")


async def end_login(side: MatrixSide) -> None:
    """As an operator does who removes the session."""
    token = side.platform.account.wire.token
    await asyncio.to_thread(side.server.call, "POST", "/_matrix/client/v3/logout", {}, token)


# --- the settings --------------------------------------------------------------------------------------------


def test_nothing_set_is_no_matrix(host: Host) -> None:
    assert build(host) is None


def test_what_is_missing_is_named_with_an_example(host: Host) -> None:
    with pytest.raises(SettingsError) as told:
        build(_replace(host, settings={"homeserver": "https://matrix.example.org"}))
    assert [fault.split(" ")[0] for fault in told.value.faults] == [
        "QUARTIERBOTE_MATRIX__USER",
        "QUARTIERBOTE_MATRIX__PASSWORD",
        "QUARTIERBOTE_MATRIX__STORE_SECRET",
    ]
    assert all("Example: " in fault for fault in told.value.faults)


@pytest.mark.parametrize(
    ("name", "value"),
    [("homeserver", "matrix.example.org"), ("user", "quartierbote"), ("store_secret", "short")],
)
def test_a_bad_value_is_named_and_no_secret_shown(host: Host, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as told:
        build(_replace(host, settings={name: value}))
    assert f"QUARTIERBOTE_MATRIX__{name.upper()}" in str(told.value)
    assert ("short" in str(told.value)) is False


async def test_all_set_is_a_platform(host: Host) -> None:
    settings: dict[str, object] = {
        "homeserver": "https://matrix.example.org/",
        "user": "@bot:example.org",
        "password": "geheim",
        "store_secret": "long enough for a secret",
    }
    platform = build(_replace(host, settings=settings))
    assert isinstance(platform, Matrix)
    assert "geheim" not in repr(MatrixSettings.model_validate(settings))
    await platform.close()
