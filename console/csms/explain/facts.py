"""What is known of a station when its answer is explained: its state, its transactions, its settings, the tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from console.model.make import USUAL_BEHAVIOUR, Behaviour
from console.model.station import Setting, Station
from console.model.token import Token
from console.model.transaction import Transaction


def setting_key(key: str) -> str:
    """The form in which the names of settings are compared: without case (1.6 §5.2, 2.x Part 2 §2.5.1).

    The table of causes writes 2.x's as Component.Variable.
    """
    return key.strip().casefold().replace("/", ".")


def by_key(settings: Iterable[Setting]) -> dict[str, Setting]:
    """Settings by the form in which their names are compared."""
    return {setting_key(held.key): held for held in settings}


class Facts(msgspec.Struct, frozen=True):
    """What is known when an answer comes in.

    ``settings`` are by ``setting_key``, as last read (perhaps none). ``token`` is the tag that the request names: None
    where nobody here knows it. ``behaviour`` is how the station's make is known to behave.
    """

    station: Station
    now: datetime
    running: tuple[Transaction, ...] = ()
    settings: Mapping[str, Setting] = {}
    token: Token | None = None
    behaviour: Behaviour = USUAL_BEHAVIOUR

    def setting(self, *keys: str) -> Setting | None:
        """The first of these settings that is known: 1.6's key, or 2.x's Component/Variable."""
        return next((held for key in keys if (held := self.settings.get(setting_key(key)))), None)

    def value(self, *keys: str) -> str:
        """The value of the first of these settings that is known, "" where none is."""
        held = self.setting(*keys)
        return (held.value or "").strip() if held else ""

    def number(self, *keys: str) -> int | None:
        """The value as a whole number, None where it is none."""
        text = self.value(*keys)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
