"""One service a data folder: the lock, and starting, finding and stopping it from outside.

The lock is an flock: the kernel lets go of it however the service dies, so nothing stale is ever in the way. This
module is what a console imports before it knows whether a service runs, so it imports next to nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from console.errors import ConsoleError
from console.service.places import log_path, make_private, prepare_data, socket_path
from console.service.settings import ServiceSettings

_LOCK = "service.lock"
_TAIL_BYTES = 1000
_LOCK_TRIES = 5
#: How long a service may take to start (a large database is migrated) or to stop before a person is told.
START_TIMEOUT_S, STOP_TIMEOUT_S = 60.0, 30.0


class Running(msgspec.Struct, frozen=True):
    """A service that runs: its process, and the socket of its operator link."""

    pid: int
    socket: str


class _Report(msgspec.Struct, frozen=True):
    """What a child tells the one who started it: it is ready, or what went wrong."""

    ready: bool
    message: str = ""
    hint: str = ""


@contextlib.contextmanager
def locked(data: Path) -> Iterator[Path]:
    """Own a data folder until left; gives the path of the operator link's socket. Raises ConsoleError if it is owned.

    What a service that died has left behind is cleared away.
    """
    prepare_data(data)
    path = socket_path(data)
    with (data / _LOCK).open("a+b", buffering=0) as file:
        if not _lock(file.fileno()):
            raise already_running(data, _read(file.fileno()))
        if path.parent != data.absolute():
            make_private(path.parent)
        path.unlink(missing_ok=True)
        file.truncate(0)
        file.write(msgspec.json.encode(Running(os.getpid(), str(path))))
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
            file.truncate(0)


def _lock(file: int) -> bool:
    """Take the lock. Who only looks whether it is taken holds it for an instant, so try more than once."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(0.02)
    return False


def already_running(data: Path, running: Running | None) -> ConsoleError:
    """The error for a data folder that has a service already."""
    who = f" (pid {running.pid})" if running else ""
    return ConsoleError(
        f"A service already runs on {data}{who}.",
        "Open it with ocpp-console, or choose another folder with --data.",
    )


def _read(file: int) -> Running | None:
    text = os.pread(file, 4096, 0)
    try:
        return msgspec.json.decode(text, type=Running)
    except msgspec.DecodeError:  # its owner is just writing it, or clearing it
        return None


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def find_running(data: Path) -> Running | None:
    """The service that runs on a data folder, or None. One that is just starting may not answer yet."""
    try:
        file = os.open(data / _LOCK, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConsoleError(
            f"{data / _LOCK} cannot be read: {error.strerror}.", "It belongs to another user."
        ) from error
    try:
        return _read(file) if _is_locked(file) else None
    finally:
        os.close(file)


def start_child(settings: ServiceSettings, timeout_s: float = START_TIMEOUT_S) -> Running:
    """Start a service that outlives this process, and wait until it is ready. Raises ConsoleError with its reason.

    It runs in a session of its own: a terminal that goes away takes nothing with it. If one runs already, or somebody
    else is just starting one, it is that.
    """
    deadline = time.monotonic() + timeout_s
    settings = msgspec.structs.replace(settings, data=settings.data.absolute())  # the child has another folder
    prepare_data(settings.data)
    while True:
        running = _answering(settings.data, deadline)
        if running is not None:
            return running
        try:
            return _start(settings, deadline)
        except ConsoleError:
            if find_running(settings.data) is None:
                raise  # not because another was faster


def _answering(data: Path, deadline: float) -> Running | None:
    """The service that runs, once it answers; None if none does. One may just be starting, or ending."""
    while (running := find_running(data)) is not None:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.connect(running.socket)
            return running
        if time.monotonic() > deadline:
            raise ConsoleError(
                f"The service (pid {running.pid}) on {data} does not answer.",
                f"End it and try again: kill {running.pid}",
            )
        time.sleep(0.05)  # another process's doing: there is nothing to wait on but the clock
    return None


def _start(settings: ServiceSettings, deadline: float) -> Running:
    reading, writing = os.pipe()
    try:
        with os.fdopen(os.open(log_path(settings.data), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            child = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-m", "console.service", str(writing)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=(writing,),
            )
        os.close(writing)
        assert child.stdin is not None  # noqa: S101  # narrows: it was asked for above
        with contextlib.suppress(BrokenPipeError), child.stdin:  # a child that died has said why in its report
            child.stdin.write(msgspec.json.encode(settings, enc_hook=str))
        report = _await_report(reading, deadline)
    finally:
        os.close(reading)
    return _started(report, child, settings.data)


def _await_report(reading: int, deadline: float) -> _Report | None:
    """What the child reports, or None if it said nothing in time or died without a word."""
    text = b""
    while not text.endswith(b"\n"):
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not select.select([reading], [], [], left_s)[0]:
            return None
        part = os.read(reading, 4096)
        if not part:
            return None
        text += part
    return msgspec.json.decode(text, type=_Report)


def _started(report: _Report | None, child: subprocess.Popen[bytes], data: Path) -> Running:
    if report is not None and report.ready:
        # On its own now. Should it end before this process does, somebody must take note of it.
        threading.Thread(target=child.wait, daemon=True).start()
        return Running(child.pid, str(socket_path(data)))
    child.kill()
    child.wait()
    if report is not None:
        raise ConsoleError(report.message, report.hint)
    said = _tail(log_path(data))
    raise ConsoleError(f"The service did not start: {said or 'it said nothing'}.", f"See {log_path(data)}.")


def _tail(log: Path) -> str:
    """The last line of a log."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "").rstrip(".")


class Parent:
    """The one who started this process and waits for word, over an inherited file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        os.set_inheritable(descriptor, False)

    def ready(self) -> None:
        """Say that the service can be reached."""
        self._tell(_Report(ready=True))

    def failed(self, error: ConsoleError) -> None:
        """Say why there will be no service. Does nothing once it was ready."""
        self._tell(_Report(ready=False, message=error.message, hint=error.hint))

    def _tell(self, report: _Report) -> None:
        if self._descriptor is None:
            return
        with contextlib.suppress(BrokenPipeError):  # nobody waits any more; the service is there all the same
            os.write(self._descriptor, msgspec.json.encode(report) + b"\n")
        os.close(self._descriptor)
        self._descriptor = None


def stop_running(data: Path, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Stop the service of a data folder and wait until it is gone; False if none ran. Raises ConsoleError."""
    running = find_running(data)
    if running is None:
        return False
    try:
        os.kill(running.pid, signal.SIGTERM)
    except ProcessLookupError:
        return True
    except PermissionError as error:
        raise ConsoleError(f"The service (pid {running.pid}) belongs to another user.", "Ask them.") from error
    deadline = time.monotonic() + timeout_s
    while find_running(data) is not None:
        if time.monotonic() > deadline:
            raise ConsoleError(
                f"The service (pid {running.pid}) does not end.", f"End it the hard way: kill -9 {running.pid}"
            )
        time.sleep(0.05)  # another process's lock: there is nothing to wait on but the clock
    return True
