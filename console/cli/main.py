"""The command line's entry: every verb by name, imported only when it is meant, so that one-shot verbs are fast."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from console.cli.context import remember_site, site_options


class Entry(NamedTuple):
    """Where a verb lives, and its line in the help."""

    target: str
    help: str


#: Every verb there is, in the order of the help. The first word of a target is a module of ``console.cli``.
SECTIONS: dict[str, dict[str, Entry]] = {
    "The console": {
        "open": Entry("opening:open_", "Open the console on a profile, or on a recording."),
        "demo": Entry("demo:demo", "Try it out: a throw-away site with simulated stations."),
        "doctor": Entry("doctor:doctor", "What in this environment would bite, and how to mend it."),
    },
    "The service": {
        "serve": Entry("serve:serve", "Run the service alone, without a console."),
        "service": Entry("serve:service", "Say whether the service runs, or stop it."),
        "profile": Entry("profiles:profile", "Make, list, check and change profiles (a site's settings)."),
        "simulate": Entry("simulate:simulate", "Simulated stations against any CSMS."),
    },
    "Looking": {
        "stations": Entry("lists:stations", "Every station: what it does, power and energy."),
        "transactions": Entry("lists:transactions", "Running and past transactions."),
        "tags": Entry("lists:tags", "Every tag, and whether it may charge."),
        "messages": Entry("lists:messages", "Frames as they crossed the wire; --save records them."),
        "alarms": Entry("lists:alarms_", "What wants attention."),
        "reports": Entry("reports:reports", "What stations tell of themselves: events, limits, progress."),
        "export": Entry("export:export", "Transactions, meter values, messages: CSV, JSON, Parquet."),
        "schedule": Entry("schedule:schedule", "Charging schedules: set, show, clear, simulate, compute."),
        "settings": Entry("settings:settings", "What stations are set to: read, change, compare, undo."),
        "monitor": Entry("monitors:monitor", "What stations watch on themselves (OCPP 2.x)."),
    },
    "Who may take part": {
        "station": Entry("stations:station", "Add, accept, reject, remove stations; their settings."),
        "certificate": Entry("certificates:certificate", "Certificates of stations: list, install, delete, sign."),
        "tag": Entry("tags:tag", "Add, block, remove, import and learn tags."),
        "card": Entry("tags:card", "Answer for unknown cards that were swiped."),
    },
    "Asking a station": {
        "start": Entry("commands:start", "Start charging with a tag."),
        "stop": Entry("commands:stop", "Stop a running transaction."),
        "limit": Entry("commands:limit", "Let a transaction end at an energy, a time or a cost."),
        "reserve": Entry("reservations:reserve", "Keep a connector free for a tag."),
        "reservations": Entry("reservations:reservations", "What is reserved now."),
        "cancel-reservation": Entry("reservations:cancel", "Let a reservation go."),
        "local-list": Entry("local_lists:local_list", "The tags that stations know by themselves."),
        "reset": Entry("commands:reset", "Restart a station."),
        "unlock": Entry("commands:unlock", "Release the cable of a connector."),
        "availability": Entry("commands:availability", "Take out of service, or back."),
        "trigger": Entry("commands:trigger", "Ask for a message now."),
        "clear-cache": Entry("commands:clear_cache", "Empty a station's memory of tags."),
        "data-transfer": Entry("commands:data_transfer", "Send a vendor's own message."),
        "display": Entry("displays:display", "What stations show on their displays: list, show, clear."),
        "tariff": Entry("tariffs:tariff", "What stations charge by: list, set, clear, change (2.1)."),
        "logs": Entry("files:logs", "Fetch a station's logs, and list those that came."),
        "firmware": Entry("files:firmware", "Have a station install firmware."),
        "call": Entry("call:call_", "Send any OCPP request; list and describe them."),
    },
}
ENTRIES: dict[str, Entry] = {name: entry for entries in SECTIONS.values() for name, entry in entries.items()}

_EPILOG = (
    "Every verb takes --json, --profile NAME and --data DIR. Exit codes: 0 done, 1 refused, 2 wrong usage, "
    "3 no service, 4 station offline, 5 timed out."
)


class Verbs(click.Group):
    """The verbs of ``SECTIONS``, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return list(ENTRIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb. None if there is none of that name."""
        entry = ENTRIES.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.target.partition(":")
        command: click.Command = getattr(import_module(f"console.cli.verbs.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list of verbs, by section; imports none of them."""
        longest = max(map(len, ENTRIES))
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(longest), entry.help) for name, entry in entries.items()])


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # a tenth of a second that nothing else needs

        click.echo(f"ocpp-console {version('ocpp-console')}")
        context.exit()


@click.group(
    cls=Verbs, invoke_without_command=True, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--version", is_flag=True, callback=_show_version, expose_value=False, is_eager=True, help="The version.")
@site_options
@click.option("--read-only", is_flag=True, help="Look, and change nothing (the console only).")
@click.option("--quiet", is_flag=True, help="Ask stations nothing that nobody asked for (the console only).")
@click.pass_context
def main(context: click.Context, profile_id: str | None, data: Path | None, read_only: bool, quiet: bool) -> None:
    """Operator console for EV charging stations.

    Without a verb: the console, over the service of the default profile, which is started if it does not run.
    """
    remember_site(context, profile_id, data)
    for name, given in (("--read-only", read_only), ("--quiet", quiet)):
        if given and context.invoked_subcommand is not None:
            raise click.UsageError(f"{name} stands after the verb, where a verb has it.")
    if context.invoked_subcommand is None:
        from console.cli.verbs.opening import open_

        context.invoke(open_, read_only=read_only, quiet=quiet)
