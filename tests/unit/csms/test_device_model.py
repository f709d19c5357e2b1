"""The device model of a 2.x station: reported in parts, read and written in portions, monitors, its password."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.csms.device import report_waits
from console.csms.device.portions import portions
from console.csms.device.report_waits import PART_TIMEOUT_S
from console.csms.dialects.base import Wire
from console.csms.dialects.ocpp2 import monitors, variables
from console.csms.dialects.schemas import checker
from console.csms.ports import CallEnd, CallResult, Payload
from console.csms.redact import redact
from console.model import command as commands
from console.model import device_command as asked_for
from console.model.change import CredentialChanged, MonitorRemoved, MonitorsRead
from console.model.command import Command
from console.model.device import Monitor
from console.model.device_command import ChangeSettings, SettingChange
from console.model.outcome import Outcome, Result
from console.model.station import Setting
from tests.unit.csms.rig import START, Charger, Rig, Session, Shelf

INTERVAL = "OCPPCommCtrlr/HeartbeatInterval"
PASSWORD = "SecurityCtrlr/BasicAuthPassword"
MOST_READ, MOST_WRITTEN = (f"DeviceDataCtrlr/ItemsPerMessage#{action}" for action in ("GetVariables", "SetVariables"))


def reported(key: str, value: str | None = None, mutability: str = "ReadWrite", **traits: Any) -> dict[str, Any]:
    """One ReportDataType."""
    attribute = {"mutability": mutability} | ({} if value is None else {"value": value})
    parsed = variables.key_of(variables.named(key))
    assert parsed.text == key
    return {
        **variables.named(key),
        "variableAttribute": [attribute],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False} | traits,
    }


class Modelled(Session):
    """A 2.x station that answers for its variables; ``statuses`` are what SetVariables comes to, by key."""

    def __init__(self, station_id: str, version: str, values: dict[str, str]) -> None:
        super().__init__(station_id, version)
        self.values = values
        self.statuses: dict[str, str] = {}

    async def call(self, action: str, payload: Payload, timeout_s: float) -> CallEnd:
        assert checker("2.0.1", action).accepts(payload), payload
        self.calls.append((action, payload))
        await asyncio.sleep(0)
        if action == "GetVariables":
            return CallResult({"getVariableResult": [self._read(one) for one in payload["getVariableData"]]}, 0.1)
        if action == "SetVariables":
            return CallResult({"setVariableResult": [self._write(one) for one in payload["setVariableData"]]}, 0.1)
        said = self.says.get(action, {"status": "Accepted"})
        return CallResult(said, 0.1)

    def _read(self, one: Payload) -> Payload:
        key = variables.key_of(one).text
        if key not in self.values:
            return one | {"attributeStatus": "UnknownVariable"}
        return one | {"attributeStatus": "Accepted", "attributeValue": self.values[key]}

    def _write(self, one: Payload) -> Payload:
        status = self.statuses.get(variables.key_of(one).text, "Accepted")
        return {name: one[name] for name in one if name != "attributeValue"} | {"attributeStatus": status}

    def asked(self, action: str) -> list[list[str]]:
        field = "getVariableData" if action == "GetVariables" else "setVariableData"
        return [[variables.key_of(one).text for one in said[field]] for name, said in self.calls if name == action]


@pytest.fixture
def station(rig: Rig) -> Charger:
    return rig.charger("CP1", "2.0.1")


def modelled(station: Charger, **values: str) -> Modelled:
    session = Modelled(station.id, station.version, {key.replace("__", "/"): text for key, text in values.items()})
    station.session = session
    station.rig.csms.opened(session)
    station.boot()
    return session


def notify(station: Charger, request_id: int, seq_no: int, *data: dict[str, Any], more: bool = False) -> None:
    payload = {"requestId": request_id, "generatedAt": "2026-11-21T12:00:00Z", "seqNo": seq_no, "tbc": more}
    assert station.ask("NotifyReport", payload | ({"reportData": list(data)} if data else {})) == {}


async def held(rig: Rig) -> dict[str, Setting]:
    return {each.key: each for each in await Shelf(rig.journal).settings("CP1")}


async def asking(rig: Rig, session: Session, command: Command) -> tuple[asyncio.Task[Outcome], int]:
    """A command that is answered by a report, under way; and the number under which the report comes."""
    before = len(session.calls)
    task = asyncio.create_task(rig.csms.execute(command))
    while len(session.calls) == before:  # noqa: ASYNC110  # the rig has no event for it
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task, session.calls[-1][1]["requestId"]


async def know(rig: Rig, station: Charger, session: Session, *data: dict[str, Any]) -> Outcome:
    """Have the whole model read."""
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1"))
    notify(station, request_id, 0, *data)
    return await task


async def test_a_full_inventory_in_parts_in_any_order(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1"))
    assert session.calls[-1] == ("GetBaseReport", {"requestId": request_id, "reportBase": "FullInventory"})
    power = reported("EVSE@1/Power", "7000", "ReadOnly", dataType="decimal", unit="W", maxLimit=22000.0)
    power["variableAttribute"].append({"type": "MaxSet", "value": "22000", "persistent": True, "constant": True})
    notify(station, request_id, 2, reported("A/Mode", "b", dataType="OptionList", valuesList="a, b"))
    notify(station, request_id, 0, power, more=True)
    assert not task.done()
    assert len(await held(rig)) == 3, "what has come is shown"
    notify(station, request_id, 1, reported(PASSWORD, None, "WriteOnly"), reported("B/C", "x"), more=True)
    outcome = await task
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "5 settings read")
    settings = await held(rig)
    assert settings["EVSE@1/Power"] == Setting(
        "CP1", "EVSE@1/Power", "7000", read_only=True, read_at=rig.clock.now(), data_type="decimal", unit="W",
        max_limit=22000.0,
    )  # fmt: skip
    most = settings["EVSE@1/Power:MaxSet"]
    assert (most.value, most.constant, most.persistent, most.writable) == ("22000", True, True, False)
    assert settings["A/Mode"].choices == ("a", "b")
    assert (settings[PASSWORD].secret, settings[PASSWORD].write_only, settings[PASSWORD].value) == (True, True, None)


async def test_what_a_full_inventory_does_not_hold_is_gone_but_not_what_another_leaves_out(
    rig: Rig, station: Charger
) -> None:
    session = modelled(station)
    await know(rig, station, session, reported("A/B", "1"), reported("A/C", "2"))
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1", inventory="configuration"))
    assert session.calls[-1][1]["reportBase"] == "ConfigurationInventory"
    notify(station, request_id, 0, reported("A/B", "3"))
    await task
    assert {key: each.value for key, each in (await held(rig)).items()} == {"A/B": "3", "A/C": "2"}
    await know(rig, station, session, reported("A/B", "3"))
    assert list(await held(rig)) == ["A/B"]


async def test_a_report_that_breaks_off_says_so_and_keeps_what_came(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1"))
    notify(station, request_id, 0, reported("A/B", "1"), more=True)
    rig.clock.advance(PART_TIMEOUT_S + 1)
    outcome = await task
    assert (outcome.result, "broke off" in outcome.text) == (Result.TIMED_OUT, True)
    assert list(await held(rig)) == ["A/B"]
    task, _ = await asking(rig, session, commands.ReadSettings("CP1"))
    station.disconnect()
    assert (await task).result is Result.TIMED_OUT


async def test_a_part_that_comes_again_and_again_keeps_nobody_waiting(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1"))
    for _again in range(3):
        notify(station, request_id, 0, reported("A/B", "1"), more=True)
        rig.clock.advance(PART_TIMEOUT_S / 2)
    assert (await task).result is Result.TIMED_OUT


async def test_a_report_that_nobody_asked_for_is_kept_too(rig: Rig, station: Charger) -> None:
    modelled(station)
    notify(station, 77, 0, reported("A/B", "1"))
    notify(station, 77, 0)
    assert (await held(rig))["A/B"].value == "1"


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
async def test_a_refused_report_is_not_waited_for(rig: Rig, station: Charger, status: str) -> None:
    session = modelled(station)
    session.says["GetBaseReport"] = {"status": status}
    assert (await rig.csms.execute(commands.ReadSettings("CP1"))).result is Result.REJECTED


async def test_a_custom_report_and_one_of_nothing(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    session.says["GetReport"] = {"status": "EmptyResultSet"}
    command = commands.ReadSettings("CP1", ("EVSE@1", "EVSE@1/Available"), criteria=("Problem", "Available"))
    outcome = await rig.csms.execute(command)
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "there are no such settings")
    (_, payload) = session.calls[-1]
    place = {"name": "EVSE", "evse": {"id": 1}}
    assert payload["componentCriteria"] == ["Problem", "Available"]
    assert payload["componentVariable"] == [
        {"component": place},
        {"component": place, "variable": {"name": "Available"}},
    ]


async def test_reading_and_writing_in_the_portions_that_the_station_takes(rig: Rig, station: Charger) -> None:
    values = {f"A__V{number}": str(number) for number in range(5)}
    session = modelled(station, **values)
    limits = [reported(MOST_READ, "4", "ReadOnly"), reported(MOST_WRITTEN, "2", "ReadOnly")]
    await know(rig, station, session, *limits, *(reported(f"A/V{n}", str(n), unit="s") for n in range(5)))
    keys = tuple(f"a/v{number}" for number in range(5))
    assert (await rig.csms.execute(commands.ReadSettings("CP1", keys))).ok
    assert session.asked("GetVariables") == [["A/V0", "A/V1", "A/V2", "A/V3"], ["A/V4"]]
    changes = tuple(SettingChange(f"A/V{number}", "9") for number in range(3))
    assert (await rig.csms.execute(ChangeSettings("CP1", changes))).ok
    assert session.asked("SetVariables") == [["A/V0", "A/V1"], ["A/V2"]]
    settings = await held(rig)
    assert [(settings[f"A/V{n}"].value, settings[f"A/V{n}"].unit) for n in range(4)] == [
        ("9", "s"),
        ("9", "s"),
        ("9", "s"),
        ("3", "s"),
    ]


async def test_the_bytes_of_a_message_count_too(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    keys = [f"DeviceDataCtrlr/BytesPerMessage#{action}" for action in ("GetVariables", "SetVariables")]
    await know(rig, station, session, *(reported(key, "200", "ReadOnly") for key in keys))
    await rig.csms.execute(commands.ReadSettings("CP1", ("A/V1", "A/V2", "A/V3", "A/V4")))
    assert [len(keys) for keys in session.asked("GetVariables")] == [2, 2]
    await rig.csms.execute(ChangeSettings("CP1", tuple(SettingChange(f"A/V{number}", "1") for number in range(4))))
    assert [len(keys) for keys in session.asked("SetVariables")] == [2, 2]


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(0, 8), st.integers(0, 120))
def test_portions_hold_everything_once_and_in_order(items: list[int], count: int, most: int) -> None:
    cut = [list(each) for each in portions(items, count, most, sum)]
    assert [one for each in cut for one in each] == items
    assert all(each and (not count or len(each) <= count) for each in cut)
    assert all(not most or len(each) == 1 or sum(each) <= most for each in cut)


async def test_each_result_counts_by_itself(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    session.statuses = {"A/Ok": "Accepted", "A/Boot": "RebootRequired", "A/No": "Rejected", "A/What": "UnknownVariable"}
    changes = tuple(SettingChange(key, "1") for key in session.statuses)
    outcome = await rig.csms.execute(ChangeSettings("CP1", changes))
    assert (outcome.result, "2 of 4" in outcome.text) == (Result.REJECTED, True)
    settings = await held(rig)
    assert {key: each.reboot_required for key, each in settings.items()} == {"A/Ok": False, "A/Boot": True}
    assert len(await Shelf(rig.journal).setting_writes("CP1")) == 2


async def test_a_variable_is_found_by_its_name_alone_where_only_one_has_it(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    await know(rig, station, session, reported(INTERVAL, "300"), reported("A/Twice"), reported("B/Twice"))
    assert (await rig.csms.execute(commands.ChangeSetting("CP1", "heartbeatinterval", "60"))).ok
    assert session.asked("SetVariables") == [[INTERVAL]]
    outcome = await rig.csms.execute(commands.ChangeSetting("CP1", "Twice", "1"))
    assert (outcome.result, "no setting of OCPP 2.x" in outcome.text) == (Result.NOT_POSSIBLE, True)


async def test_an_attribute_other_than_the_actual_value_is_named(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    await rig.csms.execute(commands.ChangeSetting("CP1", "EVSE@1/Power:maxset", "11000"))
    (data,) = session.calls[-1][1]["setVariableData"]
    assert data == {
        "attributeType": "MaxSet",
        "attributeValue": "11000",
        "component": {"name": "EVSE", "evse": {"id": 1}},
        "variable": {"name": "Power"},
    }


@pytest.mark.parametrize(("status", "counts"), [("Accepted", True), ("RebootRequired", True), ("Rejected", False)])
async def test_a_password_counts_only_when_the_station_took_it(
    rig: Rig, station: Charger, status: str, counts: bool
) -> None:
    session = modelled(station)
    session.statuses[PASSWORD] = status
    await rig.csms.execute(commands.ChangeSetting("CP1", PASSWORD, "correct horse battery"))
    assert bool(rig.journal.of(CredentialChanged)) is counts
    assert rig.csms.password_ok("CP1", b"correct horse battery")
    assert rig.csms.password_ok("CP1", b"another password here") is not counts
    assert "correct horse" not in repr(rig.journal.changes)


def test_no_frame_keeps_the_password() -> None:
    both = variables.named(PASSWORD)
    frames = [
        [2, "1", "SetVariables", {"setVariableData": [{**both, "attributeValue": "s3cret"}]}],
        [3, "1", {"getVariableResult": [{**both, "attributeStatus": "Accepted", "attributeValue": "s3cret"}]}],
        [2, "1", "NotifyReport", {"reportData": [reported(PASSWORD, "s3cret")]}],
    ]
    for frame in frames:
        hidden = redact("2.0.1", "SetVariables", str(frame).replace("'", '"').replace("False", "false"), False)
        assert "s3cret" not in hidden
        assert "BasicAuthPassword" in hidden


# --- monitors ---


def monitored(station: Charger, request_id: int, *numbers: int) -> None:
    each = [
        {"id": number, "transaction": False, "value": 11.5, "type": "UpperThreshold", "severity": 3}
        for number in numbers
    ]
    data = [{**variables.named("EVSE@1/Power"), "variableMonitoring": each}]
    payload = {"requestId": request_id, "generatedAt": "2026-11-21T12:00:00Z", "seqNo": 0, "monitor": data}
    assert station.ask("NotifyMonitoringReport", payload) == {}


async def test_monitors_are_read_set_and_taken_away(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    task, request_id = await asking(rig, session, asked_for.ReadMonitors("CP1"))
    monitored(station, request_id, 1, 2)
    outcome = await task
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "2 monitors read")
    read = rig.journal.of(MonitorsRead)[-1]
    assert read.complete
    assert read.monitors[0] == Monitor("CP1", 1, "EVSE@1/Power", "UpperThreshold", 11.5, 3)

    result = {**variables.named("EVSE@1/Power"), "id": 7, "type": "Delta", "severity": 5, "status": "Accepted"}
    session.says["SetVariableMonitoring"] = {"setMonitoringResult": [result]}
    outcome = await rig.csms.execute(asked_for.SetMonitor("CP1", "EVSE@1/Power", "Delta", 2.5, 5, transaction=True))
    assert outcome.ok
    assert rig.journal.of(MonitorsRead)[-1].monitors == (
        Monitor("CP1", 7, "EVSE@1/Power", "Delta", 2.5, 5, transaction=True),
    )

    results = [{"id": 1, "status": "Accepted"}, {"id": 2, "status": "Rejected"}, {"id": 9, "status": "NotFound"}]
    session.says["ClearVariableMonitoring"] = {"clearMonitoringResult": results}
    outcome = await rig.csms.execute(asked_for.ClearMonitors("CP1", (1, 2, 9)))
    assert outcome.result is Result.REJECTED
    assert [change.monitor_id for change in rig.journal.of(MonitorRemoved)] == [1, 9]


async def test_no_monitors_at_all_is_an_answer(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    session.says["GetMonitoringReport"] = {"status": "EmptyResultSet"}
    outcome = await rig.csms.execute(asked_for.ReadMonitors("CP1"))
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "there are no such monitors")
    assert rig.journal.of(MonitorsRead)[-1] == MonitorsRead("CP1", (), complete=True)


async def test_more_monitors_than_a_message_takes_are_cleared_in_portions(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    await know(rig, station, session, reported("MonitoringCtrlr/ItemsPerMessage#ClearVariableMonitoring", "2"))
    session.says["ClearVariableMonitoring"] = {"clearMonitoringResult": [{"id": 1, "status": "Accepted"}]}
    await rig.csms.execute(asked_for.ClearMonitors("CP1", (1, 2, 3)))
    assert [said["id"] for action, said in session.calls if action == "ClearVariableMonitoring"] == [[1, 2], [3]]


async def test_base_and_level(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    for base in ("All", "FactoryDefault", "HardWiredOnly"):
        assert (await rig.csms.execute(asked_for.SetMonitoringBase("CP1", base))).ok
    session.says["SetMonitoringLevel"] = {"status": "Rejected"}
    assert (await rig.csms.execute(asked_for.SetMonitoringLevel("CP1", 4))).result is Result.REJECTED
    assert session.calls[-1] == ("SetMonitoringLevel", {"severity": 4})
    outcome = await rig.csms.execute(asked_for.SetMonitoringLevel("CP1", 12))
    assert (outcome.result, session.calls[-1][1]) == (Result.REJECTED, {"severity": 12}), "the station judges"


# --- what stations do wrong ---


@pytest.mark.parametrize("answer", [{}, {"getVariableResult": []}, {"getVariableResult": None}])
async def test_an_answer_without_results_is_no_settings(rig: Rig, answer: dict[str, Any]) -> None:
    station = rig.charger(version="2.0.1")
    station.session.says["GetVariables"] = answer
    outcome = await rig.csms.execute(commands.ReadSettings("CP1", ("A/B",)))
    assert outcome.result in (Result.ACCEPTED, Result.REJECTED, Result.ERROR)
    assert await held(rig) == {}


@pytest.mark.parametrize(
    "result",
    [
        {"attributeStatus": "Accepted"},
        {"component": {}, "variable": {}, "attributeStatus": "Accepted"},
        {"component": {"name": 7}, "variable": {"name": "B"}, "attributeStatus": "Accepted"},
        {"component": {"name": "A"}, "variable": None},
        "nonsense",
    ],
)
@pytest.mark.parametrize("action", ["GetVariables", "SetVariables"])
async def test_results_that_name_nothing_are_passed_over(rig: Rig, action: str, result: Any) -> None:
    station = rig.charger(version="2.0.1")
    field = "getVariableResult" if action == "GetVariables" else "setVariableResult"
    station.session.says[action] = {field: [result]}
    read, write = commands.ReadSettings("CP1", ("A/B",)), commands.ChangeSetting("CP1", "A/B", "1")
    await rig.csms.execute(read if action == "GetVariables" else write)
    assert await held(rig) == {}


async def test_a_report_whose_parts_begin_with_1_is_whole_all_the_same(rig: Rig, station: Charger) -> None:
    session = modelled(station)
    task, request_id = await asking(rig, session, commands.ReadSettings("CP1"))
    notify(station, request_id, 1, reported("A/B", "1"), more=True)
    notify(station, request_id, 2, reported("A/C", "1"))
    rig.clock.advance(PART_TIMEOUT_S + 1)
    outcome = await task
    assert (outcome.result, outcome.text) == (Result.ACCEPTED, "2 settings read")


async def test_settings_that_nobody_asked_for_are_bounded(
    rig: Rig, station: Charger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_waits, "MOST_TOLD", 3)
    modelled(station)
    for number in range(5):
        notify(station, 77, number, reported(f"A/V{number}", "1"), more=True)
    assert sorted(await held(rig)) == ["A/V0", "A/V1", "A/V2"]
    assert "more than 3 settings" in station.problem
    notify(station, 78, 0, reported("A/V1", "2"))  # what is known may change for ever
    assert (await held(rig))["A/V1"].value == "2"
    station.disconnect()
    session = modelled(station)
    notify(station, 79, 0, reported("A/V9", "1"))
    assert sorted(await held(rig)) == ["A/V0", "A/V1", "A/V2"]
    await know(rig, station, session, reported("A/B", "1"))
    notify(station, 80, 0, reported("A/V9", "1"))
    assert sorted(await held(rig)) == ["A/B", "A/V9"]


async def test_monitors_that_nobody_asked_for_are_bounded(
    rig: Rig, station: Charger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_waits, "MOST_TOLD", 3)
    modelled(station)
    for number in range(5):
        monitored(station, 77, number)
    told = {monitor.monitor_id for change in rig.journal.of(MonitorsRead) for monitor in change.monitors}
    assert told == {0, 1, 2}
    assert "more than 3 monitors" in station.problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMED = st.fixed_dictionaries({"name": st.just("A") | JSON}, optional={"instance": JSON, "evse": JSON})
RESULT = st.fixed_dictionaries(
    {"component": NAMED | JSON, "variable": NAMED | JSON},
    optional={
        "attributeStatus": st.just("Accepted") | JSON,
        "status": st.just("Accepted") | JSON,
        "attributeValue": JSON,
        "attributeType": JSON,
        "id": JSON,
        "type": st.just("Delta") | JSON,
    },
)
_KNOWN = {"component": {"name": "A"}, "variable": {"name": "A"}}
_ASKED = {
    "GetVariables": {"getVariableData": [_KNOWN]},
    "SetVariables": {"setVariableData": [{**_KNOWN, "attributeValue": "1"}]},
    "SetVariableMonitoring": {"setMonitoringData": [{**_KNOWN, "type": "Delta", "value": 1, "severity": 1}]},
    "ClearVariableMonitoring": {"id": [1]},
}
_FIELDS = {
    "GetVariables": "getVariableResult",
    "SetVariables": "setVariableResult",
    "SetVariableMonitoring": "setMonitoringResult",
    "ClearVariableMonitoring": "clearMonitoringResult",
}


@given(st.sampled_from(sorted(_ASKED)), st.lists(RESULT | JSON, max_size=3) | JSON)
@example("SetVariableMonitoring", [{**_KNOWN, "type": [], "id": 1}])
@example("SetVariables", [{"component": {"name": "A", "evse": "x"}, "variable": {"name": "A"}}])
def test_no_answer_of_a_station_brings_us_down(action: str, results: Any) -> None:
    asked, answer = Wire(action, _ASKED[action]), {_FIELDS[action]: results}
    variables.settings("CP1", asked, answer, START)
    monitors.monitors("CP1", asked, answer)
    variables.password_set(asked, answer)
