"""The command line. Each command is thin: it reads the settings, calls a use case, and prints what came of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from datetime import timedelta
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from bot import logs
from bot.settings import Settings, SettingsError, load_settings

T = TypeVar("T")

ROLES = ("staff", "moderator", "coordinator", "organisation")


class Commands(click.Group):
    """Our commands, and those that adapters bring in a list `commands` beside their entry point."""

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or _of_adapters().get(name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *sorted(_of_adapters())]


def _of_adapters() -> dict[str, click.Command]:
    modules = (import_module(entry.module) for entry in entry_points(group="quartierbote.adapters"))
    return {command.name or "": command for module in modules for command in getattr(module, "commands", [])}


@click.group(cls=Commands)
@click.version_option(package_name="quartierbote", prog_name="quartierbote")
def cli() -> None:
    """Quartierbote carries a neighbourhood's communication.

    Settings come from quartierbote.toml and the environment; docs/settings.md explains them.
    """


@cli.command()
def run() -> None:
    """Start: prepare the database, serve the page, answer and deliver. Ctrl-C ends it."""
    settings = _settings()
    from bot.running import serve  # the whole house: settings are looked at before it is brought in

    _do(serve(settings))


@cli.command("check")
def check_everything() -> None:
    """Say in plain words whether everything is there: settings, database, languages, city, logins."""
    from bot.check import check

    async def show(settings: Settings) -> bool:
        good = True
        async for finding in check(settings):
            click.echo(finding)
            good = good and finding.good
        return good

    if not _do(show(_settings())):
        sys.exit(1)


@cli.command("migrate")
def migrate_database() -> None:
    """Bring the database to this version's tables."""
    from bot.prepare import migrate
    from bot.storage.schema import Standing

    before = _do(migrate(_settings()))
    click.echo("Nothing to do." if before is Standing.CURRENT else "The database is up to date now.")


@cli.group()
def city() -> None:
    """The city: its Quartiere, Treffpunkte, offers and rules."""


@city.command("load")
@click.argument("file", type=click.Path(path_type=Path))
def city_load(file: Path) -> None:
    """Apply a city's FILE. Again and again: what people did stays."""
    from bot.operate import load_city
    from bot.prepare import prepare_tables

    settings = _settings()
    _do(prepare_tables(settings))
    report = _do(load_city(settings, file))
    for word, parts in (("new", report.added), ("changed", report.changed), ("retired", report.retired)):
        for part in parts:
            click.echo(f"{word}: {part}")
    click.echo("Nothing changed." if report.nothing else "The city is loaded.")


@cli.group()
def role() -> None:
    """Who may announce, moderate and coordinate."""


@role.command("invite")
@click.option("--role", "name", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.option("--treffpunkt", metavar="SLUG", help="For staff: where they work.")
@click.option("--quartier", metavar="SLUG", help="For moderators: where they moderate.")
@click.option("--organisation", metavar="SLUG", help="For organisations: in whose name they propose posts.")
@click.option(
    "--days", type=click.IntRange(1, 30), default=7, show_default=True, help="How long the code is good."
)
def role_invite(
    name: str, treffpunkt: str | None, quartier: str | None, organisation: str | None, days: int
) -> None:
    """Print a one-time code, and links that open the bot with it."""
    from bot.operate import invite
    from bot.people.model import Role
    from bot.prepare import prepare

    settings = _settings()
    scope = {"staff": treffpunkt, "moderator": quartier, "organisation": organisation}.get(name)
    _do(prepare(settings))
    invitation = _do(invite(settings, Role(name), scope, timedelta(days=days)))
    click.echo(f"Code for {invitation.role}, good once and for {days} days: {invitation.code}")
    if invitation.links:
        click.echo(f"The person opens one of these links, or writes to the bot: /role {invitation.code}")
    else:
        click.echo(f"The person writes to the bot: /role {invitation.code}")
    for link in invitation.links:
        click.echo(f"  {link}")
    if not invitation.links and not invitation.unreachable:
        click.echo("  (no messenger is set up yet where somebody could hold a role: see docs/settings.md)")
    for platform in invitation.unreachable:
        click.echo(f"  ({platform} can't be reached just now, so its link is missing)")


@role.command("list")
def role_list() -> None:
    """Every role that is held, with its number. People have no names here."""
    from bot.operate import roles
    from bot.prepare import prepare

    settings = _settings()
    _do(prepare(settings))
    held = _do(roles(settings))
    for each in held:
        click.echo(f"{each.number}  {each.role}")
    if not held:
        click.echo("Nobody holds a role yet. Example: quartierbote role invite --role coordinator")


@role.command("revoke")
@click.argument("number", type=int)
def role_revoke(number: int) -> None:
    """Take a role back by its NUMBER (see: quartierbote role list)."""
    from bot.operate import revoke
    from bot.prepare import prepare

    settings = _settings()
    _do(prepare(settings))
    if not _do(revoke(settings, number)):
        raise click.ClickException(f"There is no role number {number}. All numbers: quartierbote role list")
    click.echo("The role is taken back.")


@cli.command("audit")
@click.option(
    "--last", type=click.IntRange(0, 10_000), default=50, show_default=True, help="How many to show."
)
def show_audit(last: int) -> None:
    """Check the log of moderation, and show its last steps. It names nobody."""
    from bot.operate import audit
    from bot.prepare import prepare

    settings = _settings()
    _do(prepare(settings))
    log = _do(audit(settings, last))
    for line in log.lines:
        click.echo(line)
    if log.broken_at is not None:
        raise click.ClickException(
            f"The log is not as it was written: entry {log.broken_at} doesn't follow from the one before."
        )
    click.echo(f"The log is whole: {log.entries} entries.")


@cli.command("settings")
def show_settings() -> None:
    """Show what is set. Secrets are only said to be set."""
    from bot.settings.showing import shown

    for line in shown(_settings()):
        click.echo(line)


def main() -> None:
    """The command `quartierbote`."""
    cli(prog_name="quartierbote")


def _settings() -> Settings:
    """The settings, and logging as they say. Bad ones end the command with exit code 2."""
    try:
        read = load_settings()
    except SettingsError as error:
        raise _BadSettings(str(error)) from None
    logs.set_up(read.log, read.secrets())
    return read


class _Refused(click.ClickException):
    """One sentence on standard error, and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


class _BadSettings(_Refused):
    exit_code = 2


def _do(work: Coroutine[Any, Any, T]) -> T:
    """Run a use case; what it refuses becomes a sentence, never a traceback."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:  # the last resort: whoever typed the command gets a sentence
        from bot.refusals import refusal

        raise _Refused(refusal(error)) from None
