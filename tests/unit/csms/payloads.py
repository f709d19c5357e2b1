"""Payloads by the thousand: valid ones made from a JSON schema, and the same with one thing wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

_TEXT = st.characters(codec="utf-8")


def payloads(schema: Schema, root: Schema | None = None, *, full: bool = False) -> st.SearchStrategy[Any]:
    """Values that keep a schema; ``full`` ones leave out nothing that is optional."""
    root = root or schema
    schema = resolved(schema, root)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type", "object")
    if kind == "string":
        if schema.get("format") == "date-time":
            return st.sampled_from(["2026-11-21T12:00:00Z", "2026-11-21T12:00:00.123+02:00", "banana"])
        return st.text(_TEXT, max_size=min(schema.get("maxLength", 30), 30))
    if kind == "integer":
        return st.integers(int(schema.get("minimum", -(2**31))), int(schema.get("maximum", 2**31 - 1)))
    if kind == "number":
        lowest, highest = int(schema.get("minimum", 0)), int(schema.get("maximum", 1000))
        return st.integers(lowest * 10, highest * 10).map(lambda tenths: tenths / 10)
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        return st.lists(
            payloads(schema["items"], root, full=full),
            min_size=schema.get("minItems", int(full)),
            max_size=max(1, schema.get("minItems", 1)) if full else min(3, schema.get("maxItems", 3)),
        )
    return _objects(schema, root, full)


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a reference means."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema


def _objects(schema: Schema, root: Schema, full: bool) -> st.SearchStrategy[dict[str, Any]]:
    required = set(schema.get("properties", ()) if full else schema.get("required", ()))
    fields = {name: payloads(member, root, full=full) for name, member in schema.get("properties", {}).items()}
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )


def objects_within(schema: Schema, payload: Any, root: Schema | None = None) -> Iterator[tuple[Schema, dict[str, Any]]]:
    """Each object of a payload with its schema."""
    root = root or schema
    schema = resolved(schema, root)
    if isinstance(payload, dict):
        yield schema, payload
        for name, member in payload.items():
            if name in schema.get("properties", {}):
                yield from objects_within(schema["properties"][name], member, root)
    elif isinstance(payload, list):
        for member in payload if "items" in schema else ():
            yield from objects_within(schema["items"], member, root)


@st.composite
def spoiled(draw: st.DrawFn, schema: Schema, payload: Any) -> Any:
    """The payload with one thing wrong, or hardly wrong."""
    payload = copy.deepcopy(payload)
    part = draw(st.sampled_from([part for _, part in objects_within(schema, payload)]))
    way = draw(st.sampled_from(["drop", "add", "type", "value", "null", "root"]))
    if way == "root":
        return draw(st.sampled_from([[], "text", 5, None, [payload]]))
    if way == "add":
        part[draw(st.sampled_from(["connectorid", "x", "customData"]))] = 1
    if not part or way == "add":
        return payload
    name = draw(st.sampled_from(sorted(part)))
    if way == "drop":
        del part[name]
    elif way == "null":
        part[name] = None
    elif way == "type":
        part[name] = draw(st.sampled_from([[], {}, "text", 5, 1.0, 2.5, True, [1], {"a": 1}]))
    else:
        part[name] = draw(st.sampled_from(["x" * 10_000, "", -1, 10**12, 0.15, [], "NoSuchWord"]))
    return payload
