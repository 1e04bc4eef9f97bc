"""Writes the next migration from what the models say and the history doesn't: `python -m migrations.make "message"`.

`--afresh` throws the history away and writes it as one first step: only before the first release.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from alembic import command
from sqlalchemy import Connection

from bot.storage import Database, schema

HERE = Path(__file__).parent
VERSIONS = HERE / "versions"


@click.command()
@click.argument("message")
@click.option("--afresh", is_flag=True, help="Throw the history away first. Only before the first release.")
def main(message: str, *, afresh: bool) -> None:
    """Write the next migration. Read it before you commit it."""
    written = asyncio.run(make(message, afresh=afresh))
    for tidy in (["format"], ["check", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", "-q", *tidy, written], check=True)  # noqa: S603
    click.echo(f"{written}: read it, then run the tests of the migrations.")


async def make(message: str, *, afresh: bool) -> Path:
    """The file of the next step, generated against a database that has all steps so far."""
    if afresh:
        for old in VERSIONS.glob("[0-9]*.py"):
            old.unlink()
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")[:40]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{folder}/history.sqlite3")
        if number != "0001":
            await schema.upgrade(database, folder=HERE)
        await schema.beside(database, lambda connection: _revise(connection, message, number))
        await database.close()
    generated = next(VERSIONS.glob(f"{number}_*.py"))
    return generated.rename(VERSIONS / f"{number}_{slug}.py")


def _revise(connection: Connection, message: str, number: str) -> None:
    command.revision(schema.configuration(connection, HERE), message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main()
