"""Keeps the screens' baselines in ``screenshots/``, under names a person can read: the README shows the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import pytest_textual_snapshot
from syrupy.data import SnapshotCollections

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


class Screenshots(pytest_textual_snapshot.SVGImageExtension):  # type: ignore[misc]  # the package has no types
    """One SVG a scene: ``test_scene[stations-80x24]`` is ``screenshots/stations-80x24.svg``."""

    @classmethod
    def dirname(cls, *, test_location: Any) -> str:
        """The folder of all baselines."""
        return str(SCREENSHOTS)

    @classmethod
    def get_snapshot_name(cls, *, test_location: Any, index: Any = 0) -> str:
        """The scene's name: what stands in the brackets of the test's."""
        return str(test_location.snapshot_name).partition("[")[2].removesuffix("]")

    def discover_snapshots(self, *, test_location: Any) -> SnapshotCollections:
        """None: what is left over is found by a test of its own, which is right for part of the tests too."""
        return SnapshotCollections()


def pytest_configure(config: pytest.Config) -> None:
    """Our names are for people; syrupy would like to find its test in them, and says so whenever it writes one."""
    config.addinivalue_line("filterwarnings", r"ignore:\s*Can not relate snapshot:UserWarning")


@pytest.fixture(autouse=True)
def _baselines_in_screenshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_textual_snapshot, "SVGImageExtension", Screenshots)
