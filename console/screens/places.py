"""Which screen shows what."""

from __future__ import annotations

from collections.abc import Callable

from console.model.spec import Place
from console.screens.actions import ActionsScreen
from console.screens.certificates import CertificatesScreen
from console.screens.displays import DisplayScreen
from console.screens.frame import SiteScreen
from console.screens.local_lists import LocalListsScreen
from console.screens.logs import LogScreen, LogsScreen
from console.screens.message import MessageScreen
from console.screens.messages import MessagesScreen
from console.screens.report import ReportScreen
from console.screens.reports import ReportsScreen
from console.screens.request import RequestScreen
from console.screens.schedule import ScheduleScreen
from console.screens.schedules import SchedulesScreen
from console.screens.session import Session
from console.screens.settings import SettingsScreen
from console.screens.station import StationScreen
from console.screens.stations import StationsScreen
from console.screens.tariffs import TariffsScreen
from console.screens.tokens import TokensScreen
from console.screens.transaction import TransactionScreen
from console.screens.transactions import TransactionsScreen

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
