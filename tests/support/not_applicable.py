"""The rows of the conformance list that do not bear on a CSMS's own behaviour, each with the reason."""

from __future__ import annotations

NOT_APPLICABLE: dict[str, str] = {}
