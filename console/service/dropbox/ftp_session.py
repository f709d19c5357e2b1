"""One FTP session, as pyftpdlib wants it told: its commands, its data connection, and the one file that it is about.

All of this runs in pyftpdlib's thread.
"""

from __future__ import annotations

import errno
import logging
import socket
from pathlib import Path
from typing import Any, BinaryIO

from pyftpdlib.exceptions import AuthenticationFailed, FilesystemError
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.handlers.ftp.dispatchers import PassiveDTP

from console.service.dropbox import folder
from console.service.dropbox.folder import Draft
from console.service.dropbox.ftp_bridge import Bridge
from console.service.dropbox.reception import LONGEST_S, SILENCE_S, FailedError, too_large, unwritten, without_token
from console.service.dropbox.slots import Slot

_LOG = logging.getLogger(__name__)
#: What can be asked: nothing is listed, renamed, deleted or made.
_COMMANDS = frozenset(
    {
        "ABOR", "ALLO", "CDUP", "CWD", "EPRT", "EPSV", "FEAT", "HELP", "MODE", "NOOP", "OPTS", "PASS", "PASV", "PORT",
        "PWD", "QUIT", "REST", "RETR", "SIZE", "STAT", "STOR", "STRU", "SYST", "TYPE", "USER", "XCUP", "XCWD", "XPWD",
    }
)  # fmt: skip
_BROKEN_OFF = 426
#: HTTP's statuses in FTP; all others are 550.
_REPLIES = {413: 552, 503: 450, 507: 452}


class _Upload:
    """A file that comes. Quacks as the file object that pyftpdlib writes to; belongs to its thread."""

    def __init__(self, bridge: Bridge, slot: Slot, name: str, draft: Draft) -> None:
        self.name = name
        self.closed = False
        self.failure: FailedError | None = None
        self._bridge, self._slot, self._draft = bridge, slot, draft

    def write(self, data: bytes) -> None:
        """Add to it, up to the bound."""
        if self._draft.size_bytes + len(data) > folder.MOST_UPLOAD_BYTES:
            self.failure = too_large()
            raise OSError(errno.EFBIG, self.failure.cause)
        try:
            self._draft.write(data)
        except OSError as error:
            self.failure = unwritten(error)
            raise

    def finish(self, address: str) -> None:
        """All of it has come: keep it."""
        try:
            self._bridge.keep(self._slot, self._draft, self.name, address)
        except FailedError as failure:
            self.failure = failure

    def close(self) -> None:
        """End it; what was not kept is thrown away."""
        self.closed = True
        self._draft.drop()
        self._bridge.release(self._slot)


class _Transfer(DTPHandler):
    """A data connection. What has come is kept for good before it is acknowledged."""

    timeout = SILENCE_S
    transfer_finished: bool

    def recv(self, size: int) -> bytes:
        """A connection that was reset is not the end of a file, as pyftpdlib takes it to be."""
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            pass
        except OSError as error:
            self._resp = (f"{_BROKEN_OFF} {error.strerror}.", _silent)
            self.close()
            return b""
        received: bytes = super().recv(size)
        return received

    def handle_error(self) -> None:
        """Something went wrong with what was read or written."""
        upload = self.file_obj
        if isinstance(upload, _Upload) and upload.failure is not None:
            self.close()
        else:
            super().handle_error()

    def close(self) -> None:
        """End it, well or badly."""
        upload, channel = self.file_obj, self.cmd_channel
        if not self._closed and isinstance(upload, _Upload):
            if upload.failure is None and self.transfer_finished:
                upload.finish(channel.remote_ip)
            elif upload.failure is None:
                cure = "Look at the station's network; it may try again."
                upload.failure = FailedError(_BROKEN_OFF, "the upload was broken off", cure)
            if upload.failure is not None:
                self.transfer_finished = False
                if upload.failure.status != _BROKEN_OFF:  # whoever breaks it off says so himself
                    self._resp = (_reply(upload.failure), _silent)
                channel.tell("STOR", upload.failure)
        super().close()


class _Passive(PassiveDTP):
    """Waits for a data connection, at the ports that the profile names and at no other."""

    def bind(self, address: tuple[str, int]) -> None:
        """Bind; pyftpdlib takes any port where all of those are in use."""
        if address[1] == 0 and self.cmd_channel.passive_ports:
            self.close()
            raise OSError(errno.EADDRINUSE, "no passive port is free")
        super().bind(address)


class _Files:
    """What pyftpdlib takes for a file system: one address. No name that a station says goes any further."""

    cwd = "/"

    def __init__(self, _home: str, channel: Session) -> None:
        self.cmd_channel = channel
        self._bridge: Bridge = channel.server.bridge
        self._slot = channel.slot

    def ftp2fs(self, path: str) -> str:
        """A path stays what the station said."""
        return path

    fs2ftp = realpath = ftp2fs

    def validpath(self, _path: str) -> bool:
        """Any: it leads nowhere."""
        return True

    def chdir(self, _path: str) -> None:
        """Every folder is the same one."""

    def isfile(self, _path: str) -> bool:
        """Whether there is a file to fetch."""
        return bool(self._slot.offered)

    def getsize(self, _path: str) -> int:
        """The size of the file to fetch."""
        return self._offered().stat().st_size

    def open(self, path: str, mode: str) -> BinaryIO | _Upload:
        """Begin to take the file, or to give it. Raises FilesystemError."""
        if mode == "rb":
            return self._offered().open("rb")
        try:
            if mode != "wb":
                raise FailedError(405, "an upload that goes on where another one ended", "It must begin anew.")
            draft = self._bridge.begin(self._slot)
        except FailedError as failure:
            raise self._refused("STOR", failure) from failure
        return _Upload(self._bridge, self._slot, path.rpartition("/")[2], draft)

    def _offered(self) -> Path:
        try:
            return self._bridge.offered(self._slot)
        except FailedError as failure:
            raise self._refused("RETR", failure) from failure

    def _refused(self, request: str, failure: FailedError) -> FilesystemError:
        self.cmd_channel.tell(request, failure)
        return FilesystemError(failure.cause)


class _Doorkeeper:
    """What pyftpdlib takes for its authorizer: whoever knows a token may come in; ``_Files`` says what for."""

    def validate_authentication(self, user: str, _password: str, channel: Session) -> None:
        """Find the address. Raises AuthenticationFailed."""
        try:
            channel.slot = channel.server.bridge.enter(user)
        except FailedError as failure:
            channel.tell(f"USER {without_token(user)}", failure)
            raise AuthenticationFailed(failure.cause) from failure

    def get_home_dir(self, _user: str) -> str:
        """There is one folder."""
        return "/"

    def get_msg_login(self, _user: str) -> str:
        """A greeting."""
        return "One file, please."

    def get_msg_quit(self, _user: str) -> str:
        """A farewell."""
        return "Goodbye."

    def has_perm(self, _user: str, _perm: str, _path: str) -> bool:
        """Commands that are not refused already are harmless."""
        return True

    def impersonate_user(self, _user: str, _password: str) -> None:
        """Nobody is."""

    def terminate_impersonation(self, _user: str) -> None:
        """Nobody was."""


class Session(FTPHandler):
    """A control connection."""

    banner = "Drop box."
    authorizer = _Doorkeeper()
    abstracted_fs = _Files
    dtp_handler = _Transfer
    passive_dtp = _Passive
    proto_cmds = {name: about for name, about in FTPHandler.proto_cmds.items() if name in _COMMANDS}  # noqa: RUF012
    timeout = SILENCE_S
    auth_failed_timeout = 0  # nobody guesses 128 bits
    #: Bytes stay as they are, whatever type is asked for: stations send archives without saying so.
    _current_type = property(lambda _self: "i", lambda _self, _type: None)
    slot: Slot
    _in_dtp_queue: tuple[_Upload, str] | None

    def __init__(self, connection: socket.socket, server: Any, ioloop: Any = None) -> None:
        super().__init__(connection, server, ioloop=ioloop)
        self.passive_ports = server.passive_ports or None
        self.masquerade_address = server.public_address or None

    def on_connect(self) -> None:
        """No connection lasts for ever."""
        self.call_later(LONGEST_S, self.handle_timeout)

    def tell(self, request: str, failure: FailedError) -> None:
        """Say that something was refused."""
        self.server.bridge.tell(self.remote_ip, f"FTP {request}", getattr(self, "slot", None), failure)

    def ftp_STAT(self, _path: str) -> None:
        """Say nothing of files, nor of who is here."""
        self.respond("211 Drop box.")

    def ftp_STOR(self, path: str, mode: str = "w") -> None:
        """Take a file, unless one is on its way."""
        if self.data_channel is not None and self.data_channel.file_obj is not None:
            self.respond("450 another file is on its way.")
            return
        super().ftp_STOR(path, mode)

    def flush_account(self) -> None:
        """Somebody else comes in."""
        self._drop_queued()
        super().flush_account()

    def _drop_queued(self) -> None:
        """Take back an upload whose data connection never came."""
        if self._in_dtp_queue is not None:
            self._in_dtp_queue[0].close()
            self._in_dtp_queue = None

    def _make_eport(self, address: str, port: int) -> None:
        self._drop_queued()
        super()._make_eport(address, port)

    def _make_epasv(self, extmode: bool = False) -> None:
        self._drop_queued()
        try:
            super()._make_epasv(extmode)
        except OSError as error:
            self._dtp_acceptor = None
            self.respond(f"425 Can't open data connection: {error.strerror}.")

    def log(self, message: str, logfun: object = None) -> None:
        """Strangers must not fill the log; what matters is told."""

    def logline(self, message: str, logfun: object = None) -> None:
        """See ``log``."""

    def log_cmd(self, *_about: object) -> None:
        """See ``log``."""

    def log_transfer(self, **_about: object) -> None:
        """See ``log``."""

    def log_exception(self, _instance: object) -> None:
        """A mistake of ours."""
        _LOG.exception("FTP with %s failed", self.remote_ip)


def _reply(failure: FailedError) -> str:
    return f"{_REPLIES.get(failure.status, 550)} {failure.cause}."


def _silent(*_message: object) -> None:
    """A log function that logs nothing."""
