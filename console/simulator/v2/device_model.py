"""The device model: components and their variables, read, set and reported (2.x B05 to B08)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str | None, int | None, int | None, str, str | None]
"""Component, its instance, EVSE, connector, variable, its instance; names in small letters."""

READ_ONLY = "ReadOnly"
READ_WRITE = "ReadWrite"
WRITE_ONLY = "WriteOnly"

_SUMMARY = ("AvailabilityState", "Problem", "Active", "Enabled", "Available")


@dataclass(slots=True)
class Variable:
    """One variable with its one attribute, Actual. `read` makes it a live one, whose value is not stored.

    `least` and `most` bound a number, or the length of a text; `values` are what an option or a list may hold.
    """

    component: str
    name: str
    value: str = ""
    data_type: str = "string"
    mutability: str = READ_ONLY
    instance: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    unit: str | None = None
    least: float | None = None
    most: float | None = None
    values: tuple[str, ...] = ()
    needs_reboot: bool = False
    monitored: bool = False
    read: Callable[[], str] | None = None
    after_reboot: str | None = None

    @property
    def key(self) -> Key:
        """What it is found by."""
        instance = self.instance.lower() if self.instance else None
        return (self.component.lower(), None, self.evse_id, self.connector_id, self.name.lower(), instance)

    @property
    def actual(self) -> str:
        """Its value now."""
        return self.read() if self.read else self.value

    def takes(self, value: str) -> bool:
        """Whether that value is one for this variable."""
        match self.data_type:
            case "boolean":
                return value in ("true", "false")
            case "integer" | "decimal":
                return self._takes_number(value)
            case "OptionList":
                return value in self.values
            case "MemberList" | "SequenceList":
                return all(part in self.values for part in listed(value))
            case _:
                return (self.least or 0) <= len(value) <= (self.most or 2_500)

    def _takes_number(self, value: str) -> bool:
        try:
            number = int(value) if self.data_type == "integer" else float(value)
        except ValueError:
            return False
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def names(self) -> dict[str, Any]:
        """Component and variable, as every message has them."""
        component: dict[str, Any] = {"name": self.component}
        if self.evse_id is not None:
            component["evse"] = {"id": self.evse_id}
            if self.connector_id is not None:
                component["evse"]["connectorId"] = self.connector_id
        variable = {"name": self.name} | ({"instance": self.instance} if self.instance else {})
        return {"component": component, "variable": variable}

    def report(self) -> dict[str, Any]:
        """Its reportData."""
        attribute: dict[str, Any] = {"type": "Actual", "mutability": self.mutability}
        attribute |= {"persistent": self.read is None, "constant": False}
        if self.mutability != WRITE_ONLY:
            attribute["value"] = self.actual
        characteristics: dict[str, Any] = {"dataType": self.data_type, "supportsMonitoring": self.monitored}
        if self.unit is not None:
            characteristics["unit"] = self.unit
        if self.least is not None:
            characteristics["minLimit"] = self.least
        if self.most is not None:
            characteristics["maxLimit"] = self.most
        if self.values:
            characteristics["valuesList"] = ",".join(self.values)
        return {**self.names(), "variableAttribute": [attribute], "variableCharacteristics": characteristics}


class DeviceModel:
    """A station's variables. Names are found in any case; `on_change` is told of each that was set."""

    def __init__(self, variables: Iterable[Variable], on_change: Callable[[Variable], None]) -> None:
        self._variables = {variable.key: variable for variable in variables}
        self._on_change = on_change

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._variables.values())

    def text(self, component: str, name: str, instance: str | None = None) -> str:
        """The value in force of a variable of the station itself."""
        key = (component.lower(), None, None, None, name.lower(), instance.lower() if instance else None)
        return self._variables[key].actual

    def number(self, component: str, name: str, instance: str | None = None) -> int:
        """A value in force, as a number."""
        return int(self.text(component, name, instance))

    def flag(self, component: str, name: str, instance: str | None = None) -> bool:
        """A value in force, as yes or no."""
        return self.text(component, name, instance) == "true"

    def listed(self, component: str, name: str) -> list[str]:
        """A value in force, as the list it is."""
        return listed(self.text(component, name))

    def put(self, component: str, name: str, value: str) -> None:
        """Set a variable from inside the station, read-only or not."""
        self._variables[component.lower(), None, None, None, name.lower(), None].value = value

    def find(self, entry: dict[str, Any]) -> Variable | str:
        """The variable that an entry of a request names, or the status that says what of it is unknown."""
        key = _key(entry["component"], entry["variable"])
        found = self._variables.get(key)
        if found is not None:
            return found
        return "UnknownVariable" if any(known[:4] == key[:4] for known in self._variables) else "UnknownComponent"

    def get(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Do what GetVariables asks; its getVariableResult."""
        return [self._get(entry) for entry in entries]

    def set(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Do what SetVariables asks; its setVariableResult."""
        return [self._set(entry) for entry in entries]

    def inventory(self, base: str) -> list[Variable]:
        """The variables that a GetBaseReport asks for."""
        match base:
            case "ConfigurationInventory":
                return [one for one in self if one.mutability != READ_ONLY]
            case "SummaryInventory":
                return [one for one in self if one.name in _SUMMARY]
            case _:
                return list(self)

    def select(self, criteria: Sequence[str], wanted: Sequence[dict[str, Any]]) -> list[Variable]:
        """The variables that a GetReport asks for, by criteria on components and by their names."""
        found = list(self)
        if criteria:
            chosen = {one.key[:4] for one in found if one.name in criteria and one.actual == "true"}
            found = [one for one in found if one.key[:4] in chosen]
        if wanted:
            found = [one for one in found if any(_matches(one, entry) for entry in wanted)]
        return found

    def reboot(self) -> None:
        """Put the values in force that had to wait for it."""
        for variable in self:
            if variable.after_reboot is not None:
                variable.value, variable.after_reboot = variable.after_reboot, None

    def _get(self, entry: dict[str, Any]) -> dict[str, Any]:
        attribute = entry.get("attributeType", "Actual")
        answer = {"component": entry["component"], "variable": entry["variable"], "attributeType": attribute}
        found = self.find(entry)
        if isinstance(found, str):
            return {**answer, "attributeStatus": found}
        if attribute != "Actual":
            return {**answer, "attributeStatus": "NotSupportedAttributeType"}
        if found.mutability == WRITE_ONLY:
            return {**answer, "attributeStatus": "Rejected", "attributeStatusInfo": {"reasonCode": "WriteOnly"}}
        return {**answer, "attributeStatus": "Accepted", "attributeValue": found.actual}

    def _set(self, entry: dict[str, Any]) -> dict[str, Any]:
        attribute = entry.get("attributeType", "Actual")
        answer = {"component": entry["component"], "variable": entry["variable"], "attributeType": attribute}
        found = self.find(entry)
        if isinstance(found, str):
            return {**answer, "attributeStatus": found}
        if attribute != "Actual":
            return {**answer, "attributeStatus": "NotSupportedAttributeType"}
        value = entry["attributeValue"]
        if found.mutability == READ_ONLY:
            return {**answer, "attributeStatus": "Rejected", "attributeStatusInfo": {"reasonCode": "ReadOnly"}}
        if not found.takes(value):
            return {**answer, "attributeStatus": "Rejected", "attributeStatusInfo": {"reasonCode": "InvalidValue"}}
        if found.needs_reboot:
            found.after_reboot = value
            return {**answer, "attributeStatus": "RebootRequired"}
        found.value = value
        self._on_change(found)
        return {**answer, "attributeStatus": "Accepted"}


def listed(value: str) -> list[str]:
    """The parts of a MemberList or SequenceList."""
    return [part.strip() for part in value.split(",") if part.strip()]


def _key(component: dict[str, Any], variable: dict[str, Any]) -> Key:
    evse = component.get("evse", {})
    names = (component["name"], component.get("instance"), variable["name"], variable.get("instance"))
    name, instance, variable_name, variable_instance = (text.lower() if text else None for text in names)
    return (name or "", instance, evse.get("id"), evse.get("connectorId"), variable_name or "", variable_instance)


def _matches(variable: Variable, entry: dict[str, Any]) -> bool:
    """Whether a ComponentVariable means it; what the entry leaves out may be anything (B08.FR.21 ff.)."""
    component, wanted = entry["component"], entry.get("variable")
    evse = component.get("evse")
    if variable.component.lower() != component["name"].lower() or component.get("instance"):
        return False
    if evse is not None and variable.evse_id != evse["id"]:
        return False
    if evse is not None and "connectorId" in evse and variable.connector_id != evse["connectorId"]:
        return False
    if wanted is None:
        return True
    instance = wanted.get("instance")
    same_instance = instance is None or (variable.instance or "").lower() == instance.lower()
    return variable.name.lower() == wanted["name"].lower() and same_instance
