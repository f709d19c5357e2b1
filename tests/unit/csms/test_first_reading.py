"""Settings read once, unasked: late enough, few at once, never again where it went wrong; never at all if quiet."""

from __future__ import annotations

import asyncio

import pytest

from console.csms.device.first_reading import AGAIN_S, MOST_AT_ONCE, PATIENCE_S, PAUSE_S
from console.csms.ports import CallEnd, CallError, CallLost
from console.model import command as commands
from console.model.change import SettingsRead
from tests.unit.csms.rig import Charger, Rig

READ = ("GetConfiguration", {})
FOUND = {"configurationKey": [{"key": "A", "readonly": False, "value": "1"}]}


@pytest.fixture
def rig() -> Rig:
    return Rig(quiet=False)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def later(rig: Rig, seconds: float) -> None:
    rig.clock.advance(seconds)
    await settle()


async def test_after_the_first_word_on_its_state(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says["GetConfiguration"] = FOUND
    await later(rig, 1)
    charger.status(1, "Available")
    assert charger.session.calls == []
    await later(rig, PAUSE_S)
    assert charger.session.calls == [READ]
    assert [each.key for change in rig.journal.of(SettingsRead) for each in change.settings] == ["A"]
    charger.status(1, "Preparing")
    charger.boot()
    await later(rig, 3600)
    assert charger.session.calls == [READ]


async def test_after_a_while_where_it_tells_no_state(rig: Rig) -> None:
    charger = rig.charger()
    await later(rig, PATIENCE_S - 1)
    assert charger.session.calls == []
    await later(rig, 1)
    assert charger.session.calls == [READ]


async def test_once_for_each_firmware_also_after_a_restart(rig: Rig) -> None:
    charger = rig.charger()
    charger.session.says["GetConfiguration"] = FOUND
    await later(rig, PATIENCE_S)
    rig.restart()
    charger.connect().boot()
    await later(rig, PATIENCE_S)
    assert charger.session.calls == []
    charger.disconnect()
    charger.connect().session.says["GetConfiguration"] = FOUND
    charger.boot(firmwareVersion="2.0")
    await later(rig, PATIENCE_S)
    assert charger.session.calls == [READ]


@pytest.mark.parametrize(
    "end",
    [
        CallError("NotSupported", "", {}, 0.1),
        CallLost(offline=True, elapsed_s=1),
        CallLost(offline=False, elapsed_s=30),
    ],
)
async def test_never_again_where_it_went_wrong_whatever_the_firmware(rig: Rig, end: CallEnd) -> None:
    charger = rig.charger()
    charger.session.says["GetConfiguration"] = end
    await later(rig, PATIENCE_S)
    assert charger.known.settings_refused
    assert any("not asked again" in text for text in rig.journal.texts())
    rig.restart()
    charger.connect().boot(firmwareVersion="9")
    await later(rig, 3600)
    assert charger.session.calls == []


async def test_not_while_an_operators_command_is_under_way(rig: Rig) -> None:
    charger = rig.charger()
    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ask = charger.session.call

    async def slow(action: str, payload: dict[str, object], timeout_s: float) -> CallEnd:
        if action == "ClearCache":
            await waiting
        return await ask(action, payload, timeout_s)

    charger.session.call = slow  # type: ignore[method-assign]
    command = asyncio.create_task(rig.csms.execute(commands.ClearCache("CP1")))
    await settle()
    await later(rig, PATIENCE_S)
    assert charger.session.calls == []
    waiting.set_result(None)
    await command
    await later(rig, AGAIN_S)
    assert [action for action, _ in charger.session.calls] == ["ClearCache", "GetConfiguration"]


async def test_not_one_that_has_gone_or_is_not_let_in(rig: Rig) -> None:
    charger = rig.charger()
    session = charger.session
    charger.disconnect()
    await later(rig, PATIENCE_S)
    assert session.calls == []
    strict = Rig(quiet=False, accept_unknown=False)
    stranger = Charger(strict, "CP9").connect()
    stranger.boot()
    await later(strict, PATIENCE_S)
    assert stranger.session.calls == []


async def test_a_storm_of_stations_is_no_storm_of_requests(rig: Rig) -> None:
    asked = 0
    most = 0
    chargers = [rig.charger(f"CP{number}") for number in range(200)]

    async def slow(_action: str, _payload: dict[str, object], _timeout_s: float) -> CallEnd:
        nonlocal asked, most
        asked += 1
        most = max(most, asked)
        await asyncio.sleep(0)
        asked -= 1
        return CallError("NotSupported", "", {}, 0.1)

    for charger in chargers:
        charger.session.call = slow  # type: ignore[method-assign]
    rig.clock.advance(PATIENCE_S)
    async with asyncio.timeout(20):
        while not all(charger.known.settings_refused for charger in chargers):  # noqa: ASYNC110  # no event for it
            await asyncio.sleep(0)
    assert most <= MOST_AT_ONCE


async def test_nothing_at_all_if_quiet() -> None:
    rig = Rig(quiet=True)
    charger = rig.charger()
    charger.status(1, "Available")
    await later(rig, 3600)
    assert charger.session.calls == []


async def test_where_our_own_code_fails_the_others_are_read_all_the_same_and_it_is_told(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    chargers = [rig.charger(f"CP{number}") for number in range(3 * MOST_AT_ONCE)]

    async def broken(_action: str, _payload: dict[str, object], _timeout_s: float) -> CallEnd:
        raise RuntimeError("a bug of ours")

    for charger in chargers:
        charger.session.call = broken  # type: ignore[method-assign]
    await later(rig, PATIENCE_S)
    assert all(charger.known.settings_refused for charger in chargers)
    assert sum("the service failed over it" in text for text in rig.journal.texts()) == len(chargers)
    assert len(caplog.records) == len(chargers)
