"""The doctor's look at certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from console.cli.check_certificates import certificates
from console.cli.checks import Level
from console.csms.listener.gate import Gate, TlsFiles

NOW = datetime.now(UTC)


def gate(folder: Path, ends: datetime) -> Gate:
    """A gate whose certificate holds until then."""
    issued = trustme.CA().issue_cert("csms.example", not_after=ends, not_before=NOW - timedelta(days=90))
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "chain.pem")
    return Gate("127.0.0.1", 9443, 2, TlsFiles((folder / "chain.pem",), (folder / "key.pem",)))


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [(60, Level.OK, "holds until"), (3, Level.NOTE, "expires on"), (-1, Level.PROBLEM, "has expired")],
)
def test_how_long_a_certificate_holds(tmp_path: Path, days: int, level: Level, words: str) -> None:
    (finding,) = certificates(gate(tmp_path, NOW + timedelta(days=days)), NOW)
    assert (finding.level, words in finding.text) == (level, True)


def test_files_that_do_not_belong_together(tmp_path: Path) -> None:
    broken = gate(tmp_path, NOW + timedelta(days=60))
    trustme.CA().issue_cert("other.example").private_key_pem.write_to_path(tmp_path / "key.pem")
    (finding,) = certificates(broken, NOW)
    assert finding.level is Level.PROBLEM
    assert "belong together" in finding.cure


def test_a_gate_without_tls_has_none() -> None:
    assert not list(certificates(Gate("127.0.0.1", 9000), NOW))
