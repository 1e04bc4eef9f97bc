"""The command line: what operators read, and that a mistake is a sentence, never a traceback."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import sqlite3
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from bot import cli, logs, running
from bot.refusals import refusal
from bot.settings import Settings
from bot.storage import Database

CITY = Path(__file__).parents[2] / "cities" / "hameln.toml"


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("QUARTIERBOTE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "set_up", lambda *_: None)


@pytest.fixture
def a_city(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the demo: a database of its own, and no messenger."""
    monkeypatch.setenv("QUARTIERBOTE_DEMO", "false")


def call(line: str) -> Result:
    """Run a command; whatever isn't a sentence and an exit code fails the test."""
    result = CliRunner().invoke(cli.cli, line.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_version() -> None:
    assert call("--version").output.startswith("quartierbote, version ")


@pytest.mark.parametrize(
    "line", ["run", "check", "migrate", "settings", "audit", "role list", "deliveries", "city load x.toml"]
)
def test_bad_settings_stop_every_command_with_a_sentence(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setenv("QUARTIERBOTE_WEB__PORT", "eighty")
    result = call(line)
    assert result.exit_code == 2
    assert result.stderr == (
        'QUARTIERBOTE_WEB__PORT must be a whole number from 1 to 65535, not "eighty".'
        " Example: QUARTIERBOTE_WEB__PORT=8080\n"
    )


def test_settings_are_listed() -> None:
    assert "database.url = sqlite+aiosqlite:///data/demo.sqlite3\n" in call("settings").output


@pytest.mark.usefixtures("a_city")
def test_migrating_twice() -> None:
    assert call("migrate").output == "The database is up to date now.\n"
    assert call("migrate").output == "Nothing to do.\n"


def test_a_database_that_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", "postgresql://u:geheim@127.0.0.1:1/city")
    result = call("migrate")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database 127.0.0.1/city can't be used")
    assert "geheim" not in result.output


@pytest.mark.usefixtures("a_city")
def test_loading_a_city_again_changes_nothing() -> None:
    first = call(f"city load {CITY}")
    assert "new: city hameln" in first.output
    assert first.output.endswith("The city is loaded.\n")
    assert call(f"city load {CITY}").output == "Nothing changed.\n"


@pytest.mark.usefixtures("a_city")
def test_a_city_file_that_is_not_there() -> None:
    result = call("city load nowhere.toml")
    assert result.exit_code == 1
    assert "nowhere.toml" in result.stderr


@pytest.mark.usefixtures("a_city")
def test_inviting_an_organisation() -> None:
    invited = call("role invite --role organisation --organisation sam")
    assert "Code for organisation of SAM e.V., good once" in invited.output
    refused = call("role invite --role organisation --organisation nobody")
    assert "--organisation must be one of:" in refused.stderr


@pytest.mark.usefixtures("a_city")
def test_inviting_listing_revoking() -> None:
    invited = call("role invite --role staff --treffpunkt kaisers")
    assert invited.exit_code == 0, invited.output
    assert re.search(r"Code for staff of \S.*, good once and for 7 days: [A-Z2-9]{10}\n", invited.output)
    assert "Nobody holds a role yet" in call("role list").output
    assert call("role revoke 1").exit_code == 1


def test_an_empty_postgresql_is_set_up_and_one_behind_waits_for_its_operator(
    monkeypatch: pytest.MonkeyPatch, empty_postgres_url: str
) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", empty_postgres_url)
    assert call("role list").exit_code == 0
    execute(empty_postgres_url, "UPDATE alembic_version SET version_num = '0000'")
    result = call("role list")
    assert result.exit_code == 1
    assert result.stderr == (
        "This database has the tables of an older version. Make a backup, then: quartierbote migrate\n"
    )


def execute(url: str, statement: str) -> None:
    async def run() -> None:
        database = Database(url)
        async with database.write() as session:
            await session.execute(text(statement))
        await database.close()

    asyncio.run(run())


@pytest.mark.usefixtures("a_city")
def test_an_invitation_says_when_no_messenger_can_take_it() -> None:
    assert "no messenger is set up yet" in call("role invite --role coordinator").output


@pytest.mark.usefixtures("a_city")
def test_an_invitation_holds_without_the_link_of_a_messenger_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__BASE_URL", "http://127.0.0.1:9")
    result = call("role invite --role coordinator")
    assert result.exit_code == 0
    assert "(telegram can't be reached just now, so its link is missing)" in result.output
    checked = call("check")
    assert checked.exit_code == 1
    assert "✗ wrong  telegram: " in checked.output


@pytest.mark.usefixtures("a_city")
@pytest.mark.parametrize("line", ["--role staff", "--role staff --treffpunkt nowhere", "--role moderator"])
def test_an_unknown_scope_is_told_with_those_there_are(line: str) -> None:
    result = call(f"role invite {line}")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "--treffpunkt must be one of:" if "staff" in line else "--quartier must be one of:"
    )


@pytest.mark.usefixtures("a_city")
def test_check_before_anything_is_there_and_after() -> None:
    before = call("check")
    assert before.exit_code == 1
    assert (
        "✗ wrong  database: sqlite answers, but it has no tables yet. Run: quartierbote migrate"
        in before.output
    )
    call(f"city load {CITY}")
    after = call("check").output
    assert "✓ good   database: sqlite answers, is up to date and undamaged" in after
    assert "✓ good   city: Hameln" in after
    assert "✓ good   duties: imprint, privacy contact and rules are there" in after
    assert "✓ good   web: " in after


@pytest.mark.usefixtures("a_city")
def test_a_database_of_a_newer_version_is_left_alone() -> None:
    call("migrate")
    with sqlite3.connect("data/quartierbote.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for line in ("migrate", "role list", "run"):
        result = call(line)
        assert result.exit_code == 1
        assert "newer version" in result.stderr


def test_the_demo_and_a_city_never_share_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", "sqlite:///data/one.sqlite3")
    assert call("role list").exit_code == 0
    monkeypatch.setenv("QUARTIERBOTE_DEMO", "true")
    result = call("role list")
    assert result.exit_code == 1
    assert result.stderr.startswith("This is a city's database; the demo needs its own.")


def test_a_taken_port_is_told_before_anything_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers(*_: object) -> bool:
        return True

    monkeypatch.setattr(running, "_answers", answers)
    result = call("run")
    assert result.exit_code == 1
    assert result.stderr == (
        "Another program already answers on 127.0.0.1, port 8080. End it, or choose another port."
        " Example: QUARTIERBOTE_WEB__PORT=8081\n"
    )
    assert not Path("data").exists()


def test_what_nobody_foresaw_is_a_sentence_without_words_of_others() -> None:
    group = ExceptionGroup("", [ExceptionGroup("", [KeyError("Frau Schmidt")])])
    assert refusal(group) == (
        "Something went wrong inside the program (ExceptionGroup). The lines above say where: please report them."
    )


def test_the_welcome_says_where_the_page_is() -> None:
    assert "http://127.0.0.1:8080/demo" in running.welcome(Settings(demo=True))
    assert "http://127.0.0.1:8080/\n" in running.welcome(Settings())


def test_an_adapter_can_bring_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("ring")
    def ring() -> None:
        click.echo("ring ring")

    monkeypatch.setattr(cli, "_of_adapters", lambda: {"ring": ring})
    assert call("ring").output == "ring ring\n"
    assert "ring" in call("--help").output


def test_an_unknown_command_is_a_sentence() -> None:
    result = call("fly")
    assert result.exit_code == 2
    assert "No such command 'fly'" in result.stderr


def test_ctrl_c_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(work: object) -> None:
        work.close()  # type: ignore[attr-defined]  # a coroutine that is never run
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run", interrupted)
    result = CliRunner().invoke(cli.cli, ["migrate"])
    assert result.exit_code == 130


@pytest.mark.usefixtures("a_city")
def test_the_log_of_moderation_is_checked() -> None:
    assert call("audit").output.endswith("The log is whole: 0 entries.\n")


@pytest.mark.usefixtures("a_city")
def test_a_scope_that_does_not_belong_to_the_role_is_refused() -> None:
    refused = call("role invite --role coordinator --quartier suedstadt")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("A coordinator has the whole city")


@pytest.mark.usefixtures("a_city")
def test_figures_of_nothing_say_that_there_is_no_database() -> None:
    refused = call("figures")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("There is no database yet at ")


@pytest.mark.usefixtures("a_city")
def test_an_unreachable_matrix_server_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("QUARTIERBOTE_MATRIX__HOMESERVER", "http://127.0.0.1:1")
    monkeypatch.setenv("QUARTIERBOTE_MATRIX__USER", "@bot:example.org")
    monkeypatch.setenv("QUARTIERBOTE_MATRIX__PASSWORD", "geheim")
    monkeypatch.setenv("QUARTIERBOTE_MATRIX__STORE_SECRET", "b" * 44)
    call(f"city load {CITY}")
    said = call("check").output
    gc.collect()
    assert "the address in QUARTIERBOTE_MATRIX__HOMESERVER" in said
    assert "Unclosed" not in caplog.text
