"""The tables. Instants are whole microseconds since 1970 (UTC), energies whole Wh.

What grows with every frame has no index that begins with the station: with thousands of stations each row of a commit
would touch an index page of its own, and a commit would write pages instead of rows. It is read along the time instead:
messages are kept by the block, one or a few to a commit, which costs a tenth of a row for each and is taken apart as
fast as a table is scanned; ``meter_value`` has an index that begins with the time. Its one index by transaction is paid
only while a car charges.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

#: The newest migration: what this version of the program reads and writes.
REVISION = "0008"

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)

# SQLite numbers rows by itself only where the type is spelled INTEGER.
_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _instant(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


#: What the data folder is: the secret for transaction ids, when it was begun.
meta = Table("meta", metadata, _text("key", key=True), _text("value"))

#: A station is read and written as a whole, and only ever all of them at once: ``body`` is its JSON.
station = Table("station", metadata, _text("station_id", key=True), _text("body"))

#: Salted password hashes, apart from the stations so that no query of a screen meets them.
credential = Table("credential", metadata, _text("station_id", key=True), _text("password_hash"))

#: ``ordinal`` counts the transactions of this data folder; ``sort_at`` is the start, or what stands for an unknown one;
#: ``traits`` is JSON of what only 2.x tells (see ``rows.transaction_row``).
charging_transaction = Table(
    "charging_transaction",
    metadata,
    Column("ordinal", _SERIAL, primary_key=True, autoincrement=True),
    _text("station_id"),
    _text("transaction_id"),
    Column("evse_id", Integer, nullable=False),
    Column("connector_id", Integer, nullable=False),
    _text("id_token"),
    _text("group_id"),
    _instant("started_at", optional=True),
    _number("meter_start_wh"),
    _instant("ended_at", optional=True),
    _number("meter_stop_wh"),
    _number("energy_wh"),
    _text("stop_reason"),
    _text("stop_token"),
    _text("flags"),
    _instant("updated_at", optional=True),
    _instant("sort_at"),
    Column("traits", Text, nullable=False, server_default=""),
    UniqueConstraint("station_id", "transaction_id"),
    Index(None, "sort_at"),
    Index(None, "station_id", "ordinal"),
    sqlite_autoincrement=True,
)
Index(
    "ix_charging_transaction_running",
    charging_transaction.c.station_id,
    sqlite_where=charging_transaction.c.ended_at.is_(None),
    postgresql_where=charging_transaction.c.ended_at.is_(None),
)

#: What the samples of meter values are of: ``forms`` is JSON of the model's forms (see ``layouts``).
meter_layout = Table(
    "meter_layout",
    metadata,
    Column("layout_id", BigInteger, primary_key=True, autoincrement=False),
    _text("forms"),
)

#: ``samples`` is JSON: the values alone, in the order of the layout's forms; without a layout, the model's samples.
meter_value = Table(
    "meter_value",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _text("station_id"),
    Column("evse_id", Integer, nullable=False),
    _text("transaction_id"),
    _instant("at"),
    _instant("received_at", optional=True),
    _number("energy_wh"),
    Column("power_w", Double, nullable=True),
    _text("samples"),
    Column("layout_id", BigInteger, nullable=True),
    Index(None, "at", "station_id", "evse_id"),
)
Index(
    "ix_meter_value_transaction",
    meter_value.c.station_id,
    meter_value.c.transaction_id,
    sqlite_where=meter_value.c.transaction_id != "",
    postgresql_where=meter_value.c.transaction_id != "",
)

#: ``key`` is the form in which tokens are compared.
token = Table(
    "token",
    metadata,
    _text("key", key=True),
    _text("id_token"),
    _text("token_type"),
    Column("blocked", Boolean, nullable=False),
    _text("group_id"),
    _instant("expires_at", optional=True),
    _text("label"),
    _instant("created_at", optional=True),
    _instant("last_seen_at", optional=True),
    Column("places", Text, nullable=False, server_default=""),
)

#: Messages in the order of their numbers: ``body`` is MessagePack of their fields (see ``blocks``).
message_block = Table(
    "message_block",
    metadata,
    Column("first_seq", _SERIAL, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    _instant("last_at"),
    Column("body", LargeBinary, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    _text("attempt_id", key=True),
    _instant("at"),
    _text("address"),
    _text("path"),
    _text("station_id"),
    Column("http_status", Integer, nullable=False),
    _text("cause"),
    _text("cure"),
    Column("times", Integer, nullable=False),
    Index(None, "at"),
)

#: ``traits`` is JSON of what only 2.x tells of a setting (see ``rows.setting_row``).
setting = Table(
    "setting",
    metadata,
    _text("station_id", key=True),
    _text("key", key=True),
    Column("value", Text, nullable=True),
    Column("read_only", Boolean, nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("reboot_required", Boolean, nullable=False),
    _instant("read_at", optional=True),
    Column("traits", Text, nullable=False, server_default=""),
)

# The tables of a station's devices: ``body`` is the JSON of the model's struct, without its settings or entries where
# those have a column of their own.
monitor = Table(
    "monitor",
    metadata,
    _text("station_id", key=True),
    Column("monitor_id", BigInteger, primary_key=True),
    _text("body"),
)
settings_snapshot = Table(
    "settings_snapshot",
    metadata,
    _text("snapshot_id", key=True),
    _text("station_id"),
    _instant("at"),
    _text("body"),
    _text("settings"),
    Index(None, "station_id", "at"),
)
setting_write = Table(
    "setting_write",
    metadata,
    _text("write_id", key=True),
    _text("station_id"),
    _instant("at"),
    _text("body"),
    Index(None, "at"),
    Index(None, "station_id", "at"),
)
local_list = Table("local_list", metadata, _text("station_id", key=True), _text("body"))
local_list_entries = Table("local_list_entries", metadata, _text("station_id", key=True), _text("entries"))
reservation = Table(
    "reservation",
    metadata,
    _text("station_id", key=True),
    Column("reservation_id", BigInteger, primary_key=True),
    _text("body"),
)

#: Charging schedules: what is installed at a station, what is being sent to many, the prices. ``body`` is JSON of each.
station_schedules = Table("station_schedules", metadata, _text("station_id", key=True), _text("body"))
rollout = Table(
    "rollout",
    metadata,
    _text("rollout_id", key=True),
    _text("body"),
    Column("at", BigInteger, nullable=False, server_default="0"),
)
price_curve = Table("price_curve", metadata, _text("curve_id", key=True), _text("body"))
#: What stations told of themselves; ``details`` is JSON. A station has a bounded number of each kind.
station_record = Table(
    "station_record",
    metadata,
    _text("station_id", key=True),
    _text("kind", key=True),
    _text("key", key=True),
    _instant("at"),
    _text("summary"),
    _text("details"),
    Column("evse_id", Integer, nullable=False),
    _text("severity"),
    Column("standing", Boolean, nullable=False),
    Index(None, "at"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _instant("at"),
    _text("kind"),
    _text("station_id"),
    _text("text"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _instant("at"),
    _text("operator"),
    _text("command"),
    _text("station_id"),
    _text("detail"),
    _text("result"),
    _text("text"),
)
