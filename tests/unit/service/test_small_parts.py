"""Addresses in words, commands without their secrets, logs for a terminal and for a journal, and what is imported."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.csms.listener.gate import Gate, TlsFiles
from console.model.command import (
    AddStation,
    CallStation,
    ChangeSetting,
    Command,
    PutToken,
    RemoveToken,
    StartTransaction,
)
from console.model.token import Token
from console.service import logs
from console.service.addresses import station_urls
from console.service.lifecycle import find_running
from console.service.redaction import detail

EVERYWHERE = "0.0.0.0"  # noqa: S104  # nothing listens there


@pytest.mark.parametrize(
    ("gates", "urls"),
    [
        ([Gate("10.0.0.5", 9000)], ("ws://10.0.0.5:9000/",)),
        ([Gate("::1", 9000), Gate("::1", 9000)], ("ws://[::1]:9000/",)),
        ([Gate("localhost", 1), Gate("10.0.0.5", 2)], ("ws://localhost:1/", "ws://10.0.0.5:2/")),
        ([Gate("10.0.0.5", 9443, 2, TlsFiles((), ()))], ("wss://10.0.0.5:9443/",)),
    ],
)
def test_gates_are_urls_that_can_be_typed(gates: list[Gate], urls: tuple[str, ...]) -> None:
    assert station_urls(gates) == urls


def test_all_addresses_become_one_that_others_can_use() -> None:
    (url,) = station_urls([Gate(EVERYWHERE, 9000)])
    host = url.removeprefix("ws://").removesuffix(":9000/")
    assert host not in ("", EVERYWHERE)


def test_a_computer_without_a_network_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert station_urls([Gate(EVERYWHERE, 9000)]) == (f"ws://{socket.gethostname()}:9000/",)


@pytest.mark.parametrize(
    "command",
    [
        AddStation("CP-1", password="s3cret"),
        ChangeSetting("CP-1", "AuthorizationKey", "s3cret"),
        CallStation("CP-1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}),
        CallStation("CP-1", "RequestStartTransaction", {"idToken": {"idToken": "s3cret", "type": "KeyCode"}}),
        CallStation("CP-1", "SendLocalList", {"list": [{"idToken": {"idToken": "s3cret", "type": "KeyCode"}}]}),
        PutToken(Token("s3cret", token_type="KeyCode")),
        StartTransaction("CP-1", 1, "s3cret"),
        RemoveToken("s3cret"),
    ],
)
def test_a_command_is_told_without_its_secrets(command: Command) -> None:
    told = detail(command, lambda id_token: id_token == "s3cret")
    assert "s3cret" not in told
    assert json.loads(told)["command"]


def test_what_is_no_secret_is_told() -> None:
    assert "04A2C19B" in detail(StartTransaction("CP-1", 1, "04A2C19B"), lambda _id_token: False)
    assert "300" in detail(ChangeSetting("CP-1", "HeartbeatInterval", "300"), lambda _id_token: False)


@contextlib.contextmanager
def _logging_anew() -> Iterator[None]:
    """As in a process that has not logged yet."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


def test_systemd_gets_severities_and_no_times(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    with _logging_anew():
        logs.log_to_stderr()
        logging.getLogger("x").warning("one\ntwo")
    assert capsys.readouterr().err == "<4>one\n<4>two\n"


def test_elsewhere_there_is_the_time(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    with _logging_anew():
        logs.log_to_stderr()
        logging.getLogger("x").error("oops")
    assert capsys.readouterr().err.endswith(" ERROR oops\n")


def test_a_log_file_stays_small_and_takes_what_is_printed(tmp_path: Path) -> None:
    program = (
        "import logging, os, sys; from pathlib import Path; from console.service import logs\n"
        "logs._LARGEST_BYTES = 500; logs.log_to_file(Path(sys.argv[1]))\n"
        "for number in range(100): logging.getLogger('x').info('line %d', number)\n"
        "os.write(2, b'a traceback\\n')"
    )
    log = tmp_path / "service.log"
    subprocess.run([sys.executable, "-c", program, str(log)], check=True, timeout=60, capture_output=True)
    assert log.read_text().endswith("line 99\na traceback\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["service.log", *(f"service.log.{n}" for n in (1, 2, 3))]
    assert all(path.stat().st_size < 600 for path in tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b'{"pid": "x"}', b'{"pid": 1, "socket": "/x"}'])
def test_a_lock_file_that_nobody_holds_means_no_service(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "service.lock").write_bytes(content)
    assert find_running(tmp_path) is None


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("console.backends.service", ("ocpp", "sqlalchemy", "textual", "starlette", "console.service", "console.csms")),
        ("console.service.lifecycle", ("ocpp", "sqlalchemy", "textual", "starlette", "httpx", "asyncio")),
        ("console.backends.recording", ("sqlalchemy", "textual", "starlette", "httpx", "uvicorn")),
        ("console.service.process", ("textual", "httpx")),
    ],
)
def test_nothing_is_imported_that_is_not_needed(module: str, without: tuple[str, ...]) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    found = subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=60, capture_output=True, text=True, env=environment
    ).stdout.split()
    assert [name for name in without if name in found] == []
