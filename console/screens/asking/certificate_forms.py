"""The forms of the commands about certificates: which file, for what. Pure but for reading the file."""

from __future__ import annotations

from pathlib import Path

from console.errors import ConsoleError
from console.model import certificate as c
from console.model.certificate import CertificateUse, OwnCertificate
from console.model.command import Command
from console.screens.asking.form import Context, Form, Param, Values
from widgets.form import Field

#: No chain of certificates is longer.
_MOST_BYTES = 100_000
_STATION = ("station_id",)


def read_pem(path: str) -> str:
    """A file with certificates. Raises ConsoleError."""
    try:
        with Path(path.strip()).expanduser().open("rb") as file:
            return file.read(_MOST_BYTES).decode("ascii")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no PEM, which is plain ASCII"
        raise ConsoleError(f"{path} cannot be read: {reason}.", "Choose a file that ends in .pem or .crt.") from error


def _unreadable(written: str) -> str | None:
    """What is wrong with a file that was named, if one was."""
    try:
        if written.strip():
            read_pem(written)
    except ConsoleError as error:
        return error.message.removeprefix(f"{written} ").rstrip(".")
    return None


def _install_params(_context: Context) -> list[Param]:
    choices = tuple(use.value for use in CertificateUse)
    return [
        Param(Field("use", "it vouches for", choices[0], "csms: this service; v2g: cars", choices, required=True)),
        Param(Field("file", "file", help="The root certificate, in PEM", required=True, validate=_unreadable)),
    ]


def _install(context: Context, values: Values) -> Command:
    return c.InstallCertificate(context.target.station_id, CertificateUse(values["use"]), read_pem(values["file"]))


def _sign_params(_context: Context) -> list[Param]:
    told = "A file in PEM, signed elsewhere; empty: sign it here"
    return [Param(Field("file", "chain", help=told, validate=_unreadable))]


def _sign(context: Context, values: Values) -> Command:
    chain = read_pem(values["file"]) if values.get("file", "").strip() else ""
    return c.SignCertificate(context.target.station_id, context.target.record_key, chain)


def _delete(context: Context, _values: Values) -> Command:
    if context.target.certificate is None:
        raise ConsoleError("The station has not reported this certificate.", "Press r to ask which it has.")
    return c.DeleteCertificate(context.target.station_id, context.target.certificate)


def _renew_params(_context: Context) -> list[Param]:
    choices = tuple(each.value for each in OwnCertificate)
    return [Param(Field("what", "which", choices[0], "station: to us; v2g: to cars", choices, required=True))]


def _renew(context: Context, values: Values) -> Command:
    return c.RenewCertificate(context.target.station_id, OwnCertificate(values["what"]))


CERTIFICATE_FORMS: dict[str, Form] = {
    "certificate.read": Form(lambda context, _values: c.ReadCertificates(context.target.station_id), _STATION),
    "certificate.install": Form(_install, _STATION, _install_params, rest=True),
    "certificate.delete": Form(_delete, _STATION),
    "certificate.sign": Form(_sign, _STATION, _sign_params, rest=True),
    "certificate.renew": Form(_renew, _STATION, _renew_params, rest=True),
}
