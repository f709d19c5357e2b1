"""Logs and firmware: which request it is, what is tied to what, and what is said when nothing comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from console.csms.ports import CallError
from console.csms.records.files import Files
from console.model.change import RecordKept
from console.model.file_command import FetchLog, FileProtocol, RemoveLog, UpdateFirmware
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, Severity, StationRecord
from console.model.station import Setting
from console.model.station_file import FileKind, StationFile
from tests.unit.csms.rig import START, Charger, Rig

ACCEPTED = {"status": "Accepted", "filename": "log.zip"}
UNKNOWN = CallError("NotImplemented", "", {}, 0.1)


class Box:
    """Implements ``ports.FileBox``."""

    def __init__(self) -> None:
        self.withdrawn: list[str] = []
        self.until: list[datetime] = []

    async def expect(self, session: Any, kind: FileKind, request_id: int, until: datetime, *, ftp: bool = False) -> str:
        self.until.append(until)
        return f"{'ftp' if ftp else 'http'}://{session.local_address}:9001/{kind}/"

    async def offer(self, session: Any, source: Path, until: datetime, *, ftp: bool = False) -> str:
        self.until.append(until)
        return f"{'ftp' if ftp else 'http'}://{session.local_address}:9001/{source.name}"

    async def remove(self, file_id: str, station_id: str) -> bool:
        return (file_id, station_id) == ("id", "CP1")

    async def withdraw(self, url: str) -> None:
        self.withdrawn.append(url)


@pytest.fixture
def rig() -> Rig:
    return Rig(box=Box())


def job(rig: Rig, key: str, kind: RecordKind = RecordKind.LOG) -> StationRecord:
    kept = [change.record for change in rig.journal.of(RecordKept)]
    return [record for record in kept if record.kind is kind and record.key == key][-1]


def status(charger: Charger, word: str, number: int | None = None) -> None:
    if charger.version == "1.6" and number is None:
        charger.ask("DiagnosticsStatusNotification", {"status": word})
    else:
        charger.ask("LogStatusNotification", {"status": word, "requestId": number})


def arrived(rig: Rig, number: int) -> None:
    rig.csms.file_received(StationFile("id", "CP1", FileKind.DIAGNOSTICS, number, "x", 12, START))


async def test_a_16_station_that_knows_no_getdiagnostics_is_asked_with_getlog(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetDiagnostics": UNKNOWN, "GetLog": ACCEPTED}
    outcome = await rig.csms.execute(FetchLog("CP1"))
    assert outcome.ok, outcome
    assert [action for action, _ in charger.session.calls] == ["GetDiagnostics", "GetLog"]
    asked = charger.session.calls[-1][1]
    assert asked["logType"] == "DiagnosticsLog"
    assert job(rig, str(asked["requestId"])).standing


async def test_a_16_station_without_the_security_extension_has_no_security_log(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetLog": UNKNOWN}
    outcome = await rig.csms.execute(FetchLog("CP1", FileKind.SECURITY))
    assert outcome.result is Result.ERROR
    assert outcome.error_code == "NotImplemented"
    assert rig.box.withdrawn == ["http://192.0.2.1:9001/security/"]


async def test_no_file_name_means_no_diagnostics(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetDiagnostics": {}}
    outcome = await rig.csms.execute(FetchLog("CP1"))
    assert (outcome.result, outcome.text) == (Result.REJECTED, "the station has no diagnostics of that period")


async def test_uploaded_without_a_file_is_a_warning_until_it_is_here(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    charger.session.says = {"GetLog": ACCEPTED}
    await rig.csms.execute(FetchLog("CP1"))
    number = charger.session.calls[-1][1]["requestId"]
    status(charger, "Uploaded", number)
    held = job(rig, str(number))
    assert (held.summary, held.severity) == ("Uploaded, but nothing has arrived here", Severity.WARNING)
    arrived(rig, number)
    held = job(rig, str(number))
    assert (held.summary, held.severity, held.standing) == ("Uploaded (12 bytes are here)", Severity.INFO, False)
    assert rig.clock.timers == 0


async def test_a_file_without_a_word_counts_as_uploaded_after_a_minute(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetDiagnostics": {"fileName": "x"}}
    await rig.csms.execute(FetchLog("CP1"))
    arrived(rig, 1)
    assert job(rig, "-").standing
    rig.clock.advance(61)
    held = job(rig, "-")
    assert (held.summary, held.standing) == ("Uploaded (12 bytes are here)", False)


async def test_a_job_whose_end_is_never_told_is_given_up_visibly(rig: Rig) -> None:
    charger = rig.charger(version="2.1")
    charger.session.says = {"GetLog": ACCEPTED}
    await rig.csms.execute(FetchLog("CP1"))
    number = charger.session.calls[-1][1]["requestId"]
    status(charger, "Uploading", number)
    rig.clock.advance(3601)
    held = job(rig, str(number))
    assert (held.severity, held.standing) == (Severity.WARNING, False)
    assert held.summary == "its end was not told in time; the last was: Uploading"
    assert any("not told in time" in text for text in rig.journal.texts())
    status(charger, "Uploaded", number)  # it comes late all the same
    arrived(rig, number)
    assert job(rig, str(number)).summary == "Uploaded (12 bytes are here)"


async def test_the_address_lasts_as_long_as_the_station_may_try(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetDiagnostics": {"fileName": "x"}, "UpdateFirmware": {}}
    await rig.csms.execute(FetchLog("CP1", retries=3, retry_interval_s=600))
    assert rig.box.until[-1] == rig.clock.now() + timedelta(hours=1, minutes=30)
    at = START + timedelta(days=2)
    assert (await rig.csms.execute(UpdateFirmware("CP1", "/srv/fw.bin", retrieve_at=at))).ok
    assert rig.box.until[-1] == at + timedelta(days=1)
    assert charger.session.calls[-1][1]["location"] == "http://192.0.2.1:9001/fw.bin"


async def test_what_makes_no_sense_is_never_sent(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    later = START + timedelta(hours=1)
    for command in (
        FetchLog("CP1", since=later, until=START),
        UpdateFirmware("CP1", "http://x/y", retrieve_at=later, install_at=START),
        UpdateFirmware("CP1", "http://x/y", signature="AAAA"),
    ):
        assert (await rig.csms.execute(command)).result is Result.NOT_POSSIBLE
    assert charger.session.calls == []


async def test_16_knows_no_date_of_installation(rig: Rig) -> None:
    charger = rig.charger()
    outcome = await rig.csms.execute(UpdateFirmware("CP1", "http://x/y", install_at=START + timedelta(hours=1)))
    assert "no date of installation" in outcome.text
    assert charger.session.calls == []


async def test_a_station_that_is_silent_may_do_it_all_the_same(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    outcome = await rig.csms.execute(FetchLog("CP1"))
    assert outcome.result is Result.TIMED_OUT
    number = charger.session.calls[-1][1]["requestId"]
    assert job(rig, str(number)).standing
    status(charger, "Uploading", number)
    assert job(rig, str(number)).summary == "Uploading"


async def test_a_log_that_is_deleted_is_so_in_the_record_of_its_job(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says = {"GetDiagnostics": UNKNOWN, "GetLog": ACCEPTED}
    await rig.csms.execute(FetchLog("CP1"))
    number = charger.session.calls[-1][1]["requestId"]
    arrived(rig, number)
    status(charger, "Uploaded", number)
    assert job(rig, str(number)).summary == "Uploaded (12 bytes are here)"
    assert (await rig.csms.execute(RemoveLog("CP1", "other"))).result is Result.NOT_POSSIBLE
    assert (await rig.csms.execute(RemoveLog("CP1", "id"))).ok
    assert job(rig, str(number)).summary == "Uploaded (deleted since)"
    assert "file" not in job(rig, str(number)).details


@pytest.mark.parametrize(
    ("version", "key", "value", "protocol", "scheme"),
    [
        ("1.6", "SupportedFileTransferProtocols", "FTP,SFTP", FileProtocol.AUTO, "ftp"),
        ("1.6", "SupportedFileTransferProtocols", "FTP, https", FileProtocol.AUTO, "http"),
        ("1.6", "SupportedFileTransferProtocols", "SFTP", FileProtocol.AUTO, "http"),
        ("1.6", "SupportedFileTransferProtocols", "FTP", FileProtocol.HTTP, "http"),
        ("1.6", "HeartbeatInterval", "10", FileProtocol.AUTO, "http"),
        ("1.6", "HeartbeatInterval", "10", FileProtocol.FTP, "ftp"),
        ("2.0.1", "OCPPCommCtrlr/FileTransferProtocols", "FTP", FileProtocol.AUTO, "ftp"),
        ("2.0.1", "OCPPCommCtrlr/FileTransferProtocols", "HTTP,FTP", FileProtocol.AUTO, "http"),
    ],
)
async def test_a_station_that_knows_only_ftp_is_told_so(
    version: str, key: str, value: str, protocol: FileProtocol, scheme: str
) -> None:
    charger, files = _knowing(version, key, value)
    await files.fetch_log(charger, FetchLog("CP1", protocol=protocol))
    await files.update_firmware(charger, UpdateFirmware("CP1", "/tmp/new.bin", protocol=protocol))
    assert [location.partition(":")[0] for location in charger.told] == [scheme, scheme]


async def test_plain_ftp_beside_tls_is_for_a_person_to_decide() -> None:
    charger, files = _knowing("1.6", "SupportedFileTransferProtocols", "FTP", security_profile=2)
    outcome = await files.fetch_log(charger, FetchLog("CP1"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "--protocol ftp" in outcome.hint
    await files.fetch_log(charger, FetchLog("CP1", protocol=FileProtocol.FTP))
    assert [location.partition(":")[0] for location in charger.told] == ["ftp"]


def _knowing(version: str, key: str, value: str, security_profile: int = 0) -> tuple[Any, Files]:
    """A connection of a station whose settings are known, and the commands over it."""
    told: list[str] = []
    charger = SimpleNamespace(
        station_id="CP1",
        told=told,
        dialect=SimpleNamespace(version=version, numbers_jobs=version != "1.6"),
        session=SimpleNamespace(station_id="CP1", local_address="192.0.2.1", security_profile=security_profile),
    )

    async def known(_station_id: str) -> dict[str, Setting]:
        return {key.casefold(): Setting("CP1", key, value)}

    async def ask(_connection: Any, command: Any, _timeout_s: float | None = None) -> Outcome:
        told.append(command.location)
        return Outcome(Result.ACCEPTED, "", answer={"status": "Accepted", "fileName": "x"})

    jobs = SimpleNamespace(begin=lambda _asked: None, refused=lambda _asked: None)
    clock: Any = SimpleNamespace(now=lambda: START)
    return charger, Files(clock, Box(), jobs, ask, known)  # type: ignore[arg-type]


async def test_a_failure_is_told_with_what_it_means(rig: Rig) -> None:
    charger = rig.charger(version="2.0.1")
    charger.ask("LogStatusNotification", {"status": "Uploading", "requestId": 5})
    assert "means" not in job(rig, "5").details
    charger.ask("LogStatusNotification", {"status": "UploadFailure", "requestId": 5})
    assert job(rig, "5").summary == "UploadFailure"
    assert "could not put the file" in job(rig, "5").details["means"]
