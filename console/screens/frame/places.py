"""Which screen shows what."""

from __future__ import annotations

from collections.abc import Callable

from console.model.spec import Place
from console.screens.device.certificates import CertificatesScreen
from console.screens.device.displays import DisplayScreen
from console.screens.device.logs import LogScreen, LogsScreen
from console.screens.device.report import ReportScreen
from console.screens.device.reports import ReportsScreen
from console.screens.device.settings import SettingsScreen
from console.screens.device.tariffs import TariffsScreen
from console.screens.frame.frame import SiteScreen
from console.screens.frame.session import Session
from console.screens.messages.message import MessageScreen
from console.screens.messages.messages import MessagesScreen
from console.screens.requests.actions import ActionsScreen
from console.screens.requests.request import RequestScreen
from console.screens.schedules.schedule import ScheduleScreen
from console.screens.schedules.schedules import SchedulesScreen
from console.screens.stations.station import StationScreen
from console.screens.stations.stations import StationsScreen
from console.screens.tokens.local_lists import LocalListsScreen
from console.screens.tokens.tokens import TokensScreen
from console.screens.transactions.transaction import TransactionScreen
from console.screens.transactions.transactions import TransactionsScreen

_LISTS: dict[Place, Callable[[Session], SiteScreen]] = {
    Place.STATIONS: StationsScreen,
    Place.TRANSACTIONS: TransactionsScreen,
    Place.TOKENS: TokensScreen,
    Place.MESSAGES: MessagesScreen,
    Place.SCHEDULES: SchedulesScreen,
    Place.LOCAL_LISTS: LocalListsScreen,
    Place.REPORTS: ReportsScreen,
}
_DETAILS: dict[Place, Callable[[Session, str], SiteScreen]] = {
    Place.STATION: StationScreen,
    Place.TRANSACTION: TransactionScreen,
    Place.MESSAGES: MessageScreen,
    Place.ACTIONS: ActionsScreen,
    Place.REQUEST: RequestScreen,
    Place.SETTINGS: SettingsScreen,
    Place.REPORTS: ReportScreen,
    Place.SCHEDULE: ScheduleScreen,
    Place.CERTIFICATES: CertificatesScreen,
    Place.DISPLAY: DisplayScreen,
    Place.TARIFFS: TariffsScreen,
    Place.LOGS: LogsScreen,
    Place.LOG: LogScreen,
}


def screen_for(place: Place, session: Session, key: str = "") -> SiteScreen:
    """A new screen; ``key`` is what a detail is about."""
    screen = _DETAILS[place](session, key) if key else _LISTS[place](session)
    screen.key = key
    return screen
