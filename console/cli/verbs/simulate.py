"""``simulate``: stations that behave like real ones, against any CSMS."""

from __future__ import annotations

import click

from console.cli.context import Call, verb
from console.cli.exits import UsageError
from console.cli.output import warn
from console.cli.passwords import password_of
from console.cli.signals import run_until_told
from console.simulator import DEMO_TAGS, OCPP_VERSIONS, run_fleet


@click.command("simulate")
@click.argument("url")
@click.option("--stations", default=1, show_default=True, type=click.IntRange(1, 10_000), metavar="N", help="How many.")
@click.option("--ocpp", default="1.6", show_default=True, type=click.Choice(OCPP_VERSIONS), help="Which version.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="A card that their drivers carry; may be given again."
)
@click.option(
    "--password", default="", metavar="P", help="For HTTP Basic: itself, keyring:NAME, env:NAME or file:/path."
)
@click.option("--prefix", default="SIM-", show_default=True, metavar="NAME", help="What their names begin with.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same stations and drivers.")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 1000), help="How fast time passes.")
@verb
async def simulate(
    call: Call, url: str, stations: int, ocpp: str, tags: tuple[str, ...], password: str, prefix: str, seed: int,
    speed: float,
) -> None:  # fmt: skip
    """Simulated stations SIM-0001, SIM-0002, … that connect to URL, charge, and obey. Ctrl-C ends them.

    URL is where stations connect, without their name at the end: ws://localhost:9000
    """
    if not url.startswith(("ws://", "wss://")):
        raise UsageError(f"{url} is no WebSocket address.", "Write for example ws://localhost:9000")
    secret = await password_of(password) if password else None
    warn(f"{stations} simulated stations connect to {url}. Ctrl-C ends them.")
    chosen = tags or DEMO_TAGS
    fleet = run_fleet(
        url, stations, ocpp=ocpp, seed=seed, time_scale=speed, password=secret, tags=chosen, prefix=prefix
    )
    await run_until_told(fleet)
