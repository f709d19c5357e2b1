"""How every screen looks, at 80x24 and at 120x40, with few colours and in ASCII: compared with ``screenshots/``.

After a change that is meant: ``make screenshots``, look at each, commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.model.change import AttemptSeen, CardSwiped, Change, Learning, StationChanged
from console.model.message import Attempt
from console.model.site import Site
from console.model.station import Setting
from tests.support.staged import StagedBackend, StagedRecording
from tests.ui.conftest import SCREENSHOTS
from tests.ui.devices import device_model, local_lists, monitors, snapshot
from tests.ui.driving import ASCII, SIXTEEN, TRUECOLOUR, Driver, console_over
from tests.ui.sites import (
    NOW,
    ago,
    card,
    certificates,
    charging_curve,
    cost,
    depot,
    ended,
    frames,
    log_files,
    log_jobs,
    messages_shown,
    newcomer,
    newest,
    on_its_way,
    records,
    scheduled,
    settings,
    tariffs,
)

NARROW, WIDE = (80, 24), (120, 40)
_REFUSED = Attempt(
    "a1", ago(minutes=2), "10.0.4.9", "/CP-12", "CP-12", 401, "wrong password",
    "Set the station's AuthorizationKey to the password it was added with.", 3,
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What is pressed, what happens meanwhile, and what is seen when it is done."""

    sees: str
    keys: tuple[str, ...] = ()
    happens: tuple[Change, ...] = ()
    sizes: tuple[tuple[int, int], ...] = (NARROW, WIDE)
    env: dict[str, str] = field(default_factory=lambda: TRUECOLOUR)
    make: Callable[[], StagedBackend] = lambda: StagedBackend(depot())


def _furnished(backend: StagedBackend) -> StagedBackend:
    backend.site = replace(backend.site, local_lists=local_lists(backend.site))
    backend.past = ended()
    backend.held_messages = frames()
    backend.held_records = backend.held_records or {each.id: each for each in records()}
    backend.held_settings.setdefault("CP-01", settings("CP-01"))
    backend.held_settings["CP-02"] = device_model("CP-02")
    backend.held_monitors["CP-02"] = monitors("CP-02")
    backend.held_snapshots = [snapshot("CP-02")]
    backend.urls = ["ws://10.0.0.5:9000/"]
    for one in depot().transactions.values():
        curve = charging_curve(one.station_id, one.evse_id, one.transaction_id)
        backend.meters[one.key] = backend.meters[f"{one.station_id}\n#{one.evse_id}"] = curve
    return backend


def _with_logs() -> StagedBackend:
    backend = StagedBackend(depot())
    backend.held_files = log_files()
    backend.held_records = {each.id: each for each in log_jobs()}
    return backend


def _with_certificates() -> StagedBackend:
    backend = StagedBackend(depot())
    backend.held_records = {each.id: each for each in certificates()}
    return backend


def _with_tariffs() -> StagedBackend:
    backend = StagedBackend(newest())
    backend.held_records = {each.id: each for each in (*tariffs(), cost())}
    limits = {"Currency": "EUR", "MaxElements#Tariff": "10", "ConditionsSupported#Tariff": "true"}
    backend.held_settings["CP-01"] = [Setting("CP-01", f"TariffCostCtrlr/{key}", each) for key, each in limits.items()]
    return backend


def _with_display() -> StagedBackend:
    backend = StagedBackend(newest())
    backend.held_records = {each.id: each for each in messages_shown()}
    return backend


_WAITING = (StationChanged(newcomer()), CardSwiped(card()), AttemptSeen(_REFUSED))

_TO_TREE = ("down", "enter", "k")

SCENES: dict[str, Scene] = {
    "stations": Scene("! REFUSED", happens=_WAITING, make=lambda: StagedBackend(depot(), production=True)),
    "stations-16-colours": Scene("! REFUSED", happens=_WAITING, env=SIXTEEN, sizes=(NARROW,)),
    "stations-ascii": Scene("! REFUSED", happens=_WAITING, env=ASCII, sizes=(NARROW,)),
    "stations-empty": Scene("No station has connected yet", make=lambda: StagedBackend(Site("Åby depot"))),
    "station": Scene("Power 11.0 kW", ("enter",)),
    "settings": Scene("HeartbeatInterval", ("enter", "k", "down", "down"), sizes=(NARROW,)),
    "settings-tree": Scene("monitor 3", (*_TO_TREE, *("down",) * 7)),
    "settings-edit": Scene("7 to 60000", (*_TO_TREE, *("down",) * 14, "e"), sizes=(NARROW,)),
    "settings-compare": Scene("4 settings differ", (*_TO_TREE, "c", "enter")),
    "schedule": Scene("NOT OBEYED", ("enter", "P"), make=lambda: StagedBackend(scheduled())),
    "schedule-16-colours": Scene(
        "NOT OBEYED", ("enter", "P"), env=SIXTEEN, sizes=(NARROW,), make=lambda: StagedBackend(scheduled())
    ),
    "schedule-ascii": Scene(
        "NOT OBEYED", ("enter", "P"), env=ASCII, sizes=(NARROW,), make=lambda: StagedBackend(scheduled())
    ),
    "schedules": Scene("1 waiting", ("4",), make=lambda: StagedBackend(on_its_way())),
    "schedule-send": Scene(
        "Read as follows", ("enter", "P", "s"), sizes=(NARROW,), make=lambda: StagedBackend(scheduled())
    ),
    "start": Scene("Known:", ("down", "s", "enter"), sizes=(NARROW,)),
    "confirm": Scene("Request", ("R", "enter"), make=lambda: StagedBackend(depot(), production=True), sizes=(NARROW,)),
    "actions": Scene("Core", ("enter", "C")),
    "request": Scene(
        "! is no whole number", ("enter", "C", *"setch", "enter", *"one", "down", "down"), sizes=(NARROW,)
    ),
    "request-json": Scene("JSON", ("enter", "C", *"setch", "enter", "1", "ctrl+t"), sizes=(NARROW,)),
    "transactions": Scene("EVDisconnected", ("2",)),
    "transaction": Scene("Power 11.0 kW", ("2", "down", "down", "down", "enter")),
    "tags": Scene("? LEARN", ("3",), (Learning(NOW + timedelta(seconds=42)),)),
    "tags-lists": Scene("another list", ("3", "s")),
    "tag-add": Scene("As the reader sends it", ("3", "a"), sizes=(NARROW,)),
    "messages": Scene("wrong password", ("m",)),
    "message": Scene("error answer", ("m", "up", "up", "up", "up", "enter")),
    "certificates": Scene("waits to be signed", ("enter", "c"), make=_with_certificates),
    "display": Scene("Closes at 18:00", ("enter", "M"), make=_with_display),
    "display-show": Scene("What the display shall say", ("enter", "M", "a"), make=_with_display, sizes=(NARROW,)),
    "tariffs": Scene("VAT 21 % on top", ("enter", "p"), make=_with_tariffs),
    "tariff-set": Scene("The site's own", ("enter", "p", "a", "down"), make=_with_tariffs, sizes=(NARROW,)),
    "transaction-cost": Scene("by the station", ("2", *("down",) * 3, "enter"), make=_with_tariffs, sizes=(NARROW,)),
    "logs": Scene("diag_CP-01.zip", ("enter", "L"), make=_with_logs),
    "log": Scene("motor blocked", ("enter", "L", "enter"), make=_with_logs),
    "log-fetch": Scene("empty: all it has", ("enter", "L", "f", "down"), make=_with_logs, sizes=(NARROW,)),
    "firmware": Scene("A file of this computer", ("enter", "F"), sizes=(NARROW,)),
    "reports": Scene("TamperDetection", ("5",)),
    "report": Scene('"requestId": 3', ("enter", "i", "down", "enter")),
    "help": Scene("On this screen", ("question_mark",)),
    "palette": Scene("Turn this station away", ("ctrl+p",), sizes=(NARROW,)),
    "command-line": Scene("start CP-01", ("colon", *"start", "space"), sizes=(NARROW,)),
    "leave": Scene("Leave the console?", ("q",), sizes=(NARROW,)),
    "recording": Scene("12 of 480 frames", make=lambda: StagedRecording(depot()), sizes=(NARROW,)),
}


def _cases() -> list[Any]:
    return [
        pytest.param(scene, size, id=f"{name}-{size[0]}x{size[1]}")
        for name, scene in SCENES.items()
        for size in scene.sizes
    ]


@pytest.mark.parametrize(("scene", "size"), _cases())
def test_scene(scene: Scene, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    backend = _furnished(scene.make())
    app = console_over(backend, scene.env)

    async def play(pilot: Pilot[Any]) -> None:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.session.link.connected and app.session.said.text != "connecting", "the link")
        await pilot.pause()
        for key in scene.keys:
            await driver.press(key)
            await _settled(app, pilot)
        backend.push(*scene.happens)
        await driver.sees(scene.sees)
        await _settled(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=play)


def test_no_baseline_is_left_over(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_snapshots"):
        pytest.skip("they are being written")
    expected = {str(case.id) for case in _cases()}
    assert {path.stem for path in SCREENSHOTS.glob("*.svg")} == expected


async def _settled(app: ConsoleApp, pilot: Pilot[Any]) -> None:
    """Wait until what was asked of the backend is there and painted; only what follows for ever goes on."""
    for_ever = ("follow", "messages", "flow", "leave")
    async with asyncio.timeout(10):
        while [worker for worker in app.workers if worker.is_running and worker.group not in for_ever]:
            await pilot.pause(0.01)
    await pilot.pause()
    await pilot.wait_for_scheduled_animations()
    # The screen is told of changes four times a second: let what is due come.
    while app.telling:
        await pilot.pause(0.01)
    await pilot.pause()
