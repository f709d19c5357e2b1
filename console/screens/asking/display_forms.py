"""The forms of the commands about display messages. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from console.errors import ConsoleError
from console.model.command import Command
from console.model.display import ClearMessage, Priority, ReadMessages, ShowMessage, ShownWhile, TextFormat
from console.model.when import parse_when
from console.screens.asking.form import Context, Form, Param, Values, text
from widgets.form import Field

_STATION = ("station_id",)
_ALWAYS = "always"
_ANY = "any session"
_TIMES = "22:00, +2h, tomorrow 8:00"


def _show_params(context: Context) -> list[Param]:
    priorities = tuple(each.value for each in Priority)
    states = (_ALWAYS, *(each.value for each in ShownWhile))
    formats = tuple(each.value for each in TextFormat)
    running = context.site.running(context.target.station_id)
    ids = (_ANY, *(each.transaction_id for each in running))
    only = "; ".join(f"connector {each.evse_id}: {each.transaction_id[:8]}…" for each in running) or "Nothing runs"
    return [
        text("text", "text", help="What the display shall say", required=True),
        Param(Field("priority", "priority", priorities[0], "always-front: nothing else is shown", priorities)),
        Param(Field("state", "while", _ALWAYS, "Only while the station is so", states)),
        Param(Field("starts", "from", help=f"{_TIMES}; empty: at once", validate=_when_error(context))),
        Param(Field("ends", "until", help=f"{_TIMES}; empty: until cleared", validate=_when_error(context))),
        Param(Field("transaction", "only for", _ANY, f"The message ends with it. {only}", ids)),
        text("language", "language", help="As in en or sv-SE"),
        Param(Field("format", "format", formats[0], "What old displays cannot show: accents in utf8", formats)),
        Param(Field("id", "replaces", help="The number of a message that is there; empty: a new one", validate=_id)),
    ]


def _when(context: Context, written: str) -> datetime | None:
    return parse_when(written, context.now, context.zone) if written.strip() else None


def _when_error(context: Context) -> Callable[[str], str | None]:
    def error(written: str) -> str | None:
        try:
            _when(context, written)
        except ConsoleError as wrong:
            return wrong.message
        return None

    return error


def _id(written: str) -> str | None:
    return None if not written.strip() or written.strip().isdecimal() else "is no number"


def _show(context: Context, values: Values) -> Command:
    transaction_id = values.get("transaction", _ANY)
    state, number = values.get("state", _ALWAYS), values.get("id", "").strip()
    return ShowMessage(
        context.target.station_id,
        values["text"],
        Priority(values.get("priority", Priority.NORMAL)),
        None if state == _ALWAYS else ShownWhile(state),
        _when(context, values.get("starts", "")),
        _when(context, values.get("ends", "")),
        "" if transaction_id == _ANY else transaction_id,
        values.get("language", "").strip(),
        TextFormat(values.get("format", TextFormat.UTF8)),
        int(number) if number else None,
    )


def _clear(context: Context, _values: Values) -> Command:
    if context.target.message_id is None:
        raise ConsoleError("No message is selected.", "Press r to ask which the station shows.")
    return ClearMessage(context.target.station_id, context.target.message_id)


DISPLAY_FORMS: dict[str, Form] = {
    "display.read": Form(lambda context, _values: ReadMessages(context.target.station_id), _STATION),
    "display.show": Form(_show, _STATION, _show_params),
    "display.clear": Form(_clear, ("station_id", "message_id")),
}
