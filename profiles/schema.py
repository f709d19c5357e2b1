"""What stands in a profile: typed, with its bounds, and with the words that explain each setting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from profiles.secrets import Secret

Colour = Literal["blue", "cyan", "green", "magenta", "red", "white", "yellow"]
BackendKind = Literal["service", "citrineos", "steve", "ocpp_core", "maeve"]

_Text = Annotated[str, Meta(max_length=80)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of the tables: a key that is none of ours is a mistake, not a comment."""


class BackendSettings(_Table, frozen=True):
    """Where the site comes from."""

    kind: Annotated[BackendKind, Meta(description='"service": this computer is the CSMS.')] = "service"
    url: Annotated[str, Meta(description="The address of an existing CSMS.")] = ""
    user: Annotated[str, Meta(description="The user at an existing CSMS.")] = ""
    password: Annotated[
        Secret | None,
        Meta(
            description='Write "keyring:NAME", "env:NAME" or "file:/path". Into the keyring: '
            "keyring set ocpp-console NAME"
        ),
    ] = None


class ListenSettings(_Table, frozen=True):
    """Where stations connect, and how they prove who they are."""

    host: Annotated[str, Meta(min_length=1, description='An address of this computer; "0.0.0.0" is all of them.')] = (
        "0.0.0.0"  # noqa: S104  # stations are other computers
    )
    port: Annotated[
        int, Meta(ge=0, le=65535, description="A free port from 1 to 65535, usually 9000; 0 takes any.")
    ] = 9000
    security_profile: Annotated[
        Literal[0, 1, 2, 3],
        Meta(description="0: open; 1: passwords; 2: passwords over TLS; 3: TLS with client certificates."),
    ] = 0
    certificates: Annotated[
        tuple[str, ...], Meta(description='PEM files, leaf first, as in ["fullchain.pem"]: for profiles 2 and 3.')
    ] = ()
    keys: Annotated[tuple[str, ...], Meta(description='The PEM file of each key, as in ["privkey.pem"].')] = ()
    client_ca: Annotated[
        str, Meta(description="The PEM file of the authorities that sign the stations' certificates: for profile 3.")
    ] = ""
    rsa_suites: Annotated[
        bool, Meta(description="true or false: offer plain RSA cipher suites too, for stations that know nothing else.")
    ] = False


class AdmissionSettings(_Table, frozen=True):
    """Who may take part, and how long stations and cards wait for an answer."""

    accept_unknown: Annotated[bool, Meta(description="true or false: let in every station without asking.")] = False
    card_wait_s: Annotated[int, Meta(ge=0, le=120, description="Seconds from 0 to 120.")] = 15
    boot_interval_s: Annotated[int, Meta(ge=1, le=86400, description="Seconds from 1 to 86400.")] = 30
    heartbeat_interval_s: Annotated[int, Meta(ge=1, le=86400, description="Seconds from 1 to 86400.")] = 300
    organization: Annotated[
        str, Meta(max_length=64, description='The O that stations\' certificates must name; "" takes any.')
    ] = ""


class TariffSettings(_Table, frozen=True):
    """What charging costs, as the stations' displays show it."""

    per_kwh: Annotated[float, Meta(ge=0, description="The price of 1 kWh.")] = 0.0
    per_hour: Annotated[float, Meta(ge=0, description="The price of an hour.")] = 0.0
    per_session: Annotated[float, Meta(ge=0, description="The price of a session, however short.")] = 0.0
    currency: Annotated[
        str, Meta(pattern="^([A-Z]{3})?$", description='Three capital letters, as in EUR; "" for the stations\' own.')
    ] = ""


_PassivePort = Annotated[int, Meta(ge=1, le=65535, description="The first and the last port, as in [9030, 9049].")]


class FilesSettings(_Table, frozen=True):
    """The drop box: where stations put their logs and fetch their firmware."""

    enabled: Annotated[bool, Meta(description="true or false: files are taken and given.")] = True
    host: Annotated[str, Meta(description='An address of this computer; "" is where the stations connect.')] = ""
    port: Annotated[
        int, Meta(ge=0, le=65534, description="A free port from 1 to 65534, usually 9001; 0 takes any.")
    ] = 9001
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://.+)?$",
            description='"https://files.example.org:8443" where stations reach it otherwise; "" is where they connect.',
        ),
    ] = ""
    keep_days: Annotated[int, Meta(ge=1, le=36500, description="Days, 1 or more.")] = 90
    ftp_port: Annotated[
        int, Meta(ge=0, le=65535, description="A free port from 1 to 65535, usually 9021; 0 is no FTP.")
    ] = 0
    ftp_passive_ports: tuple[_PassivePort, _PassivePort] = (9030, 9049)


class RetentionSettings(_Table, frozen=True):
    """How long what piles up is kept. Transactions are kept for good."""

    messages_days: Annotated[int, Meta(ge=1, le=36500, description="Days, 1 or more.")] = 30
    meter_values_days: Annotated[int, Meta(ge=1, le=36500, description="Days, 1 or more.")] = 400


class PriceSettings(_Table, frozen=True):
    """Where the prices of energy come from: CSV, JSON, or the XML of ENTSO-E's day-ahead prices."""

    url: Annotated[str, Meta(pattern=r"^(https?://.*)?$", description='"https://…", or "" for none.')] = ""
    every_h: Annotated[float, Meta(ge=0.25, le=168, description="Hours from 0.25 to 168.")] = 1.0
    unit: Annotated[str, Meta(max_length=16, description='As in "EUR/MWh", where the source does not say.')] = ""


class Settings(_Table, frozen=True):
    """One profile file."""

    name: Annotated[_Text, Meta(description="What stands at the top of the screen, up to 80 characters.")] = ""
    colour: Annotated[
        Colour, Meta(description="One of blue, cyan, green, magenta, red, white and yellow, in quotes.")
    ] = "blue"
    production: Annotated[bool, Meta(description="true or false: ask twice before anything dangerous.")] = False
    read_only: Annotated[bool, Meta(description="true or false: nothing can be changed.")] = False
    quiet: Annotated[bool, Meta(description="true or false: stations are asked nothing unasked.")] = False
    data: Annotated[str, Meta(description='A folder; "" is one of the profile\'s own.')] = ""
    database: Annotated[
        Secret | None,
        Meta(
            description='Where the URL of a PostgreSQL database lies: "keyring:NAME", "env:NAME" or "file:/path"; '
            "without it the data are a file in the data folder."
        ),
    ] = None
    backend: BackendSettings = BackendSettings()
    listen: ListenSettings = ListenSettings()
    listen_also: tuple[ListenSettings, ...] = ()
    admission: AdmissionSettings = AdmissionSettings()
    retention: RetentionSettings = RetentionSettings()
    files: FilesSettings = FilesSettings()
    tariff: TariffSettings | None = None
    prices: PriceSettings = PriceSettings()


class Profile(msgspec.Struct, frozen=True):
    """A profile that was read: ``profile_id`` is its file's name, ``path`` None where there is no file."""

    profile_id: str
    path: Path | None
    settings: Settings

    @property
    def title(self) -> str:
        """What a person calls the site."""
        return self.settings.name or self.profile_id
