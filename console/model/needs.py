"""Why a command is not possible now, None if it is: by what the site is like and what the cursor is on."""

from __future__ import annotations

from console.model.record import RecordKind
from console.model.site import Site
from console.model.spec import Target
from console.model.station import Admission, ConnectorStatus, Station


def _station(site: Site, target: Target) -> Station | str:
    station = site.stations.get(target.station_id)
    return station if station is not None else "no station is selected"


def needs_station(site: Site, target: Target) -> str | None:
    """Possible wherever a station is selected."""
    station = _station(site, target)
    return station if isinstance(station, str) else None


def needs_online(site: Site, target: Target) -> str | None:
    """Possible where the station is connected and let in."""
    station = _station(site, target)
    if isinstance(station, str):
        return station
    if station.admission is not Admission.ACCEPTED:
        return f"{station.station_id} is {station.admission}: accept it first"
    if not station.online:
        return f"{station.station_id} is offline"
    return None


def needs_undecided(site: Site, target: Target) -> str | None:
    """Possible where a station waits to be let in, or was turned away."""
    station = _station(site, target)
    if isinstance(station, str):
        return station
    return f"{station.station_id} is accepted already" if station.admission is Admission.ACCEPTED else None


def needs_not_rejected(site: Site, target: Target) -> str | None:
    """Possible where a station is not rejected yet."""
    station = _station(site, target)
    if isinstance(station, str):
        return station
    return f"{station.station_id} is rejected already" if station.admission is Admission.REJECTED else None


def needs_free_evse(site: Site, target: Target) -> str | None:
    """Possible where the station could start a transaction on the selected EVSE (or on any)."""
    refusal = needs_online(site, target)
    if refusal is not None:
        return refusal
    if target.evse_id and site.running(target.station_id, target.evse_id):
        return f"connector {target.evse_id} is charging already"
    connector = site.stations[target.station_id].connector(target.evse_id) if target.evse_id else None
    if connector is not None and connector.status in (ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE):
        return f"connector {target.evse_id} is {connector.status.lower()}"
    return None


def needs_running(site: Site, target: Target) -> str | None:
    """Possible where a transaction runs: the selected one, or one on the selected station and EVSE."""
    if target.transaction_key:
        transaction = site.transactions.get(target.transaction_key)
        if transaction is None or not transaction.running:
            return "this transaction has ended"
        return needs_online(site, Target(station_id=transaction.station_id))
    refusal = needs_online(site, target)
    if refusal is not None:
        return refusal
    return None if site.running(target.station_id, target.evse_id or None) else "nothing is charging here"


def needs_limits(site: Site, target: Target) -> str | None:
    """Possible where a transaction runs at a station that knows limits of transactions (2.1)."""
    refusal = needs_running(site, target)
    held = site.transactions.get(target.transaction_key)
    station = site.stations.get(held.station_id if held else target.station_id)
    if refusal or station is None or station.ocpp_version == "2.1":
        return refusal
    return f"OCPP {station.ocpp_version} knows no limits of transactions"


def needs_evse(site: Site, target: Target) -> str | None:
    """Possible where one EVSE of a connected station is selected."""
    refusal = needs_online(site, target)
    return refusal or (None if target.evse_id else "select a connector first")


def needs_2x(site: Site, target: Target) -> str | None:
    """Possible where the station is connected and speaks OCPP 2.x."""
    refusal = needs_online(site, target)
    if refusal is None and site.stations[target.station_id].ocpp_version == "1.6":
        return "OCPP 1.6 cannot say; the record here is all there is"
    return refusal


def _too_old(station: Station | None) -> str | None:
    return "OCPP 1.6 knows no display messages" if station is not None and station.ocpp_version == "1.6" else None


def needs_display(site: Site, target: Target) -> str | None:
    """Possible where the station speaks a version that knows display messages (2.x)."""
    return needs_station(site, target) or _too_old(site.stations.get(target.station_id))


def needs_online_display(site: Site, target: Target) -> str | None:
    """Possible where such a station is connected."""
    return needs_online(site, target) or _too_old(site.stations.get(target.station_id))


def needs_message(site: Site, target: Target) -> str | None:
    """Possible where a message that such a station shows is selected."""
    return needs_online_display(site, target) or (None if target.message_id is not None else "no message is selected")


def _no_tariffs(station: Station | None) -> str | None:
    if station is None or station.ocpp_version in ("", "2.1"):
        return None
    return f"OCPP {station.ocpp_version} knows no tariffs"


def needs_tariffs(site: Site, target: Target) -> str | None:
    """Possible where the station speaks a version that knows tariffs (2.1)."""
    return needs_station(site, target) or _no_tariffs(site.stations.get(target.station_id))


def needs_online_tariffs(site: Site, target: Target) -> str | None:
    """Possible where such a station is connected."""
    return needs_online(site, target) or _no_tariffs(site.stations.get(target.station_id))


def needs_tariff(site: Site, target: Target) -> str | None:
    """Possible where a tariff of such a station is selected."""
    return needs_online_tariffs(site, target) or (None if target.tariff_id else "no tariff is selected")


def needs_tariff_running(site: Site, target: Target) -> str | None:
    """Possible where a transaction runs at such a station."""
    refusal = needs_running(site, target)
    held = site.transactions.get(target.transaction_key)
    return refusal or _no_tariffs(site.stations.get(held.station_id if held else target.station_id))


def needs_priority(site: Site, target: Target) -> str | None:
    """Possible where a transaction runs at a station of OCPP 2.1."""
    refusal = needs_running(site, target)
    if refusal is None and site.stations[target.station_id].ocpp_version != "2.1":
        return "priority charging came with OCPP 2.1"
    return refusal


def needs_token(site: Site, target: Target) -> str | None:
    """Possible where a token is selected."""
    return None if target.token_key in site.tokens else "no tag is selected"


def needs_file(_site: Site, target: Target) -> str | None:
    """Possible where a log is selected."""
    return None if target.file_id else "no log is selected"


def needs_card(site: Site, target: Target) -> str | None:
    """Possible for an unknown card that is listed."""
    if target.card_id in site.cards:
        return None
    return "no unknown card waits: the tags screen lists those that did" if site.cards else "no unknown card was swiped"


def needs_setting(site: Site, target: Target) -> str | None:
    """Possible where a setting of a connected station is selected."""
    refusal = needs_online(site, target)
    return refusal or (None if target.setting_key else "no setting is selected")


def needs_reservation(site: Site, target: Target) -> str | None:
    """Possible where a connected station has a reservation."""
    refusal = needs_online(site, target)
    return refusal or (None if site.reserved(target.station_id) else "nothing is reserved here")


def needs_monitor(site: Site, target: Target) -> str | None:
    """Possible where a monitor of a connected station is selected."""
    refusal = needs_online(site, target)
    return refusal or (None if target.monitor_id is not None else "no monitor is selected")


def needs_report(_site: Site, target: Target) -> str | None:
    """Possible where something that a station told is selected."""
    if target.record_key.startswith(f"{RecordKind.TARIFF}\n"):
        return "the station has this tariff: clear it there (p)"
    return None if target.record_key else "nothing is selected"


def needs_certificate(site: Site, target: Target) -> str | None:
    """Possible where a certificate, or a request for one, is selected at a connected station."""
    return needs_online(site, target) or (None if target.record_key else "nothing is selected")
