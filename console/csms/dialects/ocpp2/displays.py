"""OCPP 2.x: display messages (O01 to O06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.csms.dialects.base import Wire
from console.csms.dialects.times import write_time
from console.csms.ports import Payload
from console.errors import ConsoleError
from console.model.display import WRITTEN_PRIORITIES, ClearMessage, ReadMessages, ShowMessage, TextFormat

_FORMATS = {TextFormat.UTF8: "UTF8", TextFormat.ASCII: "ASCII"}


def _show(command: ShowMessage) -> Wire:
    """SetDisplayMessage. Raises ConsoleError if the text is none."""
    if not command.text.strip():
        raise ConsoleError("There is no text to show.", "Write what the display shall say.")
    if command.format is TextFormat.ASCII and not command.text.isascii():
        raise ConsoleError("The text is not plain ASCII.", "Send it as utf8, or write it without accents.")
    content: Payload = {"format": _FORMATS[command.format], "content": command.text}
    if command.language:
        content["language"] = command.language
    message: Payload = {"id": command.message_id, "priority": WRITTEN_PRIORITIES[command.priority], "message": content}
    if command.shown_while is not None:
        message["state"] = command.shown_while.value.capitalize()
    if command.starts_at is not None:
        message["startDateTime"] = write_time(command.starts_at)
    if command.ends_at is not None:
        message["endDateTime"] = write_time(command.ends_at)
    if command.transaction_id:
        message["transactionId"] = command.transaction_id
    return Wire("SetDisplayMessage", {"message": message})


CALLS: dict[type, Callable[[Any], Wire]] = {
    ShowMessage: _show,
    ReadMessages: lambda command: Wire("GetDisplayMessages", {"requestId": command.request_id}),
    ClearMessage: lambda command: Wire("ClearDisplayMessage", {"id": command.message_id}),
}
