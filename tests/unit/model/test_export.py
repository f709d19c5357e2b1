"""Tables of transactions, meter values and messages."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model import export
from console.model.message import Direction, Message, MessageType
from console.model.meter import MeterValue, Sample
from console.model.transaction import Flag, Transaction

AT = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)

CHARGED = Transaction(
    "CP-1", "7", 2, id_token="04A2", started_at=AT, meter_start_wh=100, ended_at=AT + timedelta(minutes=30),
    meter_stop_wh=5100, energy_wh=5000, stop_reason="Local", flags=(Flag.CLOCK_SUSPECT, Flag.GAP),
)  # fmt: skip


def test_transactions_as_csv() -> None:
    text = "".join(export.lines(export.TRANSACTION_COLUMNS, export.transaction_rows([CHARGED]), "csv"))
    assert text.splitlines() == [
        "station_id,transaction_id,evse_id,connector_id,id_token,group_id,started_at,ended_at,duration_s,"
        "meter_start_wh,meter_stop_wh,energy_wh,stop_reason,stop_token,flags",
        "CP-1,7,2,1,04A2,,2026-11-18T13:30:00.000Z,2026-11-18T14:00:00.000Z,1800.0,100,5100,5000,Local,,"
        "clock suspect; gap",
    ]


def test_no_transactions_are_a_header_or_nothing() -> None:
    assert len(list(export.lines(export.TRANSACTION_COLUMNS, (), "csv"))) == 1
    assert list(export.lines(export.TRANSACTION_COLUMNS, (), "json")) == []


def test_a_running_transaction_has_empty_cells() -> None:
    (line,) = export.lines(export.TRANSACTION_COLUMNS, export.transaction_rows([Transaction("A", "1", 1)]), "json")
    row = json.loads(line)
    assert row["ended_at"] is None
    assert row["duration_s"] is None
    assert row["evse_id"] == 1


def test_meter_values_have_one_row_a_sample() -> None:
    value = MeterValue("CP-1", 1, AT, (Sample(value=12.5), Sample("Voltage", 230.0, "V", "L1")), "7")
    rows = list(export.meter_value_rows([value]))
    assert [(row[4], row[5], row[6], row[7]) for row in rows] == [
        ("Energy.Active.Import.Register", 12.5, "Wh", ""),
        ("Voltage", 230.0, "V", "L1"),
    ]


def test_messages_keep_their_frame_and_lose_their_formulas() -> None:
    message = Message(
        3, AT, "=cmd()", Direction.FROM_STATION, MessageType.CALL, "id", "Heartbeat", '[2,"id","Heartbeat",{}]'
    )
    text = "".join(export.lines(export.MESSAGE_COLUMNS, export.message_rows([message]), "csv"))
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["station_id"] == "'=cmd()"
    assert json.loads(row["text"]) == [2, "id", "Heartbeat", {}]
    (line,) = export.lines(export.MESSAGE_COLUMNS, export.message_rows([message]), "json")
    assert json.loads(line)["station_id"] == "=cmd()"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "  =1", "\t=1", "\r\n=1", "\x00=1"])
def test_a_formula_is_neutralised(text: str) -> None:
    assert export.harmless(text).lstrip()[0] in "'\ufffd"


@pytest.mark.parametrize("text", ["", "CP-1", "a=1", "04A2", "é"])
def test_other_text_stays(text: str) -> None:
    assert export.harmless(text) == text


@given(st.text())
def test_every_text_survives_csv_in_one_cell_without_control_characters(text: str) -> None:
    lines = "".join(export.lines(("one", "two"), [(text, -1)], "csv"))
    header, row = csv.reader(io.StringIO(lines))
    assert header == ["one", "two"]
    assert row == [export.harmless(text), "-1"]
    assert "\n" not in row[0]
