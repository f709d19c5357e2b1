"""The doctor's look at the certificates that stations are shown: that they can be read, and for how long they hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.cli.checks import Finding, Level
from console.csms.listener.gate import Gate, tls_context
from console.errors import ConsoleError

#: Less than this, and a renewal that goes wrong leaves no time to mend it.
_SOON = timedelta(days=14)


def certificates(gate: Gate, now: datetime) -> Iterator[Finding]:
    """What is wrong with the files of a gate with TLS; nothing for one without."""
    if gate.tls is None:
        return
    try:
        tls_context(gate.tls)
    except ConsoleError as error:
        yield Finding("certificate", error.message, error.hint, Level.PROBLEM)
        return
    # Here, not above: a library of cryptography, which a site without TLS does not need.
    from console.csms.x509 import read_chain

    for file in gate.tls.certificates:
        ends = min(each.not_after for each in read_chain(file.read_text()))
        if ends <= now:
            yield Finding("certificate", f"{file} has expired on {ends:%Y-%m-%d}", "Renew it.", Level.PROBLEM)
        elif ends - now < _SOON:
            cure = "Renew it; the service reads it anew by itself."
            yield Finding("certificate", f"{file} expires on {ends:%Y-%m-%d}", cure, Level.NOTE)
        else:
            yield Finding("certificate", f"{file} holds until {ends:%Y-%m-%d}")
