"""What the screens say, without a screen: words, rows, lines and figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from console.backends.base import Link, MessageQuery, TransactionQuery
from console.csms.dialects import dialect
from console.errors import ConsoleError
from console.model import command as c
from console.model.catalogue import BY_ID, CATALOGUE
from console.model.change import Change, Measured, StationChanged, StationRemoved
from console.model.message import Attempt, Direction, Message, MessageType
from console.model.meter import MeterValue, Reading, Sample
from console.model.schedule.draft import Draft, Every, Step
from console.model.schedule.profile import Purpose, Unit
from console.model.site import Site
from console.model.spec import Place, Target
from console.model.station import Admission, Connector, ConnectorStatus, Setting, Station
from console.model.token import Token
from console.model.transaction import Flag, Transaction
from console.screens.asking import describe
from console.screens.asking.form import Context, Param, need_fields, with_words
from console.screens.asking.forms import FORMS, find_tag
from console.screens.frame import attention, command_line, filters, header, keys, paint, theme, words
from console.screens.frame.ordering import OrderedRows
from console.screens.frame.overview import Overview
from console.screens.frame.session import News, Session
from console.screens.messages import message_rows
from console.screens.stations import station_rows, station_words
from console.screens.stations import station_view as view_of_station
from console.screens.tokens import token_rows
from console.screens.transactions import meter_series, transaction_rows
from tests.support.staged import StagedBackend
from tests.ui.sites import NOW, ZONE, ago, card, charging_curve, depot, ended, frames, newcomer, station
from widgets.form import Field

S = ConnectorStatus


# -- words


@pytest.mark.parametrize(
    ("power_w", "text"),
    [(None, "."), (0.0, "0.0 kW"), (7_360.0, "7.4 kW"), (350_000.0, "350.0 kW"), (1_234_000.0, "1.23 MW")],
)
def test_power(power_w: float | None, text: str) -> None:
    assert words.power(power_w) == text


@pytest.mark.parametrize(
    ("energy_wh", "text"),
    [(None, "."), (0, "0.0 kWh"), (42_149, "42.1 kWh"), (1_234_567, "1235 kWh"), (123_456_789, "123.5 MWh")],
)
def test_energy(energy_wh: int | None, text: str) -> None:
    assert words.energy(energy_wh) == text
    assert len(text) <= 9


@pytest.mark.parametrize(
    ("seconds", "long", "brief", "age"),
    [
        (0, "0 s", "0s", "now"),
        (59, "59 s", "59s", "55s"),
        (840, "14 min", "14m", "14m"),
        (3_840, "1 h 04 min", "1h04m", "1h"),
        (187_200, "2 d 4 h", "2d4h", "2d"),
    ],
)
def test_lengths_of_time(seconds: int, long: str, brief: str, age: str) -> None:
    begin = ago(seconds=seconds)
    assert words.span(begin, NOW) == long
    assert words.brief_span(begin, NOW) == brief
    assert words.ago(begin, NOW) == age


def test_times_are_local() -> None:
    assert words.time_of_day(NOW, ZONE) == "14:02:11"
    assert words.day_and_time(ago(days=3), ZONE, NOW) == "11-18 14:02"
    assert words.day_and_time(ago(days=400), ZONE, NOW) == "2025-10-17"
    assert words.moment(ago(days=200), ZONE, NOW) == "2026-05-05 15:02"  # summer time


def test_an_expiry_is_written_as_it_was_typed() -> None:
    end_of_year = datetime(2026, 12, 31, 23, tzinfo=UTC)  # the first instant of the next day in Stockholm
    assert words.expiry(end_of_year, ZONE) == "2026-12-31"
    assert words.expiry(end_of_year + timedelta(hours=7), ZONE) == "2027-01-01 07:00"
    assert words.expiry(None, ZONE) == "never"


# -- stations


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "charging"),
        ({"admission": Admission.PENDING}, "NEW, let it in?"),
        ({"admission": Admission.REJECTED}, "rejected"),
        ({"online": False}, "offline 3 h 12 min"),
        ({"online": False, "online_changed_at": None}, "never connected"),
        ({"status": S.FAULTED, "error_code": "HighTemperature"}, "FAULT HighTemperature"),
        ({"connectors": (Connector(1, status=S.CHARGING), Connector(2, status=S.CHARGING))}, "2 charging"),
        ({"connectors": (Connector(1, 1, S.FAULTED, "OtherError", "", "E-17"),)}, "FAULT OtherError E-17"),
        ({"connectors": (Connector(1, 1, S.FAULTED, "NoError", "door open"),)}, "FAULT door open"),
        ({"connectors": ()}, "available"),
    ],
)
def test_a_stations_state_is_one_phrase(changed: dict[str, Any], words: str) -> None:
    assert station_words.state(replace(depot().stations["CP-01"], **changed), NOW)[0] == words


def test_each_connector_has_a_letter() -> None:
    stations = depot().stations
    assert station_words.connector_letters(stations["CP-01"]) == "C P"
    assert station_words.connector_letters(stations["CP-06"]) == "CCA"
    assert station_words.connector_letters(stations["CP-04"]) == "- -"
    many = replace(stations["CP-01"], connectors=tuple(Connector(n, status=S.AVAILABLE) for n in range(1, 9)))
    assert station_words.connector_letters(many) == "AAA+"
    assert station_words.connector_letters(Station("x")) == "-"


def test_a_row_has_the_figures_with_their_units() -> None:
    cells = station_rows.cells(depot(), "CP-01", NOW)
    assert cells["power"] == ("11.0 kW", "busy")
    assert cells["today"] == "12.3 kWh"
    assert cells["last"] == "now"
    assert station_rows.cells(depot(), "CP-02", NOW)["power"] == (".", "muted")
    assert station_rows.cells(depot(), "gone", NOW) == {"station": "gone"}


@pytest.mark.parametrize(
    ("text", "found"),
    [("kwh", 0), ("alfen", 2), ("ALFEN 6.6".lower(), 2), ("offline", 1), ("fault ground", 1), ("10.0.4.12", 1)],
)
def test_a_filter_finds_what_is_known(text: str, found: int) -> None:
    stations = depot().stations.values()
    assert sum(station_rows.matches(each, tuple(text.split())) for each in stations) == found


def test_a_vendor_is_not_said_twice() -> None:
    assert station_rows.make(Station("x", vendor="ABB", model="ABB Terra")) == "ABB Terra"
    assert station_rows.make(Station("x", vendor="ABB", model="Terra")) == "ABB Terra"


# -- order and totals


_IDS = st.sampled_from([f"S{n}" for n in range(12)])


@given(st.lists(st.lists(st.tuples(_IDS, st.none() | st.integers(0, 5)), max_size=6), max_size=12))
def test_rows_that_move_one_by_one_stand_as_if_sorted(steps: list[list[tuple[str, int | None]]]) -> None:
    rows, values = OrderedRows(), dict[str, int]()
    for step in steps:
        rows.put(dict(step).items())
        values |= {key: value for key, value in dict(step).items() if value is not None}
        for key in [key for key, value in dict(step).items() if value is None]:
            values.pop(key, None)
        expected = tuple(key for _, key in sorted((value, key) for key, value in values.items()))
        assert rows.keys() == expected
        assert rows.keys(descending=True) == expected[::-1]
        assert len(rows) == len(values)


def _connectors() -> st.SearchStrategy[tuple[Connector, ...]]:
    statuses = st.sampled_from([S.AVAILABLE, S.CHARGING, S.FAULTED, S.SUSPENDED_EV])
    return st.lists(statuses, max_size=3).map(
        lambda found: tuple(Connector(number, status=status) for number, status in enumerate(found, start=1))
    )


_STATIONS = st.builds(Station, _IDS, st.sampled_from(Admission), online=st.booleans(), connectors=_connectors()).map(
    StationChanged
)
_MEASURED = st.builds(Reading, _IDS, st.integers(1, 3), st.just(NOW), power_w=st.none() | st.floats(0, 1e6)).map(
    Measured
)
_CHANGES: st.SearchStrategy[Change] = _STATIONS | _MEASURED | st.builds(StationRemoved, _IDS)


@given(st.lists(st.lists(_CHANGES, max_size=5), max_size=10))
def test_totals_that_follow_changes_are_those_of_the_whole_site(steps: list[list[Change]]) -> None:
    site, following = Site(), Overview()
    for step in steps:
        site = site.apply(step)
        following.absorb(step, site)
        anew = Overview()
        anew.reset(site)
        assert following.total == anew.total
        assert set(following.pending) == set(anew.pending)


# -- what waits, and the header


def _text(parts: list[Any]) -> str:
    return "".join(text for text, _ in parts)


def test_the_most_urgent_card_comes_first_with_its_keys_at_the_end() -> None:
    site = replace(depot(), cards={"a": card("a", "AAAA", 20), "b": card("b", "BBBB", 5)})
    (line,) = attention.lines(site, [], NOW, everything=True, may_settle=True, may_admit=True)
    text = _text(line.parts(80))
    assert text.startswith(" ? CARD  5 s left (+1)  BBBB CP-07/1 ")
    assert text.endswith("y once  Y always  n refuse  ")
    assert len(text) == 80
    assert "once" not in _text(replace_keys(line).parts(80))


def replace_keys(line: attention.Line) -> attention.Line:
    """The line without its keys."""
    return attention.Line(line.mark, line.word, line.text)


def test_a_card_that_waits_no_more_is_let_in_for_the_next_time() -> None:
    late = replace(card(left_s=-5), waiting=False)
    line = attention.card_line([late], NOW, allowed=True)
    assert line.text == "04FFC19B was at CP-07 connector 1"
    assert line.keys == (("Y", "let in next time"), ("n", "dismiss"))
    site = replace(depot(), cards={"c1": replace(late, seen_at=ago(minutes=3))})
    assert attention.open_cards(site, NOW) == []


def test_a_station_that_said_nothing_yet_says_so() -> None:
    line = attention.pending_line([Station("CP-1", address="10.0.0.9")], allowed=False)
    assert line.text == "CP-1  said nothing of itself yet, from 10.0.0.9, offline now"
    assert line.keys == ()


def test_a_refused_connection_is_forgotten_after_a_while() -> None:
    attempt = Attempt("a", ago(minutes=11), "10.0.0.9", "/x", "", 404, "wrong path", "")
    assert attention.refused(replace(depot(), attempts={"a": attempt}), NOW) == []
    young = replace(attempt, at=ago(minutes=9))
    (line,) = attention.refused_lines(attention.refused(replace(depot(), attempts={"a": young}), NOW))
    assert line.text == "/x from 10.0.0.9: wrong path"


def test_a_refused_connection_says_its_cause_in_eighty_columns() -> None:
    attempt = Attempt(
        "a", NOW, "192.168.100.100", "/x", "CHARGER-0001", 401, "the password is wrong, twice", "Mend it."
    )
    first, second = attention.refused_lines([attempt, attempt])
    assert _text(first.parts(80)).rstrip() == " ! REFUSED CHARGER-0001: the password is wrong, twice"
    assert "from 192.168.100.100 (+1 more)" in _text(first.parts(120))
    assert _text(second.parts(80)).rstrip() == "           Mend it."


def test_long_names_that_differ_at_their_end_can_be_told_apart() -> None:
    one, other = words.name_in("CS-DEPOT-NORTH-00001", 11), words.name_in("CS-DEPOT-NORTH-00002", 11)
    assert (one, other) == ("CS-D…-00001", "CS-D…-00002")
    assert words.name_in("CP-0001", 11) == "CP-0001"
    assert len(words.name_in("x" * 40, 10)) == 10


def _session(site: Site, **options: Any) -> Session:
    session = Session(StagedBackend(site, **options), now=lambda: NOW, zone=ZONE)
    session.site, session.link = site, Link(connected=True)
    session.overview.reset(site)
    return session


@pytest.mark.parametrize("width", [34, 60, 80, 120, 200])
def test_the_header_fits_and_keeps_faults_to_the_last(width: int) -> None:
    text = _text(header.header(_session(depot(), production=True), ("CP-01",), width))
    assert len(text) == width
    assert "Åby depot  PRODUCTION > CP-01" in text
    assert ("1 fault" in text) is (width >= 60)
    assert ("12 stations" in text) is (width >= 120)


def test_the_header_says_that_data_are_old() -> None:
    session = _session(depot())
    session.link = Link(connected=False, text="no answer", stale_since=NOW)
    assert "NOT CONNECTED no answer, as of 14:02:11" in _text(header.header(session, (), 80))


def test_two_ends_never_overlap() -> None:
    parts = paint.two_ends([("a" * 50, "")], [("b" * 20, "")], 40)
    assert _text(parts) == "a" * 17 + "…" + "  " + "b" * 20


# -- keys, and the line


@pytest.mark.parametrize("place", [each for each in Place if each is not Place.EVERYWHERE])
@pytest.mark.parametrize("lines", [1, 2])
def test_a_footer_fits_80_columns_and_ends_with_help_and_quit(place: Place, lines: int) -> None:
    shown = keys.footer(place, lambda _spec: True, 80, lines)
    assert len(shown) == lines
    assert all(len(_text(line)) <= 82 for line in shown)
    assert _text(shown[-1]).rstrip().endswith("? help  q quit")


def test_a_stations_footer_begins_with_what_is_asked_for_most() -> None:
    shown = " ".join(_text(line) for line in keys.footer(Place.STATION, lambda _spec: True, 80, 2))
    assert shown.strip().startswith("s start  t stop  k settings  P schedules  L logs  i its reports")


def test_a_long_transaction_id_leaves_room_for_tag_and_start() -> None:
    site = depot()
    running = next(iter(site.running("CP-01")))
    site.transactions[running.key] = replace(running, transaction_id="1f73e21b-8688-4917-8c20-22ff91e0d7f8")
    narrow = _text(view_of_station.running_line(site, "CP-01", running.evse_id, UTC, 80))
    assert "…" in narrow
    assert "since" in narrow
    assert len(narrow) <= 80
    wide = _text(view_of_station.running_line(site, "CP-01", running.evse_id, UTC, 160))
    assert "Transaction 1f73e21b-8688-4917-8c20-22ff91e0d7f8  tag" in wide


def test_every_key_of_a_screen_runs_its_command() -> None:
    assert len(keys.bindings(Place.STATION)) == len({spec.key for spec in CATALOGUE if _at(spec.places, Place.STATION)})


def _at(places: tuple[Place, ...], place: Place) -> bool:
    return place in places or Place.EVERYWHERE in places


@pytest.mark.parametrize(
    ("text", "command_id", "given"),
    [
        ("start CP-01 1 TAG", "transaction.start", ["CP-01", "1", "TAG"]),
        ("unl CP-01", "connector.unlock", ["CP-01"]),
        ("station.reset", "station.reset", []),
        ("add", "station.add", []),
        ("let-charge-always", "card.always", []),
        ("read-settings CP-01", "settings.read", ["CP-01"]),
    ],
)
def test_a_typed_line_names_a_command(text: str, command_id: str, given: list[str]) -> None:
    spec, rest = command_line.parse(text, Place.STATIONS)
    assert (spec.id, rest) == (command_id, given)


def test_a_name_that_could_be_several_says_which() -> None:
    with pytest.raises(ConsoleError, match=r"could be .*station.add.*token.add|could be .*token"):
        command_line.parse("add", Place.MESSAGES)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sta", "start"),
        ("start CP-0", "start CP-01"),
        ("start CP-06 ", "start CP-06 1"),
        ("start CP-01 1 77", "start CP-01 1 77AA01C2"),
        ("reset CP-01 h", "reset CP-01 hard"),
        ("token.block 11", "token.block 11223344"),
        ("stations G", "stations GARAGE-1"),
    ],
)
def test_a_typed_line_is_completed(text: str, first: str) -> None:
    assert command_line.completions(text, depot(), Place.STATIONS)[0] == first


def test_every_command_that_is_sent_has_a_form_and_every_form_a_command() -> None:
    local = ("view.", "form.", "go.", "app.", "playback.", "schedule.", "rollout.")  # the last two have screens
    sent = {spec.id for spec in CATALOGUE if not spec.id.startswith(local)}
    assert sent == set(FORMS) | {"settings.apply", "token.import"}


# -- forms


def _field(name: str, *, required: bool = True, known: bool = False) -> Param:
    return Param(Field(name, name, choices=("a", "b") if name == "kind" else (), required=required), known)


def test_words_fill_parameters_in_order_and_the_rest_goes_to_the_last() -> None:
    params = [_field("kind"), _field("data")]
    filled = with_words(params, ["A", "one", "two"], rest=True)
    assert [each.field.value for each in filled] == ["a", "one two"]
    with pytest.raises(ConsoleError, match="'two' is too much"):
        with_words(params, ["a", "one", "two"], rest=False)
    with pytest.raises(ConsoleError, match="kind 'c' is none of the choices"):
        with_words(params, ["c"], rest=False)


def test_only_what_is_not_known_is_asked() -> None:
    optional = _field("note", required=False)
    assert need_fields([_field("x", known=True)], asked=True) == []
    assert need_fields([optional], asked=False) == []
    assert [each.name for each in need_fields([optional], asked=True)] == ["note"]


def test_a_tag_is_found_by_its_label_if_that_is_clear() -> None:
    site = depot()
    assert find_tag(site, "04a2c19b22") == "04A2C19B22"
    assert find_tag(site, "ingr") == "DE4410FF"
    assert find_tag(site, "van") == "van"
    assert find_tag(site, " FFFF ") == "FFFF"


def test_a_start_is_offered_the_templates_that_its_station_can_take() -> None:
    ampere, station_max = Draft((Step(0, 16.0),)), Draft((Step(0, 16.0),), purpose=Purpose.STATION_MAX)
    watt, dynamic = Draft((Step(0, 7000.0),), unit=Unit.W), Draft((Step(0, 16.0),), Every.NOW)
    held = {"cap": ampere, "station": station_max, "power": watt, "dynamic": dynamic}
    unit = Setting("CP-01", "ChargingScheduleAllowedChargingRateUnit", value="Current")
    context = Context(depot(), Target("CP-01", 1), NOW, None, {"CP-01": {unit.key: unit}}, lambda: held)
    field = next(each.field for each in FORMS["transaction.start"].params(context) if each.field.name == "schedule")

    assert field.choices == ("none", "cap", "power")
    assert field.error("none") is field.error("cap") is None
    assert field.error("power") == "cannot go with it: the station takes no limits in W"
    with pytest.raises(ConsoleError, match="no limits in W"):
        FORMS["transaction.start"].build(context, {"id_token": "TAG", "schedule": "power"})


def test_availability_offers_what_it_is_not_yet() -> None:
    def offered(station_id: str, evse_id: int | None) -> str:
        context = Context(depot(), Target(station_id, evse_id), NOW)
        return FORMS["station.availability"].params(context)[0].field.choices[0]

    assert offered("CP-09", 1) == "in service"
    assert offered("CP-01", 1) == "out of service"
    assert offered("CP-01", None) == "out of service"


@pytest.mark.parametrize(
    ("command", "words", "wire"),
    [
        (c.ResetStation("CP-01"), "CP-01: soft reset", ("Reset", {"type": "Soft"})),
        (c.UnlockConnector("CP-01", 2), "CP-01 connector 2: unlock", ("UnlockConnector", {"connectorId": 2})),
        (
            c.ChangeAvailability("CP-01", 0, operative=False),
            "CP-01: take out of service",
            ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
        ),
        (
            c.TriggerMessage("CP-01", "MeterValues", 1),
            "CP-01 connector 1: ask for MeterValues",
            ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}),
        ),
        (c.ReadSettings("CP-01"), "CP-01: read settings", ("GetConfiguration", {})),
        (
            c.TransferData("CP-01", "com.x", data="1"),
            "CP-01: data transfer com.x",
            ("DataTransfer", {"vendorId": "com.x", "data": "1"}),
        ),
        (c.CallStation("CP-01", "Foo", {"a": 1}), "CP-01: call Foo", ("Foo", {"a": 1})),
    ],
)
def test_a_command_in_words_and_as_the_request_it_leads_to(
    command: c.Command, words: str, wire: tuple[str, dict[str, Any]]
) -> None:
    assert describe.describe(command, depot()) == words
    assert describe.request(command) == wire


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize(
    "command",
    [
        c.ResetStation("CP-01", hard=True, evse_id=2),
        c.ResetStation("CP-01"),
        c.UnlockConnector("CP-01", 2, 3),
        c.ChangeAvailability("CP-01", 0, operative=False),
        c.ChangeAvailability("CP-01", 2, operative=True, connector_id=3),
        c.TriggerMessage("CP-01", "TransactionEvent", 2),
        c.TriggerMessage("CP-01", "StatusNotification", 2, 1),
        c.ClearCache("CP-01"),
        c.TransferData("CP-01", "com.x", data="1"),
    ],
)
def test_what_is_shown_of_a_request_of_2_is_what_is_sent(version: str, command: c.Command) -> None:
    wire = dialect(version).call(command)
    assert describe.request(command, version) == (wire.action, wire.payload)


def test_a_connector_of_several_is_named() -> None:
    station = Station("CP-2X", Admission.ACCEPTED, "2.0.1", online=True, connectors=(Connector(1, 1), Connector(1, 2)))
    site = Site(stations={"CP-2X": station})
    context = Context(site, Target("CP-2X", 1, connector_id=2), NOW)
    unlock = FORMS["connector.unlock"].build(context, {})
    assert unlock == c.UnlockConnector("CP-2X", 1, 2)
    assert describe.describe(unlock, site) == "CP-2X connector 1.2: unlock"
    out = FORMS["station.availability"].build(context, {"operative": "out of service"})
    assert out == c.ChangeAvailability("CP-2X", 1, False, 2)
    (message,) = FORMS["station.trigger"].params(context)
    assert "TransactionEvent" in message.field.choices
    asked = FORMS["station.trigger"].build(context, {"message": "StatusNotification"})
    assert asked == c.TriggerMessage("CP-2X", "StatusNotification", 1, 2)


def test_one_evse_of_several_can_be_reset_in_2() -> None:
    station = Station("CP-2X", Admission.ACCEPTED, "2.1", online=True, connectors=(Connector(1, 1), Connector(2, 1)))
    context = Context(Site(stations={"CP-2X": station}), Target("CP-2X"), NOW)
    _, place = FORMS["station.reset"].params(context)
    assert place.field.choices == ("whole station", "EVSE 1", "EVSE 2")
    reset = FORMS["station.reset"].build
    assert reset(context, {"kind": "soft", "place": "EVSE 2"}) == c.ResetStation("CP-2X", False, 2)
    assert reset(context, {"kind": "hard"}) == c.ResetStation("CP-2X", True)


def test_a_confirmation_tells_what_runs() -> None:
    title, lines = describe.confirmation(c.RejectStation("CP-06"), depot(), "Åby depot")
    assert title == "CP-06: reject?"
    assert "          connector 2: 17.0 kWh, tag 04A2C19B22" in lines
    assert lines[-1].startswith("Effect    Its BootNotification is answered Rejected")
    _, idle = describe.confirmation(c.ResetStation("CP-02"), depot(), "Åby depot")
    assert "Running   nothing" in idle


# -- filters


def test_a_transaction_filter_reads_station_tag_and_time() -> None:
    query = filters.transaction_query("CP-01 tag:04A2 since:yesterday until:2026-11-20 ended", NOW, ZONE)
    day = datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert query == TransactionQuery("CP-01", "04A2", day, day + timedelta(days=1), running=False)
    with pytest.raises(ConsoleError, match="is not a time"):
        filters.transaction_query("since:whenever", NOW, ZONE)
    with pytest.raises(ConsoleError, match="colour: is unknown here"):
        filters.transaction_query("colour:red", NOW, ZONE)


def test_a_live_transaction_is_judged_as_the_store_would() -> None:
    one = ended()[0]
    assert filters.transaction_matches(one, filters.transaction_query("cp-01 ended", NOW, ZONE))
    assert not filters.transaction_matches(one, filters.transaction_query("running", NOW, ZONE))
    assert not filters.transaction_matches(one, filters.transaction_query("since:-1h", NOW, ZONE))
    assert not filters.transaction_matches(one, filters.transaction_query("until:-1d", NOW, ZONE))


def test_a_word_in_the_message_filter_is_a_station_if_one_is_called_so() -> None:
    known = depot().stations
    assert filters.message_query("cp-01 heartbeat problems", known) == MessageQuery("cp-01", "heartbeat", True)
    assert filters.message_query("station:CP-99 action:cp-0", known) == MessageQuery("CP-99", "cp-0")
    assert filters.message_matches(frames()[3], MessageQuery("cp-04", "boot", problems_only=True))
    assert not filters.message_matches(frames()[0], MessageQuery(problems_only=True))


# -- transactions, tags, messages


def test_a_transaction_in_lines() -> None:
    one = replace(ended()[0], flags=(Flag.METER_INVALID,), stop_token="FF00")
    text = "\n".join(_text(line) for line in transaction_rows.details(depot(), one, NOW, ZONE))
    assert "Time     08:02 to 10:02, 2 h 00 min" in text
    assert "7.300 kWh, meter 100.000 kWh to 107.300 kWh" in text
    assert "Stopped  Local, with tag FF00" in text
    assert "! meter invalid: the meter ran backwards or jumped" in text


def test_a_transaction_of_2_says_what_it_is_doing() -> None:
    one = Transaction(
        "CP-2X", "T1", 1, 2, "04A2", started_at=ago(hours=1), charging_state="SuspendedEV", remote_start_id=7
    )
    text = "\n".join(_text(line) for line in transaction_rows.details(depot(), one, NOW, ZONE))
    assert "connector 1.2" in text
    assert "still car paused" not in text
    assert "the car pauses" in text
    assert "started remotely" in text
    assert transaction_rows.cells(depot(), one, NOW, ZONE)["end"] == ("car paused", "busy")
    nowhere = replace(one, evse_id=0, charging_state="")
    assert transaction_rows.cells(depot(), nowhere, NOW, ZONE)["evse"] == words.NOTHING


def test_a_transaction_without_a_start_says_so() -> None:
    one = replace(ended()[0], started_at=None, meter_start_wh=None, energy_wh=None, flags=(Flag.ORPHAN,))
    text = "\n".join(_text(line) for line in transaction_rows.details(depot(), one, NOW, ZONE))
    assert "start unknown, ended 10:02" in text
    assert "Energy   unknown, meter 107.300 kWh" in text


def test_every_flag_is_explained_within_80_columns() -> None:
    assert set(transaction_rows.FLAG_WORDS) == set(Flag)
    assert all(len(f" ! {flag}: {text}") <= 80 for flag, text in transaction_rows.FLAG_WORDS.items())


def test_an_import_keeps_what_a_file_cannot_know() -> None:
    site = depot()
    held = site.tokens["77aa01c2"]
    same, new = Token("77aa01c2", group_id="fleet", label="Van 5"), Token("X1")
    plan = token_rows.compare([same, new, Token("11223344")], site, NOW)
    assert (list(plan.new), plan.same) == ([Token("X1", created_at=NOW)], 1)
    assert [each.blocked for each in plan.changed] == [False]
    assert held.last_seen_at is not None
    lines = token_rows.preview(plan, site, ZONE)
    assert lines == [
        "1 new, 1 changed, 1 are as they were.",
        "+ X1",
        "- 11223344, Lost in May, BLOCKED",
        "+ 11223344",
    ]


def test_a_card_that_became_a_tag_is_unknown_no_more() -> None:
    site = replace(depot(), cards={"a": card("a", "77aa01c2"), "b": card("b", "NEW")})
    assert [each.card_id for each in token_rows.cards(site)] == ["b"]


def test_request_and_answer_find_each_other_by_id_station_and_nearness() -> None:
    def frame(seq: int, kind: MessageType, way: Direction, station_id: str = "A") -> Message:
        return Message(seq, NOW, station_id, way, kind, "1", "Heartbeat")

    call, result = MessageType.CALL, MessageType.CALLRESULT
    come, go = Direction.FROM_STATION, Direction.TO_STATION
    found = [frame(1, call, come), frame(2, result, go), frame(3, result, go, "B"), frame(8, call, come)]
    found.append(frame(9, result, go))
    assert message_rows.partner(found[0], found) is found[1]
    assert message_rows.partner(found[4], found) is found[3]
    assert message_rows.partner(found[2], found) is None


def test_a_document_has_both_frames_and_what_is_wrong() -> None:
    text = message_rows.document(frames()[3:5], ZONE)
    assert "14:01:40.000  from CP-04: BootNotification request\n! chargePointSerialNumber is too long\n[" in text
    assert "14:01:40.003  to CP-04: BootNotification answer, after 3 ms" in text
    broken = Message(1, NOW, "A", Direction.FROM_STATION, MessageType.MALFORMED, text="[2, oops", problem="no JSON")
    assert message_rows.document([broken], ZONE).endswith("! no JSON\n[2, oops")
    assert message_rows.cells(broken, ZONE)["content"] == ("! no JSON", "warn")


# -- meter values


def _value(*samples: Sample) -> MeterValue:
    return MeterValue("A", 1, NOW, samples)


@pytest.mark.parametrize(
    ("samples", "name", "value"),
    [
        ([Sample("Power.Active.Import", 3_000.0, "W", each) for each in ("L1", "L2", "L3")], "Power", 9.0),
        ([Sample("Power.Active.Import", 9.5e3, "W"), Sample("Power.Active.Import", 1.0, "W", "L1")], "Power", 9.5),
        ([Sample("Current.Import", each, "A", phase) for each, phase in ((15.0, "L1"), (16.0, "L2"))], "Current", 16),
        ([Sample("Current.Import", 2.0, "A", "N"), Sample("Current.Import", 6.0, "A", "L1")], "Current", 6.0),
        ([Sample("Voltage", each, "V", phase) for each, phase in ((230.0, "L1-N"), (234.0, "L2-N"))], "Voltage", 232),
        ([Sample("Voltage", 400.0, "V", "L1-L2"), Sample("Voltage", 230.0, "V", "L1-N")], "Voltage", 230.0),
        ([Sample("SoC", 81.0, "Percent")], "State of charge", 81.0),
        ([Sample("Energy.Active.Import.Register", 1_500.0)], "Energy", 1.5),
    ],
)
def test_phases_are_put_together(samples: list[Sample], name: str, value: float) -> None:
    ((_, found),) = meter_series.series([_value(*samples)])[name]
    assert found == pytest.approx(value)


def test_a_value_that_is_no_number_draws_nothing() -> None:
    assert meter_series.series([_value(Sample("SoC", None, raw="n/a"))]) == {}
    assert list(meter_series.series(charging_curve("A", 1, "1"))) == [
        "Power", "Energy", "Current", "Voltage", "State of charge",
    ]  # fmt: skip


def test_a_reading_goes_on_where_the_curve_ends() -> None:
    points = meter_series.live_points(Reading("A", 1, NOW, energy_wh=2_000, power_w=7_400.0))
    assert points == {"Power": (NOW.timestamp(), 7.4), "Energy": (NOW.timestamp(), 2.0)}


# -- colours, session


@pytest.mark.parametrize(
    ("env", "color_system", "name"),
    [
        ({"TERM": "xterm-256color"}, "256", "textual-dark"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor", "textual-dark"),
        ({"TERM": "xterm"}, "standard", "ansi-dark"),
        ({"TERM": "linux"}, "standard", "ansi-dark"),
        ({"TERM": "vt100"}, None, "ansi-dark"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "256", "ansi-dark"),
        ({}, None, "ansi-dark"),
    ],
)
def test_the_theme_is_what_the_terminal_can_show(env: dict[str, str], color_system: str | None, name: str) -> None:
    assert theme.choose(env, color_system) == name


def test_taking_news_applies_them_once() -> None:
    session = _session(depot())
    session._receive((StationChanged(newcomer()), StationRemoved("CP-11")))
    news = session.take()
    assert not news.whole
    assert len(news.changes) == 2
    assert session.overview.total.stations == 12
    assert list(session.overview.pending) == ["CP-0913"]
    assert session.take() == News(whole=False)


def test_a_session_refuses_in_the_order_of_who_knows_best() -> None:
    session = _session(depot())
    stop = BY_ID["transaction.stop"]
    assert session.refusal(stop, Target("CP-01")) is None
    assert session.refusal(stop, Target("CP-02")) == "nothing is charging here"
    session.backend.read_only = True
    assert session.refusal(stop, Target("CP-01")) == "this console is read-only"
    assert session.refusal(BY_ID["view.filter"], Target()) is None
    assert isinstance(session.backend, StagedBackend)
    session.backend.refusals["card.settle"] = "not here"
    assert session.refusal(BY_ID["card.once"], Target()) == "not here"


def test_the_summary_beside_the_table() -> None:
    lines = [_text(line) for line in station_rows.summary(depot(), depot().stations["CP-06"], NOW)]
    assert lines[:2] == ["CP-06", "ABB Terra 54"]
    assert "1 charging, 47.8 kW" in lines
    assert "  18.3 kWh in 23 min" in lines
    assert "  tag B0442D11 (Visitor card)" in lines
    assert station("X", "A/B").station_id == "X"
