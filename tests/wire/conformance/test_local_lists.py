"""Local authorization lists: asked for, sent whole, sent in part, and never believed beyond what the station took."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from console.model.command import PutToken, ReadSettings, RemoveToken
from console.model.device_command import ReadLocalList, SendLocalList
from console.model.outcome import Result
from console.model.token import Token
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, token
from tests.wire.conformance.site import Bench, Json, Station

pytestmark = pytest.mark.asyncio(loop_scope="module")

both = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
TAGS = (Token("LL1", group_id="LLG"), Token("LL2", group_id="LLG"), Token("LL3", blocked=True))


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def tags(bench: Bench) -> AsyncIterator[None]:
    """These tags and no others are the site's."""
    await bench.add_tags(*TAGS)
    yield
    for tag in ("LL4",):
        await bench.run(RemoveToken(tag))


class Holder:
    """What a station with a local list knows, and how it answers."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.version_named = "listVersion" if station.version == "1.6" else "versionNumber"
        self.version = 0
        self.says = "Accepted"
        station.answers["GetLocalListVersion"] = lambda _payload: {self.version_named: self.version}
        station.answers["SendLocalList"] = self._take

    def _take(self, payload: Json) -> Json:
        if self.says == "Accepted":
            self.version = payload[self.version_named if self.station.version != "1.6" else "listVersion"]
        return {"status": self.says}

    @property
    def sent(self) -> list[Json]:
        """The lists that came."""
        return [payload for action, payload in self.station.asked if action == "SendLocalList"]

    def entries(self, payload: Json) -> dict[str, Any]:
        """The entries of a list: by tag, whether it may charge (None: it is taken off)."""
        listed = payload.get("localAuthorizationList", [])
        if self.station.version == "1.6":
            return {each["idTag"]: each.get("idTagInfo", {}).get("status") for each in listed}
        return {each["idToken"]["idToken"]: each.get("idTokenInfo", {}).get("status") for each in listed}


async def holder(connect: Connect, version: str) -> Holder:
    station = await connect(version)
    await station.boot()
    return Holder(station)


@pytest.mark.conforms("TC_042_1_CSMS", "TC_042_2_CSMS", "TC_D_08_CSMS", "TC_D_09_CSMS")
@pytest.mark.parametrize(
    ("version", "number", "words"),
    [
        ("1.6", -1, "supports no list"),  # 2.x knows no -1
        ("1.6", 0, "no list"),
        ("1.6", 7, "7"),
        ("2.0.1", 0, "no list"),
        ("2.0.1", 7, "7"),
    ],
)
async def test_the_version_is_asked_for(bench: Bench, connect: Connect, version: str, number: int, words: str) -> None:
    held = await holder(connect, version)
    held.version = number
    outcome = await bench.run(ReadLocalList(held.station.station_id))
    assert await held.station.heard("GetLocalListVersion") == {}
    assert words in f"{outcome.text} {outcome.hint}"


@pytest.mark.conforms("TC_043_4_CSMS", "TC_D_01_CSMS")
@both
async def test_a_full_list(bench: Bench, connect: Connect, version: str) -> None:
    held = await holder(connect, version)
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    (sent,) = held.sent
    assert sent["updateType"] == "Full"
    assert sent[held.version_named] > 0
    assert held.entries(sent) == {"LL1": "Accepted", "LL2": "Accepted", "LL3": "Blocked"}


@pytest.mark.conforms("TC_043_5_CSMS", "TC_D_02_CSMS", "TC_D_03_CSMS")
@both
async def test_what_differs_is_sent_alone(bench: Bench, connect: Connect, version: str) -> None:
    held = await holder(connect, version)
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    assert (await bench.run(PutToken(Token("LL4")))).ok
    assert (await bench.run(SendLocalList(held.station.station_id))).ok
    assert (await bench.run(RemoveToken("LL4"))).ok
    assert (await bench.run(SendLocalList(held.station.station_id))).ok
    full, added, removed = held.sent
    assert (added["updateType"], removed["updateType"]) == ("Differential", "Differential")
    assert full[held.version_named] < added[held.version_named] < removed[held.version_named]
    assert held.entries(added) == {"LL4": "Accepted"}
    assert held.entries(removed) == {"LL4": None}


@pytest.mark.conforms("TC_043_1_CSMS", "TC_043_3_CSMS")
@pytest.mark.parametrize("answer", ["NotSupported", "Failed"])
async def test_a_list_that_is_not_taken_changes_nothing(bench: Bench, connect: Connect, answer: str) -> None:
    held = await holder(connect, "1.6")
    held.says = answer
    outcome = await bench.run(SendLocalList(held.station.station_id, full=True))
    assert outcome.result is Result.REJECTED
    assert outcome.hint
    assert held.sent
    again = await bench.run(ReadLocalList(held.station.station_id))
    assert "up to date" not in again.text
    kept = await bench.until(lambda site: site.local_lists[held.station.station_id])
    assert kept.version == 0


@pytest.mark.conforms("DX-D07")
@both
async def test_after_a_mismatch_the_whole_list_is_sent(bench: Bench, connect: Connect, version: str) -> None:
    held = await holder(connect, version)
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    assert (await bench.run(PutToken(Token("LL4")))).ok
    held.station.answers["SendLocalList"] = lambda payload: (
        {"status": "VersionMismatch"} if payload["updateType"] == "Differential" else held._take(payload)
    )
    assert (await bench.run(SendLocalList(held.station.station_id))).ok
    assert [payload["updateType"] for payload in held.sent] == ["Full", "Differential", "Full"]
    assert held.entries(held.sent[-1]) == {"LL1": "Accepted", "LL2": "Accepted", "LL3": "Blocked", "LL4": "Accepted"}


@pytest.mark.conforms("DX-D08")
async def test_a_long_list_is_sent_in_portions(bench: Bench, connect: Connect) -> None:
    held = await holder(connect, "1.6")
    entry = {"key": "SendLocalListMaxLength", "readonly": True, "value": "2"}
    held.station.answers["GetConfiguration"] = {"configurationKey": [entry]}
    assert (await bench.run(ReadSettings(held.station.station_id))).ok
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    assert [payload["updateType"] for payload in held.sent] == ["Full", "Differential"]
    versions = [payload["listVersion"] for payload in held.sent]
    assert versions == sorted(set(versions))
    assert [len(payload["localAuthorizationList"]) for payload in held.sent] == [2, 1]


@pytest.mark.conforms("TC_C_40_CSMS", "TC_C_43_CSMS")
async def test_groups_are_told_for_listed_tags_too(bench: Bench, connect: Connect) -> None:
    held = await holder(connect, "2.0.1")
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    (sent,) = held.sent
    listed = {each["idToken"]["idToken"]: each["idTokenInfo"] for each in sent["localAuthorizationList"]}
    assert listed["LL1"]["groupIdToken"]["idToken"] == "LLG"
    charge = Charge(held.station, "C40")
    started = await charge.started("LL1")
    assert (started["idTokenInfo"]["status"], started["idTokenInfo"]["groupIdToken"]["idToken"]) == ("Accepted", "LLG")
    await charge.ended("Local", idToken=token("LL2"))
    blocked = await Charge(held.station, "C43").started("LL3")
    assert blocked["idTokenInfo"]["status"] == "Blocked"


@pytest.mark.conforms("TC_D_04_CSMS")
async def test_an_empty_list(bench: Bench, connect: Connect) -> None:
    held = await holder(connect, "2.0.1")
    for tag in TAGS:
        assert (await bench.run(RemoveToken(tag.id_token))).ok
    assert (await bench.run(SendLocalList(held.station.station_id, full=True))).ok
    (sent,) = held.sent
    assert (sent["updateType"], held.entries(sent)) == ("Full", {})
