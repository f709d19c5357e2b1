"""Stations' certificates: requests for one are checked and kept for the operator; what is installed is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from console.csms import x509
from console.csms.dialects.certificates import QUESTIONS, installed
from console.csms.incoming import Connection, Incoming
from console.csms.limits import TokenBucket
from console.csms.ports import Authority, Clock
from console.csms.records.records import Records
from console.csms.said.reports import CertificateAnswer, CertificateRequest
from console.csms.said.told import Told
from console.csms.state import State
from console.errors import ConsoleError
from console.model import certificate as c
from console.model.certificate import CertificateHash, mended_pem
from console.model.command import Command
from console.model.outcome import Outcome, Result
from console.model.record import RecordKind, Severity, StationRecord
from console.model.text import plain

Ask = Callable[[Connection, Command], Awaitable[Outcome]]

_REQUEST, _CERTIFICATE = RecordKind.CERTIFICATE_REQUEST, RecordKind.CERTIFICATE
#: What a request without a type is about (1.6 knows no other).
_STATION = "ChargingStationCertificate"
_OWN = "own"
#: So many requests at once, then one in so many seconds: making a key costs a station much, asking costs it nothing.
_BURST, _EVERY_S = 5, 60.0
_SOON = timedelta(days=30)


class Certificates:
    """The room for SignCertificate, and the commands about certificates."""

    def __init__(
        self, state: State, clock: Clock, records: Records, authority: Authority, ask: Ask, organization: str
    ) -> None:
        self._state = state
        self._clock = clock
        self._records = records
        self._authority = authority
        self._ask = ask
        self._organization = organization
        self._rates: dict[str, TokenBucket] = {}
        state.on_removed.append(self._forget)
        self.commands: dict[type, Callable[[Connection, Any], Awaitable[Outcome]]] = {
            c.ReadCertificates: self._read,
            c.InstallCertificate: self._install,
            c.DeleteCertificate: self._delete,
            c.SignCertificate: self._sign,
            c.RenewCertificate: self._renew,
        }

    # --- what stations ask ---

    def on_request(self, incoming: Incoming, report: CertificateRequest) -> CertificateAnswer:
        """SignCertificate: a request that may be signed waits for the operator; one that may not is refused."""
        use = plain(report.use) or _STATION
        asked = x509.read_request(report.csr, self._names(incoming.station_id, use))
        problem = asked.problem or self._foreign(asked, use) or self._too_often(incoming)
        said = report.said | {"commonName": asked.common_name, "organization": asked.organization, "key": asked.key}
        owner = f"{asked.common_name or 'nobody'}" + (f" of {asked.organization}" if asked.organization else "")
        summary = f"{use} for {owner}, {asked.key or 'no key'}"
        if problem:
            text = f"refused, {problem}: {summary}"
            # Under a name of its own: it must not push out a good one that waits.
            told = Told(_REQUEST, f"refused {use}", text, said, severity=Severity.BAD)
        else:
            text = f"waits to be signed: {summary}"
            told = Told(_REQUEST, use, text, said, severity=Severity.WARNING, standing=True)
        self._records.keep(incoming, [told])
        return CertificateAnswer(not problem, problem)

    def _names(self, station_id: str, use: str) -> frozenset[str]:
        """Whom a request may be for: this station. Certificates for cars (V2G) name the EVSE in ways of their own."""
        if use != _STATION:
            return frozenset()
        station = self._state.stations[station_id]
        return frozenset({station_id, station.serial_number} - {""})

    def _foreign(self, asked: x509.Asked, use: str) -> str:
        """What is wrong with the organization that a request names (A00.FR.509), where the site has one."""
        if use != _STATION or self._organization in ("", asked.organization):
            return ""
        return f"it names the organization {asked.organization or 'none'}, and ours is {self._organization}"

    def _too_often(self, incoming: Incoming) -> str:
        now_s = incoming.now.timestamp()
        bucket = self._rates.setdefault(incoming.station_id, TokenBucket(_BURST, 1 / _EVERY_S, now_s))
        if not bucket.take(1, now_s):
            return ""
        bucket.take(-1, now_s)
        return "it asks too often"

    def _forget(self, station_id: str) -> None:
        """A station is no more."""
        self._rates.pop(station_id, None)

    # --- what operators ask ---

    async def show_authority(self, _command: c.ShowAuthority) -> Outcome:
        """The root certificate of the site's own authority."""
        root = await self._authority.certificate()
        (facts,) = x509.read_chain(root)
        text = f"{facts.subject}, good until {facts.not_after:%Y-%m-%d}"
        return Outcome(Result.ACCEPTED, text, answer={"certificate": root})

    async def _renew(self, connection: Connection, command: c.RenewCertificate) -> Outcome:
        """TriggerMessage; what comes of it is a request that waits to be signed."""
        outcome = await self._ask(connection, command)
        if not outcome.ok:
            return outcome
        return msgspec.structs.replace(outcome, text="the station will ask for a certificate", hint="Sign it then (s).")

    async def _sign(self, connection: Connection, command: c.SignCertificate) -> Outcome:
        """Sign what a station asked for, or hand it the chain that somebody else signed."""
        request = self._open_request(connection.station_id, command.request)
        csr = str(request.details.get("csr", ""))
        chain = mended_pem(command.chain) if command.chain.strip() else await self._authority.sign(csr)
        leaf = x509.read_chain(chain)[0]
        if not x509.is_for(chain, csr):
            return Outcome(
                Result.NOT_POSSIBLE,
                "nothing was sent: the first certificate holds another key than the station asked for",
                "Put the station's own certificate first, made from the request that stands there now.",
            )
        given = msgspec.structs.replace(
            command,
            chain=chain,
            certificate_type=str(request.details.get("certificateType", "")),
            request_id=request.details.get("requestId"),
        )
        outcome = await self._ask(connection, given)
        if outcome.ok:
            incoming = self._by_us(connection)
            until = f"good until {leaf.not_after:%Y-%m-%d}"
            done = Told(_REQUEST, request.key, f"signed, {until}: {leaf.subject}", request.details)
            said = {"certificateType": request.key} | _said(leaf)
            own = self._certificate(f"{_OWN} {request.key}", f"{request.key}: {leaf.subject}", said, leaf.not_after)
            self._records.keep(incoming, [done, own])
        return outcome

    def _open_request(self, station_id: str, key: str) -> StationRecord:
        """The request that is meant. Raises ConsoleError if there is none."""
        waiting = [one for one in self._state.records(station_id, _REQUEST).values() if one.standing]
        found = [one for one in waiting if key in ("", one.key)]
        if not found:
            raise ConsoleError(
                f"{station_id} waits for no such certificate.", "Ask it to request one: ocpp-console certificate renew."
            )
        if len(found) > 1:
            raise ConsoleError(
                f"{station_id} waits for several.", f"Name one of {', '.join(one.key for one in found)}."
            )
        return found[0]

    async def _install(self, connection: Connection, command: c.InstallCertificate) -> Outcome:
        """Install a root certificate, and remember what is in it: stations report nothing but hashes."""
        facts = x509.read_chain(command.certificate)[0]
        outcome = await self._ask(connection, msgspec.structs.replace(command, certificate=facts.pem))
        if outcome.ok:
            said = {"certificateType": command.use.value} | _said(facts)
            told = self._certificate(
                _key(facts.serial_number), f"{command.use}: {facts.subject}", said, facts.not_after
            )
            self._records.keep(self._by_us(connection), [told])
        return outcome

    async def _read(self, connection: Connection, command: c.ReadCertificates) -> Outcome:
        """Ask for all that is installed. What is gone from there is no longer listed."""
        uses = QUESTIONS.get(connection.dialect.version, (None,)) if command.use is None else (command.use,)
        found: list[tuple[str, CertificateHash]] = []
        elapsed_s = 0.0
        for use in uses:
            question = msgspec.structs.replace(command, use=use)
            outcome = await self._ask(connection, question)
            elapsed_s += outcome.elapsed_s
            answer = outcome.answer or {}
            if not outcome.ok and answer.get("status") != "NotFound":
                return msgspec.structs.replace(outcome, elapsed_s=elapsed_s)
            found += installed(connection.dialect.call(question).payload, answer)
        self._keep_installed(connection, found, complete=command.use is None)
        text = f"{len(found)} certificate{'' if len(found) == 1 else 's'} installed" if found else "none is installed"
        return Outcome(Result.ACCEPTED, text, elapsed_s=elapsed_s)

    def _keep_installed(
        self, connection: Connection, found: list[tuple[str, CertificateHash]], *, complete: bool
    ) -> None:
        held = dict(self._state.records(connection.station_id, _CERTIFICATE))
        incoming = self._by_us(connection)
        kept = {}
        for name, named in found:
            known = next((one for one in held.values() if _is(one, named)), None)
            said = {"certificateType": name, "certificateHashData": msgspec.to_builtins(named)}
            if known is not None:
                said = known.details | said
            subject = said.get("subject", f"serial number {named.serial_number}, which was not installed from here")
            key = _key(named.serial_number)
            kept[key] = self._certificate(key, f"{name}: {subject}", said, _until(said))
        self._records.keep(incoming, list(kept.values()))
        gone = [key for key in held if complete and key not in kept and not key.startswith(_OWN)]
        self._records.drop(connection.station_id, _CERTIFICATE, gone)

    async def _delete(self, connection: Connection, command: c.DeleteCertificate) -> Outcome:
        outcome = await self._ask(connection, command)
        if outcome.ok or (outcome.answer or {}).get("status") == "NotFound":
            key = _key(command.certificate.serial_number)
            if key in self._state.records(connection.station_id, _CERTIFICATE):
                self._records.drop(connection.station_id, _CERTIFICATE, [key])
        return outcome

    def _certificate(self, key: str, text: str, said: dict[str, Any], until: datetime | None) -> Told:
        """The record of a certificate; one that ends soon is an alarm."""
        left = None if until is None else until - self._clock.now()
        severity, end = Severity.INFO, ""
        if until is not None and left is not None:
            ended, soon = left <= timedelta(), left <= _SOON
            severity = Severity.BAD if ended else Severity.WARNING if soon else Severity.INFO
            end = f", {'ended' if ended else 'good until'} {until:%Y-%m-%d}"
        return Told(_CERTIFICATE, key, f"{text}{end}", said, severity=severity, standing=True, quiet=True)

    def _by_us(self, connection: Connection) -> Incoming:
        """What is kept now is kept because an operator asked."""
        return Incoming(connection, "", self._clock.now())


def _key(serial_number: str) -> str:
    return f"serial {serial_number.casefold().lstrip('0')}"


def _said(facts: x509.Certificate) -> dict[str, Any]:
    return {
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serialNumber": facts.serial_number,
        "notAfter": facts.not_after.isoformat(),
        "pem": facts.pem,
    }


def _is(record: StationRecord, named: CertificateHash) -> bool:
    """Whether a certificate that we know is the one that a station names."""
    pem = record.details.get("pem")
    if not isinstance(pem, str) or record.key != _key(named.serial_number):
        return False
    return x509.issuer_name_hash(pem, named.hash_algorithm) == named.issuer_name_hash.casefold()


def _until(said: dict[str, Any]) -> datetime | None:
    text = said.get("notAfter")
    return datetime.fromisoformat(text) if isinstance(text, str) else None
