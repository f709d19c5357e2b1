"""How the ambiguous parts of charging schedules may be read, in words, and which way a station follows. Pure."""

from __future__ import annotations

from collections.abc import Callable

from console.model.schedule.composite import CompositePeriod, Conversion, DefaultOrder, Reading
from console.model.schedule.reported import ReportedComposite, differences

USUAL = Reading()
#: Every way to read them, the usual one first.
READINGS = tuple(Reading(conversion, order) for conversion in Conversion for order in DefaultOrder)

_ORDER = {
    DefaultOrder.STACK: "a higher stack level counts even where it allows more, also over a connector's own default",
    DefaultOrder.OWN: "a connector's own default counts before the station's, whatever their stack levels",
}
_CONVERSION = {
    Conversion.OWN: "watts become amperes with each period's own phases, 3 where it names none",
    Conversion.MERGED: "watts become amperes with the fewest phases of all that limits at the time",
}
_CERTAIN = (
    "a gap in all profiles is no limit; the station may put a default of its own there",
    "a recurring profile does nothing before its first start; recurrence is in UTC",
)


def sentences(reading: Reading) -> tuple[str, ...]:
    """A reading in full, a sentence for each ambiguity."""
    return (_ORDER[reading.default_order], _CONVERSION[reading.conversion], *_CERTAIN)


def short(reading: Reading) -> str:
    """What is not usual about a reading, or nothing."""
    parts = []
    if reading.default_order is not USUAL.default_order:
        parts.append("a connector's own default first")
    if reading.conversion is not USUAL.conversion:
        parts.append("phases merged first")
    return ", ".join(parts)


def after(reading: Reading) -> Reading:
    """The next of them, round and round."""
    return READINGS[(READINGS.index(reading) + 1) % len(READINGS)]


def followed(
    computed: Callable[[Reading], tuple[CompositePeriod, ...]], told: ReportedComposite, duration_s: int, first: Reading
) -> Reading | None:
    """The reading by which what is computed is what the station told; ``first`` is tried before the others."""
    for reading in (first, *(other for other in READINGS if other != first)):
        if not any(each.disagrees for each in differences(computed(reading), told.periods, duration_s)):
            return reading
    return None
