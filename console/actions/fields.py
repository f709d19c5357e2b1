"""A request's JSON schema as a tree of fields, with all that a form needs to know. Pure but for ``fields_of``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from console.actions.helps import field_help
from console.actions.schemas import schema as schema_of
from console.model.secret_names import is_secret_key

Schema = Mapping[str, Any]

#: Every object of 2.x may hold it; it is written as JSON, for nobody else knows what stands in it.
LEFT_OUT = "customData"
#: Secrets whose names do not say so: a VPN's shared key, a SIM card's PIN.
_SECRETS = frozenset({("SetNetworkProfile", "key"), ("SetNetworkProfile", "simPin")})


class Kind(StrEnum):
    """What a field holds, in the word for it."""

    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    BOOLEAN = "yes or no"
    CHOICE = "choice"
    TIME = "time"
    ANY = "anything"  # JSON of any kind (2.x DataTransfer.data)
    OBJECT = "object"
    LIST = "list"


_KINDS = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "object": Kind.OBJECT,
    "array": Kind.LIST,
}


class Field(msgspec.Struct, frozen=True):
    """One field. ``fields`` are those of an object, in the schema's order; ``item`` is what a list holds.

    ``name`` is OCPP's own. ``default`` is what a station takes where the field is left out, in words.
    """

    name: str
    kind: Kind
    required: bool = True
    help: str = ""
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: float | None = None
    min_items: int = 0
    max_items: int | None = None
    secret: bool = False
    default: str = ""
    fields: tuple[Field, ...] = ()
    item: Field | None = None

    def named(self, name: str) -> Field | None:
        """The field of an object by its name."""
        return next((field for field in self.fields if field.name == name), None)


@cache
def fields_of(version: str, action: str) -> Field:
    """The form of an action's request: an object. Raises FileNotFoundError for an action there is no schema of."""
    schema = schema_of(version, action)
    return _field(action, schema, schema, True, action)


def _field(name: str, schema: Schema, root: Schema, required: bool, action: str) -> Field:
    told = str(schema.get("description", ""))
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
        told = told or str(schema.get("description", ""))
    kind = _kind(schema)
    return Field(
        name,
        kind,
        required,
        field_help(action, name, told),
        tuple(schema.get("enum", ())),
        schema.get("maxLength"),
        schema.get("minimum"),
        schema.get("maximum"),
        schema.get("multipleOf"),
        schema.get("minItems", 0),
        schema.get("maxItems"),
        (kind is Kind.TEXT and is_secret_key(name)) or (action, name) in _SECRETS,
        str(schema.get("default", "")),
        _members(schema, root, action),
        _field(name, schema["items"], root, True, action) if kind is Kind.LIST else None,
    )


def _kind(schema: Schema) -> Kind:
    if "enum" in schema:
        return Kind.CHOICE
    if schema.get("format") == "date-time":
        return Kind.TIME
    return _KINDS.get(schema.get("type", ""), Kind.ANY)


def _members(schema: Schema, root: Schema, action: str) -> tuple[Field, ...]:
    required = frozenset(schema.get("required", ()))
    properties = schema.get("properties", {})
    return tuple(
        _field(name, member, root, name in required, action) for name, member in properties.items() if name != LEFT_OUT
    )
