"""From a place to its service: what it is told when it starts, and the backend over it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from console.backends.base import Backend
from console.cli.exits import NoService
from console.cli.output import warn
from console.cli.place import Place
from console.csms.listener.gate import Gate, TlsFiles
from console.errors import ConsoleError
from console.model.tariff import Tariff
from console.service.dropbox.settings import FilesSettings
from console.service.lifecycle import find_running
from console.service.settings import ServiceSettings
from profiles.schema import FilesSettings as ProfileFiles
from profiles.schema import ListenSettings, TariffSettings
from profiles.secrets import Secret, fetch


def service_settings(place: Place) -> ServiceSettings:
    """What a profile says, as its service is told."""
    site = place.profile.settings
    return ServiceSettings(
        data=place.data,
        name=place.profile.title,
        gates=gates_of(place),
        accept_unknown=site.admission.accept_unknown,
        read_only=site.read_only,
        production=site.production,
        quiet=site.quiet,
        card_wait_s=site.admission.card_wait_s,
        pending_interval_s=site.admission.boot_interval_s,
        heartbeat_interval_s=site.admission.heartbeat_interval_s,
        organization=site.admission.organization,
        messages_days=site.retention.messages_days,
        prices_url=site.prices.url,
        prices_every_s=site.prices.every_h * 3600,
        prices_unit=site.prices.unit,
        meter_values_days=site.retention.meter_values_days,
        files=_files(site.files),
        tariff=_tariff(site.tariff),
        database=_database(site.database),
    )


def gates_of(place: Place) -> tuple[Gate, ...]:
    """Where stations connect."""
    site = place.profile.settings
    return tuple(_gate(listen, place.profile.path) for listen in (site.listen, *site.listen_also))


def _database(secret: Secret | None) -> str:
    """The URL of another database than the data folder's own, "" for that."""
    if secret is None:
        return ""
    found = fetch(secret)
    if found.warning:
        warn(found.warning)
    return found.value


def _files(files: ProfileFiles) -> FilesSettings:
    return FilesSettings(
        files.enabled,
        files.host,
        files.port,
        files.public_url,
        files.keep_days,
        files.ftp_port or None,
        files.ftp_passive_ports,
    )


def _tariff(prices: TariffSettings | None) -> Tariff | None:
    if prices is None:
        return None
    per_kwh, per_hour, per_session = (
        Decimal(str(price)) for price in (prices.per_kwh, prices.per_hour, prices.per_session)
    )
    return Tariff(per_kwh, per_hour, per_session, prices.currency)


def _gate(listen: ListenSettings, profile: Path | None) -> Gate:
    """A place to listen at. Files are named from the profile's folder on."""
    if listen.security_profile < 2:
        return Gate(listen.host, listen.port, listen.security_profile)
    folder = profile.parent if profile is not None else Path()

    def files(names: tuple[str, ...]) -> tuple[Path, ...]:
        return tuple(folder / Path(name).expanduser() for name in names)

    client_ca = files((listen.client_ca,))[0] if listen.security_profile == 3 else None
    tls = TlsFiles(files(listen.certificates), files(listen.keys), client_ca, listen.rsa_suites)
    return Gate(listen.host, listen.port, listen.security_profile, tls)


async def connect(place: Place, *, looking: bool = False) -> Backend:
    """A backend over the service that runs, open. Raises NoService if none does."""
    running = find_running(place.data)
    if running is None:
        raise NoService(f"No service runs on {place.data}.", f"Start one: {place.again()}, or: {place.again('serve')}")
    from console.backends.service import ServiceBackend  # an HTTP client, needed only where somebody answers

    backend = ServiceBackend(running.socket, read_only=looking)
    try:
        await backend.open()
    except ConsoleError as error:
        raise NoService(error.message, error.hint) from error
    return backend
