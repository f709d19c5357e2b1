"""Writing profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.errors import ConsoleError
from profiles.loader import load
from profiles.writer import example, new_profile, set_setting


def test_a_new_profile_is_the_example_under_another_name(config: Path) -> None:
    path = new_profile("depot")
    assert path == config / "depot.toml"
    assert path.read_text() == example("standalone").replace('"My site"', '"depot"')
    assert load("depot").title == "depot"


def test_an_example_may_be_chosen() -> None:
    new_profile("bench", "lab")
    assert load("bench").settings.admission.accept_unknown
    with pytest.raises(ConsoleError, match="There is no example moon") as caught:
        new_profile("other", "moon")
    assert "lab, standalone" in caught.value.hint


def test_a_profile_is_never_written_over(config: Path) -> None:
    path = new_profile("depot")
    path.write_text("name = 'mine'\n")
    with pytest.raises(ConsoleError, match="already"):
        new_profile("depot")
    assert path.read_text() == "name = 'mine'\n"


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("listen.port", "9100", "port = 9100                 # stations connect"),
        ("name", "Åby depot", 'name = "Åby depot"            # what stands'),
        ("production", "true", "production = true          # true: dangerous"),
    ],
)
def test_one_setting_changes_and_every_comment_stays(key: str, value: str, line: str) -> None:
    before = new_profile("depot").read_text().splitlines()
    after = set_setting("depot", key, value).read_text().splitlines()
    (changed,) = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed.startswith(line)


def test_a_table_that_is_not_there_is_made(config: Path) -> None:
    config.mkdir()
    (config / "depot.toml").write_text("# mine\nname = 'x'\n")
    set_setting("depot", "listen.port", "9100")
    assert load("depot").settings.listen.port == 9100
    assert (config / "depot.toml").read_text().startswith("# mine\n")


@pytest.mark.parametrize(("key", "value"), [("listen.port", "-1"), ("listen.prot", "1"), ("name.x", "1")])
def test_a_mistake_leaves_the_file_as_it_was(config: Path, key: str, value: str) -> None:
    path = new_profile("depot")
    before = path.read_text()
    with pytest.raises(ConsoleError):
        set_setting("depot", key, value)
    assert path.read_text() == before
    assert list(config.iterdir()) == [path]


def test_there_must_be_a_profile_to_change() -> None:
    with pytest.raises(ConsoleError, match="There is no profile"):
        set_setting("depot", "name", "x")
