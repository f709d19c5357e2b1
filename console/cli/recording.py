"""``messages --save FILE``: frames into a recording that ``open FILE`` replays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from console.backends import trace
from console.backends.base import Backend, MessageQuery
from console.cli.context import first_site
from console.cli.exits import UsageError
from console.cli.output import warn
from console.cli.paging import all_messages, new_messages
from console.model.message import Message


async def save_messages(backend: Backend, query: MessageQuery, path: Path, *, newest_only: bool, follow: bool) -> None:
    """Write the frames that match: all, or the newest ``query.limit``; with ``follow`` those that come, until Ctrl-C.

    The file is whole after every frame: whatever ends this ends it between two lines.
    """
    versions = {one.station_id: one.ocpp_version for one in (await first_site(backend)).stations.values()}
    count, last_seq = 0, 0
    try:
        with path.open("w", encoding="utf-8") as file:
            try:
                async for message in _chosen(backend, query, newest_only):
                    file.writelines(trace.write([message], versions))
                    count, last_seq = count + 1, message.seq
                if follow:
                    file.flush()
                    warn(f"{count} frames so far; recording until Ctrl-C …")
                    async for message in new_messages(backend, query, last_seq):
                        file.writelines(trace.write([message], versions))
                        file.flush()
                        count += 1
            finally:
                warn(f"{count} frames are in {path}.", f"Look at them: ocpp-console open {path}")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Choose another file.") from error


async def _chosen(backend: Backend, query: MessageQuery, newest_only: bool) -> AsyncIterator[Message]:
    if not newest_only:
        async for message in all_messages(backend, query):
            yield message
        return
    for message in await backend.messages(query):
        yield message
