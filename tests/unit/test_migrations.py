"""The history of the tables: it leads to what the models say, and loses no row on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, inspect, text

from bot.files import shipped
from bot.storage import Base, Database, UTCDateTime, schema
from bot.storage.schema import BrokenReferencesError, Standing
from bot.tables import metadata

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of the kind the test asks for."""
    kind: str = request.param
    url = (
        f"sqlite+aiosqlite:///{tmp_path}/test.sqlite3"
        if kind == "sqlite"
        else request.getfixturevalue("empty_postgres_url")
    )
    opened = Database(url)
    yield opened
    await opened.close()


def differences(connection: Connection, models: MetaData) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return list(compare_metadata(context, models))


async def compared(database: Database, models: MetaData) -> list[object]:
    async with database.engine.connect() as connection:
        return await connection.run_sync(differences, models)


@pytest.mark.parametrize("database", DATABASES, indirect=True)
async def test_models_equal_migrations(database: Database) -> None:
    await schema.upgrade(database)
    assert await compared(database, metadata()) == []


@pytest.mark.parametrize("database", DATABASES, indirect=True)
async def test_the_comparison_finds_a_forgotten_column_and_type(database: Database) -> None:
    await schema.upgrade(database)
    changed = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in metadata().sorted_tables:
        table.to_metadata(changed)
    changed.tables["chat"].append_column(Column("forgotten", UTCDateTime))
    changed.tables["chat"].c.address.type = Integer()
    found = str(await compared(database, changed))
    assert "forgotten" in found
    assert "modify_type" in found


@pytest.mark.parametrize("database", DATABASES, indirect=True)
async def test_check_constraints_and_partial_indexes_are_in_the_history(database: Database) -> None:
    """Alembic compares neither, so the definitions themselves are compared with those the models make."""
    await schema.upgrade(database)
    migrated = await conditions(database)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata().drop_all)
        await connection.run_sync(metadata().create_all)
    assert migrated == await conditions(database)
    assert migrated != {}


async def conditions(database: Database) -> dict[str, object]:
    """Every check, and every index's condition, by table."""

    def read(connection: Connection) -> dict[str, object]:
        inspector = inspect(connection)
        found: dict[str, object] = {}
        for table in metadata().tables:
            checks = sorted(str(check["sqltext"]) for check in inspector.get_check_constraints(table))
            indexes = sorted(
                (
                    str(index["name"]),
                    str(sorted((key, str(value)) for key, value in index["dialect_options"].items())),
                )
                for index in inspector.get_indexes(table)
                if index.get("dialect_options")
            )
            if checks or indexes:
                found[table] = (checks, indexes)
        return found

    async with database.engine.connect() as connection:
        return await connection.run_sync(read)


@pytest.mark.parametrize("database", DATABASES, indirect=True)
async def test_where_a_database_stands(database: Database) -> None:
    assert await schema.standing(database) is Standing.EMPTY
    await schema.upgrade(database)
    assert await schema.standing(database) is Standing.CURRENT
    for revision, expected in (("0000", Standing.BEHIND), ("9999", Standing.AHEAD)):
        async with database.write() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        assert await schema.standing(database) is expected


@pytest.mark.parametrize("database", DATABASES, indirect=True)
async def test_migrating_again_changes_nothing(database: Database) -> None:
    await schema.upgrade(database)
    async with database.write() as session:
        await session.execute(text("INSERT INTO counter (name, value) VALUES ('kept', 7)"))
    await schema.upgrade(database)
    async with database.read() as session:
        assert await session.scalar(text("SELECT value FROM counter WHERE name = 'kept'")) == 7


def history(folder: Path, second: str) -> Path:
    """A made-up history of two steps: two tables that refer to each other, then `second`."""
    (folder / "versions").mkdir()
    ours = Path(shipped("migrations"))
    (folder / "env.py").write_text((ours / "env.py").read_text(encoding="utf-8"), encoding="utf-8")
    head = "import sqlalchemy as sa\nfrom alembic import op\n"
    (folder / "versions" / "0001_two_tables.py").write_text(
        head + "revision, down_revision = '0001', None\n\ndef upgrade():\n"
        "    op.create_table('parent', sa.Column('id', sa.Integer, primary_key=True), sa.Column('old', sa.Integer))\n"
        "    op.create_table('child', sa.Column('id', sa.Integer, primary_key=True),\n"
        "        sa.Column('parent', sa.Integer, sa.ForeignKey('parent.id', ondelete='CASCADE')))\n"
    )
    (folder / "versions" / "0002_change.py").write_text(
        head + f"revision, down_revision = '0002', '0001'\n\ndef upgrade():\n    {second}\n"
    )
    return folder


async def with_a_child(database: Database, folder: Path) -> None:
    await schema.upgrade(database, "0001", folder=folder)
    async with database.write() as session:
        await session.execute(text("INSERT INTO parent (id, old) VALUES (1, 2)"))
        await session.execute(text("INSERT INTO child (id, parent) VALUES (10, 1)"))


DROP_A_COLUMN = "with op.batch_alter_table('parent', recreate='always') as batch: batch.drop_column('old')"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_rows_that_refer_to_a_changed_table_survive(database: Database, tmp_path: Path) -> None:
    folder = history(tmp_path, DROP_A_COLUMN)
    await with_a_child(database, folder)
    await schema.upgrade(database, folder=folder)
    async with database.read() as session:
        assert (await session.execute(text("SELECT id, parent FROM child"))).all() == [(10, 1)]
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_with_foreign_keys_on_a_migration_refuses_to_run(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = history(tmp_path, DROP_A_COLUMN)
    await with_a_child(database, folder)

    async def forget(*_: object, **__: object) -> None:
        """Leaves them on."""

    monkeypatch.setattr(schema, "_foreign_keys", forget)
    with pytest.raises(RuntimeError, match="foreign keys are on"):
        await schema.upgrade(database, folder=folder)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_migration_that_breaks_a_reference_is_undone_whole(
    database: Database, tmp_path: Path
) -> None:
    folder = history(tmp_path, "op.execute('DELETE FROM parent')")
    await with_a_child(database, folder)
    with pytest.raises(BrokenReferencesError, match="child → parent"):
        await schema.upgrade(database, folder=folder)
    async with database.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM parent")) == 1
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == "0001"


def test_the_history_is_one_line_of_numbers() -> None:
    files = sorted((shipped("migrations") / "versions").glob("[0-9]*.py"))
    assert [path.name[:4] for path in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert schema.head() == files[-1].name[:4]


async def test_keys_of_adapters_are_compared_by_their_bytes(empty_postgres_url: str) -> None:
    """Alembic doesn't compare this either; without it a listing reads everybody's keys."""
    database = Database(empty_postgres_url)
    await schema.upgrade(database)
    asked = (
        "SELECT collation_name FROM information_schema.columns"
        " WHERE table_name = 'adapter_store' AND column_name = 'key'"
    )
    async with database.read() as session:
        assert await session.scalar(text(asked)) == "C"
    await database.close()
