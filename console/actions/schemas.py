"""OCPP's own JSON schemas, as the ``ocpp`` package holds them. Found without importing it, which is slow."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

#: Where a schema's file is called other than its action.
_SUFFIX = {"1.6": "", "2.0.1": "Request", "2.1": "Request"}
#: 2.1's only SEND, which has no answer: its file is called like itself.
_SENT = frozenset({"NotifyPeriodicEventStream"})


@cache
def _folder(version: str) -> Path:
    """Where the ``ocpp`` package keeps a version's schemas. Found without importing it, which is slow."""
    spec = importlib.util.find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the package ocpp, which holds OCPP's JSON schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / f"v{version.replace('.', '')}" / "schemas"


@cache
def schema(version: str, action: str, *, answer: bool = False) -> dict[str, Any]:
    """The schema of a request, or of the answer to it. Raises FileNotFoundError for an action there is none of."""
    name = f"{action}Response" if answer else action if action in _SENT else f"{action}{_SUFFIX[version]}"
    with (_folder(version) / f"{name}.json").open(encoding="utf-8-sig") as file:
        loaded: dict[str, Any] = json.load(file)
    return loaded


@cache
def actions(version: str) -> frozenset[str]:
    """Every action there are schemas of."""
    suffix = f"{_SUFFIX[version]}.json"
    names = (path.name for path in _folder(version).glob(f"*{suffix}"))
    asked = frozenset(name.removesuffix(suffix) for name in names if not name.endswith("Response.json"))
    return asked | {action for action in _SENT if (_folder(version) / f"{action}.json").exists()}
