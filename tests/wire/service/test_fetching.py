"""Logs out of simulated stations of every version, and firmware into them, through the drop box."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.backends.base import RecordQuery
from console.backends.service import ServiceBackend
from console.model.file_command import FetchLog, RemoveLog, UpdateFirmware
from console.model.outcome import Result
from console.model.record import RecordKind, StationRecord
from console.model.station_file import FileKind
from console.service.runtime import Service
from console.simulator import OCPP_VERSIONS, ManualClock, SimulatedStation
from tests.support.services import console


@pytest.fixture
async def backend(service: Service) -> AsyncIterator[ServiceBackend]:
    async with console(service.settings.data, operator="me") as backend:
        yield backend


@pytest.fixture(params=OCPP_VERSIONS)
async def station(service: Service, request: pytest.FixtureRequest) -> AsyncIterator[SimulatedStation]:
    """A station that has booted; its clock runs while something is waited for."""
    station = SimulatedStation(service.info.listening[0], "SIM", ocpp=request.param, clock=ManualClock())
    await station.start()
    await station.booted()
    yield station
    await station.stop()


async def ended(backend: ServiceBackend, station: SimulatedStation, kind: RecordKind, key: str) -> StationRecord:
    """Let the station's time run until its job is over."""
    assert isinstance(station.clock, ManualClock)
    async with asyncio.timeout(120):
        while True:
            station.clock.advance(3)
            await asyncio.sleep(0.02)
            for record in await backend.records(RecordQuery("SIM", kind=kind)):
                if record.key == key and not record.standing:
                    return record


@pytest.mark.parametrize("kind", FileKind)
async def test_a_log_is_fetched(backend: ServiceBackend, station: SimulatedStation, kind: FileKind) -> None:
    outcome = await backend.run(FetchLog("SIM", kind))
    assert outcome.ok, outcome
    assert outcome.answer is not None
    record = await ended(backend, station, RecordKind.LOG, outcome.answer["job"])
    (file,) = await backend.files("SIM")
    assert record.summary == f"Uploaded ({file.size_bytes} bytes are here)"
    assert [step["status"] for step in record.details["steps"]] == ["Uploading", "Uploaded"]
    log = b"".join([piece async for piece in backend.file_content(file.file_id)]).decode()
    assert "SIM" in log
    assert file.name.startswith("SIM-")
    assert file.kind is kind
    assert (await backend.run(RemoveLog("OTHER", file.file_id))).result is Result.NOT_POSSIBLE
    assert (await backend.run(RemoveLog("SIM", file.file_id))).ok
    assert not await backend.files()


async def test_firmware_is_installed(backend: ServiceBackend, station: SimulatedStation, tmp_path: Path) -> None:
    source = tmp_path / "firmware.bin"
    source.write_bytes(b"code" * 1000)
    before = station.hardware.firmware_version
    outcome = await backend.run(UpdateFirmware("SIM", str(source), station.clock.utc()))
    assert outcome.ok, outcome
    assert outcome.answer is not None
    record = await ended(backend, station, RecordKind.FIRMWARE, outcome.answer["job"])
    assert record.summary == "Installed"
    assert station.hardware.firmware_version != before


async def test_firmware_that_is_not_there_fails_visibly(backend: ServiceBackend, station: SimulatedStation) -> None:
    outcome = await backend.run(UpdateFirmware("SIM", "http://127.0.0.1:9/firmware.bin", station.clock.utc()))
    assert outcome.ok, outcome
    assert outcome.answer is not None
    record = await ended(backend, station, RecordKind.FIRMWARE, outcome.answer["job"])
    assert (record.summary, record.alarm) == ("DownloadFailed", True)


async def test_a_file_that_is_not_here_is_never_asked_for(backend: ServiceBackend, station: SimulatedStation) -> None:
    outcome = await backend.run(UpdateFirmware("SIM", "/does/not/exist"))
    assert not outcome.ok
    assert "cannot be read" in outcome.text
