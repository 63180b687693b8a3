"""The remittance, 835 of 005010X221 and its addenda: which column is read from where."""

from typing import Final

from anodyne.model.frames import MODIFIERS
from anodyne.x12.columns import cents, day, number, text
from anodyne.x12.guide import Column, Kind, Level, Source
from anodyne.x12.loops import ENVELOPE, Layout

KIND: Final = Kind(
    group="HP",
    transaction="835",
    # 5010 has one guide of remittances: a payer that says only 5010 means it.
    versions=("005010X221", "005010X221A1", "005010", "5010"),
    words="remittance (835)",
    wanted="an 835 file as the payer or clearinghouse sent it",
    ends=("CLP", "PLB"),
    levels=(Level("LX"),),
)

LAYOUT: Final = Layout(
    loops=("", *ENVELOPE, "1000A", "1000B", "2000", "2100", "2110", "PLB"),
    claim="2100",
    segments={"LX": "2000", "CLP": "2100", "SVC": "2110", "PLB": "PLB"},
    levels={},
    widens={},
    inside={},
    name="N1",
    names={"ST": {"PR": "1000A", "PE": "1000B"}},
    ends=("2000", "PLB"),
)
"""Loops by their number in the guide; adjustments of the provider stand in none, so theirs is PLB here."""

CLAIM_LOOP: Final = "2100"
LINE_LOOP: Final = "2110"
WITHIN: Final = (CLAIM_LOOP, LINE_LOOP)
"""Loops of what is said of a claim or of one of its lines."""

_HEADER: Final = ("ST", "1000A", "1000B")
_PAYMENT = Source("payment", _HEADER, "BPR")
_TRACE = Source("payment", _HEADER, "TRN")
_PAYER = Source("payment", ("1000A",), "N1")
_PAYEE = Source("payment", ("1000B",), "N1")
_HEAD = Source("header", ("2000",), "LX")
_SUMMARY = Source("header", ("2000",), "TS3")
_CLAIM = Source("claim", (CLAIM_LOOP,), "CLP")
_SERVICE = Source("line", (LINE_LOOP,), "SVC")
_BEGUN = Source("line", (LINE_LOOP,), "DTM", ("150", "232"))
_ENDED = Source("line", (LINE_LOOP,), "DTM", ("151", "233"))


def _of_claim(segment: str, qualifier: str) -> Source:
    return Source("claim", (CLAIM_LOOP,), segment, (qualifier,))


def _of_line(segment: str, qualifier: str) -> Source:
    return Source("line", (LINE_LOOP,), segment, (qualifier,))


def _of_payment(loops: tuple[str, ...], segment: str, qualifier: str) -> Source:
    return Source("payment", loops, segment, (qualifier,))


PAYMENT_COLUMNS: Final = (
    Column("control", Source("payment", ("ST",), "ST"), 2, text),
    Column("handling", _PAYMENT, 1, text),
    Column("amount_cents", _PAYMENT, 2, cents),
    Column("credit_debit", _PAYMENT, 3, text),
    Column("method", _PAYMENT, 4, text),
    Column("paid_on", _PAYMENT, 16, day),
    Column("trace", _TRACE, 2, text),
    Column("payer_trace_id", _TRACE, 3, text),
    Column("produced_on", _of_payment(_HEADER, "DTM", "405"), 2, day),
    Column("receiver_id", _of_payment(_HEADER, "REF", "EV"), 2, text),
    Column("payer_name", _PAYER, 2, text),
    Column("payer_named_id", _PAYER, 4, text),
    Column("payer_other_id", _of_payment(("1000A",), "REF", "2U"), 2, text),
    Column("payee_name", _PAYEE, 2, text),
    Column("payee_npi", _PAYEE, 4, text, when=(3, "XX")),
    Column("payee_named_tax_id", _PAYEE, 4, text, when=(3, "FI")),
    Column("payee_other_tax_id", _of_payment(("1000B",), "REF", "TJ"), 2, text),
    Column("payee_id", _of_payment(("1000B",), "REF", "PQ"), 2, text),
    Column("version", Source("group", ("GS",), "GS"), 8, text),
)

REMIT_COLUMNS: Final = (
    Column("claim_id", _CLAIM, 1, text),
    Column("status", _CLAIM, 2, text),
    Column("charge_cents", _CLAIM, 3, cents),
    Column("paid_cents", _CLAIM, 4, cents),
    Column("patient_cents", _CLAIM, 5, cents),
    Column("filing", _CLAIM, 6, text),
    Column("payer_control", _CLAIM, 7, text),
    Column("pos", _CLAIM, 8, text),
    Column("frequency", _CLAIM, 9, text),
    Column("patient_member_id", _of_claim("NM1", "QC"), 9, text),
    Column("subscriber_member_id", _of_claim("NM1", "IL"), 9, text),
    Column("corrected_member_id", _of_claim("NM1", "74"), 9, text),
    Column("rendering_npi", _of_claim("NM1", "82"), 9, text, when=(8, "XX")),
    Column("crossover_payer", _of_claim("NM1", "TT"), 3, text),
    Column("corrected_payer", _of_claim("NM1", "PR"), 3, text),
    Column("corrected_payer_id", _of_claim("NM1", "PR"), 9, text),
    Column("group_number", _of_claim("REF", "1L"), 2, text),
    Column("contract_class", _of_claim("REF", "CE"), 2, text),
    Column("auth_number", _of_claim("REF", "G1"), 2, text),
    Column("medical_record", _of_claim("REF", "EA"), 2, text),
    Column("original_ref", _of_claim("REF", "F8"), 2, text),
    Column("received_on", _of_claim("DTM", "050"), 2, day),
    Column("statement_from", _of_claim("DTM", "232"), 2, day),
    Column("statement_to", _of_claim("DTM", "233"), 2, day),
    Column("coverage_ended_on", _of_claim("DTM", "036"), 2, day),
    Column("allowed_cents", _of_claim("AMT", "AU"), 2, cents),
    Column("interest_cents", _of_claim("AMT", "I"), 2, cents),
    Column("discount_cents", _of_claim("AMT", "D8"), 2, cents),
    Column("patient_paid_cents", _of_claim("AMT", "F5"), 2, cents),
    Column("lx", _HEAD, 1, text),
    Column("provider_npi", _SUMMARY, 1, text),
)

LINE_COLUMNS: Final = (
    Column("code_system", _SERVICE, 1, text, component=1),
    Column("code", _SERVICE, 1, text, component=2),
    *(Column(name, _SERVICE, 1, text, component=n) for n, name in enumerate(MODIFIERS, start=3)),
    Column("charge_cents", _SERVICE, 2, cents),
    Column("paid_cents", _SERVICE, 3, cents),
    Column("revenue_code", _SERVICE, 4, text),
    Column("units_told", _SERVICE, 5, text),
    Column("units", _SERVICE, 5, number),
    Column("submitted_code_system", _SERVICE, 6, text, component=1),
    Column("submitted_code", _SERVICE, 6, text, component=2),
    *(
        Column(f"submitted_{name}", _SERVICE, 6, text, component=n)
        for n, name in enumerate(MODIFIERS, start=3)
    ),
    Column("submitted_units", _SERVICE, 7, number),
    Column("single_day", _of_line("DTM", "472"), 2, day),
    Column("first_day", _BEGUN, 2, day),
    Column("last_day", _ENDED, 2, day),
    Column("control_number", _of_line("REF", "6R"), 2, text),
    Column("line_rendering_npi", _of_line("REF", "HPI"), 2, text),
    Column("allowed_cents", _of_line("AMT", "B6"), 2, cents),
    Column("policy_ref", _of_line("REF", "0K"), 2, text),
)

REMARKS_AT: Final = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7), "LQ": (2,)}
"""Elements that hold remark codes."""
TAKES_FROM: Final = 3
"""The first element of the first reason of a PLB: reason with reference, and amount."""
