"""The doctor's looks at an environment."""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cli import checks
from console.cli.checks import Level
from tests.unit.cli.conftest import Run

_NOW = datetime(2026, 11, 18, tzinfo=UTC)


def test_a_free_port_is_free_and_a_taken_one_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        found = checks.port("127.0.0.1", number)
    assert (found.level, f"sport = :{number}" in found.cure) == (Level.PROBLEM, True)
    assert checks.port("127.0.0.1", number).level is Level.OK
    elsewhere = checks.port("203.0.113.1", number)
    assert (elsewhere.level, "ip addr" in elsewhere.cure) == (Level.PROBLEM, True)


def test_a_privileged_port_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, _address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert "below 1024" in checks.port("127.0.0.1", 443).cure


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "all colours"),
        ({"TERM": "xterm-256color"}, "256 colours"),
        ({"TERM": "linux"}, "16 colours"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "no colours"),
    ],
)
def test_the_terminal_is_described(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], text: str) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((100, 30)))
    (found, *_rest) = checks.terminal(environ, is_tty=True)
    assert text in found.text
    assert found.text.startswith("100x30")


def test_a_terminal_that_is_too_small_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((79, 24)))
    first, second, *_ = checks.terminal({"TERM": "dumb"}, is_tty=True)
    assert (first.level, second.text) == (Level.PROBLEM, "79x24 is less than 80x24")
    (none,) = checks.terminal({}, is_tty=False)
    assert none.level is Level.NOTE


def test_characters_other_than_utf_8_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _set: "ANSI_X3.4-1968")
    *_, last = checks.terminal({"TERM": "xterm"}, is_tty=True)
    assert (last.subject, last.level) == ("characters", Level.NOTE)


@pytest.mark.parametrize(
    ("clipboard", "level"), [("off", Level.NOTE), ("on", Level.OK), ("external", Level.OK), ("", Level.OK)]
)
def test_tmux_must_let_copies_out(clipboard: str, level: Level) -> None:
    (found,) = checks.remote({"TMUX": "x"}, lambda: clipboard)
    assert found.level is level
    assert bool(found.cure) == (level is Level.NOTE)


def test_a_term_that_this_computer_does_not_know() -> None:
    (found,) = checks.remote({"SSH_CONNECTION": "x", "TERM": "no-such-terminal"}, str)
    assert "not known" in found.text
    (known,) = checks.remote({"SSH_CONNECTION": "x", "TERM": "xterm"}, str)
    assert known.level is Level.OK
    assert list(checks.remote({}, str)) == []


@pytest.mark.parametrize(
    ("now", "synchronised", "level"),
    [
        (_NOW, "yes", Level.OK),
        (_NOW, "", Level.OK),
        (_NOW, "no", Level.NOTE),
        (datetime(1970, 1, 1, tzinfo=UTC), "", Level.PROBLEM),
    ],
)
def test_the_clock(now: datetime, synchronised: str, level: Level) -> None:
    assert checks.clock(now, lambda: synchronised).level is level


@pytest.mark.parametrize(("hard", "level"), [(256, Level.NOTE), (65536, Level.OK), (-1, Level.OK)])
def test_open_files(monkeypatch: pytest.MonkeyPatch, hard: int, level: Level) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _which: (256, hard))
    assert checks.open_files().level is level


def test_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fine,) = checks.data_folder(tmp_path / "not" / "yet")
    assert fine.level is Level.OK
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    open_to_others, _ = checks.data_folder(folder)
    assert open_to_others.cure == f"chmod 700 {folder}"
    folder.chmod(0o700)
    monkeypatch.setattr(checks, "_file_system", lambda _path: "nfs4")
    network, _ = checks.data_folder(folder)
    assert (network.level, "network disk" in network.text) == (Level.PROBLEM, True)
    (no_folder,) = checks.data_folder(Path("/dev/null/data"))
    assert no_folder.level is Level.PROBLEM


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1 << 20}))
    *_, full = checks.data_folder(tmp_path)
    assert full.level is Level.PROBLEM


def test_a_socket_s_path() -> None:
    here = Path("/a/data")
    assert checks.socket_length(here, here / "operator.sock").text == "/a/data/operator.sock"
    assert "too long" in checks.socket_length(here, Path("/run/x.sock")).text


def test_a_program_that_is_not_there_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert (checks.ask_tmux(), checks.ask_time_sync()) == ("", "")


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing of this machine that a test should not depend on."""
    for name in ("ask_tmux", "ask_time_sync"):
        monkeypatch.setattr(checks, name, lambda: "")
    return lambda: None


@pytest.mark.usefixtures("calm")
def test_the_doctor_reports_everything(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "default.toml").write_text("[listen]\nhost = '127.0.0.1'\nport = 0x7fff\n")
    result = run("doctor", "--json")
    subjects = [finding["subject"] for finding in json.loads(result.stdout)["findings"]]
    assert {"python", "terminal", "clock", "open files", "keyring", "profile", "data", "service"} <= set(subjects)


@pytest.mark.usefixtures("calm")
def test_the_doctor_finds_a_mistake_in_the_profile(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "default.toml").write_text("nam = 'x'\n")
    result = run("doctor")
    assert result.exit_code == 1
    assert "BAD   profile: " in result.stdout
    assert "      Did you mean name?\n" in result.stdout
