"""Vendor profiles on disk: one TOML file a make, those that come with the program and the user's own."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import tomli

from console.errors import ConsoleError
from console.model.make import Make
from profiles.loader import config_folder

#: The profiles that come with the program.
SHIPPED = Path(__file__).parent / "vendor"
_AT = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?", re.DOTALL)
_HINT = "Look at the vendor profiles that come with the program: they show every setting."


def own_folder() -> Path:
    """Where the user's own vendor profiles lie."""
    return config_folder() / "vendor"


def load_makes(own: Path | None = None) -> list[Make]:
    """Read all vendor profiles, by their files' names; the user's replace shipped ones of the same name.

    Raises ConsoleError with file and cure for one that cannot be read.
    """
    folder = own_folder() if own is None else own
    files = {path.name: path for place in (SHIPPED, folder) for path in sorted(place.glob("*.toml"))}
    return [read_make(files[name]) for name in sorted(files)]


def read_make(path: Path) -> Make:
    """Read one vendor profile. Raises ConsoleError."""
    try:
        data = tomli.loads(path.read_text("utf-8").removeprefix("\ufeff"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConsoleError(f"{path} cannot be read: {error}.", "Mend its rights, and save it as UTF-8.") from error
    except tomli.TOMLDecodeError as error:
        raise ConsoleError(f"{path}, line {error.lineno}: this is not TOML: {error.msg}.", _HINT) from error
    try:
        return msgspec.convert(data, Make)
    except msgspec.ValidationError as error:
        match = _AT.fullmatch(str(error))
        problem, where = (match[1], match[2] or "") if match else (str(error), "")
        problem = problem.replace("Object contains unknown field", "there is no setting").replace("`", "")
        raise ConsoleError(f"{path}: {where + ': ' if where else ''}{problem}.", _HINT) from error
