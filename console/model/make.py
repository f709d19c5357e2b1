"""How a make of station differs from the standard: what is tolerated for it, and how it wants to be treated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
from msgspec import Meta


class Toleration(StrEnum):
    """The kinds of deviation that can be tolerated; the rules of each stand in the dialects' ``tolerance``."""

    UNKNOWN_PROPERTIES = "unknown-properties"
    NULLS = "nulls"
    LONG_SERIALS = "long-serial-numbers"
    LONG_TEXTS = "long-texts"
    LONG_TAGS = "long-tags"
    ODD_ERRORS = "odd-error-codes"
    ODD_REASONS = "odd-reasons"
    ODD_SAMPLES = "odd-samples"
    ODD_EVENTS = "odd-events"
    NUMBERS_AS_VALUES = "numbers-as-values"
    EMPTY_LISTS = "empty-lists"
    MISSING_TIMES = "missing-times"
    MISSING_EVENT_TYPE = "missing-event-type"


TOLERATION_WORDS: dict[Toleration, str] = {
    Toleration.UNKNOWN_PROPERTIES: "properties that OCPP does not know",
    Toleration.NULLS: "null for what is left out",
    Toleration.LONG_SERIALS: "serial numbers and names that are too long",
    Toleration.LONG_TEXTS: "texts that are too long",
    Toleration.LONG_TAGS: "tags that are too long",
    Toleration.ODD_ERRORS: "error codes of its own",
    Toleration.ODD_REASONS: "reasons of its own",
    Toleration.ODD_SAMPLES: "units and measurands of its own",
    Toleration.ODD_EVENTS: "words of its own in transaction events",
    Toleration.NUMBERS_AS_VALUES: "numbers where texts belong",
    Toleration.EMPTY_LISTS: "empty lists",
    Toleration.MISSING_TIMES: "times left out",
    Toleration.MISSING_EVENT_TYPE: "kinds of event left out",
}


class Tolerance(StrEnum):
    """How much of what breaks OCPP is taken from one station."""

    STRICT = "strict"  # nothing: for testing a station
    PROFILE = "profile"  # what its make is known for, and in transactions whatever can be understood
    LENIENT = "lenient"  # whatever can be understood


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of what stands in a vendor profile: a key that is none of ours is a mistake, not a comment."""


class Behaviour(_Table, frozen=True):
    """How a make wants to be treated. What is not said is as the standard has it."""

    server_pings: Annotated[
        bool, Meta(description="false: it answers no pings; its messages are its signs of life.")
    ] = True
    idle_timeout_s: Annotated[
        int, Meta(ge=0, le=86_400, description="Seconds of silence after which it counts as gone; 0: the usual.")
    ] = 0
    read_all_settings: Annotated[bool, Meta(description="false: it fails when asked for all its settings at once.")] = (
        True
    )
    name_connector: Annotated[bool, Meta(description="true: it refuses a start or trigger without a connector.")] = (
        False
    )
    hex_tags_only: Annotated[bool, Meta(description="true: it takes only tags of hexadecimal digits.")] = False
    wait_for_boot: Annotated[
        bool, Meta(description="true: it takes no request before its BootNotification was answered.")
    ] = False
    wait_for_status: Annotated[
        bool, Meta(description="true: it takes no request before its first StatusNotification.")
    ] = False
    pauses_below_6_a: Annotated[
        bool, Meta(description="false: a limit below 6 A ends its transaction instead of pausing it.")
    ] = True
    trigger_boot: Annotated[bool, Meta(description="false: it must not be asked for a BootNotification.")] = True


USUAL_BEHAVIOUR = Behaviour()

#: What is done differently for a make, field by field of ``Behaviour``.
BEHAVIOUR_WORDS: dict[str, str] = {
    "server_pings": "it is not pinged",
    "idle_timeout_s": "its silence is borne longer",
    "read_all_settings": "only named settings are read",
    "name_connector": "starts and triggers name a connector",
    "hex_tags_only": "it is sent hexadecimal tags only",
    "wait_for_boot": "it is asked nothing before its boot is answered",
    "wait_for_status": "it is asked nothing before it told its state",
    "pauses_below_6_a": "limits below 6 A end its transactions",
    "trigger_boot": "it is not asked for a BootNotification",
}


def behaviour_words(behaviour: Behaviour) -> tuple[str, ...]:
    """What is done otherwise than the standard has it, in words."""
    return tuple(
        text for field, text in BEHAVIOUR_WORDS.items() if getattr(behaviour, field) != getattr(USUAL_BEHAVIOUR, field)
    )


class Difference(_Table, frozen=True):
    """One way in which a make differs: in plain words, whence it is known, and what is tolerated because of it."""

    text: Annotated[str, Meta(min_length=1, max_length=160)]
    source: Annotated[str, Meta(min_length=1, max_length=160)]
    tolerate: tuple[Toleration, ...] = ()


class Make(_Table, frozen=True):
    """A vendor profile. Patterns hold ``*`` and ``?`` and are compared without case; one of each list must fit."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    vendor: tuple[str, ...]
    model: tuple[str, ...] = ("*",)
    firmware: tuple[str, ...] = ("*",)
    differs: tuple[Difference, ...] = ()
    behaviour: Behaviour = USUAL_BEHAVIOUR

    @property
    def tolerated(self) -> frozenset[Toleration]:
        """All that is tolerated of it."""
        return frozenset(each for difference in self.differs for each in difference.tolerate)

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        """Whether this profile is about such a station."""
        asked = ((vendor, self.vendor), (model, self.model), (firmware, self.firmware))
        return all(
            any(fnmatchcase(text.strip().casefold(), pattern.casefold()) for pattern in patterns)
            for text, patterns in asked
        )


class Treatment(msgspec.Struct, frozen=True):
    """What comes of all profiles that fit one station: their names, what is tolerated, how it is treated."""

    names: tuple[str, ...] = ()
    tolerated: frozenset[Toleration] = frozenset()
    behaviour: Behaviour = USUAL_BEHAVIOUR


NOTHING_KNOWN = Treatment()


def treatment(makes: Sequence[Make], vendor: str, model: str, firmware: str) -> Treatment:
    """Put together the profiles that fit: tolerations add up, and the later profile's behaviour counts."""
    if not vendor and not model:
        return NOTHING_KNOWN
    fitting = [make for make in makes if make.fits(vendor, model, firmware)]
    if not fitting:
        return NOTHING_KNOWN
    return Treatment(
        tuple(make.name for make in fitting),
        frozenset().union(*(make.tolerated for make in fitting)),
        _merged(make.behaviour for make in fitting),
    )


def _merged(behaviours: Iterable[Behaviour]) -> Behaviour:
    said = {}
    for behaviour in behaviours:
        for field in behaviour.__struct_fields__:
            value = getattr(behaviour, field)
            if value != getattr(USUAL_BEHAVIOUR, field):
                said[field] = value
    return Behaviour(**said)
