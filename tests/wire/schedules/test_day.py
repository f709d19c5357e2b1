"""What a station delivers in a day is the integral of the composite schedule that was computed for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from console.backends.service import ServiceBackend
from console.model.command import SetChargingProfile
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.outlook import Window, expected
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.site import Site
from tests.support.services import console, running_service, site_when
from tests.wire.schedules.obedient import HARDWARE_W, STATIONS

DAY_S = 86_400
#: A station counts from the fraction of a second in which it began, a composite has whole seconds.
ONE_SECOND_WH = HARDWARE_W * 1.001 / 3600
#: The midnight to come: what counts from a fixed time is looked at from then on.
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def profiles(kind: Kind, morning_evse_id: int = 0) -> list[ChargingProfile]:
    """A default of this kind with a gap, one above it for the morning, and a maximum of the station in watts."""
    steps = (Period(0, 16.0), Period(6 * 3600, 0.0), Period(9 * 3600 + 17, 6.5, 1), Period(20 * 3600, 32.0))
    counted: dict[str, Any] = {"kind": kind, "start": None if kind is Kind.RELATIVE else MIDNIGHT}
    if kind is Kind.RECURRING:
        counted["recurrency"] = Recurrency.DAILY
    default = ChargingProfile(1, 1, 0, Purpose.TX_DEFAULT, unit=Unit.A, periods=steps, duration_s=23 * 3600, **counted)
    morning = ChargingProfile(
        2, morning_evse_id, 3, Purpose.TX_DEFAULT, Kind.RECURRING, Unit.A,
        (Period(0, 10.0), Period(1801, 12.0)), Recurrency.DAILY,
        MIDNIGHT - timedelta(days=3, hours=-7), 3600, valid_to=MIDNIGHT + timedelta(hours=7, minutes=45),
    )  # fmt: skip
    most = ChargingProfile(
        3, 0, 0, Purpose.STATION_MAX, Kind.ABSOLUTE, Unit.W, (Period(0, 9_000.5), Period(5 * 3600, 17_000.0)),
        start=MIDNIGHT,
    )  # fmt: skip
    return [default, morning, most]


def integral_wh(periods: tuple[CompositePeriod, ...], length_s: int, most_w: float = HARDWARE_W) -> float:
    """The energy of a composite in watts, to a car that takes all it gets up to ``most_w``."""
    ends = [period.start_s for period in periods[1:]] + [length_s]
    powers = [most_w if period.limit is None else min(most_w, period.limit) for period in periods]
    spans = [end - period.start_s for period, end in zip(periods, ends, strict=True)]
    return sum(power * span for power, span in zip(powers, spans, strict=True)) / 3600


@asynccontextmanager
async def charging(version: str, url: str) -> AsyncIterator[Any]:
    """A station of a version that is charging."""
    address, name = f"{url}CP-1", f"ocpp{version}"
    async with connect(address, subprotocols=[name], proxy=None) as connection:  # type: ignore[list-item]
        station = STATIONS[version]("CP-1", connection)
        listening = asyncio.create_task(station.start())
        try:
            await station.begin()
            yield station
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("kind", [Kind.ABSOLUTE, Kind.RECURRING, Kind.RELATIVE])
async def test_the_energy_of_a_day_is_the_integral_of_the_composite(tmp_path: Path, version: str, kind: Kind) -> None:
    async with (
        running_service(tmp_path) as service,
        console(tmp_path, operator="me") as backend,
        charging(version, service.info.listening[0]) as station,
    ):
        site = await _installed(backend, kind)
        start = MIDNIGHT - timedelta(hours=1)
        if kind is Kind.RELATIVE:
            start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
        composite = expected(site, "CP-1", Window(1, start, DAY_S, Unit.W))
        delivered_wh = station.limits.energy_wh(start, DAY_S)
    assert len(composite) > 4
    assert delivered_wh == pytest.approx(integral_wh(composite, DAY_S), abs=ONE_SECOND_WH)


async def _installed(backend: ServiceBackend, kind: Kind) -> Site:
    """The site when all profiles are on record, and the transaction is known."""
    for profile in profiles(kind):
        outcome = await backend.run(SetChargingProfile("CP-1", profile))
        assert outcome.ok, outcome
    return await site_when(
        backend.watch(), lambda site: len(site.schedules_of("CP-1").installed) == 3 and bool(site.running("CP-1", 1))
    )
