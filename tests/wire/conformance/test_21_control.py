"""What OCPP 2.1 adds to resets, networks, triggers and displays (blocks B, F and O)."""

from __future__ import annotations

import pytest

from console.model.command import AddStation, CallStation, SetChargingProfile
from console.model.device_command import ChangeSettings, SettingChange
from console.model.outcome import Result
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, energy, ready
from tests.wire.conformance.profiles import profile, relative
from tests.wire.conformance.site import Bench, Json
from tests.wire.conformance.test_201_messages import MESSAGE, asked
from tests.wire.transport.test_admission import basic

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCEPTED = {"status": "Accepted"}


@pytest.mark.conforms("TC_B_103_CSMS", "TC_B_104_CSMS")
@pytest.mark.parametrize("charging", [True, False])
async def test_reset_and_go_on(bench: Bench, connect: Connect, charging: bool) -> None:
    tag = f"B103-{charging}"
    station = await ready(connect, bench, tag, version="2.1")
    charge = Charge(station, tag)
    if charging:
        await charge.started(tag, meterValue=[energy(1000, "Transaction.Begin", 0)])
    assert (await asked(bench, station, "Reset", {"type": "ImmediateAndResume"}, ACCEPTED)).ok
    await station.connection.close(1001)
    charge.station = again = await connect("2.1", station_id=station.station_id)
    assert (await again.boot(reason="RemoteReset"))["status"] == "Accepted"
    if charging:
        assert await charge.tell("Updated", "TxResumed", {"chargingState": "Charging"}) == {}
        assert await charge.ended("Local", meterValue=[energy(3000, "Transaction.End", 9)]) == {}
        transaction = await charge.seen(bench, running=False)
        assert (transaction.energy_wh, transaction.flags) == (2000, ())
    held = [each for each in bench.site.transactions.values() if each.station_id == station.station_id]
    assert len(held) == charging


@pytest.mark.conforms("TC_B_116_CSMS", "TC_E_117_CSMS", "DX-X42")
async def test_a_transaction_that_goes_on_gets_its_profile_again(bench: Bench, connect: Connect) -> None:
    charge = Charge(await ready(connect, bench, "B116", version="2.1"), "B116")
    station = charge.station
    station.answers["SetChargingProfile"] = ACCEPTED
    await charge.started("B116")
    assert (await bench.run(SetChargingProfile(station.station_id, profile(profile_id=8)))).ok
    assert (await bench.run(SetChargingProfile(station.station_id, relative()))).ok
    first = await station.heard("SetChargingProfile", 2)
    assert first["chargingProfile"]["transactionId"] == "B116"
    assert (await asked(bench, station, "Reset", {"type": "ImmediateAndResume"}, ACCEPTED)).ok
    await station.connection.close(1001)
    charge.station = again = await connect("2.1", station_id=station.station_id)
    again.answers["SetChargingProfile"] = ACCEPTED
    await again.boot(reason="RemoteReset")
    assert await charge.tell("Updated", "TxResumed", {"chargingState": "Charging"}) == {}
    assert await again.heard("SetChargingProfile") == first
    await bench.until(lambda site: any("B116 goes on" in notice.text for notice in site.notices))
    assert again.times("SetChargingProfile") == 1


@pytest.mark.conforms("TC_B_100_CSMS")
async def test_a_station_goes_on_under_another_identity(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")
    name, password = "B100-new", "a password of B100"
    connection = {
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example/",
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
        "identity": name,
        "basicAuthPassword": password,
    }
    payload = {"configurationSlot": 2, "connectionData": connection}
    assert (await asked(bench, station, "SetNetworkProfile", payload, ACCEPTED)).ok
    assert password not in repr(await bench.messages(station.station_id))
    assert (await bench.run(AddStation(name, password, 1))).ok
    again = await connect("2.1", station_id=name, accepted=False, additional_headers=basic(name, password))
    assert (await again.boot())["status"] == "Accepted"


@pytest.mark.conforms("TC_B_105_CSMS")
async def test_a_network_is_configured_by_variables(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.1")

    def taken(request: Json) -> Json:
        named = [{key: each[key] for key in ("component", "variable")} for each in request["setVariableData"]]
        return {"setVariableResult": [each | {"attributeStatus": "Accepted"} for each in named]}

    station.answers["SetVariables"] = taken
    slot = {"OcppCsmsUrl": "wss://csms.example/", "SecurityProfile": "2", "ApnEnabled": "false", "VpnEnabled": "false"}
    changes = tuple(SettingChange(f"NetworkConfiguration#2/{name}", value) for name, value in slot.items())
    assert (await bench.run(ChangeSettings(station.station_id, changes))).ok
    first = SettingChange("OCPPCommCtrlr/NetworkConfigurationPriority", "2,1")
    assert (await bench.run(ChangeSettings(station.station_id, (first,)))).ok
    sent = [each for _, payload in station.asked for each in payload["setVariableData"]]
    component = {"name": "NetworkConfiguration", "instance": "2"}
    assert sent == [
        {"attributeValue": value, "component": component, "variable": {"name": name}} for name, value in slot.items()
    ] + [
        {
            "attributeValue": "2,1",
            "component": {"name": "OCPPCommCtrlr"},
            "variable": {"name": "NetworkConfigurationPriority"},
        }
    ]


@pytest.mark.conforms("TC_F_100_CSMS")
@pytest.mark.parametrize("answer", ["Accepted", "NotImplemented"])
async def test_a_trigger_of_the_vendors_own(bench: Bench, connect: Connect, answer: str) -> None:
    station = await ready(connect, bench, version="2.1")
    payload = {"requestedMessage": "CustomTrigger", "customTrigger": "com.example.fan"}
    outcome = await asked(bench, station, "TriggerMessage", payload, {"status": answer})
    assert outcome.ok is (answer == "Accepted")


@pytest.mark.conforms("TC_O_100_CSMS", "TC_O_101_CSMS")
@pytest.mark.parametrize(
    ("answer", "result"), [("Accepted", Result.ACCEPTED), ("LanguageNotSupported", Result.REJECTED)]
)
async def test_a_message_in_several_languages(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench, version="2.1")
    extra = [{"format": "UTF8", "language": "nl", "content": "Hallo"}]
    payload = {"message": MESSAGE | {"messageExtra": extra}}
    assert (await asked(bench, station, "SetDisplayMessage", payload, {"status": answer})).result is result


@pytest.mark.conforms("TC_B_104_CSMS")
async def test_a_reset_that_the_version_does_not_know_is_not_sent(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, version="2.0.1")
    outcome = await bench.run(CallStation(station.station_id, "Reset", {"type": "ImmediateAndResume"}))
    assert outcome.result is Result.NOT_POSSIBLE
    assert station.asked == []
