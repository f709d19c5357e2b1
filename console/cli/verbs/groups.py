"""Verbs of verbs: a group whose help says of each of its verbs the whole of what it does."""

from __future__ import annotations

import click


class Group(click.Group):
    """As click's, but that the lines of its help are wrapped, not cut off."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of the verbs: the first sentence of each."""
        verbs = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.get_short_help_str(limit=1000)) for name, verb in verbs if verb])
