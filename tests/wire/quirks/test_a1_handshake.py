"""A1: stations that knock in odd ways."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidHandshake, InvalidStatus

from console.model import command as commands
from console.model.make import Tolerance
from console.model.site import Site
from tests.support.stations import now
from tests.wire.quirks.conftest import ID, Scene, basic

PASSWORD = "s3cret-s3cret-16"


def refusal(site: Site, cause: str) -> bool:
    return any(cause in each.cause and each.cure for each in site.attempts.values())


async def refused(scene: Scene, status: int, cause: str, **options: object) -> None:
    """A handshake that is refused, and shown with its cause and cure."""
    with pytest.raises(InvalidStatus) as caught:
        await scene.station(**options)  # type: ignore[arg-type]
    assert caught.value.response.status_code == status
    await scene.sees(lambda site: refusal(site, cause))


async def by_hand(scene: Scene, head: str) -> str:
    """Send an HTTP request as it is; return the head of the answer."""
    host, port = scene.url.removeprefix("ws://").strip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.replace("\n", "\r\n").encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


async def test_quirk_1_no_subprotocol_is_taken_for_1_6(scene: Scene) -> None:
    station = await scene.station(offers=(), origin="https://github.com/gilmaimon/TinyWebsockets")
    assert station.connection.subprotocol is None
    assert (await station.boot())["status"] == "Accepted"
    assert (await scene.known()).ocpp_version == "1.6"
    assert (await scene.message("names no subprotocol")).action == "connected"


async def test_quirk_2_an_empty_subprotocol_is_none(scene: Scene) -> None:
    station = await scene.station(offers=(), additional_headers={"Sec-WebSocket-Protocol": ""})
    assert (await station.boot())["status"] == "Accepted"
    await scene.message("names no subprotocol")


async def test_quirk_3_of_several_subprotocols_the_first_that_is_spoken(scene: Scene) -> None:
    station = await scene.station(offers=("ocpp1.6", "ocpp1.5"))
    assert station.connection.subprotocol == "ocpp1.6"
    assert (await scene.station("CP-2", offers=("ocpp1.5", "ocpp1.6"))).connection.subprotocol == "ocpp1.6"


async def test_quirk_4_a_name_that_is_none_is_refused_in_words(scene: Scene) -> None:
    await refused(scene, 400, "the station offers ocpp2.0.1.1 only", offers=("ocpp2.0.1.1",))


async def test_quirk_6_nothing_is_asked_before_the_first_status(scene: Scene) -> None:
    station = await scene.station()
    await station.boot_as("EVBox", "Livo")
    station.answers["ClearCache"] = {"status": "Accepted"}
    asked = asyncio.create_task(scene.run(commands.ClearCache(ID)))
    await station.call("Heartbeat")
    assert station.asked == []
    await station.status("Available")
    assert (await asked).ok


async def test_quirk_6_a_2x_station_without_subprotocol_is_known_by_its_words(scene: Scene) -> None:
    station = await scene.station(offers=())
    payload = {"reason": "PowerUp", "chargingStation": {"model": "Livo", "vendorName": "EVBox"}}
    frame = await station.ask("BootNotification", payload)
    assert frame[2]["status"] == "Accepted"
    status = {"timestamp": now(), "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
    assert (await station.ask("StatusNotification", status))[0] == 3
    await scene.sees(lambda site: (site.stations[ID].ocpp_version, site.stations[ID].vendor) == ("2.0.1", "EVBox"))
    assert "taken for OCPP 2.0.1" in (await scene.message("no subprotocol was agreed on")).problem


async def test_quirk_6_a_2x_station_that_agreed_on_1_6_is_held_to_it(scene: Scene) -> None:
    station = await scene.station(offers=("ocpp1.6",))
    payload = {"reason": "PowerUp", "chargingStation": {"model": "Livo", "vendorName": "EVBox"}}
    assert (await station.ask("BootNotification", payload))[0] == 4
    await scene.notice("BootNotification refused")


async def test_quirk_7_no_connection_upgrade_is_shown_with_its_cause(scene: Scene) -> None:
    head = (
        f"GET /{ID} HTTP/1.1\nHost: x\nUpgrade: websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
        "Sec-WebSocket-Version: 13\nSec-WebSocket-Protocol: ocpp1.6\n\n"
    )
    assert (await by_hand(scene, head)).startswith("HTTP/1.1 426")
    await scene.sees(lambda site: refusal(site, "Connection: upgrade"))
    assert next(iter(scene.site.attempts.values())).address == "127.0.0.1"


@pytest.mark.parametrize("path", ["", "/", "?token=x"])
async def test_quirk_9_an_empty_identity_is_refused_in_words(scene: Scene, path: str) -> None:
    await refused(scene, 404, "without an identity", path=path)


async def test_quirk_10_a_trailing_slash_is_no_part_of_the_identity(scene: Scene) -> None:
    await scene.station(path="ocpp/CP-1/")
    assert (await scene.known("CP-1")).online


async def test_quirk_11_whatever_ends_the_url_is_the_identity(scene: Scene) -> None:
    """A station that adds nothing to its URL is known by the URL's last part: an operator types the identity there."""
    await scene.station(path="some/where/typed-by-hand")
    assert (await scene.known("typed-by-hand")).online


@pytest.mark.parametrize("user", ["", "someone"])
async def test_quirk_13_another_user_name_is_a_matter_of_tolerance(scene: Scene, user: str) -> None:
    await scene.run(commands.AddStation(ID, PASSWORD))
    headers = basic(user, PASSWORD)
    await refused(scene, 401, "another user name than its identity", additional_headers=headers)
    await scene.run(commands.SetTolerance(ID, Tolerance.LENIENT))
    with pytest.raises(InvalidHandshake):
        await scene.station(additional_headers=basic(user, "wrong"))
    await scene.station(additional_headers=headers)
    assert (await scene.message("tolerated: it signs in")).action == "connected"


async def test_quirk_14_compressed_frames_that_nobody_agreed_on_end_the_connection_in_words(scene: Scene) -> None:
    station = await scene.station(compression=None)
    transport = station.connection.transport
    transport.write(bytes([0xC1, 0x82, 0, 0, 0, 0]) + b"{}")  # RSV1 is set
    await station.connection.wait_closed()
    assert station.connection.close_code == 1002
    line = await scene.notice("disconnected (1002")
    assert "reserved bits" in line
    assert (await (await scene.station()).boot())["status"] == "Accepted"
