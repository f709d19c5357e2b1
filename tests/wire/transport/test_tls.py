"""Security profiles 2 and 3: TLS over real sockets, who comes in by it, and what is said of those who do not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from console.csms.listener.gate import Gate, TlsFiles
from console.csms.listener.listener import Listener, ListenSettings
from console.service.authority import SiteAuthority
from tests.support.certificates import STRONG, request
from tests.wire.transport.conftest import FakeCsms, LoopClock, Site, Start
from tests.wire.transport.test_admission import basic

CUT_OFF = (OSError, EOFError, InvalidMessage)
OCPP = [Subprotocol("ocpp1.6")]
PASSWORD = "a long enough one"


class Authority:
    """Who signs the certificates of a site, and the files that the service reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.renew()

    def renew(self) -> None:
        """Write the service's certificate, and whose clients it takes."""
        issued = self.ca.issue_cert("127.0.0.1")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        (self.folder / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        self.ca.cert_pem.write_to_path(self.folder / "clients.pem")

    def gate(self, security_profile: int) -> Gate:
        """A gate with these files."""
        client_ca = self.folder / "clients.pem" if security_profile == 3 else None
        files = TlsFiles((self.folder / "chain.pem",), (self.folder / "key.pem",), client_ca)
        return Gate("127.0.0.1", 0, security_profile, files)

    def client(self, name: str = "", signed_by: trustme.CA | None = None) -> ssl.SSLContext:
        """What a station needs: our authority, and a certificate of its own if it has a name."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        if name:
            (signed_by or self.ca).issue_cert(f"{name}.example", common_name=name).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def told(site: Site, words: str) -> str:
    """Wait until the operator reads of a refusal; return its cure."""
    await site.csms.until(lambda: any(words in attempt.cause for attempt in site.csms.attempts))
    return next(attempt.cure for attempt in site.csms.attempts if words in attempt.cause)


def shake_hands(port: int, context: ssl.SSLContext) -> None:
    """As a station without asyncio does it: one that does not trust us says so before it hangs up."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1"),
    ):
        pass


@pytest.mark.conforms("DX-S01")
async def test_profile_2_is_tls_with_a_password(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    site.csms.passwords["CP-1"] = PASSWORD.encode()
    url = f"wss://127.0.0.1:{site.port}/CP-1"
    shown = basic("CP-1", PASSWORD)
    async with connect(url, ssl=authority.client(), subprotocols=OCPP, additional_headers=shown) as station:
        await station.send('[2,"1","Heartbeat",{}]')
        assert await station.recv() == '[3,"1",{}]'
        assert site.session.security_profile == 2
    with pytest.raises(InvalidStatus, match="401"):
        await connect(url, ssl=authority.client(), subprotocols=OCPP)
    assert "security profile 2" in await told(site, "shows no password")


@pytest.mark.conforms("DX-S05", "TC_087_CSMS")
async def test_profile_3_is_a_certificate_with_the_stations_name(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(3),))
    url = f"wss://127.0.0.1:{site.port}/"
    async with connect(url + "CP-1", ssl=authority.client("CP-1"), subprotocols=OCPP):
        assert (site.session.security_profile, site.session.certificate_name) == (3, "CP-1")
    with pytest.raises(InvalidStatus, match="403"):
        await connect(url + "CP-1", ssl=authority.client("CP-2"), subprotocols=OCPP)
    assert "serial number" in await told(site, "the certificate is that of CP-2")


async def test_what_the_sites_own_authority_signed_opens_profile_3(start: Start, authority: Authority) -> None:
    own = SiteAuthority(authority.folder, "depot")
    chain = await own.sign(request("CP-1"))
    (authority.folder / "clients.pem").write_text(await own.certificate())
    context = authority.client()
    private = STRONG.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (authority.folder / "station.pem").write_bytes(chain.encode() + private)
    context.load_cert_chain(authority.folder / "station.pem")
    site = await start(listen=(authority.gate(3),))
    async with connect(f"wss://127.0.0.1:{site.port}/CP-1", ssl=context, subprotocols=OCPP):
        assert (site.session.security_profile, site.session.certificate_name) == (3, "CP-1")


@pytest.mark.conforms("DX-S06")
async def test_without_a_certificate_nobody_comes_in_by_profile_3(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(3),))
    url = f"wss://127.0.0.1:{site.port}/CP-1"
    with pytest.raises(CUT_OFF):
        await connect(url, ssl=authority.client(), subprotocols=OCPP)
    assert "profile 3" in await told(site, "shows no certificate")
    stranger = trustme.CA()
    with pytest.raises(CUT_OFF):
        await connect(url, ssl=authority.client("CP-1", signed_by=stranger), subprotocols=OCPP)
    assert "client_ca" in await told(site, "certificate is not accepted")


@pytest.mark.conforms("DX-S06")
async def test_a_certificate_that_has_expired_opens_nothing(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(3),))
    url = f"wss://127.0.0.1:{site.port}/CP-1"
    expired = authority.client()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    authority.ca.issue_cert("CP-1.example", common_name="CP-1", not_after=yesterday).configure_cert(expired)
    with pytest.raises(CUT_OFF):
        await connect(url, ssl=expired, subprotocols=OCPP)
    assert "be valid now" in await told(site, "certificate has expired")
    assert not site.csms.sessions
    async with connect(url, ssl=authority.client("CP-1"), subprotocols=OCPP):
        assert site.session.security_profile == 3


async def test_a_station_that_does_not_trust_us_is_told_of(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(shake_hands, site.port, ssl.create_default_context())
    assert "root certificate" in await told(site, "does not trust this service's certificate")


async def test_plain_websocket_at_a_tls_port_is_told_of(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    raw = await site.raw()
    await raw.send(b"GET /CP-1 HTTP/1.1\r\n\r\n")
    assert "wss://" in await told(site, "speaks ws://")


@pytest.mark.conforms("TC_086_CSMS")
async def test_old_tls_is_refused(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    old = authority.client()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(CUT_OFF):
        await connect(f"wss://127.0.0.1:{site.port}/CP-1", ssl=old, subprotocols=OCPP)
    assert "firmware" in await told(site, "older than 1.2")


async def test_who_says_nothing_is_cut_off(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),), handshake_timeout_s=0.2)
    raw = await site.raw()
    assert await raw.reader.read() == b""
    await told(site, "took too long")


async def test_a_renewed_certificate_is_shown_without_a_restart(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    site.csms.passwords["CP-1"] = PASSWORD.encode()
    url = f"wss://127.0.0.1:{site.port}/CP-1"
    authority.ca = trustme.CA()
    authority.renew()
    async with connect(
        url, ssl=authority.client(), subprotocols=OCPP, additional_headers=basic("CP-1", PASSWORD)
    ) as station:
        await station.send('[2,"1","Heartbeat",{}]')
        assert await station.recv() == '[3,"1",{}]'


async def test_closing_ends_handshakes_under_way(start: Start, authority: Authority) -> None:
    site = await start(listen=(authority.gate(2),))
    raw = await site.raw()
    await raw.send(b"\x16\x03\x01")
    await asyncio.wait_for(site.listener.close(), 15)
    with suppress(ConnectionResetError):
        assert await raw.reader.read() == b""


def test_a_station_that_greets_before_we_listen_to_it_gets_in(authority: Authority) -> None:
    """What comes with the connection itself: the service's own event loop reads it before the handshake begins."""
    uvloop = pytest.importorskip("uvloop")

    async def visit() -> None:
        csms = FakeCsms()
        listener = Listener(csms, csms, LoopClock(), ListenSettings(listen=(authority.gate(2),)))
        ((_, port),) = await listener.start()
        context = authority.client()
        await asyncio.gather(*(asyncio.to_thread(shake_hands, port, context) for _ in range(20)))
        await listener.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(visit())
