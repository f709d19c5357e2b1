"""Who may come in, and what those are told who may not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers

from console.csms.link.proof import Proof
from console.csms.listener.gate import Gate, TlsFiles
from console.csms.listener.handshake import Admitted, Refused, check_request, choose_subprotocol, decide, read_identity
from console.csms.listener.listen_settings import ListenSettings
from console.csms.ports import Known
from console.model.message import Attempt

SETTINGS = ListenSettings()
OPEN = Gate("127.0.0.1", 0)
BOTH = ListenSettings(supported=("ocpp2.0.1", "ocpp1.6"))
OFFER = ("Sec-WebSocket-Protocol", "ocpp1.6")


class FakeDoor:
    """Knows all but "stranger"; keeps passwords in the clear."""

    def __init__(self, *, lowest_profile: int = 0, admitted: bool = False, **passwords: bytes) -> None:
        self.passwords = passwords
        self.lowest_profile = lowest_profile
        self.admitted = admitted

    def knows(self, station_id: str) -> bool:
        return station_id != "stranger"

    def known(self, station_id: str) -> Known:
        name = station_id.replace(":", "_")
        return Known(self.lowest_profile, name in self.passwords, self.admitted)

    def certificate_fits(self, station_id: str, name: str) -> bool:
        return name == station_id

    def password_ok(self, station_id: str, password: bytes | None) -> bool:
        return self.passwords.get(station_id.replace(":", "_")) == password

    def refused(self, attempt: Attempt) -> None:
        raise AssertionError("decide() only judges")


def basic(user: str, password: bytes) -> tuple[str, str]:
    """The header that a station sends."""
    return "Authorization", "Basic " + base64.b64encode(user.encode() + b":" + password).decode()


def judge(
    path: str,
    *headers: tuple[str, str],
    door: FakeDoor | None = None,
    settings: ListenSettings = SETTINGS,
    gate: Gate = OPEN,
    certificate_name: str = "",
) -> Admitted | Refused:
    """Judge a handshake that offers ocpp1.6 unless it says otherwise."""
    offered = any(name == OFFER[0] for name, _ in headers)
    shown = Headers([*headers] if offered else [OFFER, *headers])
    return decide(path, shown, door or FakeDoor(), settings, gate, certificate_name)


@pytest.mark.parametrize(
    ("path", "station_id"),
    [
        ("/CP-1", "CP-1"),
        ("/ocpp/CP-1", "CP-1"),
        ("/ocpp/CP-1/", "CP-1"),
        ("/steve/websocket/CentralSystemService/CP-1", "CP-1"),
        ("/ocpp/CP-1?token=secret", "CP-1"),
        ("/ocpp/CP-1/?token=secret", "CP-1"),
        ("/ocpp/RPC%2F1%20%C3%A9", "RPC/1 é"),
        ("/CP%2520one", "CP%20one"),
        ("/DE:ABC*E01", "DE:ABC*E01"),
        ("/v201/CP-1", "CP-1"),
    ],
)
def test_the_identity_is_the_last_part_of_the_path_decoded_once(path: str, station_id: str) -> None:
    assert read_identity(path) == station_id


@pytest.mark.parametrize(
    ("path", "status", "cause"),
    [
        ("/", 404, "without an identity"),
        ("", 404, "without an identity"),
        ("//", 404, "without an identity"),
        ("/?CP-1", 404, "without an identity"),
        ("/CP%00", 400, "control characters"),
        ("/CP%1b%5B31m", 400, "control characters"),
        ("/CP%E2%80%AE1", 400, "control characters"),
        ("/CP%FF", 400, "no UTF-8"),
        ("/%2e%2e", 400, "file path"),
        ("/..%2f..%2fetc%2fpasswd", 400, "file path"),
        ("/..%5Cwindows", 400, "file path"),
        ("/" + "x" * 256, 400, "longer than 255"),
    ],
)
def test_a_path_that_names_no_station_is_refused_with_cause_and_cure(path: str, status: int, cause: str) -> None:
    verdict = judge(path)
    assert isinstance(verdict, Refused)
    assert verdict.http_status == status
    assert cause in verdict.cause
    assert 0 < len(verdict.cure) <= CURE_COLUMNS
    assert verdict.station_id == ""


@given(st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), max_size=40))
def test_no_path_whatever_is_admitted_under_an_unsafe_name(path: str) -> None:
    identity = read_identity("/" + path)
    if isinstance(identity, str):
        assert 0 < len(identity) <= 255
        assert not {".", ".."} & set(identity.replace("\\", "/").split("/"))
        assert all(
            character == " " or character.isprintable() or ord(character) == 0xA0
            for character in identity
            if ord(character) < 0x100
        )


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        (["ocpp1.6"], ("ocpp1.6", "1.6", "")),
        (["ocpp1.6, ocpp1.5"], ("ocpp1.6", "1.6", "")),
        (["ocpp1.6,ocpp2.0.1"], ("ocpp1.6", "1.6", "")),
        (["ocpp2.0.1,ocpp1.6"], ("ocpp2.0.1", "2.0.1", "")),
        (["ocpp2.1", "ocpp2.0.1", "ocpp1.6"], ("ocpp2.0.1", "2.0.1", "")),
        ([" ,ocpp1.6,, "], ("ocpp1.6", "1.6", "")),
    ],
)
def test_the_stations_order_decides_among_what_is_supported(offers: list[str], chosen: tuple[str, str, str]) -> None:
    headers = Headers([("Sec-WebSocket-Protocol", offer) for offer in offers])
    assert choose_subprotocol(headers, BOTH, "CP") == chosen


def test_no_common_subprotocol_names_what_was_offered() -> None:
    verdict = judge("/ocpp1.6/CP-1", ("Sec-WebSocket-Protocol", "ocpp1.5"))
    assert verdict == Refused(
        400,
        "the station offers ocpp1.5 only",
        "Set the station to a version that is spoken here: ocpp1.6, ocpp2.0.1, ocpp2.1.",
        "CP-1",
    )


@pytest.mark.parametrize("offers", [[], [("Sec-WebSocket-Protocol", "")], [("Sec-WebSocket-Protocol", " , ")]])
def test_no_subprotocol_at_all_is_taken_for_1_6_unless_that_is_switched_off(offers: list[tuple[str, str]]) -> None:
    verdict = decide("/CP-1", Headers(offers), FakeDoor(), SETTINGS, OPEN)
    assert verdict == Admitted("CP-1", None, "1.6", Proof(0), "the station names no subprotocol; taken for OCPP 1.6")
    strict = decide("/CP-1", Headers(offers), FakeDoor(), ListenSettings(assume_16_without_subprotocol=False), OPEN)
    assert isinstance(strict, Refused)
    assert (strict.http_status, strict.cause) == (400, "the station names no subprotocol")


@pytest.mark.parametrize("path", ["/CP:1", "/" + "x" * 49])
def test_2_x_allows_no_colon_and_48_characters_but_1_6_does(path: str) -> None:
    refused = judge(path, ("Sec-WebSocket-Protocol", "ocpp2.0.1"), settings=BOTH)
    assert isinstance(refused, Refused)
    assert refused.http_status == 400
    assert isinstance(judge(path, settings=BOTH), Admitted)


def test_an_unknown_station_gets_404() -> None:
    verdict = judge("/stranger", basic("stranger", b"x"))
    assert isinstance(verdict, Refused)
    assert (verdict.http_status, verdict.station_id) == (404, "stranger")


def test_an_open_station_needs_no_password_and_may_show_any() -> None:
    assert judge("/CP1") == Admitted("CP1", "ocpp1.6", "1.6", Proof(0))
    assert judge("/CP1", basic("someone", b"else")) == Admitted("CP1", "ocpp1.6", "1.6", Proof(0))


KEY = bytes.fromhex("00ff10203040506070809ffefdfcfbfaf9f8f7f6")


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (b"secret", b"secret"),
        (b"se:cret:", b"se:cret:"),
        (KEY, KEY),
        (KEY, KEY.hex().encode()),
        (KEY, KEY.hex().upper().encode()),
        (KEY.hex().encode(), KEY),
        (KEY.hex().upper().encode(), KEY),
        ("pässword".encode(), "pässword".encode()),
    ],
)
def test_passwords_are_compared_as_bytes_raw_or_in_hexadecimal(kept: bytes, shown: bytes) -> None:
    assert judge("/CP1", basic("CP1", shown), door=FakeDoor(CP1=kept)) == Admitted("CP1", "ocpp1.6", "1.6", Proof(1))


def test_an_identity_with_a_colon_is_taken_off_whole() -> None:
    door = FakeDoor(CP_1=b"secret")
    assert judge("/CP:1", basic("CP:1", b"secret"), door=door) == Admitted("CP:1", "ocpp1.6", "1.6", Proof(1))


def test_the_user_name_is_the_decoded_identity() -> None:
    door = FakeDoor()
    door.passwords["RPC/1 é"] = b"secret"
    verdict = judge("/ocpp/RPC%2F1%20%C3%A9", basic("RPC/1 é", b"secret"), door=door)
    assert isinstance(verdict, Admitted)
    assert verdict.proof.security_profile == 1


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        (None, "shows no password"),
        (basic("CP1", b"wrong"), "the password is wrong"),
        (basic("CP1", b""), "the password is wrong"),
        (basic("CP2", b"secret"), "another user name"),
        (basic("", b"secret"), "another user name"),
        (("Authorization", "Bearer abc"), "another method"),
        (("Authorization", "Basic §§§"), "no Base64"),
        (("Authorization", "Basic"), "another user name"),
        (("Authorization", ""), "another method"),
    ],
)
def test_a_wrong_password_is_refused_with_its_cause_and_without_the_password(
    header: tuple[str, str] | None, cause: str
) -> None:
    verdict = judge("/CP1", *([header] if header else []), door=FakeDoor(CP1=b"secret"))
    assert isinstance(verdict, Refused)
    assert verdict.http_status == 401
    assert cause in verdict.cause
    assert verdict.guessed is (header is not None)
    assert "secret" not in verdict.cause + verdict.cure
    assert "wrong" not in verdict.cure
    assert len(verdict.cure) <= CURE_COLUMNS


def test_who_guessed_too_often_waits_whatever_the_password() -> None:
    headers = Headers([OFFER, basic("CP1", b"secret")])
    verdict = decide("/CP1", headers, FakeDoor(CP1=b"secret"), SETTINGS, OPEN, wait_s=lambda station_id: 7.5)
    assert isinstance(verdict, Refused)
    assert (verdict.http_status, verdict.retry_after_s) == (429, 7.5)


#: What a terminal of 80 columns shows of a cure.
CURE_COLUMNS = 69
UPGRADE = [("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade")]


@pytest.mark.parametrize(
    ("method", "protocol", "headers", "status", "cause"),
    [
        ("POST", "HTTP/1.1", UPGRADE, 405, "POST"),
        ("GET", "HTTP/1.0", UPGRADE, 505, "HTTP/1.0"),
        ("GET", "HTTP/1.1", [], 426, "plain HTTP request"),
        ("GET", "HTTP/1.1", UPGRADE[:1], 426, "“Connection: upgrade” is missing"),
        ("GET", "HTTP/1.1", UPGRADE[1:], 426, "“Upgrade: websocket” is missing"),
    ],
)
def test_a_request_that_is_no_handshake_says_what_is_missing(
    method: str, protocol: str, headers: list[tuple[str, str]], status: int, cause: str
) -> None:
    refusal = check_request(method, protocol, Headers(headers))
    assert refusal is not None
    assert refusal.http_status == status
    assert cause in refusal.cause
    assert 0 < len(refusal.cure) <= CURE_COLUMNS


def test_a_correct_request_passes() -> None:
    assert check_request("GET", "HTTP/1.1", Headers(UPGRADE)) is None


PASSWORDS = Gate("127.0.0.1", 0, 1)
TLS = Gate("127.0.0.1", 0, 2, TlsFiles((), ()))
CERTIFICATES = Gate("127.0.0.1", 0, 3, TlsFiles((), ()))


def test_a_stranger_s_password_counts_from_when_it_is_let_in() -> None:
    verdict = judge("/CP1", basic("CP1", b"secret"), gate=PASSWORDS)
    assert isinstance(verdict, Admitted)
    assert (verdict.proof.security_profile, verdict.proof.new_password) == (1, b"secret")


def test_an_admitted_station_without_a_password_does_not_bring_its_own() -> None:
    verdict = judge("/CP1", basic("CP1", b"secret"), gate=PASSWORDS, door=FakeDoor(admitted=True))
    assert isinstance(verdict, Refused)
    assert (verdict.http_status, verdict.cause) == (401, "no password is known of this station here")


@pytest.mark.parametrize(
    ("gate", "lowest", "refused"),
    [(OPEN, 0, False), (OPEN, 1, False), (OPEN, 2, True), (PASSWORDS, 2, True), (TLS, 2, False), (TLS, 3, True)],
)
def test_nobody_comes_by_less_than_is_asked_of_it(gate: Gate, lowest: int, refused: bool) -> None:
    door = FakeDoor(CP1=b"secret", lowest_profile=lowest, admitted=True)
    verdict = judge("/CP1", basic("CP1", b"secret"), gate=gate, door=door)
    assert isinstance(verdict, Refused) is refused
    if isinstance(verdict, Refused):
        assert (verdict.http_status, f"profile {lowest} is asked of it" in verdict.cause) == (403, True)


def test_a_certificate_is_its_owner_s_alone() -> None:
    assert isinstance(judge("/CP1", gate=CERTIFICATES, certificate_name="CP1"), Admitted)
    other = judge("/CP1", gate=CERTIFICATES, certificate_name="CP2")
    none = judge("/CP1", gate=CERTIFICATES)
    assert isinstance(other, Refused)
    assert isinstance(none, Refused)
    assert (other.http_status, other.guessed, none.http_status) == (403, True, 401)
