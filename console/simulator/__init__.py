"""Simulated charging stations, for the demo, for tests, and for anybody's central system.

They are an independent peer: built on the `ocpp` package's own ChargePoint, they share no code with the service.
`SimulatedStation` is one station driven by a program; `run_fleet` and `run_demo` run many by themselves.
"""

from console.simulator.car import Car
from console.simulator.clock import Clock, ManualClock
from console.simulator.fleet import run_demo, run_fleet
from console.simulator.host import StationStopped
from console.simulator.scenario import DEMO_TAGS, NEWCOMER_ID, SiteStation, demo_cards, demo_site
from console.simulator.simulated_station import OCPP_VERSIONS, SimulatedStation
from console.simulator.types import (
    ABB_TERRA_54,
    ABB_TERRA_AC,
    ALFEN_NG910,
    ALPITRONIC_HYC150,
    EASEE_HOME,
    EVLINK_WALLBOX,
    KEBA_P30,
    KEMPOWER_SATELLITE,
    KINDS,
    ConnectorState,
    Registration,
    StationKind,
    Verdict,
)

__all__ = [
    "ABB_TERRA_54",
    "ABB_TERRA_AC",
    "ALFEN_NG910",
    "ALPITRONIC_HYC150",
    "DEMO_TAGS",
    "EASEE_HOME",
    "EVLINK_WALLBOX",
    "KEBA_P30",
    "KEMPOWER_SATELLITE",
    "KINDS",
    "NEWCOMER_ID",
    "OCPP_VERSIONS",
    "Car",
    "Clock",
    "ConnectorState",
    "ManualClock",
    "Registration",
    "SimulatedStation",
    "SiteStation",
    "StationKind",
    "StationStopped",
    "Verdict",
    "demo_cards",
    "demo_site",
    "run_demo",
    "run_fleet",
]
