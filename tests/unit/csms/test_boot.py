"""Stations come and are let in, or not."""

from __future__ import annotations

import pytest

from console.csms.ports import Known
from console.csms.stations.boot import MOST_PENDING
from console.model.command import AcceptStation, RejectStation
from console.model.message import Attempt
from console.model.outcome import Result
from console.model.site import Site
from console.model.station import Admission, Station
from tests.unit.csms.rig import Charger, Rig, Session


@pytest.fixture
def closed() -> Rig:
    """A site that lets nobody in by itself."""
    return Rig(accept_unknown=False)


def test_tc_001_cold_boot(charger: Charger) -> None:
    reply = charger.boot(
        chargePointSerialNumber="S1",
        firmwareVersion="1.2",
        iccid="89",
        imsi="26",
        meterType="MT",
        meterSerialNumber="M1",
    )
    assert reply == {"status": "Accepted", "currentTime": "2026-11-21T12:16:40.000Z", "interval": 300}
    known = charger.known
    assert (known.vendor, known.model, known.serial_number, known.firmware_version) == ("Acme", "One", "S1", "1.2")
    assert (known.iccid, known.imsi, known.meter_type, known.meter_serial_number) == ("89", "26", "MT", "M1")
    assert (known.admission, known.online, known.heartbeat_interval_s) == (Admission.ACCEPTED, True, 300)
    assert charger.ask("Heartbeat", {}) == {"currentTime": "2026-11-21T12:16:40.000Z"}


def test_the_older_serial_number_serves_where_the_newer_is_absent(charger: Charger) -> None:
    charger.boot(chargeBoxSerialNumber="OLD")
    assert charger.known.serial_number == "OLD"


def test_an_unknown_station_waits_for_a_verdict(closed: Rig) -> None:
    charger = Charger(closed, "CP9").connect()
    assert charger.known.admission is Admission.PENDING
    reply = charger.boot()
    assert (reply["status"], reply["interval"]) == ("Pending", 30)
    assert charger.known.model == "One"
    assert any("wants to be let in" in text for text in closed.journal.texts())


@pytest.mark.parametrize("action", ["Heartbeat", "StatusNotification", "StartTransaction"])
def test_dx_t39_a_station_never_accepted_is_told_so(closed: Rig, action: str) -> None:
    charger = Charger(closed, "CP9").connect()
    payloads = {
        "Heartbeat": {},
        "StatusNotification": {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
        "StartTransaction": {"connectorId": 1, "idTag": "TAG1", "meterStart": 0, "timestamp": "2026-11-21T12:00:00Z"},
    }
    assert charger.refused(action, payloads[action]).code == "SecurityError"
    assert charger.running() == []
    assert charger.problem == "the station is pending"


async def test_accepted_it_is_let_in_at_its_next_boot(closed: Rig) -> None:
    charger = Charger(closed, "CP9").connect()
    charger.boot()
    charger.session.says["TriggerMessage"] = {"status": "Accepted"}
    outcome = await closed.csms.execute(AcceptStation("CP9"))
    assert outcome.ok
    assert "boots again now" in outcome.text
    assert charger.session.calls == [("TriggerMessage", {"requestedMessage": "BootNotification"})]
    assert charger.boot()["status"] == "Accepted"


@pytest.mark.parametrize("answer", [{"status": "Rejected"}, {"status": "NotImplemented"}, None])
async def test_a_station_that_cannot_be_triggered_hears_of_it_later(closed: Rig, answer: dict[str, str] | None) -> None:
    charger = Charger(closed, "CP9").connect()
    charger.boot()
    if answer is not None:
        charger.session.says["TriggerMessage"] = answer
    outcome = await closed.csms.execute(AcceptStation("CP9"))
    assert outcome.ok
    assert "about every 30 s" in outcome.text


async def test_a_station_that_was_told_is_not_triggered(rig: Rig, charger: Charger) -> None:
    await rig.csms.execute(RejectStation("CP1"))
    charger.connect()
    assert charger.boot()["status"] == "Rejected"
    charger.session.says["TriggerMessage"] = {"status": "Accepted"}
    await rig.csms.execute(AcceptStation("CP1"))
    assert charger.boot()["status"] == "Accepted"
    charger.session.calls.clear()
    assert (await rig.csms.execute(AcceptStation("CP1"))).text == "CP1 is accepted already"
    assert charger.session.calls == []


async def test_rejected_it_is_turned_away(closed: Rig) -> None:
    charger = Charger(closed, "CP9").connect()
    charger.boot()
    outcome = await closed.csms.execute(RejectStation("CP9"))
    assert outcome.ok
    assert charger.session.closed == (1008, "rejected by the operator")
    charger.connect()
    assert charger.boot()["status"] == "Rejected"
    assert charger.refused("Heartbeat", {}).code == "SecurityError"


def test_accept_unknown_lets_strangers_and_waiting_ones_in_but_no_rejected_ones(rig: Rig) -> None:
    waiting, rejected = Station("P"), Station("R", admission=Admission.REJECTED)
    rig.csms.load(Site(stations={"P": waiting, "R": rejected}))
    assert Charger(rig, "P").connect().boot()["status"] == "Accepted"
    assert Charger(rig, "R").connect().boot()["status"] == "Rejected"
    assert Charger(rig, "NEW").connect().boot()["status"] == "Accepted"


def test_dx_t38_a_reconnect_needs_no_boot(charger: Charger) -> None:
    charger.disconnect()
    assert not charger.known.online
    charger.connect()
    assert charger.ask("Heartbeat", {})
    assert charger.known.online
    assert charger.known.model == "One"


def test_dx_t48_acceptance_survives_a_restart(rig: Rig, charger: Charger) -> None:
    rig.restart()
    assert not charger.known.online
    charger.connect()
    charger.status(1, "Available")
    assert charger.known.online


def test_dx_t36_the_end_of_a_replaced_connection_changes_nothing(rig: Rig, charger: Charger) -> None:
    older = charger.session
    charger.connect()
    rig.csms.closed(older, 1006, "")
    assert charger.known.online


def test_boots_without_end_are_answered_and_not_told_again(rig: Rig, charger: Charger) -> None:
    before = len(rig.journal.texts())
    for _ in range(20):
        assert charger.boot()["status"] == "Accepted"
    assert len(rig.journal.texts()) == before


def test_strangers_that_wait_are_bounded(closed: Rig) -> None:
    chargers = [Charger(closed, f"X{number}").connect() for number in range(MOST_PENDING)]
    assert not closed.csms.knows("ONE-MORE")
    assert closed.csms.knows("X0")
    chargers[3].disconnect()
    assert closed.csms.knows("ONE-MORE")
    Charger(closed, "ONE-MORE").connect()
    assert "X3" not in closed.journal.site.stations
    assert len(closed.journal.site.stations) == MOST_PENDING


def test_control_characters_and_markup_are_data(charger: Charger) -> None:
    charger.boot(chargePointSerialNumber="\u001b[2J[red]x\u202e")
    assert charger.known.serial_number == "�[2J[red]x�"


def test_a_refused_connection_is_shown(rig: Rig) -> None:
    attempt = Attempt("a", rig.clock.now(), "192.0.2.9", "/", "", 404, "no identity", "add it")
    rig.csms.refused(attempt)
    assert rig.journal.site.attempts == {"a": attempt}


@pytest.mark.parametrize(("code", "kind"), [(1000, "info"), (1006, "warning")])
def test_only_a_broken_connection_is_a_warning(rig: Rig, charger: Charger, code: int, kind: str) -> None:
    rig.csms.closed(charger.session, code, "")
    assert rig.journal.site.notices[-1].kind.value == kind


async def test_a_station_nobody_knows_cannot_be_accepted(rig: Rig) -> None:
    outcome = await rig.csms.execute(AcceptStation("cp1"))
    assert outcome.result is Result.NOT_POSSIBLE
    assert "capitals" in outcome.hint


def come(charger: Charger, profile: int = 0, certificate_name: str = "", new_password: bytes = b"") -> Charger:
    """Connect as the listener lets a station in that has shown these."""
    charger.session = Session(charger.id)
    charger.session.security_profile = profile
    charger.session.certificate_name = certificate_name
    charger.session.new_password = new_password
    charger.rig.csms.opened(charger.session)
    return charger


def test_dx_s03_who_came_by_a_higher_profile_is_not_let_in_by_a_lower_one(rig: Rig, charger: Charger) -> None:
    come(charger, profile=2)
    assert rig.csms.known("CP1").lowest_profile == 2
    come(charger, profile=1)
    assert rig.csms.known("CP1").lowest_profile == 2


def test_what_a_stranger_showed_counts_once_it_is_let_in(closed: Rig) -> None:
    come(Charger(closed, "CP9"), profile=1, new_password=b"s3cret-s3cret-1")
    assert closed.csms.known("CP9") == Known(lowest_profile=0, has_password=True, admitted=False)
    assert closed.csms.password_ok("CP9", b"s3cret-s3cret-1")
    assert not closed.csms.password_ok("CP9", b"another")


def test_dx_s04_the_certificate_must_be_of_the_serial_number_that_is_told(rig: Rig, charger: Charger) -> None:
    come(charger, profile=3, certificate_name="S1")
    assert charger.boot(chargePointSerialNumber="S1")["status"] == "Accepted"
    assert charger.boot(chargePointSerialNumber="S2")["status"] == "Rejected"
    assert charger.session.closed is not None
    assert charger.session.closed[0] == 1008
    assert "shows the certificate of S1 and says that it is S2" in rig.journal.texts()[-1]
    assert charger.known.serial_number == "S1"


def test_dx_s05_a_certificate_of_another_station_does_not_fit(rig: Rig, charger: Charger) -> None:
    charger.boot(chargePointSerialNumber="S1")
    fits = rig.csms.certificate_fits
    assert fits("CP1", "S1")
    assert fits("CP1", "CP1")
    assert not fits("CP1", "S2")  # its serial number is known
    assert fits("CP2", "S2")  # nobody's yet: BootNotification tells
    assert not fits("CP2", "S1")
    assert not fits("CP2", "CP1")
