"""Profiles from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.conftest import Run


def test_a_profile_is_made_changed_checked_and_listed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config" / "depot.toml"
    assert run("profile", "path", "depot").stdout == f"{path}\n"
    assert run("profile", "new", "depot").stdout == f"{path}\nEdit it, then: ocpp-console --profile depot\n"
    assert run("profile", "set", "depot", "listen.port", "9100").exit_code == 0
    assert run("profile", "check", "depot").stdout == "depot is in order.\n"
    assert json.loads(run("profile", "check", str(path), "--json").stdout)["settings"]["listen"]["port"] == 9100
    listed = json.loads(run("profile", "list", "--json").stdout)["profiles"]
    assert [(one["profile"], one["listen"]) for one in listed] == [
        ("default", "0.0.0.0:9000"),
        ("depot", "0.0.0.0:9100"),
    ]


def test_a_mistake_is_told_with_its_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config" / "depot.toml"
    run("profile", "new", "depot", "--like", "lab")
    path.write_text('name = "x"\nportt = 1\n')
    result = run("profile", "check", "depot")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}, line 2: portt: there is no such setting.")
    assert "line 2" in run("profile", "list").stdout
    assert run("stations", "--profile", "depot").exit_code == 2


def test_there_is_one_profile_of_a_name(run: Run) -> None:
    run("profile", "new", "depot")
    result = run("profile", "new", "depot")
    assert result.exit_code == 2
    assert "already" in result.stderr
