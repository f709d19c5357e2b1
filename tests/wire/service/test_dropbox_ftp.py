"""The drop box over FTP, by Python's own client: one file for each address, and nothing else is done."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import json
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import pytest
import websockets
from websockets.typing import Subprotocol

from console.backends.base import RecordQuery
from console.errors import ConsoleError
from console.model.file_command import FetchLog, FileProtocol
from console.model.record import RecordKind
from console.model.site import Site
from console.model.station_file import FileKind, StationFile
from console.service.dropbox import folder as folder_module
from console.service.dropbox.settings import FilesSettings
from console.service.runtime import Service
from tests.support.services import console, running_service, site_when, until

LOG = b"13:00 all is well\r\n" * 5000
SOON = timedelta(hours=1)
T = TypeVar("T")
SESSION: Any = SimpleNamespace(station_id="CP-1", local_address="127.0.0.1", security_profile=0)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with running_service(tmp_path / "data", files=FilesSettings(ftp_port=0)) as service:
        yield service


async def address(service: Service, lasts: timedelta = SOON) -> str:
    until = datetime.now(UTC) + lasts
    return await service._box.expect(SESSION, FileKind.DIAGNOSTICS, 7, until, ftp=True)


async def offer(service: Service, tmp_path: Path, content: bytes) -> str:
    source = tmp_path / "firm ware.bin"
    source.write_bytes(content)
    return await service._box.offer(SESSION, source, datetime.now(UTC) + SOON, ftp=True)


def connect(url: str) -> ftplib.FTP:
    """Log in as a station does that was told this address."""
    told = urlsplit(url)
    ftp = ftplib.FTP(timeout=20)
    ftp.connect(told.hostname or "", told.port or 0)
    try:
        ftp.login(told.username or "", "anything")
    except BaseException:
        ftp.close()
        raise
    return ftp


async def at(url: str, work: Callable[[ftplib.FTP], T]) -> T:
    """Do something with a station's client, in a thread: it blocks."""

    def run() -> T:
        with connect(url) as ftp:
            return work(ftp)

    return await asyncio.to_thread(run)


def store(content: bytes, name: str = "log.zip") -> Callable[[ftplib.FTP], str]:
    return lambda ftp: ftp.storbinary(f"STOR {name}", io.BytesIO(content))


async def refused(url: str, work: Callable[[ftplib.FTP], object]) -> str:
    with pytest.raises(ftplib.Error) as error:
        await at(url, work)
    return str(error.value)


def received(service: Service) -> list[StationFile]:
    return service._box.folder.received()


def content(service: Service) -> bytes:
    (file,) = received(service)
    path = service._box.folder.path_of(file.file_id)
    assert path is not None
    return path.read_bytes()


def everything(path: Path) -> list[Path]:
    return list(path.rglob("*"))


async def idle(service: Service) -> None:
    await until(lambda: not service._box.slots.claimed)


@pytest.mark.parametrize("passive", [True, False])
async def test_a_log_is_put(service: Service, passive: bool) -> None:
    def put(ftp: ftplib.FTP) -> str:
        ftp.set_pasv(passive)
        return ftp.storbinary("STOR logs/my log.zip", io.BytesIO(LOG))

    assert (await at(await address(service), put)).startswith("226")
    assert content(service) == LOG
    (file,) = received(service)
    assert (file.name, file.request_id, file.station_id, file.address) == ("my log.zip", 7, "CP-1", "127.0.0.1")


async def test_bytes_stay_as_they_are_whatever_type_is_asked_for(service: Service, tmp_path: Path) -> None:
    def put(ftp: ftplib.FTP) -> None:
        ftp.voidcmd("TYPE A")
        with ftp.transfercmd("STOR log.zip") as data:
            data.sendall(LOG)
        ftp.voidresp()

    await at(await address(service), put)
    assert content(service) == LOG
    fetched = bytearray()

    def fetch(ftp: ftplib.FTP) -> None:
        ftp.voidcmd("TYPE A")
        with ftp.transfercmd("RETR firmware") as data:
            while part := data.recv(65536):
                fetched.extend(part)
        ftp.voidresp()

    await at(await offer(service, tmp_path, b"a\nb\r\n"), fetch)
    assert bytes(fetched) == b"a\nb\r\n"


async def test_firmware_is_fetched_whole_or_in_part_and_again(service: Service, tmp_path: Path) -> None:
    code = bytes(range(256)) * 4000
    url = await offer(service, tmp_path, code)
    assert url.endswith("/firm-ware.bin")
    name = urlsplit(url).path[1:]

    def fetch(rest: int) -> Callable[[ftplib.FTP], bytes]:
        def run(ftp: ftplib.FTP) -> bytes:
            into = io.BytesIO()
            ftp.voidcmd("TYPE I")
            assert ftp.size(name) == len(code)
            ftp.retrbinary(f"RETR {name}", into.write, rest=rest or None)
            return into.getvalue()

        return run

    assert await at(url, fetch(0)) == code
    assert await at(url, fetch(1000)) == code[1000:]
    assert "STOR at an address for RETR" in await refused(url, store(LOG))
    assert "REST position" in await refused(url, fetch(len(code) + 1))


async def test_each_address_is_for_one_file_by_whatever_protocol(service: Service) -> None:
    def twice(ftp: ftplib.FTP) -> str:
        store(LOG)(ftp)
        with pytest.raises(ftplib.error_perm, match="put at this address already"):
            store(b"other")(ftp)
        return ftp.pwd()

    url = await address(service)
    assert await at(url, twice) == "/"
    assert "already" in await refused(url, store(b"other"))
    async with httpx.AsyncClient(trust_env=False) as client:
        http = f"http://127.0.0.1:{service._box._ports['http']}/{urlsplit(url).username}/"
        assert (await client.put(http, content=b"other")).status_code == 410
    assert content(service) == LOG


async def test_an_upload_under_way_keeps_others_out(service: Service) -> None:
    url = await address(service)

    def put(ftp: ftplib.FTP) -> None:
        with ftp.transfercmd("STOR log") as data:
            data.sendall(b"half")
            with connect(url) as other, pytest.raises(ftplib.error_perm, match="another upload"):
                store(b"x")(other)
            data.sendall(b"half")
        ftp.voidresp()

    await at(url, put)
    assert content(service) == b"halfhalf"


async def test_who_knows_no_address_stays_out_and_is_shown(service: Service, tmp_path: Path) -> None:
    url = await address(service)
    token = str(urlsplit(url).username)
    stale = await address(service, timedelta(seconds=-1))
    wrong = url.replace(token, "0" * 32)
    async with console(tmp_path / "data") as backend:
        assert "nobody was given" in (await refused(wrong, store(LOG))).lower()
        assert "nobody was given" in (await refused(url.replace(token, "anonymous"), store(LOG))).lower()
        assert "expired" in await refused(stale, store(LOG))
        assert "log in" in (await asyncio.to_thread(unasked, url, "STOR x")).lower()

        def shown(site: Site) -> bool:
            return {attempt.http_status for attempt in site.attempts.values()} >= {404, 410}

        site = await site_when(backend.watch(), shown)
    told = " ".join(f"{attempt.path} {attempt.cause}" for attempt in site.attempts.values())
    assert "FTP USER" in told
    assert str(urlsplit(stale).username) not in told
    assert received(service) == []


def unasked(url: str, command: str) -> str:
    told = urlsplit(url)
    with ftplib.FTP(timeout=20) as ftp:
        ftp.connect(told.hostname or "", told.port or 0)
        with pytest.raises(ftplib.Error) as error:
            ftp.sendcmd(command)
    return str(error.value)


@pytest.mark.parametrize(
    "command",
    ["LIST", "NLST", "MLSD", "MLST x", "DELE x", "RNFR x", "MKD x", "RMD x", "APPE x", "STOU", "SITE CHMOD 777 x",
     "MDTM x", "MFMT 20261121000000 x", "RETR x", "RETR ../../site.db", "SIZE x"],
)  # fmt: skip
async def test_nothing_else_can_be_asked(service: Service, command: str) -> None:
    def ask(ftp: ftplib.FTP) -> None:
        ftp.sendcmd(command)

    assert (await refused(await address(service), ask))[0] == "5"
    assert received(service) == []


@pytest.mark.parametrize(
    "name", ["../../../evil", "/etc/cron.d/evil", "..", "C:\\evil", "a/../../../evil", "~/evil", "\u202e evil"]
)
async def test_names_of_devices_are_only_shown(service: Service, tmp_path: Path, name: str) -> None:
    def put(ftp: ftplib.FTP) -> None:
        ftp.cwd("/../..")
        ftp.sendcmd("STAT")
        store(LOG, name)(ftp)

    await at(await address(service), put)
    made = [path for path in everything(tmp_path) if path.is_file() and path.parent.name == "received"]
    assert [path for path in everything(tmp_path) if "evil" in path.name] == []
    assert {path.suffix for path in made} == {".data", ".json"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in made)
    assert content(service) == LOG


async def test_what_is_too_large_or_empty_is_refused_and_can_be_tried_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await address(service)
    with monkeypatch.context() as small:
        small.setattr(folder_module, "MOST_UPLOAD_BYTES", 70_000)

        def put(ftp: ftplib.FTP) -> None:
            data = ftp.transfercmd("STOR log")
            with data, contextlib.suppress(ConnectionError):  # it is cut off
                data.sendall(LOG)
            ftp.voidresp()

        assert (await refused(url, put)).startswith("552 the file is larger")
    assert "empty" in await refused(url, store(b""))
    await idle(service)
    assert not any(service._box.folder._received.iterdir())
    await at(url, store(LOG))
    assert content(service) == LOG


async def test_what_the_disk_does_not_take_is_not_acknowledged(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    url = await address(service)
    with monkeypatch.context() as broken:
        broken.setattr("console.service.dropbox.folder.os.fsync", fsync)
        assert (await refused(url, store(LOG))).startswith("452 it cannot be written")
    assert received(service) == []
    await idle(service)
    await at(url, store(LOG))


@pytest.mark.parametrize("how", ["reset", "abort", "hang up"])
async def test_an_upload_that_breaks_off_leaves_nothing(service: Service, how: str) -> None:
    url = await address(service)

    def put(ftp: ftplib.FTP) -> None:
        with ftp.transfercmd("STOR log") as data:
            data.sendall(LOG)
            while not any(path.stat().st_size for path in service._box.folder._received.glob("*.part")):
                time.sleep(0.01)
            if how == "reset":
                data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                data.close()
                assert ftp.getmultiline().startswith("426")
            elif how == "abort":
                ftp.putcmd("ABOR")
                while not ftp.getmultiline().startswith("22"):  # 426 first, if something was read already
                    continue
            else:
                ftp.close()

    await at(url, put)
    await idle(service)
    await until(lambda: not any(service._box.folder._received.iterdir()))
    await at(url, store(LOG))
    assert content(service) == LOG


async def test_an_upload_whose_data_never_came_can_be_begun_again(service: Service) -> None:
    def put(ftp: ftplib.FTP) -> None:
        ftp.sendcmd("PASV")
        ftp.sendcmd("STOR log")
        ftp.storbinary("STOR log", io.BytesIO(LOG))

    await at(await address(service), put)
    await idle(service)
    assert content(service) == LOG


async def test_the_end_of_the_service_ends_transfers(tmp_path: Path) -> None:
    async with running_service(tmp_path / "data", files=FilesSettings(ftp_port=0)) as service:
        url = await address(service)
        ftp = await asyncio.to_thread(connect, url)
        data = await asyncio.to_thread(ftp.transfercmd, "STOR log")
        await asyncio.to_thread(data.sendall, b"half")
        await until(lambda: service._box.slots.claimed == 1)
        waiting = await asyncio.to_thread(connect, url)
        received = service._box.folder._received
    for each in (ftp, waiting):
        with pytest.raises((EOFError, OSError)):
            await asyncio.to_thread(each.voidcmd, "NOOP")
        each.close()
    data.close()
    assert not any(received.iterdir())


async def test_data_come_in_at_the_named_ports_only(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        number = one.getsockname()[1]
    files = FilesSettings(ftp_port=0, ftp_passive_ports=(number, number))
    async with running_service(tmp_path / "data", files=files) as service:

        def port(ftp: ftplib.FTP) -> int:
            return ftp.makepasv()[1]

        def none(ftp: ftplib.FTP) -> str:
            with socket.create_server(("127.0.0.1", number)), pytest.raises(ftplib.error_temp, match="no passive port"):
                ftp.makepasv()
            return ftp.pwd()

        assert await at(await address(service), port) == number
        assert await at(await address(service), none) == "/"
        await at(await address(service), store(LOG))
        assert content(service) == LOG


async def test_the_public_address_is_told_and_ftp_is_said_to_be_off(tmp_path: Path) -> None:
    files = FilesSettings(ftp_port=0, public_url="https://192.0.2.7:8443/box")
    async with running_service(tmp_path / "a", files=files) as service:
        url = urlsplit(await address(service))
        assert (url.hostname, url.port) == ("192.0.2.7", service._box._ports["ftp"])
        told = await at(f"ftp://{url.username}@127.0.0.1:{url.port}/", lambda ftp: ftp.sendcmd("PASV"))
        assert "(192,0,2,7," in told
        await service._box.withdraw(url.geturl())
        assert not service._box.slots.all()
    async with running_service(tmp_path / "b") as service:
        with pytest.raises(ConsoleError) as error:
            await address(service)
        assert "files.ftp_port" in error.value.hint


async def test_without_pyftpdlib_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "console.service.dropbox.ftp", None)
    async with running_service(tmp_path / "data", files=FilesSettings(ftp_port=0)) as service:
        with pytest.raises(ConsoleError) as error:
            await address(service)
        assert "pyftpdlib" in error.value.hint
        async with console(tmp_path / "data") as backend:
            await service._store.writer.flush()
            assert any("pyftpdlib" in notice.text for notice in await backend.alarms())


async def test_an_old_station_uploads_by_ftp_what_getdiagnostics_asks_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_service(data, files=FilesSettings(ftp_port=0)) as service, console(data) as backend:
        async with websockets.connect(
            f"{service.info.listening[0]}/CP-OLD", subprotocols=[Subprotocol("ocpp1.6")]
        ) as station:
            boot = {"chargePointVendor": "Old", "chargePointModel": "One"}
            await station.send(json.dumps([2, "1", "BootNotification", boot]))
            await station.recv()
            asking = asyncio.create_task(backend.run(FetchLog("CP-OLD", protocol=FileProtocol.FTP)))
            _, number, action, asked = json.loads(await station.recv())
            assert action == "GetDiagnostics"
            assert asked["location"].startswith("ftp://")
            await station.send(json.dumps([3, number, {"fileName": "diag.log"}]))
            assert (await asking).ok
            status = "DiagnosticsStatusNotification"
            await station.send(json.dumps([2, "2", status, {"status": "Uploading"}]))
            await at(asked["location"], store(LOG, "diag.log"))
            await station.send(json.dumps([2, "3", status, {"status": "Uploaded"}]))

            async with asyncio.timeout(20):
                while True:
                    (job,) = await backend.records(RecordQuery("CP-OLD", kind=RecordKind.LOG))
                    if not job.standing:
                        break
                    await asyncio.sleep(0.01)
            assert job.summary == f"Uploaded ({len(LOG)} bytes are here)"
        (file,) = await backend.files("CP-OLD")
        pieces = [piece async for piece in backend.file_content(file.file_id)]
        assert (file.name, b"".join(pieces)) == ("diag.log", LOG)
