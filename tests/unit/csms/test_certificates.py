"""Certificates of stations: requests are checked, kept and signed; what is installed is listed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509 as reference
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from console.csms import x509
from console.errors import ConsoleError
from console.model.certificate import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    InstallCertificate,
    ReadCertificates,
    RenewCertificate,
    ShowAuthority,
    SignCertificate,
    mended_pem,
)
from console.model.change import NoticeKind
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, Severity, StationRecord
from tests.support.certificates import OTHER, STRONG, forged, request, weak_rsa
from tests.unit.csms.rig import START, Rig

KEY, ROOT = x509.make_authority("ocpp-console test", START)


class Authority:
    """Signs with an authority that lives in memory."""

    async def sign(self, request: str) -> str:
        return x509.sign(KEY, ROOT, request, START, 30)

    async def certificate(self) -> str:
        return ROOT


@pytest.fixture
def rig() -> Rig:
    return Rig(authority=Authority())


def records(rig: Rig, kind: RecordKind = RecordKind.CERTIFICATE_REQUEST) -> dict[str, StationRecord]:
    return dict(rig.csms._state.records("CP1", kind))


async def run(rig: Rig, command: Command) -> Outcome:
    return await rig.csms.execute(command)


# --- requests ---


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_good_request_is_accepted_and_waits_for_the_operator(rig: Rig, version: str) -> None:
    charger = rig.charger(version=version)
    assert charger.ask("SignCertificate", {"csr": request()}) == {"status": "Accepted"}
    (held,) = records(rig).values()
    assert (held.severity, held.standing) == (Severity.WARNING, True)
    assert held.summary == "waits to be signed: ChargingStationCertificate for CP1 of Åby El, secp256r1"
    assert rig.journal.site.notices[-1].kind is NoticeKind.WARNING


BAD: list[tuple[str, Callable[[], str], str]] = [
    ("DX-S07 signature", forged, "its own signature is wrong"),
    ("weak RSA", lambda: request(key=weak_rsa()), "its key is too weak (RSA 1024)"),
    ("weak EC", lambda: request(key=ec.generate_private_key(ec.SECP192R1())), "its key is too weak"),
    ("another's", lambda: request("CP2"), "it is for CP2, and this station is CP1"),
    ("nobody's", lambda: request(" "), "it is for"),
    ("no PEM", lambda: "pem", "it is no certificate request that can be read"),
    ("empty", lambda: "", "it is no certificate request that can be read"),
]


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make, _ in BAD])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_a_bad_request_is_refused_with_the_reason(rig: Rig, version: str, make: Callable[[], str]) -> None:
    try:
        csr = make()
    except Exception:  # noqa: BLE001  # this build of OpenSSL makes no key that weak
        pytest.skip("such a key cannot be made here")
    reason = next(text for _, each, text in BAD if each is make)
    reply = rig.charger(version=version).ask("SignCertificate", {"csr": csr})
    assert reply["status"] == "Rejected"
    if version != "1.6":
        assert reply["statusInfo"]["reasonCode"] == "InvalidCSR"
        assert reason in reply["statusInfo"]["additionalInfo"]
    (held,) = records(rig).values()
    assert reason in held.summary
    assert (held.severity, held.standing) == (Severity.BAD, False)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(0, 400))
def test_no_request_that_a_station_can_send_raises(text: str, cut: int) -> None:
    good = request()
    for csr in (text, good[:cut], good.replace("A", text[:1] or "B"), good.replace("\n", "\\n")):
        x509.read_request(csr, frozenset({"CP1"}))


def test_dx_s10_the_organization_must_be_ours_where_it_is_configured() -> None:
    charger = Rig(authority=Authority(), organization="Åby El").charger(version="2.0.1")
    assert charger.ask("SignCertificate", {"csr": request()})["status"] == "Accepted"
    reply = charger.ask("SignCertificate", {"csr": request(organization="Evil")})
    assert reply["status"] == "Rejected"
    assert "it names the organization Evil, and ours is Åby El" in reply["statusInfo"]["additionalInfo"]
    cars = {"csr": request("SECC1", organization="Evil"), "certificateType": "V2GCertificate"}
    assert charger.ask("SignCertificate", cars)["status"] == "Accepted"


def test_the_serial_number_is_as_good_as_the_identity(rig: Rig) -> None:
    charger = rig.charger()
    charger.boot(chargePointSerialNumber="SN-9")
    assert charger.ask("SignCertificate", {"csr": request("SN-9")}) == {"status": "Accepted"}


def test_a_request_in_one_line_is_read_too(rig: Rig) -> None:
    assert rig.charger().ask("SignCertificate", {"csr": request().replace("\n", "\\n")}) == {"status": "Accepted"}


def test_requests_are_limited_in_rate_and_a_bad_one_does_not_push_out_a_good_one(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    answers = [charger.ask("SignCertificate", {"csr": request()})["status"] for _ in range(7)]
    assert answers == ["Accepted"] * 5 + ["Rejected"] * 2
    assert records(rig)["ChargingStationCertificate"].standing
    rig.clock.advance(61)
    assert charger.ask("SignCertificate", {"csr": request()})["status"] == "Accepted"


# --- signing ---


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_tc_074_a_11_a_request_is_signed_by_the_sites_authority(rig: Rig, version: str) -> None:
    charger = rig.charger(version=version)
    said: dict[str, Any] = {"csr": request()}
    if version != "1.6":
        said["certificateType"] = "ChargingStationCertificate"
    if version == "2.1":
        said["requestId"] = 77
    charger.ask("SignCertificate", said)
    charger.session.says["CertificateSigned"] = {"status": "Accepted"}
    outcome = await run(rig, SignCertificate("CP1"))
    assert outcome.ok, outcome
    action, payload = charger.session.calls[-1]
    assert action == "CertificateSigned"
    assert {name: value for name, value in payload.items() if name != "certificateChain"} == {
        name: value for name, value in said.items() if name != "csr"
    }
    leaf, root = reference.load_pem_x509_certificates(payload["certificateChain"].encode())
    assert leaf.public_key() == STRONG.public_key()
    assert leaf.not_valid_before_utc < START
    leaf.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(reference.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert root.public_bytes(serialization.Encoding.PEM).decode() == ROOT
    held = records(rig)["ChargingStationCertificate"]
    assert (held.standing, held.summary[:6]) == (False, "signed")
    (own,) = records(rig, RecordKind.CERTIFICATE).values()
    assert "good until 2026-12-21" in own.summary
    assert own.severity is Severity.WARNING  # it ends within a month


async def test_tc_077_a_14_a_station_that_refuses_what_it_is_given_still_waits(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    charger.ask("SignCertificate", {"csr": request()})
    charger.session.says["CertificateSigned"] = {"status": "Rejected"}
    outcome = await run(rig, SignCertificate("CP1"))
    assert outcome.result is Result.REJECTED
    assert records(rig)["ChargingStationCertificate"].standing
    assert not records(rig, RecordKind.CERTIFICATE)


async def test_a_chain_signed_elsewhere_is_handed_on_if_it_is_for_this_key(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    charger.ask("SignCertificate", {"csr": request()})
    charger.session.says["CertificateSigned"] = {"status": "Accepted"}
    wrong = await run(rig, SignCertificate("CP1", chain=x509.sign(KEY, ROOT, request(key=OTHER), START, 30)))
    assert wrong.result is Result.NOT_POSSIBLE
    assert "another key" in wrong.text
    assert not charger.session.calls
    chain = x509.sign(KEY, ROOT, request(), START, 300)
    assert (await run(rig, SignCertificate("CP1", chain=chain))).ok
    assert charger.session.calls[-1][1]["certificateChain"] == chain


async def test_a_request_of_2_1_is_answered_in_1_6_where_the_station_speaks_that_now(rig: Rig) -> None:
    rig.charger(version="2.1").ask("SignCertificate", {"csr": request(), "requestId": 7})
    charger = rig.charger(version="1.6")
    charger.session.says["CertificateSigned"] = {"status": "Accepted"}
    assert (await run(rig, SignCertificate("CP1"))).ok
    assert list(charger.session.calls[-1][1]) == ["certificateChain"]


async def test_there_is_nothing_to_sign_where_nothing_was_asked(rig: Rig) -> None:
    rig.charger()
    with pytest.raises(ConsoleError, match="waits for no such certificate"):
        await run(rig, SignCertificate("CP1"))


async def test_without_an_authority_a_chain_must_be_brought() -> None:
    rig = Rig()
    rig.charger().ask("SignCertificate", {"csr": request()})
    with pytest.raises(ConsoleError, match="no authority here"):
        await run(rig, SignCertificate("CP1"))


@pytest.mark.parametrize(
    ("version", "call"),
    [
        ("1.6", ("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"})),
        ("2.1", ("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})),
    ],
)
async def test_a_station_is_asked_for_a_new_request(rig: Rig, version: str, call: tuple[str, Any]) -> None:
    charger = rig.charger(version=version)
    charger.session.says[call[0]] = {"status": "Accepted"}
    assert (await run(rig, RenewCertificate("CP1"))).ok
    assert charger.session.calls == [call]


async def test_the_authoritys_root_is_shown(rig: Rig) -> None:
    outcome = await run(rig, ShowAuthority())
    assert outcome.answer == {"certificate": ROOT}
    assert "ocpp-console test" in outcome.text


# --- what is installed ---


def reported(algorithm: str = "SHA256", pem: str = ROOT) -> dict[str, str]:
    """How a station names a certificate: worked out by the reference, not by our code."""
    certificate = reference.load_pem_x509_certificate(pem.encode())
    made = ocsp.OCSPRequestBuilder().add_certificate(certificate, certificate, getattr(hashes, algorithm)()).build()
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": made.issuer_name_hash.hex(),
        "issuerKeyHash": made.issuer_key_hash.hex(),
        "serialNumber": f"{certificate.serial_number:x}",
    }


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_tc_075_076_install_list_delete(rig: Rig, algorithm: str) -> None:
    charger = rig.charger()
    charger.session.says["InstallCertificate"] = {"status": "Accepted"}
    assert (await run(rig, InstallCertificate("CP1", CertificateUse.CSMS, ROOT))).ok
    sent = {"certificateType": "CentralSystemRootCertificate", "certificate": ROOT}
    assert charger.session.calls[-1] == ("InstallCertificate", sent)

    named = reported(algorithm)
    charger.session.says["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashData": [named]}
    outcome = await run(rig, ReadCertificates("CP1", CertificateUse.CSMS))
    assert outcome.text == "1 certificate installed"
    (held,) = records(rig, RecordKind.CERTIFICATE).values()
    assert held.summary == "CentralSystemRootCertificate: CN=ocpp-console test, good until 2036-11-18"
    assert held.details["certificateHashData"] == named

    charger.session.says["DeleteCertificate"] = {"status": "Accepted"}
    hashed = CertificateHash(algorithm, named["issuerNameHash"], named["issuerKeyHash"], named["serialNumber"])
    assert (await run(rig, DeleteCertificate("CP1", hashed))).ok
    assert charger.session.calls[-1] == ("DeleteCertificate", {"certificateHashData": named})
    assert not records(rig, RecordKind.CERTIFICATE)


async def test_1_6_is_asked_for_one_use_after_the_other_and_what_is_gone_goes(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says["InstallCertificate"] = {"status": "Accepted"}
    await run(rig, InstallCertificate("CP1", CertificateUse.CSMS, ROOT))
    charger.session.says["GetInstalledCertificateIds"] = {"status": "NotFound"}
    outcome = await run(rig, ReadCertificates("CP1"))
    assert (outcome.ok, outcome.text) == (True, "none is installed")
    asked = [payload["certificateType"] for action, payload in charger.session.calls[-2:]]
    assert asked == ["CentralSystemRootCertificate", "ManufacturerRootCertificate"]
    assert not records(rig, RecordKind.CERTIFICATE)


async def test_chains_of_2_x_are_listed_with_what_is_below_them(rig: Rig) -> None:
    charger = rig.charger(version="2.1")
    child = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "01f"}
    chain = {
        "certificateType": "V2GCertificateChain",
        "certificateHashData": reported(),
        "childCertificateHashData": [child],
    }
    charger.session.says["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashDataChain": [chain]}
    outcome = await run(rig, ReadCertificates("CP1"))
    assert outcome.text == "2 certificates installed"
    held = records(rig, RecordKind.CERTIFICATE)
    assert held["serial 1f"].summary == (
        "V2GCertificateChain (below it): serial number 01f, which was not installed from here"
    )
    assert charger.session.calls == [("GetInstalledCertificateIds", {})]


async def test_a_certificate_that_is_none_is_not_sent(rig: Rig) -> None:
    charger = rig.charger()
    with pytest.raises(ConsoleError, match="no certificate in PEM"):
        await run(rig, InstallCertificate("CP1", CertificateUse.CSMS, "hello"))
    outcome = await run(rig, InstallCertificate("CP1", CertificateUse.V2G, ROOT))
    assert (outcome.result, charger.session.calls) == (Result.NOT_POSSIBLE, [])


def test_pem_is_mended() -> None:
    flat = ROOT.replace("\n", " ")
    assert mended_pem(flat) == ROOT
    assert mended_pem(ROOT.replace("\n", "\\n") + flat) == ROOT + ROOT
    assert mended_pem("hello") == ""
