"""Where in a request something stands: ``setVariableData[0].variable.name``. Pure."""

from __future__ import annotations

import re

from console.errors import ConsoleError

Path = tuple[str | int, ...]

_STEP = re.compile(r"(?:^|\.)([^.\[\]=]+)|\[(\d+)\]")


def path_text(path: Path) -> str:
    """A path as it is written."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def read_path(text: str) -> Path:
    """The path that a text means. Raises ConsoleError if it means none."""
    steps: list[str | int] = []
    end = 0
    while match := _STEP.match(text, end):
        steps.append(match[1] if match[2] is None else int(match[2]))
        end = match.end()
    if end < len(text) or not steps:
        raise ConsoleError(f"{text} is no field.", "Write fields like this: type, evse.id, key[0].")
    return tuple(steps)
