"""Passwords: slow hashes at rest, quick verdicts in a storm."""

from __future__ import annotations

import pytest

from console.csms import passwords
from console.csms.passwords import Passwords, canonical, hash_password, to_authorization_key

KEY = bytes(range(200, 220))  # no UTF-8


def test_dx_s12_only_salted_hashes_are_kept() -> None:
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert "correct" not in one


@pytest.mark.parametrize("sent", [KEY, KEY.hex().encode(), KEY.hex().upper().encode()])
def test_dx_s21_a_binary_key_is_known_raw_and_in_digits(sent: bytes) -> None:
    assert Passwords().verify("CP1", sent, hash_password(KEY.hex()))


def test_a_short_key_set_in_digits_is_known_as_text() -> None:
    assert Passwords().verify("CP1", b"pw123456", hash_password("7077313233343536"))


@pytest.mark.parametrize("sent", [b"", b"correct horsE", b"correct horse ", KEY])
def test_another_password_is_refused(sent: bytes) -> None:
    assert not Passwords().verify("CP1", sent, hash_password("correct horse"))


def test_a_password_is_compared_slowly_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = hash_password("correct horse")
    slow: list[bytes] = []
    real = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda password, kept: slow.append(password) or real(password, kept))
    known = Passwords()
    for _ in range(5):
        assert known.verify("CP1", b"correct horse", stored)
        assert not known.verify("CP1", b"wrong", stored)
    assert len(slow) == 2
    assert not known.verify("CP1", b"wrong again", stored)
    assert known.verify("CP1", b"correct horse", stored)
    assert len(slow) == 3


def test_a_new_hash_makes_the_old_verdict_void() -> None:
    known = Passwords()
    assert known.verify("CP1", b"first-password", hash_password("first-password"))
    assert not known.verify("CP1", b"first-password", hash_password("second-password"))


def test_one_station_knows_nothing_of_another() -> None:
    known = Passwords()
    assert known.verify("CP1", b"first-password", hash_password("first-password"))
    assert not known.verify("CP2", b"first-password", hash_password("other"))


def test_the_authorization_key_is_digits() -> None:
    assert to_authorization_key("0123456789abcdef0123456789ABCDEF") == "0123456789abcdef0123456789ABCDEF"
    assert to_authorization_key("hello world 1234") == b"hello world 1234".hex()
    assert canonical(to_authorization_key("hello world 1234").encode()) == b"hello world 1234"
