"""Certificates at a station: what they are for, and what an operator may ask about them."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec


class CertificateUse(StrEnum):
    """What a root certificate that is installed at a station vouches for; the words people type."""

    CSMS = "csms"
    MANUFACTURER = "manufacturer"
    V2G = "v2g"
    MOBILITY_OPERATOR = "mobility-operator"
    OEM = "oem"


class CertificateHash(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Which certificate is meant, as the station itself names it (OCPP CertificateHashDataType)."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class _Command(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="command"):
    """As the commands of ``command``."""


class ReadCertificates(_Command, frozen=True, tag="certificate.read"):
    """Ask a station which certificates it has; ``use`` None: all of them."""

    station_id: str
    use: CertificateUse | None = None


class InstallCertificate(_Command, frozen=True, tag="certificate.install"):
    """Install a root certificate (PEM) at a station."""

    station_id: str
    use: CertificateUse
    certificate: str


class DeleteCertificate(_Command, frozen=True, tag="certificate.delete"):
    """Remove a certificate from a station, named by the hashes that the station reported."""

    station_id: str
    certificate: CertificateHash


class SignCertificate(_Command, frozen=True, tag="certificate.sign"):
    """Answer a station's request for a certificate.

    ``request`` is the key of its record ("": the one that is open); ``chain`` are certificates in PEM, the station's
    own first ("": the site's own authority signs). The service fills in the rest from the request.
    """

    station_id: str
    request: str = ""
    chain: str = ""
    certificate_type: str = ""
    request_id: int | None = None


class OwnCertificate(StrEnum):
    """A certificate of the station's own: to us, or to cars (ISO 15118-2 and -20)."""

    STATION = "station"
    V2G = "v2g"
    V2G_20 = "v2g-20"


class RenewCertificate(_Command, frozen=True, tag="certificate.renew"):
    """Ask a station to make a new key and to request a certificate for it."""

    station_id: str
    what: OwnCertificate = OwnCertificate.STATION


class ShowAuthority(_Command, frozen=True, tag="certificate.authority"):
    """Show the root certificate of the site's own authority, which is made if there is none."""


CertificateCommand = (
    ReadCertificates | InstallCertificate | DeleteCertificate | SignCertificate | RenewCertificate | ShowAuthority
)

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+?)-----(.*?)-----END \1-----", re.DOTALL)
_LINE = 64


def mended_pem(text: str) -> str:
    """PEM with its lines where they belong: some write it in one line, or with ``\\n`` as two characters."""
    blocks = []
    for label, body in _BLOCK.findall(text.replace("\\n", "\n")):
        data = "".join(body.split())
        lines = [data[start : start + _LINE] for start in range(0, len(data), _LINE)]
        blocks.append("\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]))
    return "".join(blocks)
