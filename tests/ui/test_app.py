"""The console as a whole: the link, leaving, news and their cost, hostile texts, terminals that show little."""

from __future__ import annotations

import os
import signal
import sys
from time import monotonic

import pytest
from msgspec.structs import replace

from console.app import ConsoleApp, ExitChoice
from console.backends.base import Link
from console.errors import ConsoleError
from console.model import command as c
from console.model.change import (
    AttemptSeen,
    CardSwiped,
    Measured,
    Notice,
    Noticed,
    NoticeKind,
    StationChanged,
    StationRemoved,
    TransactionChanged,
)
from console.model.message import Attempt
from console.model.meter import Reading
from console.model.site import Site
from console.model.station import Admission, Connector, ConnectorStatus, Station
from console.model.transaction import Transaction
from console.screens.frame.session import News
from console.screens.stations.stations import StationsScreen
from tests.support.staged import StagedBackend, StagedRecording
from tests.ui.driving import ASCII, SIXTEEN, TRUECOLOUR, console_over, driving
from tests.ui.sites import NOW, ago, card, depot, newcomer
from tests.ui.widgets.support import HOSTILE


@pytest.fixture
def backend() -> StagedBackend:
    return StagedBackend(depot())


# -- leaving


@pytest.mark.parametrize(
    ("keys", "choice"),
    [
        (("d",), ExitChoice.DETACH),
        (("q", "l"), ExitChoice.LEAVE),
        (("q", "enter"), ExitChoice.LEAVE),
        (("q", "s"), ExitChoice.STOP_SERVICE),
        (("ctrl+q", "s"), ExitChoice.STOP_SERVICE),
        (("2", "enter", "q", "l"), ExitChoice.LEAVE),
    ],
)
async def test_leaving_says_what_becomes_of_the_service(
    backend: StagedBackend, keys: tuple[str, ...], choice: ExitChoice
) -> None:
    app = console_over(backend)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await app.workers.wait_for_complete([worker for worker in app.workers if worker.name == "leave"])
    assert app.return_value is choice


async def test_before_leaving_one_sees_what_runs_and_may_stay(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("q")
        await driver.sees("Leave the console?", "11 stations online, 5", "transactions running.")
        await driver.press("escape")
        await driver.sees_no("Leave the console?")
        assert driver.app.is_running


async def test_stopping_a_production_service_has_to_be_typed() -> None:
    backend = StagedBackend(depot(), production=True)
    async with driving(backend) as driver:
        await driver.press("q", "s")
        await driver.sees("Type Åby depot to confirm")
        await driver.press("escape")
        await driver.sees_no("to confirm")
        assert driver.app.is_running


async def test_a_console_that_cannot_stop_the_service_asks_nothing() -> None:
    app = console_over(StagedBackend(depot(), read_only=True))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("q")
    assert app.return_value is ExitChoice.LEAVE


async def test_ctrl_c_says_how_to_leave(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("ctrl+c")
        await driver.sees("q leaves the console, d detaches")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
async def test_a_hang_up_detaches_and_waits_for_no_output(
    backend: StagedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr("console.app._HANG_UP_S", 0.0)
    async with driving(backend) as driver:
        os.kill(os.getpid(), signal.SIGHUP)
        await driver.until(lambda: driver.app.return_value is ExitChoice.DETACH and ended == [0])


# -- the link


async def test_a_link_that_broke_is_shown_with_the_age_of_the_data(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.show_link(Link(connected=False, text="the service does not answer", stale_since=ago(seconds=5)))
        await driver.sees("NOT CONNECTED the service does not answer, as of 14:02:06")
        backend.show_link(Link(connected=True))
        await driver.sees("5 charging")


async def test_a_watch_that_failed_is_shown_and_begun_again(
    backend: StagedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.screens.frame.session._RETRY_S", 0.0)
    async with driving(backend) as driver:
        backend.site = replace(backend.site, name="Back again")
        backend.fail(ConsoleError("the socket is gone", "Start the service."))
        await driver.sees("Back again", "12 stations")


async def test_a_failing_job_of_a_screen_is_never_silent(
    backend: StagedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_station_id: str) -> list[object]:
        raise ConsoleError("the store is locked", "Wait a moment.")

    monkeypatch.setattr(backend, "settings", broken)
    async with driving(backend) as driver:
        await driver.press("enter", "k")
        await driver.sees("settings: the store is locked", "Wait a moment.")


async def test_a_backend_that_fails_in_a_command_is_an_outcome(backend: StagedBackend) -> None:
    def answer(_command: c.Command) -> object:
        raise ConsoleError("the service went away", "It is started again with: ocpp-console serve")

    backend.answer = answer  # type: ignore[assignment]  # it raises
    async with driving(backend) as driver:
        await driver.press("t")
        await driver.sees("FAIL CP-01: stop transaction 814: the service went away", "started again with")


# -- what waits, and news


async def test_refused_connections_stand_on_top_with_cause_and_cure(backend: StagedBackend) -> None:
    cause = Attempt("a1", ago(minutes=1), "10.0.4.9", "/CP-12", "CP-12", 401, "wrong password", "Set AuthorizationKey.")
    async with driving(backend) as driver:
        backend.push(AttemptSeen(cause), AttemptSeen(replace(cause, at=NOW, count=3)))
        await driver.sees("! REFUSED CP-12 from 10.0.4.9, 3 times: wrong password", "Set AuthorizationKey.")
        backend.push(StationChanged(Station("CP-12", online=True, online_changed_at=NOW)))
        await driver.sees_no("! REFUSED")


async def test_a_notice_is_said_but_not_over_a_fresh_answer(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(Noticed(Notice(NOW, "CP-09 restarted", NoticeKind.WARNING)))
        await driver.sees("WARN CP-09 restarted")
        await driver.press("t")
        await driver.sees("stop transaction 814: accepted")
        backend.push(Noticed(Notice(NOW, "CP-02 is preparing")), StationRemoved("CP-11"))
        await driver.sees_no("CP-11")
        assert "stop transaction 814: accepted" in driver.text()


async def test_a_site_without_stations_says_where_to_point_a_charger() -> None:
    backend = StagedBackend()
    backend.urls = ["ws://10.0.0.5:9000/"]
    async with driving(backend) as driver:
        await driver.sees("No station has connected yet. Point a charger at", "ws://10.0.0.5:9000/ID")
        assert "enter open" not in driver.lines()[-1]
        backend.push(StationChanged(newcomer()))
        await driver.sees("! NEW", "CP-0913")


async def test_the_palette_finds_commands_by_their_words(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("ctrl+p")
        await driver.type("restart")
        await driver.sees("reset (R): Restart the station")
        await driver.press("enter")
        await driver.sees("CP-01: Restart the station", "< soft >")


async def test_the_palette_and_the_help_begin_with_what_is_possible(backend: StagedBackend) -> None:
    async with driving(backend, size=(120, 60)) as driver:
        await driver.press("ctrl+p")
        await driver.sees("Restart the station")
        assert "not now" not in driver.text()  # it comes further down
        await driver.press("escape", "question_mark")
        await driver.sees("not now: CP-01 is accepted already")
        text = driver.text()
        assert text.index("Restart the station") < text.index("not now: CP-01 is accepted already")


async def test_a_key_that_does_nothing_says_so(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("J")
        await driver.sees("J is no command here, ? shows the keys")
        await driver.press("v")
        await driver.sees("v (availability) works on a station: enter opens one")
        await driver.press("slash")
        await driver.type("W")
        await driver.sees_no("W is no command here")


async def test_help_lists_the_keys_and_why_some_do_nothing_now(backend: StagedBackend) -> None:
    async with driving(backend, size=(120, 60)) as driver:
        await driver.press("question_mark")
        await driver.sees("On this screen", "Everywhere", "not now: CP-01 is accepted already", "Letters of the conn")
        await driver.press("escape")
        await driver.sees_no("On this screen")


# -- recordings


async def test_a_recording_is_played_stepped_and_hurried() -> None:
    recording = StagedRecording(depot())
    async with driving(recording) as driver:
        await driver.sees("12 of 480 frames  1x paused: space plays")
        assert "d detach" not in driver.text()
        await driver.press("space")
        await driver.sees("playing")
        await driver.press("plus", "plus")
        await driver.sees("5x playing")
        await driver.press("full_stop")
        await driver.sees("13 of 480 frames  5x paused")
        await driver.press("minus")
        await driver.sees("2x")
        await driver.press("t")
        await driver.sees("stop: this is a recording")
        await driver.press("q")
    assert driver.app.return_value is ExitChoice.LEAVE


async def test_what_is_no_recording_has_no_keys_for_one(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("space")
        await driver.sees("play: this is not a recording")
        await driver.press("question_mark")
        assert "recording" not in "\n".join(driver.lines()[:-2])


# -- what devices say, and where it is shown


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_what_a_device_says_is_only_ever_text(text: str) -> None:
    connector = Connector(1, status=ConnectorStatus.FAULTED, error_code=text, info=text, vendor_error_code=text)
    wild = Station(
        text,
        admission=Admission.ACCEPTED,
        online=True,
        vendor=text,
        model=text,
        firmware_version=text,
        serial_number=text,
        address=text,
        connectors=(connector,),
    )
    running = Transaction(text, text, 1, id_token=text, started_at=NOW, group_id=text)
    refused = Attempt("a", NOW, text, text, text, 401, text, text)
    site = Site(name=text, stations={text: wild}, transactions={running.key: running})
    backend = StagedBackend(site)
    async with driving(backend, size=(120, 40)) as driver:
        backend.push(
            StationChanged(replace(newcomer(), vendor=text, model=text)),
            CardSwiped(card("c", text, station_id=text)),
            AttemptSeen(refused),
            Noticed(Notice(NOW, text, station_id=text)),
        )
        await driver.sees("! NEW", "? CARD", "REFUSED")
        driver.app.screen.query_one("LiveTable").cursor_key = text  # type: ignore[attr-defined]
        for keys in (("enter",), ("k",), ("escape",), ("R", "escape"), ("u", "escape"), ("question_mark", "escape")):
            await driver.press(*keys)
        await driver.press("2", "enter", "escape", "3", "m", "1", "ctrl+p")
        shown = driver.text().replace("\n", "")
        assert shown.isprintable()
        assert driver.app.is_running


@pytest.mark.parametrize(("env", "behind"), [(TRUECOLOUR, "#7F1D1D"), (SIXTEEN, "ansi_red")])
async def test_a_profiles_colour_is_behind_the_first_line(
    backend: StagedBackend, env: dict[str, str], behind: str
) -> None:
    app = console_over(backend, env, colour="red")
    async with app.run_test() as pilot:
        await pilot.pause()
        colour = app.screen.query_one("#header").styles.background
        assert (colour.css if colour.ansi is not None else colour.hex) == behind


async def test_sixteen_colours_and_ascii_are_enough(backend: StagedBackend) -> None:
    async with driving(backend, env=SIXTEEN) as driver:
        assert driver.app.theme == "ansi-dark"
    backend.push(StationChanged(newcomer()))
    async with driving(StagedBackend(depot()), env=ASCII) as driver:
        filters = driver.app.get_line_filters()
        assert any(type(each).__name__ == "AsciiFilter" for each in filters)


# -- the cost of many stations


def _many(number: int) -> Site:
    stations = {}
    for n in range(number):
        connectors = (Connector(1, status=ConnectorStatus.CHARGING),)
        station = Station(f"S{n:05d}", Admission.ACCEPTED, "1.6", True, NOW, connectors=connectors)
        stations[station.station_id] = station
    return Site("Many", stations)


async def test_ten_thousand_stations_cost_what_is_seen_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    cells = StationsScreen._cells

    def counted(screen: StationsScreen, station_id: str) -> object:
        built.append(station_id)
        return cells(screen, station_id)

    monkeypatch.setattr(StationsScreen, "_cells", counted)
    site = _many(10_000)
    backend = StagedBackend(site)
    async with driving(backend) as driver:
        await driver.sees("10000 stations", "10000 charging")
        built.clear()
        backend.push(*(Measured(Reading(station_id, 1, NOW, power_w=1_000)) for station_id in site.stations))
        await driver.sees("10.00 MW")
        assert len(built) < 200
        await driver.press("end")
        await driver.sees("S09999")


async def test_a_burst_of_changes_is_told_to_the_screen_at_most_four_times_a_second(
    backend: StagedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    async with driving(backend) as driver:
        screen = driver.app.screen
        assert isinstance(screen, StationsScreen)
        show = screen.site_changed

        def counted(news: News) -> None:
            told.append(len(news.changes))
            show(news)

        monkeypatch.setattr(screen, "site_changed", counted)
        began, pushed = monotonic(), 0
        while monotonic() - began < 0.6:
            pushed += 1
            backend.push(Measured(Reading("CP-08", 1, NOW, power_w=pushed * 100.0)))
            await driver.pilot.pause(0)
        await driver.until(lambda: sum(told) == pushed, "the last change")
        assert len(told) <= (monotonic() - began) / 0.25 + 2
        assert pushed > 2 * len(told)


async def test_an_open_station_follows_its_transactions(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter")
        backend.push(TransactionChanged(Transaction("CP-02", "901", 1, id_token="DE4410FF", started_at=ago(minutes=3))))
        await driver.sees("Transaction 901  tag DE4410FF (Ingrid)")


def test_the_app_needs_nothing_but_a_backend(backend: StagedBackend) -> None:
    app = ConsoleApp(backend)
    assert app.session.backend is backend
