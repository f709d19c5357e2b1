"""Reading profiles, and what is said of mistakes in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from console.errors import ConsoleError
from profiles import loader
from profiles.schema import Profile, Settings
from profiles.writer import example, examples


@pytest.mark.parametrize("name", examples())
def test_a_shipped_example_is_valid(name: str) -> None:
    assert loader.parse(example(name), name).name


def test_standalone_shows_every_setting_with_its_default() -> None:
    text = example("standalone")
    defaults = {**msgspec.json.decode(msgspec.json.encode(Settings())), "name": "My site"}  # lists, as TOML has them
    for name, value in tomllib.loads(text).items():
        assert value == defaults[name] or value.items() <= defaults[name].items()
    # What has no default that could be shown stands there as a note.
    noted = tomllib.loads(re.sub(r"^# (?=\[{0,2}[a-z_]+( =|\]))", "", text, flags=re.MULTILINE))
    assert noted.keys() == defaults.keys()
    assert all(noted[name].keys() == value.keys() for name, value in defaults.items() if isinstance(value, dict))
    assert all("#" in line for line in text.splitlines() if "=" in line)


def test_lab_lets_everybody_in() -> None:
    assert loader.parse(example("lab"), "lab").admission.accept_unknown


def test_the_default_profile_needs_no_file() -> None:
    assert loader.load() == Profile("default", None, Settings())
    assert loader.load().title == "default"


def test_a_profile_is_read_from_its_file(config: Path) -> None:
    config.mkdir()
    (config / "depot.toml").write_bytes("\ufeff".encode() + 'name = "Åby depot"\n[listen]\nport = 9100\n'.encode())
    profile = loader.load("depot")
    assert (profile.title, profile.settings.listen.port, profile.path) == ("Åby depot", 9100, config / "depot.toml")
    assert loader.profile_ids() == ["depot"]


def test_an_unknown_profile_names_its_neighbours(config: Path) -> None:
    config.mkdir()
    (config / "depot.toml").touch()
    with pytest.raises(ConsoleError, match="There is no profile dept") as caught:
        loader.load("dept")
    assert "Did you mean depot?" in caught.value.hint


@pytest.mark.parametrize("name", ["../etc/passwd", "", "a/b", ".hidden", "x" * 61])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(ConsoleError, match="cannot be the name"):
        loader.load(name)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("nam = 'x'", "line 1: nam: there is no such setting", "Did you mean name?"),
        ("\n\nport = 9000", "line 3: port: there is no such setting", "Put it under [listen]."),
        ("[listen]\nhost = '::'\nprot = 9000", "line 3: listen.prot: there is no such setting", "Did you mean port?"),
        ("[lisen]\nport = 9000", "line 1: lisen: there is no such setting", "Did you mean listen?"),
        ("[listen]\n# port = 1\nport = -1", "line 3: listen.port: expected a whole number >= 0", "from 1 to 65535"),
        ("[listen]\nport = '9000'", "line 2: listen.port: expected a whole number, got text in quotes", "1 to 65535"),
        ("listen = { port = 70000 }", "line 1: listen.port: expected a whole number <= 65535", "1 to 65535"),
        ("listen.host = 5", "line 1: listen.host: expected text in quotes, got a whole number", "An address"),
        ("colour = 'pink'", "line 1: colour: 'pink' is not one of the choices", "magenta"),
        (
            "name = 'x'\n[[listen_also]]\nport = -1",
            "line 3: listen_also.port: expected a whole number >= 0",
            "1 to 65535",
        ),
        ("[tariff]\nper_kwh = -1", "line 2: tariff.per_kwh: expected a decimal number >= 0", "price of 1 kWh"),
        ("per_kwh = 1", "line 1: per_kwh: there is no such setting", "Put it under [tariff]."),
        ("[prices]\nurl = 'ftp://x'", "line 2: prices.url: expected text in quotes of another kind.", "https://"),
        ("production = 'yes'", "line 1: production: expected true or false", "true or false"),
        ("[listen]\nsecurity_profile = 4", "line 2: listen.security_profile: 4 is not one", "over TLS"),
        ("[listen]\nsecurity_profile = 2", "line 2: listen.security_profile: 2 needs certificates and keys", "chain"),
        (
            "[listen]\nsecurity_profile = 3\ncertificates = ['a']\nkeys = ['b']",
            "line 2: listen.security_profile: 3 needs client_ca",
            "chain",
        ),
        (
            "[[listen_also]]\nsecurity_profile = 2\ncertificates = ['a', 'b']\nkeys = ['b']",
            "line 4: listen_also.keys: one key is needed",
            "as many",
        ),
        ("listen = 4", "line 1: listen: expected a table, got a whole number", "profile new"),
        ("name = = 1", "line 1, column 8: this is not TOML", "Settings look like this"),
        ("name = 'a'\nname = 'b'", "line 2, column 11: this is not TOML", "Settings look like this"),
        ("\n[backend]\nkind = 'steve'", 'line 3: backend.kind: "steve" is not possible yet', '"service"'),
        ("[backend]\nurl = 'http://x'", 'line 2: backend.url: the kind "service" has none', "away"),
        ("[backend]\npassword = 'keyring:x'", 'line 2: backend.password: the kind "service" has none', "away"),
        ("[backend]\npassword = 'hunter2'", "line 2: backend.password: a secret does not stand in", "keyring:NAME"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConsoleError) as caught:
        loader.parse(text, "site.toml")
    assert caught.value.message.startswith("site.toml, ")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_what_is_no_text_is_said_with_its_line() -> None:
    with pytest.raises(ConsoleError, match="line 2: this is not UTF-8"):
        loader.parse(b"name = 'a'\n# \xe5\n", "site.toml")


@pytest.mark.parametrize(
    ("data", "path", "expected"),
    [
        ("/srv/site", "/etc/x/depot.toml", "/srv/site"),
        ("site", "/etc/x/depot.toml", "/etc/x/site"),
        ("~/site", "/etc/x/depot.toml", "{home}/site"),
    ],
)
def test_the_data_folder_is_the_profile_s_choice(data: str, path: str, expected: str) -> None:
    profile = Profile("depot", Path(path), Settings(data=data))
    assert loader.data_folder(profile) == Path(expected.format(home=Path.home()))


def test_each_profile_has_a_data_folder_of_its_own() -> None:
    one, other = (loader.data_folder(Profile(name, None, Settings())) for name in ("a", "b"))
    assert one != other
    assert one.is_absolute()
