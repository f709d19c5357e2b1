"""Payloads made from a schema by a seed: fast for the largest schemas, where hypothesis' own strategies are slow."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from tests.unit.csms.payloads import objects_within, resolved

Schema = dict[str, Any]

_TEXTS = (
    "",
    " ",
    "x",
    "@x",
    '"',
    '"a"',
    "null",
    "5",
    "true",
    "two words",
    " led by a blank",
    "a\nb\x00",
    "Å中\u202e",
    "-----",
)
_TIMES = ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00.120Z")


def made(schema: Schema, random: Random, root: Schema | None = None) -> Any:
    """A value that keeps the schema; each optional member is there or not."""
    root = root or schema
    schema = resolved(schema, root)
    if "enum" in schema:
        return random.choice(schema["enum"])
    match schema.get("type"):
        case "string":
            if schema.get("format") == "date-time":
                return random.choice(_TIMES)
            return random.choice(_TEXTS)[: schema.get("maxLength", 99)]
        case "integer":
            return random.randint(int(schema.get("minimum", -(2**31))), int(schema.get("maximum", 2**31 - 1)))
        case "number":
            low, high = int(schema.get("minimum", -1000)), int(schema.get("maximum", 1000))
            return random.choice([random.randint(low, high), random.randint(low * 10, high * 10) / 10])
        case "boolean":
            return random.random() < 0.5
        case "array":
            least = schema.get("minItems", 0)
            most = min(schema.get("maxItems", least + 2), least + 2)
            return [made(schema["items"], random, root) for _ in range(random.randint(least, most))]
        case "object":
            return _object(schema, random, root)
    return random.choice([*_TEXTS, 5, 2.5, None, True, {"a": [1]}, []])


def _object(schema: Schema, random: Random, root: Schema) -> dict[str, Any]:
    share = random.choice([0.0, 0.3, 1.0])
    required = schema.get("required", ())
    members = schema.get("properties", {})
    return {
        name: made(one, random, root) for name, one in members.items() if name in required or random.random() < share
    }


def spoiled(schema: Schema, payload: dict[str, Any], random: Random) -> dict[str, Any]:
    """The payload with one thing wrong, or hardly wrong."""
    payload = copy.deepcopy(payload)
    part = random.choice([part for _, part in objects_within(schema, payload)])
    name = random.choice([*part, "connectorid", "x"])
    if name in part and random.random() < 0.3:
        del part[name]
    else:
        part[name] = random.choice(
            ["x" * 20_000, "", -1, 10**12, 0.15, [], {}, None, True, "NoSuchWord", [1], {"a": 1}]
        )
    return payload
