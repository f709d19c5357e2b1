"""The JSON schemas of OCPP's requests, in the ``ocpp`` package. Found without importing it, which is slow."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

#: Where a schema's file is called other than its action.
_SUFFIX = {"1.6": "", "2.0.1": "Request", "2.1": "Request"}


@cache
def schema_folder(version: str) -> Path:
    """Where the ``ocpp`` package keeps a version's schemas."""
    spec = importlib.util.find_spec("ocpp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the package ocpp, which holds OCPP's JSON schemas, is not installed")
    return Path(spec.submodule_search_locations[0]) / f"v{version.replace('.', '')}" / "schemas"


def request_schema(version: str, action: str) -> dict[str, Any]:
    """The schema of a request, read anew. Raises FileNotFoundError for an action there is none of."""
    with (schema_folder(version) / f"{action}{_SUFFIX[version]}.json").open(encoding="utf-8-sig") as file:
        loaded: dict[str, Any] = json.load(file)
    return loaded
