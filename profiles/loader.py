"""Profiles on disk: one TOML file a site, read with the place and the cure of every mistake."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import platformdirs
import tomli

from console.errors import ConsoleError
from profiles.schema import Profile, Settings
from profiles.secrets import Secret, parse_secret
from profiles.toml_lines import line_of

APP = "ocpp-console"
#: The profile of a person who named none. It needs no file.
DEFAULT = "default"
_AT = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")


def config_folder() -> Path:
    """Where profiles lie: ``OCPP_CONSOLE_CONFIG``, or the user's configuration folder."""
    chosen = os.environ.get("OCPP_CONSOLE_CONFIG")
    return Path(chosen).expanduser() if chosen else platformdirs.user_config_path(APP, appauthor=False)


def data_folder(profile: Profile) -> Path:
    """Where a profile's data lie, unless the command line says otherwise."""
    if profile.settings.data:
        folder = Path(profile.settings.data).expanduser()
        return folder if folder.is_absolute() or profile.path is None else profile.path.parent / folder
    return platformdirs.user_data_path(APP, appauthor=False) / profile.profile_id


def profile_path(profile_id: str) -> Path:
    """The file of a profile, whether it exists or not. Raises ConsoleError for a name that is none."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", profile_id):
        raise ConsoleError(
            f'"{profile_id}" cannot be the name of a profile.', "Use letters, digits, dots, dashes and underscores."
        )
    return config_folder() / f"{profile_id}.toml"


def profile_ids() -> list[str]:
    """The names of the profiles there are, sorted."""
    return sorted(path.stem for path in config_folder().glob("*.toml"))


def load(profile_id: str = DEFAULT) -> Profile:
    """Read a profile. The default one needs no file. Raises ConsoleError with file, line and cure."""
    path = profile_path(profile_id)
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        if profile_id == DEFAULT:
            return Profile(DEFAULT, None, Settings())
        raise ConsoleError(f"There is no profile {profile_id}.", _others(profile_id)) from None
    except OSError as error:
        raise ConsoleError(f"{path} cannot be read: {error.strerror}.", "Mend its rights, or its path.") from error
    return Profile(profile_id, path, parse(text, str(path)))


def _others(profile_id: str) -> str:
    there = profile_ids()
    near = difflib.get_close_matches(profile_id, there, n=1)
    known = f"Did you mean {near[0]}? " if near else f"There are: {', '.join(there)}. " if there else ""
    return f"{known}Make it: ocpp-console profile new {profile_id}"


def parse(source: bytes | str, file: str) -> Settings:
    """Read a profile's text; ``file`` is its name in messages. Raises ConsoleError."""
    text = _decode(source, file) if isinstance(source, bytes) else source
    try:
        # One of Windows' editors begins every file with a byte order mark; TOML knows none.
        data = tomli.loads(text.removeprefix("\ufeff"))
    except tomli.TOMLDecodeError as error:
        raise ConsoleError(
            f"{file}, line {error.lineno}, column {error.colno}: this is not TOML: {error.msg}.",
            'Settings look like this: port = 9000, name = "My site", production = true.',
        ) from error
    try:
        settings = msgspec.convert(data, Settings, dec_hook=_decode_secret)
    except msgspec.ValidationError as error:
        raise _explain(error, text, file) from error
    _check_backend(settings, text, file)
    _check_listen(settings, text, file)
    return settings


def _decode(source: bytes, file: str) -> str:
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ConsoleError(f"{file}, line {line}: this is not UTF-8 text.", "Save the file as UTF-8.") from error


def _decode_secret(kind: type, value: Any) -> Any:
    if kind is not Secret:
        raise NotImplementedError(kind)
    if not isinstance(value, str):
        raise ValueError("Expected `str`")
    try:
        return parse_secret(value)
    except ConsoleError as error:
        # msgspec adds the path to a ValueError, and to nothing else.
        raise ValueError(error.message) from error


def _explain(error: msgspec.ValidationError, text: str, file: str) -> ConsoleError:
    """Turn msgspec's words into a line, a key and a cure."""
    match = _AT.fullmatch(str(error))
    problem, where = (match[1], match[2] or "") if match else (str(error), "")
    path = tuple(re.sub(r"\[.*\]$", "", part) for part in where.split(".") if part)
    if unknown := _UNKNOWN.fullmatch(problem):
        path = (*path, unknown[1])
        problem, hint = "there is no such setting", _did_you_mean(path)
    else:
        hint = _description(path)
        problem = _in_words(problem)
    return ConsoleError(f"{file}, line {line_of(text, path)}: {'.'.join(path)}: {problem.rstrip('.')}.", hint)


def _in_words(problem: str) -> str:
    """Say in words what msgspec says in types: "Expected `int`, got `str`"."""
    words = {"`int`": "a whole number", "`str`": "text in quotes", "`bool`": "true or false", "`array`": "a list"}
    words |= {"`object`": "a table", "`float`": "a decimal number", "`datetime`": "a date"}
    for name, word in words.items():
        problem = problem.replace(name, word)
    problem = re.sub(r" matching regex .*", " of another kind", problem)
    problem = re.sub(r"Invalid enum value (.*)", r"\1 is not one of the choices", problem)
    return problem[:1].lower() + problem[1:].replace("`", "")


def _did_you_mean(path: tuple[str, ...]) -> str:
    names = list(_fields(path[:-1]))
    near = difflib.get_close_matches(path[-1], names, n=1)
    elsewhere = [
        table
        for table in ("backend", "listen", "admission", "retention", "files", "prices", "tariff")
        if path[-1] in _fields((table,))
    ]
    if near:
        return f"Did you mean {near[0]}?"
    if elsewhere:
        return f"Put it under [{elsewhere[0]}]."
    return f"There are: {', '.join(names)}."


def _fields(path: tuple[str, ...]) -> dict[str, Any]:
    """The settings of a table, by name, with their annotated types."""
    kind: Any = Settings
    for name in path:
        kind = get_type_hints(kind).get(name)
        # A table that may be left out, and one that may come again.
        kind = next((one for one in get_args(kind) if isinstance(one, type) and issubclass(one, msgspec.Struct)), kind)
    return get_type_hints(kind, include_extras=True) if isinstance(kind, type) else {}


def _description(path: tuple[str, ...]) -> str:
    """What the schema says of a setting."""
    annotated = _fields(path[:-1]).get(path[-1]) if path else None
    notes = [note.description for note in get_args(annotated)[1:] if isinstance(note, msgspec.Meta)]
    return next((note for note in notes if note), "See the notes in the file that `profile new` writes.")


def _check_backend(settings: Settings, text: str, file: str) -> None:
    """Backends other than our own service are named, so that they can be refused in words."""
    backend = settings.backend
    if backend.kind != "service":
        line = line_of(text, ("backend", "kind"))
        raise ConsoleError(
            f'{file}, line {line}: backend.kind: "{backend.kind}" is not possible yet.', 'Write kind = "service".'
        )
    for name in ("url", "user", "password"):
        if getattr(backend, name):
            line = line_of(text, ("backend", name))
            raise ConsoleError(
                f'{file}, line {line}: backend.{name}: the kind "service" has none.', f"Take the line {name} = … away."
            )


def _check_listen(settings: Settings, text: str, file: str) -> None:
    """TLS needs its files."""
    for table, listen in (("listen", settings.listen), *(("listen_also", also) for also in settings.listen_also)):
        if listen.security_profile < 2:
            continue
        wanted = [name for name in ("certificates", "keys") if not getattr(listen, name)]
        if listen.security_profile == 3 and not listen.client_ca:
            wanted.append("client_ca")
        line = line_of(text, (table, "security_profile"))
        if wanted:
            raise ConsoleError(
                f"{file}, line {line}: {table}.security_profile: "
                f"{listen.security_profile} needs {' and '.join(wanted)}.",
                'Write for example certificates = ["fullchain.pem"] and keys = ["privkey.pem"].',
            )
        if len(listen.certificates) != len(listen.keys):
            raise ConsoleError(
                f"{file}, line {line_of(text, (table, 'keys'))}: {table}.keys: one key is needed for each certificate.",
                "Write as many files in keys as in certificates, in the same order.",
            )
