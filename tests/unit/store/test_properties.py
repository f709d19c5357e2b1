"""Any changes in any portions, written, killed or not, and loaded again, are the site they make in memory."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.change import (
    AttemptSeen,
    Change,
    CredentialChanged,
    Notice,
    Noticed,
    NoticeKind,
    SettingsRead,
    StationChanged,
    StationRemoved,
    StationSeen,
    TokenChanged,
    TokenRemoved,
    TransactionChanged,
)
from console.model.message import Attempt
from console.model.site import Site
from console.model.station import Admission, Connector, ConnectorStatus, Setting, Station
from console.model.token import Token
from console.model.transaction import Flag, Transaction
from console.store import Store
from tests.unit.store.support import NOON, at

IDS = st.sampled_from(["CP-1", "CP-2", "Åby 3"])
TEXT = st.text(max_size=8)
INSTANTS = st.none() | st.datetimes(timezones=st.just(NOON.tzinfo))
WH = st.none() | st.integers(-(2**63), 2**63 - 1)

STATIONS = st.builds(
    Station,
    IDS,
    admission=st.sampled_from(Admission),
    online=st.booleans(),
    vendor=TEXT,
    reported_at=INSTANTS,
    connectors=st.lists(
        st.builds(Connector, st.integers(1, 3), status=st.sampled_from(ConnectorStatus), info=TEXT), max_size=2
    ).map(tuple),
)
TRANSACTIONS = st.builds(
    Transaction,
    IDS,
    st.sampled_from(["1", "2", "3"]),
    st.integers(0, 3),
    id_token=TEXT,
    started_at=INSTANTS,
    meter_start_wh=WH,
    ended_at=INSTANTS,
    meter_stop_wh=WH,
    energy_wh=WH,
    flags=st.lists(st.sampled_from(Flag), max_size=2).map(tuple),
    updated_at=INSTANTS,
    token_type=TEXT,
    charging_state=TEXT,
    remote_start_id=st.integers(0, 2**53),
    seq_nos=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=2).map(tuple),
)
PLACES = st.sampled_from([(), ("CP1",), ("CP1/2", "CP 3")])
TOKENS = st.builds(
    Token,
    st.sampled_from(["A", "a", "B "]),
    blocked=st.booleans(),
    expires_at=INSTANTS,
    label=TEXT,
    places=PLACES,
)
SETTINGS = st.builds(Setting, st.just("CP-1"), st.sampled_from(["x", "y"]), st.none() | TEXT, read_at=INSTANTS)
CHANGES: st.SearchStrategy[Change] = st.one_of(
    STATIONS.map(StationChanged),
    IDS.map(StationRemoved),
    TRANSACTIONS.map(TransactionChanged),
    TOKENS.map(TokenChanged),
    st.sampled_from(["a", "b"]).map(TokenRemoved),
    st.builds(
        lambda n, count: AttemptSeen(Attempt(n, at(count), "", "", "", 401, "", "", count)), TEXT, st.integers(1, 9)
    ),
    st.builds(lambda text, kind: Noticed(Notice(NOON, text, kind)), TEXT, st.sampled_from(NoticeKind)),
    st.builds(CredentialChanged, IDS, st.sampled_from(["", "h1", "h2"])),
    st.lists(SETTINGS, max_size=2).map(lambda held: SettingsRead("CP-1", tuple(held))),
    IDS.map(lambda name: StationSeen(name, NOON)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(CHANGES, max_size=4), st.booleans()), max_size=12))
def test_what_is_loaded_is_what_happened(portions: list[tuple[list[Change], bool]]) -> None:
    changes = [change for portion, _ in portions for change in portion]
    site, credentials, held_settings = _in_memory(changes)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data.db").write_bytes(_empty())
        passed, loaded, stored_settings = asyncio.run(_written(Path(folder) / "data.db", portions))
    assert passed == [change for change in changes if not isinstance(change, CredentialChanged)]
    assert loaded.stations == site.stations
    assert loaded.transactions == site.transactions
    assert loaded.tokens == site.tokens
    assert loaded.attempts == site.attempts
    assert loaded.notices == site.notices
    assert stored_settings == (credentials, held_settings)


@functools.cache
def _empty() -> bytes:
    """A new data file; making one takes longer than all the rest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.db"
        asyncio.run(Store.open(path).close())
        return path.read_bytes()


async def _written(
    path: Path, portions: list[tuple[list[Change], bool]]
) -> tuple[list[Change], Site, tuple[dict[str, str], dict[str, Setting]]]:
    """Write each portion in one append, committed at once or together with the next, and load it all again."""
    store = Store.open(path)
    passed: list[Change] = []
    store.writer.on_committed_changes = passed.extend
    store.start()
    for portion, flushed in portions:
        store.writer.append(portion)
        if flushed:
            await store.writer.flush()
    await store.close()
    store = Store.open(path)
    loaded = store.load(NOON)
    held = {setting.key: setting for setting in await store.queries.settings("CP-1")}
    await store.close()
    return passed, loaded.site(""), (loaded.credentials, held)


def _in_memory(changes: list[Change]) -> tuple[Site, dict[str, str], dict[str, Setting]]:
    site = Site().apply(changes)
    offline = {key: msgspec.structs.replace(held, online=False) for key, held in site.stations.items()}
    credentials: dict[str, str] = {}
    held: dict[str, Setting] = {}
    for change in changes:
        if isinstance(change, CredentialChanged):
            credentials[change.station_id] = change.password_hash
        elif isinstance(change, SettingsRead):
            held.update({setting.key: setting for setting in change.settings})
        elif isinstance(change, StationRemoved):
            credentials.pop(change.station_id, None)
            if change.station_id == "CP-1":
                held.clear()
    kept = {key: value for key, value in credentials.items() if value}
    return msgspec.structs.replace(site, stations=offline), kept, held
