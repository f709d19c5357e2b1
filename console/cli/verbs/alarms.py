"""What at a site wants a person's attention, out of all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from shlex import quote

import msgspec

from console.model.change import Notice, NoticeKind
from console.model.record import StationRecord
from console.model.site import Site
from console.model.station import Admission, ConnectorStatus, Station

#: How long a warning about the site itself (its disk, its prices) stands. Nobody says when such a thing is over.
_STANDS = timedelta(days=1)


class Alarm(msgspec.Struct, frozen=True):
    """One thing to look at: since when, at which station, what it is and what to do ("" where that is plain)."""

    at: datetime | None
    kind: str
    station_id: str
    text: str
    cure: str = ""


def alarms(site: Site, now: datetime, standing: Sequence[StationRecord] = ()) -> list[Alarm]:
    """Everything that wants attention now, oldest first. ``standing`` is what stations told that still is so."""
    about_site = (notice for notice in site.notices if not notice.station_id and now - notice.at < _STANDS)
    return _in_order(_stations(site), _cards(site), _attempts(site), _records(standing), _notices(about_site))


def with_past(found: Sequence[Alarm], site: Site, on_record: Sequence[Notice] = ()) -> list[Alarm]:
    """Those alarms, and every warning there has been. ``on_record`` are notices older than the site remembers."""
    return list(dict.fromkeys(_in_order(found, _notices(dict.fromkeys([*on_record, *site.notices])))))


def _in_order(*found: Iterable[Alarm]) -> list[Alarm]:
    every = chain.from_iterable(found)
    return sorted(every, key=lambda alarm: (alarm.at is not None, alarm.at.timestamp() if alarm.at else 0.0))


def _stations(site: Site) -> Iterator[Alarm]:
    for station in site.stations.values():
        name = station.station_id
        if station.admission is Admission.PENDING:
            cure = f"ocpp-console station accept {quote(name)}, or reject"
            yield Alarm(station.reported_at, "new", name, f"waits to be let in, from {station.address}", cure)
        elif station.admission is Admission.ACCEPTED and not station.online:
            known = "is not connected" if station.online_changed_at else "has not connected yet"
            yield Alarm(station.online_changed_at, "offline", name, known)
        else:
            yield from _faults(station)


def _faults(station: Station) -> Iterator[Alarm]:
    if station.status is ConnectorStatus.FAULTED:
        yield Alarm(None, "fault", station.station_id, f"{station.error_code} {station.info}".strip())
    for connector in station.connectors:
        if connector.status is ConnectorStatus.FAULTED:
            words = (
                f"connector {connector.evse_id}: {connector.error_code} {connector.vendor_error_code} {connector.info}"
            )
            yield Alarm(connector.changed_at, "fault", station.station_id, " ".join(words.split()))


def _cards(site: Site) -> Iterator[Alarm]:
    for card in site.cards.values():
        if card.waiting:
            where = f" at connector {card.evse_id}" if card.evse_id else ""
            text = f"{card.id_token}{where} is unknown and waits"
            cure = f"ocpp-console card accept {quote(card.id_token)}, or refuse"
            yield Alarm(card.seen_at, "card", card.station_id, text, cure)


def _attempts(site: Site) -> Iterator[Alarm]:
    for attempt in site.attempts.values():
        if site.got_in_since(attempt):
            continue
        times = f" ({attempt.count} times)" if attempt.count > 1 else ""
        text = f"connection from {attempt.address} refused: {attempt.cause}{times}"
        yield Alarm(attempt.at, "refused", attempt.station_id, text, attempt.cure)


def _records(records: Iterable[StationRecord]) -> Iterator[Alarm]:
    for record in records:
        cure = f"ocpp-console reports {quote(record.station_id)} --kind {record.kind.value} --json"
        yield Alarm(record.at, record.kind.value, record.station_id, record.summary, cure)


def _notices(notices: Iterable[Notice]) -> Iterator[Alarm]:
    for notice in notices:
        if notice.kind in (NoticeKind.WARNING, NoticeKind.BAD):
            yield Alarm(notice.at, str(notice.kind), notice.station_id, notice.text)
