"""X.509 as far as stations' certificates need it: requests checked, certificates read and named by their hashes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.errors import ConsoleError
from console.model.certificate import mended_pem
from console.model.text import plain

SMALLEST_RSA, SMALLEST_EC = 2048, 224
_WEAK = (hashes.MD5, hashes.SHA1)
_ALGORITHMS = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}
#: Stations' clocks are sometimes behind: a certificate is good from shortly before it was made.
_BACKDATED = timedelta(hours=1)


class Asked(msgspec.Struct, frozen=True):
    """What a certificate request asks for; ``problem`` is why it is not to be signed ("" if it may be)."""

    common_name: str = ""
    organization: str = ""
    key: str = ""
    problem: str = ""


class Certificate(msgspec.Struct, frozen=True):
    """What a person wants to know of a certificate."""

    subject: str
    issuer: str
    serial_number: str
    not_after: datetime
    pem: str


def read_request(text: str, common_names: frozenset[str]) -> Asked:
    """Check a PKCS#10 request: its own signature, its key's size, its hash, and whose it says it is.

    ``common_names`` are those that the station may ask for (none: any). Never raises for what a station can send.
    """
    try:
        request = _request(text)
        public_key = request.public_key()
        key, weak = _key(public_key)
        name, organization = (
            _first(request.subject, NameOID.COMMON_NAME),
            _first(request.subject, NameOID.ORGANIZATION_NAME),
        )
        genuine = request.is_signature_valid
        algorithm = request.signature_hash_algorithm
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return Asked(problem="it is no certificate request that can be read")
    problem = ""
    if not genuine:
        problem = "its own signature is wrong"
    elif weak:
        problem = f"its key is too weak ({key})"
    elif algorithm is None or isinstance(algorithm, _WEAK):
        problem = "it is signed with a hash that is broken"
    elif common_names and name not in common_names:
        wanted = " or ".join(sorted(common_names))
        problem = f"it is for {name or 'nobody'}, and this station is {wanted}"
    return Asked(name, organization, key, problem)


def _request(text: str) -> x509.CertificateSigningRequest:
    return x509.load_pem_x509_csr(mended_pem(text).encode())


def _key(key: CertificatePublicKeyTypes) -> tuple[str, bool]:
    """A public key in words, and whether it is too weak."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}", key.key_size < SMALLEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"{key.curve.name}", key.key_size < SMALLEST_EC
    return type(key).__name__.removesuffix("PublicKey"), True


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return plain(str(found[0].value)) if found else ""


def read_chain(text: str) -> list[Certificate]:
    """Read certificates in PEM, in their order. Raises ConsoleError if there is none or one cannot be read."""
    return [_facts(each) for each in _load(text)]


def _load(text: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(mended_pem(text).encode())
    except ValueError as error:
        raise ConsoleError(
            "This is no certificate in PEM.",
            "It begins with -----BEGIN CERTIFICATE-----; see openssl x509 -outform PEM.",
        ) from error


def _facts(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        subject=plain(certificate.subject.rfc4514_string()),
        issuer=plain(certificate.issuer.rfc4514_string()),
        serial_number=f"{certificate.serial_number:x}",
        not_after=certificate.not_valid_after_utc,
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )


def issuer_name_hash(pem: str, algorithm: str) -> str:
    """The hash of the issuer's name, as stations report it; "" for an algorithm that OCPP does not know."""
    make = _ALGORITHMS.get(algorithm)
    return make(_load(pem)[0].issuer.public_bytes()).hexdigest() if make else ""


def is_for(chain: str, request: str) -> bool:
    """Whether the first certificate of a chain holds the key that was asked for."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    given = _load(chain)[0].public_key().public_bytes(encoding, form)
    return given == _request(request).public_key().public_bytes(encoding, form)


def make_authority(name: str, now: datetime, years: int = 10) -> tuple[str, str]:
    """Make a small authority of one's own: its private key and its root certificate, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _BACKDATED)
        .not_valid_after(now.astimezone(UTC) + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return private.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


def sign(private_key: str, root: str, request: str, now: datetime, days: int) -> str:
    """Sign a request that was checked: name and key are taken from it and nothing else. The chain, leaf first."""
    key = serialization.load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConsoleError("The authority's key is none of ours.", "Move it away, and a new one is made.")
    (authority,) = _load(root)
    asked = _request(request)
    leaf = (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(authority.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _BACKDATED)
        .not_valid_after(min(now.astimezone(UTC) + timedelta(days=days), authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return leaf.public_bytes(serialization.Encoding.PEM).decode() + root


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
