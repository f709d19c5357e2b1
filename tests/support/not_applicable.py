"""The rows of the conformance list that do not bear on this CSMS's own behaviour, each with the reason."""

from __future__ import annotations

_NO_CONTRACTS = "no contracts of plug and charge are kept or checked here: each is refused, and the operator is told"
_NO_OCSP = "no revocation responder is asked at an address that a station names: the answer is Failed (see DX-S13)"
_NO_PAYMENTS = "no payments are taken here: no page for QR codes, no credit of cards, no receipts"

NOT_APPLICABLE: dict[str, str] = {
    "TC_C_50_CSMS": _NO_CONTRACTS,
    "TC_C_51_CSMS": _NO_CONTRACTS,
    "TC_C_52_CSMS": _NO_CONTRACTS,
    "TC_M_24_CSMS": _NO_OCSP,
    "TC_M_26_CSMS": _NO_CONTRACTS,
    "TC_M_28_CSMS": _NO_CONTRACTS,
    "TC_M_100_CSMS": _NO_CONTRACTS,
    "TC_Q_102_CSMS": "no token carries rights to give power back: an operator allows it (TC_Q_107, TC_Q_103)",
    "TC_I_109_CSMS": "no driver has a tariff of their own here: the site has one, which SetDefaultTariff sends",
    "TC_C_103_CSMS": _NO_PAYMENTS,
    "TC_C_104_CSMS": _NO_PAYMENTS,
    "TC_C_117_CSMS": _NO_PAYMENTS,
    "TC_C_118_CSMS": _NO_PAYMENTS,
    "TC_C_131_CSMS": _NO_PAYMENTS,
    "TC_C_132_CSMS": _NO_PAYMENTS,
    "TC_C_133_CSMS": _NO_PAYMENTS,
}
