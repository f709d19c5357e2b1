"""The recorded traces, and what sites they make: taken from the frames by hand, not from a run."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[2] / "data" / "traces"


class Line(NamedTuple):
    """One line of a trace."""

    ts: datetime
    direction: str
    conn: int
    frame: list[Any] | None
    event: str
    path: str
    offered: list[str]
    authorization: str


def read(name: str) -> list[Line]:
    """A trace's lines."""
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [_line(json.loads(text)) for text in file]


def _line(fields: dict[str, Any]) -> Line:
    headers = {name.lower(): value for name, value in fields.get("headers", {}).items()}
    return Line(
        datetime.fromisoformat(fields["ts"]),
        fields["direction"],
        fields.get("conn") or 0,
        fields.get("frame"),
        fields.get("event", ""),
        fields.get("path", ""),
        fields.get("offered", []),
        headers.get("authorization", ""),
    )


class Charged(NamedTuple):
    """A transaction that a trace must give. ``energy_wh`` of one that still runs is its progress."""

    evse_id: int
    id_token: str
    started: str
    energy_wh: int
    reason: str
    stop_token: str = ""
    flags: tuple[str, ...] = ()


class Expected(NamedTuple):
    """What a trace must give: the station, its connectors' last states, its transactions by their starts."""

    station_id: str
    vendor: str
    model: str
    station_status: str
    connectors: dict[int, str]
    transactions: tuple[Charged, ...]
    firmware_status: str = ""
    diagnostics_status: str = ""
    refused: tuple[str, ...] = ()
    version: str = "1.6"


EXPECTED: dict[str, Expected] = {
    "mo-16": Expected(
        "MO-16",
        "MicroOcpp",
        "MicroOcpp Simulator",
        "Available",
        {1: "Available", 2: "Available"},
        (
            Charged(1, "TAG1", "01:12:53.782", 0, "Remote"),
            Charged(1, "TAG1", "01:13:10.013", 0, "Local", "TAG1"),
        ),
        diagnostics_status="Uploaded",
        refused=("CustomOperation NotImplemented",),
    ),
    # No meter at all, and an action that OCPP does not have.
    "mo-201": Expected(
        "MO-201",
        "MicroOcpp",
        "MicroOcpp Simulator",
        "Unknown",
        {1: "Available", 2: "Available"},
        (
            Charged(1, "TAG1", "01:12:59.797", 0, "Remote"),
            Charged(1, "TAG1", "01:13:44.032", 0, "Local", "TAG1"),
        ),
        refused=("CustomOperation NotImplemented",) * 4,
        version="2.0.1",
    ),
    "ocppgo-16": Expected(
        "GO16",
        "vendor1",
        "model1",
        "Available",
        {1: "Available"},
        (Charged(1, "12345", "01:23:45.000", 52, "EVDisconnected"),),
        firmware_status="Installed",
        diagnostics_status="Idle",
    ),
    "ocppgo-201": Expected(
        "GO201",
        "vendor1",
        "model1",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "a key code", "01:23:45.000", 48000, "EVDisconnected", "a key code"),
            Charged(1, "a key code", "01:25:48.000", 48000, "EVDisconnected", "a key code"),
        ),
        firmware_status="Installed",
        diagnostics_status="Uploading",
        version="2.0.1",
    ),
    "rpc-16": Expected(
        "RPC/1 é",
        "ocpp-rpc",
        "thin",
        "Available",
        {1: "Available"},
        (Charged(1, "TAG1", "02:07:13.289", 75, "Remote"),),
    ),
    "sap-abb-16": Expected(
        "CS-ABB-00001",
        "ABB",
        "MD_TERRA_53",
        "Available",
        {1: "Available", 2: "Available"},
        (
            Charged(1, "TAG1", "01:15:24.470", 5, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:15:38.644", 15, "Local", "TAG1"),
        ),
        firmware_status="Downloaded",
        diagnostics_status="Uploaded",
    ),
    "sap-chargex-16": Expected(
        "CS-CHARGEX-00001",
        "ChargeX GmbH",
        "Aqueduct 1.0",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "TAG1", "01:28:43.743", 11, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:28:54.995", 20, "Local", "TAG1"),
        ),
    ),
    "sap-evlink-16": Expected(
        "CS-EVLINK-00001",
        "Schneider Electric",
        "MONOBLOCK",
        "Available",
        {1: "Available"},
        (
            Charged(1, "TAG1", "01:28:43.035", 0, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:28:57.303", 0, "Local", "TAG1"),
        ),
        firmware_status="Downloaded",
        diagnostics_status="Uploaded",
    ),
    "sap-keba-16": Expected(
        "CS-KEBA-00001",
        "Keba AG",
        "KC-P30-ESS400C2-E0R",
        "Available",
        {1: "Available"},
        (
            Charged(1, "TAG1", "01:13:01.883", 12, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:13:16.136", 9, "Local", "TAG1"),
        ),
        firmware_status="Downloading",
        diagnostics_status="Uploaded",
    ),
    # It names no tag where it was started remotely, and measures nothing at the end of what was started locally.
    "sap-keba-201": Expected(
        "CS-KEBA-OCPP2-00001",
        "Keba AG",
        "KC-P30-ESS400C2-E0R",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "", "01:13:08.272", 42, "Remote"),
            Charged(1, "TAG1", "01:13:23.426", 0, "Local"),
        ),
        firmware_status="Installed",
        diagnostics_status="Uploaded",
        version="2.0.1",
    ),
    "sap-keba-signed-201": Expected(
        "CS-KEBA-OCPP2-SIGNED-00001",
        "Keba AG",
        "KC-P30-ESS400C2-E0R",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "", "01:17:12.467", 45, "Remote"),
            Charged(1, "TAG1", "01:17:27.547", 15, "Local"),
        ),
        firmware_status="Installed",
        diagnostics_status="Uploaded",
        version="2.0.1",
    ),
    # This station began a second transaction on a busy connector, ended the first one afterwards and never the second.
    "sap-schneider-evses-16": Expected(
        "CS-SCHNEIDER-EVSES-00001",
        "Schneider Electric",
        "MONOBLOCK",
        "Available",
        {1: "Unavailable", 2: "Unavailable"},
        (
            Charged(1, "TAG1", "01:28:44.225", 24, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:28:58.408", 31, "UnlockCommand", "TAG1", ("abandoned",)),
            Charged(1, "TAG1", "01:29:01.148", 0, ""),
            Charged(2, "TAG2", "01:29:04.145", 0, "Local", "TAG2"),
        ),
        firmware_status="Downloaded",
        diagnostics_status="Uploaded",
    ),
    "sap-signed-16": Expected(
        "CS-BASIC-SIGNED-00001",
        "Ovomaltin",
        "Simulator simple",
        "Available",
        {1: "Available", 2: "Preparing", 3: "Faulted"},
        (
            Charged(1, "TAG1", "01:15:24.385", 7, "Remote", "TAG1"),
            Charged(1, "TAG1", "01:15:38.563", 16, "Local", "TAG1"),
        ),
        firmware_status="Downloading",
        diagnostics_status="Uploaded",
    ),
    "vcp-16": Expected(
        "VCP16",
        "Solidstudio",
        "VirtualChargePoint",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "TAG1", "01:43:19.527", 230, "Local"),
            Charged(1, "TAG1", "01:43:45.630", 4242, "Local"),
        ),
        diagnostics_status="Uploaded",
    ),
    # Its sequence numbers are always 0; its last reading is in kWh but does not say so.
    "vcp-201": Expected(
        "VCP201",
        "Solidstudio",
        "VirtualChargePoint",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "TAG1", "01:15:30.188", 241, "Local", flags=("meter invalid",)),
            Charged(1, "TAG1", "01:15:57.396", 0, "Local"),
        ),
        version="2.0.1",
    ),
    "vcp-21": Expected(
        "VCP21",
        "Solidstudio",
        "VirtualChargePoint",
        "Unknown",
        {1: "Available"},
        (
            Charged(1, "TAG1", "02:16:22.180", 0, "Local", flags=("meter invalid",)),
            Charged(1, "TAG1", "02:16:49.381", 0, "Local"),
        ),
        version="2.1",
    ),
    "vcp-16x2": Expected(
        "VCP16x2",
        "Solidstudio",
        "VirtualChargePoint",
        "Unknown",
        {1: "Available", 2: "Available"},
        (
            Charged(1, "TAG1", "01:17:01.239", 230, "Local"),
            Charged(1, "TAG1", "01:17:27.348", 4242, "Local"),
        ),
        diagnostics_status="Uploaded",
    ),
}
