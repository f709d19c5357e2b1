"""Where stations fetch firmware and leave logs, and who signs their certificates."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class FileServer:
    """A file server of a few lines: what is PUT can be GET."""

    stored: dict[str, bytes] = field(default_factory=dict)
    answer: HTTPStatus | None = None
    url: str = ""

    @classmethod
    @asynccontextmanager
    async def listening(cls) -> AsyncIterator[FileServer]:
        """Listen on 127.0.0.1."""
        files = cls()
        server = await asyncio.start_server(files._serve, "127.0.0.1", 0)
        files.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield files

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split()
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        status, content = self.answer or self._act(method, path, body), self.stored.get(path, b"")
        sent = content if method == "GET" else b""
        writer.write(f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: {len(sent)}\r\n".encode())
        writer.write(b"Connection: close\r\n\r\n" + sent)
        await writer.drain()
        writer.close()

    def _act(self, method: str, path: str, body: bytes) -> HTTPStatus:
        if method == "PUT":
            self.stored[path] = body
            return HTTPStatus.CREATED
        return HTTPStatus.OK if path in self.stored else HTTPStatus.NOT_FOUND


@dataclass(frozen=True)
class Authority:
    """A certificate that signs itself, and others."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, content: bytes) -> str:
        """A signature over a file, in base64."""
        return base64.b64encode(self.key.sign(content, ec.ECDSA(hashes.SHA256()))).decode()

    def issue(self, csr: x509.CertificateSigningRequest) -> str:
        """The certificate that a request asks for, and its issuer's, as PEM."""
        leaf = _builder(csr.subject, self.certificate.subject).public_key(csr.public_key())
        certificate = leaf.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode() + self.pem


def certificate_authority(name: str) -> Authority:
    """A new one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return Authority(key, _builder(subject, subject).public_key(key.public_key()).sign(key, hashes.SHA256()))


def _builder(subject: x509.Name, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
