"""The requests of OCPP 2.x that commands lead to, for the person who confirms them. Pure."""

from __future__ import annotations

from typing import Any

from console.model import command as c


def request(command: c.Command, version: str) -> tuple[str, dict[str, Any]] | None:
    """Action and payload of what 2.x says otherwise than 1.6; None for the rest, and for other versions."""
    match command if version.startswith("2") else None:
        case c.ResetStation(_, hard, evse_id):
            return "Reset", {"type": "Immediate" if hard else "OnIdle"} | ({"evseId": evse_id} if evse_id else {})
        case c.UnlockConnector(_, evse_id, connector_id):
            return "UnlockConnector", {"evseId": evse_id, "connectorId": connector_id}
        case c.ChangeAvailability(_, evse_id, operative, connector_id):
            status = "Operative" if operative else "Inoperative"
            return "ChangeAvailability", {"operationalStatus": status} | _evse(evse_id, connector_id)
        case c.TriggerMessage(_, message, evse_id, connector_id):
            return "TriggerMessage", {"requestedMessage": message} | _evse(evse_id or 0, connector_id)
        case _:
            return None


def _evse(evse_id: int, connector_id: int) -> dict[str, Any]:
    if not evse_id:
        return {}
    return {"evse": {"id": evse_id, "connectorId": connector_id} if connector_id else {"id": evse_id}}
