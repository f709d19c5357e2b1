"""A 2.x station's device model, its monitors and a snapshot of it, at the one fixed moment."""

from __future__ import annotations

from typing import Any

from console.model.device import Monitor, Snapshot
from console.model.local_list import LocalList, digest, entries_of
from console.model.site import Site
from console.model.station import Setting
from tests.ui.sites import NOW, ago


def _setting(station_id: str, key: str, value: str | None, **more: Any) -> Setting:
    return Setting(station_id, key, value, read_at=ago(hours=2), **({"data_type": "string"} | more))


def device_model(station_id: str, **values: str) -> list[Setting]:
    """Some components of a station with one EVSE; ``values`` replace those of keys with ``__`` for the slash."""
    changed = {key.replace("__", "/"): value for key, value in values.items()}
    points = ("Authorized", "EVConnected", "ParkingBayOccupancy", "PowerPathClosed")
    number, switch = {"data_type": "integer"}, {"data_type": "boolean"}
    told: list[tuple[str, str | None, dict[str, Any]]] = [
        ("AlignedDataCtrlr/Interval", "900", {**number, "unit": "s"}),
        ("AuthCtrlr/Enabled", "true", switch),
        ("AuthCtrlr/OfflineTxForUnknownIdEnabled", "false", switch),
        ("EVSE@1/AvailabilityState", "Available", {"read_only": True, "data_type": "OptionList"}),
        ("EVSE@1/Power", "7360", {"read_only": True, "data_type": "decimal", "unit": "W", "monitorable": True}),
        ("EVSE@1/Power:MaxSet", "22000", {"constant": True, "data_type": "decimal", "unit": "W"}),
        ("LocalAuthListCtrlr/ItemsPerMessage", "20", {**number, "read_only": True}),
        ("OCPPCommCtrlr/HeartbeatInterval", "300", {**number, "unit": "s", "min_limit": 7.0, "max_limit": 60000.0}),
        ("OCPPCommCtrlr/OfflineThreshold", "60", {**number, "unit": "s", "reboot_required": True}),
        ("SecurityCtrlr/BasicAuthPassword", None, {"secret": True, "write_only": True}),
        ("SecurityCtrlr/SecurityProfile", "1", {**number, "read_only": True}),
        ("TxCtrlr/TxStopPoint", "Authorized,EVConnected", {"data_type": "MemberList", "choices": points}),
    ]  # fmt: skip
    return [_setting(station_id, key, changed.get(key, value), **more) for key, value, more in told]


def monitors(station_id: str) -> list[Monitor]:
    """Two on the EVSE's power."""
    return [
        Monitor(station_id, 3, "EVSE@1/Power", "UpperThreshold", 21000.0, 4),
        Monitor(station_id, 8, "EVSE@1/Power", "Periodic", 300.0, 8, transaction=True),
    ]


def snapshot(station_id: str) -> Snapshot:
    """What it was like a week ago."""
    settings = device_model(
        station_id,
        AlignedDataCtrlr__Interval="60",
        OCPPCommCtrlr__HeartbeatInterval="86400",
        SecurityCtrlr__SecurityProfile="0",
        TxCtrlr__TxStopPoint="EVConnected",
    )
    return Snapshot("a1b2c3d4", station_id, ago(days=7), "before the update", len(settings), tuple(settings))


def local_lists(site: Site) -> dict[str, LocalList]:
    """One list that is up to date, one that differs, one of somebody else's, one station that keeps none."""
    entries = entries_of(site.tokens.values(), NOW)
    now = digest(entries)
    return {
        "CP-01": LocalList("CP-01", 4, len(entries), now, ago(hours=3), 4, ago(hours=3)),
        "CP-02": LocalList("CP-02", 2, 5, "before", ago(days=12), 2, ago(days=12)),
        "CP-03": LocalList("CP-03", 2, len(entries), now, ago(days=12), 31, ago(hours=1)),
        "CP-05": LocalList("CP-05", reported_version=-1, asked_at=ago(hours=1)),
    }
