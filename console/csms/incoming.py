"""A connected station, and one request of it on its way through the CSMS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

from console.csms.dialects.base import Dialect
from console.csms.dialects.tolerance import BASE, Rules
from console.csms.ports import Session
from console.csms.said.reports import Answer
from console.model.make import USUAL_BEHAVIOUR


class Connection:
    """A station's connection: its session, and the dialect it speaks there."""

    __slots__ = (
        "awaited",
        "behaviour",
        "booted",
        "dialect",
        "heard_at",
        "ignored",
        "opened_at",
        "reported",
        "session",
        "states_at",
        "station_id",
        "told_accepted",
        "told_refusals",
        "tolerated",
    )

    def __init__(self, session: Session, dialect: Dialect, opened_at: datetime) -> None:
        self.session = session
        self.dialect = dialect
        self.station_id = session.station_id
        self.opened_at = opened_at
        self.awaited: set[str] = set()  # the actions that we asked for
        self.heard_at: datetime | None = None  # when its being heard was last told
        self.told_accepted = False  # whether a BootNotification was answered Accepted on this connection
        self.tolerated: Rules = BASE  # what is taken from it though it breaks OCPP
        self.behaviour = USUAL_BEHAVIOUR  # how its make wants to be treated
        self.booted = asyncio.Event()  # a BootNotification was answered Accepted
        self.reported = asyncio.Event()  # a connector's state was reported
        self.ignored = 0  # how many requests of ours it left without an answer, one after the other
        self.states_at: dict[tuple[int, int], datetime] = {}  # when each connector's state was last reported
        self.told_refusals: set[str] = set()  # what was refused, each told once


class Incoming:
    """A request being handled. ``problems`` are what was odd about it, for the operator to see."""

    __slots__ = ("connection", "message_id", "now", "problems", "station_id")

    def __init__(self, connection: Connection, message_id: str, now: datetime) -> None:
        self.connection = connection
        self.message_id = message_id
        self.now = now
        self.station_id = connection.station_id
        self.problems: list[str] = []

    def answer(self, answer: Answer) -> None:
        """Answer it now, after ``received`` has returned."""
        self.connection.session.answer(self.message_id, self.connection.dialect.write(answer))

    def answering(self, answer: Answer) -> Callable[[], None]:
        """What to call to answer it: for when something has become durable."""
        return partial(self.connection.session.answer, self.message_id, self.connection.dialect.write(answer))
