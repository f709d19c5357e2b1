"""A program for test_killed: stores transactions until it is killed, and writes each acknowledged id to its output.

Usage: python -m tests.unit.store.killed_writer FILE FIRST
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from functools import partial

from console.store import Store
from tests.unit.store.support import NOON, began, ended, metered, seen


async def main(path: str, first: int) -> None:
    """Begin, meter and end transactions for ever, a few at a time."""
    store = Store.open(path)
    loaded = store.load(NOON)
    store.start()
    seq = itertools.count(loaded.next_message_seq)
    for number in itertools.count(first):
        name = str(number)
        store.writer.append([seen(next(seq)), began(name)], partial(_say, f"began {name}"))
        store.writer.append([metered(1000 + number, NOON, transaction_id=name)], partial(_say, f"met {name}"))
        if number % 3 == 0:
            store.writer.append([seen(next(seq)), ended(name)], partial(_say, f"ended {name}"))
        if number % 7 == 0:
            await asyncio.sleep(0)
        if number % 50 == 0:
            await store.writer.flush()


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
