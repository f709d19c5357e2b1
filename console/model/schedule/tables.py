"""Schedules as CSV: steps to be read, composite schedules to be written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta

from console.errors import ConsoleError
from console.model.schedule.clock_times import read_minutes
from console.model.schedule.composite import CompositePeriod
from console.model.schedule.draft import Step
from console.model.schedule.profile import Unit

_HINT = "The first line is start,limit_a,phases or start,limit_w,phases; phases may be left out."
_UNITS = {"limit_a": Unit.A, "limit_w": Unit.W, "limit_kw": Unit.W}


def read_steps(text: str) -> tuple[tuple[Step, ...], Unit]:
    """Read steps and their unit: a start as people write it, a limit ("" or none: no limit). Raises ConsoleError."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = [(name or "").strip().casefold() for name in rows.fieldnames or ()]
    column = next((name for name in names if name in _UNITS), None)
    if "start" not in names or column is None:
        raise ConsoleError("This CSV holds no schedule.", _HINT)
    rows.fieldnames = names
    steps: dict[int, Step] = {}
    for row in rows:
        try:
            limit = read_limit_number(row[column] or "")
            phases = int(row["phases"]) if row.get("phases") else None
            minutes = read_minutes(row["start"] or "")
        except (ValueError, KeyError, TypeError) as error:
            raise ConsoleError(f"Line {rows.line_num}: {error}.", _HINT) from error
        except ConsoleError as error:
            raise ConsoleError(f"Line {rows.line_num}: {error.message}", error.hint) from error
        scaled = limit * 1000 if limit is not None and column == "limit_kw" else limit
        steps.update({minute: Step(minute, scaled, phases) for minute in minutes})
    return tuple(steps[minute] for minute in sorted(steps)), _UNITS[column]


def read_limit_number(text: str) -> float | None:
    """A limit, None where there is none. Raises ValueError."""
    word = text.strip().casefold()
    return None if word in ("", "none", "-") else float(word)


def composite_lines(periods: Iterable[CompositePeriod], begin: datetime, unit: Unit) -> list[str]:
    """A composite schedule as lines of CSV: the instant, the second from the window's start, limit and phases."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["at", "start_s", f"limit_{unit.lower()}", "phases"])
    for period in periods:
        at = (begin + timedelta(seconds=period.start_s)).isoformat().replace("+00:00", "Z")
        limit = "" if period.limit is None else f"{period.limit:g}"
        writer.writerow([at, period.start_s, limit, period.phases or ""])
    return out.getvalue().splitlines(keepends=True)
