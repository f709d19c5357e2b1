"""What the lists print."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from console.backends.base import Link
from console.model.change import (
    Measured,
    Notice,
    Noticed,
    NoticeKind,
    StationChanged,
    StationSeen,
    TokenChanged,
    TransactionProgressed,
)
from console.model.message import Direction, Message, MessageType
from console.model.meter import Reading
from console.model.site import Site
from console.model.station import Admission
from console.model.token import Token
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import MESSAGES, NOW, SITE, STATIONS, FakeBackend, message

#: What stands for frames that came faster than they could be shown.
_TOO_FAST = Message(13, NOW, "", Direction.EVENT, MessageType.EVENT, problem="2 messages came too fast")
GOLDEN = {
    "stations": """\
STATION  CONNECTORS  STATE                  POWER      TODAY  SEEN  OCPP  MODEL             FIRMWARE
CP-01    1:C 2:A     charging             11.0 kW  42.10 kWh    3s  1.6   ABB Terra AC      1.8.32
CP-03    1:!         FAULT GroundFailure        -   0.00 kWh    4s  1.6   KEBA P30          -
CP-04    1:-         offline 14m                -          -     -  -     -                 -
CP-13    -           pending                    -          -     -  -     Alfen\ufffd[31m NG910  -
""",
    "transactions": """\
STATION  EVSE  TRANSACTION  TAG   STARTED                TIME     ENERGY  STATE        FLAGS
CP-01       1  7            04A2  2026-11-18 13:48:00     42m   5.23 kWh  running
CP-03       1  6            BEEF  2026-11-18 05:30:00  1h 00m  12.00 kWh  ended Local
""",
    "tags": """\
TAG   TYPE      GROUP  STATUS    EXPIRES              LABEL
04A2  ISO14443  -      accepted  -                    Åsa
BEEF  ISO14443  fleet  blocked   2026-12-18 14:30:00
""",
    "messages --limit 2": """\
TIME          STATION     KIND  ACTION     LATENCY  PROBLEM  FRAME
14:28:31.000  CP-01    >  CALL  Heartbeat                    [2,"id11","Heartbeat",{}]
14:28:32.000  CP-01    >  CALL  Heartbeat                    [2,"id12","Heartbeat",{}]
""",
    "alarms": """\
TIME                 KIND     STATION  WHAT
2026-11-18 13:30:00  bad               the disk is nearly full
2026-11-18 14:16:00  offline  CP-04    is not connected
2026-11-18 14:27:00  fault    CP-03    connector 1: GroundFailure
2026-11-18 14:28:00  refused  CP-99    connection from 10.0.4.9 refused: unknown path (3 times)
    Use /CP-99
2026-11-18 14:29:00  new      CP-13    waits to be let in, from 10.0.4.17
    ocpp-console station accept CP-13, or reject
2026-11-18 14:29:54  card     CP-01    04FFEE at connector 2 is unknown and waits
    ocpp-console card accept 04FFEE, or refuse
""",
    "card list": """\
CARD    STATION  EVSE  SWIPED               STATE
04FFEE  CP-01       2  2026-11-18 14:29:54  waits, 14 s left
""",
    "settings CP-01": """\
KEY                 VALUE                                LIMITS  READ
AuthorizationKey    (secret)  write only                         2026-11-18 14:29:00
HeartbeatInterval   300                                          2026-11-18 14:29:00
NumberOfConnectors  2         needs a reboot, read only          2026-11-18 14:29:00
""",
}


@pytest.mark.parametrize("words", GOLDEN)
def test_a_list_in_columns(run: Run, backend: FakeBackend, words: str) -> None:
    result = run(*words.split())
    assert result.output == GOLDEN[words]
    assert result.exit_code == 0
    assert backend.closed == 1


@pytest.mark.parametrize(
    ("words", "name", "count"),
    [
        ("stations", "stations", 4),
        ("transactions --station cp-01", "transactions", 1),
        ("transactions --since -1h", "transactions", 1),
        ("transactions --running", "transactions", 1),
        ("tags", "tags", 2),
        ("messages --limit 3", "messages", 3),
        ("alarms", "alarms", 6),
        ("card list", "cards", 1),
        ("settings CP-01 heartbeat", "settings", 1),
    ],
)
def test_a_list_for_scripts_is_one_object(run: Run, words: str, name: str, count: int) -> None:
    result = run(*words.split(), "--json")
    assert len(json.loads(result.stdout)[name]) == count
    assert result.stdout.count("\n") == 1


def test_a_station_for_scripts_has_every_field(run: Run) -> None:
    first, _, third, _ = json.loads(run("stations", "--json").stdout)["stations"]
    assert first["power_w"] == 11040.0
    assert first["transactions"] == ["7"]
    assert (third["online"], third["admission"], third["power_w"]) == (False, "accepted", None)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("stations", "There are no stations yet"),
        ("tags", "ocpp-console tag add"),
        ("alarms", "Nothing wants attention"),
        ("card list", "No unknown card"),
    ],
)
def test_nothing_is_said_beside_the_results(run: Run, backend: FakeBackend, words: str, hint: str) -> None:
    backend.site = Site()
    result = run(*words.split())
    assert result.stdout == ""
    assert hint in result.stderr
    assert result.exit_code == 0


def test_warnings_of_the_past_are_there_when_asked_for(
    run: Run, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Notice(NOW - timedelta(days=30), "the disk was full", NoticeKind.BAD)
    over = Notice(NOW - timedelta(minutes=5), "CP-01 lost its mind", NoticeKind.WARNING, "CP-01")
    backend.site = backend.site.apply([Noticed(over)])

    async def on_record() -> list[Notice]:
        return [older, *(one for one in backend.site.notices if one.kind is NoticeKind.BAD)]

    monkeypatch.setattr(backend, "alarms", on_record, raising=False)
    monkeypatch.setattr(backend, "meter_value_rows", print, raising=False)
    assert "the disk was full" not in run("alarms").stdout
    assert "lost its mind" not in run("alarms").stdout
    lines = run("alarms", "--past").stdout.splitlines()
    assert "the disk was full" in lines[1]
    assert sum("the disk is nearly full" in line for line in lines) == 1
    assert sum("lost its mind" in line for line in lines) == 1


def test_a_cure_can_be_pasted_whatever_the_station_calls_itself(run: Run, backend: FakeBackend) -> None:
    stranger = msgspec.structs.replace(STATIONS[0], station_id="x; reboot", admission=Admission.PENDING)
    backend.site = backend.site.apply([StationChanged(stranger)])
    assert "ocpp-console station accept 'x; reboot', or reject" in run("alarms").stdout


def test_a_refusal_is_over_once_the_station_has_got_in(run: Run, backend: FakeBackend) -> None:
    (attempt,) = backend.site.attempts.values()
    assert attempt.station_id in run("alarms").stdout
    got_in = msgspec.structs.replace(STATIONS[0], station_id=attempt.station_id, online_changed_at=NOW)
    backend.site = backend.site.apply([StationChanged(got_in)])
    assert attempt.station_id not in run("alarms").stdout


def test_following_stations_prints_those_that_change(run: Run, backend: FakeBackend) -> None:
    backend.updates = (
        (
            StationSeen("CP-03", NOW, 500),
            Measured(Reading("CP-01", 1, NOW, power_w=7000.0)),
            Measured(Reading("CP-01", 1, NOW, power_w=7360.0)),
        ),
        Link(connected=False, text="the service has ended"),
        (StationChanged(msgspec.structs.replace(STATIONS[3], station_id="CP-14")),),
    )
    result = run("stations", "--follow")
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[5:]] == ["CP-03", "CP-01", "CP-14"]
    assert "7.4 kW" in lines[6]
    assert result.stderr == "the service has ended\n"


def test_following_for_scripts_is_one_object_a_line(run: Run, backend: FakeBackend) -> None:
    backend.updates = ((TransactionProgressed("CP-01", "7", NOW, 5300), StationSeen("CP-01", NOW)),)
    rows = [json.loads(line) for line in run("transactions", "--follow", "--json").stdout.splitlines()]
    assert [(row["transaction_id"], row["energy_wh"]) for row in rows] == [("6", 12000), ("7", 5230), ("7", 5300)]


def test_following_tags(run: Run, backend: FakeBackend) -> None:
    backend.updates = ((TokenChanged(Token("NEW")),),)
    assert run("tags", "--follow").stdout.splitlines()[-1] == "NEW   ISO14443  -      accepted  -"


def test_following_alarms_prints_each_once(run: Run, backend: FakeBackend) -> None:
    notice = Noticed(Notice(NOW, "low on memory", NoticeKind.WARNING))
    backend.updates = ((notice,), (StationSeen("CP-01", NOW),), (Noticed(Notice(NOW, "all is well")),))
    texts = [json.loads(line)["text"] for line in run("alarms", "--follow", "--json").stdout.splitlines()]
    assert texts.count("low on memory") == 1
    assert len(texts) == 7


def test_a_site_that_comes_anew_is_printed_anew(run: Run, backend: FakeBackend) -> None:
    backend.updates = (SITE,)
    assert run("tags", "--follow").stdout.count("04A2") == 2


def test_following_messages_misses_none(run: Run, backend: FakeBackend) -> None:
    backend.batches = ((_TOO_FAST, message(14)), (message(14), message(15)))
    rows = [json.loads(line) for line in run("messages", "--follow", "--json", "--limit", "2").stdout.splitlines()]
    assert [row["seq"] for row in rows] == [11, 12, 14, 15]
    backend.batches = ((message(20),),)
    backend.site = SITE
    rows = [json.loads(line) for line in run("messages", "--follow", "--json").stdout.splitlines()]
    assert [row["seq"] for row in rows] == [*(one.seq for one in MESSAGES), 20]


@pytest.mark.parametrize("verb", ["transactions", "export transactions"])
def test_a_period_that_ends_before_it_begins_is_a_mistake(run: Run, verb: str) -> None:
    result = run(*verb.split(), "--since", "-1h", "--until", "-2h")
    assert (result.exit_code, result.stderr) == (2, "--until is before --since.\nTurn them around.\n")
