"""The drop box over HTTP: what is taken and given, what is refused, and that nothing comes out of its folder."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.csms.listener.gate import Gate, TlsFiles
from console.model.site import Site
from console.model.station_file import FileKind, StationFile
from console.service.dropbox import door as door_module
from console.service.dropbox import upload as upload_module
from console.service.dropbox.door import Door
from console.service.dropbox.folder import Folder
from console.service.dropbox.settings import FilesSettings
from console.service.dropbox.slots import Slots
from console.service.runtime import Service
from tests.support.services import console, running_service, site_when, until

LOG = b"13:00 all is well\n" * 50
SOON = timedelta(hours=1)


def session(security_profile: int = 0, address: str = "127.0.0.1") -> Any:
    return SimpleNamespace(station_id="CP-1", local_address=address, security_profile=security_profile)


async def address(service: Service, lasts: timedelta = SOON) -> str:
    return await service._box.expect(session(), FileKind.DIAGNOSTICS, 7, datetime.now(UTC) + lasts)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with running_service(tmp_path / "data") as service:
        yield service


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def received(service: Service) -> list[StationFile]:
    return service._box.folder.received()


def content(service: Service) -> bytes:
    (file,) = received(service)
    path = service._box.folder.path_of(file.file_id)
    assert path is not None
    return path.read_bytes()


async def test_a_raw_body_is_put(service: Service, client: httpx.AsyncClient) -> None:
    answer = await client.put(f"{await address(service)}my%20log.txt", content=LOG)
    assert answer.status_code == 201
    assert content(service) == LOG
    assert received(service)[0].name == "my log.txt"
    assert received(service)[0].request_id == 7


async def test_a_body_without_a_length_is_put(service: Service, client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield LOG[:18]

    assert (await client.put(await address(service), content=pieces())).status_code == 201
    assert content(service) == LOG


async def test_a_form_is_posted(service: Service, client: httpx.AsyncClient) -> None:
    files = {"file": ("../../log.zip", LOG, "application/zip")}
    answer = await client.post(await address(service), data={"note": "x"}, files=files)
    assert answer.status_code == 200
    assert content(service) == LOG
    assert received(service)[0].name == "../../log.zip"


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--\r\n"]
)
async def test_a_broken_form_is_refused(service: Service, client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert (await client.post(await address(service), content=body, headers=headers)).status_code == 400
    assert received(service) == []


async def test_each_address_is_for_one_file(service: Service, client: httpx.AsyncClient) -> None:
    url = await address(service)
    assert (await client.put(url, content=LOG)).status_code == 201
    assert (await client.put(url, content=b"other")).status_code == 410
    assert content(service) == LOG


async def test_a_refused_upload_can_be_tried_again(service: Service, client: httpx.AsyncClient) -> None:
    url = await address(service)
    assert (await client.put(url, content=b"")).status_code == 400
    assert (await client.put(url, content=LOG)).status_code == 201


async def test_what_the_disk_does_not_take_is_no_file(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    url = await address(service)
    with monkeypatch.context() as broken:
        broken.setattr("console.service.dropbox.folder.os.fsync", fsync)
        assert (await client.put(url, content=LOG)).status_code == 507
    assert received(service) == []
    assert not any(service._box.folder._received.iterdir())
    assert (await client.put(url, content=LOG)).status_code == 201


async def test_two_uploads_to_one_address_are_not_mixed(service: Service, client: httpx.AsyncClient) -> None:
    url = httpx.URL(await address(service))
    _, writer = await asyncio.open_connection("127.0.0.1", url.port)
    writer.write(f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf".encode())
    await until(lambda: service._box.slots.claimed == 1)
    assert (await client.put(url, content=LOG)).status_code == 409
    writer.write(b"half")
    await until(lambda: bool(received(service)))
    assert content(service) == b"halfhalf"
    writer.close()


async def test_an_upload_that_breaks_off_leaves_nothing(service: Service, client: httpx.AsyncClient) -> None:
    url = await address(service)
    port = httpx.URL(url).port
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"PUT {httpx.URL(url).path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf".encode())
    await writer.drain()
    parts = service._box.folder._received
    await until(lambda: any(parts.glob("*.part")))
    writer.close()
    await until(lambda: not any(parts.iterdir()))
    assert (await client.put(url, content=LOG)).status_code == 201


async def test_what_comes_too_slowly_is_given_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "SILENCE_S", 0.05)
    url = httpx.URL(await address(service))
    reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
    writer.write(f"PUT {url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf".encode())
    assert b" 408 " in await reader.readline()
    writer.close()
    assert not any(service._box.folder._received.iterdir())


async def test_too_much_is_refused(
    service: Service, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (door_module, upload_module):
        monkeypatch.setattr(module, "MOST_UPLOAD_BYTES", 500)

    async def pieces() -> AsyncIterator[bytes]:
        yield LOG

    for body in (LOG, pieces()):
        with contextlib.suppress(httpx.WriteError):
            assert (await client.put(await address(service), content=body)).status_code == 413
    assert not any(service._box.folder._received.iterdir())


async def test_what_nobody_asked_for_is_refused_and_shown(
    service: Service, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    url = httpx.URL(await address(service))
    stale = await address(service, timedelta(seconds=-1))
    async with console(tmp_path / "data") as backend:
        assert (await client.put(url.copy_with(path="/etc/passwd"), content=LOG)).status_code == 404
        assert (await client.get(url)).status_code == 405
        assert (await client.request("PROPFIND", url)).status_code == 405
        assert (await client.put(stale, content=LOG)).status_code == 410

        def shown(site: Site) -> bool:
            return {attempt.http_status for attempt in site.attempts.values()} >= {404, 405, 410}

        site = await site_when(backend.watch(), shown)
    told = " ".join(f"{attempt.path} {attempt.cause}" for attempt in site.attempts.values())
    assert url.path.strip("/") not in told, "who reads it could put a file there"
    assert received(service) == []


async def test_whoever_says_nothing_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.service.dropbox.box._HEAD_TIMEOUT_S", 0.05)
    async with running_service(tmp_path / "data") as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(await address(service)).port)
        writer.write(b"PUT /")
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


async def test_firmware_is_fetched_whole_or_in_part(
    service: Service, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    source = tmp_path / "firm ware 2.bin"
    source.write_bytes(bytes(range(256)) * 10)
    url = await service._box.offer(session(), source, datetime.now(UTC) + SOON)
    assert url.endswith("/firm-ware-2.bin")
    whole = await client.get(url)
    assert (whole.status_code, whole.content) == (200, source.read_bytes())
    part = await client.get(url, headers={"range": "bytes=2550-"})
    assert (part.status_code, part.content) == (206, source.read_bytes()[2550:])
    assert (await client.head(url)).headers["content-length"] == "2560"
    assert (await client.get(url, headers={"range": "bytes=9999-"})).status_code == 416
    assert (await client.put(url, content=b"other")).status_code == 405


async def test_firmware_is_still_there_after_a_restart(client: httpx.AsyncClient, tmp_path: Path) -> None:
    source = tmp_path / "firmware.bin"
    source.write_bytes(b"code")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    files = FilesSettings(port=port)
    async with running_service(tmp_path / "data", files=files) as service:
        url = await service._box.offer(session(), source, datetime.now(UTC) + SOON)
    async with running_service(tmp_path / "data", files=files):
        assert (await client.get(url)).content == b"code"


async def test_a_taken_port_is_told_and_another_one_used(client: httpx.AsyncClient, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        files = FilesSettings(port=taken.getsockname()[1])
        async with running_service(tmp_path / "data", files=files) as service, console(tmp_path / "data") as backend:
            assert (await client.put(await address(service), content=LOG)).status_code == 201
            await service._store.writer.flush()
            assert any("files.port" in notice.text for notice in await backend.alarms())


async def test_stations_are_told_the_public_address(tmp_path: Path) -> None:
    files = FilesSettings(public_url="https://files.example.org/box/")
    async with running_service(tmp_path / "data", files=files) as service:
        assert (await address(service)).startswith("https://files.example.org/box/")


async def test_ipv6_addresses_stand_in_brackets(service: Service) -> None:
    for told, expected in (("2001:db8::5", "http://[2001:db8::5]:"), ("::ffff:10.0.0.5", "http://10.0.0.5:")):
        url = await service._box.expect(session(address=told), FileKind.SECURITY, 1, datetime.now(UTC) + SOON)
        assert url.startswith(expected)


async def test_stations_that_come_by_tls_put_their_files_by_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    gates = (Gate("127.0.0.1", 0), Gate("127.0.0.1", 0, 2, TlsFiles((chain,), (key,))))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with running_service(tmp_path / "data", gates=gates) as service:
        url = await service._box.expect(session(2), FileKind.SECURITY, 1, datetime.now(UTC) + SOON)
        assert url.startswith("https://127.0.0.1:")
        assert (await address(service)).startswith("http://127.0.0.1:")
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            assert (await client.put(url, content=LOG)).status_code == 201
        assert content(service) == LOG


class Host:
    """Implements ``door.Host``."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)
        self.folder.prepare()
        self.slots = Slots()
        self.files: list[StationFile] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def received(self, file: StationFile) -> None:
        self.files.append(file)

    async def used(self) -> None:
        pass

    def refused(self, *_told: object) -> None:
        pass


_PATHS = st.text(st.sampled_from(list("./\\%2eEfF0ab\0:~-\u202e\n ")), max_size=40)
_NAMES = st.one_of(_PATHS, st.sampled_from(["../../../tmp/evil", "/etc/cron.d/evil", "C:\\evil", "..", "\0"]))
_HEADERS = st.dictionaries(
    st.sampled_from(["content-disposition", "x-filename", "slug", "destination", "content-location", "content-type"]),
    _NAMES.map(lambda name: name.encode("latin-1", "replace")),
)


@given(
    path=_PATHS,
    headers=_HEADERS,
    name=_NAMES,
    method=st.sampled_from(["PUT", "POST", "GET", "DELETE", "MKCOL", "MOVE", "COPY", "PATCH"]),
    known=st.booleans(),
    form=st.booleans(),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_makes_a_file_outside_the_box(
    tmp_path: Path, path: str, headers: dict[str, bytes], name: str, method: str, known: bool, form: bool
) -> None:
    box = tmp_path / "a" / "b" / "files"
    box.parent.mkdir(parents=True, exist_ok=True)
    host = Host(box)
    slot = host.slots.open("CP-1", datetime.now(UTC) + SOON, datetime.now(UTC))
    body = b"evil"
    if form:
        quoted = name.replace('"', "").replace("\n", "").encode("utf-8", "replace")
        body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="' + quoted + b'"\r\n\r\nevil\r\n--x--\r\n'
        headers = headers | {"content-type": b"multipart/form-data; boundary=x"}
    scope = {
        "type": "http",
        "method": method,
        "path": f"/{slot.token}/{path}" if known else f"/{path}",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 1),
        "client": ("127.0.0.1", 2),
        "headers": [(key.encode(), value) for key, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Door(host)(scope, receive, send))
    made = [one for one in tmp_path.rglob("*") if one.is_file()]
    inside = [one for one in made if one.parent == box / "received"]
    assert made == inside
    assert all(one.suffix in (".data", ".json") and one.stat().st_mode & 0o777 == 0o600 for one in inside)
    for one in inside:
        one.unlink()
