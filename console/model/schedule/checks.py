"""What is wrong with a charging profile before it is sent: what the specification forbids, what this station cannot.

1.6 §3.13 and §5.16, 2.0.1 K01 with errata, 2.1 K. Pure: the caller says what is known of the station.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from console.model.schedule.capabilities import Capabilities
from console.model.schedule.composite import DefaultOrder, Reading
from console.model.schedule.installed import StationSchedules, replaces
from console.model.schedule.profile import ChargingProfile, Kind, Purpose, Unit

#: Below this a car cannot charge (IEC 61851): some stations pause, some end the transaction.
LEAST_CURRENT_A = 6.0


class Level(StrEnum):
    """How much a finding weighs."""

    REFUSED = "refused"  # the specification forbids it: it is not sent
    CANNOT = "cannot"  # this station says it cannot: it would refuse
    WARNING = "warning"  # it can be sent, and does something that may not be meant


class Cure(StrEnum):
    """What can be done about a finding on request."""

    CONVERT = "convert the unit"
    MERGE = "merge periods"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong, or worth knowing."""

    level: Level
    text: str
    hint: str = ""
    cure: Cure | None = None


class Surroundings(msgspec.Struct, frozen=True):
    """What a profile is judged by. ``running`` are (EVSE, transaction id); ``voltage_v`` and ``phases`` make A of W."""

    version: str
    schedules: StationSchedules
    running: tuple[tuple[int, str], ...] = ()
    now: datetime | None = None
    capabilities: Capabilities = Capabilities()
    voltage_v: float = 230.0
    phases: int = 3
    reading: Reading = Reading()

    @property
    def is_16(self) -> bool:
        """Whether the station speaks OCPP 1.6."""
        return self.version == "1.6"


def check(profile: ChargingProfile, station: Surroundings) -> tuple[Finding, ...]:
    """Everything there is to say about a profile for a station, the gravest first."""
    found = [finding for each in _CHECKS for finding in each(profile, station)]
    return tuple(sorted(found, key=lambda finding: list(Level).index(finding.level)))


def refusals(profile: ChargingProfile, station: Surroundings) -> tuple[Finding, ...]:
    """What forbids to send a profile."""
    return tuple(finding for finding in check(profile, station) if finding.level is Level.REFUSED)


def start_findings(profile: ChargingProfile, station: Surroundings) -> tuple[Finding, ...]:
    """What speaks against a profile in a remote start: it is for a transaction that is not there yet."""
    checks = (_periods, _times, _station_can, _phases, _effect)
    found = [finding for each in checks for finding in each(profile, station)]
    if profile.purpose is not Purpose.TX:
        found.append(_no("only a TxProfile can go with a start", "Set others by themselves."))
    if profile.transaction_id:
        found.append(_no("a profile that goes with a start names no transaction", "It begins only then."))
    return tuple(sorted(found, key=lambda finding: list(Level).index(finding.level)))


def start_refusals(profile: ChargingProfile, station: Surroundings) -> tuple[Finding, ...]:
    """What forbids to send a profile with a remote start."""
    return tuple(finding for finding in start_findings(profile, station) if finding.level is Level.REFUSED)


def _no(text: str, hint: str = "") -> Finding:
    return Finding(Level.REFUSED, text, hint)


def _periods(profile: ChargingProfile, _station: Surroundings) -> Iterable[Finding]:
    starts = [period.start_s for period in profile.periods]
    if not starts:
        yield _no("a schedule needs a period", "Say at least one limit.")
        return
    if starts[0] != 0:
        yield _no("the first period does not start at 0", "Let it start where the schedule does.")
    if starts != sorted(set(starts)):
        yield _no("the periods are not in order", "Sort them, and keep one of those that start together.")
    if any(period.limit < 0 for period in profile.periods):
        yield _no("a limit is below 0", "0 lets nobody charge.")
    if any(period.phases not in (None, 1, 2, 3) for period in profile.periods):
        yield _no("a number of phases is not 1, 2 or 3")
    if any(period.phase_to_use is not None and period.phases != 1 for period in profile.periods):
        yield _no("a phase is chosen where there is not one phase", "phaseToUse goes with 1 phase only.")
    if profile.duration_s is not None and profile.duration_s <= 0:
        yield _no("the duration is not above 0", "Leave it out to let the schedule run on.")
    if profile.kind is Kind.DYNAMIC and len(starts) != 1:
        yield _no("a dynamic schedule has one period", "Its limit is updated in place.")


def _times(profile: ChargingProfile, _station: Surroundings) -> Iterable[Finding]:
    if profile.kind in (Kind.ABSOLUTE, Kind.RECURRING) and profile.start is None:
        yield _no(f"{profile.kind} needs a time from which it counts", "Say when it starts.")
    if profile.kind is Kind.RELATIVE and profile.start is not None:
        yield _no("Relative counts from the transaction, so it has no start", "Leave the start out.")
    if (profile.kind is Kind.RECURRING) != (profile.recurrency is not None):
        yield _no("daily or weekly goes with Recurring, and only with that", "Say how often it recurs.")
    if profile.valid_from and profile.valid_to and profile.valid_from >= profile.valid_to:
        yield _no("it is valid until before it is valid", "Mend validFrom or validTo.")


def _purpose(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    purpose = profile.purpose
    if purpose in (Purpose.EXTERNAL_CONSTRAINTS, Purpose.LOCAL_GENERATION):
        yield _no(f"{purpose} comes from outside, never from a CSMS", "Choose another purpose.")
    if station.is_16 and purpose not in (Purpose.STATION_MAX, Purpose.TX_DEFAULT, Purpose.TX):
        yield _no(f"OCPP 1.6 has no {purpose}", "Choose TxDefaultProfile, TxProfile or ChargePointMaxProfile.")
    if purpose is Purpose.PRIORITY_CHARGING:
        if station.version == "2.0.1":
            yield _no("priority charging came with OCPP 2.1")
        if profile.duration_s is not None:
            yield _no("a profile for priority charging has no duration", "Leave it out.")
    if purpose is Purpose.STATION_MAX:
        if profile.evse_id != 0:
            yield _no("a maximum of the station is set on connector 0 only", "Set it on 0.")
        if profile.kind is Kind.RELATIVE:
            yield _no("a maximum of the station is never Relative", "Choose Absolute or Recurring.")
    if profile.kind is Kind.DYNAMIC and station.version != "2.1":
        yield _no("dynamic schedules came with OCPP 2.1", "Choose Absolute.")


def _transaction(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    if profile.purpose is not Purpose.TX:
        if profile.transaction_id:
            yield _no("only a TxProfile belongs to a transaction", "Leave the transaction out.")
        return
    if profile.evse_id == 0:
        yield _no("a TxProfile is never set on connector 0", "Name the connector that charges.")
        return
    running = [transaction_id for evse_id, transaction_id in station.running if evse_id == profile.evse_id]
    if not running:
        yield _no("a TxProfile needs a running transaction, and none runs there", "Use TxDefaultProfile.")
    elif profile.transaction_id and profile.transaction_id not in running:
        yield _no(f"transaction {profile.transaction_id} does not run there", f"It is {running[0]} that runs.")
    elif not profile.transaction_id and not station.is_16:
        yield _no("a TxProfile needs its transaction's id", f"It is {running[0]} that runs.")


def _duplicates(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    """2.x: the same stack level, purpose and EVSE under another id (K01.FR.06, K01.FR.39)."""
    for old in station.schedules.profiles:
        if old.profile_id == profile.profile_id or not replaces(profile, old):
            continue
        if station.is_16:
            yield Finding(Level.WARNING, f"it takes the place of profile {old.profile_id}, which has its stack level")
        elif _overlap(profile, old):
            hint = f"Give it the id {old.profile_id}, or another stack level."
            yield _no(f"profile {old.profile_id} has the same purpose and stack level there", hint)


def _overlap(one: ChargingProfile, other: ChargingProfile) -> bool:
    """Whether the times in which two profiles are valid have an instant in common."""
    return not (
        (one.valid_to and other.valid_from and one.valid_to <= other.valid_from)
        or (other.valid_to and one.valid_from and other.valid_to <= one.valid_from)
    )


def _station_can(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    can = station.capabilities
    if can.enabled is False:
        yield Finding(Level.CANNOT, "smart charging is switched off at this station", "Set SmartChargingCtrlr/Enabled.")
    if can.max_stack_level is not None and profile.stack_level > can.max_stack_level:
        text = f"stack level {profile.stack_level} is above the station's highest, {can.max_stack_level}"
        yield Finding(Level.CANNOT, text, f"Use 0 to {can.max_stack_level}.")
    if can.units is not None and profile.unit not in can.units:
        other = "A" if profile.unit is Unit.W else "W"
        yield Finding(Level.CANNOT, f"the station takes no limits in {profile.unit}", f"Use {other}.", Cure.CONVERT)
    if can.max_periods is not None and len(profile.periods) > can.max_periods:
        text = f"{len(profile.periods)} periods are more than the station takes, {can.max_periods}"
        yield Finding(Level.CANNOT, text, "Merge some: no limit is raised by that.", Cure.MERGE)
    held = [old for old in station.schedules.profiles if not replaces(profile, old)]
    if can.max_installed is not None and len(held) >= can.max_installed:
        yield Finding(Level.CANNOT, f"the station holds its {can.max_installed} profiles already", "Clear one first.")
    if can.dynamic is False and profile.kind is Kind.DYNAMIC:
        yield Finding(Level.CANNOT, "the station takes no dynamic schedules", "Choose Absolute.")
    if (
        can.purposes is not None
        and profile.purpose is Purpose.PRIORITY_CHARGING
        and profile.purpose not in can.purposes
    ):
        yield Finding(Level.CANNOT, "the station takes no profiles for priority charging")
    if can.max_external_id is not None and profile.profile_id and profile.profile_id <= can.max_external_id:
        text = f"ids up to {can.max_external_id} are for limits from outside"
        yield _no(text, f"Use an id above {can.max_external_id}.")


def _phases(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    can = station.capabilities
    said = {period.phases for period in profile.periods if period.phases is not None}
    if any(period.phase_to_use is not None for period in profile.periods):
        if station.is_16:
            yield _no("OCPP 1.6 cannot choose a phase", "Leave it out.")
        elif can.phase_switching is False:
            text = "the station cannot choose a phase (ACPhaseSwitchingSupported)"
            yield Finding(Level.CANNOT, text, "Leave the phase out.")
        elif can.phase_switching is None:
            yield Finding(Level.WARNING, "whether the station can choose a phase is not known", "Read its settings.")
    if len(said) > 1 and can.phases_3to1 is False:
        text = "the station cannot change the number of phases while it charges"
        yield Finding(Level.WARNING, text, "It applies the limit to the phases that it has.")


def _hidden(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    """What stands above this profile, or below it, in the same stack."""
    for old in station.schedules.profiles:
        if replaces(profile, old) or old.purpose is not profile.purpose or not _overlap(profile, old):
            continue
        if old.evse_id not in (0, profile.evse_id) and profile.evse_id != 0:
            continue
        if profile.purpose is Purpose.TX and old.transaction_id != profile.transaction_id:
            continue
        own_first = station.reading.default_order is DefaultOrder.OWN and profile.purpose is Purpose.TX_DEFAULT
        if own_first and (old.evse_id == 0) is not (profile.evse_id == 0):
            upper, why = (old if old.evse_id else profile), "A connector's own default counts first"
        else:
            upper, why = (old if old.stack_level > profile.stack_level else profile), "The higher stack level counts"
        if _for_ever(upper):
            which = "it hides" if upper is profile else "it is hidden by"
            text = f"{which} profile {old.profile_id} (stack level {old.stack_level}), whatever their limits"
            yield Finding(Level.WARNING, text, f"{why}, even where it allows more.")


def _for_ever(profile: ChargingProfile) -> bool:
    """Whether a profile leaves no gap in which a lower one shows."""
    if profile.valid_from or profile.valid_to:
        return False
    if profile.kind is Kind.RECURRING and profile.recurrency is not None:
        return profile.duration_s is None or profile.duration_s >= profile.recurrency.length_s
    return profile.duration_s is None


def _effect(profile: ChargingProfile, station: Surroundings) -> Iterable[Finding]:
    if any(
        0 <= _amperes(period.limit, period.phases, profile, station) < LEAST_CURRENT_A for period in profile.periods
    ):
        yield Finding(
            Level.WARNING,
            "below 6 A a phase a car cannot charge: it pauses there",
            "Some stations end the transaction instead.",
        )
    if profile.valid_to and station.now and profile.valid_to <= station.now:
        yield Finding(Level.WARNING, "it is not valid any more")
    ends_at = profile.start.timestamp() + profile.duration_s if profile.start and profile.duration_s else None
    if ends_at and station.now and profile.kind is Kind.ABSOLUTE and ends_at <= station.now.timestamp():
        yield Finding(Level.WARNING, "its time is over already", "Let it start later, or last longer.")
    if profile.recurrency and profile.duration_s and profile.duration_s > profile.recurrency.length_s:
        yield Finding(Level.WARNING, "it lasts longer than its recurrence: the end never runs")
    length_s = profile.duration_s or (profile.recurrency.length_s if profile.recurrency else None)
    if length_s and any(period.start_s >= length_s for period in profile.periods):
        yield Finding(Level.WARNING, "periods beyond its duration never run", "Make it last longer.")


def _amperes(limit: float, phases: int | None, profile: ChargingProfile, station: Surroundings) -> float:
    return limit if profile.unit is Unit.A else limit / (station.voltage_v * (phases or station.phases))


_CHECKS: tuple[Callable[[ChargingProfile, Surroundings], Iterable[Finding]], ...] = (
    _periods,
    _times,
    _purpose,
    _transaction,
    _duplicates,
    _station_can,
    _phases,
    _hidden,
    _effect,
)
