"""Writing profiles: a new one from a shipped example, or one setting of it, keeping the owner's comments."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from console.errors import ConsoleError
from profiles.loader import parse, profile_path


def examples() -> list[str]:
    """The names of the examples that come with the program, sorted."""
    shipped = files("profiles") / "connection"
    return sorted(file.name.removesuffix(".toml") for file in shipped.iterdir() if file.name.endswith(".toml"))


def example(name: str) -> str:
    """The text of a shipped example. Raises ConsoleError if there is none of that name."""
    if name not in examples():
        raise ConsoleError(f"There is no example {name}.", f"There are: {', '.join(examples())}.")
    return (files("profiles") / "connection" / f"{name}.toml").read_text("utf-8")


def new_profile(profile_id: str, like: str = "standalone") -> Path:
    """Write a profile from an example and return its path. Raises ConsoleError if it exists already."""
    path = profile_path(profile_id)
    document = tomlkit.parse(example(like))
    document["name"] = profile_id
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
    except FileExistsError:
        raise ConsoleError(f"There is a profile {profile_id} already.", f"Edit {path}, or take another name.") from None
    return path


def set_setting(profile_id: str, key: str, value: str) -> Path:
    """Change one setting (``listen.port``) and nothing else in the file; return its path.

    ``value`` is TOML, or text that needs no quotes. Raises ConsoleError, with the file as it was, if the result would
    not be a valid profile.
    """
    path = profile_path(profile_id)
    try:
        document = tomlkit.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConsoleError(
            f"There is no profile {profile_id}.", f"Make it: ocpp-console profile new {profile_id}"
        ) from None
    except TOMLKitError as error:
        raise ConsoleError(f"{path} is not TOML: {error}.", "ocpp-console profile check says where.") from error
    *tables, name = key.split(".")
    table: Any = document
    for part in tables:
        table = table.setdefault(part, tomlkit.table())
        if not isinstance(table, dict):
            raise ConsoleError(f"{part} is no table.", "Write a setting as listen.port.")
    table[name] = _value(value)
    text = tomlkit.dumps(document)
    parse(text, str(path))
    _replace(path, text)
    return path


def _value(text: str) -> Any:
    try:
        return tomlkit.value(text)
    except TOMLKitError:
        return tomlkit.string(text)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, with the rights it had."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(path.stat().st_mode & 0o777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
