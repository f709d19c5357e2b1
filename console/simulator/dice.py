"""Chance that falls the same way each time."""

from __future__ import annotations

import random


def dice(seed: int, name: str) -> random.Random:
    """A source of chance of its own for each name, so that one station's doings do not change another's."""
    return random.Random(f"{seed}/{name}")  # noqa: S311 - nothing secret is made of it
