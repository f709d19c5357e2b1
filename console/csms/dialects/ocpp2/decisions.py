"""OCPP 2.x: what a recorded answer to a station decided."""

from __future__ import annotations

from typing import Any

from console.csms.dialects.base import Decision
from console.csms.dialects.times import read_time
from console.csms.ports import Payload
from console.csms.said.reports import Verdict
from console.model.station import Admission
from console.model.text import plain
from console.model.token import TokenStatus

_ADMISSIONS = {admission.value.capitalize(): admission for admission in Admission}
_STATUSES = {status.value: status for status in TokenStatus}


def read_decision(answer: Payload) -> Decision:
    """Read it leniently: other people's CSMSs wrote it."""
    return Decision(admission=_ADMISSIONS.get(str(answer.get("status"))), verdict=_verdict(answer.get("idTokenInfo")))


def _verdict(info: Any) -> Verdict | None:
    if not isinstance(info, dict):
        return None
    group, expiry = info.get("groupIdToken"), info.get("cacheExpiryDateTime")
    group_id = group.get("idToken") if isinstance(group, dict) else ""
    return Verdict(
        status=_STATUSES.get(str(info.get("status")), TokenStatus.INVALID),
        group_id=plain(group_id) if isinstance(group_id, str) else "",
        expires_at=read_time(expiry)[0] if isinstance(expiry, str) else None,
    )
