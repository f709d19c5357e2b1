"""Commands about what is ours to say: who may come, which tokens charge, what a waiting card is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from console.csms.authorization.cards import Cards
from console.csms.device.report_waits import Ask
from console.csms.incoming import Connection
from console.csms.key_codes import KEY_CODE, is_digest, known_as
from console.csms.passwords import hash_password
from console.csms.ports import Clock
from console.csms.records.records import Records
from console.csms.settings import CsmsSettings
from console.csms.state import State
from console.csms.stations.makes import Makes
from console.csms.transactions.transactions import Transactions
from console.model import command as commands
from console.model.change import (
    Change,
    CredentialChanged,
    PricesChanged,
    StationChanged,
    StationRemoved,
    TokenChanged,
    TokenRemoved,
)
from console.model.make import Tolerance
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind
from console.model.station import Admission, Station
from console.model.text import plain
from console.model.token import CardVerdict, token_key

#: WebSocket close codes: going away by our wish, and a station that is not wanted.
_PLEASE_RECONNECT, _NOT_WANTED = 1012, 1008
#: An answer that a person waits for after something else was done already.
_TRIGGER_TIMEOUT_S = 10.0
_LONGEST_ID = 255


class Administration:
    """Stations' admission, tokens and cards."""

    def __init__(
        self,
        state: State,
        clock: Clock,
        connections: dict[str, Connection],
        cards: Cards,
        transactions: Transactions,
        makes: Makes,
        records: Records,
        settings: CsmsSettings,
        ask: Ask,
    ) -> None:
        self._state = state
        self._clock = clock
        self._connections = connections
        self._cards = cards
        self._transactions = transactions
        self._makes = makes
        self._records = records
        self._settings = settings
        self._ask = ask
        self.commands: dict[type, Callable[[Any], Awaitable[Outcome]]] = {
            commands.AcceptStation: self.accept,
            commands.RejectStation: lambda command: self.admit(command.station_id, Admission.REJECTED),
            commands.AddStation: self.add_station,
            commands.SetTolerance: self.set_tolerance,
            commands.RemoveStation: self.remove_station,
            commands.DisconnectStation: self.disconnect,
            commands.SettleCard: self.settle_card,
            commands.LearnCard: self.learn_card,
            commands.PutToken: self.put_token,
            commands.RemoveToken: self.remove_token,
            commands.PutPrices: lambda command: self.save(
                [PricesChanged(command.prices)], f"{len(command.prices.slots)} prices are kept"
            ),
            commands.DismissReport: self.dismiss,
        }

    async def save(self, changes: Sequence[Change], text: str, hint: str = "") -> Outcome:
        """Let things change; the outcome comes when that is durable."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        if await self._state.save(changes):
            return Outcome(Result.ACCEPTED, text, hint, loop.time() - started_s)
        hint = "Look at the disk: it is full or very slow."
        return Outcome(Result.TIMED_OUT, "it could not be saved yet", hint, loop.time() - started_s)

    # --- stations ---

    async def add_station(self, command: commands.AddStation) -> Outcome:
        """Admit a station before it connects, or set the password of one that is known."""
        station_id = command.station_id
        if not station_id or len(station_id) > _LONGEST_ID or plain(station_id) != station_id:
            return Outcome(Result.NOT_POSSIBLE, "a station's identity is 1 to 255 printable characters")
        by_password = command.security_profile in (1, 2)
        if by_password and not command.password and station_id not in self._state.credentials:
            return Outcome(
                Result.NOT_POSSIBLE, f"{station_id} needs a password", "Security profile 1 and 2 sign in with one."
            )
        station = self._state.stations.get(station_id) or Station(station_id)
        profile = command.security_profile or (1 if command.password else 0)
        station = msgspec.structs.replace(
            station, admission=Admission.ACCEPTED, security_profile=profile, note=command.note or station.note
        )
        changes: list[Change] = [StationChanged(station)]
        if command.password:
            changes.append(CredentialChanged(station_id, hash_password(command.password)))
        elif not profile and station_id in self._state.credentials:
            changes.append(CredentialChanged(station_id, ""))
        return await self.save(changes, f"{station_id} may connect")

    async def admit(self, station_id: str, admission: Admission) -> Outcome:
        """Accept or reject a known station."""
        station = self._state.stations.get(station_id)
        if station is None:
            return unknown_station(station_id)
        if station.admission is admission:
            return Outcome(Result.ACCEPTED, f"{station_id} is {admission} already")
        outcome = await self.save(
            [StationChanged(msgspec.structs.replace(station, admission=admission))], f"{station_id} is {admission}"
        )
        if admission is Admission.REJECTED:
            self.disconnect_now(station_id, _NOT_WANTED, "rejected by the operator")
        return outcome

    async def accept(self, command: commands.AcceptStation) -> Outcome:
        """Let a station in. One that is connected is asked to boot again, so that it hears of it at once."""
        station = self._state.stations.get(command.station_id)
        outcome = await self.admit(command.station_id, Admission.ACCEPTED)
        connection = self._connections.get(command.station_id)
        if not outcome.ok or connection is None or connection.told_accepted:
            return outcome
        if station is not None and station.admission is Admission.ACCEPTED:
            return outcome
        if not connection.behaviour.trigger_boot:
            return outcome
        if station is not None and station.admission is Admission.REJECTED:  # nothing is asked of it (B03.FR.03)
            soon = f"it hears of it when it boots again, about every {self._settings.rejected_interval_s} s"
            return msgspec.structs.replace(outcome, text=f"{outcome.text}; {soon}")
        trigger = commands.TriggerMessage(command.station_id, "BootNotification")
        asked = await self._ask(connection, trigger, _TRIGGER_TIMEOUT_S)
        soon = f"it hears of it when it boots again, about every {self._settings.pending_interval_s} s"
        news = "it boots again now" if asked.ok else soon
        return msgspec.structs.replace(
            outcome, text=f"{outcome.text}; {news}", elapsed_s=outcome.elapsed_s + asked.elapsed_s
        )

    async def set_tolerance(self, command: commands.SetTolerance) -> Outcome:
        """Choose how much of what breaks OCPP is taken from a station, from its next message on."""
        station_id = command.station_id
        station = self._state.stations.get(station_id)
        if station is None:
            return unknown_station(station_id)
        station = msgspec.structs.replace(station, tolerance=command.tolerance)
        station = self._makes.settle(self._connections.get(station_id), station)
        said = ", ".join(station.tolerated) or "what its transactions say"
        if command.tolerance is Tolerance.STRICT:
            said = "nothing"
        return await self.save([StationChanged(station)], f"tolerated of {station_id}: {said}")

    async def remove_station(self, command: commands.RemoveStation) -> Outcome:
        """Forget a station; what runs there is closed as abandoned, and all its transactions stay on record."""
        station_id = command.station_id
        if station_id not in self._state.stations:
            return unknown_station(station_id)
        now = self._clock.now()
        changes: list[Change] = []
        for running in self._state.running(station_id):
            changes += self._transactions.abandon(running, now, now)
        changes += [StationRemoved(station_id), CredentialChanged(station_id, "")]
        self.disconnect_now(station_id, _NOT_WANTED, "removed by the operator")
        return await self.save(changes, f"{station_id} is removed")

    async def disconnect(self, command: commands.DisconnectStation) -> Outcome:
        """Close a station's connection."""
        if self.disconnect_now(command.station_id, _PLEASE_RECONNECT, "closed by the operator"):
            return Outcome(Result.ACCEPTED, "connection closed, the station will come back")
        return offline(command.station_id)

    def disconnect_now(self, station_id: str, code: int, reason: str) -> bool:
        """Close a station's connection; False if it has none."""
        connection = self._connections.get(station_id)
        if connection is None:
            return False
        connection.session.close(code, reason)
        return True

    def all_offline(self, now: datetime) -> list[Change]:
        """What a service that starts knows of its stations: none is connected."""
        return [
            StationChanged(msgspec.structs.replace(station, online=False, online_changed_at=now))
            for station in self._state.stations.values()
            if station.online
        ]

    async def dismiss(self, command: commands.DismissReport) -> Outcome:
        """Take an alarm off the list. A tariff is no alarm: it stands while the station has it."""
        if command.kind is RecordKind.TARIFF:
            return Outcome(Result.NOT_POSSIBLE, "the station has this tariff", "Clear it there: tariff clear.")
        if not self._records.dismiss(command.station_id, command.kind, command.key):
            return Outcome(Result.NOT_POSSIBLE, "it does not stand any more, or was never told")
        return await self.save([], f"{command.station_id}: {command.kind.words} is dismissed")

    # --- tokens and cards ---

    async def put_token(self, command: commands.PutToken) -> Outcome:
        """Add a token or change one. When it was made and last seen is ours to know."""
        named = command.token
        given = named
        if named.token_type == KEY_CODE and not is_digest(named.id_token):
            given = msgspec.structs.replace(named, id_token=known_as(self._settings.secret, named.id_token))
        known = self._state.tokens.get(given.key)
        token = msgspec.structs.replace(
            given,
            created_at=known.created_at if known else self._clock.now(),
            last_seen_at=known.last_seen_at if known else None,
        )
        if not token.key:
            return Outcome(Result.NOT_POSSIBLE, "the tag is empty")
        outcome = await self.save([TokenChanged(token)], f"tag {token.id_token} is {'changed' if known else 'added'}")
        self._cards.became_known(token.id_token)
        return outcome

    async def remove_token(self, command: commands.RemoveToken) -> Outcome:
        """Forget a token."""
        key = token_key(command.id_token)
        if key not in self._state.tokens:
            return Outcome(Result.NOT_POSSIBLE, f"no tag {command.id_token} is known")
        return await self.save([TokenRemoved(key)], f"tag {command.id_token} is removed")

    async def settle_card(self, command: commands.SettleCard) -> Outcome:
        """Tell a card's station what the operator says. The station is answered before the token is durable."""
        card = self._state.cards.get(command.card_id)
        if card is None or self._cards.settle(command.card_id, command.verdict) is None:
            return Outcome(Result.NOT_POSSIBLE, "this card is not listed any more", "Let it be swiped again.")
        if command.verdict is CardVerdict.REFUSE:
            return await self.save([], f"card {card.id_token} is refused")
        if command.verdict is CardVerdict.ALWAYS:
            text = f"card {card.id_token} may charge from now on"
        else:
            text = f"card {card.id_token} may charge this once"
        return await self.save([], text, "" if card.waiting else "Swipe it again: the station has stopped waiting.")

    async def learn_card(self, command: commands.LearnCard) -> Outcome:
        """Begin or give up to wait for a card to learn."""
        self._cards.learn_next(command.on)
        return await self.save([], "swipe the card at any station now" if command.on else "no card is waited for")


def unknown_station(station_id: str) -> Outcome:
    """The outcome of a command to a station that nobody knows."""
    return Outcome(Result.NOT_POSSIBLE, f"no station {plain(station_id)} is known", "Mind capitals: they count.")


def offline(station_id: str) -> Outcome:
    """The outcome of a command to a station that is not connected."""
    return Outcome(Result.OFFLINE, f"{station_id} is offline", "It connects by itself when it can.")
