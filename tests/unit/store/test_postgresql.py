"""The store over PostgreSQL; needs a server, which OCPP_CONSOLE_TEST_POSTGRESQL names (see CONTRIBUTING.md)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from console.model.change import StationRemoved
from console.store import Store
from console.store.engine import open_engine, url_of
from console.store.retention import Keep
from tests.unit.store.support import NOON, at, began, ended, keep, metered, seen, station

_SERVER = os.environ.get("OCPP_CONSOLE_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not _SERVER, reason="OCPP_CONSOLE_TEST_POSTGRESQL names no server")


@pytest.fixture
def url() -> Iterator[str]:
    """An empty schema of the test's own."""
    name = f"ocpp_{secrets.token_hex(6)}"
    engine = open_engine(url_of(_SERVER))
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    own = engine.url.update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


async def test_what_is_kept_is_there_again(url: str) -> None:
    store = Store.open(url)
    store.start()
    await keep(store, station(), began("1"), metered(1, at(1), transaction_id="1"), seen(1), seen(2))
    await keep(store, began("1"), ended("1"), began("2"))  # again: it takes the old one's place
    await store.close()
    store = Store.open(url)
    loaded = store.load(NOON)
    assert list(loaded.stations) == ["CP-1"]
    assert [one.transaction_id for one in loaded.running] == ["2"]
    assert [one.transaction_id for one in loaded.ended] == ["1"]
    assert loaded.next_message_seq == 3
    assert len(await store.queries.meter_values("CP-1", "1")) == 1
    store.start()
    await keep(store, StationRemoved("CP-1"))
    await store.close()


async def test_old_data_go(url: str) -> None:
    store = Store.open(url)
    store.start()
    await keep(store, station(), seen(1), metered(1, at(1)))
    removed = await store.tidy(Keep(messages_days=1, meter_values_days=1), at(60 * 24 * 30))
    assert removed.others == 0
    assert removed.meter_values
    await store.close()


async def test_a_register_that_no_meter_has_does_not_keep_the_site_from_starting(url: str) -> None:
    store = Store.open(url)
    store.start()
    low, high = metered(-(2**63), at(1)), metered(2**63 - 1, at(2))
    await keep(store, low, high)
    assert store.load(NOON).energy_today_wh == {}
    await store.close()
