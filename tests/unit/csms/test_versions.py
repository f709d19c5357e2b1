"""What a station says is handled in one way, whatever OCPP version it is said in: only dialects know versions."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import console.csms
from console.csms.dialects import versions

ROOT = Path(console.csms.__path__[0])
#: What agrees on a version with a station, and frames its messages, has to know it.
TRANSPORT = {"dialects", "listener", "link", "error_codes.py", "quick_payloads.py"}
ROOMS = sorted(path for path in ROOT.rglob("*.py") if not TRANSPORT & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_room_knows_an_ocpp_version(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in versions()]
    assert [f"line {node.lineno}: {node.value}" for node in named] == [], "ask the dialect instead"
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [
        name for name in modules if name.startswith(("console.csms.dialects.ocpp16", "console.csms.dialects.ocpp2"))
    ]
