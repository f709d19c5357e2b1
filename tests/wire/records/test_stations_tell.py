"""What stations tell beyond charging, over real sockets, by stations that share no code with us."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from console.backends.base import Backend, MessageQuery, RecordQuery
from console.backends.service import ServiceBackend
from console.model.certificate import (
    CertificateUse,
    InstallCertificate,
    ReadCertificates,
    ShowAuthority,
    SignCertificate,
)
from console.model.outcome import Result
from console.model.record import RecordKind, Severity, StationRecord
from console.service.runtime import Service
from tests.support.certificates import STRONG, request
from tests.support.services import console, running_service
from tests.support.stations import RawStation, raw_station

AT = "2026-11-21T12:00:00Z"
BOOT_2 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Raw", "model": "One"}}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with running_service(tmp_path, quiet=True) as service:
        yield service


@pytest.fixture
async def backend(service: Service, tmp_path: Path) -> AsyncIterator[ServiceBackend]:
    async with console(tmp_path, operator="me") as backend:
        yield backend


@contextlib.asynccontextmanager
async def modern(service: Service) -> AsyncIterator[RawStation]:
    """A station of 2.1 that was let in."""
    async with raw_station(service.info.listening[0], version="2.1") as station:
        assert (await station.call("BootNotification", **BOOT_2))["status"] == "Accepted"
        yield station


async def kept(backend: Backend, query: RecordQuery) -> StationRecord:
    """The newest record that matches, once it is stored."""
    async with asyncio.timeout(20):
        while True:
            found = await backend.records(query)
            if found:
                return found[0]


async def test_dx_t30_a_send_is_kept_and_never_answered(service: Service, backend: ServiceBackend) -> None:
    async with modern(service) as station:
        stream = {"id": 3, "variableMonitoringId": 7, "params": {}}
        assert await station.call("OpenPeriodicEventStream", constantStreamData=stream) == {"status": "Accepted"}
        data = {"id": 3, "pending": 0, "basetime": AT, "data": [{"t": 1.5, "v": "21.5"}]}
        await station.connection.send(json.dumps([6, "s-1", "NotifyPeriodicEventStream", data]))
        await station.call("Heartbeat")  # answers come in order: were there one to the SEND, it had come before
        held = await kept(backend, RecordQuery(kind=RecordKind.EVENT_STREAM, text="21.5"))
        assert held.details["samples"] == [{"t": 1.5, "v": "21.5"}]
        messages = await backend.messages(MessageQuery(action="NotifyPeriodicEventStream"))
        assert [each.kind for each in messages] == ["SEND"]


async def test_an_alarm_survives_the_service(tmp_path: Path) -> None:
    event = {
        "eventId": 1,
        "timestamp": AT,
        "trigger": "Alerting",
        "actualValue": "95",
        "severity": 1,
        "component": {"name": "Controller"},
        "variable": {"name": "Temperature"},
        "eventNotificationType": "HardWiredMonitor",
    }
    async with running_service(tmp_path, quiet=True) as service, modern(service) as station:
        assert await station.call("NotifyEvent", generatedAt=AT, seqNo=0, eventData=[event]) == {}
        async with console(tmp_path) as backend:
            await kept(backend, RecordQuery(standing=True, alarms=True))
    async with running_service(tmp_path, quiet=True) as service, console(tmp_path) as backend:
        (held,) = await backend.records(RecordQuery(standing=True, alarms=True))
        assert (held.summary, held.severity) == ("Controller.Temperature = 95", Severity.BAD)
        async with modern(service) as station:
            over = event | {"cleared": True, "timestamp": "2026-11-21T12:05:00Z", "actualValue": "40"}
            await station.call("NotifyEvent", generatedAt=AT, seqNo=1, eventData=[over])
            await kept(backend, RecordQuery(text="cleared"))
            assert not await backend.records(RecordQuery(standing=True))


class Station(ChargePoint):  # type: ignore[misc]  # the package has no types
    """The `ocpp` package's station: it checks our answers and requests against its own schemas."""

    @on("CertificateSigned")
    def certificate_signed(self, **said: Any) -> Any:
        self.signed = said
        return call_result.CertificateSigned(status="Accepted")

    @on("InstallCertificate")
    def install_certificate(self, **said: Any) -> Any:
        self.installed = said
        return call_result.InstallCertificate(status="Accepted")

    @on("GetInstalledCertificateIds")
    def get_installed_certificate_ids(self, **_said: Any) -> Any:
        return call_result.GetInstalledCertificateIds(status="NotFound")


@contextlib.asynccontextmanager
async def package_station(service: Service) -> AsyncIterator[Station]:
    address, protocols = f"{service.info.listening[0]}CP-9", [Subprotocol("ocpp2.0.1")]
    async with connect(address, subprotocols=protocols, proxy=None) as connection:
        station = Station("CP-9", connection)
        listening = asyncio.create_task(station.start())
        try:
            boot = call.BootNotification(reason="PowerUp", charging_station={"vendor_name": "Pkg", "model": "One"})
            assert (await station.call(boot)).status == "Accepted"
            yield station
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_tc_a_11_m_01_certificates_from_the_request_to_the_station(
    service: Service, backend: ServiceBackend, tmp_path: Path
) -> None:
    async with package_station(service) as station:
        answer = await station.call(
            call.SignCertificate(csr=request("CP-9"), certificate_type="ChargingStationCertificate")
        )
        assert answer.status == "Accepted"
        waiting = await kept(backend, RecordQuery(kind=RecordKind.CERTIFICATE_REQUEST))
        assert waiting.standing
        outcome = await backend.run(SignCertificate("CP-9"))
        assert outcome.result is Result.ACCEPTED, outcome
        assert station.signed["certificate_type"] == "ChargingStationCertificate"
        leaf, root = x509.load_pem_x509_certificates(station.signed["certificate_chain"].encode())
        assert leaf.public_key() == STRONG.public_key()
        leaf.verify_directly_issued_by(root)

        shown = await backend.run(ShowAuthority())
        assert shown.answer is not None
        assert x509.load_pem_x509_certificate(shown.answer["certificate"].encode()) == root
        assert (tmp_path / "authority-key.pem").stat().st_mode & 0o777 == 0o600

        installed = await backend.run(InstallCertificate("CP-9", CertificateUse.CSMS, shown.answer["certificate"]))
        assert installed.ok
        assert station.installed["certificate_type"] == "CSMSRootCertificate"
        own = await kept(backend, RecordQuery(kind=RecordKind.CERTIFICATE, text="own"))
        assert "CN=CP-9" in own.summary
        assert (await backend.run(ReadCertificates("CP-9"))).text == "none is installed"
        await service._store.writer.flush()
        held = await backend.records(RecordQuery(kind=RecordKind.CERTIFICATE))
        assert [each.key for each in held] == [own.key]


async def test_dx_s07_a_request_for_another_station_is_refused(service: Service, backend: ServiceBackend) -> None:
    async with package_station(service) as station:
        answer = await station.call(call.SignCertificate(csr=request("CP-1")))
        assert answer.status == "Rejected"
        held = await kept(backend, RecordQuery(kind=RecordKind.CERTIFICATE_REQUEST))
        assert "it is for CP-1, and this station is CP-9" in held.summary


async def test_tc_k_48_limits_and_needs_by_the_package(service: Service, backend: ServiceBackend) -> None:
    async with package_station(service) as station:
        limit = {"charging_limit_source": "EMS", "is_grid_critical": True}
        await station.call(call.NotifyChargingLimit(charging_limit=limit, evse_id=1))
        held = await kept(backend, RecordQuery(station_id="CP-9", standing=True))
        assert (held.kind, held.severity, held.evse_id) == (RecordKind.CHARGING_LIMIT, Severity.WARNING, 1)
        needs = {
            "requested_energy_transfer": "DC",
            "dc_charging_parameters": {"ev_max_current": 200, "ev_max_voltage": 400},
        }
        answer = await station.call(call.NotifyEVChargingNeeds(evse_id=1, charging_needs=needs))
        assert answer.status == "Rejected"
        await station.call(call.ClearedChargingLimit(charging_limit_source="EMS", evse_id=1))
        await kept(backend, RecordQuery(text="released"))
        assert not await backend.records(RecordQuery(standing=True))
