"""Running verbs over a fake site."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.backends.base import Backend
from console.cli.context import World
from console.cli.main import main
from console.cli.place import Place
from tests.unit.cli.fake import NOW, FakeBackend

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Folders of the test's own, and a time zone that is not UTC."""
    monkeypatch.setenv("OCPP_CONSOLE_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("OCPP_CONSOLE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


def runner(backend: FakeBackend) -> Run:
    """Run verbs over a site: ``run("stations", "--json")``."""

    async def connect(_place: Place, _looking: bool) -> Backend:
        return backend

    def call(*words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(main, words, obj=World(connect, lambda: NOW), input=text)

    return call


@pytest.fixture
def run(backend: FakeBackend) -> Run:
    """Run verbs over the fake site."""
    return runner(backend)
