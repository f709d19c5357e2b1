"""``certificate …``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.model.certificate import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    InstallCertificate,
    OwnCertificate,
    ReadCertificates,
    RenewCertificate,
    ShowAuthority,
    SignCertificate,
)
from console.model.outcome import Outcome, Result
from tests.ui.sites import certificates
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import FakeBackend


@pytest.fixture
def backend(backend: FakeBackend) -> FakeBackend:
    backend.held_records = certificates()
    return backend


def test_the_list_asks_the_station_first(run: Run, backend: FakeBackend) -> None:
    lines = run("certificate", "list", "CP-01").stdout.splitlines()
    assert backend.ran == [ReadCertificates("CP-01")]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["certificate", "request", "ChargingStationCertificate"],
        ["certificate", "1f", "CentralSystemRootCertificate:"],
        ["certificate", "2e", "!"],
    ]
    said = json.loads(run("certificate", "list", "CP-01", "--stored", "--json").stdout)
    assert len(said["certificates"]) == 3
    assert len(backend.ran) == 1


def test_what_is_known_is_listed_where_the_station_is_offline(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.OFFLINE, "CP-01 is offline")
    result = run("certificate", "list", "CP-01")
    assert result.exit_code == 4
    assert "good until 2036-11-18" in result.stdout
    assert "CP-01 is offline" in result.stderr


def test_install_sign_and_renew(run: Run, backend: FakeBackend, tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_text("PEM")
    run("certificate", "install", "CP-01", "v2g", str(file))
    run("certificate", "sign", "CP-01")
    run("certificate", "sign", "CP-01", "--chain", str(file), "--request", "V2GCertificate")
    run("certificate", "renew", "CP-01")
    run("certificate", "renew", "CP-01", "--what", "v2g")
    assert backend.ran == [
        InstallCertificate("CP-01", CertificateUse.V2G, "PEM"),
        SignCertificate("CP-01"),
        SignCertificate("CP-01", "V2GCertificate", "PEM"),
        RenewCertificate("CP-01"),
        RenewCertificate("CP-01", OwnCertificate.V2G),
    ]
    file.write_bytes(b"\xff\xfe")
    assert run("certificate", "install", "CP-01", "csms", str(file)).exit_code == 2


def test_a_certificate_is_deleted_by_its_number(run: Run, backend: FakeBackend) -> None:
    assert run("certificate", "delete", "CP-01", "001F").exit_code == 0
    assert backend.ran == [DeleteCertificate("CP-01", CertificateHash("SHA256", "5f1c", "aa02", "1f"))]
    unknown = run("certificate", "delete", "CP-01", "2e")
    assert unknown.exit_code == 1
    assert "has reported no certificate 2e" in unknown.stderr


def test_the_request_is_printed_as_pem(run: Run, backend: FakeBackend) -> None:
    lines = run("certificate", "request", "CP-01").stdout.splitlines()
    assert lines == ["-----BEGIN CERTIFICATE REQUEST-----", "AAAA", "-----END CERTIFICATE REQUEST-----"]
    assert run("certificate", "request", "CP-03").exit_code == 1


def test_the_authoritys_root_is_printed(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.ACCEPTED, "CN=x", answer={"certificate": "PEM\n"})
    assert run("certificate", "authority").stdout == "PEM\n"
    assert backend.ran == [ShowAuthority()]
