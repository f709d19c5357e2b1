"""OCPP 1.6: SampledValues (§7.43)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.csms.dialects.samples import form_of
from console.model.meter import Samples


def read_samples(wire: Sequence[dict[str, Any]]) -> Samples:
    """Read the sampled values of one instant."""
    forms = []
    for one in wire:
        get = one.get
        words = (get("measurand"), get("unit"), get("phase"), get("context"), get("location"), get("format"))
        forms.append(form_of(*words))
    return Samples(tuple(forms), tuple([one["value"] for one in wire]))
