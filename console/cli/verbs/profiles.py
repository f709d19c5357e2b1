"""``profile …``: a site's settings are one TOML file; make it, find it, check it, change it."""

from __future__ import annotations

from pathlib import Path

import click

from console.cli.context import Call, verb
from console.cli.output import Table, say, say_json
from console.cli.verbs.groups import Group
from console.errors import ConsoleError
from profiles import loader, writer


@click.group("profile", cls=Group)
def profile() -> None:
    """Make, list, check and change profiles. A verb uses one with --profile NAME."""


@profile.command("new")
@click.argument("name")
@click.option("--like", default="standalone", show_default=True, help="Which example: standalone or lab.")
@verb
async def new(call: Call, name: str, like: str) -> None:
    """Write a new profile, every setting explained in it."""
    path = writer.new_profile(name, like)
    call.show({"profile": name, "path": str(path)}, f"{path}\nEdit it, then: ocpp-console --profile {name}")


@profile.command("list")
@verb
async def list_(call: Call) -> None:
    """The profiles there are, and what is wrong with those that cannot be read."""
    found = [_entry(name) for name in sorted({*loader.profile_ids(), loader.DEFAULT})]
    if call.as_json:
        say_json({"profiles": found})
        return
    rows = [(one["profile"], one["name"], one["listen"], one["path"], one["mistake"]) for one in found]
    for line in Table("PROFILE", "NAME", "LISTENS ON", "FILE", "").lines(rows):
        say(line)


def _entry(name: str) -> dict[str, str]:
    path = loader.profile_path(name)
    try:
        read = loader.load(name)
    except ConsoleError as error:
        return {"profile": name, "name": "-", "listen": "-", "path": str(path), "mistake": str(error)}
    listen = f"{read.settings.listen.host}:{read.settings.listen.port}"
    where = str(read.path) if read.path else "(no file: defaults)"
    return {"profile": name, "name": read.title, "listen": listen, "path": where, "mistake": ""}


@profile.command("path")
@click.argument("name", default=loader.DEFAULT)
@verb
async def path_(call: Call, name: str) -> None:
    """Where a profile's file is, or would be."""
    path = loader.profile_path(name)
    call.show({"profile": name, "path": str(path)}, str(path))


@profile.command("check")
@click.argument("name", default=loader.DEFAULT)
@verb
async def check(call: Call, name: str) -> None:
    """Read a profile and say what is wrong with it, with line and cure. NAME may be a file's path."""
    if "/" in name or name.endswith(".toml"):
        settings = loader.parse(_read(Path(name)), name)
    else:
        settings = loader.load(name).settings
    call.show({"profile": name, "ok": True, "settings": settings}, f"{name} is in order.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConsoleError(f"{path} cannot be read: {error.strerror}.", "Mend its rights, or its path.") from error


@profile.command("set")
@click.argument("name")
@click.argument("key")
@click.argument("value")
@verb
async def set_(call: Call, name: str, key: str, value: str) -> None:
    """Change one setting, such as listen.port; notes in the file stay as they are."""
    path = writer.set_setting(name, key, value)
    call.show({"profile": name, "path": str(path), key: value}, f"{key} is {value} in {path}")
