"""The limits an operator sets: they reach the platform, and a mistake is called by its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.telegram import TelegramSettings, limits
from adapters.telegram.platform import LIMITS, PAID_LIMITS
from bot.contract import Limits
from bot.settings import SettingsError, adapter_section, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def limits_of_telegram() -> Limits:
    section = load_settings(["telegram"]).platform("telegram")
    return limits(adapter_section(TelegramSettings, "telegram", section))


def test_what_is_not_set_is_the_platforms_own() -> None:
    assert limits_of_telegram() == LIMITS


def test_file_and_environment_set_them_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("quartierbote.toml").write_text(
        "[telegram.limits]\nper_second = 1000\nin_flight = 60\n", encoding="utf-8"
    )
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__LIMITS__IN_FLIGHT", "120")
    assert limits_of_telegram() == Limits(
        per_second=1000, per_chat_per_second=1, per_room_per_minute=20, in_flight=120
    )


@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf"])
def test_a_limit_that_is_none_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECOND", value)
    with pytest.raises(SettingsError) as refused:
        limits_of_telegram()
    assert str(refused.value) == (
        "QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECOND must be a number greater than 0, at most 10000, "
        f'not "{value}". Example: QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECOND=30'
    )


def test_a_misspelled_limit_is_no_limit_that_silently_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECONDS", "20")
    with pytest.raises(SettingsError, match="Did you mean QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECOND"):
        limits_of_telegram()


def test_who_pays_telegram_sends_a_thousand_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__PAID_BROADCAST", "true")
    assert limits_of_telegram() == PAID_LIMITS == replace(LIMITS, per_second=1000, in_flight=200)
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__LIMITS__PER_SECOND", "300")
    assert limits_of_telegram().per_second == 300
    monkeypatch.setenv("QUARTIERBOTE_TELEGRAM__PAID_BROADCAST", "perhaps")
    with pytest.raises(SettingsError, match="QUARTIERBOTE_TELEGRAM__PAID_BROADCAST must be true or false"):
        limits_of_telegram()
