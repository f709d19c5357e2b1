"""The sites that the UI tests look at, at one fixed moment."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue, Reading, Sample
from console.model.record import RecordKind, Severity, StationRecord
from console.model.schedule.installed import Installed, StationSchedules
from console.model.schedule.profile import ChargingProfile, Kind, Period, Purpose, Recurrency, Unit
from console.model.schedule.rollout import Job, JobState, Rollout
from console.model.site import Seen, Site
from console.model.station import Admission, Connector, ConnectorStatus, Setting, Station
from console.model.station_file import FileKind, StationFile
from console.model.tariff import Tariff
from console.model.token import Card, Token
from console.model.transaction import Flag, Transaction

S = ConnectorStatus
NOW = datetime(2026, 11, 21, 13, 2, 11, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")


def ago(**span: float) -> datetime:
    """The moment this long before now."""
    return NOW - timedelta(**span)


def station(
    station_id: str,
    make: str,
    *statuses: ConnectorStatus,
    online: bool = True,
    error: str = "",
    firmware: str = "1.8.21",
    admission: Admission = Admission.ACCEPTED,
    address: str = "10.0.4.11",
    since_min: float = 192,
) -> Station:
    """An OCPP 1.6 station; ``make`` is "vendor/model", ``error`` that of its faulted connectors."""
    vendor, _, model = make.partition("/")
    connectors = tuple(
        Connector(number, 1, status, error if status is S.FAULTED else "", changed_at=ago(minutes=12))
        for number, status in enumerate(statuses, start=1)
    )
    return Station(
        station_id,
        admission=admission,
        ocpp_version="1.6",
        online=online,
        online_changed_at=ago(minutes=since_min),
        address=address,
        vendor=vendor,
        model=model,
        serial_number=f"SN-{station_id[-2:]}-2291",
        firmware_version=firmware,
        reported_at=ago(minutes=since_min),
        heartbeat_interval_s=300,
        status=S.AVAILABLE,
        connectors=connectors,
    )


def depot() -> Site:
    """Twelve stations, four of them charging, one with a fault, one offline."""
    stations = [
        station("CP-01", "ABB/Terra AC", S.CHARGING, S.PREPARING, firmware="1.8.21"),
        station("CP-02", "Alfen/NG910", S.AVAILABLE, S.AVAILABLE, firmware="6.6.0-4215", address="10.0.4.12"),
        station("CP-03", "KEBA/P30", S.FAULTED, S.AVAILABLE, error="GroundFailure", firmware="1.17.2"),
        station("CP-04", "Schneider/EVlink", S.UNKNOWN, S.UNKNOWN, online=False, since_min=14, firmware="3.4.2.16"),
        station("CP-05", "Easee/Charge", S.SUSPENDED_EV, firmware="324"),
        station("CP-06", "ABB/Terra 54", S.CHARGING, S.CHARGING, S.AVAILABLE, firmware="5.2.1"),
        station("CP-07", "Alfen/NG910", S.PREPARING, S.AVAILABLE, firmware="6.6.0-4215"),
        station("CP-08", "Zaptec/Pro", S.CHARGING, firmware="7.3.1"),
        station("CP-09", "KEBA/P30", S.UNAVAILABLE, firmware="1.17.2"),
        station("CP-10", "Wallbox/Pulsar", S.FINISHING, firmware="5.17.60"),
        station("CP-11", "Easee/Charge", S.RESERVED, firmware="324"),
        station("GARAGE-1", "ABB/Terra AC", S.AVAILABLE, firmware="1.8.21"),
    ]
    seen = {
        each.station_id: Seen(ago(seconds=3 + 7 * n), 12_300 + 4_100 * n % 47_000) for n, each in enumerate(stations)
    }
    seen["CP-04"] = Seen(ago(minutes=14), 17_500)
    readings = [
        Reading("CP-01", 1, NOW, 1_250_400, 11_020.0, 16.0, 229.6),
        Reading("CP-05", 1, NOW, 88_000, 0.0, 0.0, 231.0),
        Reading("CP-06", 1, NOW, 9_120_000, 47_800.0, 125.0, 391.0, 63.0),
        Reading("CP-06", 2, NOW, 4_000_000, 21_900.0, 31.9, 230.0),
        Reading("CP-08", 1, NOW, 771_000, 7_360.0, 32.0, 230.0),
    ]
    running = [
        Transaction("CP-06", "811", 1, 1, "B0442D11", "", ago(minutes=23), 9_101_700, energy_wh=18_300),
        Transaction("CP-06", "812", 2, 1, "04A2C19B22", "fleet", ago(minutes=48), 3_983_000, energy_wh=17_000),
        Transaction("CP-05", "809", 1, 1, "DE4410FF", "", ago(hours=5), 84_800, energy_wh=3_200),
        Transaction("CP-08", "813", 1, 1, "77AA01C2", "fleet", ago(minutes=9), 769_900, energy_wh=1_100),
        Transaction("CP-01", "814", 1, 1, "04A2C19B22", "fleet", ago(hours=1, minutes=4), 1_238_100, energy_wh=12_300),
    ]
    tokens = [
        Token("04A2C19B22", group_id="fleet", label="Van 3, Anna", last_seen_at=ago(minutes=48), created_at=NOW),
        Token("77AA01C2", group_id="fleet", label="Van 5", last_seen_at=ago(minutes=9), created_at=NOW),
        Token("B0442D11", label="Visitor card", expires_at=NOW + timedelta(days=30), last_seen_at=ago(minutes=23)),
        Token("DE4410FF", label="Ingrid", last_seen_at=ago(hours=5)),
        Token("11223344", blocked=True, label="Lost in May"),
        Token("99FE0021", expires_at=ago(days=41), label="Summer guest"),
    ]
    return Site(
        name="Åby depot",
        stations={each.station_id: each for each in stations},
        seen=seen,
        readings={f"{each.station_id}\n{each.evse_id}": each for each in readings},
        transactions={each.key: each for each in running},
        tokens={each.key: each for each in tokens},
    )


def newcomer() -> Station:
    """A station that nobody has let in yet."""
    return station(
        "CP-0913", "Alfen/NG910", S.AVAILABLE, admission=Admission.PENDING, address="10.0.4.17", since_min=0.5
    )


def card(card_id: str = "c1", uid: str = "04FFC19B", left_s: float = 14, station_id: str = "CP-07") -> Card:
    """An unknown card that waits at a station."""
    return Card(card_id, uid, station_id, 1, ago(seconds=6), NOW + timedelta(seconds=left_s))


def ended() -> list[Transaction]:
    """Transactions of the days before, newest first."""
    return [
        Transaction(
            f"CP-{number % 9 + 1:02d}",
            str(800 - number),
            number % 2 + 1,
            1,
            ("04A2C19B22", "77AA01C2", "DE4410FF")[number % 3],
            "fleet" if number % 3 < 2 else "",
            ago(hours=6 + 5 * number),
            100_000 + 9_000 * number,
            ago(hours=4 + 5 * number),
            100_000 + 9_000 * number + 7_300 + 37 * number,
            7_300 + 37 * number,
            ("Local", "EVDisconnected", "Remote")[number % 3],
            flags=(Flag.ABANDONED, Flag.CLOCK_SUSPECT) if number == 3 else (),
        )
        for number in range(40)
    ]


def charging_curve(station_id: str, evse_id: int, transaction_id: str, minutes: int = 60) -> list[MeterValue]:
    """Meter values of every minute: a ramp, then a plateau with a dent."""
    values = []
    for minute in range(minutes):
        share = min(1.0, minute / 6) * (0.6 if 24 <= minute < 33 else 1.0)
        power_w = round(11_020 * share)
        samples = (
            Sample("Energy.Active.Import.Register", 1_238_100.0 + 190 * minute),
            Sample("Power.Active.Import", power_w, "W"),
            Sample("Current.Import", round(power_w / 690, 1), "A", "L1"),
            Sample("Voltage", 229.0 + minute % 3, "V", "L1-N"),
            Sample("SoC", 40.0 + minute / 2, "Percent"),
        )
        values.append(MeterValue(station_id, evse_id, ago(minutes=minutes - minute), samples, transaction_id))
    return values


def settings(station_id: str) -> list[Setting]:
    """Configuration keys as a 1.6 station has them."""
    held = {
        "AllowOfflineTxForUnknownId": "false",
        "AuthorizeRemoteTxRequests": "true",
        "ClockAlignedDataInterval": "900",
        "ConnectionTimeOut": "60",
        "HeartbeatInterval": "300",
        "LocalAuthorizeOffline": "true",
        "MeterValueSampleInterval": "60",
        "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC",
        "StopTransactionOnInvalidId": "true",
        "WebSocketPingInterval": "30",
    }
    fixed = {"NumberOfConnectors": "2", "SupportedFeatureProfiles": "Core,RemoteTrigger,SmartCharging"}
    found = [Setting(station_id, key, value, read_at=ago(hours=2)) for key, value in held.items()]
    found += [Setting(station_id, key, value, read_only=True, read_at=ago(hours=2)) for key, value in fixed.items()]
    found.append(Setting(station_id, "AuthorizationKey", None, secret=True, read_at=ago(hours=2)))
    return sorted(found, key=lambda each: each.key)


def records() -> list[StationRecord]:
    """What stations told of themselves: alarms, a limit, an update under way."""
    told: list[tuple[float, str, RecordKind, str, str, int, Severity, bool]] = [
        (4, "CP-01", RecordKind.CHARGING_LIMIT, "EMS 1", "EMS EVSE 1: 16 A", 1, Severity.INFO, True),
        (6, "CP-01", RecordKind.FIRMWARE, "3", "Downloading", 0, Severity.INFO, True),
        (9, "CP-03", RecordKind.EVENT, "Fan", "EVSE 1 CoolingFan.Problem = true", 1, Severity.BAD, True),
        (22, "CP-06", RecordKind.SECURITY_EVENT, "x", "TamperDetectionActivated (lid)", 0, Severity.BAD, False),
        (31, "CP-04", RecordKind.SECURITY_EVENT, "y", "InvalidMessages", 0, Severity.WARNING, False),
        (50, "CP-01", RecordKind.LOG, "2", "Uploaded", 0, Severity.INFO, False),
    ]
    steps = {
        "status": "Downloading",
        "requestId": 3,
        "steps": [{"at": "2026-11-21T12:56:13Z", "status": "Downloading"}],
    }
    return [
        StationRecord(station_id, kind, key, ago(minutes=minutes), summary, steps if key == "3" else {}, *rest)
        for minutes, station_id, kind, key, summary, *rest in told
    ]


def log_files() -> list[tuple[StationFile, bytes]]:
    """Logs that a station has sent: a text in an archive, and one that is no text."""
    lines = [f"2026-11-21T{hour:02}:00:00Z INFO  heartbeat\n" for hour in range(12)]
    lines[7] = "2026-11-21T07:00:00Z ERROR lock 1: motor blocked\n"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("var/log/station.log", "".join(lines))
        archive.writestr("var/log/network.log", "2026-11-21T06:00:01Z eth0 up\n")
    packed = made.getvalue()
    return [
        (StationFile("20261121-125700-0a1b2c3d", "CP-01", FileKind.DIAGNOSTICS, 8, "diag_CP-01.zip", 48_210,
                     ago(minutes=3), "10.0.0.11"), packed),
        (StationFile("20261120-090000-0a1b2c3e", "CP-01", FileKind.SECURITY, 7, "security.bin", 2_048,
                     ago(minutes=1700), "10.0.0.11"), bytes(range(256)) * 8),
    ]  # fmt: skip


def log_jobs() -> list[StationRecord]:
    """A log on its way, and one that came."""
    file = {"id": "20261121-125700-0a1b2c3d", "size_bytes": 48_210}
    return [
        StationRecord("CP-01", RecordKind.LOG, "9", ago(minutes=1), "Uploading", {"asked": {}}, standing=True),
        StationRecord("CP-01", RecordKind.LOG, "8", ago(minutes=3), "Uploaded (48210 bytes are here)", {"file": file}),
    ]


def certificates() -> list[StationRecord]:
    """What a station asks to have signed, and what is installed there."""
    named = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "5f1c",
        "issuerKeyHash": "aa02",
        "serialNumber": "1f",
    }
    return [
        StationRecord(
            "CP-01", RecordKind.CERTIFICATE_REQUEST, "ChargingStationCertificate", ago(minutes=2),
            "waits to be signed: ChargingStationCertificate for CP-01 of Åby El, secp256r1",
            {"csr": "-----BEGIN CERTIFICATE REQUEST----- AAAA -----END CERTIFICATE REQUEST-----"},
            severity=Severity.WARNING, standing=True,
        ),
        StationRecord(
            "CP-01", RecordKind.CERTIFICATE, "serial 1f", ago(minutes=9),
            "CentralSystemRootCertificate: CN=ocpp-console Åby depot, good until 2036-11-18",
            {"certificateHashData": named, "certificateType": "CentralSystemRootCertificate"}
            | {"subject": "CN=ocpp-console Åby depot", "notAfter": "2036-11-18T12:00:00+00:00"}, standing=True,
        ),
        StationRecord(
            "CP-01", RecordKind.CERTIFICATE, "serial 2e", ago(minutes=9),
            "ManufacturerRootCertificate: CN=ABB root, good until 2026-12-01",
            {"subject": "CN=ABB root", "certificateType": "ManufacturerRootCertificate", "notAfter": "2026-12-01"},
            severity=Severity.WARNING, standing=True,
        ),
    ]  # fmt: skip


#: What charging costs at the depot.
SITE_PRICES = Tariff(Decimal("0.39"), Decimal("1.20"), Decimal("0.50"), "EUR")


def tariffs() -> list[StationRecord]:
    """What a station of 2.1 charges by: a tariff that was set from here, and one that was not."""
    by_day = {"startTimeOfDay": "08:00", "endTimeOfDay": "20:00", "dayOfWeek": ["Monday", "Tuesday", "Wednesday"]}
    made = {
        "tariffId": "day-and-night",
        "currency": "EUR",
        "energy": {
            "prices": [{"priceKwh": 0.5, "conditions": by_day}, {"priceKwh": 0.3}],
            "taxRates": [{"type": "VAT", "tax": 21.0}],
        },
        "idleTime": {"prices": [{"priceMinute": 0.1, "conditions": {"minIdleTime": 900}}]},
        "fixedFee": {"prices": [{"priceFixed": 1.0}]},
        "maxCost": {"exclTax": 40.0, "inclTax": 48.4},
    }
    told = {"tariffId": "day-and-night", "tariffKind": "DefaultTariff", "evseIds": [1, 2], "tariff": made}
    guest = {"tariffId": "guest", "tariffKind": "DriverTariff", "validFrom": "2026-12-01T00:00:00Z"}
    return [
        StationRecord(
            "CP-01", RecordKind.TARIFF, "day-and-night", ago(minutes=8), "day-and-night: 0.30 to 0.50 EUR/kWh", told,
            standing=True,
        ),
        StationRecord(
            "CP-01", RecordKind.TARIFF, "guest", ago(minutes=8), "guest: its prices are not known here", guest,
            standing=True,
        ),
    ]  # fmt: skip


def cost() -> StationRecord:
    """What the station has reckoned of the transaction that runs there."""
    said = {
        "tariffId": "day-and-night",
        "totalCost": {
            "currency": "EUR",
            "typeOfCost": "NormalCost",
            "fixed": {"exclTax": 1.0, "inclTax": 1.0},
            "energy": {"exclTax": 6.15, "inclTax": 7.44},
            "total": {"exclTax": 7.15, "inclTax": 8.44},
        },
    }
    return StationRecord(
        "CP-01", RecordKind.COST, "814", ago(minutes=1), "8.44 EUR by the station, transaction 814", said
    )


def messages_shown() -> list[StationRecord]:
    """What a station's display shows."""
    told = [
        (1, "NormalCycle", "", "", "Welcome to Åby depot", "sv"),
        (2, "AlwaysFront", "Charging", "2026-11-21T17:00:00Z", "Closes at 18:00: unplug before", "en"),
        (7, "InFront", "Faulted", "", "Out of order. Call 08-123 45", ""),
    ]
    return [
        StationRecord(
            "CP-01", RecordKind.DISPLAY_MESSAGE, f"message {number}", ago(minutes=3), text,
            {"id": number, "priority": priority}
            | ({"state": state} if state else {})
            | ({"endDateTime": until} if until else {})
            | {"message": {"format": "UTF8", "content": text} | ({"language": language} if language else {})},
        )
        for number, priority, state, until, text, language in told
    ]  # fmt: skip


def newest() -> Site:
    """The depot, with its first station on OCPP 2.1, and prices of its own."""
    site = depot()
    first = msgspec.structs.replace(site.stations["CP-01"], ocpp_version="2.1")
    return msgspec.structs.replace(site, stations=site.stations | {"CP-01": first}, tariff=SITE_PRICES)


def frames() -> list[Message]:
    """Frames of a minute: an exchange, a schema error, an answer that is an error, a refused connection."""
    told: list[tuple[float, str, Direction, MessageType, str, str, str, float | None, str]] = [
        (58, "CP-01", _FROM, _CALL, "17", "Heartbeat", '[2,"17","Heartbeat",{}]', None, ""),
        (
            57.998,
            "CP-01",
            _TO,
            _RESULT,
            "17",
            "Heartbeat",
            '[3,"17",{"currentTime":"2026-11-21T13:01:13Z"}]',
            0.002,
            "",
        ),
        (44, "", Direction.EVENT, MessageType.EVENT, "", "refused", _REFUSED, None, "wrong password"),
        (31, "CP-04", _FROM, _CALL, "a-9", "BootNotification", _BOOT, None, "chargePointSerialNumber is too long"),
        (30.997, "CP-04", _TO, _RESULT, "a-9", "BootNotification", _BOOTED, 0.003, ""),
        (22, "CP-03", _TO, _CALL, "c71", "RemoteStartTransaction", _START, None, ""),
        (21.2, "CP-03", _FROM, MessageType.CALLERROR, "c71", "RemoteStartTransaction", _NOPE, 0.8, ""),
        (12, "CP-06", _FROM, _CALL, "99", "MeterValues", _METER, None, ""),
        (11.996, "CP-06", _TO, _RESULT, "99", "MeterValues", '[3,"99",{}]', 0.004, ""),
        (6, "CP-07", _FROM, _CALL, "31", "Authorize", '[2,"31","Authorize",{"idTag":"04FFC19B"}]', None, ""),
    ]
    return [
        Message(seq, ago(seconds=before), *rest)  # type: ignore[arg-type]  # as in the list above
        for seq, (before, *rest) in enumerate(told, start=1)
    ]


_FROM, _TO = Direction.FROM_STATION, Direction.TO_STATION
_CALL, _RESULT = MessageType.CALL, MessageType.CALLRESULT
_REFUSED = (
    '{"address":"10.0.4.9","path":"/CP-12","cause":"wrong password",'
    '"cure":"Set the station\'s AuthorizationKey to the password given with: station add","http_status":401}'
)
_BOOT = '[2,"a-9","BootNotification",{"chargePointVendor":"Schneider","chargePointModel":"EVlink","chargePointSerialNumber":"EV.2S7P04B4EE8B346D49AD0DA8F2B185"}]'  # noqa: E501
_BOOTED = '[3,"a-9",{"status":"Accepted","currentTime":"2026-11-21T13:01:40Z","interval":300}]'
_START = '[2,"c71","RemoteStartTransaction",{"idTag":"DE4410FF","connectorId":1}]'
_NOPE = '[4,"c71","InternalError","connector is faulted",{}]'
_METER = '[2,"99","MeterValues",{"connectorId":1,"transactionId":811,"meterValue":[{"timestamp":"2026-11-21T13:01:59Z","sampledValue":[{"value":"9120000"}]}]}]'  # noqa: E501


def scheduled() -> Site:
    """The depot, where CP-01 has a schedule of its own under a maximum of the station."""
    midnight = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    by_day = ChargingProfile(
        1, 1, 0, Purpose.TX_DEFAULT, Kind.RECURRING, Unit.A,
        (Period(0, 16.0), Period(6 * 3600, 6.0), Period(22 * 3600, 16.0)), Recurrency.DAILY, midnight,
    )  # fmt: skip
    most = ChargingProfile(
        2, 0, 0, Purpose.STATION_MAX, Kind.RECURRING, Unit.A, (Period(0, 12.0),), Recurrency.DAILY, midnight
    )
    held = StationSchedules("CP-01", (Installed(by_day, at=ago(days=1)), Installed(most, at=ago(days=9))))
    return msgspec.structs.replace(depot(), schedules={"CP-01": held})


def on_its_way() -> Site:
    """The depot, while a schedule is on its way to four stations."""
    profile = ChargingProfile(
        1, 0, 0, Purpose.TX_DEFAULT, Kind.RECURRING, Unit.A, (Period(0, 16.0),), Recurrency.DAILY, NOW
    )
    jobs = (
        Job("CP-01", profile, JobState.DONE, "the station took the schedule (profile 1)", ago(minutes=2)),
        Job("CP-02", profile, JobState.REFUSED, "the station refused the schedule", ago(minutes=2)),
        Job("CP-04", profile, JobState.WAITING, "CP-04 is offline", ago(minutes=2)),
        Job("CP-05", profile, JobState.SENDING),
    )
    held = Rollout("r1", "night-only", ago(minutes=2), jobs)
    older = Rollout("r0", "office-hours", ago(days=2), jobs[:1])
    return msgspec.structs.replace(depot(), rollouts={"r0": older, "r1": held})
