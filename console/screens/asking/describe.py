"""A command in words: what is asked of whom, the exact request, and what a person should know before agreeing. Pure."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from console.actions.secrets import HIDDEN, without_secrets
from console.model import certificate, display, station_tariff
from console.model import command as c
from console.model.file_command import RemoveLog
from console.model.site import Site
from console.model.token import Card, CardVerdict, token_key
from console.screens.asking import describe_2, describe_device, describe_files
from console.screens.frame import words

_VERDICTS = {
    CardVerdict.ONCE: "let it charge",
    CardVerdict.ALWAYS: "let it charge, and keep it as a tag",
    CardVerdict.REFUSE: "refuse it",
}


#: What is longer than this is shown on several lines.
_ONE_LINE = 62


def _at(station_id: str, evse_id: int | None, connector_id: int = 0) -> str:
    if not evse_id:
        return station_id
    return f"{station_id} connector {evse_id}" + (f".{connector_id}" if connector_id > 1 else "")


def describe(command: c.Command, site: Site) -> str:  # noqa: C901  # one line a command, nothing nested
    """One line for the status line: where, and what."""
    match command:
        case c.AcceptStation(station_id):
            return f"{station_id}: accept"
        case c.RejectStation(station_id):
            return f"{station_id}: reject"
        case c.AddStation(station_id):
            return f"{station_id}: add"
        case c.SetTolerance(station_id, tolerance):
            return f"{station_id}: tolerance {tolerance}"
        case c.RemoveStation(station_id):
            return f"{station_id}: remove"
        case c.DisconnectStation(station_id):
            return f"{station_id}: disconnect"
        case c.SettleCard(card_id, verdict):
            card = site.cards.get(card_id)
            return f"card {card.id_token if card else card_id}: {_VERDICTS[verdict]}"
        case c.LearnCard(on):
            return "learn the next card" if on else "stop learning cards"
        case c.PutToken(token):
            known = site.tokens.get(token.key)
            if known is None:
                return f"tag {token.id_token}: add"
            if known.blocked != token.blocked:
                return f"tag {token.id_token}: {'block' if token.blocked else 'unblock'}"
            return f"tag {token.id_token}: change"
        case c.RemoveToken(id_token):
            return f"tag {id_token}: remove"
        case c.StartTransaction(station_id, evse_id, id_token, profile, limit=limit):
            most = f" to at most {limit.words}" if limit else ""
            return f"{_at(station_id, evse_id)}: start with {id_token}{' by a schedule' if profile else ''}{most}"
        case c.StopTransaction(station_id, transaction_id):
            return f"{station_id}: stop transaction {transaction_id}"
        case _:
            place = _at(c.station_of(command), getattr(command, "evse_id", None), getattr(command, "connector_id", 0))
            return f"{place}: {_asked(command)}"


_IN_WORDS: dict[type, str] = {
    certificate.ReadCertificates: "read certificates",
    certificate.InstallCertificate: "install a certificate",
    certificate.DeleteCertificate: "delete a certificate",
    certificate.SignCertificate: "sign its certificate",
    certificate.RenewCertificate: "renew its certificate",
    display.ShowMessage: "show a message",
    display.ReadMessages: "read its display",
    display.ClearMessage: "clear a message",
    station_tariff.SetTariff: "set a tariff",
    station_tariff.ReadTariffs: "read its tariffs",
    station_tariff.ClearTariffs: "clear tariffs",
    station_tariff.ChangeTransactionTariff: "change a transaction's tariff",
}


def _asked(command: c.Command) -> str:
    """What is asked of a station, in a few words."""
    match command:
        case c.ResetStation(_, hard):
            return "hard reset" if hard else "soft reset"
        case c.UnlockConnector():
            return "unlock"
        case c.ChangeAvailability(_, _, operative):
            return "take into service" if operative else "take out of service"
        case c.ClearCache():
            return "clear cache"
        case c.TriggerMessage(_, message):
            return f"ask for {message}"
        case c.ReadSettings():
            return "read settings"
        case c.ChangeSetting(_, key, value):
            return f"{key} = {value}"
        case c.TransferData(_, vendor_id):
            return f"data transfer {vendor_id}"
        case c.CallStation(_, action):
            return f"call {action}"
        case c.DismissReport(_, kind):
            return f"dismiss {kind.words}"
        case _:
            told = _IN_WORDS.get(type(command)) or describe_files.asked(command)
            return told or describe_device.asked(command) or c.command_id(command)


def request(command: c.Command, version: str = "1.6") -> tuple[str, dict[str, Any]]:
    """The request that a command leads to, for the person who confirms it: action and payload."""
    elsewhere = describe_device.request(command, version) or describe_files.request(command, version)
    elsewhere = elsewhere or describe_2.request(command, version)
    if elsewhere is not None:
        return elsewhere
    match command:
        case c.ResetStation(_, hard):
            return "Reset", {"type": "Hard" if hard else "Soft"}
        case c.UnlockConnector(_, evse_id):
            return "UnlockConnector", {"connectorId": evse_id}
        case c.ChangeAvailability(_, evse_id, operative):
            return "ChangeAvailability", {"connectorId": evse_id, "type": "Operative" if operative else "Inoperative"}
        case c.ClearCache():
            return "ClearCache", {}
        case c.TriggerMessage(_, message, evse_id):
            return "TriggerMessage", {"requestedMessage": message} | ({"connectorId": evse_id} if evse_id else {})
        case c.ReadSettings(_, keys):
            return "GetConfiguration", {"key": list(keys)} if keys else {}
        case c.ChangeSetting(_, key, value):
            return "ChangeConfiguration", {"key": key, "value": value}
        case c.TransferData(_, vendor_id, message_id, data):
            optional = {"messageId": message_id, "data": data}
            return "DataTransfer", {"vendorId": vendor_id} | {key: text for key, text in optional.items() if text}
        case c.CallStation(_, action, payload):
            return action, payload
        case certificate.DeleteCertificate(_, named):
            return "DeleteCertificate", {"certificateHashData": msgspec.to_builtins(named)}
        case _:
            return c.command_id(command), {}


_CONSEQUENCE: dict[type, str] = {
    c.RejectStation: "Its BootNotification is answered Rejected from now on.",
    c.RemoveStation: "It is forgotten, with its settings. Its transactions stay on record.",
    c.DisconnectStation: "Its WebSocket is closed. It will connect again by itself.",
    station_tariff.ClearTariffs: "It charges by no tariff from the next transaction on.",
    RemoveLog: "It is deleted for good. The station may have it still.",
    c.RemoveToken: "It is unknown from now on. Its transactions stay on record.",
}


def confirmation(command: c.Command, site: Site, site_name: str) -> tuple[str, list[str]]:
    """Title and lines of the question before something disruptive: station, site, what runs there, the request."""
    station_id = c.station_of(command)
    lines = [f"Site      {site_name}"]
    station = site.stations.get(station_id)
    if station is not None:
        model = words.join(station.vendor, station.model, by=" ")
        lines.append(f"Station   {words.join(station_id, model, '' if station.online else 'offline')}")
    for number, running in enumerate(site.running(station_id) if station_id else ()):
        label = "Running   " if number == 0 else "          "
        tag = f", tag {running.id_token}" if running.id_token else ""
        lines.append(f"{label}connector {running.evse_id}: {words.energy(running.energy_wh)}{tag}")
    if station is not None and len(lines) == 2:
        lines.append("Running   nothing")
    consequence = _CONSEQUENCE.get(type(command))
    if consequence is None:
        name, payload = request(command, station.ocpp_version if station else "")
        lines += [f"Request   {name}", *(f"          {line}" for line in _json_lines(payload))]
    else:
        lines.append(f"Effect    {consequence}")
    return f"{describe(command, site)}?", lines


def _json_lines(payload: dict[str, Any]) -> list[str]:
    """A request's payload without its secrets: on one line if it fits there."""
    shown = without_secrets(payload, HIDDEN)
    line = json.dumps(shown, ensure_ascii=False)
    return [line] if len(line) <= _ONE_LINE else json.dumps(shown, indent=2, ensure_ascii=False).splitlines()


def card_of(site: Site, id_token: str) -> Card | None:
    """The listed card with this id."""
    key = token_key(id_token)
    return next((card for card in site.cards.values() if token_key(card.id_token) == key), None)
