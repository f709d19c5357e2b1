"""The lists: order, filter and drill-down; transactions, tags and messages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import json
from msgspec.structs import replace

from console.backends import trace
from console.backends.base import MessageQuery, TransactionQuery
from console.model import command as c
from console.model.change import (
    CardSwiped,
    Learning,
    Measured,
    StationChanged,
    StationSeen,
    TokenChanged,
    TransactionChanged,
    TransactionProgressed,
)
from console.model.message import Direction, Message, MessageType
from console.model.meter import Reading
from console.model.outcome import Outcome, Result
from console.model.station import ConnectorStatus
from console.model.token import CardVerdict, Token
from tests.support.staged import StagedBackend, only
from tests.ui.driving import Driver, driving
from tests.ui.sites import NOW, ago, card, charging_curve, depot, ended, frames, station


@pytest.fixture
def backend() -> StagedBackend:
    staged = StagedBackend(depot())
    staged.past = ended()
    staged.held_messages = frames()
    for one in depot().transactions.values():
        staged.meters[one.key] = charging_curve(one.station_id, one.evse_id, one.transaction_id)
    return staged


def column(driver: Driver, start: int, end: int) -> list[str]:
    """What stands between two columns of the table's lines."""
    lines = driver.lines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith(("STATION", "TAG", "STARTED", "TIME")))
    rows = [line for line in lines[first + 1 : -2] if line[:2] in ("> ", "  ") and not line.startswith("   ")]
    return [line[start:end].strip() for line in rows]


# -- stations


async def test_a_filter_survives_going_to_another_screen_and_back(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("slash")
        await driver.type("alfen")
        await driver.press("enter")
        await driver.sees("/ alfen", "2 of 12 stations")
        assert column(driver, 1, 12) == ["CP-02", "CP-07"]
        await driver.press("enter")
        await driver.sees("> CP-02")
        await driver.press("2", "1")
        await driver.sees("/ alfen", "2 of 12 stations")
        await driver.press("slash")
        await driver.type(" 910")
        await driver.press("enter", "escape")
        await driver.sees_no("/ alfen")
        assert len(column(driver, 1, 12)) == 12


async def test_stations_are_filtered_by_what_is_wrong_with_them(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.command("stations groundfailure")
        await driver.until(lambda: column(driver, 1, 12) == ["CP-03"])
        backend.push(StationChanged(station("CP-03", "KEBA/P30", ConnectorStatus.AVAILABLE)))
        await driver.sees("No station matches the filter.")


async def test_the_order_goes_through_the_columns_and_turns_around(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("o")
        await driver.sees("STATE ^")
        assert column(driver, 1, 12)[0] == "CP-03"
        await driver.press("o")
        await driver.sees("POWER v")
        assert column(driver, 1, 12)[:2] == ["CP-06", "CP-01"]
        await driver.press("O")
        await driver.sees("POWER ^")
        assert column(driver, 1, 12)[-1] == "CP-06"


async def test_the_order_follows_the_power_without_hurry(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("o", "o")
        backend.push(Measured(Reading("CP-08", 1, NOW, power_w=90_000)))
        await driver.sees("90.0 kW")
        await driver.until(lambda: column(driver, 1, 12)[0] == "CP-08", "CP-08 on top")


async def test_enter_opens_a_station_and_escape_comes_back_to_it(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "down", "enter")
        await driver.sees("> CP-03", "FAULT GroundFailure", "KEBA P30")
        await driver.press("escape")
        await driver.sees("STATION ^")
        await driver.until(lambda: driver.line("CP-03").startswith(">"))


async def test_a_station_seen_is_young_again(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        assert " 30s " in driver.line("CP-05")
        backend.push(StationSeen("CP-05", NOW, 5_000))
        await driver.until(lambda: " now " in driver.line("CP-05") and "5.0 kWh" in driver.line("CP-05"))


async def test_at_120_columns_the_selected_station_stands_beside_the_table(backend: StagedBackend) -> None:
    async with driving(backend, size=(120, 40)) as driver:
        await driver.sees("tag 04A2C19B22 (Van 3, Anna)")
        await driver.press("down")
        await driver.sees("Alfen NG910", "firmware 6.6.0-4215")


# -- station


async def test_the_chart_shows_what_is_measured_and_h_the_next_of_it(backend: StagedBackend) -> None:
    backend.meters["CP-01\n#1"] = charging_curve("CP-01", 1, "814")
    async with driving(backend) as driver:
        await driver.press("enter")
        await driver.sees("Power 11.0 kW", "Transaction 814", "tag 04A2C19B22 (Van 3, Anna)")
        for title in ("Energy ", "Current ", "Voltage ", "State of charge "):
            await driver.press("h")
            await driver.sees(title)
        await driver.press("h")
        later = NOW + timedelta(seconds=30)
        backend.push(Measured(Reading("CP-01", 1, later, power_w=7_400)))
        await driver.sees("Power 7.4 kW")


# -- transactions


async def test_transactions_are_live_on_top_and_past_below(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("2")
        await driver.sees("> transactions", "charging", "EVDisconnected", "! abandoned")
        running = depot().transactions["CP-08\n813"]
        backend.push(TransactionProgressed("CP-08", "813", NOW, 4_400))
        await driver.until(lambda: "4.4 kWh" in driver.line("CP-08"))
        backend.push(TransactionChanged(replace(running, ended_at=NOW, energy_wh=4_500, stop_reason="Local")))
        await driver.until(lambda: "4.5 kWh  Local" in driver.line("CP-08"))
        backend.push(TransactionChanged(replace(running, transaction_id="900", started_at=NOW, energy_wh=0)))
        await driver.until(lambda: "14:02:11" in driver.lines()[2])


async def test_transactions_are_filtered_by_station_tag_and_time(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("2", "slash")
        await driver.sees("since:2026-11-01")
        await driver.type("CP-01 tag:04A2 since:2026-11-20 ended")
        wanted = TransactionQuery("CP-01", "04A2", ago(hours=38, minutes=2, seconds=11), running=False)
        await driver.until(lambda: wanted in backend.queries)
        await driver.sees("1 transaction")
        assert column(driver, 15, 25) == ["CP-01"]
        await driver.press("escape")
        await driver.sees("charging")


async def test_half_a_date_keeps_the_list(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("2", "slash")
        await driver.type("since:2026-1")
        await driver.sees('"2026-1" is not a time.', "charging")


async def test_older_transactions_come_as_one_scrolls(backend: StagedBackend) -> None:
    oldest = ended()[-1]
    backend.past = [replace(oldest, transaction_id=f"old-{n}", started_at=ago(days=30, minutes=n)) for n in range(450)]
    async with driving(backend) as driver:
        await driver.press("2")
        await driver.sees("> transactions", "10-22")
        pages = [each for each in backend.queries if isinstance(each, TransactionQuery) and each.before]
        assert not pages
        await driver.press("end")
        await driver.until(lambda: any(isinstance(q, TransactionQuery) and q.before for q in backend.queries))
        for _ in range(3):
            await driver.press("end")
        table = driver.app.screen.query_one("LiveTable")
        await driver.until(lambda: len(table.rows) == 455)  # type: ignore[attr-defined]
        await driver.press("enter")
        await driver.sees("> transaction old-449")
        await driver.press("escape", "slash")
        await driver.sees("455 transactions")
        assert driver.line("> 10-").startswith(">")


async def test_a_transaction_opens_with_its_figures_flags_and_chart(backend: StagedBackend) -> None:
    odd = ended()[3]
    backend.meters[odd.key] = charging_curve(odd.station_id, odd.evse_id, odd.transaction_id)
    async with driving(backend) as driver:
        await driver.press("2")
        await driver.sees("! abandoned")
        await driver.press("slash")
        await driver.type("CP-04 ended")
        await driver.press("enter")
        await driver.sees_no("CP-08")
        await driver.press("enter")
        await driver.sees(
            f"transaction {odd.transaction_id}",
            "7.411 kWh, meter 127.000 kWh to 134.411 kWh",
            "! abandoned: another began on this connector before it was stopped",
            "! clock suspect: the station's clock was wrong",
            "Power, last 11.0 kW",
        )
        await driver.press("h")
        await driver.sees("Energy, last 1249 kWh")
        await driver.press("escape")
        await driver.sees("/ CP-04 ended")


async def test_transactions_are_exported_whole_and_safe_for_a_spreadsheet(
    backend: StagedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backend.past[0] = replace(backend.past[0], id_token="=1+1")
    (tmp_path / "transactions-2026-11-21.csv").touch()
    async with driving(backend) as driver:
        await driver.press("2")
        await driver.sees("> transactions")
        await driver.press("w", "enter")
        await driver.sees("exists already")
        await driver.press(*["backspace"] * 4)
        await driver.type("b.csv")
        await driver.press("enter")
        await driver.sees("wrote 45 transactions to")
    written = (tmp_path / "transactions-2026-11-21b.csv").read_text()
    assert len(written.splitlines()) == 46
    assert ",'=1+1," in written


async def test_a_transactions_meter_values_are_saved_as_json(
    backend: StagedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with driving(backend) as driver:
        await driver.press("2")
        await driver.sees("CP-08")
        await driver.press("enter")
        await driver.sees("Power 11.0 kW")
        await driver.press("w", *["backspace"] * 3)
        await driver.type("json")
        await driver.press("enter")
        await driver.sees("wrote 300 samples to")
    written = (tmp_path / "meter-values-CP-08-1.json").read_text()
    rows = [json.decode(line) for line in written.splitlines()]
    assert {row["measurand"] for row in rows} >= {"Power.Active.Import", "SoC"}


# -- tags


async def test_a_tag_is_added_with_an_expiry_as_people_write_it(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("3", "a")
        await driver.sees("Add a tag")
        await driver.type("AB12CD34")
        await driver.press("down", "down", *["backspace"] * 5)
        await driver.type("soon")
        await driver.press("ctrl+s")
        await driver.sees('! expires: "soon" is not a time.')
        await driver.press(*["backspace"] * 4)
        await driver.type("+30d")
        await driver.press("down")
        await driver.type("Guest")
        await driver.press("ctrl+s")
        await driver.sees("tag AB12CD34: add: accepted")
        token = Token("AB12CD34", expires_at=NOW + timedelta(days=30), label="Guest", created_at=NOW)
        assert only(backend.commands) == c.PutToken(token)
        backend.push(TokenChanged(token))
        await driver.until(lambda: "2026-12-21" in driver.line("AB12CD34"))


async def test_a_known_tag_is_not_added_twice(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("3")
        await driver.command("token.add 04a2c19b22")
        await driver.sees("04a2c19b22 is a tag already", "press e to edit it")


async def test_a_tag_is_edited_blocked_expired_and_removed(backend: StagedBackend) -> None:
    tokens = depot().tokens
    async with driving(backend) as driver:
        await driver.press("3", "e")
        await driver.sees("Change group, expiry and label", "Van 3, Anna", "fleet")
        await driver.press(*["backspace"] * 5, "ctrl+s")
        anna = tokens["04a2c19b22"]
        await driver.until(lambda: backend.commands[-1:] == [c.PutToken(replace(anna, group_id=""))])
        await driver.press("down", "b")
        lost = tokens["11223344"]
        await driver.until(lambda: backend.commands[-1:] == [c.PutToken(replace(lost, blocked=False))])
        await driver.sees("tag 11223344: unblock: accepted")
        await driver.press("E")
        await driver.until(lambda: backend.commands[-1:] == [c.PutToken(replace(lost, expires_at=NOW))])
        await driver.press("delete")
        await driver.sees("tag 11223344: remove?", "Its transactions stay on record.")
        await driver.press("y")
        await driver.until(lambda: backend.commands[-1:] == [c.RemoveToken("11223344")])


async def test_the_next_card_is_learned_with_the_seconds_shown(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("3", "l")
        await driver.until(lambda: backend.commands == [c.LearnCard()])
        backend.push(Learning(NOW + timedelta(seconds=55)))
        await driver.sees("? LEARN 55 s left  hold the card to the reader of any station")
        await driver.press("l")
        await driver.until(lambda: backend.commands[-1:] == [c.LearnCard(on=False)])


async def test_an_unknown_card_stands_in_the_list_and_is_let_in_for_good(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        late = replace(card(), waiting=False, seen_at=ago(minutes=30))
        backend.push(CardSwiped(late))
        await driver.press("3")
        await driver.sees("unknown", "at CP-07 connector")
        assert "? CARD" not in driver.text()
        await driver.press("home", "Y")
        await driver.until(lambda: backend.commands == [c.SettleCard("c1", CardVerdict.ALWAYS)])


async def test_an_import_shows_what_it_would_do_and_then_does_it(backend: StagedBackend, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("id_token,group,label\nNEW00001,fleet,Van 9\n77AA01C2,fleet,Van 5\nDE4410FF,,Ingrid B\n")
    async with driving(backend) as driver:
        await driver.press("3", "i")
        await driver.type(str(file))
        await driver.press("enter")
        await driver.sees("Import 2 tags?", "1 new, 1 changed, 1 are as they were.", "+ NEW00001, Van 9, group fleet")
        await driver.sees("- DE4410FF, Ingrid", "+ DE4410FF, Ingrid B")
        await driver.press("y")
        await driver.sees("imported 2 tags: 1 new, 1 changed")
        new = Token("NEW00001", group_id="fleet", label="Van 9", created_at=NOW)
        assert c.PutToken(new) in backend.commands
        assert len(backend.commands) == 2


async def test_an_import_that_cannot_be_read_changes_nothing(backend: StagedBackend, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("id_token,expires\nNEW00001,someday\n")
    async with driving(backend) as driver:
        await driver.press("3")
        await driver.command(f"import {file}")
        await driver.sees("import: line 2:", "Nothing was imported.")
        await driver.command("import /nowhere/tags.csv")
        await driver.sees("cannot read /nowhere/tags.csv", "Is it the right path?")
        assert backend.commands == []


async def test_an_import_stops_where_the_service_says_no(backend: StagedBackend, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("NEW00001\nNEW00002\n")
    backend.answer = lambda _command: Outcome(Result.NOT_POSSIBLE, "read-only service")
    async with driving(backend) as driver:
        await driver.press("3")
        await driver.command(f"import {file}")
        await driver.sees("Import 2 tags?")
        await driver.press("y")
        await driver.sees("import stopped after 0 of 2 tags, at NEW00001")


async def test_a_site_without_tags_says_how_to_get_some() -> None:
    async with driving(StagedBackend()) as driver:
        await driver.press("3")
        await driver.sees("No tags yet.", "l learns the next card that is swiped")


# -- messages


def _frame(seq: int, action: str = "Heartbeat", station_id: str = "CP-01") -> Message:
    text = f'[2,"{seq}","{action}",{{"n":{seq}}}]'
    return Message(seq, NOW, station_id, Direction.FROM_STATION, MessageType.CALL, str(seq), action, text)


async def test_messages_show_latency_problems_and_refused_connections(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("> messages", "2 ms", "! chargePointSerial", "refused", "! wrong password", "ERROR Internal")


async def test_messages_follow_the_newest_until_one_looks_back(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("Authorize")
        backend.push_messages(*(_frame(n) for n in range(11, 60)))
        await driver.sees('{"n":59}')
        await driver.press("up")
        backend.push_messages(*(_frame(n) for n in range(60, 90)))
        table = driver.app.screen.query_one("LiveTable")
        await driver.until(lambda: "89" in table.rows)  # type: ignore[attr-defined]
        assert '{"n":89}' not in driver.text()
        await driver.press("end")
        await driver.sees('{"n":89}')


async def test_a_pause_holds_the_list_and_counts_what_comes(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("Authorize")
        await driver.press("p")
        backend.push_messages(_frame(11), _frame(12))
        await driver.sees("> messages, paused, 2 more")
        assert '{"n":12}' not in driver.text()
        await driver.press("p")
        await driver.sees('{"n":12}')


async def test_messages_are_filtered_by_station_action_and_problem(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m", "slash")
        await driver.type("CP-04 action:boot problems")
        wanted = MessageQuery("CP-04", "boot", problems_only=True, limit=500)
        await driver.until(lambda: wanted in backend.queries)
        await driver.sees("1 message")
        await driver.press("enter", "escape")
        await driver.sees("Heartbeat")


async def test_from_a_station_one_sees_its_own_messages(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "m")
        await driver.sees("/ CP-01", "2 messages")


async def test_a_message_opens_with_its_answer_and_is_searched(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("Authorize")
        await driver.press("up", "up", "up", "up")
        await driver.press("enter")
        await driver.sees(
            "to CP-03: RemoteStartTransaction request", "error answer, after 800 ms", '"connector is faulted",'
        )
        await driver.press("slash")
        await driver.type("tag")
        await driver.sees("1 line found")
        await driver.press("escape", "escape")
        await driver.sees("> messages", "CONTENT")


async def test_a_message_is_copied_and_the_list_saved_as_a_recording(
    backend: StagedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("Authorize")
        await driver.press("c")
        await driver.sees("copied to the terminal's clipboard", "press w to save")
        assert '"idTag": "04FFC19B"' in driver.app.clipboard
        await driver.press("w", "enter")
        await driver.sees("wrote 10 messages to")
    lines = trace.read(tmp_path / "messages-2026-11-21.jsonl")
    assert [line.message.action for line in lines] == [each.action for each in frames()]


async def test_the_list_of_messages_is_as_one_left_it(backend: StagedBackend) -> None:
    backend.held_messages = [_frame(n) for n in range(1, 201)]
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees('{"n":200}')
        await driver.press("home", "down", "down", "enter")
        await driver.sees("from CP-01: Heartbeat request")
        backend.push_messages(_frame(201))
        await driver.press("escape")
        table = driver.app.screen.query_one("LiveTable")
        await driver.until(lambda: "201" in table.rows)  # type: ignore[attr-defined]
        assert driver.line('{"n":3}').startswith(">")


async def test_what_fell_between_asking_and_watching_is_not_missed(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees("Authorize")
        backend.held_messages.append(_frame(11, "DataTransfer"))
        backend.push_messages(_frame(12))
        await driver.sees("DataTransfer", '{"n":12}')


async def test_older_messages_come_as_one_scrolls_up(backend: StagedBackend) -> None:
    backend.held_messages = [_frame(n) for n in range(1, 801)]
    async with driving(backend) as driver:
        await driver.press("m")
        await driver.sees('{"n":800}')
        await driver.press("home")
        table = driver.app.screen.query_one("LiveTable")
        await driver.until(lambda: len(table.rows) == 800)  # type: ignore[attr-defined]
