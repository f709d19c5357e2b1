"""Local authorization lists: compared, sent whole or in part, in portions, and never with a version that means none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from console.csms.ports import CallEnd, CallLost, CallResult, Payload
from console.model import command as commands
from console.model.change import SettingsRead
from console.model.device_command import ReadLocalList, SendLocalList
from console.model.local_list import LocalList
from console.model.outcome import Outcome, Result
from console.model.station import Setting
from console.model.token import Token
from tests.unit.csms.rig import START, Charger, Rig, Session


class Listing(Session):
    """A station that keeps a list as it should; ``fails`` are statuses to answer the next messages with."""

    def __init__(self, station_id: str, version: str) -> None:
        super().__init__(station_id, version)
        self.version = 0
        self.entries: dict[str, Payload] = {}
        self.fails: list[str] = []

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        self.calls.append((action, payload))
        await asyncio.sleep(0)
        old = self.ocpp_version == "1.6"
        if action == "GetLocalListVersion":
            return CallResult({"listVersion" if old else "versionNumber": self.version}, 0.1)
        if action != "SendLocalList":
            return CallLost(offline=False, elapsed_s=timeout_s)
        status = self.fails.pop(0) if self.fails else self._take(payload, old)
        return CallResult({"status": status}, 0.1)

    def _take(self, payload: Payload, old: bool) -> str:
        version = payload["listVersion" if old else "versionNumber"]
        if payload["updateType"] == "Full":
            self.entries = {}
        elif version <= self.version:
            return "VersionMismatch"
        for entry in payload.get("localAuthorizationList", ()):
            tag = entry["idTag"] if old else entry["idToken"]["idToken"]
            info = entry.get("idTagInfo" if old else "idTokenInfo")
            if info is None:
                self.entries.pop(tag, None)
            else:
                self.entries[tag] = info
        self.version = version
        return "Accepted"

    @property
    def sent(self) -> list[tuple[str, int, int]]:
        """Kind, version and number of entries of each message."""
        name = "listVersion" if self.ocpp_version == "1.6" else "versionNumber"
        return [
            (payload["updateType"], payload[name], len(payload.get("localAuthorizationList", ())))
            for action, payload in self.calls
            if action == "SendLocalList"
        ]


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
def station(request: pytest.FixtureRequest, rig: Rig) -> Charger:
    return listing(rig, request.param)


def listing(rig: Rig, version: str) -> Charger:
    charger = Charger(rig, "CP1", version)
    charger.session = Listing("CP1", version)
    rig.csms.opened(charger.session)
    charger.boot()
    return charger


def session_of(charger: Charger) -> Listing:
    assert isinstance(charger.session, Listing)
    return charger.session


async def send(rig: Rig, *, full: bool = False) -> Outcome:
    return await rig.csms.execute(SendLocalList("CP1", full))


def held(rig: Rig) -> LocalList:
    return rig.journal.site.local_lists["CP1"]


def know(rig: Rig, key: str, value: str, **more: Any) -> None:
    rig.csms.emit([SettingsRead("CP1", (Setting("CP1", key, value, **more),))])


async def test_the_first_list_is_full_and_the_next_only_what_differs(rig: Rig, station: Charger) -> None:
    session = session_of(station)
    outcome = await send(rig)
    assert outcome.ok
    assert session.sent == [("Full", 1, 4)]
    assert (held(rig).version, held(rig).count, held(rig).reported_version) == (1, 4, 1)
    await rig.csms.execute(commands.PutToken(Token("TAG9", group_id="FLEET", expires_at=START + timedelta(days=9))))
    await rig.csms.execute(commands.PutToken(Token("TAG2", blocked=True)))
    await rig.csms.execute(commands.RemoveToken("TAG3"))
    await send(rig)
    assert session.sent[1:] == [("Differential", 2, 3)]
    assert sorted(session.entries) == ["TAG1", "TAG2", "TAG4", "TAG9"]
    assert session.entries["TAG2"]["status"] == "Blocked"
    assert session.entries["TAG9"]["status"] == "Accepted"
    outcome = await send(rig)
    assert (outcome.ok, "up to date" in outcome.text, len(session.sent)) == (True, True, 2)


async def test_a_pin_is_never_on_a_list(rig: Rig, station: Charger) -> None:
    await rig.csms.execute(commands.PutToken(Token("1234", token_type="KeyCode")))
    await send(rig)
    assert "1234" not in session_of(station).entries


async def test_a_list_in_portions_begins_full_and_goes_on_differential(rig: Rig, station: Charger) -> None:
    know(rig, "SendLocalListMaxLength", "3")
    know(rig, "LocalAuthListCtrlr/ItemsPerMessage", "3")
    for number in range(6):
        await rig.csms.execute(commands.PutToken(Token(f"MORE{number}")))
    outcome = await send(rig)
    session = session_of(station)
    assert session.sent == [("Full", 1, 3), ("Differential", 2, 3), ("Differential", 3, 3), ("Differential", 4, 1)]
    assert len(session.entries) == 10
    assert (held(rig).version, "in 4 messages" in outcome.text) == (4, True)


async def test_the_bytes_of_a_message_count_too(rig: Rig) -> None:
    session = session_of(listing(rig, "2.0.1"))
    know(rig, "LocalAuthListCtrlr/BytesPerMessage", "300")
    await send(rig)
    assert len(session.sent) > 1
    assert len(session.entries) == 4


async def test_what_broke_off_is_gone_on_with(rig: Rig, station: Charger) -> None:
    know(rig, "SendLocalListMaxLength", "2")
    know(rig, "LocalAuthListCtrlr/ItemsPerMessage", "2")
    session = session_of(station)
    session._take = _fail_second(session)  # type: ignore[method-assign]
    outcome = await send(rig)
    assert (outcome.result, "after 2 of 4 tags" in outcome.text) == (Result.REJECTED, True)
    assert (held(rig).version, held(rig).count) == (1, 2)
    del session._take  # type: ignore[method-assign]
    assert (await send(rig)).ok
    assert session.sent[-1] == ("Differential", 2, 2)
    assert len(session.entries) == 4


def _fail_second(session: Listing) -> Any:
    take, messages = session._take, []

    def failing(payload: Payload, old: bool) -> str:
        messages.append(payload)
        return take(payload, old) if len(messages) == 1 else "Failed"

    return failing


async def test_a_list_that_is_not_ours_is_replaced(rig: Rig, station: Charger) -> None:
    session = session_of(station)
    await send(rig)
    session.version = 40
    outcome = await rig.csms.execute(ReadLocalList("CP1"))
    assert (outcome.text, held(rig).disagrees) == ("the station's list is version 40, we sent version 1", True)
    await send(rig)
    assert session.sent[-1] == ("Full", 41, 4)


async def test_a_version_mismatch_is_answered_with_the_full_list(rig: Rig, station: Charger) -> None:
    session = session_of(station)
    await send(rig)
    await rig.csms.execute(commands.RemoveToken("TAG3"))
    session.fails = ["VersionMismatch"]
    outcome = await send(rig)
    assert (outcome.ok, "all was sent" in outcome.text) == (True, True)
    assert [kind for kind, _, _ in session.sent] == ["Full", "Differential", "Full"]


async def test_full_sends_all_of_it_again(rig: Rig, station: Charger) -> None:
    await send(rig)
    await send(rig, full=True)
    assert session_of(station).sent == [("Full", 1, 4), ("Full", 2, 4)]


async def test_an_empty_list_empties_the_stations(rig: Rig, station: Charger) -> None:
    await send(rig)
    for tag in ("TAG1", "TAG2", "TAG3", "TAG4"):
        await rig.csms.execute(commands.RemoveToken(tag))
    assert (await send(rig)).ok
    assert (session_of(station).entries, held(rig).count) == ({}, 0)
    assert (await send(rig, full=True)).ok
    assert session_of(station).sent[-1] == ("Full", 3, 0)


@pytest.mark.parametrize(
    ("version", "result", "said"),
    [
        (-1, Result.REJECTED, "supports no list"),
        (0, Result.ACCEPTED, "has no list"),
        (7, Result.ACCEPTED, "we sent it none"),
    ],
)
async def test_a_version_in_words(rig: Rig, version: int, result: Result, said: str) -> None:
    session = session_of(listing(rig, "1.6"))
    session.version = version
    outcome = await rig.csms.execute(ReadLocalList("CP1"))
    assert (outcome.result, said in outcome.text) == (result, True)
    if version == -1:
        assert (await send(rig)).result is Result.REJECTED
        assert session.sent == []


@pytest.mark.parametrize("status", ["Failed", "NotSupported"])
async def test_a_refused_list_moves_no_version_of_ours(rig: Rig, status: str) -> None:
    session = session_of(listing(rig, "1.6"))
    session.fails = [status]
    assert (await send(rig)).result is Result.REJECTED
    assert held(rig).version == 0


async def test_more_tags_than_there_is_room_for_are_not_sent(rig: Rig) -> None:
    session = session_of(listing(rig, "1.6"))
    know(rig, "LocalAuthListMaxLength", "3")
    outcome = await send(rig)
    assert (outcome.result, "room for 3" in outcome.text, session.sent) == (Result.NOT_POSSIBLE, True, [])
