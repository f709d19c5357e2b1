"""The tree of settings, driven by keys: folded, filtered, changed, watched, compared and applied."""

from __future__ import annotations

import msgspec
import pytest

from console.csms.dialects import dialect
from console.model import command as c
from console.model import device_command as d
from console.model.change import SettingsRead
from console.model.outcome import Outcome, Result
from console.screens.asking import describe
from console.screens.device import settings_rows as view
from tests.support.staged import StagedBackend, only
from tests.ui.devices import device_model, monitors, snapshot
from tests.ui.driving import Driver, driving
from tests.ui.sites import depot, settings


@pytest.fixture
def backend() -> StagedBackend:
    site = depot()
    modern = msgspec.structs.replace(site.stations["CP-02"], ocpp_version="2.0.1")
    staged = StagedBackend(msgspec.structs.replace(site, stations=site.stations | {"CP-02": modern}))
    staged.held_settings = {"CP-01": settings("CP-01"), "CP-02": device_model("CP-02")}
    staged.held_monitors["CP-02"] = monitors("CP-02")
    staged.held_snapshots = [snapshot("CP-02")]
    return staged


async def open_tree(driver: Driver, station: str = "CP-02") -> None:
    await driver.press(*(["down"] if station == "CP-02" else []), "enter", "k")
    await driver.sees("settings", "HeartbeatInterval")


async def find(driver: Driver, words: str) -> None:
    await driver.press("slash")
    await driver.type(words)
    await driver.press("enter")


def test_the_rows_of_a_tree_and_of_flat_keys() -> None:
    modern = {each.key: each for each in device_model("CP-02")}
    keys = view.rows(modern, monitors("CP-02"), None)
    at = keys.index(f"{view.COMPONENT}EVSE@1")
    assert keys[at + 1 : at + 6] == [
        "EVSE@1/AvailabilityState", "EVSE@1/Power", f"{view.MONITOR}3", f"{view.MONITOR}8", "EVSE@1/Power:MaxSet",
    ]  # fmt: skip
    folded = view.rows(modern, monitors("CP-02"), set())
    assert all(key.startswith(view.COMPONENT) for key in folded)
    assert view.rows(modern, [], set(), ("heartbeat",)) == [
        f"{view.COMPONENT}OCPPCommCtrlr",
        "OCPPCommCtrlr/HeartbeatInterval",
    ]
    flat = {each.key: each for each in settings("CP-01")}
    assert view.rows(flat, [], set()) == sorted(flat, key=str.casefold)


async def test_components_fold_and_unfold(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await driver.press("enter")
        await driver.sees("+ AlignedDataCtrlr")
        await driver.sees_no("900 s")
        await driver.press("f")
        await driver.sees("- AlignedDataCtrlr", "900 s")


async def test_many_settings_begin_folded(backend: StagedBackend) -> None:
    backend.held_settings["CP-02"] += [
        msgspec.structs.replace(each, key=f"Vendor{number}/{each.key.partition('/')[2]}")
        for number in range(9)
        for each in device_model("CP-02")
    ]
    async with driving(backend) as driver:
        await driver.press("down", "enter", "k")
        await driver.sees("+ AlignedDataCtrlr", "+ Vendor8")


async def test_a_value_is_judged_by_the_variables_own_limits(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await find(driver, "heartbeat")
        await driver.press("down", "e")
        await driver.sees("integer s, 7 to 60000")
        await driver.press("backspace", "backspace", "backspace", "5", "enter")
        await driver.sees("! value: is not within 7 to 60000")
        await driver.press("0", "enter")
        await driver.sees("SetVariables", '"attributeValue": "50"')
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == c.ChangeSetting("CP-02", "OCPPCommCtrlr/HeartbeatInterval", "50")


async def test_what_is_a_choice_is_offered_as_one(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await find(driver, "offlinetx")
        await driver.press("down", "e")
        await driver.sees("< false >")
        await driver.press("right", "enter")
        await driver.sees("SetVariables")
        await driver.press("y")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == c.ChangeSetting("CP-02", "AuthCtrlr/OfflineTxForUnknownIdEnabled", "true")


@pytest.mark.parametrize(("words", "said"), [("available", "is read only"), ("maxset", "is constant")])
async def test_what_cannot_be_changed_says_why(backend: StagedBackend, words: str, said: str) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await find(driver, words)
        await driver.press("end", "e")
        await driver.sees(said)
        assert backend.commands == []


async def test_monitors_stand_under_their_variable_are_added_and_taken_away(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await find(driver, "power")
        await driver.sees("monitor 3", "UpperThreshold 21000", "severity 4")
        await driver.press("down", "a")
        await driver.sees("CP-02: EVSE@1/Power")
        await driver.press("down")
        await driver.type("9000")
        await driver.press("ctrl+s")
        await driver.until(lambda: bool(backend.commands))
        assert backend.commands == [d.SetMonitor("CP-02", "EVSE@1/Power", "UpperThreshold", 9000.0, 5)]
        await driver.press("down", "delete")
        await driver.sees("ClearVariableMonitoring", '{"id": [3]}')
        await driver.press("y")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands[1] == d.ClearMonitors("CP-02", (3,))


async def test_a_16_station_has_no_monitors(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver, "CP-01")
        await driver.press("M")
        await driver.sees("OCPP 1.6 knows no monitors")


async def test_what_is_read_meanwhile_is_shown_and_what_is_gone_goes(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        changed = tuple(device_model("CP-02", AlignedDataCtrlr__Interval="61"))
        backend.push(SettingsRead("CP-02", changed[:1]))
        await driver.sees("61 s")
        backend.push(SettingsRead("CP-02", changed[:2], complete=True))
        await driver.sees("2 settings")
        await driver.sees_no("HeartbeatInterval")


async def compare_with_snapshot(driver: Driver) -> None:
    await open_tree(driver)
    await driver.press("c")
    await driver.sees("compare with", "before the update")
    await driver.press("enter")
    await driver.sees("4 settings differ", "THERE", "86400 s")


async def test_only_what_differs_is_shown_and_esc_goes_back(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await compare_with_snapshot(driver)
        assert "AuthCtrlr" not in driver.text()
        await driver.press("escape")
        await driver.sees("AuthCtrlr", "LocalAuthListCtrlr")


async def test_the_difference_is_applied_and_each_write_shows_what_came_of_it(backend: StagedBackend) -> None:
    def answer(command: c.Command) -> Outcome:
        assert isinstance(command, c.ChangeSetting)
        if "Heartbeat" in command.key:
            return Outcome(Result.REJECTED, "the value is too high")
        return Outcome(Result.ACCEPTED, "1 setting changed")

    backend.answer = answer
    async with driving(backend) as driver:
        await compare_with_snapshot(driver)
        await driver.press("A")
        await driver.sees("Write 3 settings to CP-02?", "TxCtrlr/TxStopPoint = EVConnected", "it is read only")
        await driver.press("y")
        await driver.sees("2 settings of 3 written; the value is too high")
        assert [each.key for each in backend.commands if isinstance(each, c.ChangeSetting)] == [
            "AlignedDataCtrlr/Interval", "OCPPCommCtrlr/HeartbeatInterval", "TxCtrlr/TxStopPoint",
        ]  # fmt: skip
        assert "written" in driver.line("AlignedDataCtrlr/Interval")
        assert "rejected" in driver.line("OCPPCommCtrlr/Heartbeat")


async def test_a_station_that_falls_silent_is_not_written_to_any_more(backend: StagedBackend) -> None:
    backend.answer = lambda _command: Outcome(Result.OFFLINE, "CP-02 disconnected")
    async with driving(backend) as driver:
        await compare_with_snapshot(driver)
        await driver.press("A", "y")
        await driver.sees("0 settings of 3 written, 2 not tried; CP-02 disconnected")
        assert len(backend.commands) == 1


@pytest.mark.parametrize(
    "key",
    [
        "OCPPCommCtrlr/HeartbeatInterval",
        "EVSE@1/Power:MaxSet",
        "Connector@2.1/Available",
        "NetworkConfiguration#2/OcppCsmsUrl",
        "V2XChargingCtrlr#a/LocalLoadBalancing#UpperOffset:Target",
    ],
)
def test_what_is_confirmed_is_what_is_sent(key: str) -> None:
    for version, command in (("2.0.1", c.ChangeSetting("CP-02", key, "1")), ("2.1", c.ReadSettings("CP-02", (key,)))):
        sent = dialect(version).call(command)
        assert describe.request(command, version) == (sent.action, sent.payload)


async def test_snapshot_and_undo_are_one_key_each(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await open_tree(driver)
        await driver.press("s")
        await driver.sees("A few words to know it by")
        await driver.type("now")
        await driver.press("enter")
        await driver.until(lambda: bool(backend.commands))
        await driver.press("u")
        await driver.sees("take the last change back?", "as it was before the last change")
        await driver.press("y")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands == [d.TakeSnapshot("CP-02", "now"), d.UndoSettings("CP-02")]
