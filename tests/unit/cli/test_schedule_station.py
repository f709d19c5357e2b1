"""Charging profiles from the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from console.backends.base import Backend
from console.cli.context import World
from console.cli.main import main
from console.cli.place import Place
from console.model import command as commands
from console.model.outcome import Outcome, Result
from console.model.schedule.installed import Installed, StationSchedules
from console.model.schedule.profile import ChargingProfile, Kind, Purpose, Recurrency, Unit
from console.model.schedule.reported import ReportedComposite
from console.model.schedule.rollout import Job, JobState, Rollout
from console.model.station import Setting
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake import NOW, SITE, FakeBackend
from tests.unit.schedule.samples import profile


def sent(backend: FakeBackend) -> ChargingProfile:
    """The profile that was sent last."""
    command = backend.ran[-1]
    assert isinstance(command, commands.SetChargingProfile)
    return command.profile


def holding(*held: ChargingProfile) -> FakeBackend:
    schedules = StationSchedules("CP-01", tuple(Installed(one, at=NOW) for one in held))
    return FakeBackend(site=msgspec.structs.replace(SITE, schedules={"CP-01": schedules}))


def test_eleven_kilowatts_at_night_and_six_amperes_by_day(run: Run, backend: FakeBackend) -> None:
    done = run("schedule", "set", "CP-01", "2", "--step", "22:00=11kW", "--step", "06:00=6A", "--every", "daily")
    assert done.exit_code == 0, done.output
    made = sent(backend)
    assert (made.kind, made.recurrency, made.unit, made.evse_id) == (Kind.RECURRING, Recurrency.DAILY, Unit.W, 2)
    assert [(each.start_s, each.limit) for each in made.periods] == [(0, 11_000), (21_600, 4140), (79_200, 11_000)]
    assert made.start is not None
    assert made.start.isoformat() == "2026-11-17T23:00:00+00:00"  # midnight in Stockholm


def test_days_make_it_weekly(run: Run, backend: FakeBackend) -> None:
    run("schedule", "set", "CP-01", "2", "--step", "mon-fri 06:00=6", "--step", "mon-fri 22:00=16")
    made = sent(backend)
    assert (made.recurrency, len(made.periods), made.unit) == (Recurrency.WEEKLY, 11, Unit.A)
    assert made.periods[0].limit == 16


def test_a_template_is_sent_where_its_purpose_belongs(run: Run, backend: FakeBackend) -> None:
    assert run("schedule", "set", "CP-01", "--template", "cap-16a").exit_code == 0
    assert (sent(backend).purpose, sent(backend).evse_id) == (Purpose.STATION_MAX, 0)


def test_a_file_of_json_is_what_show_prints(run: Run, backend: FakeBackend, tmp_path: Path) -> None:
    held = profile((0, 6.0), (3600, 16.0), profile_id=9, duration_s=7200)
    shown = run_over(holding(held), "schedule", "show", "CP-01", "--json")
    told = json.loads(shown)["profiles"][0]
    assert (told["source"], told["id"]) == ("set from here", 9)
    file = tmp_path / "one.json"
    file.write_text(json.dumps(told))
    assert run("schedule", "set", "CP-01", "1", "--file", str(file)).exit_code == 0
    assert sent(backend) == held


def run_over(backend: FakeBackend, *words: str) -> str:
    """The output of a verb over another backend."""

    async def connect(_place: Place, _looking: bool) -> Backend:
        return backend

    return CliRunner().invoke(main, words, obj=World(connect, lambda: NOW)).output


def test_a_file_of_csv_holds_steps(run: Run, backend: FakeBackend, tmp_path: Path) -> None:
    file = tmp_path / "steps.csv"
    file.write_text("start,limit_kw,phases\n00:00,11,3\n06:00,4.14,\n")
    assert run("schedule", "set", "CP-01", "2", "--file", str(file)).exit_code == 0
    assert [(each.limit, each.phases) for each in sent(backend).periods] == [(11_000, 3), (4140, None)]
    file.write_text("when,limit\n1,2\n")
    assert "holds no schedule" in run("schedule", "set", "CP-01", "2", "--file", str(file)).output


def test_the_running_transaction_is_meant_where_none_is_named(run: Run, backend: FakeBackend) -> None:
    words = ("schedule", "set", "CP-01", "1", "--for", "transaction", "--step", "+0h=8", "--every", "relative")
    assert run(*words).exit_code == 0
    assert (sent(backend).transaction_id, sent(backend).kind) == ("7", Kind.RELATIVE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "CP-01", "2"), "Which schedule?"),
        (("set", "CP-01", "2", "--template", "nigth-only"), "Did you mean night-only?"),
        (("set", "CP-01", "2", "--step", "22:00"), "is no step"),
        (("set", "CP-01", "2", "--step", "99:00=6"), "is no time of a day"),
        (("set", "CP-99", "2", "--template", "pause"), "There is no station CP-99"),
        (("set", "CP-01", "--for", "transaction", "--step", "0:00=6"), "On which connector?"),
        (("clear", "CP-01"), "This would clear every profile."),
        (("set", "CP-01", "2", "--template", "cheap-hours"), "is made of prices"),
    ],
)
def test_what_makes_no_sense_is_said(run: Run, backend: FakeBackend, words: tuple[str, ...], said: str) -> None:
    done = run("schedule", *words)
    assert (done.exit_code in (1, 2), backend.ran) == (True, [])
    assert said in done.output


CANNOT = (
    Setting("CP-01", "ChargingScheduleAllowedChargingRateUnit", "Power"),
    Setting("CP-01", "ChargingScheduleMaxPeriods", "2"),
)
NIGHT = ("schedule", "set", "CP-01", "2", "--template", "night-only")


def test_what_the_station_cannot_is_not_sent_but_mended_on_request(run: Run, backend: FakeBackend) -> None:
    backend.more_settings = CANNOT
    done = run(*NIGHT)
    assert (done.exit_code, backend.ran) == (1, [])
    assert "takes no limits in A" in done.output
    assert "--convert" in done.output
    assert run(*NIGHT, "--convert", "--merge").exit_code == 0
    assert (sent(backend).unit, [each.limit for each in sent(backend).periods]) == (Unit.W, [11_040, 0])
    assert run(*NIGHT, "--anyway").exit_code == 0
    assert sent(backend).unit is Unit.A


def test_what_may_not_be_meant_is_said_and_sent(run: Run, backend: FakeBackend) -> None:
    done = run(*NIGHT)
    assert "Some stations end the transaction instead." in done.output
    assert len(backend.ran) == 1


def test_simulate_sends_nothing_and_says_what_would_come_of_it() -> None:
    backend = holding(profile((0, 10.0), purpose=Purpose.STATION_MAX, evse_id=0, profile_id=4, start=NOW))
    out = run_over(backend, "schedule", "simulate", "CP-01", "2", "--step", "0:00=16", "--json")
    told = json.loads(out)
    assert told["composite"]["periods"] == [{"start": 0, "limit": 10.0, "phases": None}]
    assert told["profile"]["id"] == 5
    assert backend.ran == []
    rows = list(
        csv.DictReader(io.StringIO(run_over(backend, "schedule", "simulate", "CP-01", "--step", "0:00=16", "--csv")))
    )
    assert rows[0]["limit_a"] == "10"


def test_what_the_station_says_is_compared_with_what_was_computed() -> None:
    backend = holding(profile((0, 10.0), profile_id=4, start=NOW))
    told = ReportedComposite(1, NOW, 86_400, Unit.A, ())
    periods = [{"start_s": 0, "limit": 10.0}, {"start_s": 3600, "limit": 6.0}, {"start_s": 7200, "limit": 10.0}]
    answer = msgspec.to_builtins(told) | {"periods": periods}
    backend.outcomes[commands.GetCompositeSchedule] = Outcome(Result.ACCEPTED, "told", answer=answer)
    out = run_over(backend, "schedule", "show", "CP-01", "1", "--ask")
    assert "The station says otherwise" in out
    assert "6 A" in out
    assert backend.ran == [commands.GetCompositeSchedule("CP-01", 1, 86_400, Unit.A)]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("clear", "CP-01", "--id", "3"), commands.ClearChargingProfile("CP-01", profile_id=3)),
        (("clear", "CP-01", "1"), commands.ClearChargingProfile("CP-01", evse_id=1)),
        (("clear", "CP-01", "--for", "station"), commands.ClearChargingProfile("CP-01", purpose=Purpose.STATION_MAX)),
        (("clear", "CP-01", "--everything"), commands.ClearChargingProfile("CP-01", everything=True)),
        (("read", "CP-01"), commands.GetChargingProfiles("CP-01")),
        (("update", "CP-01", "3", "9.5"), commands.UpdateDynamicSchedule("CP-01", 3, 9.5)),
        (("priority", "CP-01", "7", "--off"), commands.UsePriorityCharging("CP-01", "7", on=False)),
    ],
)
def test_what_else_is_asked(run: Run, backend: FakeBackend, words: tuple[str, ...], command: object) -> None:
    assert run("schedule", *words).exit_code == 0
    assert backend.ran == [command]


def test_a_start_carries_a_template(run: Run, backend: FakeBackend) -> None:
    assert run("start", "CP-01", "2", "--tag", "04A2", "--schedule", "solar-noon").exit_code == 0
    command = backend.ran[-1]
    assert isinstance(command, commands.StartTransaction)
    assert command.profile is not None
    assert (command.profile.purpose, command.profile.transaction_id) == (Purpose.TX, "")


def test_templates_are_listed(run: Run) -> None:
    assert "night-only" in run("schedule", "templates").output


def test_prices_are_taken_from_a_file_and_the_cheapest_hours_sent(
    run: Run, backend: FakeBackend, tmp_path: Path
) -> None:
    file = tmp_path / "prices.csv"
    rows = [f"2026-11-18T{13 + number:02}:00:00Z,{price}" for number, price in enumerate((9, 3, 8, 1, 2))]
    file.write_text("\n".join(["start,price_eur_mwh", *rows]))
    assert run("schedule", "prices", str(file)).exit_code == 0
    put = backend.ran[-1]
    assert isinstance(put, commands.PutPrices)
    backend.site = msgspec.structs.replace(SITE, prices=put.prices)
    assert "EUR/MWh" in run("schedule", "prices").output
    done = run("schedule", "cheapest", "CP-01", "2", "--hours", "2", "--before", "19:00")
    assert done.exit_code == 0, done.output
    assert [each.limit for each in sent(backend).periods] == [0, 16]
    assert "end at" in run("schedule", "cheapest", "CP-01", "2", "--hours", "2", "--before", "23:00").output


def test_one_schedule_goes_to_many(run: Run, backend: FakeBackend) -> None:
    backend.more_settings = CANNOT
    done = run("schedule", "send", "cp-0*", "--template", "night-only", "--mend")
    assert done.exit_code == 0, done.output
    command = backend.ran[-1]
    assert isinstance(command, commands.StartRollout)
    assert command.title == "night-only"
    assert [(job.station_id, job.profile.unit, len(job.profile.periods)) for job in command.jobs] == [
        ("CP-01", Unit.W, 2),
        ("CP-03", Unit.A, 3),
        ("CP-04", Unit.A, 3),
    ]
    assert "No station is meant" in run("schedule", "send", "XX*", "--template", "pause").output


def test_rollouts_are_listed_and_given_up(run: Run, backend: FakeBackend) -> None:
    jobs = (Job("CP-01", profile(), JobState.WAITING, "offline", NOW),)
    backend.site = msgspec.structs.replace(SITE, rollouts={"r1": Rollout("r1", "night", NOW, jobs)})
    assert "0 of 1 accepted, 1 waiting" in run("schedule", "rollouts").output
    assert "waits for the station" in run("schedule", "rollouts", "r1").output
    assert json.loads(run("schedule", "rollouts", "r1", "--json").output)["jobs"][0]["state"] == "waits for the station"
    assert run("schedule", "rollouts", "r9").exit_code == 1
    assert run("schedule", "give-up", "r1").exit_code == 0
    assert backend.ran[-1] == commands.GiveUpRollout("r1")
