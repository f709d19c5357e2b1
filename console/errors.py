"""The one error base: what went wrong, and what to do about it."""

from __future__ import annotations


class ConsoleError(Exception):
    """An error that a person reads: ``message`` says what happened, ``hint`` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
