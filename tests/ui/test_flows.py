"""What an operator does from the keyboard, from the key to the last word on the status line."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from msgspec.structs import replace
from textual.events import Key

from console.model import command as c
from console.model.change import CardGone, CardSwiped, SettingsRead, StationChanged, TransactionChanged
from console.model.outcome import Outcome, Result
from console.model.schedule.profile import Purpose
from console.model.station import Admission, Setting, Station
from console.model.token import CardVerdict
from tests.support.staged import StagedBackend, only
from tests.ui.driving import driving
from tests.ui.sites import NOW, ago, card, depot, newcomer, settings


@pytest.fixture
def backend() -> StagedBackend:
    return StagedBackend(depot())


async def test_a_new_station_is_accepted_with_one_key(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(StationChanged(newcomer()))
        await driver.sees("! NEW", "CP-0913  Alfen NG910, OCPP 1.6, from 10.0.4.17", "a accept", "x reject")
        await driver.press("a")
        await driver.sees("CP-0913: accept: accepted after 0.4 s")
        assert only(backend.commands) == c.AcceptStation("CP-0913")
        backend.push(StationChanged(replace(newcomer(), admission=Admission.ACCEPTED)))
        await driver.sees_no("! NEW")


async def test_a_new_station_is_rejected_only_after_a_question(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(StationChanged(newcomer()))
        await driver.sees("! NEW")
        await driver.press("x")
        await driver.sees("CP-0913: reject?", "Site      Åby depot", "Cancel")
        await driver.press("enter")
        await driver.sees("CP-0913: reject: left undone")
        assert backend.commands == []
        await driver.press("x", "y")
        await driver.until(lambda: backend.commands == [c.RejectStation("CP-0913")])


@pytest.mark.parametrize(
    ("key", "verdict"), [("y", CardVerdict.ONCE), ("Y", CardVerdict.ALWAYS), ("n", CardVerdict.REFUSE)]
)
@pytest.mark.parametrize("screen", ["1", "enter", "2", "3", "m"])
async def test_a_card_is_settled_with_one_key_on_every_screen(
    backend: StagedBackend, key: str, verdict: CardVerdict, screen: str
) -> None:
    async with driving(backend) as driver:
        await driver.press(screen)
        backend.push(CardSwiped(card()))
        await driver.sees("? CARD", "14 s left  04FFC19B at CP-07 connector 1", "y once  Y always  n refuse")
        await driver.press(key)
        await driver.until(lambda: backend.commands == [c.SettleCard("c1", verdict)])
        backend.push(CardGone("c1"))
        await driver.sees_no("? CARD")


@pytest.mark.parametrize(("key", "over"), [("R", "CP-01: Restart the station"), ("ctrl+p", "Search")])
async def test_no_key_is_offered_that_a_dialog_would_take(backend: StagedBackend, key: str, over: str) -> None:
    async with driving(backend) as driver:
        backend.push(CardSwiped(card()))
        await driver.sees("? CARD", "y once")
        await driver.press(key)
        await driver.sees(over)
        await driver.sees("? CARD")
        await driver.sees_no("y once")
        await driver.press("escape")
        await driver.sees("y once")


async def test_a_card_that_no_line_shows_is_not_settled_blindly(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(CardSwiped(replace(card(), waiting=False, seen_at=ago(minutes=5))))
        await driver.until(lambda: bool(driver.app.session.site.cards))
        await driver.press("Y")
        await driver.sees("let charge always: no unknown card waits")
        assert backend.commands == []


async def test_a_key_meant_for_one_card_does_not_reach_the_next(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        backend.push(CardSwiped(card("c1", "AAAA0001")), CardSwiped(card("c2", "BBBB0002", left_s=25)))
        await driver.sees("14 s left (+1)  AAAA0001 CP-07/1")
        backend.push(CardGone("c1"))
        await driver.sees("BBBB0002")
        await driver.press("y")
        await driver.sees("another card came just now")
        assert backend.commands == []


async def test_a_key_that_comes_with_the_one_that_asks_does_not_answer(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter")
        for pressed in (Key("u", "u"), Key("y", "y")):
            pressed.time -= 1  # a moment ago, on a slow link
            driver.app.post_message(pressed)
        await driver.sees("unlock?", "y yes")
        assert backend.commands == []
        await driver.until(lambda: not driver.app._keys, "all keys handed out")
        await driver.press("y")
        await driver.until(lambda: backend.commands == [c.UnlockConnector("CP-02", 1)])


async def test_a_transaction_is_started_on_the_selected_connector(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter", "s")
        await driver.sees("CP-02 connector 1: Start charging with a tag", "Known: 77AA01C2 (Van 5)")
        await driver.type("04A2C19B22")
        await driver.press("enter", "enter")
        await driver.sees("CP-02 connector 1: start with 04A2C19B22: accepted after 0.4 s")
        assert only(backend.commands) == c.StartTransaction("CP-02", 1, "04A2C19B22")


async def test_a_transaction_is_started_by_a_template_that_the_station_can_take(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "enter", "s")
        await driver.type("04A2C19B22")
        await driver.press("enter")
        await driver.sees("< none >")
        await driver.press("right", "enter")
        await driver.sees("CP-02 connector 1: start with 04A2C19B22 by a schedule: accepted")
        profile = cast(c.StartTransaction, only(backend.commands)).profile
        assert profile is not None
        assert (profile.purpose, profile.evse_id, profile.transaction_id) == (Purpose.TX, 1, "")
        # cap-16a is the station's own maximum and is not offered; night-only is the first that is.
        assert [period.limit for period in profile.periods] == [16.0, 0.0, 16.0]


async def test_from_the_list_the_connector_is_asked_and_a_label_names_the_tag(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "s")
        await driver.sees("connector *", "< 1 >", "tag *")
        await driver.press("right", "enter")
        await driver.type("ingrid")
        await driver.press("enter", "enter")
        await driver.until(lambda: backend.commands == [c.StartTransaction("CP-02", 2, "DE4410FF")])


async def test_a_running_transaction_is_stopped_with_one_key(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("t")
        await driver.sees("CP-01: stop transaction 814: accepted")
        assert only(backend.commands) == c.StopTransaction("CP-01", "814")


async def test_which_of_two_transactions_to_stop_is_asked(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press(*["down"] * 5, "t")
        await driver.sees("CP-06: Stop the running transaction", "811: connector 1, 18.3 kWh")
        await driver.press("right", "enter")
        await driver.until(lambda: backend.commands == [c.StopTransaction("CP-06", "812")])


async def test_a_key_that_does_nothing_now_says_why(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("down", "down", "down", "s")
        await driver.sees("start: CP-04 is offline")
        assert " s start" not in driver.lines()[-1]
        await driver.press("down", "down")
        await driver.until(lambda: " s start" in driver.lines()[-1])
        assert backend.commands == []


async def test_while_it_is_asked_the_line_says_so_and_then_how_it_ended(backend: StagedBackend) -> None:
    backend.hold = asyncio.Event()
    backend.answer = lambda _command: Outcome(Result.TIMED_OUT, "no answer", "Is the station busy?", 30.0)
    async with driving(backend) as driver:
        await driver.press("t")
        await driver.sees("asking: CP-01: stop transaction 814")
        backend.hold.set()
        await driver.sees("FAIL CP-01: stop transaction 814: no answer after 30.0 s", "Is the station busy?")


async def test_what_the_answer_names_itself_is_not_said_twice(backend: StagedBackend) -> None:
    backend.answer = lambda _command: Outcome(Result.ACCEPTED, "CP-01 cleared its memory", elapsed_s=0.2)
    async with driving(backend) as driver:
        await driver.command("clear-cache CP-01")
        await driver.sees("ok   CP-01 cleared its memory after 0.2 s")


async def test_the_answer_is_shown_although_the_screen_was_left(backend: StagedBackend) -> None:
    backend.hold = asyncio.Event()
    async with driving(backend) as driver:
        await driver.press("enter", "t")
        await driver.until(lambda: len(backend.commands) == 1)
        await driver.press("escape")
        backend.hold.set()
        await driver.sees("CP-01: stop transaction 814: accepted")


async def test_a_reset_names_station_site_transactions_and_request(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("R")
        await driver.sees("CP-01: Restart the station", "< soft >")
        await driver.press("right", "enter")
        await driver.sees(
            "CP-01: hard reset?",
            "Site      Åby depot",
            "Station   CP-01, ABB Terra AC",
            "Running   connector 1: 12.3 kWh, tag 04A2C19B22",
            "Request   Reset",
            '{"type": "Hard"}',
        )
        assert driver.app.focused is not None
        assert driver.app.focused.id == "cancel"
        await driver.press("right", "enter")
        await driver.until(lambda: backend.commands == [c.ResetStation("CP-01", hard=True)])


async def test_at_a_production_site_the_station_has_to_be_typed() -> None:
    backend = StagedBackend(depot(), production=True)
    async with driving(backend) as driver:
        await driver.sees("PRODUCTION")
        await driver.press("enter", "u")
        await driver.sees("Type CP-01 to confirm")
        await driver.press("enter")
        await driver.type("CP-02")
        await driver.press("enter")
        assert backend.commands == []
        await driver.press("backspace")
        await driver.type("1")
        await driver.press("enter")
        await driver.until(lambda: backend.commands == [c.UnlockConnector("CP-01", 1)])


async def test_read_only_greys_everything_above_reading() -> None:
    backend = StagedBackend(depot(), read_only=True)
    async with driving(backend) as driver:
        await driver.sees("read-only")
        backend.push(StationChanged(newcomer()), CardSwiped(card()))
        await driver.sees("! NEW", "? CARD")
        assert "accept" not in driver.text()
        assert "y once" not in driver.text()
        for key in ("s", "t", "R", "a", "x", "y", "l", "A"):
            await driver.press(key)
            await driver.sees("this console is read-only")
            driver.app.session.say("next")
        await driver.press("question_mark")
        await driver.sees("not now: this console is read-only")
        assert backend.commands == []


async def test_what_the_backend_cannot_do_is_said_in_its_words() -> None:
    backend = StagedBackend(depot())
    backend.refusals = {"transaction.stop": "this CSMS has no remote stop"}
    async with driving(backend) as driver:
        await driver.press("t")
        await driver.sees("stop: this CSMS has no remote stop")


async def test_a_setting_is_found_and_edited_in_place(backend: StagedBackend) -> None:
    backend.held_settings["CP-01"] = settings("CP-01")
    backend.answer = lambda _command: Outcome(Result.ACCEPTED, "RebootRequired", "Reset the station (R).", 0.2)
    async with driving(backend) as driver:
        await driver.press("enter", "k")
        await driver.sees("SETTING", "HeartbeatInterval", "(secret)", "read only")
        await driver.press("slash")
        await driver.type("heartbeat")
        await driver.press("enter")
        await driver.sees("1 of 13 settings")
        await driver.press("e")
        await driver.sees("CP-01: HeartbeatInterval", "300")
        await driver.press("backspace", "backspace", "backspace")
        await driver.type("60")
        await driver.press("enter")
        await driver.sees("Request   ChangeConfiguration", '{"key": "HeartbeatInterval", "value": "60"}')
        await driver.press("y")
        await driver.sees("RebootRequired after 0.2 s", "Reset the station (R).")
        assert only(backend.commands) == c.ChangeSetting("CP-01", "HeartbeatInterval", "60")
        changed = Setting("CP-01", "HeartbeatInterval", "60", reboot_required=True, read_at=NOW)
        backend.push(SettingsRead("CP-01", (changed,)))
        await driver.until(lambda: "needs a reboot" in driver.line("HeartbeatInterval"))


async def test_a_read_only_setting_says_so(backend: StagedBackend) -> None:
    backend.held_settings["CP-01"] = [Setting("CP-01", "NumberOfConnectors", "2", read_only=True)]
    async with driving(backend) as driver:
        await driver.press("enter", "k")
        await driver.sees("NumberOfConnectors")
        await driver.press("e")
        await driver.sees("NumberOfConnectors is read only")
        assert backend.commands == []


async def test_settings_never_read_say_which_key_reads_them(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("enter", "k")
        await driver.sees("Not read yet: press r to read them.")
        await driver.press("r")
        await driver.until(lambda: backend.commands == [c.ReadSettings("CP-01")])
        backend.push(SettingsRead("CP-01", tuple(settings("CP-01"))))
        await driver.sees("HeartbeatInterval")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("start CP-02 1 77AA01C2", c.StartTransaction("CP-02", 1, "77AA01C2")),
        ("transaction.start cp-02 2 77AA01C2", c.StartTransaction("CP-02", 2, "77AA01C2")),
        ("stop CP-08", c.StopTransaction("CP-08", "813")),
        ("trigger CP-02 1 MeterValues", c.TriggerMessage("CP-02", "MeterValues", 1)),
        ("token.block 77AA01C2", None),
        ("learn", c.LearnCard()),
        ("station.add CP-77", c.AddStation("CP-77")),
        ("clear-cache CP-02", c.ClearCache("CP-02")),
    ],
)
async def test_a_typed_line_runs_a_command(backend: StagedBackend, line: str, command: c.Command | None) -> None:
    async with driving(backend) as driver:
        await driver.command(line)
        await driver.until(lambda: len(backend.commands) == 1, line)
        if command is None:
            command = c.PutToken(replace(depot().tokens["77aa01c2"], blocked=True))
        assert only(backend.commands) == command


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("reset CP-99", "there is no station 'CP-99'"),
        ("reset CP-02 sideways", "how 'sideways' is none of the choices"),
        ("start CP-04 1 77AA01C2", "CP-04 is offline"),
        ("frobnicate", "there is no command 'frobnicate'"),
        ("unlock CP-02 x", "'x' is no connector"),
        ("pause", "not on this screen"),
    ],
)
async def test_a_typed_line_that_is_wrong_says_what(backend: StagedBackend, line: str, answer: str) -> None:
    async with driving(backend) as driver:
        await driver.command(line)
        await driver.sees(answer)
        assert backend.commands == []


async def test_a_disruptive_typed_line_is_confirmed_too(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.command('call CP-02 Reset {"type":"Soft"}')
        await driver.sees("Request   Reset", '{"type": "Soft"}')
        await driver.press("y")
        await driver.until(lambda: backend.commands == [c.CallStation("CP-02", "Reset", {"type": "Soft"})])


async def test_tab_completes_a_typed_line(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("colon")
        await driver.type("reset")
        await driver.sees("reset")
        await driver.press("tab")
        await driver.type("CP-0")
        await driver.press("tab")
        await driver.type("h")
        await driver.press("tab", "enter")
        await driver.sees("CP-01: hard reset?")


async def test_a_station_is_added_with_a_password(backend: StagedBackend) -> None:
    async with driving(backend) as driver:
        await driver.press("A")
        await driver.sees("Admit a station before it connects")
        await driver.type("CP-50")
        await driver.press("enter")
        await driver.type("secret")
        await driver.press("ctrl+s")
        await driver.until(lambda: backend.commands == [c.AddStation("CP-50", "secret", 1)])
        assert "secret" not in driver.text()


async def test_a_station_that_is_gone_meanwhile_breaks_nothing(backend: StagedBackend) -> None:
    lonely = Station("CP-00", admission=Admission.ACCEPTED, online=True)
    backend.push(StationChanged(lonely))
    async with driving(backend) as driver:
        await driver.press("enter")
        await driver.sees("> CP-00")
        running = next(iter(depot().transactions.values()))
        backend.push(TransactionChanged(replace(running, station_id="CP-00", transaction_id="1")))
        await driver.press("k", "k", "h")
        await driver.sees("CP-00")
