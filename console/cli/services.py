"""From a place to its service: what it is told when it starts, and the backend over it."""

from __future__ import annotations

from console.backends.base import Backend
from console.cli.context import NoService, Place
from console.errors import ConsoleError
from console.service.lifecycle import find_running
from console.service.settings import ServiceSettings

_START = "Start one with ocpp-console, or: ocpp-console serve"


def service_settings(place: Place) -> ServiceSettings:
    """What a profile says, as its service is told."""
    site = place.profile.settings
    return ServiceSettings(
        data=place.data,
        name=place.profile.title,
        host=site.listen.host,
        port=site.listen.port,
        security_profile=site.listen.security_profile,
        accept_unknown=site.admission.accept_unknown,
        read_only=site.read_only,
        production=site.production,
        card_wait_s=site.admission.card_wait_s,
        pending_interval_s=site.admission.boot_interval_s,
        heartbeat_interval_s=site.admission.heartbeat_interval_s,
        messages_days=site.retention.messages_days,
        meter_values_days=site.retention.meter_values_days,
    )


async def connect(place: Place, *, looking: bool = False) -> Backend:
    """A backend over the service that runs, open. Raises NoService if none does."""
    running = find_running(place.data)
    if running is None:
        raise NoService(f"No service runs on {place.data}.", _START)
    from console.backends.service import ServiceBackend  # an HTTP client, needed only where somebody answers

    backend = ServiceBackend(running.socket, read_only=looking)
    try:
        await backend.open()
    except ConsoleError as error:
        raise NoService(error.message, error.hint) from error
    return backend
