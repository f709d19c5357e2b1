"""Firmware versions."""

from __future__ import annotations


def next_version(version: str) -> str:
    """The version after this one: its last number plus one."""
    head = version.rstrip("0123456789")
    return f"{head}{int(version[len(head) :] or 0) + 1}"
