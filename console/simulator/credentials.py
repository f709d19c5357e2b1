"""Keys and certificates of a simulated station: requests for signature, and what tells one certificate from another."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

_HASHES = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A new key, and the request to sign it as PEM."""

    key: ec.EllipticCurvePrivateKey
    pem: str


def signing_request(serial_number: str, organization: str) -> SigningRequest:
    """A P-256 key and a CSR for it: the common name is the station's serial number (2.x A02.FR.02)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, serial_number),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
        ]
    )
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return SigningRequest(key, csr.public_bytes(serialization.Encoding.PEM).decode())


def read_chain(pem: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, the leaf first. Raises ValueError if it is none."""
    return x509.load_pem_x509_certificates(pem.encode())


def is_for(certificate: x509.Certificate, request: SigningRequest) -> bool:
    """Whether a certificate answers that request: it holds the same public key."""
    return certificate.public_key() == request.key.public_key()


def hash_data(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256") -> dict[str, str]:
    """certificateHashData: hashes of the issuer's name and key, and the serial number in hexadecimal (RFC 6960)."""
    digest = _HASHES[algorithm]
    key = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": digest(certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": digest(_key_bits(key)).hexdigest(),
        "serialNumber": f"{certificate.serial_number:x}",
    }


def is_signed(content: bytes, signature: str, signing_certificate: str) -> bool:
    """Whether a base64 signature of a file was made with a certificate's key (SHA-256; RSA-PSS, PKCS 1 or ECDSA)."""
    try:
        raw = base64.b64decode(signature, validate=True)
        key = read_chain(signing_certificate)[0].public_key()
    except (binascii.Error, ValueError):
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, content, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            _verify_rsa(key, raw, content)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _verify_rsa(key: rsa.RSAPublicKey, signature: bytes, content: bytes) -> None:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    try:
        key.verify(signature, content, pss, hashes.SHA256())
    except InvalidSignature:
        key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())


def _key_bits(subject_public_key_info: bytes) -> bytes:
    """The bit string inside a SubjectPublicKeyInfo: that, without its wrapping, is what RFC 6960 hashes."""
    key = serialization.load_der_public_key(subject_public_key_info)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return subject_public_key_info
