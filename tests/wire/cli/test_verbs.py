"""The command line against a real service with a real connection."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from console.backends import trace
from tests.wire.cli.conftest import Commands, Served

_BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


async def _call(station: ClientConnection, action: str, payload: dict[str, Any]) -> dict[str, Any]:
    await station.send(json.dumps([2, action, action, payload]))
    while True:
        frame = json.loads(await station.recv())
        if frame[:2] == [3, action]:
            answer: dict[str, Any] = frame[2]
            return answer
        await _obey(station, frame)


async def _obey(station: ClientConnection, frame: list[Any]) -> None:
    """Answer the service's own requests: refuse what can be refused."""
    answers = {"GetConfiguration": {"configurationKey": [], "unknownKey": []}}
    await station.send(json.dumps([3, frame[1], answers.get(frame[2], {"status": "Rejected"})]))


async def _obey_for_ever(station: ClientConnection) -> None:
    async for text in station:
        await _obey(station, json.loads(text))


async def _verb(work: Callable[..., Any], *words: str) -> Any:
    return await asyncio.to_thread(work, *words)


async def test_a_station_is_added_seen_asked_and_recorded(commands: Commands, served: Served, tmp_path: Path) -> None:
    added = await _verb(commands.ask, "station", "add", "CP-1")
    assert added["ok"]
    async with connect(f"{served.url}CP-1", subprotocols=["ocpp1.6"]) as station:  # type: ignore[list-item]
        assert (await _call(station, "BootNotification", _BOOT))["status"] == "Accepted"
        obeying = asyncio.create_task(_obey_for_ever(station))
        seen = await _verb(_until_online, commands)
        assert (seen["vendor"], seen["ocpp_version"]) == ("Acme", "1.6")
        listed = await _verb(commands.ask, "stations")
        assert [one["station_id"] for one in listed["stations"]] == ["CP-1"]
        refused = await _verb(commands.run, "start", "CP-1", "1", "--tag", "04A2")
        assert (refused.returncode, refused.stdout) == (1, "")
        answer = await _verb(commands.run, "call", "CP-1", "GetConfiguration", '{"key": []}', "--json")
        assert json.loads(answer.stdout)["answer"] == {"configurationKey": [], "unknownKey": []}
        rejected = await _verb(commands.run, "call", "CP-1", "reset", "type=soft", "--yes", "--json")
        assert (rejected.returncode, json.loads(rejected.stdout)["answer"]) == (1, {"status": "Rejected"})
        mistaken = await _verb(commands.run, "call", "CP-1", "Rest", "type=Soft")
        assert (mistaken.returncode, "Did you mean Reset?" in mistaken.stderr) == (2, True)
        obeying.cancel()
    await _verb(_until_offline, commands)
    offline = await _verb(commands.run, "reset", "CP-1")
    assert offline.returncode == 4
    file = tmp_path / "day.jsonl"
    assert (await _verb(commands.run, "messages", "--save", str(file))).returncode == 0
    actions = {line.message.action for line in trace.read(file)}
    assert {"BootNotification", "RemoteStartTransaction", "GetConfiguration"} <= actions


def _follow_until(commands: Commands, online: bool) -> dict[str, Any]:
    """Read ``stations --follow`` until the station is there, or gone."""
    following = commands.start("stations", "--follow", "--json")
    with following:
        assert following.stdout is not None
        for line in following.stdout:
            station: dict[str, Any] = json.loads(line)
            if station["online"] is online and station["vendor"]:
                following.send_signal(signal.SIGINT)
                assert following.wait(60) == 130
                return station
    raise AssertionError("the verb ended by itself")


def _until_online(commands: Commands) -> dict[str, Any]:
    return _follow_until(commands, online=True)


def _until_offline(commands: Commands) -> dict[str, Any]:
    return _follow_until(commands, online=False)


def test_tags_are_kept(commands: Commands, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("04A2,,fleet,,Ada\nBEEF\n")
    assert commands.ask("tag", "import", str(file)) == {"imported": 2, "new": 2, "changed": 0}
    assert commands.run("tag", "block", "beef").returncode == 0
    first = commands.ask("tags")["tags"]
    assert [(one["id_token"], one["group_id"], one["status"]) for one in first] == [
        ("04A2", "fleet", "Accepted"),
        ("BEEF", "", "Blocked"),
    ]
    again = tmp_path / "again.json"
    again.write_text(json.dumps({"tags": first}))
    assert commands.ask("tag", "import", str(again))["changed"] == 2
    assert commands.ask("tags")["tags"] == first


def test_a_second_service_is_refused_and_the_first_can_be_stopped(commands: Commands, served: Served) -> None:
    second = commands.run("serve", "--listen", "127.0.0.1:0")
    assert second.returncode == 2
    assert f"already runs on {commands.folder / 'd'} (pid {served.process.pid})" in second.stderr
    status = commands.ask("service", "status")
    assert (status["pid"], status["station_urls"]) == (served.process.pid, [served.url])
    assert commands.ask("service", "stop") == {"stopped": True, "pid": served.process.pid}
    assert served.process.wait(60) == 0
    assert commands.run("service", "stop").returncode == 3
    assert commands.run("stations").returncode == 3


def test_a_port_that_is_taken_is_told(commands: Commands, served: Served) -> None:
    address = served.url.removeprefix("ws://").rstrip("/")
    other = commands.run("serve", "--listen", address, "--data", str(commands.folder / "e"))
    assert other.returncode != 0
    assert address in other.stderr
    assert "Traceback" not in other.stderr


def test_a_read_only_service_refuses(commands: Commands) -> None:
    with commands.start("serve", "--listen", "127.0.0.1:0", "--json", "--read-only") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["read_only"]
        done = commands.run("tag", "add", "04A2")
        assert (done.returncode, "read-only" in done.stderr) == (1, True)
        process.terminate()
        assert process.wait(60) == 0


def test_the_demo_ends_with_whoever_opened_it(commands: Commands) -> None:
    demo = commands.start("demo", "--headless", "--stations", "2", "--json")
    with demo:
        assert demo.stdout is not None
        place = json.loads(demo.stdout.readline())
        following = commands.start("stations", "--follow", "--json", "--data", place["data"])
        with following:
            assert following.stdout is not None
            names: set[str] = set()
            for line in following.stdout:
                station = json.loads(line)
                names |= {station["station_id"]} if station["online"] else set()
                if {"CP-01", "CP-02"} <= names:
                    break
            following.terminate()
        demo.kill()
    _wait_until_gone(place["data"])


def _wait_until_gone(data: str) -> None:
    """The demo's keeper is nobody's child now: the folder, which it deletes last, is what tells of its end."""
    script = f'while [ -e "{data}" ]; do sleep 0.05; done'
    subprocess.run(["sh", "-c", script], timeout=60, check=True)


def test_what_cannot_be_printed_or_read_is_said_in_words(commands: Commands, served: Served) -> None:
    command = [sys.executable, "-m", "console"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "schedule", "templates"], env=commands.environ, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 2)
    assert b"cannot be written" in done.stderr
    environ = commands.environ | {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    words = [*command, b"station", b"add", "Åby".encode()]
    done = subprocess.run(words, env=environ, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"What was typed holds bytes that are no text here.\n")
