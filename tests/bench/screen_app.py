"""The console over a staged site of many stations, for the screen benchmark.

``python -m tests.bench.screen_app N KIND``; KIND says what changes, four times a second. ``hidden``: stations that are
not on the screen are heard. ``all``: a tenth of all stations, at random, measure another power.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta

from console.app import ConsoleApp
from console.model.change import Change, Measured, StationSeen
from console.model.meter import Reading
from console.model.site import Seen, Site
from console.model.station import Admission, Connector, ConnectorStatus, Station
from tests.support.staged import StagedBackend

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON_SCREEN = 50


def staged_site(count: int) -> Site:
    """A site of so many charging stations."""
    stations, seen = {}, {}
    for number in range(count):
        name = f"CP-{number:05}"
        connectors = (Connector(1, 1, ConnectorStatus.CHARGING),)
        stations[name] = Station(
            name, Admission.ACCEPTED, "1.6", True, NOW, vendor="Bench", model="Loader", connectors=connectors
        )
        seen[name] = Seen(NOW, number)
    return Site("Bench", stations, seen)


async def change(backend: StagedBackend, names: list[str], kind: str) -> None:
    """Let things happen until the app ends."""
    dice = random.Random(1)
    rounds = 0
    while True:
        await asyncio.sleep(0.25)
        rounds += 1
        at = NOW + timedelta(seconds=rounds)
        changes: list[Change] = []
        if kind == "hidden":
            changes = [StationSeen(name, at, 0) for name in names[ON_SCREEN:]]
        else:
            for name in dice.sample(names, max(1, len(names) // 10)):
                changes.append(Measured(Reading(name, 1, at, power_w=dice.randrange(100, 22_000))))
        if changes:
            backend.push(*changes)


async def main() -> None:
    """Run the app until ``q`` and enter."""
    count, kind = int(sys.argv[1]), sys.argv[2]
    site = staged_site(count)
    backend = StagedBackend(site)
    app = ConsoleApp(backend, now=lambda: NOW)
    changing = asyncio.create_task(change(backend, list(site.stations), kind))
    try:
        await app.run_async(mouse=False)
    finally:
        changing.cancel()


if __name__ == "__main__":
    asyncio.run(main())
