"""The tariffs that stations of OCPP 2.1 reckon by: set, listed and cleared; what a station took is on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from console.csms.device.report_waits import Ask
from console.csms.dialects.base import Wire
from console.csms.dialects.tariffs import (
    TariffEffect,
    TariffsCleared,
    TariffSet,
    TariffsListed,
    TransactionTariff,
)
from console.csms.incoming import Connection, Incoming
from console.csms.ports import Clock, Payload
from console.csms.records.records import Records
from console.csms.said.told import Told
from console.csms.state import State
from console.csms.transactions.station_costs import StationCosts
from console.errors import ConsoleError
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, StationRecord
from console.model.station import Setting
from console.model.station_tariff import ChangeTransactionTariff, ClearTariffs, ReadTariffs, SetTariff, payload_of
from console.model.tariff import Tariff
from console.model.tariff_words import UNKNOWN, summary_of
from console.model.text import plain

_KIND = RecordKind.TARIFF
_DEFAULT = "DefaultTariff"
_CURRENCY = "tariffcostctrlr/currency"
Known = Callable[[str], Awaitable[Mapping[str, Setting]]]


class Tariffs:
    """The commands about tariffs, and what any answer means for them. ``site`` are the site's own prices."""

    def __init__(
        self, state: State, clock: Clock, records: Records, ask: Ask, known: Known, site: Tariff | None
    ) -> None:
        self._state = state
        self._clock = clock
        self._records = records
        self._ask = ask
        self._known = known
        self._site = site
        self._costs = StationCosts(state, records, site)
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            SetTariff: self._set,
            ReadTariffs: self._read,
            ClearTariffs: self._clear,
            ChangeTransactionTariff: self._change,
        }

    # --- commands ---

    async def _set(self, connection: Connection, command: SetTariff) -> Outcome:
        """SetDefaultTariff, and which tariffs the station has then."""
        problem = _too_old(connection)
        if problem is not None:
            return problem
        try:
            tariff = command.tariff or await self._sites(command.station_id, command.evse_id)
        except ConsoleError as error:
            return _not_sent(error)
        outcome = await self._ask(connection, msgspec.structs.replace(command, tariff=tariff))
        if not outcome.ok:
            return outcome
        name = str(tariff.get("tariffId", ""))
        told = msgspec.structs.replace(outcome, text=f"{outcome.text}: {plain(name)}, {summary_of(tariff)}")
        return await self._read_back(connection, told, name)

    async def _sites(self, station_id: str, evse_id: int) -> Payload:
        """The site's own prices as a tariff, under a name that is free at the station. Raises ConsoleError."""
        if self._site is None:
            raise ConsoleError("This site has no prices of its own.", "Write them into the profile ([tariff]).")
        currency = self._site.currency
        if not currency:
            held = (await self._known(station_id)).get(_CURRENCY)
            currency = ((held.value if held else "") or "").strip()
        if not currency:
            hint = "Name it in the profile ([tariff] currency), or read the station's settings (k, r) and try again."
            raise ConsoleError("The currency of the prices is not known.", hint)
        name = f"{self._site.tariff_id}-{evse_id}" if evse_id else self._site.tariff_id
        taken, number, free = {each.key for each in self._standing(station_id)}, 1, name
        while free in taken:
            number += 1
            free = f"{name}.{number}"
        return payload_of(self._site.plain_prices.tariff(free, currency))

    async def _clear(self, connection: Connection, command: ClearTariffs) -> Outcome:
        """ClearTariffs, and which tariffs the station has then. Where none was, all are cleared."""
        problem = _too_old(connection)
        if problem is not None:
            return problem
        outcome = await self._ask(connection, command)
        if outcome.result is Result.REJECTED and not command.tariff_ids and _had_none(outcome.answer):
            return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text="there was no tariff there", hint="")
        if outcome.ok:
            return await self._read_back(connection, outcome, "")
        return outcome

    async def _change(self, connection: Connection, command: ChangeTransactionTariff) -> Outcome:
        """ChangeTransactionTariff."""
        problem = _too_old(connection)
        if problem is not None:
            return problem
        held = self._state.transaction(command.station_id, command.transaction_id)
        if held is None or not held.running:
            text = f"no transaction {command.transaction_id} runs at this station"
            return Outcome(Result.NOT_POSSIBLE, text, "Press 2 to see what runs.")
        try:
            tariff = command.tariff or await self._sites(command.station_id, held.evse_id)
        except ConsoleError as error:
            return _not_sent(error)
        outcome = await self._ask(connection, msgspec.structs.replace(command, tariff=tariff))
        if not outcome.ok:
            return outcome
        return msgspec.structs.replace(outcome, text=f"{outcome.text}: {summary_of(tariff)}")

    async def _read(self, connection: Connection, command: ReadTariffs) -> Outcome:
        """GetTariffs of all EVSEs."""
        problem = _too_old(connection)
        if problem is not None:
            return problem
        outcome = await self._ask(connection, command)
        if (outcome.answer or {}).get("status") == "NoTariff":
            return msgspec.structs.replace(outcome, result=Result.ACCEPTED, text="the station has no tariffs", hint="")
        if outcome.ok:
            count = sum(each.standing for each in self._state.records(command.station_id, _KIND).values())
            text = f"the station has {count} tariff{'' if count == 1 else 's'}"
            return msgspec.structs.replace(outcome, text=text)
        return outcome

    async def _read_back(self, connection: Connection, outcome: Outcome, name: str) -> Outcome:
        """What the station has after it accepted; where it says otherwise than it should, that is told."""
        read = await self._read(connection, ReadTariffs(connection.station_id))
        if not read.ok:
            return msgspec.structs.replace(outcome, hint=f"Which tariffs it has now is not known: {read.text}.")
        held = self._state.records(connection.station_id, _KIND).get(name)
        if name and (held is None or not held.standing):
            return msgspec.structs.replace(outcome, hint="It does not list it, though. Read them again in a while.")
        return outcome

    # --- what answers mean, whoever asked ---

    async def noted(self, connection: Connection, _command: Command, asked: Wire, answer: Payload) -> None:
        """Keep what an answer tells of a station's tariffs."""
        effect = connection.dialect.tariff_effect(asked, answer)
        if effect is not None:
            self._take(Incoming(connection, "", self._clock.now()), effect)

    def _take(self, incoming: Incoming, effect: TariffEffect) -> None:
        if isinstance(effect, TariffSet):
            self._taken(incoming, effect)
        elif isinstance(effect, TariffsListed):
            self._listed(incoming, effect)
        elif isinstance(effect, TariffsCleared):
            for held in self._standing(incoming.station_id):
                if not effect.tariff_ids or held.key in effect.tariff_ids:
                    self._less(incoming, held, None if effect.evse_id is None else {effect.evse_id})
        elif isinstance(effect, TransactionTariff):
            name = plain(str(effect.tariff["tariffId"]))
            if not self._is_standing(incoming.station_id, name):
                self._records.keep(incoming, [_told({"tariffId": name, "tariff": effect.tariff}, standing=False)])
            self._costs.by_tariff(incoming, effect.transaction_id, name)
        else:
            self._costs.told(incoming, effect.transaction_id, effect.total)

    def _taken(self, incoming: Incoming, effect: TariffSet) -> None:
        """It takes the place of others where it holds, at once or when its time comes."""
        name = plain(str(effect.tariff["tariffId"]))
        evses = {effect.evse_id} if effect.evse_id else self._evses(incoming.station_id)
        if not _is_later(effect.tariff, incoming.now):
            for held in self._standing(incoming.station_id):
                if held.key != name and held.details.get("tariffKind") == _DEFAULT:
                    self._less(incoming, held, evses)
        said = {"tariffId": name, "tariffKind": _DEFAULT, "evseIds": sorted(evses), "tariff": effect.tariff}
        if "validFrom" in effect.tariff:
            said["validFrom"] = effect.tariff["validFrom"]
        self._records.keep(incoming, [_told(said)])

    def _listed(self, incoming: Incoming, effect: TariffsListed) -> None:
        """What is listed is there, with the prices that are on record; what is not, is not."""
        held = self._state.records(incoming.station_id, _KIND)
        told = []
        for each in effect.assignments:
            before = held.get(plain(each["tariffId"]))
            known = {"tariff": before.details["tariff"]} if before and "tariff" in before.details else {}
            told.append(_told({**each, **known}))
        listed = {each.key for each in told}
        for other in self._standing(incoming.station_id):
            if other.key not in listed:
                self._less(incoming, other, {effect.evse_id} if effect.evse_id else None)
        self._records.keep(incoming, told)

    def _less(self, incoming: Incoming, held: StationRecord, evses: set[int] | None) -> None:
        """A tariff holds on these EVSEs no more (None: on none). Its prices stay on record, for transactions."""
        holds = set(_evse_ids(held)) or self._evses(incoming.station_id)
        left = sorted(holds - evses) if evses is not None else []
        if evses is not None and set(left) == holds:
            return
        self._records.keep(incoming, [_told(held.details | {"evseIds": left}, standing=bool(left))])

    def _standing(self, station_id: str) -> list[StationRecord]:
        return [each for each in self._state.records(station_id, _KIND).values() if each.standing]

    def _is_standing(self, station_id: str, name: str) -> bool:
        return any(each.key == name for each in self._standing(station_id))

    def _evses(self, station_id: str) -> set[int]:
        station = self._state.stations.get(station_id)
        return {each.evse_id for each in station.connectors} if station is not None else set()


def _told(said: Payload, *, standing: bool = True) -> Told:
    """The record of a tariff; ``standing``: the station has it."""
    name, evse_ids = plain(str(said["tariffId"])), said.get("evseIds")
    evse_id = evse_ids[0] if isinstance(evse_ids, list) and len(evse_ids) == 1 else 0
    prices = summary_of(said["tariff"]) if "tariff" in said else UNKNOWN
    return Told(_KIND, name, f"{name}: {prices}", said, None, evse_id, standing=standing, quiet=True)


def _had_none(answer: Payload | None) -> bool:
    results = (answer or {}).get("clearTariffsResult")
    return isinstance(results, list) and all(
        isinstance(each, dict) and each.get("status") == "NoTariff" for each in results
    )


def _evse_ids(held: StationRecord) -> Sequence[int]:
    said = held.details.get("evseIds")
    return [each for each in said if isinstance(each, int)] if isinstance(said, list) else []


def _is_later(tariff: Payload, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(tariff.get("validFrom", ""))) > now
    except (ValueError, TypeError):
        return False


def _too_old(connection: Connection) -> Outcome | None:
    spoken = connection.dialect
    if spoken.sets_tariffs:
        return None
    hint = "It is told what each transaction costs by the site's own prices." if spoken.shows_costs else ""
    return Outcome(Result.NOT_POSSIBLE, f"OCPP {spoken.version} knows no tariffs", hint)


def _not_sent(error: ConsoleError) -> Outcome:
    text = error.message[:1].lower() + error.message[1:].rstrip(".")
    return Outcome(Result.NOT_POSSIBLE, f"nothing was sent: {text}", error.hint)
