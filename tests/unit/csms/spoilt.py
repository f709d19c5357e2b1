"""Payloads with one thing wrong, and what is wrong with them: for requests and for answers, of every version."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from console.csms.error_codes import Meaning
from tests.unit.csms.payloads import Schema, objects_within, resolved

#: Chooses one of several; what it raises where there are none, a way to spoil raises.
Choose = Callable[[list[Any]], Any]
#: Spoils a payload of a schema in place, and returns what is wrong with it then.
Way = Callable[[Schema, Any, Choose], Meaning]


def without_required(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Take away something required."""
    places = [(part, name) for each, part in objects_within(schema, payload) for name in each.get("required", ())]
    part, name = choose(places)
    del part[name]
    return Meaning.OCCURRENCE_CONSTRAINT_VIOLATION


def with_another_type(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Put something of another type."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "type" in resolved(each["properties"][name], schema)
    ]
    part, name = choose(places)
    wrong = {str: 5, int: "5", float: "5", bool: "5", list: {}, dict: []}[type(part[name])]
    part[name] = wrong
    return Meaning.TYPE_CONSTRAINT_VIOLATION


def with_null(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Put a null where something of a type belongs, required or not."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "type" in resolved(each["properties"][name], schema)
    ]
    part, name = choose(places)
    part[name] = None
    return Meaning.TYPE_CONSTRAINT_VIOLATION


def with_no_such_word(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Put a word that no enumeration has."""
    places = [
        (part, name)
        for each, part in objects_within(schema, payload)
        for name in part
        if "enum" in resolved(each["properties"][name], schema)
    ]
    part, name = choose(places)
    part[name] = "NoSuchWord"
    return Meaning.PROPERTY_CONSTRAINT_VIOLATION


def too_long(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Make a text too long."""
    places = [
        (part, name, each["properties"][name]["maxLength"])
        for each, part in objects_within(schema, payload)
        for name in part
        if "maxLength" in each["properties"][name]
    ]
    part, name, limit = choose(places)
    part[name] = "x" * (limit + 1)
    return Meaning.PROPERTY_CONSTRAINT_VIOLATION


def with_something_more(schema: Schema, payload: Any, choose: Choose) -> Meaning:
    """Add a property."""
    closed = [part for each, part in objects_within(schema, payload) if each.get("additionalProperties") is False]
    part = choose(closed)
    part["noSuchProperty"] = 1
    return Meaning.FORMAT_VIOLATION


def no_object(_schema: Schema, _payload: Any, _choose: Choose) -> Meaning:
    """Send something else than an object (done by the test)."""
    return Meaning.FORMAT_VIOLATION


WAYS: list[Way] = [
    without_required,
    with_another_type,
    with_null,
    with_no_such_word,
    too_long,
    with_something_more,
    no_object,
]
#: What stands for a payload that is no object.
NO_OBJECTS = [[], [{}], "text", 5, None, True]


#: What each way needs to find in a schema, so that there is something to spoil.
NEEDS: dict[Way, str] = {without_required: "required", with_no_such_word: "enum", too_long: "maxLength"}


def can_be_spoilt(schema: Schema, way: Way) -> bool:
    """Whether payloads of this schema have something that this way can make wrong."""
    if way in (with_another_type, with_null):
        return any("type" in resolved(each, schema) for each in schema.get("properties", {}).values())
    return NEEDS.get(way, "") in json.dumps(schema)
