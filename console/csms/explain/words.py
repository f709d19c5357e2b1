"""The form of the tables: what a status of an answer means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """A status in words. ``step`` is what to do next, with the usual reasons where nothing better is known."""

    text: str
    step: str = ""


#: The statuses of an action's answer, by their own words.
Statuses = Mapping[str, Words]
#: The actions of one subject.
Table = Mapping[str, Statuses]
