"""Keys and certificate requests as stations make them, by `cryptography` alone."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

STRONG = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def request(common_name: str = "CP1", key: Any = STRONG, *, digest: Any = None, organization: str = "Åby El") -> str:
    """A request in PEM."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        ]
    )
    built = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, digest or hashes.SHA256())
    return built.public_bytes(serialization.Encoding.PEM).decode()


def forged(common_name: str = "CP1") -> str:
    """A request whose signature is another's: whoever sends it does not hold the key."""
    own, other = request(common_name), request(key=OTHER)
    der = x509.load_pem_x509_csr(own.encode())
    signature = x509.load_pem_x509_csr(other.encode()).signature
    spoiled = der.public_bytes(serialization.Encoding.DER)[: -len(der.signature)] + signature
    try:
        return x509.load_der_x509_csr(spoiled).public_bytes(serialization.Encoding.PEM).decode()
    except ValueError:  # the two signatures differ in length: make others
        return forged(common_name)


def weak_rsa() -> Any:
    """A key that is too small."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # that it is weak is the point
