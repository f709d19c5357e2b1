"""The rig, ready."""

from __future__ import annotations

import pytest

from tests.unit.csms.rig import Charger, Rig


@pytest.fixture
def rig() -> Rig:
    """A CSMS in memory, 1000 s after the rig's beginning."""
    return Rig()


@pytest.fixture
def charger(rig: Rig) -> Charger:
    """A station at it."""
    return rig.charger()
