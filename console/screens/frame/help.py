"""What the keys do here, and why some do nothing now: made from the one list of commands."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from console.backends.base import Playback
from console.model.catalogue import specs_at
from console.model.spec import Place, Spec
from console.model.station import STATUS_LETTER, STATUS_WORDS
from console.screens.frame import paint
from console.screens.frame.command_line import usage
from console.screens.frame.frame import SiteScreen
from console.screens.frame.keys import written
from widgets.row_line import Part

_MOVING = (
    ("up down", "move; pgup pgdn home end too"),
    ("ctrl+p", "search all commands by their words"),
    ("F1 ?", "this page"),
)
#: The columns of a command's title, and where its text begins.
_TITLE = 19
_TEXT_FROM = 10 + _TITLE
#: What the page's edges and its scroll bar take.
_AROUND = 3


class HelpScreen(ModalScreen[None]):
    """A page over the screen it is about; arrows scroll it, any of esc, q and ? closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical { width: 100%; height: 100%; background: $background; }
    HelpScreen VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    HelpScreen .bar { height: 1; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "app.pop_screen", "Close", show=False),
    ]

    def __init__(self, about: SiteScreen) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """Title, page, how to leave."""
        title: list[Part] = [(f" Help: {self._about.PLACE}", "strong")]
        with Vertical():
            yield Static(paint.content(title), classes="bar")
            with VerticalScroll():
                yield Static(paint.lines_content(self._lines()))
            yield Static(
                paint.content([(" up down", "strong"), (" scroll  ", "muted"), ("esc", "strong"), (" close", "muted")]),
                classes="bar",
            )

    def _lines(self) -> list[list[Part]]:
        place = self._about.PLACE
        specs = sorted(
            (each for each in specs_at(place) if self._shown(each)), key=lambda each: bool(self._refusal(each))
        )
        here = [each for each in specs if Place.EVERYWHERE not in each.places]
        everywhere = [each for each in specs if Place.EVERYWHERE in each.places]
        lines: list[list[Part]] = [[("On this screen", "strong")]]
        lines += [line for spec in here for line in self._command(spec)]
        lines += [[], [("Everywhere", "strong")]]
        lines += [line for spec in everywhere for line in self._command(spec)]
        lines += [[(f"  {key:<8}", "strong"), (text, "")] for key, text in _MOVING[:2]]
        lines += [[], [("Letters of the connectors", "strong")], *_letters()]
        lines += [[], [("Typed after :", "strong")]]
        lines += [[(f"  {spec.title.replace(' ', '-')} ", ""), (usage(spec), "muted")] for spec in specs if usage(spec)]
        return lines

    def _shown(self, spec: Spec) -> bool:
        playing = isinstance(self._about.session.backend, Playback)
        return playing or not spec.id.startswith("playback.")

    def _refusal(self, spec: Spec) -> str | None:
        return self._about.refusal(spec, self._about.command_target(spec))

    def _command(self, spec: Spec) -> list[list[Part]]:
        """A command's lines: key, title, and what it does or why not now; what has no room goes on below itself."""
        refusal = self._refusal(spec)
        text = spec.help if refusal is None else f"not now: {refusal}"
        first, *rest = textwrap.wrap(text, max(20, self._about.size.width - _TEXT_FROM - _AROUND)) or [""]
        key: Part = (f"  {written(spec.key):<8}", "muted" if refusal else "strong")
        title: Part = (f"{spec.title:<{_TITLE}}", "muted" if refusal else "")
        below: list[list[Part]] = [[(" " * _TEXT_FROM + more, "muted")] for more in rest]
        return [[key, title, (first, "muted")], *below]


def _letters() -> list[list[Part]]:
    meanings: dict[str, list[str]] = {}
    for status, letter in STATUS_LETTER.items():
        meanings.setdefault(letter, []).append(STATUS_WORDS[status])
    pairs = [f"{letter} {', '.join(words)}" for letter, words in meanings.items() if letter != "c"]
    pairs.insert(3, "c suspended, by the car or by the station")
    return [[("  " + "   ".join(pairs[n : n + 3]), "")] for n in range(0, len(pairs), 3)]
