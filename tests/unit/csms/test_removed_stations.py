"""A station that is removed is gone from everywhere: no room keeps anything of it, and no timer runs for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any
from unittest.mock import MagicMock

import pytest

import console.csms
from console.csms.ports import CallResult
from console.model import command as commands
from console.model.change import StationRemoved
from console.model.device_command import ReserveConnector
from console.model.schedule.profile import Purpose
from tests.unit.csms.rig import Charger, Rig, stamp
from tests.unit.schedule.samples import profile

GONE = "CP-GONE"

#: What may be left of a station, and why.
STAYS = {
    "Csms._connections": "until its connection is closed, which is told",
    "Displays._waits": "until the command that waits is over, which it then is",
    "Metering._progress": "until its transaction is over, which comes first",
    "Operations._busy": "until its command is over, which it then is",
    "ProfileReports._asked": "until the command that waits is over, which it then is",
    "ReportWaits._waits": "until the command that waits is over, which it then is",
    "State._by_token": "until its transaction is over, which comes first",
    "State._ended": "its transactions stay on record, and may be told of late",
    "State._running": "until its transactions are over, which comes first",
    "State.rollouts": "on record: what was not done is given up",
    "Rollouts._dirty": "not by station",
    "State.tokens": "not by station",
    "TransactionEvents._heard": "as its transactions",
    "Transactions._guessed": "as its transactions",
    "Transactions._starts": "as its transactions",
}
#: How it is named where the key is not its id alone.
KEYS: dict[str, Any] = {
    "Cards._waiting": f"TAG@{GONE}",
    "Displays._waits": (GONE, 7),
    "EvSchedules._again": f"{GONE}\n7",
    "Jobs._timers": (GONE, "kind", "key"),
    "Passes._until": (GONE, "TAG"),
    "Passwords._verdicts": (GONE, True),
    "ProfileReports._asked": (GONE, 7),
    "RemoteStarts._begun": (GONE, 7),
    "RemoteStarts._tokens": (GONE, 7),
    "ReportWaits._waits": (GONE, 7),
    "Reservations._timers": f"{GONE}\n7",
    "Schedules._starting": (GONE, "TAG"),
    "State.cards": f"TAG@{GONE}",
    "State.readings": (GONE, 1),
    "State.reservations": f"{GONE}\n7",
    "TransactionLimits._promised": f"{GONE}\nremote start 1",
    "TransactionLimits._theirs": f"{GONE}\n7",
    "TransactionLimits._waiting": f"{GONE}\n7",
}
_MAPS = ("dict[str", "dict[tuple[str", "defaultdict[str", "OrderedDict[", "Counter[str]", "set[str]")


def objects(root: object) -> dict[int, object]:
    """Everything of the CSMS that can be reached from an object, by id."""
    found: dict[int, object] = {}
    ahead = [root]
    while ahead:
        one = ahead.pop()
        if id(one) not in found:
            found[id(one)] = one
            ahead += members(one)
    return found


def members(one: object) -> Iterator[object]:
    if isinstance(one, dict):
        yield from one.keys()
        yield from one.values()
    elif isinstance(one, list | tuple | set | frozenset):
        yield from one
    elif isinstance(one, MethodType):
        yield one.__self__
    elif isinstance(one, FunctionType):
        yield from (cell.cell_contents for cell in one.__closure__ or ())
    elif type(one).__module__.startswith("console.csms"):
        yield from getattr(one, "__dict__", {}).values()
        yield from (getattr(one, name) for name in getattr(one, "__slots__", ()) if hasattr(one, name))


def annotated() -> set[str]:
    """The attributes that are maps or sets by a text, as the rooms' code has them: ``Class.attribute``."""
    found = set()
    for path in Path(console.csms.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                lines = [line for line in ast.walk(node) if isinstance(line, ast.AnnAssign)]
                found |= {
                    f"{node.name}.{line.target.attr}"
                    for line in lines
                    if isinstance(line.target, ast.Attribute) and ast.unparse(line.annotation).startswith(_MAPS)
                }
    return found


def test_no_room_keeps_what_it_holds_by_station(rig: Rig) -> None:
    """Into every map of every room something is put; what is not listed above is gone when the station is."""
    declared = annotated()
    maps = {
        f"{type(room).__name__}.{name}": held
        for room in objects(rig.csms).values()
        for name, held in getattr(room, "__dict__", {}).items()
        if f"{type(room).__name__}.{name}" in declared
    }
    assert set(STAYS) | set(KEYS) <= set(maps), "no longer there"
    assert len(maps) > 30
    for name, held in maps.items():
        key = KEYS.get(name, GONE)
        held.add(key) if isinstance(held, set) else held.update({key: MagicMock(station_id=GONE, key=key, card_id=key)})
    rig.csms._state.emit([StationRemoved(GONE)])
    left = {name for name, held in maps.items() if KEYS.get(name, GONE) in held}
    assert left == set(STAYS)


def names(root: object) -> set[str]:
    """What holds the station's name in any form."""
    return {
        f"{type(one).__name__}.{name}"
        for one in objects(root).values()
        if type(one).__module__.startswith("console.csms")
        for name, held in getattr(one, "__dict__", {}).items()
        if isinstance(held, dict | set | list)
        if any(GONE in str(key) for key in held)
    }


async def busy(rig: Rig, version: str) -> Charger:
    """A station of which as much is known as can be."""
    charger = rig.charger(GONE, version)
    charger.session.says = {
        "ReserveNow": {"status": "Accepted"},
        "RemoteStartTransaction": {"status": "Accepted"},
        "RequestStartTransaction": {"status": "Accepted"},
        "SetChargingProfile": CallResult(
            {"status": "Rejected", "statusInfo": {"reasonCode": "RateLimitExceeded"}}, 0.1
        ),
    }
    reserve = ReserveConnector(GONE, 1, "TAG9", charger.time(90_000))
    assert (await rig.csms.execute(reserve)).ok
    assert (
        await rig.csms.execute(
            commands.StartTransaction(GONE, 1, "TAG8", profile=profile(purpose=Purpose.TX, profile_id=0))
        )
    ).ok
    await rig.csms.execute(commands.SetChargingProfile(GONE, profile()))
    csr = {"csr": "none"}
    charger.ask("SignCertificate", csr if version == "1.6" else csr | {"certificateType": "V2GCertificate"})
    if version == "1.6":
        charger.start(1, "TAG1")
        charger.meter({"value": "1500"})
        charger.send("StartTransaction", {"connectorId": 2, "idTag": "NEW", "meterStart": 0, "timestamp": stamp()})
        return charger
    charger.send("Authorize", {"idToken": {"idToken": "NEW", "type": "ISO14443"}})
    event = {
        "eventType": "Started", "timestamp": stamp(), "triggerReason": "Authorized", "seqNo": 0,
        "transactionInfo": {"transactionId": "T1"}, "evse": {"id": 1},
        "idToken": {"idToken": "TAG1", "type": "Central"},
    }  # fmt: skip
    charger.ask("TransactionEvent", event)
    told = {"requestId": 9, "generatedAt": stamp(), "seqNo": 0, "tbc": True}
    setting = {"component": {"name": "A"}, "variable": {"name": "B"}, "variableAttribute": [{"value": "1"}]}
    charger.ask("NotifyReport", told | {"reportData": [setting]})
    message = {"id": 1, "priority": "AlwaysFront", "message": {"format": "UTF8", "content": "welcome"}}
    charger.ask("NotifyDisplayMessages", {"requestId": 9, "tbc": True, "messageInfo": [message]})
    return charger


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_nothing_is_left_of_a_busy_station(version: str) -> None:
    rig = Rig(operators_present=lambda: True)
    before, timers = names(rig.csms), rig.clock.timers
    charger = await busy(rig, version)
    assert len(names(rig.csms)) > 10
    assert rig.clock.timers > timers
    assert (await rig.csms.execute(commands.RemoveStation(GONE))).ok
    charger.disconnect()
    assert names(rig.csms) - before <= set(STAYS)
    rig.clock.advance(300)  # no more than the word on a remote start, which finds nobody
    texts = rig.journal.texts()
    assert rig.clock.timers == timers
    assert not [text for text in texts if "nothing came" in text]
    site = rig.journal.site
    assert not [
        held for held in (site.stations, site.seen, site.readings, site.cards, site.reservations) if GONE in str(held)
    ]
