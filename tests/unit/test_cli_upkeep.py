"""The commands of whoever looks after the machine: backup, restore, link, figures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import cli, logs


@pytest.fixture(autouse=True)
def a_city(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("QUARTIERBOTE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("QUARTIERBOTE_DEMO", "false")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logs, "set_up", lambda *_: None)


def call(line: str) -> Result:
    result = CliRunner().invoke(cli.cli, line.split())
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_a_backup_and_back() -> None:
    before = call("backup all.tar.gz")
    assert (before.exit_code, before.stderr) == (
        1,
        "There is no database yet at data/quartierbote.sqlite3.\n",
    )
    call("role list")
    assert "all.tar.gz holds everything as it was at " in call("backup all.tar.gz").output
    assert "is there already" in call("backup all.tar.gz").stderr
    assert call("backup --force all.tar.gz").exit_code == 0
    back = call("restore all.tar.gz").output
    assert "Restored: everything as it was at " in back
    assert "What was there before is kept in data/quartierbote.before-restore-" in back
    assert "have them send /delete once more" in back
    assert call("restore nowhere.tar.gz").stderr == "There is no file nowhere.tar.gz.\n"
    assert call("role list").exit_code == 0


def test_links_and_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = call("link")
    assert alone.exit_code == 1
    assert "There is no link to print." in alone.stderr
    assert "QUARTIERBOTE_WEB__PUBLIC_URL=https://quartier.example.org" in alone.stderr
    monkeypatch.setenv("QUARTIERBOTE_WEB__PUBLIC_URL", "https://quartier.example.org")
    made = call("link --quartier suedstadt --out posters --format png")
    assert "Südstadt, web: https://quartier.example.org/chat?start=q_suedstadt\n" in made.output
    assert [path.name for path in Path("posters").iterdir()] == ["suedstadt-web.png"]


def test_figures_as_a_table() -> None:
    call("migrate")
    lines = call("figures --csv").output.splitlines()
    assert lines[0] == "period,from,to,quartier,kind,count"
    assert {line.split(",")[-1] for line in lines[1:]} == {"<5"}
    assert len(call("figures").output.splitlines()) == len(lines) - 1
