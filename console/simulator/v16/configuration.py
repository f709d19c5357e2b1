"""The configuration keys of a 1.6 station (1.6 section 9): what is there, what may change, what needs a reboot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from console.simulator import profiles
from console.simulator.types import StationKind

MEASURANDS_AC = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Current.Import",
    "Voltage",
    "Current.Offered",
)
MEASURANDS_DC = (*MEASURANDS_AC, "SoC")

_MAX_KEYS = 60


def _is_boolean(value: str) -> bool:
    return value.lower() in ("true", "false")


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 10


def _is_authorization_key(value: str) -> bool:
    try:
        return 16 <= len(bytes.fromhex(value)) <= 20
    except ValueError:
        return False


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda value: all(part.strip() in allowed for part in value.split(",") if part.strip())


@dataclass(slots=True)
class Key:
    """One configuration key. A key without a `check` is read-only; a secret one can be written, not read."""

    value: str
    check: Callable[[str], bool] | None = None
    needs_reboot: bool = False
    secret: bool = False
    after_reboot: str | None = None


class Configuration:
    """A station's configuration keys. Names are found in any case, as CiStrings are."""

    def __init__(self, kind: StationKind) -> None:
        self._keys = _standard_keys(kind)
        self._names = {name.lower(): name for name in self._keys}

    def text(self, name: str) -> str:
        """A key's value in force."""
        return self._keys[name].value

    def number(self, name: str) -> int:
        """A key's value in force, as a number."""
        return int(self.text(name))

    def flag(self, name: str) -> bool:
        """A key's value in force, as yes or no."""
        return self.text(name).lower() == "true"

    def listed(self, name: str) -> list[str]:
        """A key's value in force, as the list it is."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def set(self, name: str, value: str) -> None:
        """Set a key from inside the station, read-only or not."""
        self._keys[name].value = value

    def change(self, name: str, value: str) -> str:
        """Do what ChangeConfiguration asks; answers its status."""
        known = self._names.get(name.lower())
        if known is None:
            return "NotSupported"
        key = self._keys[known]
        if key.check is None or not key.check(value):
            return "Rejected"
        if key.needs_reboot:
            key.after_reboot = value
            return "RebootRequired"
        key.value = value
        return "Accepted"

    def report(self, names: list[str] | None) -> tuple[list[dict[str, object]], list[str]]:
        """What GetConfiguration answers: configurationKey and unknownKey. Without names: every key."""
        wanted = names or list(self._keys)
        known = [self._names[name.lower()] for name in wanted if name.lower() in self._names]
        found = [_entry(name, self._keys[name]) for name in known]
        return found, [name for name in wanted if name.lower() not in self._names]

    def reboot(self) -> None:
        """Put the values in force that had to wait for it."""
        for key in self._keys.values():
            if key.after_reboot is not None:
                key.value, key.after_reboot = key.after_reboot, None


def _entry(name: str, key: Key) -> dict[str, object]:
    entry: dict[str, object] = {"key": name, "readonly": key.check is None}
    return entry if key.secret else {**entry, "value": key.value}


def _standard_keys(kind: StationKind) -> dict[str, Key]:
    measurands = MEASURANDS_DC if kind.is_dc else MEASURANDS_AC
    sampled = ",".join(name for name in measurands if name != "Current.Offered")
    is_measurands = _one_of(measurands)
    return {
        "AllowOfflineTxForUnknownId": Key("false", _is_boolean),
        "AuthorizationCacheEnabled": Key("true", _is_boolean),
        "AuthorizationKey": Key("", _is_authorization_key, secret=True),
        "AuthorizeRemoteTxRequests": Key("false", _is_boolean),
        "ClockAlignedDataInterval": Key("0", _is_count),
        "ConnectionTimeOut": Key("60", _is_count),
        "ConnectorPhaseRotation": Key("NotApplicable"),
        "GetConfigurationMaxKeys": Key(str(_MAX_KEYS)),
        "HeartbeatInterval": Key("300", _is_count),
        "LocalAuthorizeOffline": Key("true", _is_boolean),
        "LocalPreAuthorize": Key("false", _is_boolean),
        "MeterValuesAlignedData": Key("Energy.Active.Import.Register", is_measurands),
        "MeterValuesSampledData": Key(sampled, is_measurands),
        "MeterValueSampleInterval": Key("10", _is_count),
        "NumberOfConnectors": Key(str(kind.connectors)),
        "ResetRetries": Key("1", _is_count),
        "StopTransactionOnEVSideDisconnect": Key("true", _is_boolean),
        "StopTransactionOnInvalidId": Key("true", _is_boolean),
        "StopTxnAlignedData": Key("", _one_of(())),
        "StopTxnSampledData": Key("Energy.Active.Import.Register", is_measurands),
        "SupportedFeatureProfiles": Key(
            "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
        ),
        "TransactionMessageAttempts": Key("3", _is_count),
        "TransactionMessageRetryInterval": Key("60", _is_count),
        "UnlockConnectorOnEVSideDisconnect": Key("true"),
        "WebSocketPingInterval": Key("20", _is_count, needs_reboot=True),
        "LocalAuthListEnabled": Key("true", _is_boolean),
        "LocalAuthListMaxLength": Key("500"),
        "SendLocalListMaxLength": Key("100"),
        "ReserveConnectorZeroSupported": Key("false"),
        "CpoName": Key("Example Charging", lambda value: len(value) <= 255),
        "CertificateStoreMaxLength": Key("10"),
        "ChargeProfileMaxStackLevel": Key(str(profiles.MAX_STACK_LEVEL)),
        "ChargingScheduleAllowedChargingRateUnit": Key("Current,Power"),
        "ChargingScheduleMaxPeriods": Key(str(profiles.MAX_PERIODS)),
        "MaxChargingProfilesInstalled": Key(str(profiles.MAX_INSTALLED)),
    }
