"""The certificates of one station: what waits, what is installed, and what can be done about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from console.model.certificate import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    InstallCertificate,
    ReadCertificates,
    RenewCertificate,
    SignCertificate,
)
from console.model.change import RecordGone, RecordKept
from console.model.record import RecordKind
from tests.support.staged import StagedBackend, only
from tests.ui.driving import driving
from tests.ui.sites import certificates, depot


@pytest.fixture
def backend() -> StagedBackend:
    staged = StagedBackend(depot())
    staged.held_records = {each.id: each for each in certificates()}
    return staged


async def test_a_request_is_signed_by_the_site_or_elsewhere(backend: StagedBackend, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    chain.write_text("PEM")
    async with driving(backend) as driver:
        await driver.press("enter", "c")
        await driver.sees("waits to be signed", "2036-11-18")
        await driver.press("s")
        await driver.sees("empty: sign it here")
        await driver.press("enter")
        await driver.until(lambda: bool(backend.commands))
        assert only(backend.commands) == SignCertificate("CP-01", "ChargingStationCertificate")
        await driver.press("s")
        await driver.sees("empty: sign it here")
        await driver.type(str(chain))
        await driver.press("enter")
        await driver.until(lambda: len(backend.commands) == 2)
        assert backend.commands[-1] == SignCertificate("CP-01", "ChargingStationCertificate", "PEM")
        request = replace(certificates()[0], standing=False, summary="signed, good until 2027-12-21")
        backend.push(RecordKept(request))
        await driver.sees("signed, good until 2027-12-21")
        await driver.press("up", "up", "s")
        await driver.sees("select a request that waits to be signed")


async def test_a_certificate_is_deleted_by_what_the_station_reported(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "c")
        await driver.sees("2036-11-18")
        await driver.press("delete")
        await driver.sees("select a certificate")
        await driver.press("down", "delete")
        await driver.sees("DeleteCertificate", "SHA256")
        await driver.press("tab", "enter")
        await driver.until(lambda: bool(backend.commands))
        named = CertificateHash("SHA256", "5f1c", "aa02", "1f")
        assert only(backend.commands) == DeleteCertificate("CP-01", named)
        backend.push(RecordGone("CP-01", RecordKind.CERTIFICATE, "serial 1f"))
        await driver.sees_no("2036-11-18")
        await driver.press("delete")
        await driver.sees("The station has not reported this certificate")


async def test_reading_installing_and_renewing(backend: StagedBackend, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_text("PEM")
    async with driving(backend) as driver:
        await driver.press("enter", "c", "r")
        await driver.until(lambda: bool(backend.commands))
        await driver.press("R")
        await driver.sees("to cars")
        await driver.press("ctrl+s")
        await driver.until(lambda: len(backend.commands) == 2)
        await driver.command(f"install CP-01 manufacturer {root}")
        await driver.until(lambda: len(backend.commands) == 3)
        assert backend.commands == [
            ReadCertificates("CP-01"),
            RenewCertificate("CP-01"),
            InstallCertificate("CP-01", CertificateUse.MANUFACTURER, "PEM"),
        ]
        await driver.command("install CP-01 csms /no/such/file")
        await driver.sees("cannot be read", "No such file")
        await driver.press("a", "tab")
        await driver.type("/no")
        await driver.press("ctrl+s")
        await driver.sees("! file: cannot be read", "Install a root certificate there")


async def test_a_request_is_saved_for_an_authority_elsewhere(backend: StagedBackend, tmp_path: Path) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "c", "w")
        await driver.sees("CP_01.csr")
        await driver.press("ctrl+u")
        await driver.type(str(tmp_path / "asked.csr"))
        await driver.press("enter")
        await driver.sees("wrote 1 file")
    pem = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
    assert (tmp_path / "asked.csr").read_text() == pem
