"""Security (A00 to A05; 1.6 security extension): passwords, TLS, certificates, and ways to a higher profile."""

from __future__ import annotations

import base64
import csv
import io
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from console.csms.x509 import make_authority, sign
from console.model.certificate import SignCertificate
from console.model.command import AddStation, CallStation, ChangeSetting, ResetStation, TriggerMessage
from console.model.outcome import Result
from tests.support.certificates import request
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.gates import CERTIFICATES, OPEN, SUITES, TLS, Keys, gated
from tests.wire.conformance.site import Bench, Json, Station, now
from tests.wire.transport.test_admission import basic

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT_OFF = (OSError, EOFError, InvalidMessage)
OLD, NEW = "the old password 1", "the new password 2"
ACCEPTED = {"status": "Accepted"}
every_version = pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> AsyncIterator[Bench]:
    async with gated(tmp_path_factory.mktemp("security"), keys) as bench:
        yield bench


async def refused(bench: Bench, name: str, version: str, status: int, gate: int = OPEN, **options: Any) -> None:
    """A handshake that must end with this HTTP status."""
    with pytest.raises(InvalidStatus, match=f"HTTP {status}"):
        await open_websocket(
            f"{bench.service.info.listening[gate]}{name}", subprotocols=[Subprotocol(f"ocpp{version}")], **options
        )


def shown(name: str, password: str) -> Json:
    """What a station shows of its password."""
    return {"additional_headers": basic(name, password), "accepted": False, "station_id": name}


async def with_password(bench: Bench, connect: Connect, name: str, version: str) -> Station:
    """A station of profile 1 that has booted."""
    assert (await bench.run(AddStation(name, OLD, 1))).ok
    station = await connect(version, **shown(name, OLD))
    assert (await station.boot())["status"] == "Accepted"
    return station


# ---- A00: passwords


@pytest.mark.conforms("TC_085_CSMS", "TC_A_01_CSMS", "TC_A_02_CSMS", "TC_A_03_CSMS")
@every_version
async def test_a_password_lets_in(bench: Bench, connect: Connect, version: str) -> None:
    name = f"A01-{version}"
    assert (await bench.run(AddStation(name, OLD, 1))).ok
    await refused(bench, name, version, 401)
    await refused(bench, name, version, 401, additional_headers=basic(name, NEW))
    await refused(bench, name, version, 401, additional_headers=basic("another", OLD))
    assert not (await bench.until(lambda site: site.stations[name])).online
    await with_password(bench, connect, name, version)


@pytest.mark.conforms("DX-S21")
@pytest.mark.parametrize("form", ["bytes", "lower", "UPPER"])
async def test_a_key_of_any_bytes(bench: Bench, connect: Connect, form: str) -> None:
    name, key = f"S21:{form}", bytes(range(240, 256)) + b"\xff\xfe\x00:"
    assert (await bench.run(AddStation(name, key.hex(), 1))).ok
    sent = {"bytes": key, "lower": key.hex().encode(), "UPPER": key.hex().upper().encode()}[form]
    header = base64.b64encode(name.encode() + b":" + sent).decode()
    wrong = base64.b64encode(name.encode() + b":" + sent[::-1]).decode()
    await refused(bench, name.replace(":", "%3A"), "1.6", 401, additional_headers={"Authorization": f"Basic {wrong}"})
    station = await connect(station_id=name, accepted=False, additional_headers={"Authorization": f"Basic {header}"})
    assert (await station.boot())["status"] == "Accepted"


# ---- A01: a new password


@pytest.mark.conforms("TC_073_CSMS", "TC_A_09_CSMS")
@every_version
async def test_a_password_is_changed(bench: Bench, connect: Connect, version: str) -> None:
    name = f"A09-{version}"
    station = await with_password(bench, connect, name, version)
    outcome = await new_password(bench, station, "Accepted")
    assert outcome.ok
    await refused(bench, name, version, 401, additional_headers=basic(name, OLD))
    again = await connect(version, **shown(name, NEW))
    assert (await again.boot())["status"] == "Accepted"
    kept = repr(await bench.messages(name))
    assert NEW not in kept
    assert NEW.encode().hex() not in kept


async def new_password(bench: Bench, station: Station, answer: str) -> Any:
    """Let the operator change it; what the station is asked is checked."""
    if station.version == "1.6":
        station.answers["ChangeConfiguration"] = {"status": answer}
        outcome = await bench.run(ChangeSetting(station.station_id, "AuthorizationKey", NEW))
        asked = await station.heard("ChangeConfiguration")
        assert asked == {"key": "AuthorizationKey", "value": NEW.encode().hex()}
        assert len(asked["value"]) <= 40
        return outcome
    where = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    station.answers["SetVariables"] = {"setVariableResult": [where | {"attributeStatus": answer}]}
    outcome = await bench.run(ChangeSetting(station.station_id, "SecurityCtrlr/BasicAuthPassword", NEW))
    assert await station.heard("SetVariables") == {"setVariableData": [{"attributeValue": NEW, **where}]}
    return outcome


@pytest.mark.conforms("TC_A_10_CSMS")
@every_version
async def test_a_password_that_the_station_does_not_take(bench: Bench, connect: Connect, version: str) -> None:
    name = f"A10-{version}"
    station = await with_password(bench, connect, name, version)
    assert (await new_password(bench, station, "Rejected")).result is Result.REJECTED
    await refused(bench, name, version, 401, additional_headers=basic(name, NEW))
    again = await connect(version, **shown(name, OLD))
    assert (await again.boot())["status"] == "Accepted"


@pytest.mark.conforms("DX-S12")
async def test_no_password_is_kept(bench: Bench, connect: Connect) -> None:
    station = await with_password(bench, connect, "S12", "1.6")
    assert (await new_password(bench, station, "Accepted")).ok
    await bench.messages("S12")
    folder = bench.service.settings.data
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"AuthorizationKey" in kept
    for password in (OLD, NEW):
        assert password.encode() not in kept
        assert password.encode().hex().encode() not in kept


# ---- A00: TLS


@pytest.mark.conforms("TC_A_04_CSMS")
@pytest.mark.parametrize(
    "suite",
    ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-GCM-SHA384"],
)
async def test_the_suites_that_ocpp_lists(bench: Bench, connect: Connect, keys: Keys, suite: str) -> None:
    name = f"A04-{suite}"[:40]
    context = keys.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    assert (await bench.run(AddStation(name, OLD, 2))).ok
    station = await connect("2.0.1", gate=SUITES, ssl=context, **shown(name, OLD))
    tls = station.connection.transport.get_extra_info("ssl_object")
    assert tls.cipher()[0] == suite
    key = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey if "ECDSA" in suite else rsa.RSAPublicKey)
    assert key.key_size >= (224 if "ECDSA" in suite else 2048)
    assert (await station.boot())["status"] == "Accepted"


@pytest.mark.conforms("DX-S22")
async def test_plain_rsa_is_a_switch(bench: Bench, connect: Connect, keys: Keys) -> None:
    context = keys.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")
    assert (await bench.run(AddStation("S22", OLD, 2))).ok
    with pytest.raises(CUT_OFF):
        await connect("2.0.1", gate=TLS, ssl=context, **shown("S22", OLD))
    await bench.until(lambda site: any("rsa_suites" in attempt.cure for attempt in site.attempts.values()))
    station = await connect("2.0.1", gate=SUITES, ssl=context, **shown("S22", OLD))
    assert (await station.boot())["status"] == "Accepted"


@pytest.mark.conforms("TC_A_06_CSMS")
async def test_tls_before_1_2_is_refused(bench: Bench, connect: Connect, keys: Keys) -> None:
    assert (await bench.run(AddStation("A06", OLD, 2))).ok
    old = keys.client()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(CUT_OFF):
        await connect("2.0.1", gate=TLS, ssl=old, **shown("A06", OLD))
    station = await connect("2.0.1", gate=TLS, ssl=keys.client(), **shown("A06", OLD))
    assert (await station.boot())["status"] == "Accepted"


async def own_certificate(bench: Bench, station: Station, common_name: str = "") -> str:
    """The chain that a station gets when it asks for a certificate and the operator signs."""
    station.answers["CertificateSigned"] = ACCEPTED
    csr = request(common_name or station.station_id)
    assert await station.call("SignCertificate", csr=csr) == ACCEPTED
    assert (await bench.run(SignCertificate(station.station_id))).ok
    return str((await station.heard("CertificateSigned"))["certificateChain"])


@pytest.mark.conforms("TC_074_CSMS", "TC_A_07_CSMS", "TC_A_08_CSMS", "TC_A_11_CSMS")
@every_version
async def test_a_station_comes_in_by_the_certificate_that_it_was_given(
    bench: Bench, connect: Connect, keys: Keys, version: str
) -> None:
    station = await connect(version)
    await station.boot()
    name = station.station_id
    chain = await own_certificate(bench, station)
    stranger = sign(*make_authority("A stranger", datetime.now(UTC)), request(name), datetime.now(UTC), 30)
    with pytest.raises(CUT_OFF):
        await connect(version, station_id=name, accepted=False, gate=CERTIFICATES, ssl=keys.client(stranger))
    await bench.until(lambda site: any("certificate is not accepted" in each.cause for each in site.attempts.values()))
    again = await connect(version, station_id=name, accepted=False, gate=CERTIFICATES, ssl=keys.client(chain))
    assert (await again.boot())["status"] == "Accepted"
    await bench.until(lambda site: site.stations[name].security_profile == 3)


@pytest.mark.conforms("TC_A_13_CSMS")
async def test_one_certificate_for_both_uses(bench: Bench, connect: Connect) -> None:
    station = await connect("2.0.1")
    await station.boot()
    station.answers["TriggerMessage"] = ACCEPTED
    assert (await bench.run(TriggerMessage(station.station_id, "SignCombinedCertificate"))).ok
    assert await station.heard("TriggerMessage") == {"requestedMessage": "SignCombinedCertificate"}
    await own_certificate(bench, station)  # a request that names no use
    assert (await station.heard("CertificateSigned")).keys() == {"certificateChain"}


@pytest.mark.conforms("DX-S04")
@every_version
async def test_a_certificate_of_another_serial_number_ends_it(
    bench: Bench, connect: Connect, keys: Keys, version: str
) -> None:
    station = await connect(version)
    await station.boot()
    name = station.station_id
    chain = await own_certificate(bench, station)
    again = await connect(version, station_id=name, accepted=False, gate=CERTIFICATES, ssl=keys.client(chain))
    serial: Json = {"chargePointSerialNumber": "SN-2"}
    if version != "1.6":
        serial = {"reason": "PowerUp", "chargingStation": {"vendorName": "Raw", "model": "Two", "serialNumber": "SN-2"}}
    else:
        serial |= {"chargePointVendor": "Raw", "chargePointModel": "One"}
    await again.say([2, "boot", "BootNotification", serial])
    await again.connection.wait_closed()
    assert again.connection.close_code == 1008
    assert not [frame for frame in again.frames if frame[1] == "boot" and frame[2].get("status") == "Accepted"]


# ---- A05: a higher profile


@pytest.mark.conforms("TC_083_CSMS", "DX-S03")
async def test_a_higher_profile_and_no_way_back(bench: Bench, connect: Connect, keys: Keys) -> None:
    station = await with_password(bench, connect, "S083", "1.6")
    station.answers |= {"ChangeConfiguration": ACCEPTED, "Reset": ACCEPTED}
    assert (await bench.run(ChangeSetting("S083", "SecurityProfile", "2"))).ok
    assert (await bench.run(ResetStation("S083", hard=True))).ok
    assert station.asked == [
        ("ChangeConfiguration", {"key": "SecurityProfile", "value": "2"}),
        ("Reset", {"type": "Hard"}),
    ]
    await comes_back_higher(bench, connect, keys, station)


async def comes_back_higher(bench: Bench, connect: Connect, keys: Keys, station: Station) -> None:
    """By TLS it may come, and never again without."""
    name = station.station_id
    await station.connection.close(1001)
    again = await connect(station.version, gate=TLS, ssl=keys.client(), **shown(name, OLD))
    assert (await again.boot())["status"] == "Accepted"
    await again.connection.close(1001)
    await refused(bench, name, station.version, 403, additional_headers=basic(name, OLD))
    await bench.until(lambda site: any("profile 2 is asked of it" in each.cause for each in site.attempts.values()))


@pytest.mark.conforms("TC_A_19_CSMS", "DX-S03")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_higher_profile_by_a_slot(bench: Bench, connect: Connect, keys: Keys, version: str) -> None:
    name = f"A19-{version}"
    station = await with_password(bench, connect, name, version)
    where = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkConfigurationPriority"}}
    result = {"setVariableResult": [where | {"attributeStatus": "Accepted"}]}
    station.answers |= {"SetNetworkProfile": ACCEPTED, "SetVariables": result, "Reset": ACCEPTED}
    connection = {
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example/",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    } | ({"ocppVersion": "OCPP20"} if version == "2.0.1" else {})
    slot = {"configurationSlot": 2, "connectionData": connection}
    assert (await bench.run(CallStation(name, "SetNetworkProfile", slot))).ok
    assert (await bench.run(ChangeSetting(name, "OCPPCommCtrlr/NetworkConfigurationPriority", "2,1"))).ok
    assert (await bench.run(ResetStation(name))).ok
    assert station.asked == [
        ("SetNetworkProfile", slot),
        ("SetVariables", {"setVariableData": [{"attributeValue": "2,1", **where}]}),
        ("Reset", {"type": "OnIdle"}),
    ]
    await comes_back_higher(bench, connect, keys, station)


# ---- who is who


@pytest.mark.conforms("DX-S14")
@every_version
async def test_an_identity_is_no_path(bench: Bench, version: str) -> None:
    for name in ("..%2f..%2fetc", "..%2F..%2Fetc%2Fpasswd", "a%5C..%5Cb", "%2e%2e"):
        await refused(bench, name, version, 400)
    assert not any("etc" in name for name in bench.site.stations)


@pytest.mark.conforms("DX-S20")
@every_version
async def test_identities_differ_by_case(bench: Bench, connect: Connect, version: str) -> None:
    lower, upper = f"s20-cp-{version}", f"S20-CP-{version}"
    assert (await (await connect(version, station_id=lower)).boot())["status"] == "Accepted"
    other = await connect(version, station_id=upper, accepted=False)
    assert (await other.boot())["status"] == "Pending"
    await bench.until(lambda site: site.stations[lower].online and site.stations[upper].online)


@pytest.mark.conforms("DX-S15")
async def test_no_tag_is_a_formula_in_an_export(bench: Bench, connect: Connect) -> None:
    tag = '=HYPERLINK("x")'
    station = await connect()
    await station.boot()
    await bench.add_tags(tag)
    start: Json = {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": now()}
    assert (await station.call("StartTransaction", **start))["idTagInfo"]["status"] == "Accepted"
    query = {"station": station.station_id, "format": "csv"}
    answer = await bench.backend._client.get("export/transactions", params=query)
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["id_token"] == f"'{tag}"
