"""How a make wants to be asked: what it must be told, what it cannot take, and when. By its profile's behaviour."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

import msgspec

from console.csms.incoming import Connection
from console.errors import ConsoleError
from console.model import command as commands
from console.model.command import Command
from console.model.make import Behaviour
from console.model.station import ConnectorStatus, Station

#: A station that is to speak first is waited for until so long after it connected.
PATIENCE_S = 30.0
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+")
#: What can be triggered for one connector.
_OF_A_CONNECTOR = ("MeterValues", "StatusNotification")


def mannered(command: Command, station: Station, behaviour: Behaviour) -> Command:
    """The command as this make can take it. Raises ConsoleError for what it cannot take at all."""
    if isinstance(command, commands.StartTransaction):
        if behaviour.hex_tags_only and not _HEXADECIMAL.fullmatch(command.id_token):
            raise ConsoleError(
                f"{_make(station)} takes only tags of hexadecimal digits, and {command.id_token} is none.",
                "Use a tag of the digits 0 to 9 and A to F.",
            )
        if behaviour.name_connector and not command.evse_id:
            return msgspec.structs.replace(command, evse_id=_free(station))
    if isinstance(command, commands.TriggerMessage):
        return _trigger(command, station, behaviour)
    if isinstance(command, commands.ReadSettings) and not command.keys and not behaviour.read_all_settings:
        raise ConsoleError(
            f"{_make(station)} fails when it is asked for all its settings at once.", "Name the ones that you need."
        )
    return command


def _trigger(command: commands.TriggerMessage, station: Station, behaviour: Behaviour) -> Command:
    """Some refuse MeterValues without a connector: where there is one only, it is named in any case."""
    if command.evse_id is not None or command.message not in _OF_A_CONNECTOR or not station.connectors:
        return command
    if behaviour.name_connector or (command.message == "MeterValues" and len(station.connectors) == 1):
        return msgspec.structs.replace(command, evse_id=station.connectors[0].evse_id)
    return command


def _free(station: Station) -> int:
    ready = (ConnectorStatus.PREPARING, ConnectorStatus.OCCUPIED, ConnectorStatus.AVAILABLE)
    for status in ready:
        for connector in station.connectors:
            if connector.status is status:
                return connector.evse_id
    return station.connectors[0].evse_id if station.connectors else 0


def _make(station: Station) -> str:
    return " and ".join(station.profiles) or station.station_id


async def until_it_spoke(connection: Connection, now: datetime) -> None:
    """Wait until a station has spoken that takes no request before; one that keeps silent is asked all the same."""
    behaviour = connection.behaviour
    awaited = [connection.booted] if behaviour.wait_for_boot else []
    awaited += [connection.reported] if behaviour.wait_for_status else []
    left_s = PATIENCE_S - (now - connection.opened_at).total_seconds()
    if all(event.is_set() for event in awaited) or left_s <= 0:
        return
    try:
        async with asyncio.timeout(left_s):
            for event in awaited:
                await event.wait()
    except TimeoutError:
        return
