"""The service as a process: one a data folder, it outlives who started it, and nothing stale is ever in the way."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.csms.listener.gate import Gate
from console.errors import ConsoleError
from console.service import lifecycle
from console.service.lifecycle import Running, find_running, start_child, stop_running
from console.service.places import prepare_data, socket_path
from tests.support.processes import Services, foreground, is_alive, kill, run
from tests.support.services import console, settings, until
from tests.support.stations import raw_station


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    yield services
    services.end()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def test_a_child_is_ready_when_it_was_started(services: Services, data: Path) -> None:
    running = services.start(data)
    assert find_running(data) == running
    assert running.pid != os.getpid()
    async with console(data) as backend, raw_station(backend.station_urls()[0]) as station:
        await station.boot()
    assert await asyncio.to_thread(stop_running, data)
    assert find_running(data) is None
    await until(lambda: not is_alive(running.pid))
    assert not await asyncio.to_thread(stop_running, data)


def test_what_a_service_keeps_is_for_its_owner_alone(services: Services, data: Path) -> None:
    services.start(data)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for path in data.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_who_starts_a_second_one_gets_the_first(services: Services, data: Path) -> None:
    assert services.start(data) == services.start(data)


def test_a_second_one_in_the_foreground_is_refused(services: Services, data: Path) -> None:
    first = services.start(data)
    second = subprocess.run(foreground(settings(data)), capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode != 0
    assert f"A service already runs on {data} (pid {first.pid})" in second.stderr
    assert find_running(data) == first


def test_why_a_child_did_not_start_is_told(services: Services, data: Path, tmp_path: Path) -> None:
    services.start(data)
    with pytest.raises(ConsoleError, match=r"cannot be listened for at 203\.0\.113\.1"):
        services.start(tmp_path / "other", gates=(Gate("203.0.113.1", 9000),))
    assert find_running(tmp_path / "other") is None


def test_a_child_that_dies_without_a_word_is_told_from_its_log(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named anything' >&2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(lifecycle.sys, "executable", str(broken))
    with pytest.raises(ConsoleError, match="no module named anything") as caught:
        start_child(settings(data))
    assert "service.log" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConsoleError, match="cannot be made"):
        start_child(settings(tmp_path / "file" / "data"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(data: Path, number: signal.Signals) -> None:
    with subprocess.Popen(foreground(settings(data)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ws://127.0.0.1:")
        assert find_running(data) == Running(process.pid, str(socket_path(data)))
        process.send_signal(number)
        assert process.wait(30) == 0
    assert find_running(data) is None
    assert not socket_path(data).exists()


async def test_a_hang_up_does_not_end_it(services: Services, data: Path) -> None:
    running = services.start(data)
    os.kill(running.pid, signal.SIGHUP)
    async with console(data) as backend:
        assert backend.name == "depot"
    assert is_alive(running.pid)


def test_it_outlives_who_started_it(services: Services, data: Path) -> None:
    services.note(data)
    program = (
        "import os, sys, signal; from pathlib import Path; from console.service.lifecycle import start_child;"
        "from tests.support.services import settings; print(start_child(settings(Path(sys.argv[1]))).pid, flush=True);"
        "os.killpg(0, signal.SIGKILL) if os.getpgrp() == os.getpid() else os._exit(0)"
    )
    pid = int(run(program, str(data)).stdout)
    assert is_alive(pid)
    assert find_running(data) == Running(pid, str(socket_path(data)))
    assert os.getsid(pid) == pid


async def test_what_a_killed_service_left_is_not_in_the_way(services: Services, data: Path) -> None:
    first = services.start(data)
    kill(first.pid)
    await until(lambda: find_running(data) is None)
    assert socket_path(data).exists()
    with pytest.raises(ConsoleError, match="No service answers"):
        async with console(data):
            pass
    second = services.start(data)
    assert second.pid != first.pid
    async with console(data) as backend:
        assert backend.name == "depot"


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="oc") as folder:
        yield Path(folder)


@pytest.mark.parametrize("deep", [False, True])
async def test_a_path_too_long_for_a_socket_has_it_elsewhere(
    services: Services, tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch, deep: bool
) -> None:
    runtime = short_folder / ("r" * 90 if deep else "r")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    data = tmp_path / ("d" * 60) / ("e" * 60)
    running = services.start(data)
    assert Path(running.socket) == socket_path(data)
    assert len(running.socket) <= 100
    assert Path(running.socket).is_relative_to(runtime) is not deep
    assert stat.S_IMODE(os.stat(running.socket).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(running.socket)).st_mode) == 0o700
    async with console(data) as backend:
        assert backend.name == "depot"
    await asyncio.to_thread(stop_running, data)
    assert find_running(data) is None


def test_a_place_that_is_somebody_elses_is_not_used(
    tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(ConsoleError, match="belongs to somebody else"), lifecycle.locked(tmp_path / ("d" * 100)):
        pass


def test_who_only_looks_does_not_keep_a_service_from_starting(data: Path) -> None:
    prepare_data(data)
    deadline = time.monotonic() + 2
    program = (
        "import sys; from pathlib import Path; from console.service.lifecycle import find_running\n"
        "while True: find_running(Path(sys.argv[1]))"
    )
    with subprocess.Popen([*foreground(settings(data))[:2], program, str(data)]) as looker:
        try:
            rounds = 0
            while time.monotonic() < deadline:
                with lifecycle.locked(data):
                    rounds += 1
            assert rounds
        finally:
            looker.kill()
