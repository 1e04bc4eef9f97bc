"""Settings: what is read, who wins, and the sentence an operator gets for each mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from bot.settings import LogLevel, Settings, SettingsError, adapter_section, load_settings
from bot.settings.faults import known_places, spelled
from bot.settings.showing import shown

ADAPTERS = ("matrix", "memory", "telegram", "web")


@pytest.fixture(autouse=True)
def empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours is set, and the working folder is empty."""
    for name in list(os.environ):
        if name.upper().startswith("QUARTIERBOTE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "quartierbote.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def faults() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(ADAPTERS)
    return caught.value.faults


def test_nothing_configured_is_the_demo_with_a_database_of_its_own() -> None:
    settings = load_settings(ADAPTERS)
    assert settings.demo
    assert settings.database_url.database == "data/demo.sqlite3"
    assert settings.web.address == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "value"),
    [("WEB__PORT", "8099"), ("WEB__HOST", "::1"), ("DATA__FOLDER", "elsewhere"), ("LOG__LEVEL", "debug")],
)
def test_where_the_demo_is_shown_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"QUARTIERBOTE_{name}", value)
    assert load_settings(ADAPTERS).demo


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO", "false"),
        ("WEB__HOST", "0.0.0.0"),  # the point of the case
        ("WEB__PUBLIC_URL", "https://quartier.example.org"),
        ("TELEGRAM__TOKEN", "123:abc"),
        ("DATABASE__URL", "sqlite:///own.sqlite3"),
    ],
)
def test_whatever_is_configured_ends_the_unasked_demo(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"QUARTIERBOTE_{name}", value)
    assert not load_settings(ADAPTERS).demo


def test_a_settings_file_ends_the_unasked_demo() -> None:
    write("")
    settings = load_settings(ADAPTERS)
    assert not settings.demo
    assert settings.database_url.render_as_string() == "sqlite+aiosqlite:///data/quartierbote.sqlite3"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[web]\nport = 1111\nhost = "127.0.0.2"\n[telegram]\ntoken = "file"\nbase_url = "http://b"\n')
    monkeypatch.setenv("QUARTIERBOTE_WEB__PORT", "2222")
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "environment")
    settings = load_settings(ADAPTERS)
    assert (settings.web.host, settings.web.port) == ("127.0.0.2", 2222)
    assert settings.platform("telegram") == {"token": "environment", "base_url": "http://b"}


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "")
    monkeypatch.setenv("QUARTIERBOTE_WEB__PORT", "")
    settings = load_settings(ADAPTERS)
    assert settings.demo
    assert settings.platform("telegram") == {}


def test_the_file_can_lie_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_CONFIG", str(write('[log]\nlevel = "error"\n', "other.toml")))
    assert load_settings(ADAPTERS).log.level is LogLevel.ERROR


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_CONFIG", "nowhere.toml")
    assert faults() == (
        "QUARTIERBOTE_CONFIG names nowhere.toml, but there is no such file."
        " Example: QUARTIERBOTE_CONFIG=/etc/quartierbote.toml",
    )


def test_other_sections_go_to_the_adapters_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    write("[matrix]\nrooms = 3\n[matrix.store]\nfolder = 'm'\n")
    monkeypatch.setenv("QUARTIERBOTE_MATRIX__STORE__LIMIT", "7")
    settings = load_settings([*ADAPTERS, "matrix"])
    assert settings.platform("matrix") == {"rooms": 3, "store": {"folder": "m", "limit": "7"}}


def test_the_page_gets_its_typed_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_WEB__TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2")
    assert load_settings(ADAPTERS).platform("web") == {
        "host": "127.0.0.1",
        "port": 8080,
        "public_url": "",
        "trusted_proxies": ("10.0.0.1", "10.0.0.2"),
        "metrics_token": "",
        "metrics_port": 0,
    }


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("sqlite:///x.sqlite3", "sqlite+aiosqlite:///x.sqlite3"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgres://h/d", "postgresql+asyncpg://h/d"),
        ("postgresql+psycopg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_the_database_is_opened_with_our_driver(
    monkeypatch: pytest.MonkeyPatch, given: str, opened: str
) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", given)
    assert load_settings(ADAPTERS).database_url.render_as_string(hide_password=False) == opened


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "QUARTIERBOTE_WEB__PORT",
            "eighty",
            'QUARTIERBOTE_WEB__PORT must be a whole number from 1 to 65535, not "eighty".'
            " Example: QUARTIERBOTE_WEB__PORT=8080",
        ),
        (
            "QUARTIERBOTE_WEB__PORT",
            "70000",
            'QUARTIERBOTE_WEB__PORT must be a whole number from 1 to 65535, not "70000".'
            " Example: QUARTIERBOTE_WEB__PORT=8080",
        ),
        (
            "quartierbote_web__public_url",
            "quartier.example.org",
            "quartierbote_web__public_url must be the page's address as readers type it, with http:// or"
            ' https://, not "quartier.example.org".'
            " Example: QUARTIERBOTE_WEB__PUBLIC_URL=https://quartier.example.org",
        ),
        (
            "QUARTIERBOTE_WEB__TRUSTED_PROXIES",
            "proxy",
            "QUARTIERBOTE_WEB__TRUSTED_PROXIES must be the IP addresses of your reverse proxies, with commas"
            ' between them, not "proxy". Example: QUARTIERBOTE_WEB__TRUSTED_PROXIES=127.0.0.1,10.0.0.5',
        ),
        (
            "QUARTIERBOTE_DEMO",
            "perhaps",
            'QUARTIERBOTE_DEMO must be true or false, not "perhaps". Example: QUARTIERBOTE_DEMO=true',
        ),
        (
            "QUARTIERBOTE_DATABASE__URL",
            "mysql://root:geheim@db/x",
            "QUARTIERBOTE_DATABASE__URL must be the address of a SQLite or PostgreSQL database."
            " Example: QUARTIERBOTE_DATABASE__URL=sqlite:///data/quartierbote.sqlite3",
        ),
        (
            "QUARTIERBOTE_DATABASE__CONNECTIONS",
            "5",
            "QUARTIERBOTE_DATABASE__CONNECTIONS must be the most connections one process opens, from 6 to 1000, or 0"
            ' for what its role needs, not "5". Example: QUARTIERBOTE_DATABASE__CONNECTIONS=20',
        ),
        (
            "QUARTIERBOTE_WEBB__PORT",
            "80",
            "QUARTIERBOTE_WEBB__PORT is not a setting. Did you mean QUARTIERBOTE_WEB__PORT?",
        ),
        (
            "QUARTIERBOTE_WEB__PROT",
            "80",
            "QUARTIERBOTE_WEB__PROT is not a setting. Did you mean QUARTIERBOTE_WEB__PORT?",
        ),
        (
            "QUARTIERBOTE_TELEGRAM_TOKEN",
            "123:geheim",
            "QUARTIERBOTE_TELEGRAM_TOKEN is not a setting. Did you mean QUARTIERBOTE_TELEGRAM__?",
        ),
        (
            "QUARTIERBOTE_XYZZY",
            "1",
            "QUARTIERBOTE_XYZZY is not a setting. docs/settings.md lists them all.",
        ),
        (
            "QUARTIERBOTE_DATABASE",
            "sqlite:///geheim",
            "QUARTIERBOTE_DATABASE is a section, not a setting. Name the setting too."
            " Example: QUARTIERBOTE_WEB__PORT=8080",
        ),
    ],
)
def test_a_mistake_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    assert faults() == (sentence,)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[web]\nport = 0\n",
            'quartierbote.toml: "port" under [web] must be a whole number from 1 to 65535, not 0.'
            " Example: port = 8080",
        ),
        (
            '[log]\nlevel = "loud"\n',
            'quartierbote.toml: "level" under [log] must be one of debug, info, warning, error, not "loud".'
            ' Example: level = "info"',
        ),
        ("web = 3\n", 'quartierbote.toml: "web" must be a table of settings. Example: [web]'),
        ("[webb]\nport = 1\n", "quartierbote.toml: [webb] is not a setting. Did you mean web?"),
        ("demmo = true\n", 'quartierbote.toml: "demmo" is not a setting. Did you mean demo?'),
        ("telegram = 1\n", 'quartierbote.toml: "telegram" is not a setting. Did you mean telegram?'),
    ],
)
def test_a_mistake_in_the_file(text: str, sentence: str) -> None:
    write(text)
    assert faults() == (sentence,)


def test_a_file_that_is_no_toml_names_the_line() -> None:
    write("[web]\nport 80\n")
    (fault,) = faults()
    assert fault.startswith("quartierbote.toml can't be read as TOML:")
    assert "line 2" in fault


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_WEB__PORT", "x")
    monkeypatch.setenv("QUARTIERBOTE_LOG__LEVEL", "x")
    assert len(faults()) == 2


def test_the_demo_refuses_tokens_and_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DEMO", "1")
    monkeypatch.setenv("QUARTIERBOTE_WEB__HOST", "192.0.2.7")
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "123:geheim")
    assert faults() == (
        "QUARTIERBOTE_WEB__HOST: the demo is shown on this machine only. Example: QUARTIERBOTE_WEB__HOST=127.0.0.1",
        "QUARTIERBOTE_TELEGRAM__TOKEN: the demo writes to no real messenger."
        " Remove it, or set QUARTIERBOTE_DEMO=false",
    )


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "123:geheim")
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", "postgresql://u:p4ss@h/d")
    settings = load_settings(ADAPTERS)
    assert settings.secrets() == {"123:geheim", "p4ss"}
    assert not [secret for secret in settings.secrets() if secret in f"{settings!r}{settings}"]


def test_settings_built_in_code_ignore_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_WEB__PORT", "2222")
    assert Settings(demo=True).web.port == 8080


class Doors(BaseModel):
    """An adapter's section, as an adapter would bring it."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(min_length=3, description="what the BotFather gave you", examples=["123:abc"])
    speed: int = Field(default=1, description="a whole number", examples=["30"])


def test_an_adapters_section_is_told_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_DOORS__TOKEN", "xy")
    with pytest.raises(SettingsError) as caught:
        adapter_section(Doors, "doors", {"token": "xy", "sped": 1})
    assert caught.value.faults == (
        "QUARTIERBOTE_DOORS__TOKEN must be what the BotFather gave you. Example: QUARTIERBOTE_DOORS__TOKEN=123:abc",
        "QUARTIERBOTE_DOORS__SPED is not a setting. Did you mean QUARTIERBOTE_DOORS__SPEED?",
    )
    with pytest.raises(
        SettingsError, match="QUARTIERBOTE_DOORS__TOKEN is missing: what the BotFather gave you"
    ):
        adapter_section(Doors, "doors", {})


@pytest.mark.parametrize(
    ("host", "address", "loopback"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080", True),
        ("::1", "http://[::1]:8080", True),
        ("localhost", "http://localhost:8080", True),
        ("0.0.0.0", "http://127.0.0.1:8080", False),  # read, not listened on
        ("::", "http://[::1]:8080", False),
        ("quartier.example.org", "http://quartier.example.org:8080", False),
    ],
)
def test_the_pages_address(host: str, address: str, loopback: bool) -> None:
    settings = Settings.model_validate({"web": {"host": host}})
    assert (settings.web.address, settings.web.is_loopback) == (address, loopback)


ROOT = Path(__file__).parents[2]


def test_the_example_can_be_used_as_it_is_and_with_every_line() -> None:
    example = (ROOT / "quartierbote.example.toml").read_text(encoding="utf-8")
    write(example)
    assert not load_settings(ADAPTERS).demo
    write("\n".join(line.removeprefix("#") if "=" in line[:20] else line for line in example.splitlines()))
    settings = load_settings(ADAPTERS)
    assert settings.web.trusted_proxies == ("127.0.0.1",)
    assert settings.platform("telegram")["base_url"] == "https://api.telegram.org"


def test_every_setting_is_in_the_example_and_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = (ROOT / "quartierbote.example.toml").read_text(encoding="utf-8")
    places = list(known_places(Settings))
    assert len(places) > 8
    assert [place for place in places if f"`{spelled(place)}`" not in documented] == []
    assert [place for place in places if f"#{place[-1]} = " not in example] == []


def test_settings_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__TOKEN", "123:geheim")
    monkeypatch.setenv("QUARTIERBOTE_DATABASE__URL", "postgresql://u:p4ss@h/d")
    lines = list(shown(load_settings(ADAPTERS)))
    assert "telegram.token = (set, not shown)" in lines
    assert "database.url = postgresql+asyncpg://u:***@h/d" in lines
    assert "web.port = 8080" in lines
    assert "geheim" not in str(lines)
    assert "p4ss" not in str(lines)
