"""The entry: help, laziness, and ends that are no errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from console.cli.main import ENTRIES, SECTIONS, main

_HEAVY = ("textual", "ocpp", "sqlalchemy", "alembic", "starlette", "uvicorn", "keyring", "jsonschema_rs")
_PROBE = """
import sys
sys.argv = ["ocpp-console", *sys.argv[1:]]
from console.__main__ import main
try:
    main()
finally:
    print("LOADED", *(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("name", ENTRIES)
def test_every_verb_loads_and_has_help(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name
    assert command.help
    assert len(ENTRIES[name].help) < 62


def test_the_help_lists_every_verb_under_its_section() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    assert all(f"{title}:" in text for title in SECTIONS)
    assert all(f"\n  {name}  " in text for name in ENTRIES)


def _probe(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "OCPP_CONSOLE_DATA": str(tmp_path), "OCPP_CONSOLE_CONFIG": str(tmp_path)}
    command = [sys.executable, "-c", _PROBE.format(heavy=_HEAVY), *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("words", "code"),
    [("--help", 0), ("--version", 0), ("stations --json", 3), ("start A 1 --tag B", 3), ("profile list", 0)],
)
def test_one_shot_verbs_load_nothing_heavy(tmp_path: Path, words: str, code: int) -> None:
    done = _probe(tmp_path, *words.split())
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1].split() == ["LOADED"]


def test_textual_is_told_to_be_still() -> None:
    code = "import console.__main__, os; print(os.environ['TEXTUAL_ANIMATIONS'], os.environ['TEXTUAL_SMOOTH_SCROLL'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["none", "0"]


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        environ = {**os.environ, "OCPP_CONSOLE_CONFIG": str(tmp_path)}
        command = [sys.executable, "-m", "console", "profile", "list"]
        done = subprocess.run(
            command, env=environ, stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_the_console_needs_a_terminal(tmp_path: Path) -> None:
    for words in ((), ("open",), ("demo",)):
        done = _probe(tmp_path, *words)
        assert done.returncode == 2
        assert done.stderr.startswith("The console needs a terminal.\n")
        assert "textual" not in done.stderr
