"""What the verbs ask for, how they say how it ended, and their exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from console.cli import exits
from console.cli.main import main
from console.model.change import TokenChanged
from console.model.command import (
    AcceptStation,
    AddStation,
    CallStation,
    ChangeAvailability,
    ChangeSetting,
    ClearCache,
    Command,
    DisconnectStation,
    LearnCard,
    PutToken,
    ReadSettings,
    RejectStation,
    RemoveStation,
    RemoveToken,
    ResetStation,
    SettleCard,
    SetTolerance,
    StartTransaction,
    StopTransaction,
    TransferData,
    TriggerMessage,
    UnlockConnector,
)
from console.model.device_command import (
    CancelReservation,
    ChangeSettings,
    ClearMonitors,
    ReadLocalList,
    RemoveSnapshot,
    ReserveConnector,
    SendLocalList,
    SetMonitor,
    SetMonitoringBase,
    SetMonitoringLevel,
    SettingChange,
    TakeSnapshot,
    UndoSettings,
)
from console.model.make import Tolerance
from console.model.outcome import Outcome, Result
from console.model.token import CardVerdict, Token
from console.model.transaction_limit import TransactionLimit
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import NOW, RUNNING, SITE, TOKENS, FakeBackend

replace = msgspec.structs.replace
_MONITOR = SetMonitor("CP-01", "EVSE@1/Power", "UpperThreshold", 11.5, 5)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("station add CP-9", AddStation("CP-9")),
        ("station add CP-9 --password s3cret --note hall", AddStation("CP-9", "s3cret", 1, "hall")),
        ("station add CP-9 --password env:SITE_PASSWORD", AddStation("CP-9", "from env", 1)),
        ("station remove CP-01", RemoveStation("CP-01")),
        ("station accept CP-13", AcceptStation("CP-13")),
        ("station reject CP-13", RejectStation("CP-13")),
        ("station disconnect CP-01", DisconnectStation("CP-01")),
        ("settings set CP-01 HeartbeatInterval 60", ChangeSetting("CP-01", "HeartbeatInterval", "60")),
        ("settings set CP-01 A 1 B 2", ChangeSettings("CP-01", (SettingChange("A", "1"), SettingChange("B", "2")))),
        ("settings read CP-01 A B", ReadSettings("CP-01", ("A", "B"))),
        ("settings read CP-01 --inventory summary", ReadSettings("CP-01", inventory="summary")),
        ("settings read CP-01 EVSE@1 --in-state Problem", ReadSettings("CP-01", ("EVSE@1",), criteria=("Problem",))),
        ("settings undo CP-01 --count 2", UndoSettings("CP-01", 2)),
        ("settings snapshot CP-01 --name before", TakeSnapshot("CP-01", "before")),
        ("settings snapshots --remove s1", RemoveSnapshot("s1")),
        ("monitor set CP-01 EVSE@1/Power upperthreshold 11.5", _MONITOR),
        ("monitor clear CP-01 1 2", ClearMonitors("CP-01", (1, 2))),
        ("monitor base CP-01 all", SetMonitoringBase("CP-01", "All")),
        ("reserve CP-01 2 --tag 04A2 --until +2h", ReserveConnector("CP-01", 2, "04A2", NOW + timedelta(hours=2))),
        ("cancel-reservation CP-01 7", CancelReservation("CP-01", 7)),
        ("local-list status CP-01", ReadLocalList("CP-01")),
        ("local-list send CP-01 --full", SendLocalList("CP-01", full=True)),
        ("monitor level CP-01 4", SetMonitoringLevel("CP-01", 4)),
        ("station set CP-01 --tolerance lenient", SetTolerance("CP-01", Tolerance.LENIENT)),
        ("start CP-01 2 --tag 04A2", StartTransaction("CP-01", 2, "04A2")),
        (
            "start CP-01 2 --tag 04A2 --kwh 7.5 --minutes 90 --cost 20",
            StartTransaction("CP-01", 2, "04A2", limit=TransactionLimit(7500, 5400, 20)),
        ),
        ("stop 7", StopTransaction("CP-01", "7")),
        ("stop CP-01/7", StopTransaction("CP-01", "7")),
        ("reset CP-01", ResetStation("CP-01")),
        ("reset CP-01 --hard", ResetStation("CP-01", hard=True)),
        ("unlock CP-01 2", UnlockConnector("CP-01", 2)),
        ("reset CP-01 --evse 2", ResetStation("CP-01", evse_id=2)),
        ("unlock CP-01 2 --connector 3", UnlockConnector("CP-01", 2, 3)),
        ("availability CP-01 2 --connector 1 --on", ChangeAvailability("CP-01", 2, True, 1)),
        ("availability CP-01 --off", ChangeAvailability("CP-01", 0, operative=False)),
        ("availability CP-01 2 --on", ChangeAvailability("CP-01", 2, operative=True)),
        ("trigger CP-01 Heartbeat", TriggerMessage("CP-01", "Heartbeat")),
        ("trigger CP-01 StatusNotification 2", TriggerMessage("CP-01", "StatusNotification", 2)),
        ("clear-cache CP-01", ClearCache("CP-01")),
        ("data-transfer CP-01 com.abb text --message-id m", TransferData("CP-01", "com.abb", "m", "text")),
        ('call CP-01 Reset {"type":"Soft"}', CallStation("CP-01", "Reset", {"type": "Soft"})),
        ("call CP-01 ClearCache", CallStation("CP-01", "ClearCache")),
        ("tag add NEW", PutToken(Token("NEW"))),
        (
            "tag add NEW --type local --group g --expires 2026-12-31 --label Ada",
            PutToken(Token("NEW", "Local", False, "g", datetime(2026, 12, 31, 23, tzinfo=UTC), "Ada")),
        ),
        ("tag add beef --label Bo", PutToken(replace(TOKENS[1], label="Bo"))),
        ("tag add beef --expires never", PutToken(replace(TOKENS[1], expires_at=None))),
        ("tag block 04a2", PutToken(replace(TOKENS[0], blocked=True))),
        ("tag unblock BEEF", PutToken(replace(TOKENS[1], blocked=False))),
        ("tag remove BEEF", RemoveToken("BEEF")),
        ("card accept 04ffee", SettleCard("c1", CardVerdict.ONCE)),
        ("card accept c1 --always", SettleCard("c1", CardVerdict.ALWAYS)),
        ("card refuse 04FFEE", SettleCard("c1", CardVerdict.REFUSE)),
    ],
)
def test_a_verb_asks_for_a_command(
    run: Run, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch, words: str, command: Command
) -> None:
    monkeypatch.setenv("SITE_PASSWORD", "from env")
    result = run(*words.split())
    assert backend.ran == [command]
    assert result.exit_code == 0, result.output
    assert backend.closed == 1


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (Result.ACCEPTED, 0),
        (Result.REJECTED, 1),
        (Result.ERROR, 1),
        (Result.NOT_POSSIBLE, 1),
        (Result.OFFLINE, 4),
        (Result.TIMED_OUT, 5),
    ],
)
def test_the_exit_code_says_how_it_ended(run: Run, backend: FakeBackend, result: Result, code: int) -> None:
    backend.outcome = Outcome(result, "CP-01 says so", "do this", 1.26, {"status": "X"})
    assert run("reset", "CP-01").exit_code == code
    told = run("reset", "CP-01", "--json")
    assert told.exit_code == code
    assert json.loads(told.stdout) == {
        "command": "station.reset",
        "ok": code == 0,
        "result": str(result),
        "text": "CP-01 says so",
        "hint": "do this",
        "elapsed_s": 1.26,
        "answer": {"status": "X"},
        "error_code": "",
    }


def test_what_was_done_is_printed_with_the_answer(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.ACCEPTED, "accepted\x1b[2J", elapsed_s=0.4, answer={"status": "Accepted"})
    assert run("call", "CP-01", "ClearCache").stdout == 'Accepted\ufffd[2J after 0.4 s.\n{\n  "status": "Accepted"\n}\n'


def test_what_was_not_done_is_said_beside_the_results(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.OFFLINE, "CP-01 is not connected", "wait")
    told = run("reset", "CP-01")
    assert told.stdout == ""
    assert told.stderr == "Offline: CP-01 is not connected\nwait\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("stop 6", 1, "Transaction 6 has ended."),
        ("stop 99", 1, "There is no transaction 99."),
        ("tag block 04A3", 1, "There is no tag 04A3.\nDid you mean 04A2?"),
        ("card accept nobody", 1, "No card nobody was swiped."),
        ("call CP-01 Reset {", 2, "This is not JSON"),
        ("call CP-01 Reset []", 2, "A request is a JSON object."),
        ("cancel-reservation CP-01", 1, "Nothing is reserved at CP-01."),
        ("reserve CP-01 1 --tag X --until never", 2, "A reservation ends."),
        ("local-list send", 2, "To which stations?"),
        ("local-list send --all CP-01", 2, "To which stations?"),
        ("settings set CP-01 Heartbeat", 2, "Heartbeat has no value."),
        ("station add CP-9 --security-profile 1", 2, "Security profile 1 needs a password."),
        ("station add CP-9 --password env:NOT_SET_AT_ALL", 2, "The environment variable NOT_SET_AT_ALL is not set."),
        ("tag add NEW --type magic", 2, "magic is no token type."),
        ("tag add NEW --expires soon", 2, '"soon" is not a time.'),
        ("start CP-01 1 --tag " + "x" * 50, 2, "is longer than 36 characters"),
        ("start CP-01 -1 --tag x", 2, "No such option"),
        ("start CP-01 one --tag x", 2, "is not a valid integer"),
        ("unlock CP-01 0", 2, "is not in the range"),
        ("availability CP-01", 2, "--on"),
        ("messages --save x --json", 2, "--save and --json"),
        ("nonsense", 2, "No such command"),
        ("stations --profile nowhere", 2, "There is no profile nowhere."),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    run: Run, backend: FakeBackend, words: str, code: int, said: str
) -> None:
    result = run(*words.split())
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert backend.ran == []


def test_a_transaction_id_that_two_stations_have_is_asked_for(run: Run, backend: FakeBackend) -> None:
    other = replace(RUNNING, station_id="CP-03")
    backend.site = replace(SITE, transactions={one.key: one for one in (RUNNING, other)})
    result = run("stop", "7")
    assert (result.exit_code, backend.ran) == (2, [])
    assert "CP-01/7, CP-03/7" in result.stderr
    assert run("stop", "CP-03/7").exit_code == 0


def test_a_production_site_wants_yes(run: Run, backend: FakeBackend) -> None:
    backend.production = True
    refused = run("reset", "CP-01")
    assert (refused.exit_code, backend.ran) == (2, [])
    assert refused.stderr == "Åby depot is a production site.\nSay --yes if this is meant.\n"
    assert run("reset", "CP-01", "--yes").exit_code == 0
    assert run("trigger", "CP-01", "Heartbeat").exit_code == 0
    assert len(backend.ran) == 2


def test_what_this_backend_never_can_is_said(run: Run, backend: FakeBackend) -> None:
    backend.refusal = "this console is read-only"
    result = run("reset", "CP-01")
    assert (result.exit_code, result.stderr, backend.ran) == (1, "This console is read-only.\n", [])


def test_tags_are_imported_from_a_file(run: Run, backend: FakeBackend, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("id_token,label\nbeef,Bo\nNEW,Cy\n", "utf-8")
    assert run("tag", "import", str(file)).stdout == "Imported 1 new tags, 1 known.\n"
    assert backend.ran == [PutToken(Token("beef", label="Bo")), PutToken(Token("NEW", label="Cy"))]


def test_tags_are_imported_whole_or_not_at_all(run: Run, backend: FakeBackend) -> None:
    result = run("tag", "import", "-", text="A\nB,nonsense\n")
    assert (result.exit_code, backend.ran) == (2, [])
    assert "line 2: nonsense is no token type." in result.stderr
    counted = run("tag", "import", "-", "--json", text='{"tags": [{"id_token": "A"}]}')
    assert json.loads(counted.stdout) == {"imported": 1, "new": 1, "changed": 0}


def test_the_next_card_is_learned(run: Run, backend: FakeBackend) -> None:
    backend.updates = ((TokenChanged(replace(TOKENS[0], label="x")),), (TokenChanged(Token("FRESH")),))
    result = run("tag", "learn", "--json")
    assert json.loads(result.stdout)["id_token"] == "FRESH"
    assert backend.ran == [LearnCard(), LearnCard(on=False)]


def test_learning_gives_up(run: Run, backend: FakeBackend) -> None:
    backend.ends = False
    result = run("tag", "learn", "--wait", "1")
    assert result.exit_code == 5
    assert "No unknown card was swiped within 1 s." in result.stderr
    assert backend.ran[-1] == LearnCard(on=False)


def test_without_a_service_that_is_said(tmp_path: Path) -> None:
    from click.testing import CliRunner

    result = CliRunner().invoke(main, ["stations", "--data", str(tmp_path / "none")])
    assert result.exit_code == exits.NO_SERVICE
    again = f"ocpp-console --data {tmp_path}/none"
    assert result.stderr == f"No service runs on {tmp_path}/none.\nStart one: {again}, or: {again} serve\n"


@pytest.mark.parametrize("environment", ["", "/elsewhere"])
def test_the_site_may_be_named_before_the_verb(tmp_path: Path, environment: str) -> None:
    from click.testing import CliRunner

    words = ["--data", str(tmp_path / "before"), "stations"]
    result = CliRunner().invoke(main, words, env={"OCPP_CONSOLE_DATA": environment})
    assert f"{tmp_path}/before" in result.stderr


def test_the_environment_names_the_site_where_nothing_else_does(tmp_path: Path) -> None:
    from click.testing import CliRunner

    result = CliRunner().invoke(main, ["stations"], env={"OCPP_CONSOLE_DATA": str(tmp_path / "there")})
    assert result.stderr == f"No service runs on {tmp_path}/there.\nStart one: ocpp-console, or: ocpp-console serve\n"


def test_a_trigger_is_spelled_as_ocpp_spells_it(run: Run, backend: FakeBackend) -> None:
    assert run("trigger", "CP-01", "statusnotification", "2").exit_code == 0
    assert backend.ran == [TriggerMessage("CP-01", "StatusNotification", 2)]
    result = run("trigger", "CP-01", "Everything")
    assert (result.exit_code, len(backend.ran)) == (2, 1)
    assert "There are: BootNotification, " in result.stderr


def test_a_hint_names_no_keys_of_the_screens(run: Run, backend: FakeBackend) -> None:
    backend.outcome = Outcome(Result.REJECTED, "a transaction runs there", hint="Stop it first (t), then unlock (u).")
    assert run("reset", "CP-01").stderr.endswith("Stop it first, then unlock.\n")


@pytest.mark.parametrize(("password", "said"), [("s3cret", "16 characters or more"), ("0123456789abcdef", "")])
def test_a_password_shorter_than_ocpp_wants_is_said(run: Run, password: str, said: str) -> None:
    result = run("station", "add", "CP-9", "--password", password)
    assert result.exit_code == 0
    assert said in result.stderr
