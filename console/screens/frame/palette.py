"""The command palette (ctrl+p): every command of the screen, found by its words."""

from __future__ import annotations

from collections.abc import Iterator

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.markup import escape
from textual.widgets import Input

from console.model.catalogue import specs_at
from console.model.spec import Spec
from console.screens.frame.frame import SiteScreen
from console.screens.frame.keys import written
from widgets.text import plain


class Palette(CommandPalette):
    """Textual's palette, with a cursor that stands still: a blinking one would write to the terminal for ever."""

    # A picture has no place on a plain terminal, and takes two cells on others.
    DEFAULT_CSS = "Palette SearchIcon { display: none; }"

    def on_mount(self) -> None:
        """Hold the cursor still."""
        self.query_one(Input).cursor_blink = False


class CatalogueProvider(Provider):
    """Offers what the one list of commands has for the screen; what is not possible now says why."""

    def _offers(self) -> Iterator[tuple[SiteScreen, Spec, str]]:
        screen = self.screen
        if not isinstance(screen, SiteScreen):
            return
        later: list[tuple[SiteScreen, Spec, str]] = []
        for spec in specs_at(screen.PLACE):
            refusal = screen.refusal(spec, screen.command_target(spec))
            # The palette reads its texts as markup, and a reason may hold a station's own words.
            if not refusal:
                yield screen, spec, escape(plain(spec.help))
            elif not spec.id.startswith("playback."):
                later.append((screen, spec, escape(plain(f"not now: {refusal}"))))
        yield from later

    async def discover(self) -> Hits:
        """Everything, before anything is typed: what is possible now comes first."""
        for screen, spec, text in self._offers():
            yield DiscoveryHit(
                f"{spec.title} ({written(spec.key)})",
                lambda screen=screen, spec=spec: screen.action_command(spec.id),
                help=text,
            )

    async def search(self, query: str) -> Hits:
        """What the words typed match, in title or help."""
        matcher = self.matcher(query)
        for screen, spec, text in self._offers():
            title = f"{spec.title} ({written(spec.key)}): {spec.help}"
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(title),
                    lambda screen=screen, spec=spec: screen.action_command(spec.id),
                    help=text,
                )
