"""Logs and firmware in the words of OCPP 2.x (2.0.1 L01, L02, N01)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.files import log_parameters, signed
from console.model.file_command import FetchLog, UpdateFirmware

CALLS: dict[type, Callable[[Any], Wire]] = {
    FetchLog: lambda command: Wire("GetLog", log_parameters(command)),
    UpdateFirmware: lambda command: Wire("UpdateFirmware", signed(command)),
}
