"""What a station must show at a gate: nothing, a password, or a certificate of its own (2.0.1 A00). Pure."""

from __future__ import annotations

import msgspec
from websockets.datastructures import Headers

from console.csms.link.proof import Proof
from console.csms.listener.basic_auth import BadCredentialsError, read_password, spellings
from console.csms.listener.gate import Gate
from console.csms.ports import Door, Known
from console.model.text import plain


class Unproved(msgspec.Struct, frozen=True):
    """Why it does not do, and the cure. ``guessed``: credentials were shown and were wrong."""

    http_status: int
    cause: str
    cure: str
    guessed: bool = False


def prove(headers: Headers, door: Door, station_id: str, gate: Gate, certificate_name: str) -> Proof | Unproved:
    """Judge what a station shows. A station that once came by a higher profile is not let in by a lower one again."""
    known = door.known(station_id)
    reached = gate.security_profile or int(known.has_password)
    if reached < known.lowest_profile:
        return Unproved(
            403,
            f"the station comes by security profile {reached}, and profile {known.lowest_profile} is asked of it",
            f"Set it to profile {known.lowest_profile}, or ask for less: "
            f"station add {station_id} --security-profile {reached}",
        )
    if gate.security_profile == 3:
        return _by_certificate(door, station_id, certificate_name)
    if gate.security_profile == 0 and door.password_ok(station_id, None):
        return Proof(0)
    return _by_password(headers, door, station_id, gate, known)


def _by_certificate(door: Door, station_id: str, certificate_name: str) -> Proof | Unproved:
    if not certificate_name:
        return Unproved(
            401,
            "the station shows no certificate, and one is needed",
            "Install a client certificate on it: security profile 3.",
        )
    if not door.certificate_fits(station_id, certificate_name):
        return Unproved(
            403,
            f"the certificate is that of {plain(certificate_name)[:60]}",
            "Its common name must be this station's serial number: install the right one.",
            guessed=True,
        )
    return Proof(3, certificate_name)


def _by_password(headers: Headers, door: Door, station_id: str, gate: Gate, known: Known) -> Proof | Unproved:
    shown = headers.get_all("Authorization")
    if not shown:
        return Unproved(
            401,
            "the station shows no password, and one is needed",
            f"Set the station to security profile {max(1, gate.security_profile)}, and enter its password there.",
        )
    try:
        password, problem = read_password(shown[0], station_id, any_name=known.any_name)
    except BadCredentialsError as error:
        return Unproved(401, error.cause, error.cure, guessed=True)
    profile = max(1, gate.security_profile)
    if not known.has_password:
        if not known.admitted:
            return Proof(profile, new_password=password)
        return Unproved(
            401,
            "no password is known of this station here",
            f"Enter the one it has: station add {station_id} --password …",
        )
    if any(door.password_ok(station_id, spelling) for spelling in spellings(password)):
        return Proof(profile, problem=problem)
    return Unproved(
        401,
        "the password is wrong",
        "Enter it at the station, or set it anew here: add (A) the same name.",
        guessed=True,
    )
