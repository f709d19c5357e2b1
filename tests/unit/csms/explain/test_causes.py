"""Why a station said no, told from its own state and settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.csms.dialects.base import Judged, Wire
from console.csms.explain import Facts, by_key, explain, explain_error
from console.model import command as commands
from console.model.outcome import Result
from console.model.station import Connector, ConnectorStatus, Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction
from tests.unit.csms.rig import START, Charger, Rig

S = ConnectorStatus
NO = {"status": "Rejected"}
TX = Transaction("CP1", "4711", 1)


def station(*states: ConnectorStatus, **more: Any) -> Station:
    """A station with a connector in each of these states."""
    connectors = tuple(Connector(number, 1, state) for number, state in enumerate(states, 1))
    return Station("CP1", connectors=connectors, **more)


def facts(
    held: Station | None = None,
    *running: Transaction,
    token: Token | None = None,
    read_only: bool = False,
    **settings: str,
) -> Facts:
    """What is known; settings by name, with ``__`` for a slash."""
    read = [Setting("CP1", key.replace("__", "/"), value, read_only) for key, value in settings.items()]
    return Facts(held or station(S.AVAILABLE, S.AVAILABLE), START, running, by_key(read), token)


def told(version: str, action: str, request: dict[str, Any], answer: dict[str, Any], known: Facts) -> Judged:
    """The explanation, which must have room."""
    judged = explain(version, Wire(action, request), answer, known)
    assert len(judged.text) <= 124
    assert len(judged.hint) <= 124
    return judged


def start(known: Facts, connector: int | None = 1, tag: str = "TAG") -> Judged:
    request: dict[str, Any] = {"idTag": tag} if connector is None else {"idTag": tag, "connectorId": connector}
    return told("1.6", "RemoteStartTransaction", request, NO, known)


BLOCKED, EXPIRED = Token("TAG", blocked=True), Token("TAG", expires_at=START - timedelta(days=1))


@pytest.mark.parametrize(
    ("known", "because", "step"),
    [
        (facts(station(S.FAULTED)), "connector 1 has a fault", "Clear the fault"),
        (facts(station(S.AVAILABLE, status=S.FAULTED, error_code="GroundFailure")), "fault (GroundFailure)", "reset"),
        (facts(station(S.UNAVAILABLE)), "connector 1 is out of service", "back into service"),
        (facts(station(S.AVAILABLE, status=S.UNAVAILABLE)), "the station is out of service", "back into service"),
        (facts(station(S.RESERVED)), "connector 1 is reserved", "cancel the reservation"),
        (facts(station(S.FINISHING)), "connector 1 is finishing", "unplug"),
        (facts(station(S.CHARGING)), "connector 1 charges already", "reset"),
        (facts(station(S.CHARGING), TX), "transaction 4711 runs on connector 1", "Stop it first"),
        (facts(token=BLOCKED), "tag TAG is blocked here", "Unblock it"),
        (facts(token=EXPIRED), "tag TAG has expired here", "Change its expiry"),
        (
            facts(AuthorizeRemoteTxRequests="true"),
            "AuthorizeRemoteTxRequests is true, and nobody knows tag TAG",
            "Add it in Tags",
        ),
        (facts(AuthorizeRemoteTxRequests="TRUE", token=BLOCKED), "is true, and tag TAG is blocked", "Unblock"),
        (facts(AuthorizeRemoteTxRequests="false"), "", "may be busy"),
        (facts(token=Token("TAG")), "", "may be busy"),
        (facts(Station("CP1")), "", "may be busy"),
    ],
)
def test_a_remote_start_that_was_refused(known: Facts, because: str, step: str) -> None:
    judged = start(known)
    assert judged.result is Result.REJECTED
    assert judged.text == "the station refused to start" if not because else because in judged.text
    assert step in judged.hint


def test_a_start_on_a_connector_that_is_not_there_or_not_named() -> None:
    assert "It has: 1, 2." in start(facts(), connector=9).hint
    assert "no connector was named" in start(facts(token=Token("TAG")), connector=None).text


def test_a_start_on_the_other_connector_is_not_blamed_on_the_first() -> None:
    assert start(facts(station(S.CHARGING, S.AVAILABLE), TX, token=Token("TAG")), connector=2).text == (
        "the station refused to start"
    )


def test_the_same_in_the_words_of_2x() -> None:
    request = {"idToken": {"idToken": "TAG", "type": "ISO14443"}, "evseId": 1, "remoteStartId": 1}
    known = facts(AuthCtrlr__AuthorizeRemoteStart="true")
    assert "AuthCtrlr/AuthorizeRemoteStart is true" in told("2.0.1", "RequestStartTransaction", request, NO, known).text


def test_an_accepted_start_says_what_comes_next() -> None:
    yes = {"status": "Accepted"}
    request = {"idTag": "TAG", "connectorId": 1}
    waits = told("1.6", "RemoteStartTransaction", request, yes, facts())
    assert waits.text == "start accepted, waiting for the cable"
    plugged = told("1.6", "RemoteStartTransaction", request, yes, facts(station(S.PREPARING)))
    assert plugged.text == "start accepted, the cable is in"


def test_what_the_station_says_itself_comes_before_any_guess() -> None:
    answer = {**NO, "statusInfo": {"reasonCode": "InvalidIdToken"}}
    request = {"idToken": {"idToken": "TAG", "type": "ISO14443"}, "evseId": 1, "remoteStartId": 1}
    judged = told("2.1", "RequestStartTransaction", request, answer, facts(station(S.FAULTED)))
    assert judged.text == "the station refused to start: the station does not accept this tag"
    own = {**NO, "statusInfo": {"reasonCode": "Moon\x07", "additionalInfo": "full " * 200}}
    judged = told("2.1", "RequestStartTransaction", request, own, facts())
    assert "Moon�" in judged.text
    assert "manufacturer" in judged.hint


SETTINGS = {"key": "HeartbeatInterval", "value": "60"}


def variable(value: str, status: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    request = {"setVariableData": [{**place, "attributeValue": value}]}
    return request, {"setVariableResult": [{**place, "attributeStatus": status, **more}]}


def test_a_setting_that_is_read_only() -> None:
    known = facts(HeartbeatInterval="300", OCPPCommCtrlr__HeartbeatInterval="300", read_only=True)
    judged = told("1.6", "ChangeConfiguration", SETTINGS, NO, known)
    assert "HeartbeatInterval is read-only" in judged.text
    judged = told("2.0.1", "SetVariables", *variable("60", "Rejected"), known)
    assert judged.text == "OCPPCommCtrlr/HeartbeatInterval: is read-only"


def test_a_value_of_the_wrong_kind() -> None:
    known = facts(HeartbeatInterval="300", LocalPreAuthorize="true")
    assert "is a number (300)" in told("1.6", "ChangeConfiguration", {**SETTINGS, "value": "often"}, NO, known).text
    request = {"key": "localpreauthorize", "value": "yes"}
    assert "is true or false" in told("1.6", "ChangeConfiguration", request, NO, known).text
    assert told("1.6", "ChangeConfiguration", SETTINGS, NO, known).text == "the station refused the value"


@pytest.mark.parametrize(
    ("value", "because", "step"),
    [
        ("5000", "takes at most 3600 s", "smaller"),
        ("1", "takes at least 10 s", "larger"),
        ("60", "", "may be read-only"),
    ],
)
def test_a_value_outside_the_limits_that_the_station_told(value: str, because: str, step: str) -> None:
    held = Setting("CP1", "OCPPCommCtrlr/HeartbeatInterval", "300", unit="s", min_limit=10, max_limit=3600)
    known = Facts(Station("CP1"), START, settings=by_key([held]))
    judged = told("2.0.1", "SetVariables", *variable(value, "Rejected"), known)
    assert because in judged.text
    assert step in judged.hint


def test_a_word_that_the_station_does_not_take() -> None:
    held = Setting("CP1", "OCPPCommCtrlr/HeartbeatInterval", "A", choices=("A", "B"))
    known = Facts(Station("CP1"), START, settings=by_key([held]))
    judged = told("2.0.1", "SetVariables", *variable("C", "Rejected"), known)
    assert (judged.text.endswith("does not take this word"), judged.hint) == (True, "It takes: A, B.")


def test_a_key_that_the_station_calls_otherwise() -> None:
    request = {"key": "Interval", "value": "60"}
    judged = told("1.6", "ChangeConfiguration", request, {"status": "NotSupported"}, facts(HeartbeatInterval="300"))
    assert judged.hint == "It has HeartbeatInterval."


def test_several_settings_in_one_line() -> None:
    place = {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power", "instance": "Max"}}
    good = {"component": {"name": "A"}, "variable": {"name": "B"}, "attributeStatus": "Accepted"}
    bad = {**place, "attributeStatus": "Rejected", "attributeStatusInfo": {"reasonCode": "ValueTooHigh"}}
    judged = told("2.1", "SetVariables", {}, {"setVariableResult": [good, bad]}, facts())
    assert judged.result is Result.REJECTED
    assert judged.text == "1 of 2 settings changed; EVSE@2/Power#Max: the value is too high"
    judged = told("2.1", "SetVariables", {}, {"setVariableResult": [good, good]}, facts())
    assert (judged.result, judged.text) == (Result.ACCEPTED, "2 settings changed")
    reboot = {**good, "attributeStatus": "RebootRequired"}
    assert "after a reset" in told("2.1", "SetVariables", {}, {"setVariableResult": [good, reboot]}, facts()).text


@pytest.mark.parametrize(("answer"), [{"setVariableResult": "no"}, {"setVariableResult": [7, {}]}, {}])
def test_a_list_that_is_none_breaks_nothing(answer: dict[str, Any]) -> None:
    assert told("2.0.1", "SetVariables", {}, answer, facts()).text


def profile(unit: str = "A", periods: int = 1, **more: Any) -> dict[str, Any]:
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": n} for n in range(periods)]}
    held = {"stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingSchedule": schedule, **more}
    return {"connectorId": 1, "csChargingProfiles": held}


def profile_2x(unit: str, **more: Any) -> dict[str, Any]:
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}
    held = {"id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingSchedule": [schedule]}
    return {"evseId": 1, "chargingProfile": {**held, **more}}


@pytest.mark.parametrize(
    ("request_", "known", "because", "step"),
    [
        (profile("W"), {"ChargingScheduleAllowedChargingRateUnit": "Current"}, "holds Current, not W", "in A"),
        (profile("A"), {"ChargingScheduleAllowedChargingRateUnit": "Power"}, "holds Power, not A", "in W"),
        (profile("A"), {"ChargingScheduleAllowedChargingRateUnit": "Current, Power"}, "", "Try another unit"),
        (profile_2x("W"), {"SmartChargingCtrlr__RateUnit": "A"}, "SmartChargingCtrlr/RateUnit holds A, not W", "in A"),
        (
            profile(periods=9),
            {"ChargingScheduleMaxPeriods": "6"},
            "9 periods, ChargingScheduleMaxPeriods is 6",
            "Merge",
        ),
        (profile(stackLevel=8), {"ChargeProfileMaxStackLevel": "3"}, "stack level 8", "from 0 to 3"),
        (profile_2x("A", stackLevel=8), {"SmartChargingCtrlr__ProfileStackLevel": "3"}, "stack level 8", "from 0 to 3"),
        (profile(), {"SupportedFeatureProfiles": "Core,Reservation"}, "lacks SmartCharging", "cannot do it"),
        (
            profile_2x("A"),
            {"SmartChargingCtrlr__Enabled": "false"},
            "SmartChargingCtrlr/Enabled is false",
            "Switch it on",
        ),
        (profile(chargingProfilePurpose="TxProfile"), {}, "needs a running transaction", "TxDefaultProfile"),
        (profile(chargingProfilePurpose="ChargePointMaxProfile"), {}, "is for the whole station", "connector 0"),
        (profile(), {}, "", "Try another unit"),
        ({"csChargingProfiles": "odd"}, {}, "", "Try another unit"),
    ],
)
def test_a_charging_profile_that_was_refused(
    request_: dict[str, Any], known: dict[str, str], because: str, step: str
) -> None:
    version = "1.6" if "csChargingProfiles" in request_ else "2.0.1"
    judged = told(version, "SetChargingProfile", request_, NO, facts(**known))
    assert judged.text.startswith("the station refused the charging profile")
    assert because in judged.text
    assert step in judged.hint


@pytest.mark.parametrize(
    ("action", "request_", "status", "known", "because"),
    [
        ("RemoteStopTransaction", {"transactionId": 7}, "Rejected", facts(), "nothing runs there"),
        ("RemoteStopTransaction", {"transactionId": 7}, "Rejected", facts(None, TX), "no such transaction runs there"),
        ("RemoteStopTransaction", {"transactionId": 4711}, "Rejected", facts(None, TX), "refused to stop"),
        (
            "ChangeAvailability",
            {"connectorId": 1},
            "Scheduled",
            facts(None, TX),
            "transaction 4711 runs on connector 1",
        ),
        ("ChangeAvailability", {"connectorId": 2}, "Scheduled", facts(None, TX), "when the running transaction ends"),
        ("ChangeAvailability", {"evse": {"id": 7}}, "Rejected", facts(), "no such connector"),
        ("Reset", {"type": "Soft"}, "Rejected", facts(None, TX), "transaction 4711 runs"),
        ("Reset", {"type": "OnIdle"}, "Scheduled", facts(None, TX), "transaction 4711 runs on connector 1"),
        ("Reset", {"type": "Soft"}, "Rejected", facts(station(firmware_status="Installing")), "a firmware update"),
        ("UnlockConnector", {"connectorId": 1}, "UnlockFailed", facts(None, TX), "transaction 4711 runs there"),
        ("UnlockConnector", {"connectorId": 5}, "UnlockFailed", facts(), "no such connector"),
        ("ReserveNow", {"connectorId": 1}, "Occupied", facts(station(S.RESERVED)), "connector 1 is reserved"),
        ("ReserveNow", {"connectorId": 1}, "Faulted", facts(station(S.FAULTED)), "connector 1 has a fault"),
        (
            "ReserveNow",
            {"connectorId": 0},
            "Rejected",
            facts(ReserveConnectorZeroSupported="false"),
            "ReserveConnectorZeroSupported is false",
        ),
        ("TriggerMessage", {"requestedMessage": "MeterValues"}, "Rejected", facts(), "no connector was named"),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, "Rejected", facts(), "does not send this message now"),
        (
            "SendLocalList",
            {"localAuthorizationList": [{}] * 5, "updateType": "Full"},
            "Failed",
            facts(SendLocalListMaxLength="4"),
            "5 tags in one message, it takes 4",
        ),
        ("SendLocalList", {}, "NotSupported", facts(SupportedFeatureProfiles="Core"), "lacks LocalAuthListManagement"),
        ("UpdateFirmware", {}, "Rejected", facts(None, TX), "transaction 4711 runs"),
        ("GetLog", {}, "Rejected", facts(station(diagnostics_status="Uploading")), "uploading one already"),
        ("ClearCache", {}, "Rejected", facts(AuthorizationCacheEnabled="false"), "AuthorizationCacheEnabled is false"),
    ],
)
def test_what_else_is_refused(action: str, request_: dict[str, Any], status: str, known: Facts, because: str) -> None:
    version = "1.6" if action not in ("GetLog", "UpdateFirmware") else "2.0.1"
    judged = told(version, action, request_, {"status": status}, known)
    assert because in judged.text
    if status != "Scheduled":
        assert judged.hint


def test_more_in_one_message_than_the_station_takes() -> None:
    asked = Wire("GetConfiguration", {"key": ["A", "B", "C"]})
    judged = explain_error(asked, "GenericError", "", facts(GetConfigurationMaxKeys="2"))
    assert judged.text == "the station answered GenericError (3 keys at once, GetConfigurationMaxKeys is 2)"
    assert judged.hint == "Send at most 2 in a message."
    variables = Wire("SetVariables", {"setVariableData": [{}, {}]})
    few = Setting("CP1", "DeviceDataCtrlr/ItemsPerMessage#SetVariables", "1")
    known = Facts(Station("CP1"), START, settings=by_key([few]))
    assert "2 settings at once" in explain_error(variables, "OccurrenceConstraintViolation", "", known).text
    assert "misses a field" in explain_error(variables, "OccurrenceConstraintViolation", "", facts()).hint


def test_a_chain_that_is_too_long_and_a_store_that_is_full() -> None:
    known = facts(CertificateSignedMaxChainSize="10", CertificateStoreMaxLength="4")
    judged = told("1.6", "CertificateSigned", {"certificateChain": "x" * 11}, NO, known)
    assert "the chain has 11 characters, it takes 10" in judged.text
    judged = told("1.6", "InstallCertificate", {}, {"status": "Failed"}, known)
    assert "it has room for 4 certificates" in judged.text


async def test_the_settings_of_that_station_are_at_hand(rig: Rig, charger: Charger) -> None:
    charger.session.says["GetConfiguration"] = {
        "configurationKey": [{"key": "AuthorizeRemoteTxRequests", "readonly": False, "value": "true"}]
    }
    charger.session.says["RemoteStartTransaction"] = NO
    charger.status(1, "Available")
    ask = commands.StartTransaction("CP1", 1, "STRANGE")
    before = await rig.csms.execute(ask)
    await rig.csms.execute(commands.ReadSettings("CP1"))
    after = await rig.csms.execute(ask)
    assert before.text == "the station refused to start"
    assert after.text.endswith("AuthorizeRemoteTxRequests is true, and nobody knows tag STRANGE")


async def test_a_running_transaction_is_at_hand(rig: Rig, charger: Charger) -> None:
    charger.session.says["ChangeAvailability"] = {"status": "Scheduled"}
    transaction_id = charger.start()["transactionId"]
    outcome = await rig.csms.execute(commands.ChangeAvailability("CP1", 1, operative=False))
    assert outcome.result is Result.ACCEPTED
    assert f"transaction {transaction_id} runs on connector 1" in outcome.text


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        ({"evseId": 7}, "Rejected", "no such EVSE"),
        ({"evseId": 0, "tariff": {"tariffId": "T", "currency": "EUR"}}, "Rejected", "it has no price"),
        ({"evseId": 0}, "Rejected", "TariffCostCtrlr/Currency is SEK"),
        ({"evseId": 0}, "TooManyElements", "energy has 2 prices, TariffCostCtrlr/MaxElements#Tariff is 1"),
    ],
)
def test_a_tariff_is_refused_for_what_the_station_can(request_: dict[str, Any], status: str, said: str) -> None:
    tariff = {"tariffId": "T", "currency": "EUR", "energy": {"prices": [{"priceKwh": 1}] * 2}}
    keys = {"TariffCostCtrlr/Currency": "SEK", "TariffCostCtrlr/MaxElements#Tariff": "1"}
    known = facts(**{key.replace("/", "__"): value for key, value in keys.items()})
    judged = told("2.1", "SetDefaultTariff", {"tariff": tariff} | request_, {"status": status}, known)
    assert said in judged.text


def test_a_station_without_der_controls_says_so() -> None:
    judged = told("2.1", "GetDERControl", {"requestId": 1}, {"status": "NotFound"}, facts())
    assert "none of this kind is set there" in judged.text
    judged = told("2.1", "GetDERControl", {"requestId": 1, "controlId": "a"}, {"status": "NotFound"}, facts())
    assert "none of this kind" not in judged.text


@pytest.mark.parametrize(("activate", "text"), [(True, "priority charging is on"), (False, "priority charging is off")])
def test_priority_charging_says_which_way_it_was_switched(activate: bool, text: str) -> None:
    request = {"transactionId": "T", "activate": activate}
    assert told("2.1", "UsePriorityCharging", request, {"status": "Accepted"}, facts()).text == text
