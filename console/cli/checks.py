"""The doctor's looks at an environment, one by one. Each says what it found and what to do about it."""

from __future__ import annotations

import errno
import importlib.util
import locale
import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from profiles.schema import FilesSettings

_LEAST_FREE_BYTES = 1 << 30
_LEAST_FILES = 4096
#: File systems on which SQLite's locks or its write-ahead log cannot be relied on.
_REMOTE = ("nfs", "nfs4", "cifs", "smb3", "9p", "sshfs", "fuse.sshfs", "afs")


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Finding(msgspec.Struct, frozen=True):
    """What was found about a subject, and how to mend it ("" if nothing is to be mended)."""

    subject: str
    text: str
    cure: str = ""
    level: Level = Level.OK


def python() -> Finding:
    """The Python that runs this."""
    return Finding("python", f"{sys.version.split()[0]} at {sys.executable}")


def terminal(environ: Mapping[str, str], *, is_tty: bool | None = None) -> Iterator[Finding]:
    """Size, colours and characters of the terminal."""
    if not (sys.stdout.isatty() if is_tty is None else is_tty):
        yield Finding("terminal", "the output is no terminal", "Run the doctor where the console will run.", Level.NOTE)
        return
    name = environ.get("TERM", "")
    if name in ("", "dumb", "unknown"):
        yield Finding("terminal", f'TERM is "{name}"', "export TERM=xterm-256color", Level.PROBLEM)
    columns, lines = shutil.get_terminal_size()
    if columns < 80 or lines < 24:
        text = f"{columns}x{lines} is less than 80x24"
        yield Finding("terminal", text, "Enlarge the window, or make its letters smaller.", Level.NOTE)
    else:
        yield Finding("terminal", f"{columns}x{lines}, TERM={name}, {_colours(environ)}")
    encoding = locale.getpreferredencoding(False).upper().replace("-", "")
    if encoding != "UTF8":
        cure = "export LANG=C.UTF-8 shows lines and accents; without it everything works in ASCII."
        yield Finding("characters", f"{encoding}, not UTF-8", cure, Level.NOTE)


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "all colours"
    return "256 colours" if "256" in environ.get("TERM", "") else "16 colours"


def remote(environ: Mapping[str, str], tmux: Callable[[], str]) -> Iterator[Finding]:
    """What SSH and tmux do to copying, and to a TERM that this computer does not know."""
    if environ.get("TMUX"):
        clipboard = tmux()
        if clipboard == "off":
            cure = "tmux set -g set-clipboard on   (and into ~/.tmux.conf)"
            yield Finding("tmux", "copying does not leave tmux", cure, Level.NOTE)
        else:
            yield Finding("tmux", f"set-clipboard is {clipboard or 'unknown'}")
    if environ.get("SSH_CONNECTION"):
        yield _ssh(environ.get("TERM", ""))


def _ssh(name: str) -> Finding:
    try:
        import curses

        curses.setupterm(name, fd=1)
    except ImportError:
        return Finding("ssh", "this Python has no curses to look TERM up with")
    except curses.error:
        cure = "export TERM=xterm-256color   (or copy its description: infocmp | ssh HOST tic -x -)"
        return Finding("ssh", f"TERM={name} is not known on this computer", cure, Level.NOTE)
    return Finding("ssh", f"TERM={name} is known here; d detaches and the service goes on")


def clock(now: datetime, synchronised: Callable[[], str]) -> Finding:
    """Stations set their clocks by ours, and their transactions carry it."""
    zone = now.astimezone().strftime("%Z, UTC%z")
    cure = "sudo timedatectl set-ntp true   (stations set their clocks by this one)"
    if now.year < 2026:
        return Finding("clock", f"it says {now:%Y-%m-%d}", cure, Level.PROBLEM)
    if synchronised() == "no":
        return Finding("clock", "it is not synchronised", cure, Level.NOTE)
    return Finding("clock", f"{now.astimezone():%Y-%m-%d %H:%M} {zone}")


def open_files() -> Finding:
    """Each station takes a file descriptor. The service takes as many as the hard limit allows."""
    if sys.platform == "win32":
        return Finding("open files", "no limit to see on Windows")
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return Finding("open files", "no limit")
    if hard < _LEAST_FILES:
        text = f"at most {hard}, enough for about {max(0, hard - 100)} stations"
        return Finding("open files", text, "For more: LimitNOFILE= in systemd, or limits.conf(5).", Level.NOTE)
    return Finding("open files", f"at most {hard}")


def keyring_there() -> Finding:
    """Whether passwords can be kept in a keyring."""
    import keyring
    from keyring.backends.fail import Keyring as NoKeyring

    found = keyring.get_keyring()
    if isinstance(found, NoKeyring):
        cure = 'Write "env:NAME" or "file:/path" (chmod 600) where a profile needs a secret.'
        return Finding("keyring", "there is none (there is none without a desktop session)", cure, Level.NOTE)
    return Finding("keyring", found.name)


def data_folder(folder: Path) -> Iterator[Finding]:
    """The data folder: rights, room, and the kind of disk below it."""
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    if not os.access(existing, os.W_OK | os.X_OK) or not existing.is_dir():
        yield Finding("data", f"{existing} cannot be written", "Mend its rights, or choose --data.", Level.PROBLEM)
        return
    if folder.exists() and os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        yield Finding("data", f"others can look into {folder}", f"chmod 700 {folder}", Level.NOTE)
    kind = _file_system(existing)
    if kind in _REMOTE:
        cure = "Choose --data on a disk of this computer: a database is not safe on a shared one."
        yield Finding("data", f"{folder} is on a network disk ({kind})", cure, Level.PROBLEM)
    free = shutil.disk_usage(existing).free
    room = f"{free / (1 << 30):.1f} GB free"
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            "data", f"{room} in {folder}", "Make room: nothing is acknowledged on a full disk.", Level.PROBLEM
        )
    else:
        yield Finding("data", f"{folder}, {room}")


def _file_system(path: Path) -> str:
    """The kind of file system a path is on, "" where that cannot be known."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for fields in (line.split() for line in mounts):
        at = fields[1].replace("\\040", " ")
        if len(at) >= len(best) and (path == Path(at) or path.is_relative_to(at)):
            best, kind = at, fields[2]
    return kind


def socket_length(folder: Path, path: Path) -> Finding:
    """A Unix socket's path has a limit; the service goes elsewhere where the folder's is too long."""
    if path.parent == folder:
        return Finding("operator link", str(path))
    return Finding("operator link", f"{path} (the path of {folder} is too long for a socket)")


def port(host: str, number: int) -> Finding:
    """Whether stations could connect to this address."""
    subject, here = "stations", f"{host}:{number}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return Finding(subject, f"{here}: {error.strerror or error}", _port_cure(error, number), Level.PROBLEM)
    return Finding(subject, f"{here} is free")


def drop_box(files: FilesSettings, host: str, *, running: bool) -> Finding:
    """Whether stations can reach the drop box, as far as that can be seen from here."""
    subject, host = "drop box", files.host or host
    if not files.enabled:
        return Finding(subject, "is off: no logs are taken", "files.enabled = true in the profile", Level.NOTE)
    if files.public_url:
        return Finding(subject, f"stations are told {files.public_url}; whatever is there must lead to {host}")
    if not files.port:
        cure = "Where a firewall stands between: choose files.port in the profile, and open it."
        return Finding(subject, f"{host}, at any free port", cure)
    here = f"{host}:{files.port}"
    if running:
        return Finding(subject, *_answers(host, files.port, here))
    found = port(host, files.port)
    return Finding(subject, found.text, found.cure.replace("listen.port", "files.port"), found.level)


def ftp(files: FilesSettings, host: str, *, running: bool) -> Finding:
    """Whether the drop box takes files by FTP too."""
    subject, host = "drop box, FTP", files.host or host
    if not files.enabled or not files.ftp_port:
        return Finding(subject, "is off: fine, unless a station knows nothing else (files.ftp_port in the profile)")
    if importlib.util.find_spec("pyftpdlib") is None:
        cure = "pipx inject ocpp-console pyftpdlib   (or pip install pyftpdlib beside it), and start the service again"
        return Finding(subject, "pyftpdlib is not installed", cure, Level.PROBLEM)
    here = f"{host}:{files.ftp_port}"
    if running:
        text, cure, level = _answers(host, files.ftp_port, here)
        first, last = files.ftp_passive_ports
        return Finding(
            subject, f"{text}, data at {first} to {last}", cure.replace("files.port", "files.ftp_port"), level
        )
    found = port(host, files.ftp_port)
    return Finding(subject, found.text, found.cure.replace("listen.port", "files.ftp_port"), found.level)


def _answers(host: str, number: int, here: str) -> tuple[str, str, Level]:
    """Whether something answers there."""
    try:
        with socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else host, number), timeout=2):  # noqa: S104
            return f"answers at {here}", "Stations need it open too: see the firewall of this computer.", Level.OK
    except OSError as error:
        cure = "Restart the service once the port is free, or choose another files.port."
        return f"does not answer at {here} ({error.strerror or error})", cure, Level.PROBLEM


def _port_cure(error: OSError, number: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Something else listens there. Who: ss -ltnp 'sport = :{number}'. Or choose another listen.port."
    if error.errno == errno.EACCES:
        return "Ports below 1024 are for root: choose one above, such as 9000, and point stations at it."
    return "Choose listen.host from the addresses of this computer (ip addr), or 0.0.0.0 for all."


def ask_tmux() -> str:
    """tmux's set-clipboard: on, external, off, or "" if it does not say."""
    return _output("tmux", "show-options", "-sv", "set-clipboard")


def ask_time_sync() -> str:
    """Whether systemd says that the clock is synchronised: yes, no, or ""."""
    return _output("timedatectl", "show", "--property=NTPSynchronized", "--value")


def _output(*command: str) -> str:
    path = shutil.which(command[0])
    if path is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603  # a program that was looked up, with words of ours
            [path, *command[1:]], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
