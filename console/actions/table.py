"""Every action that a CSMS can send, by OCPP version and block: what it does in one line, and how much it can hurt.

From the action lists of OCPP 1.6 (edition 2, with the security whitepaper), 2.0.1 (edition 3) and 2.1. A danger of READ
means here: it only asks. It is sent all the same, so a read-only console sends none of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from console.errors import ConsoleError
from console.model.catalogue import DANGER
from console.model.command import CallStation, Command, command_id
from console.model.spec import Danger


class Action(NamedTuple):
    """One action of one version. ``block`` is the feature profile (1.6) or functional block (2.x) it belongs to."""

    name: str
    block: str
    help: str
    danger: Danger


_READ, _SOFT, _HARD = Danger.READ, Danger.REVERSIBLE, Danger.DISRUPTIVE

# fmt: off
_ACTIONS: dict[str, tuple[Danger, str]] = {
    "AFRRSignal": (_SOFT, "Pass on a signal of the grid's automatic frequency restoration"),
    "AdjustPeriodicEventStream": (_SOFT, "Change how often a stream of events is sent"),
    "CancelReservation": (_SOFT, "Give up a reservation"),
    "CertificateSigned": (_HARD, "Hand over the certificate that the station asked to have signed"),
    "ChangeAvailability": (_HARD, "Take the station, an EVSE or a connector out of service, or back"),
    "ChangeConfiguration": (_HARD, "Set one configuration key"),
    "ChangeTransactionTariff": (_SOFT, "Charge by another tariff in a running transaction"),
    "ClearCache": (_SOFT, "Empty the station's memory of tags"),
    "ClearChargingProfile": (_HARD, "Take charging profiles away"),
    "ClearDERControl": (_HARD, "Take away settings for feeding into the grid"),
    "ClearDisplayMessage": (_SOFT, "Take a message off the display"),
    "ClearTariffs": (_SOFT, "Take tariffs away"),
    "ClearVariableMonitoring": (_SOFT, "Take monitors away"),
    "CostUpdated": (_SOFT, "Show the running cost of a transaction"),
    "CustomerInformation": (_HARD, "Report what the station knows of a customer, or clear it"),
    "DataTransfer": (_SOFT, "Send a vendor's own message"),
    "DeleteCertificate": (_HARD, "Remove an installed certificate"),
    "ExtendedTriggerMessage": (_SOFT, "Ask for a message now, those of the security extension too"),
    "GetBaseReport": (_READ, "Report the device model: configuration, all, or a summary"),
    "GetChargingProfiles": (_READ, "Report the charging profiles that the station has"),
    "GetCompositeSchedule": (_READ, "Report what all charging profiles come to"),
    "GetConfiguration": (_READ, "Read configuration keys, or all of them"),
    "GetDERControl": (_READ, "Report the settings for feeding into the grid"),
    "GetDiagnostics": (_SOFT, "Upload the diagnostics file"),
    "GetDisplayMessages": (_READ, "Report the messages for the display"),
    "GetInstalledCertificateIds": (_READ, "List the installed certificates"),
    "GetLocalListVersion": (_READ, "Ask for the version of the local authorization list"),
    "GetLog": (_SOFT, "Upload the diagnostics or the security log"),
    "GetMonitoringReport": (_READ, "Report the monitors that are set"),
    "GetPeriodicEventStream": (_READ, "List the streams of events that are open"),
    "GetReport": (_READ, "Report chosen components and variables of the device model"),
    "GetTariffs": (_READ, "List the tariffs that the station has"),
    "GetTransactionStatus": (_READ, "Ask whether a transaction goes on, or messages of it wait"),
    "GetVariables": (_READ, "Read variables of the device model"),
    "InstallCertificate": (_HARD, "Install a root certificate"),
    "NotifyAllowedEnergyTransfer": (_SOFT, "Say which ways of energy transfer the car may use"),
    "NotifyWebPaymentStarted": (_SOFT, "Say that a driver is paying on the web"),
    "PublishFirmware": (_HARD, "Have a local controller offer a firmware file"),
    "RemoteStartTransaction": (_SOFT, "Start charging with a tag"),
    "RemoteStopTransaction": (_SOFT, "Stop a transaction"),
    "RequestBatterySwap": (_SOFT, "Let a driver swap batteries"),
    "RequestStartTransaction": (_SOFT, "Start charging with a token"),
    "RequestStopTransaction": (_SOFT, "Stop a transaction"),
    "ReserveNow": (_SOFT, "Reserve a connector for a tag"),
    "Reset": (_HARD, "Restart the station"),
    "SendLocalList": (_HARD, "Send the local authorization list, whole or what changed"),
    "SetChargingProfile": (_HARD, "Set a charging profile: limits over time"),
    "SetDERControl": (_HARD, "Set how to feed into the grid"),
    "SetDefaultTariff": (_SOFT, "Set the tariff that new transactions are charged by"),
    "SetDisplayMessage": (_SOFT, "Show a message on the display"),
    "SetMonitoringBase": (_HARD, "Choose the set of monitors that is active"),
    "SetMonitoringLevel": (_SOFT, "Choose how severe an event must be to be reported"),
    "SetNetworkProfile": (_HARD, "Set how the station connects to a CSMS"),
    "SetVariableMonitoring": (_SOFT, "Set monitors on variables"),
    "SetVariables": (_HARD, "Set variables of the device model"),
    "SignedUpdateFirmware": (_HARD, "Install firmware whose signature is checked"),
    "TriggerMessage": (_SOFT, "Ask for a message now"),
    "UnlockConnector": (_HARD, "Release the cable of a connector"),
    "UnpublishFirmware": (_HARD, "Stop offering a firmware file"),
    "UpdateDynamicSchedule": (_SOFT, "Send new limits for a dynamic charging profile"),
    "UpdateFirmware": (_HARD, "Install firmware"),
    "UsePriorityCharging": (_SOFT, "Charge a transaction with priority, or no longer"),
}

_V16: dict[str, tuple[str, ...]] = {
    "Core": (
        "ChangeAvailability", "ChangeConfiguration", "ClearCache", "DataTransfer", "GetConfiguration",
        "RemoteStartTransaction", "RemoteStopTransaction", "Reset", "UnlockConnector",
    ),
    "Remote Trigger": ("TriggerMessage",),
    "Smart Charging": ("ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile"),
    "Reservation": ("CancelReservation", "ReserveNow"),
    "Local Auth List": ("GetLocalListVersion", "SendLocalList"),
    "Firmware Management": ("GetDiagnostics", "UpdateFirmware"),
    "Security ext.": (
        "CertificateSigned", "DeleteCertificate", "ExtendedTriggerMessage", "GetInstalledCertificateIds", "GetLog",
        "InstallCertificate", "SignedUpdateFirmware",
    ),
}
_V201: dict[str, tuple[str, ...]] = {
    "A Security": ("CertificateSigned",),
    "B Provisioning": (
        "GetBaseReport", "GetReport", "GetVariables", "Reset", "SetNetworkProfile", "SetVariables",
    ),
    "C Authorization": ("ClearCache",),
    "D LocalAuthList": ("GetLocalListVersion", "SendLocalList"),
    "E Transactions": ("GetTransactionStatus",),
    "F RemoteControl": ("RequestStartTransaction", "RequestStopTransaction", "TriggerMessage", "UnlockConnector"),
    "G Availability": ("ChangeAvailability",),
    "H Reservation": ("CancelReservation", "ReserveNow"),
    "I TariffAndCost": ("CostUpdated",),
    "K SmartCharging": ("ClearChargingProfile", "GetChargingProfiles", "GetCompositeSchedule", "SetChargingProfile"),
    "L Firmware": ("PublishFirmware", "UnpublishFirmware", "UpdateFirmware"),
    "M Certificates": ("DeleteCertificate", "GetInstalledCertificateIds", "InstallCertificate"),
    "N Diagnostics": (
        "ClearVariableMonitoring", "CustomerInformation", "GetLog", "GetMonitoringReport", "SetMonitoringBase",
        "SetMonitoringLevel", "SetVariableMonitoring",
    ),
    "O DisplayMessage": ("ClearDisplayMessage", "GetDisplayMessages", "SetDisplayMessage"),
    "P DataTransfer": ("DataTransfer",),
}
_NEW_IN_V21: dict[str, tuple[str, ...]] = {
    "C Authorization": ("NotifyWebPaymentStarted",),
    "I TariffAndCost": ("ChangeTransactionTariff", "ClearTariffs", "GetTariffs", "SetDefaultTariff"),
    "K SmartCharging": ("UpdateDynamicSchedule", "UsePriorityCharging"),
    "N Diagnostics": ("AdjustPeriodicEventStream", "GetPeriodicEventStream"),
    "Q BidirectionalPower": ("AFRRSignal", "NotifyAllowedEnergyTransfer"),
    "R DER": ("ClearDERControl", "GetDERControl", "SetDERControl"),
    "S BatterySwap": ("RequestBatterySwap",),
}
# fmt: on
_BLOCKS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "1.6": _V16,
    "2.0.1": _V201,
    "2.1": {
        block: tuple(sorted(_V201.get(block, ()) + _NEW_IN_V21.get(block, ())))
        for block in sorted({*_V201, *_NEW_IN_V21})
    },
}
VERSIONS = tuple(_BLOCKS)


@cache
def actions_of(version: str) -> Mapping[str, Action]:
    """The actions of a version by name, block by block. None for a version that is not known."""
    blocks = _BLOCKS.get(version, {})
    found = ((name, block, *_ACTIONS[name]) for block, names in blocks.items() for name in names)
    return {name: Action(name, block, help, danger) for name, block, danger, help in found}


def action_of(version: str, name: str) -> Action:
    """An action by its name, in any case. Raises ConsoleError that names the nearest."""
    known = actions_of(version)
    wanted = name.casefold()
    spelled = {each.casefold(): each for each in known}
    if wanted in spelled:
        return known[spelled[wanted]]
    near = nearest(wanted, list(spelled))
    hint = f"Did you mean {spelled[near]}?" if near else f"OCPP {version} has: {', '.join(known)}."
    raise ConsoleError(f"OCPP {version} has no action {name} that can be sent to a station.", hint)


def nearest(word: str, known: Sequence[str]) -> str:
    """The word that was probably meant, or ""."""
    begins = [each for each in known if each.startswith(word)]
    near = begins if len(begins) == 1 else difflib.get_close_matches(word, known, n=1)
    return near[0] if near else ""


def danger_of(command: Command) -> Danger:
    """How a command is confirmed. What a call can do depends on its action; one that is not known can do anything."""
    if isinstance(command, CallStation):
        return _ACTIONS.get(command.action, (Danger.DISRUPTIVE, ""))[0]
    return DANGER.get(command_id(command), Danger.DISRUPTIVE)
