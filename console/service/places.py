"""Where a service keeps what it keeps: its data folder, its log, and the socket of its operator link."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from console.errors import ConsoleError

#: What a Unix socket's address may hold (108 on Linux, 104 on macOS), with room to spare.
_LONGEST_SOCKET_PATH = 100
_SOCKET, _LOG = "operator.sock", "service.log"


def prepare_data(data: Path) -> None:
    """Make the data folder, for this user's eyes only. Raises ConsoleError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConsoleError(f"The data folder {data} cannot be made: {error.strerror}.", "Choose --data.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise ConsoleError(f"The data folder {data} cannot be written.", "Mend its rights, or choose --data.")


def log_path(data: Path) -> Path:
    """Where a detached service writes what it has to say."""
    return data / _LOG


def socket_path(data: Path) -> Path:
    """Where the operator link of a data folder is: in it, or where its path is too long for a socket, elsewhere."""
    path = data.absolute() / _SOCKET
    if _fits(path):
        return path
    name = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    path = Path(runtime) / "ocpp-console" / f"{name}.sock"
    if runtime and _fits(path):
        return path
    return Path(f"/tmp/ocpp-console-{os.getuid()}/{name}.sock")  # noqa: S108  # see make_private


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH


def make_private(folder: Path) -> None:
    """Make a folder for this user alone, or make sure that it is: others could put their own socket there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or not stat.S_ISDIR(state.st_mode):
        raise ConsoleError(f"{folder} belongs to somebody else.", "Choose a data folder with a shorter path.")
    if state.st_mode & 0o077:
        folder.chmod(0o700)
