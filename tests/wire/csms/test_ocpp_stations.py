"""Settings, local lists and reservations asked of stations on the plain `ocpp` package, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ocpp.routing import after, on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201
from websockets.asyncio.client import connect

from console.backends.service import ServiceBackend
from console.csms.device import first_reading
from console.model import command as c
from console.model import device_command as d
from console.model.station import Setting
from console.model.token import Token
from tests.support.services import console, running_service, site_when
from tests.support.stations import now

SOON = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_reading, "PAUSE_S", 0.0)
    monkeypatch.setattr(first_reading, "PATIENCE_S", 0.0)


class Old(ChargePoint16):
    """A 1.6 station with three keys, a list of tags and one connector to reserve."""

    def __init__(self, connection: Any) -> None:
        super().__init__("CP-16", connection)
        self.keys = {"HeartbeatInterval": "300", "GetConfigurationMaxKeys": "2", "SendLocalListMaxLength": "2"}
        self.asked: list[str] = []
        self.list_version = 0
        self.tags: dict[str, Any] = {}
        self.reserved: list[dict[str, Any]] = []

    @on("GetConfiguration")
    def configuration(self, key: list[str] | None = None) -> Any:
        self.asked.append("GetConfiguration")
        wanted = key or list(self.keys)
        known = [{"key": one, "readonly": False, "value": self.keys[one]} for one in wanted if one in self.keys]
        unknown = [one for one in wanted if one not in self.keys]
        return result16.GetConfiguration(configuration_key=known, unknown_key=unknown)

    @on("ChangeConfiguration")
    def change(self, key: str, value: str) -> Any:
        self.keys[key] = value
        return result16.ChangeConfiguration(status="RebootRequired")

    @on("GetLocalListVersion")
    def list_version_asked(self) -> Any:
        return result16.GetLocalListVersion(list_version=self.list_version)

    @on("SendLocalList")
    def list_sent(self, list_version: int, update_type: str, local_authorization_list: Any = ()) -> Any:
        self.tags = {} if update_type == "Full" else self.tags
        self.tags |= {one["id_tag"]: one.get("id_tag_info") for one in local_authorization_list}
        self.list_version = list_version
        self.asked.append(f"SendLocalList {update_type} {len(local_authorization_list)}")
        return result16.SendLocalList(status="Accepted")

    @on("ReserveNow")
    def reserve(self, **asked: Any) -> Any:
        self.reserved.append(asked)
        return result16.ReserveNow(status="Accepted")

    async def introduce(self) -> None:
        await self.call(call16.BootNotification(charge_point_vendor="Acme", charge_point_model="Old"))
        await self.call(call16.StatusNotification(connector_id=1, error_code="NoError", status="Available"))

    async def heartbeat(self) -> None:
        await self.call(call16.Heartbeat())


class Modern(ChargePoint201):
    """A 2.0.1 station with a small device model, told in three parts."""

    def __init__(self, connection: Any) -> None:
        super().__init__("CP-201", connection)
        self.asked: list[str] = []
        self.reports: set[asyncio.Task[None]] = set()
        self.values = {"HeartbeatInterval": "300", "OfflineThreshold": "60"}
        self.reserved: list[dict[str, Any]] = []
        self.versions: list[int] = []

    @on("GetBaseReport")
    def base_report(self, request_id: int, report_base: str) -> Any:
        self.asked.append(f"GetBaseReport {report_base}")
        return result201.GetBaseReport(status="Accepted")

    @after("GetBaseReport")
    async def tell(self, request_id: int, report_base: str) -> None:
        names = list(self.values)
        for number, name in enumerate([*names, "BasicAuthPassword"]):
            secret = name == "BasicAuthPassword"
            attribute = {"mutability": "WriteOnly"} if secret else {"value": self.values[name]}
            data = {
                "component": {"name": "SecurityCtrlr" if secret else "OCPPCommCtrlr"},
                "variable": {"name": name},
                "variableAttribute": [attribute],
                "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": True, "maxLimit": 86400},
            }
            part = call201.NotifyReport(
                request_id=request_id, generated_at=now(), seq_no=number, report_data=[data], tbc=number < len(names)
            )
            await self.call(part)

    @on("SetVariables")
    def set_variables(self, set_variable_data: list[dict[str, Any]]) -> Any:
        results = []
        for one in set_variable_data:
            known = one["variable"]["name"] in self.values
            if known:
                self.values[one["variable"]["name"]] = one["attribute_value"]
            status = "Accepted" if known else "UnknownVariable"
            named = {"component": one["component"], "variable": one["variable"]}
            results.append({"attributeStatus": status, **named})
        return result201.SetVariables(set_variable_result=results)

    @on("GetVariables")
    def get_variables(self, get_variable_data: list[dict[str, Any]]) -> Any:
        results = []
        for one in get_variable_data:
            value = self.values.get(one["variable"]["name"])
            told = {"attributeStatus": "Accepted", "attributeValue": value} if value else {
                "attributeStatus": "UnknownVariable"
            }  # fmt: skip
            results.append({"component": one["component"], "variable": one["variable"], **told})
        return result201.GetVariables(get_variable_result=results)

    @on("GetMonitoringReport")
    def monitoring_report(self, request_id: int, **_more: Any) -> Any:
        return result201.GetMonitoringReport(status="Accepted")

    @after("GetMonitoringReport")
    async def tell_monitors(self, request_id: int, **_more: Any) -> None:
        monitor = {"id": 3, "transaction": False, "value": 60, "type": "Delta", "severity": 5}
        data = {
            "component": {"name": "OCPPCommCtrlr"},
            "variable": {"name": "OfflineThreshold"},
            "variableMonitoring": [monitor],
        }
        report = call201.NotifyMonitoringReport(request_id=request_id, seq_no=0, generated_at=now(), monitor=[data])
        await self.call(report)

    @on("GetLocalListVersion")
    def list_version(self) -> Any:
        return result201.GetLocalListVersion(version_number=self.versions[-1] if self.versions else 0)

    @on("SendLocalList")
    def list_sent(self, version_number: int, update_type: str, local_authorization_list: Any = ()) -> Any:
        self.versions.append(version_number)
        self.asked.append(f"SendLocalList {update_type} {len(local_authorization_list)}")
        return result201.SendLocalList(status="Accepted")

    @on("ReserveNow")
    def reserve(self, **asked: Any) -> Any:
        self.reserved.append(asked)
        return result201.ReserveNow(status="Accepted")

    async def introduce(self) -> None:
        station = {"model": "Modern", "vendorName": "Acme"}
        await self.call(call201.BootNotification(charging_station=station, reason="PowerUp"))
        status = call201.StatusNotification(timestamp=now(), connector_status="Available", evse_id=1, connector_id=1)
        await self.call(status)

    async def heartbeat(self) -> None:
        await self.call(call201.Heartbeat())


Point = Old | Modern
KINDS: list[tuple[type[Any], str]] = [(Old, "ocpp1.6"), (Modern, "ocpp2.0.1")]


@contextlib.asynccontextmanager
async def on_the_line(url: str, kind: type[Any], protocol: str) -> AsyncIterator[Any]:
    """A station of a kind, connected and introduced."""
    address = f"{url}CP-{'16' if kind is Old else '201'}"
    async with connect(address, subprotocols=[protocol], proxy=None) as connection:  # type: ignore[list-item]
        point = kind(connection)
        listening = asyncio.create_task(point.start())
        await point.introduce()
        try:
            yield point
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def settings_until(
    backend: ServiceBackend, station_id: str, are: Callable[[dict[str, Setting]], bool]
) -> dict[str, Setting]:
    """A station's settings, once they are so."""
    async with asyncio.timeout(20):
        while True:
            held = {one.key: one for one in await backend.settings(station_id)}
            if are(held):
                return held
            await asyncio.sleep(0.01)


async def settings_when(backend: ServiceBackend, station_id: str, *keys: str) -> dict[str, Setting]:
    """A station's settings, once these are known."""
    return await settings_until(backend, station_id, lambda held: set(keys) <= held.keys())


MODEL = ("OCPPCommCtrlr/HeartbeatInterval", "OCPPCommCtrlr/OfflineThreshold", "SecurityCtrlr/BasicAuthPassword")


async def test_a_new_station_is_read_once_and_not_again_when_it_comes_back(tmp_path: Path) -> None:
    async with running_service(tmp_path, quiet=False) as service, console(tmp_path, operator="me") as backend:
        url = service.info.listening[0]
        async with on_the_line(url, Old, "ocpp1.6") as old, on_the_line(url, Modern, "ocpp2.0.1") as modern:
            assert (await settings_when(backend, "CP-16", "HeartbeatInterval"))["HeartbeatInterval"].value == "300"
            held = await settings_when(backend, "CP-201", *MODEL)
            assert held[MODEL[0]].max_limit == 86400
            assert held[MODEL[2]].secret
            assert (old.asked, modern.asked) == (["GetConfiguration"], ["GetBaseReport FullInventory"])
        for kind, protocol in KINDS:
            async with on_the_line(url, kind, protocol) as point:
                for _ in range(3):
                    await point.heartbeat()
                assert point.asked == []


async def test_nothing_is_asked_of_anybody_if_quiet(tmp_path: Path) -> None:
    async with running_service(tmp_path, quiet=True) as service:
        for kind, protocol in KINDS:
            async with on_the_line(service.info.listening[0], kind, protocol) as point:
                for _ in range(3):
                    await point.heartbeat()
                assert point.asked == []


async def test_settings_of_a_16_station_change_and_await_its_boot(tmp_path: Path) -> None:
    async with running_service(tmp_path) as service, console(tmp_path, operator="me") as backend:
        url = service.info.listening[0]
        async with on_the_line(url, Old, "ocpp1.6") as old:
            assert (await backend.run(c.ReadSettings("CP-16"))).ok
            assert (await backend.run(c.ChangeSetting("CP-16", "heartbeatinterval", "60"))).ok
            assert (await backend.run(c.ReadSettings("CP-16", ("HeartbeatInterval", "Nothing", "More")))).hint
            assert old.asked == ["GetConfiguration"] * 3, "all at once, then two portions"
            held = await settings_when(backend, "CP-16", "More")
            assert (held["HeartbeatInterval"].value, held["HeartbeatInterval"].reboot_required) == ("60", True)
            assert held["Nothing"].unknown
            (write,) = await backend.setting_writes("CP-16")
            assert (write.before, write.after) == ("300", "60")
        async with on_the_line(url, Old, "ocpp1.6"):
            await settings_until(backend, "CP-16", lambda held: not held["HeartbeatInterval"].reboot_required)


async def test_the_device_model_of_a_201_station(tmp_path: Path) -> None:
    async with (
        running_service(tmp_path) as service,
        console(tmp_path, operator="me") as backend,
        on_the_line(service.info.listening[0], Modern, "ocpp2.0.1") as modern,
    ):
        outcome = await backend.run(c.ReadSettings("CP-201"))
        assert (outcome.ok, outcome.text) == (True, "3 settings read")
        assert (await backend.run(d.TakeSnapshot("CP-201", "before"))).ok
        changes = (d.SettingChange(MODEL[0], "60"), d.SettingChange("OCPPCommCtrlr/Nothing", "1"))
        outcome = await backend.run(d.ChangeSettings("CP-201", changes))
        assert (outcome.ok, "1 of 2" in outcome.text, modern.values["HeartbeatInterval"]) == (False, True, "60")
        assert (await backend.run(c.ReadSettings("CP-201", MODEL[:2]))).ok
        held = await settings_when(backend, "CP-201", *MODEL)
        assert (held[MODEL[0]].value, held[MODEL[0]].data_type) == ("60", "integer")
        assert (await backend.run(d.UndoSettings("CP-201"))).ok
        assert modern.values["HeartbeatInterval"] == "300"
        (listed,) = await backend.snapshots("CP-201")
        taken = await backend.snapshot(listed.snapshot_id)
        assert taken is not None
        assert len(taken.settings) == listed.count == 3
        assert (await backend.run(d.ReadMonitors("CP-201"))).ok
        (monitor,) = await backend.monitors("CP-201")
        assert (monitor.key, monitor.kind) == ("OCPPCommCtrlr/OfflineThreshold", "Delta")


@pytest.mark.parametrize(("kind", "protocol"), KINDS)
async def test_a_list_and_a_reservation(tmp_path: Path, kind: type[Any], protocol: str) -> None:
    async with running_service(tmp_path) as service, console(tmp_path, operator="me") as backend:
        for number in range(3):
            await backend.run(c.PutToken(Token(f"04AABB0{number}")))
        async with on_the_line(service.info.listening[0], kind, protocol) as point:
            station_id = point.id
            await backend.run(c.ReadSettings(station_id))
            point.asked.clear()
            assert (await backend.run(d.SendLocalList(station_id))).ok
            parts = (
                ["SendLocalList Full 2", "SendLocalList Differential 1"] if kind is Old else ["SendLocalList Full 3"]
            )
            assert point.asked == parts
            await backend.run(c.RemoveToken("04AABB00"))
            assert (await backend.run(d.SendLocalList(station_id))).ok
            assert point.asked[-1] == "SendLocalList Differential 1"
            assert (await backend.run(d.ReserveConnector(station_id, 1, "04AABB01", SOON))).ok
            (asked,) = point.reserved
            number = asked["reservation_id" if kind is Old else "id"]
            await _reserved(backend, number)
            await _use(point, number)
            await _reserved(backend)


async def _reserved(backend: ServiceBackend, *numbers: int) -> None:
    """Wait until these are the numbers of what is reserved."""
    async with contextlib.aclosing(backend.watch()) as updates:
        await site_when(
            updates, lambda site: tuple(one.reservation_id for one in site.reservations.values()) == numbers
        )


async def _use(point: Point, number: int) -> None:
    """Begin to charge with the reservation."""
    if isinstance(point, Old):
        start = call16.StartTransaction(
            connector_id=1, id_tag="04AABB01", meter_start=0, timestamp=now(), reservation_id=number
        )
        await point.call(start)
        return
    event = call201.TransactionEvent(
        event_type="Started",
        timestamp=now(),
        trigger_reason="Authorized",
        seq_no=0,
        transaction_info={"transaction_id": "T-1"},
        reservation_id=number,
    )
    await point.call(event)
