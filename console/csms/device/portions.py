"""Long lists, cut into messages as large as a station takes: by their number, and by their bytes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from console.model.station import Setting

T = TypeVar("T")


def limit(known: Mapping[str, Setting], *keys: str) -> int:
    """The first of these settings that is a whole number, 0 where none is. ``known`` is by key in lower case."""
    for key in keys:
        held = known.get(key)
        value = (held.value or "").strip() if held else ""
        if value.isascii() and value.isdigit() and len(value) < 10:
            return int(value)
    return 0


def portions(
    items: Sequence[T], count: int, most_bytes: int, size: Callable[[Sequence[T]], int]
) -> Iterator[Sequence[T]]:
    """Cut a list: at most ``count`` in a portion (0: any number) and ``most_bytes`` by ``size`` (0: any size).

    What is too large alone goes alone: the station has the last word.
    """
    start = 0
    while start < len(items):
        taken = min(count or len(items), len(items) - start)
        while most_bytes and taken > 1 and size(items[start : start + taken]) > most_bytes:
            taken = max(1, taken // 2)
        yield items[start : start + taken]
        start += taken
