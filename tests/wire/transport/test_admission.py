"""The door: who comes in, who is refused, and what the operator reads about it."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from websockets.exceptions import InvalidStatus

from console.csms.listener.gate import Gate
from console.csms.listener.listener import Listener, ListenSettings
from console.errors import ConsoleError
from tests.wire.transport.conftest import REQUEST, FakeCsms, LoopClock, Site, Start


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def refusal(
    site: Site, station_id: str, subprotocols: tuple[str, ...] = ("ocpp1.6",), **options: object
) -> InvalidStatus:
    """The server's answer to a handshake that must fail."""
    with pytest.raises(InvalidStatus) as caught:
        await site.station(station_id, subprotocols, **options)
    return caught.value


async def test_a_station_is_admitted_under_its_decoded_identity(site: Site) -> None:
    station = await site.station("ocpp/RPC%2F1%20%C3%A9/")
    assert station.socket.subprotocol == "ocpp1.6"
    session = site.session
    assert (session.station_id, session.ocpp_version, session.address) == ("RPC/1 é", "1.6", "127.0.0.1")
    assert session.security_profile == 0
    assert dict(site.listener.sessions) == {"RPC/1 é": session}


async def test_connected_and_closed_are_recorded(site: Site) -> None:
    station = await site.station("ocpp/CP-1?token=hidden")
    await station.socket.close(1000, "good bye")
    await site.csms.until(lambda: site.csms.ended)
    assert site.csms.ended == [("CP-1", 1000, "good bye")]
    assert not site.listener.sessions
    await site.csms.until(lambda: len(site.csms.messages) == 2)
    connected, closed = site.csms.messages
    assert (connected.kind, connected.action, closed.action) == ("EVENT", "connected", "closed")
    assert json.loads(connected.text) == {
        "address": "127.0.0.1",
        "path": "/ocpp/CP-1",
        "offered": ["ocpp1.6"],
        "subprotocol": "ocpp1.6",
        "security_profile": 0,
        "compressed": False,
    }
    assert json.loads(closed.text) == {"code": 1000, "reason": "good bye"}


async def test_the_stations_order_decides(start: Start) -> None:
    site = await start(supported=("ocpp1.6", "ocpp2.0.1"))
    station = await site.station("CP-1", ("ocpp2.1", "ocpp2.0.1", "ocpp1.6"))
    assert station.socket.subprotocol == "ocpp2.0.1"
    assert site.session.ocpp_version == "2.0.1"


@pytest.mark.parametrize("offer", ["", "Sec-WebSocket-Protocol: \r\n"])
async def test_a_station_that_names_no_subprotocol_is_taken_for_1_6_and_answered_without_one(
    site: Site, offer: str
) -> None:
    raw = await site.raw()
    await raw.send(REQUEST.format(path="/CP-1").replace("Sec-WebSocket-Protocol: ocpp1.6\r\n", offer).encode())
    head = await raw.read_head()
    assert "101 " in head
    assert "Sec-WebSocket-Protocol" not in head
    await site.csms.until(lambda: site.csms.messages)
    assert site.session.ocpp_version == "1.6"
    assert "names no subprotocol" in site.csms.messages[0].problem


async def test_compression_is_not_negotiated(site: Site) -> None:
    station = await site.station(compression="deflate")
    assert station.socket.protocol.extensions == []


@pytest.mark.conforms("DX-S24", "DX-T03")
async def test_a_refusal_is_an_attempt_and_an_event_without_the_query(site: Site) -> None:
    error = await refusal(site, "ocpp/stranger?token=hidden")
    assert error.response.status_code == 404
    (attempt,) = site.csms.attempts
    assert (attempt.station_id, attempt.http_status) == ("stranger", 404)
    assert (attempt.address, attempt.path) == ("127.0.0.1", "/ocpp/stranger")
    assert "stranger" in attempt.cause
    assert attempt.cure
    await site.csms.until(lambda: site.csms.messages)
    (event,) = site.csms.messages
    assert (event.action, event.station_id, event.problem) == ("refused", "stranger", attempt.cause)
    assert "hidden" not in event.text


async def test_attempts_of_the_same_kind_share_an_id(site: Site) -> None:
    await refusal(site, "stranger")
    await refusal(site, "stranger")
    await refusal(site, "CP-1", ("ocpp1.5",))
    ids = [attempt.attempt_id for attempt in site.csms.attempts]
    assert ids[0] == ids[1] != ids[2]


async def test_no_common_subprotocol_is_refused_before_the_upgrade(site: Site) -> None:
    error = await refusal(site, "CP-1", ("ocpp1.2", "ocpp1.5"))
    assert error.response.status_code == 400
    assert site.csms.attempts[0].cause == "the station offers ocpp1.2, ocpp1.5 only"


async def test_a_password_lets_in_and_a_wrong_one_does_not(site: Site) -> None:
    site.csms.passwords["CP:1"] = b"s:ecret"
    error = await refusal(site, "CP:1")
    assert error.response.status_code == 401
    assert error.response.headers["WWW-Authenticate"].startswith("Basic ")
    error = await refusal(site, "CP:1", additional_headers=basic("CP:1", "guess-7731"))
    assert error.response.status_code == 401
    await site.station("CP:1", additional_headers=basic("CP:1", "s:ecret"))
    assert site.session.security_profile == 1
    told = [(attempt.cause, attempt.cure) for attempt in site.csms.attempts]
    assert "guess-7731" not in str(told)


@pytest.mark.conforms("DX-S02")
async def test_guessing_is_slowed_down_for_that_identity(site: Site) -> None:
    site.csms.passwords["CP-1"] = b"secret"
    for _ in range(4):
        error = await refusal(site, "CP-1", additional_headers=basic("CP-1", "guess"))
        assert error.response.status_code == 401
    error = await refusal(site, "CP-1", additional_headers=basic("CP-1", "secret"))
    assert error.response.status_code == 429
    assert int(error.response.headers["Retry-After"]) in (1, 2)
    await site.station("CP-2")


@pytest.mark.conforms("DX-T37")
async def test_a_station_that_connects_all_the_time_is_told_to_wait(start: Start) -> None:
    site = await start(connects_per_minute=3)
    for _ in range(3):
        await site.station("CP-1")
    error = await refusal(site, "CP-1")
    assert error.response.status_code == 429
    assert error.response.headers["Retry-After"] == "20"
    assert "more than 3 times a minute" in site.csms.attempts[0].cause
    await site.station("CP-2")


@pytest.mark.parametrize(
    ("request_text", "status", "cause"),
    [
        ("GET /CP-1 HTTP/1.1\r\nHost: x\r\n\r\n", "426", "plain HTTP request"),
        (
            REQUEST.format(path="/CP-1").replace("Connection: Upgrade\r\n", ""),
            "426",
            "“Connection: upgrade” is missing",
        ),
        (
            REQUEST.format(path="/CP-1").replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
            "400",
            "faulty",
        ),
        (REQUEST.format(path="/CP-1").replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), "400", "faulty"),
        (REQUEST.format(path="/CP-1").replace("HTTP/1.1", "HTTP/1.0"), "505", "HTTP/1.0"),
        (REQUEST.format(path="/"), "404", "without an identity"),
        (REQUEST.format(path="/é"), "400", "no HTTP request"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "400", "no HTTP request"),
        ("\x16\x03\x01\x02\x00\x01\x00", "400", "TLS"),
        ("GET /" + "x" * 20_000, "431", "too long"),
        ("GET /" + "x" * 10_000 + " HTTP/1.1\r\n\r\n", "414", "URL is too long"),
        ("GET /CP-1 HTTP/1.1\r\n" + "A: b\r\n" * 200 + "\r\n", "431", "too many"),
    ],
)
async def test_what_is_no_handshake_is_refused_with_its_cause(
    site: Site, request_text: str, status: str, cause: str
) -> None:
    raw = await site.raw()
    await raw.send(request_text.encode())
    response = (await raw.read_all()).decode()
    assert response.startswith(f"HTTP/1.1 {status} ")
    (attempt,) = site.csms.attempts
    assert cause in attempt.cause
    assert attempt.cure
    assert attempt.http_status == int(status)
    assert not site.csms.sessions


async def test_a_request_in_single_bytes_followed_by_a_message_is_understood(site: Site) -> None:
    raw = await site.raw()
    for byte in REQUEST.format(path="/CP-1").encode():
        await raw.send(bytes((byte,)))
    assert "101 " in await raw.read_head()


@pytest.mark.conforms("DX-S17")
async def test_who_says_nothing_is_turned_away_in_time(start: Start) -> None:
    site = await start(handshake_timeout_s=0.4)
    silent, slow = await site.raw(), await site.raw()
    await slow.send(b"GET /CP-1 HTTP/1.1\r\nHost:")
    assert (await silent.read_all()).startswith(b"HTTP/1.1 408 ")
    assert (await slow.read_all()).startswith(b"HTTP/1.1 408 ")
    assert [attempt.path for attempt in site.csms.attempts] == ["", "/CP-1"]
    assert "no complete HTTP request" in site.csms.attempts[0].cause


async def test_who_hangs_up_in_the_middle_is_noted_and_who_only_looks_is_not(site: Site) -> None:
    looks, stops = await site.raw(), await site.raw()
    looks.writer.close()
    await stops.send(b"GET /CP-1 HTT")
    stops.writer.write_eof()
    await site.csms.until(lambda: site.csms.attempts)
    assert "hung up" in site.csms.attempts[0].cause
    assert len(site.csms.attempts) == 1


async def test_the_oldest_silent_connection_makes_room_for_a_station(start: Start) -> None:
    site = await start(max_unauthenticated=3)
    silent = [await site.raw() for _ in range(3)]
    await site.station("CP-1")
    assert (await silent[0].read_all()).startswith(b"HTTP/1.1 503 ")
    assert "too many connections" in site.csms.attempts[0].cause
    assert not silent[1].reader.at_eof()


async def test_an_address_in_use_is_said_clearly(site: Site) -> None:
    csms = FakeCsms()
    second = Listener(csms, csms, LoopClock(), ListenSettings(listen=(Gate("127.0.0.1", site.port),)))
    with pytest.raises(ConsoleError, match=f"127.0.0.1:{site.port}"):
        await second.start()


async def test_a_storm_of_stations_is_let_in(site: Site) -> None:
    raws = [await site.raw() for _ in range(200)]
    for number, raw in enumerate(raws):
        await raw.send(REQUEST.format(path=f"/CP-{number}").encode())
    heads = await asyncio.gather(*(raw.read_head() for raw in raws))
    assert all("101 " in head for head in heads)
    assert len(site.listener.sessions) == 200
