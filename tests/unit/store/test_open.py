"""Opening: a new file, an old one, one from the future, one that is broken, one that is not ours."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import console.store
from console.errors import ConsoleError
from console.store import Store, schema
from console.store.engine import url_of
from tests.unit.store.support import NOON, keep, running, station


async def test_a_new_file_is_made_for_the_owner_alone_and_says_so(tmp_path: Path) -> None:
    lines: list[str] = []
    path = tmp_path / "site" / "data.db"
    await Store.open(path, lines.append).close()
    assert lines[0] == "data format 0001: the first tables"
    assert len(lines) == int(schema.REVISION)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["data.db"]


async def test_opening_again_migrates_nothing_and_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    async with running(path) as store:
        await keep(store, station("CP-1"))
        first = store.load(NOON)
    lines: list[str] = []
    store = Store.open(path, lines.append)
    again = store.load(NOON)
    await store.close()
    assert lines == []
    assert again == first
    assert len(again.id_secret) == 16


async def test_two_sites_have_different_secrets(tmp_path: Path) -> None:
    secrets = set()
    for name in ("a.db", "b.db"):
        store = Store.open(tmp_path / name)
        secrets.add(store.load(NOON).id_secret)
        await store.close()
    assert len(secrets) == 2


async def test_migrations_make_what_the_schema_says(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    await Store.open(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    made = _definitions(path)
    engine.dispose()
    engine = create_engine(f"sqlite:///{tmp_path / 'metadata.db'}")
    schema.metadata.create_all(engine)
    engine.dispose()
    assert {name: sql for name, sql in made.items() if name != "alembic_version"} == _definitions(
        tmp_path / "metadata.db"
    )


def _definitions(path: Path) -> dict[str, str]:
    """Every table and index with its definition, partial indexes' conditions included."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: " ".join(sql.replace("\t", " ").split()) for name, sql in found if not name.startswith("sqlite_")}


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(console.store.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


async def test_data_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    await Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(ConsoleError, match="newer version") as caught:
        Store.open(path)
    assert "9999" in caught.value.message
    assert "Install that version" in caught.value.hint


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    path.write_bytes(b"dear diary\n" * 1000)
    with pytest.raises(ConsoleError, match="no database") as caught:
        Store.open(path)
    assert caught.value.hint
    assert path.read_bytes() == b"dear diary\n" * 1000


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    await Store.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(ConsoleError, match="damaged"):
        Store.open(path)


def test_another_programs_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(ConsoleError, match="another program"):
        Store.open(path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConsoleError, match="cannot be made"):
        Store.open(tmp_path / "file" / "data.db")


def test_a_folder_in_the_files_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "data.db").mkdir()
    with pytest.raises(ConsoleError, match="cannot be opened"):
        Store.open(tmp_path / "data.db")


@pytest.mark.parametrize(
    ("url", "words"),
    [("nosuch://host/db", "not installed"), ("://", "cannot be read"), ("sqlite+nosuch:///x", "not installed")],
)
def test_a_wrong_url_is_said(url: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConsoleError, match=words):
        Store.open(url)


def test_the_password_of_a_url_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg", reason="no driver for PostgreSQL")
    with pytest.raises(ConsoleError) as caught:
        Store.open("postgresql+psycopg://me:geheim@127.0.0.1:1/db")
    assert "geheim" not in str(caught.value)
    assert "database server runs" in caught.value.hint


@pytest.mark.parametrize("url", ["postgresql://me@host/db", "postgres://me@host/db", "postgresql+psycopg://me@host/db"])
def test_a_url_needs_no_driver_s_name(url: str) -> None:
    assert str(url_of(url)) == "postgresql+psycopg://me@host/db"
