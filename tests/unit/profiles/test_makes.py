"""Vendor profiles: those that come with the program, the user's own, and which of them fit a station."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.model.make import NOTHING_KNOWN, Behaviour, Difference, Make, Toleration, treatment
from profiles.makes import SHIPPED, load_makes, own_folder, read_make

FILES = sorted(SHIPPED.glob("*.toml"))


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_shipped_profile_says_what_differs_and_whence_it_is_known(path: Path) -> None:
    make = read_make(path)
    assert make.differs
    assert make.vendor
    for difference in make.differs:
        assert difference.source.startswith("https://github.com/")
        assert len(difference.text) <= 80


def test_all_shipped_profiles_are_read() -> None:
    assert len(load_makes()) == len(FILES) >= 20


def test_ones_own_profile_comes_on_top_or_instead() -> None:
    write(own_folder(), "acme.toml", 'name = "Acme"\nvendor = ["Acme*"]\n')
    write(own_folder(), "alfen.toml", 'name = "My Alfen"\nvendor = ["Alfen*"]\n')
    makes = load_makes()
    assert len(makes) == len(FILES) + 1
    assert treatment(makes, "Alfen BV", "NG910", "5.0").names == ("My Alfen",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "Acme"\nvendor = ["A*"', "line 2: this is not TOML"),
        ('name = "Acme"', "vendor"),
        ('name = "Acme"\nvendor = ["A*"]\nfrimware = ["1*"]', "frimware"),
        ('name = "Acme"\nvendor = ["A*"]\n[[differs]]\ntext = "x"\nsource = "y"\ntolerate = ["all"]', "differs[0].tol"),
        ('name = "Acme"\nvendor = ["A*"]\n[behaviour]\nserver_pings = "no"', "behaviour.server_pings"),
    ],
)
def test_a_mistake_is_shown_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, "acme.toml", text)
    with pytest.raises(ConsoleError, match=r"acme\.toml") as caught:
        read_make(path)
    assert told in caught.value.message
    assert caught.value.hint


def test_vendor_model_and_firmware_must_fit() -> None:
    make = Make("Acme", vendor=("Acme*",), model=("One", "Two *"), firmware=("1.*",))
    assert make.fits("ACME Inc", "one", "1.5")
    assert make.fits(" acme ", "Two X", "1.")
    assert not make.fits("Acme", "Three", "1.5")
    assert not make.fits("Acme", "One", "2.0")
    assert not make.fits("The Acme", "One", "1.5")


def test_profiles_that_fit_add_up() -> None:
    difference = Difference("x", "y", (Toleration.LONG_SERIALS,))
    makes = [
        Make("All", vendor=("Acme*",), differs=(difference,), behaviour=Behaviour(server_pings=False)),
        Make("One", vendor=("Acme*",), model=("One",), behaviour=Behaviour(name_connector=True)),
    ]
    found = treatment(makes, "Acme", "One", "")
    assert found.names == ("All", "One")
    assert found.tolerated == {Toleration.LONG_SERIALS}
    assert found.behaviour == Behaviour(server_pings=False, name_connector=True)
    assert treatment(makes, "Acme", "Two", "").names == ("All",)
    assert treatment(makes, "", "", "") is NOTHING_KNOWN
    assert treatment(makes, "Other", "One", "") is NOTHING_KNOWN
