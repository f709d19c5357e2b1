"""The places where stations come in: an address each, and the one security profile that holds there (2.0.1 A00)."""

from __future__ import annotations

import ssl
from pathlib import Path

import msgspec

from console.errors import ConsoleError

#: The suites that OCPP lists beyond those that Python offers by itself (2.0.1 A00.FR.318): RSA without DH.
_RSA_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20:AES256-GCM-SHA384:AES128-GCM-SHA256"
_REVOKED = "-----BEGIN X509 CRL-----"


class TlsFiles(msgspec.Struct, frozen=True):
    """PEM files. ``certificates`` and ``keys`` belong together in pairs, so that RSA and ECDSA can both be had.

    ``client_ca`` holds the authorities whose client certificates are taken (profile 3), and revocation lists if there
    are any. ``rsa_suites`` offers the suites without forward secrecy that OCPP lists and Python leaves out.
    """

    certificates: tuple[Path, ...]
    keys: tuple[Path, ...]
    client_ca: Path | None = None
    rsa_suites: bool = False


class Gate(msgspec.Struct, frozen=True):
    """One address. ``security_profile``: 0 open, 1 Basic auth, 2 TLS and Basic auth, 3 TLS and certificates."""

    host: str
    port: int
    security_profile: int = 0
    tls: TlsFiles | None = None


class TlsContext:
    """A gate's TLS context, made anew when a file of it is renewed: certificates live for weeks, the service for years.

    Raises ConsoleError from ``first`` if the files cannot be used. Later, bad files leave the context as it was;
    ``trouble`` then says why ("" if nothing is wrong).
    """

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._stamps: tuple[int, ...] = ()
        self._context: ssl.SSLContext | None = None
        self.trouble = ""

    def first(self) -> None:
        """Read the files."""
        self._stamps = self._stat()
        self._context = tls_context(self._files)

    def current(self) -> ssl.SSLContext:
        """The context of the files as they are now."""
        stamps = self._stat()
        if self._context is None or stamps != self._stamps:
            self._stamps = stamps
            try:
                self._context = tls_context(self._files)
                self.trouble = ""
            except ConsoleError as error:
                if self._context is None:
                    raise
                self.trouble = f"{error.message} {error.hint}"
        return self._context

    def _stat(self) -> tuple[int, ...]:
        files = [*self._files.certificates, *self._files.keys]
        if self._files.client_ca is not None:
            files.append(self._files.client_ca)
        return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in files)


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Make a server's context: TLS 1.2 or newer. Raises ConsoleError that names the file and the cure."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.rsa_suites:
        context.set_ciphers(_RSA_SUITES)
    for certificate, key in zip(files.certificates, files.keys, strict=True):
        try:
            context.load_cert_chain(certificate, key)
        except OSError as error:  # ssl.SSLError is one
            raise ConsoleError(
                f"The certificate {certificate} with the key {key} cannot be used ({_reason(error)}).",
                "Both must be PEM files that belong together: the chain, leaf first, and its key without a passphrase.",
            ) from error
    if files.client_ca is not None:
        _ask_for_certificates(context, files.client_ca)
    return context


def _ask_for_certificates(context: ssl.SSLContext, client_ca: Path) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(client_ca)
        if _REVOKED in client_ca.read_text(errors="replace"):
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    except OSError as error:
        raise ConsoleError(
            f"The authorities in {client_ca} cannot be used ({_reason(error)}).",
            "It must be a PEM file with the certificates of whoever signs the stations' certificates.",
        ) from error


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", "") or error.strerror or error)


def common_name(certificate: object) -> str:
    """The common name in a peer certificate as ``ssl`` shows it, "" if there is none."""
    subject = certificate.get("subject", ()) if isinstance(certificate, dict) else ()
    return next((str(value) for part in subject for name, value in part if name == "commonName"), "")
