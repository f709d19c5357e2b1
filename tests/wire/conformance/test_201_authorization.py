"""OCPP 2.0.1, block C: who may charge, and who may stop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from console.model.command import ClearCache, SettleCard
from console.model.outcome import Result
from console.model.token import CardVerdict, Token
from tests.wire.conformance.conftest import Connect
from tests.wire.conformance.events import Charge, ready, token
from tests.wire.conformance.site import Bench, Json

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.conforms("TC_C_02_CSMS")
async def test_an_unknown_token(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench)
    asked = asyncio.create_task(station.call("Authorize", idToken=token("C02")))
    card = await bench.until(lambda site: next(card for card in site.cards.values() if card.id_token == "C02"))
    assert (await bench.run(SettleCard(card.card_id, CardVerdict.REFUSE))).ok
    assert (await asked)["idTokenInfo"]["status"] in ("Invalid", "Unknown")


@pytest.mark.conforms("TC_C_06_CSMS", "TC_C_07_CSMS")
async def test_blocked_and_expired(bench: Bench, connect: Connect) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    station = await ready(connect, bench, Token("C06", blocked=True), Token("C07", expires_at=past))
    for tag, verdict in (("C06", "Blocked"), ("C07", "Expired")):
        assert (await station.call("Authorize", idToken=token(tag)))["idTokenInfo"]["status"] == verdict


@pytest.mark.conforms("TC_C_08_CSMS", "TC_C_20_CSMS")
@pytest.mark.parametrize(("blocked", "verdict"), [(False, "Accepted"), (True, "Blocked")])
async def test_a_cached_token_is_judged_again(bench: Bench, connect: Connect, blocked: bool, verdict: str) -> None:
    tag = f"C08-{verdict}"
    charge = Charge(await ready(connect, bench, Token(tag, blocked=blocked)), tag)
    assert (await charge.started(tag))["idTokenInfo"]["status"] == verdict


@pytest.mark.conforms("TC_C_37_CSMS", "TC_C_38_CSMS")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", Result.ACCEPTED), ("Rejected", Result.REJECTED)])
async def test_clear_cache(bench: Bench, connect: Connect, answer: str, result: Result) -> None:
    station = await ready(connect, bench)
    station.answers["ClearCache"] = {"status": answer}
    outcome = await bench.run(ClearCache(station.station_id))
    assert await station.heard("ClearCache") == {}
    assert (outcome.result, outcome.answer) == (result, {"status": answer})


@pytest.mark.conforms("TC_C_39_CSMS")
async def test_one_of_the_group_stops(bench: Bench, connect: Connect) -> None:
    station = await ready(connect, bench, Token("C39-a", group_id="C39"), Token("C39-b", group_id="C39"))
    charge = Charge(station, "C39")
    await charge.started("C39-a")
    other = await station.call("Authorize", idToken=token("C39-b"))
    assert (other["idTokenInfo"]["status"], other["idTokenInfo"]["groupIdToken"]["idToken"]) == ("Accepted", "C39")
    stopped = await charge.ended("Local", idToken=token("C39-b"))
    assert (stopped["idTokenInfo"]["status"], stopped["idTokenInfo"]["groupIdToken"]["idToken"]) == ("Accepted", "C39")
    assert (await charge.seen(bench, running=False)).flags == ()


@pytest.mark.conforms("TC_C_47_CSMS", "TC_C_48_CSMS", "TC_C_49_CSMS")
@pytest.mark.parametrize("count", [2, 1])
async def test_a_master_pass_stops_whatever_runs(bench: Bench, connect: Connect, count: int) -> None:
    master = f"C47-master-{count}"
    tags = [f"C47-{count}-{number}" for number in range(2)]
    station = await ready(connect, bench, Token(master, group_id="MASTERPASS"), *tags)
    charges = [Charge(station, tag) for tag in tags]
    for evse_id, (charge, tag) in enumerate(zip(charges, tags, strict=True), 1):
        await charge.tell("Started", "Authorized", idToken=token(tag), evse={"id": evse_id, "connectorId": 1})
    shown = await station.call("Authorize", idToken=token(master))
    assert shown["idTokenInfo"]["status"] == "Accepted"
    assert shown["idTokenInfo"]["groupIdToken"]["idToken"] == "MASTERPASS"
    for charge in charges[:count]:
        answer = await charge.ended("MasterPass", idToken=token(master))
        assert answer["idTokenInfo"]["status"] == "Accepted"
        ended = await charge.seen(bench, running=False)
        assert (ended.stop_reason, ended.stop_token) == ("MasterPass", master)
    for charge in charges[count:]:
        assert (await charge.seen(bench)).running


CONTRACT: tuple[Json, ...] = (
    {"certificate": "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"},
    {
        "iso15118CertificateHashData": [
            {
                "hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "01",
                "responderURL": "http://127.0.0.1:9/ocsp",
            }
        ]
    },
)  # fmt: skip


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.parametrize("shown", CONTRACT, ids=["certificate", "hashes"])
async def test_a_contract_is_refused_for_none_is_checked_here(
    bench: Bench, connect: Connect, version: str, shown: Json
) -> None:
    station = await ready(connect, bench, Token("DE8AA1A2B3C4D5", token_type="eMAID"), version=version)
    answer = await station.call("Authorize", idToken=token("DE8AA1A2B3C4D5", "eMAID"), **shown)
    assert answer["idTokenInfo"]["status"] == "Invalid"
    assert answer["certificateStatus"] == "NoCertificateAvailable"
    said = f"{station.station_id}: the contract of DE8AA1A2B3C4D5 cannot be checked here"
    await bench.until(lambda site: any(said in notice.text for notice in site.notices))


@pytest.mark.conforms("DX-X38")
@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_a_token_for_one_evse(bench: Bench, connect: Connect, version: str) -> None:
    station = await ready(connect, bench, version=version)
    tag = f"X38-{version}"
    await bench.add_tags(Token(tag, places=(f"{station.station_id}/2",)))
    answer = await station.call("Authorize", idToken=token(tag))
    assert answer == {"idTokenInfo": {"status": "Accepted", "evseId": [2]}}
    elsewhere = Charge(station, f"{tag}-1")
    assert (await elsewhere.started(tag))["idTokenInfo"] == {"status": "NotAtThisLocation"}
    there = Charge(station, f"{tag}-2")
    answer = await there.tell("Started", "Authorized", evse={"id": 2, "connectorId": 1}, idToken=token(tag))
    assert answer["idTokenInfo"] == {"status": "Accepted", "evseId": [2]}


@pytest.mark.conforms("DX-X39")
@pytest.mark.parametrize(("version", "verdict"), [("1.6", "Invalid"), ("2.0.1", "NotAtThisLocation")])
async def test_a_token_for_another_station(bench: Bench, connect: Connect, version: str, verdict: str) -> None:
    station = await connect(version)
    await station.boot()
    await bench.add_tags(Token("X39", places=("CP-other", "CP-more/1")))
    asked = {"idTag": "X39"} if version == "1.6" else {"idToken": token("X39")}
    answer = await station.call("Authorize", **asked)
    assert answer["idTagInfo" if version == "1.6" else "idTokenInfo"] == {"status": verdict}
