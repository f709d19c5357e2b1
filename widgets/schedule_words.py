"""What a schedule editor says about its plan and its keys. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from widgets.schedule_edits import other_unit, unit_name
from widgets.schedule_limits import Supply, formula
from widgets.schedule_plan import Plan, Undo
from widgets.schedule_times import show_length, show_minute
from widgets.schedule_typed import Typing
from widgets.text import plain

Key = tuple[str, str]
"""Keys as they are written on a keyboard, and what they do."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What decides which keys do something now."""

    locked: bool
    typing: bool
    cursor: int
    supply: Supply


def keys(history: Undo, mode: Mode) -> list[Key]:
    """Return the keys that do something now, the most needed first."""
    plan = history.present
    if mode.typing:
        return [("enter", "take it"), ("tab", "take it, next cell"), ("esc", "leave it as it was")]
    if mode.locked:
        return [("left/right", "step")]
    shown: list[tuple[bool, Key]] = [
        (len(plan.steps) > 1, ("left/right", "step")),
        (True, ("up/down", "limit")),
        (plan.unit == "W", ("+/-", "fine")),
        (mode.cursor > 0, ("[ ]", "start")),
        (True, ("a", "add step")),
        (True, ("enter", "type")),
        (True, ("tab", "cell")),
        (mode.cursor > 0, ("d", "remove")),
        (plan.span == "week", ("c", "copy day")),
        (mode.supply.phases is not None, ("p", "phases")),
        (True, ("w", f"in {unit_name(other_unit(plan.unit))}")),
        (plan.normalise() != plan, ("m", "merge")),
        (bool(history.past), ("u", "undo")),
        (bool(history.future), ("U", "redo")),
    ]
    return [key for possible, key in shown if possible]


def about_step(plan: Plan, index: int, supply: Supply, zone: str, width: int) -> str:
    """Return which step it is, from when to when, and its limit in both units with the formula.

    The zone is left out where it would push the formula beyond `width`.
    """
    step, end = plan.steps[index], plan.end_of(index)
    when = f"{show_minute(step.start_minute, plan.span)} to {show_minute(end, plan.span)}"
    limit = "no limit" if step.limit is None else formula(step.limit, plan.unit, supply, step.phases)
    count, length = f"step {index + 1} of {len(plan.steps)}", show_length(end - step.start_minute)
    text = f"{count}   {when} {zone}, {length}   {limit}"
    return text if zone and plan.span != "duration" and len(text) <= width else f"{count}   {when}, {length}   {limit}"


def keys_content(shown: Sequence[Key], width: int) -> Content:
    """Return keys in lines of `width` cells; none is broken."""
    content, used = Content(""), 0
    for key, does in shown:
        size = len(key) + len(does) + 3
        if used and used + size > width:
            content, used = content + "\n", 0
        content = Content.assemble(content, " " if not used else "", (key, "bold"), (f" {does}  ", "$text-muted"))
        used += size + (not used)
    return content


def note_content(typing: Typing | None, note: str, wrong: bool) -> Content:
    """Return what is being typed with its hint, or else what there is to say; what is wrong has a `!`."""
    said = Content.styled(f"! {plain(note)}", "bold $text-error") if wrong and note else Content(plain(note))
    if typing is None:
        return said
    text = (typing.text, "reverse") if typing.fresh else (typing.text + "_", "bold")
    return Content.assemble(f"{typing.label}: ", text, "   ", said if note else (typing.hint, "$text-muted"))
