"""Settings of a 1.6 station: in portions, with what is unknown, until it boots; changed and taken back."""

from __future__ import annotations

from typing import Any

from console.csms.ports import CallResult, Payload
from console.model import command as commands
from console.model.device_command import ChangeSettings, RemoveSnapshot, SettingChange, TakeSnapshot, UndoSettings
from console.model.outcome import Result
from console.model.station import Setting
from tests.unit.csms.rig import Charger, Rig, Session, Shelf


class Configured(Session):
    """A station that answers for its configuration."""

    def __init__(self, station_id: str, **keys: str) -> None:
        super().__init__(station_id)
        self.keys = keys
        self.status = "Accepted"

    async def call(self, action: str, payload: Payload, timeout_s: float) -> Any:
        self.calls.append((action, payload))
        if action == "ChangeConfiguration":
            if self.status in ("Accepted", "RebootRequired"):
                self.keys[payload["key"]] = payload["value"]
            return CallResult({"status": self.status}, 0.1)
        asked = payload.get("key") or list(self.keys)
        known = [{"key": key, "readonly": False, "value": self.keys[key]} for key in asked if key in self.keys]
        unknown = [key for key in asked if key not in self.keys]
        return CallResult({"configurationKey": known, "unknownKey": unknown}, 0.1)


def configured(charger: Charger, **keys: str) -> Configured:
    session = charger.session = Configured(charger.id, **keys)
    charger.rig.csms.opened(session)
    charger.boot()
    return session


async def held(rig: Rig) -> dict[str, Setting]:
    return {each.key: each for each in await Shelf(rig.journal).settings("CP1")}


async def test_keys_are_asked_for_in_portions_as_large_as_the_station_takes(rig: Rig, charger: Charger) -> None:
    session = configured(charger, GetConfigurationMaxKeys="2", A="1", B="2", C="3")
    assert (await rig.csms.execute(commands.ReadSettings("CP1"))).ok
    session.calls.clear()
    outcome = await rig.csms.execute(commands.ReadSettings("CP1", ("a", "B", "C", "X", "Y")))
    assert [payload["key"] for _, payload in session.calls] == [["A", "B"], ["C", "X"], ["Y"]]
    assert outcome.result is Result.REJECTED
    settings = await held(rig)
    assert (settings["X"].unknown, settings["Y"].unknown, settings["A"].unknown) == (True, True, False)


async def test_what_a_complete_answer_does_not_hold_is_gone(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1", B="2")
    await rig.csms.execute(commands.ReadSettings("CP1"))
    del session.keys["B"]
    await rig.csms.execute(commands.ReadSettings("CP1"))
    assert list(await held(rig)) == ["A"]


async def test_an_answer_that_a_limit_may_have_cut_takes_nothing_away(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1", B="2", GetConfigurationMaxKeys="2")
    await rig.csms.execute(commands.ReadSettings("CP1", ("A", "B")))
    del session.keys["B"]
    await rig.csms.execute(commands.ReadSettings("CP1"))
    assert "B" in await held(rig)


async def test_no_configuration_key_at_all_is_no_settings(rig: Rig, charger: Charger) -> None:
    for answer in ({}, {"configurationKey": []}, {"unknownKey": ["Z"]}):
        charger.session.says["GetConfiguration"] = answer
        outcome = await rig.csms.execute(commands.ReadSettings("CP1"))
        assert "0 settings read" in outcome.text
    assert await held(rig) == {}


async def test_a_reboot_is_awaited_until_the_station_has_booted(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1", B="2")
    session.status = "RebootRequired"
    await rig.csms.execute(commands.ChangeSetting("CP1", "A", "5"))
    session.status = "Accepted"
    await rig.csms.execute(commands.ReadSettings("CP1"))
    await rig.csms.execute(commands.ReadSettings("CP1", ("A",)))
    settings = await held(rig)
    assert (settings["A"].value, settings["A"].reboot_required, settings["B"].reboot_required) == ("5", True, False)
    charger.boot()
    assert (await held(rig))["A"].reboot_required, "it only said again that it is there"
    charger.disconnect()
    charger.connect().boot()
    assert not (await held(rig))["A"].reboot_required


async def test_a_reboot_is_awaited_through_a_restart_of_the_service(rig: Rig, charger: Charger) -> None:
    configured(charger, A="1").status = "RebootRequired"
    await rig.csms.execute(commands.ChangeSetting("CP1", "A", "5"))
    awaited = [each for each in (await held(rig)).values() if each.reboot_required]
    rig.csms = rig._make()
    rig.csms.load(rig.journal.site, awaiting_boot=awaited)
    session = configured(charger, A="1")
    assert session.calls == []
    assert not (await held(rig))["A"].reboot_required


async def test_several_changes_and_one_that_is_refused(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1", B="2", C="3")
    await rig.csms.execute(commands.ReadSettings("CP1"))
    changes = ChangeSettings("CP1", (SettingChange("a", "7"), SettingChange("B", "8")))
    outcome = await rig.csms.execute(changes)
    assert outcome.ok
    assert (session.keys["A"], session.keys["B"]) == ("7", "8")
    session.status = "Rejected"
    outcome = await rig.csms.execute(changes)
    assert (outcome.result, "0 of 2" in outcome.text) == (Result.REJECTED, True)


async def test_changes_are_taken_back_the_newest_first(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1", B="2")
    await rig.csms.execute(commands.ReadSettings("CP1"))
    for key, value in (("A", "3"), ("B", "4"), ("A", "5")):
        await rig.csms.execute(commands.ChangeSetting("CP1", key, value))
    assert (await rig.csms.execute(UndoSettings("CP1"))).ok
    assert session.keys == {"A": "3", "B": "4"}
    assert (await rig.csms.execute(UndoSettings("CP1", 2))).ok
    assert session.keys == {"A": "1", "B": "2"}
    outcome = await rig.csms.execute(UndoSettings("CP1"))
    assert (outcome.result, session.keys) == (Result.NOT_POSSIBLE, {"A": "1", "B": "2"})


async def test_what_was_never_read_and_what_is_secret_cannot_be_taken_back(rig: Rig, charger: Charger) -> None:
    session = configured(charger, A="1")
    for key in ("A", "AuthorizationKey"):
        await rig.csms.execute(commands.ChangeSetting("CP1", key, "0123456789abcdef0123"))
        asked = len(session.calls)
        outcome = await rig.csms.execute(UndoSettings("CP1"))
        assert (outcome.result, len(session.calls)) == (Result.NOT_POSSIBLE, asked)
        assert "not known" in outcome.text
    assert "0123456789abcdef0123" not in str([w for w in await Shelf(rig.journal).setting_writes("CP1") if w.secret])


async def test_a_snapshot_holds_what_is_known(rig: Rig, charger: Charger) -> None:
    outcome = await rig.csms.execute(TakeSnapshot("CP1", "x"))
    assert (outcome.result, outcome.hint) == (Result.NOT_POSSIBLE, "Read them first.")
    configured(charger, A="1", AuthorizationKey="secret")
    await rig.csms.execute(commands.ReadSettings("CP1"))
    outcome = await rig.csms.execute(TakeSnapshot("CP1", "before"))
    assert outcome.ok
    assert outcome.answer is not None
    (taken,) = [change.snapshot for change in rig.journal.changes if hasattr(change, "snapshot")]
    assert (taken.name, taken.count, taken.snapshot_id) == ("before", 2, outcome.answer["snapshot_id"])
    assert {each.key: each.value for each in taken.settings} == {"A": "1", "AuthorizationKey": None}
    assert (await rig.csms.execute(RemoveSnapshot(taken.snapshot_id))).ok
