"""The service: store, CSMS, listener, live hub and operator link put together, begun and ended in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import itertools
import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from console.backends.wire import PROTOCOL, Info
from console.csms.csms import Csms
from console.csms.listener.gate import Gate
from console.csms.listener.listen_settings import ListenSettings
from console.csms.listener.listener import Listener
from console.csms.redact import SECRET_ACTIONS, redact
from console.csms.settings import CsmsSettings
from console.errors import ConsoleError
from console.model.change import Change, Notice, Noticed, NoticeKind
from console.model.site import Site
from console.service.addresses import station_urls
from console.service.authority import SiteAuthority
from console.service.clock import SystemClock
from console.service.desk import Desk
from console.service.dropbox.box import DropBox
from console.service.lifecycle import locked
from console.service.live import Hub
from console.service.operator_link import OperatorLink
from console.service.routes import Routes
from console.service.settings import ServiceSettings
from console.store.load import Loaded
from console.store.retention import Keep
from console.store.store import Store
from profiles.makes import load_makes

_LOG = logging.getLogger(__name__)

_DATABASE = "site.db"
#: Old data are deleted at the start and then once a day.
_UPKEEP_EVERY = timedelta(days=1)
#: After so many connections what lives is taken out of garbage collection (see csms.gc_steps).
_FREEZE_EVERY = 250
#: How long the last changes may take to reach the disk when the service stops, before watchers are sent away.
_DRAIN_TIMEOUT_S = 10.0
_LOG_LEVELS = {NoticeKind.WARNING: logging.WARNING, NoticeKind.BAD: logging.ERROR}


class Service:
    """One service over one data folder. ``start`` it, or ``run`` it until it is stopped."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.info: Info
        self._clock = SystemClock()
        self._stack = contextlib.AsyncExitStack()
        self._stopping = asyncio.Event()
        self._trouble_since: tuple[datetime, str] | None = None

    async def run(self, ready: Callable[[Info], None] = lambda _info: None) -> None:
        """Serve until ``stop``; ``ready`` is called when stations and operators can come. Raises ConsoleError."""
        await self.start()
        try:
            ready(self.info)
            await self._until_the_end()
        finally:
            await self.close()

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    async def start(self) -> None:
        """Begin to serve. Raises ConsoleError with the cure if that is not possible."""
        try:
            await self._start()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End: stations first, then what is not yet stored, then operators, and at last the data folder's lock."""
        self._stopping.set()
        await self._stack.aclose()

    async def _start(self) -> None:
        # The stack lets go in the reverse order of what is written here.
        settings = self.settings
        socket = self._stack.enter_context(locked(settings.data))
        target = settings.database or settings.data / _DATABASE
        self._store = store = await asyncio.to_thread(Store.open, target, _LOG.info)
        self._stack.push_async_callback(store.close)
        loaded = await asyncio.to_thread(store.load, _midnight())
        site = msgspec.structs.replace(loaded.site(settings.name), tariff=settings.tariff)
        self.hub = Hub(site)
        self._box = DropBox(settings.data, settings.files, settings.gates, self._clock)
        self._csms = self._make_csms(loaded)
        self._box.on_received = self._csms.file_received
        self._box.on_refused = self._csms.refused
        self._connect_store()
        store.start()
        self._csms.load(
            _remembered(site, loaded),
            loaded.credentials,
            loaded.highest_ordinal + 1,
            loaded.records,
            loaded.awaiting_boot,
        )
        desk = Desk(self._csms.execute, store.writer, lambda: self.hub.site, self.stop, read_only=settings.read_only)
        routes = Routes(lambda: self.info, self.hub, store.queries, desk, self._box.folder)
        self._link = OperatorLink(routes.app(), socket)
        self._stack.push_async_callback(self._link.close)
        self._stack.push_async_callback(self._drain)
        self._stack.push_async_callback(self._csms.close)
        self._listener = self._make_listener(loaded)
        self._stack.push_async_callback(self._listener.close)
        self._stack.push_async_callback(self._box.close)
        await self._box.start()
        for trouble in self._box.troubles:
            self._store.writer.append([Noticed(Notice(self._clock.now(), trouble, NoticeKind.WARNING))])
        self._upkeep = asyncio.create_task(self._keep_small())
        self._stack.push_async_callback(_cancelled, self._upkeep)
        self._prices = self._fetch_prices()
        await self._listener.start()
        self.info = self._describe(self._listener.gates)
        await self._link.start()

    def _fetch_prices(self) -> asyncio.Task[None] | None:
        """Begin to fetch prices, where the profile says from where."""
        settings = self.settings
        if not settings.prices_url:
            return None
        # Here, not above: most sites fetch no prices, and the HTTP client is large.
        from console.service.prices import PriceFeed

        feed = PriceFeed(
            settings.prices_url,
            settings.prices_every_s,
            settings.prices_unit,
            self._store.writer,
            self._clock.now,
        )
        task = asyncio.create_task(feed.run())
        self._stack.push_async_callback(_cancelled, task)
        return task

    def _make_csms(self, loaded: Loaded) -> Csms:
        settings = self.settings
        csms_settings = CsmsSettings(
            secret=loaded.id_secret,
            site_name=settings.name,
            accept_unknown=settings.accept_unknown,
            heartbeat_interval_s=settings.heartbeat_interval_s,
            organization=settings.organization,
            pending_interval_s=settings.pending_interval_s,
            card_wait_s=settings.card_wait_s,
            call_timeout_s=settings.call_timeout_s,
            quiet=settings.quiet,
            tariff=settings.tariff,
            operators_present=lambda: self.hub.operators_present,
        )
        queries = self._store.queries
        return Csms(
            self._store.writer,
            self._clock,
            csms_settings,
            lookup_transaction=queries.transaction,
            shelf=queries,
            makes=load_makes(),
            authority=SiteAuthority(settings.data, settings.name),
            box=self._box,
        )

    def _make_listener(self, loaded: Loaded) -> Listener:
        listen_settings = ListenSettings(
            listen=self.settings.gates,
            ping_interval_s=self.settings.ping_interval_s,
            freeze_every=_FREEZE_EVERY,
        )
        return Listener(
            self._csms,
            self._csms,
            self._clock,
            listen_settings,
            seq=itertools.count(loaded.next_message_seq),
            redact=redact,
            secret_actions=SECRET_ACTIONS,
        )

    def _describe(self, gates: Sequence[Gate]) -> Info:
        return Info(
            PROTOCOL,
            _version(),
            self.settings.name,
            os.getpid(),
            self._clock.now(),
            self.settings.read_only,
            self.settings.production,
            station_urls(gates),
        )

    def _connect_store(self) -> None:
        writer = self._store.writer
        writer.on_committed_changes = self._publish
        writer.on_pressure = self._press
        writer.on_trouble = self._trouble

    def _publish(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if type(change) is Noticed and change.notice.kind in _LOG_LEVELS:
                _LOG.log(_LOG_LEVELS[change.notice.kind], "%s", change.notice.text)
        self.hub.publish(changes)

    def _press(self, too_much: bool) -> None:
        if too_much:
            self._listener.pause()
        else:
            self._listener.resume()

    def _trouble(self, text: str | None) -> None:
        """The disk refuses: say so at once, for it cannot be stored. When it is over, put it on record."""
        now = self._clock.now()
        if text is not None:
            self._trouble_since = self._trouble_since or (now, text)
            self.hub.publish([Noticed(Notice(now, text, NoticeKind.BAD))])
        elif self._trouble_since is not None:
            since, said = self._trouble_since
            self._trouble_since = None
            text = f"The disk takes data again, after {(now - since).total_seconds():.0f} s. It was: {said}"
            self._store.writer.append([Noticed(Notice(now, text, NoticeKind.WARNING))])

    async def _keep_small(self) -> None:
        keep = Keep(messages_days=self.settings.messages_days, meter_values_days=self.settings.meter_values_days)
        while True:
            try:
                removed = await self._store.tidy(keep, self._clock.now())
                await self._box.tidy()
                _LOG.debug("upkeep: %s", removed)
            except ConsoleError as error:
                notice = Notice(self._clock.now(), str(error), NoticeKind.WARNING)
                self._store.writer.append([Noticed(notice)])
            await asyncio.sleep(_UPKEEP_EVERY.total_seconds())

    async def _until_the_end(self) -> None:
        """Wait until it is to stop, or until something that must not end has ended, which is then raised."""
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stopping, *self._endless()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        for task in self._endless():
            if task.done():
                task.result()

    def _endless(self) -> list[asyncio.Task[None]]:
        """What must not end before the service does."""
        return [self._upkeep, self._link.serving, *self._box.serving, *([self._prices] if self._prices else [])]

    async def _drain(self) -> None:
        """Let operators still see what is stored last. A disk that refuses does not hold up the end for ever."""
        try:
            await asyncio.wait_for(self._store.writer.flush(), _DRAIN_TIMEOUT_S)
        except TimeoutError:
            _LOG.warning("The last changes could not be stored within %.0f s.", _DRAIN_TIMEOUT_S)


def _remembered(site: Site, loaded: Loaded) -> Site:
    """The site with all transactions that the CSMS must know again when a station repeats itself."""
    transactions = {transaction.key: transaction for transaction in loaded.recent}
    return msgspec.structs.replace(site, transactions=transactions | site.transactions)


def _midnight() -> datetime:
    """The last local midnight, in UTC."""
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _version() -> str:
    try:
        return importlib.metadata.version("ocpp-console")
    except importlib.metadata.PackageNotFoundError:  # run from its sources
        return "unknown"


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
