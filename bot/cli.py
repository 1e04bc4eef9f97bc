"""The command line. Each command is thin: it reads the settings, calls a use case, and prints what came of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from bot import logs
from bot.clock import SystemClock
from bot.process import ProcessRole
from bot.settings import Settings, SettingsError, load_settings

T = TypeVar("T")

ROLES = ("staff", "moderator", "coordinator", "organisation")


_WRONG_SCOPE = {
    "staff": "Staff work at a Treffpunkt, so only --treffpunkt goes with --role staff.",
    "moderator": "Moderators have a Quartier, so only --quartier goes with --role moderator.",
    "coordinator": "A coordinator has the whole city: leave --treffpunkt, --quartier and --organisation out.",
    "organisation": "Only --organisation goes with --role organisation.",
}


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
@click.option(
    "--role",
    type=click.Choice([role.value for role in ProcessRole]),
    default=ProcessRole.ALL.value,
    show_default=True,
    help="With PostgreSQL: what this process does. Any number of each may run.",
)
def run(role: str) -> None:
    """Start: prepare the database, serve the page, answer and deliver. Ctrl-C ends it."""
    settings = _settings()
    from bot.running import serve  # the whole house: settings are looked at before it is brought in

    _do(serve(settings, role=ProcessRole(role)))


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
@click.option("--backup-done", is_flag=True, help="You have a backup already: don't make a copy first.")
@click.option("--to", metavar="URL", help="Move a SQLite city to this empty PostgreSQL instead.")
def migrate_database(*, backup_done: bool, to: str | None) -> None:
    """Bring the database to this version's tables. A copy of what it was is kept in the data folder.

    With --to URL: move everything from SQLite to PostgreSQL. The program must not run meanwhile; the file stays as it
    is. What is broken off leaves nothing there, and can be run again.
    """
    if to is not None:
        from bot.moving.told import move_and_tell

        _do(move_and_tell(_settings(), to))
        return
    from bot.prepare import migrate
    from bot.storage.schema import Standing

    before = _do(migrate(_settings(), backup_done=backup_done))
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
    given = {"staff": treffpunkt, "moderator": quartier, "organisation": organisation}
    scope = given.pop(name, None)
    if any(given.values()):
        raise _Refused(_WRONG_SCOPE[name])
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


@cli.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup_everything(file: Path, *, force: bool) -> None:
    """Put everything into FILE (a .tar.gz), while the program runs or not. Keep it where only you can read it."""
    from bot.backup.make import take

    made = _do(take(_settings(), file, SystemClock(), force=force))
    files = "1 file" if len(made.files) == 1 else f"{len(made.files)} files"
    click.echo(f"{file} holds everything as it was at {made.taken_at:%Y-%m-%d %H:%M:%S} UTC ({files}).")


@cli.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore_everything(file: Path) -> None:
    """Put the backup FILE in the place of what is there. The program must not run meanwhile."""
    from bot.backup.restore import restore

    done = _do(restore(_settings(), file, SystemClock()))
    click.echo(f"Restored: everything as it was at {done.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.")
    if done.aside:
        click.echo(f"What was there before is kept in {done.aside}; delete it once all is well.")
    for name in done.folders:
        click.echo(f"The folder of {name} came back, too.")
    for name in done.kept_folders:
        click.echo(f"The folder of {name} was there and stayed: its keys are newer than the backup's.")
    settled = done.settled
    if settled.unsure:
        click.echo(
            f"{settled.unsure} messages were waiting that may have arrived since: they are treated as after a crash."
            " Announcements are not sent twice; alerts are sent once more, marked so."
        )
    if settled.answers:
        click.echo(f"{settled.answers} unsent answers to people were dropped: what they answered is past.")
    if settled.drafts:
        click.echo(
            f"{settled.drafts} announcements were due meanwhile: they are drafts again, with their authors."
        )
    click.echo(
        "What people did after the backup is gone. Who had everything deleted since is in it again:"
        " if you know of somebody, have them send /delete once more."
    )


@cli.command("link")
@click.option("--quartier", metavar="SLUG", help="Only this Quartier.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write QR codes into this folder."
)
@click.option(
    "--format", "kind", type=click.Choice(["png", "svg", "both"]), default="both", show_default=True
)
def print_links(quartier: str | None, out: Path | None, kind: str) -> None:
    """Links (and QR codes for posters) that open the bot in a Quartier, for every messenger."""
    from bot.posters import draw, posters
    from bot.prepare import prepare

    settings = _settings()
    _do(prepare(settings))
    found = _do(posters(settings, quartier))
    formats = {"png", "svg"} if kind == "both" else {kind}
    for poster in found.links:
        click.echo(f"{poster.quartier}, {poster.platform}: {poster.link}")
        if poster.typed:
            click.echo(f"  (the link only opens the bot there; the person then writes: {poster.typed})")
        for file in _at_once(draw, poster, out, formats) if out else []:
            click.echo(f"  {file}")
    for why in found.missing:
        click.echo(f"(missing: {why})")


@cli.command("figures")
@click.option("--csv", "is_csv", is_flag=True, help="As a table for a spreadsheet.")
def show_figures(*, is_csv: bool) -> None:
    """How many read, announce, ask and report, by Quartier. Figures under 5 are not told."""
    from bot.figures import as_csv, rows
    from bot.prepare import prepare

    settings = _settings()
    _need_database(settings)
    _do(prepare(settings))
    lines = _do(rows(settings))
    if is_csv:
        click.echo(as_csv(lines), nl=False)
        return
    for line in lines:
        click.echo("  ".join(line))


@cli.command("deliveries")
@click.option("--post", "number", metavar="N", type=int, help="Only the post with this number.")
@click.option("--all", "everything", is_flag=True, help="All posts, not only the newest ten.")
@click.option("--json", "is_json", is_flag=True, help="For programs.")
def show_deliveries(number: int | None, *, everything: bool, is_json: bool) -> None:
    """How far each post is: who has it, waits for it, could not get it; how fast it goes; what waits on each lane."""
    from bot.seeing.overview import as_json, look
    from bot.seeing.table import as_table

    settings = _settings()
    _need_database(settings)
    seen = _do(look(settings, number=number, everything=everything))
    if is_json:
        click.echo(json.dumps(as_json(seen), ensure_ascii=False, indent=2))
        return
    for line in as_table(seen):
        click.echo(line)


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


def _need_database(settings: Settings) -> None:
    """A command that only looks makes none."""
    url = settings.database_url
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise _Refused(f"There is no database yet at {url.database}, so there are no figures.")


class _Refused(click.ClickException):
    """One sentence on standard error, and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


class _BadSettings(_Refused):
    exit_code = 2


def _at_once(work: Callable[..., T], *arguments: Any) -> T:
    """The same for a use case that waits for nothing."""

    async def run() -> T:
        return work(*arguments)

    return _do(run())


def _do(work: Coroutine[Any, Any, T]) -> T:
    """Run a use case; what it refuses becomes a sentence, never a traceback."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:  # the last resort: whoever typed the command gets a sentence
        from bot.refusals import refusal

        raise _Refused(refusal(error)) from None
