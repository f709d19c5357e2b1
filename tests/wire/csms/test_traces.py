"""Other people's stations, replayed over a real WebSocket: each request answered, each answer by the schema."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from console.csms.csms import Csms
from console.csms.dialects import schemas
from console.csms.key_codes import known_as
from console.csms.listener.gate import Gate
from console.csms.listener.listener import Listener, ListenSettings
from console.csms.redact import SECRET_ACTIONS, redact
from console.csms.replay import Replay
from console.csms.settings import CsmsSettings
from console.model.change import MessagesSeen, MetersSampled, SettingsRead
from console.model.message import Direction, Message, MessageType
from console.model.site import Site
from console.model.token import Token
from console.model.transaction import Transaction
from profiles.makes import load_makes
from tests.unit.csms.rig import SECRET, Journal
from tests.wire.csms.traces import EXPECTED, Charged, Line, read

_TIMEOUT_S = 20.0
MAKES = load_makes(own=Path("none of a user's own"))


class TraceClock:
    """The time of the frame that is just sent; timers run on the event loop."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(delay_s, callback).cancel


class Stand:
    """A listener with a CSMS that knows the traces' tags, and the trace's station in front of it."""

    def __init__(self) -> None:
        self.clock = TraceClock()
        self.journal = Journal()
        settings = CsmsSettings(secret=SECRET, accept_unknown=True, quiet=True)
        self.csms = Csms(self.journal, self.clock, settings, makes=MAKES)
        code = Token(known_as(SECRET, "12345"), "KeyCode")
        tokens = {token.key: token for token in (Token("TAG1"), Token("TAG2"), Token("12345"), code)}
        self.journal.site = Site(tokens=tokens)
        self.csms.load(self.journal.site)
        self.url = ""
        self.version = ""
        self.refused: list[str] = []
        self.ids: dict[int, int] = {}  # recorded transaction id -> ours

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        settings = ListenSettings(listen=(Gate("127.0.0.1", 0),), ping_interval_s=0)
        listener = Listener(self.csms, self.csms, self.clock, settings, redact=redact, secret_actions=SECRET_ACTIONS)
        ((host, port),) = await listener.start()
        self.url = f"ws://{host}:{port}"
        try:
            yield
        finally:
            await listener.close()
            await self.csms.close()

    async def replay(self, lines: list[Line]) -> None:
        """Send the station's requests, a WebSocket for each of its connections, and check each answer."""
        for number in sorted({line.conn for line in lines if line.conn}):
            mine = [line for line in lines if line.conn == number]
            shake = next(line for line in mine if line.event == "handshake")
            headers = {"Authorization": shake.authorization} if shake.authorization else {}
            async with connect(
                self.url + shake.path,
                subprotocols=shake.offered,  # type: ignore[arg-type]
                additional_headers=headers,
                user_agent_header=None,
                proxy=None,
            ) as station:
                assert station.subprotocol == shake.offered[0]
                self.version = shake.offered[0].removeprefix("ocpp")
                for index, line in enumerate(mine):
                    if line.direction == "cs->csms" and line.frame is not None and line.frame[0] == 2:
                        await self._send(station, line, mine[index + 1 :])

    async def _send(self, station: ClientConnection, line: Line, later: list[Line]) -> None:
        assert line.frame is not None
        _, message_id, action, payload = json.loads(json.dumps(line.frame))
        if "transactionId" in payload:
            payload["transactionId"] = self.ids[payload["transactionId"]]
        self.clock.at = line.ts
        await station.send(json.dumps([2, message_id, action, payload]))
        answer = json.loads(await asyncio.wait_for(station.recv(), _TIMEOUT_S))
        assert answer[1] == message_id
        if answer[0] == 4:
            self.refused.append(f"{action} {answer[2]}")
            return
        assert answer[0] == 3
        jsonschema.Draft4Validator(schemas.schema(self.version, action, answer=True)).validate(answer[2])
        if action == "StartTransaction":
            recorded = next(each.frame for each in later if each.frame and each.frame[:2] == [3, message_id])
            self.ids[recorded[2]["transactionId"]] = answer[2]["transactionId"]


def charged(transaction: Transaction) -> Charged:
    """A transaction as the expectations write it."""
    assert transaction.started_at is not None
    return Charged(
        transaction.evse_id,
        _token(transaction.id_token),
        transaction.started_at.strftime("%H:%M:%S.%f")[:-3],
        transaction.energy_wh or 0,
        transaction.stop_reason,
        _token(transaction.stop_token),
        tuple(transaction.flags),
    )


def _token(id_token: str) -> str:
    """A token; every key code is called alike."""
    return "a key code" if id_token.startswith("PIN-") else id_token


def by_start(site: Site) -> tuple[Charged, ...]:
    """A site's transactions in the order of their starts."""
    return tuple(sorted((charged(each) for each in site.transactions.values()), key=lambda each: each.started))


def check(site: Site, name: str) -> None:
    """Compare a site with what its trace must give."""
    expected = EXPECTED[name]
    assert list(site.stations) == [expected.station_id]
    station = site.stations[expected.station_id]
    assert (station.vendor, station.model) == (expected.vendor, expected.model)
    assert station.status.value == expected.station_status
    assert {each.evse_id: each.status.value for each in station.connectors} == expected.connectors
    assert all(each.connector_id == 1 and not each.error_code for each in station.connectors)
    assert (station.firmware_status, station.diagnostics_status) == (
        expected.firmware_status,
        expected.diagnostics_status,
    )
    assert by_start(site) == expected.transactions


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_recorded_station_over_a_real_websocket(name: str) -> None:
    stand = Stand()
    async with stand.listening():
        await stand.replay(read(name))
    check(stand.journal.site, name)
    assert tuple(stand.refused) == EXPECTED[name].refused
    assert {each.ocpp_version for each in stand.journal.site.stations.values()} == {EXPECTED[name].version}
    lines = [line for line in read(name) if line.direction == "cs->csms" and line.frame and line.frame[0] == 2]
    seen = [each for change in stand.journal.of(MessagesSeen) for each in change.messages]
    calls = [each for each in seen if each.kind is MessageType.CALL]
    assert [each.action for each in calls] == [line.frame[2] for line in lines if line.frame]


async def test_what_is_tolerated_is_shown() -> None:
    stand = Stand()
    async with stand.listening():
        await stand.replay(read("sap-evlink-16"))
    problems = {each.problem for change in stand.journal.of(MessagesSeen) for each in change.messages if each.problem}
    assert problems == {"tolerated: chargeBoxSerialNumber is longer than 25"}
    known = stand.journal.site.stations["CS-EVLINK-00001"]
    assert known.serial_number == "EV.2S7P04B4EE8B346D49AD0DA8F2B185D91CFCF6"


async def test_energy_in_kwh_and_signed_data_are_read() -> None:
    stand = Stand()
    async with stand.listening():
        await stand.replay(read("vcp-16"))
    sampled: list[MetersSampled] = stand.journal.of(MetersSampled)
    periodic = [each for each in sampled if each.energy_wh is not None]
    assert [each.energy_wh for each in periodic] == [150]
    signed = [sample for each in sampled for sample in each.meter_value.samples if sample.value is None]
    assert signed
    assert "signedMeterData" in signed[0].raw


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recording_played_back_makes_the_same_site(name: str) -> None:
    version = EXPECTED[name].version
    lines = [_recorded(line, EXPECTED[name].station_id, version) for line in read(name) if line.conn]
    replay = Replay(lines)
    site = Site()
    for index in range(len(lines)):
        site = site.apply(replay.apply(index))
    check(site, name)
    if EXPECTED[name].version == "1.6":
        recorded_ids = {int(each.transaction_id) for each in site.transactions.values()}
        assert recorded_ids == set(range(101, 101 + len(EXPECTED[name].transactions)))


def test_a_recording_tells_the_settings_that_were_read() -> None:
    lines = [_recorded(line, "MO-16") for line in read("mo-16") if line.conn]
    replay = Replay(lines)
    changes = [change for index in range(len(lines)) for change in replay.apply(index)]
    read_once = [change for change in changes if isinstance(change, SettingsRead)]
    settings = {setting.key: setting for setting in read_once[0].settings}
    assert settings["HeartbeatInterval"].value == "10"
    assert settings["AuthorizationKey"].secret
    assert settings["AuthorizationKey"].value is None
    # The four ChangeConfigurations that the station took or not.
    changed = {
        change.settings[0].key: change.settings[0].value for change in read_once[1:] if len(change.settings) == 1
    }
    assert changed["MeterValueSampleInterval"] == "3"


class _Recorded(msgspec.Struct):
    message: Message
    frame: list[Any] | None
    ocpp_version: str = "1.6"


def _recorded(line: Line, station_id: str, version: str = "1.6") -> _Recorded:
    event = {"handshake": "connected", "close": "closed"}.get(line.event, line.event)
    message = Message(0, line.ts, station_id, Direction(line.direction), MessageType.EVENT, action=event)
    return _Recorded(message, line.frame, version)
