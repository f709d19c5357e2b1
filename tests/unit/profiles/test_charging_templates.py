"""Templates of charging schedules: those that are shipped, the operator's own, and what is wrong with one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from console.errors import ConsoleError
from console.model.schedule.checks import Surroundings, refusals
from console.model.schedule.draft import Draft, Every, Step, to_profile
from console.model.schedule.installed import StationSchedules
from console.model.schedule.profile import Purpose, Unit
from profiles import charging_templates as templates

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SHIPPED = ("cap-16a", "cheap-hours", "night-only", "office-hours", "pause", "solar-noon")


def test_six_are_shipped() -> None:
    found, wrong = templates.templates()
    assert (tuple(each.name for each in found), wrong) == (SHIPPED, [])
    assert all(each.shipped and each.title and each.about for each in found)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "cheap-hours"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_what_is_shipped_may_be_sent_to_every_version(name: str, version: str) -> None:
    draft = templates.load_template(name).draft
    assert draft is not None
    evse_id = 0 if draft.purpose is Purpose.STATION_MAX else 1
    profile = to_profile(draft, evse_id, NOW, ZoneInfo("Europe/Stockholm"))
    assert refusals(profile, Surroundings(version, StationSchedules("CP1"))) == ()


def test_days_are_written_once_for_all_of_them() -> None:
    draft = templates.load_template("office-hours").draft
    assert draft is not None
    assert len(draft.steps) == 11
    assert draft.steps[-1] == Step(4 * 1440 + 18 * 60, 6.0)


def test_an_own_template_is_saved_read_and_stands_before_a_shipped_one(tmp_path: Path) -> None:
    draft = Draft(
        (Step(0, 11_000.0, 3), Step(360, None), Step(1320, 4140.0)), Every.WEEK, Unit.W, Purpose.TX_DEFAULT, 2
    )
    path = templates.save_template("night-only", 'My "night"', draft)
    held = templates.load_template("night-only")
    assert path.parent.name == "charging"
    assert (held.title, held.draft, held.shipped) == ('My "night"', draft, False)
    assert len(templates.template_names()) == len(SHIPPED)


@pytest.mark.parametrize("name", ["", "../x", "A b", "x" * 50])
def test_a_name_is_a_name_of_a_file(name: str) -> None:
    with pytest.raises(ConsoleError, match="cannot be the name"):
        templates.save_template(name, "x", Draft((Step(0, 6.0),)))
    with pytest.raises(ConsoleError, match="There is no template"):
        templates.load_template(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 'x'\nevery = 'yearly'\n", "line 2: every"),
        ("title = 'x'\nflavour = 1\n", "flavour"),
        ("title = 'x'\n[[steps]]\nat = '00:00'\nlimit = -1\n", "line 2: steps[0].limit"),
        (
            "title = 'x'\n[[steps]]\nat = '00:00'\nlimit = 1\n[[steps]]\nat = 'noonish'\nlimit = 2\n",
            "line 5: 'noonish'",
        ),
        ("title = 'x'\n[[steps]]\nat = '01:00'\nlimit = 1\n", "line 2: the steps do not begin"),
        ("title = 'x'\n", "[[steps]] or [cheapest]"),
        ("title = \n", "line 1: this is not TOML"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, said: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        templates.parse_template(text.encode(), "x.toml", "x")
    assert said in caught.value.message
    assert caught.value.hint
