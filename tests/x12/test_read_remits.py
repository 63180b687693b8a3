"""Every column of a remittance, whose each segment is, and windows of every size."""

import contextlib
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import AnodyneError, NotX12, Truncated, UnreadableFile, WrongKind
from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.x12.read import read_stream
from anodyne.x12.read_remits import Keys, read_remit_stream, read_remits, read_remittance
from anodyne.x12.windows import WINDOW_BYTES
from tests.x12.interchanges import PROVIDER, Dress, isa, subscriber, told
from tests.x12.interchanges import claim as sent_claim
from tests.x12.interchanges import file_of as sent_file
from tests.x12.interchanges import line as sent_line
from tests.x12.remittances import (
    HEAD,
    NAME,
    PAYEE,
    POE,
    ROE,
    bpr,
    claim,
    file_of,
    group,
    interchange,
    line,
    read,
    same,
    transaction,
)

SIZES = (300, 2_000, WINDOW_BYTES)
BODY = [
    "LX*1",
    f"TS3*{PAYEE}*11*20261231*2*200",
    *claim("A1", "DTM*232*20260901"),
    *line("CAS*CO*45*15", "CAS*PR*2*5", "REF*6R*L1", "LQ*HE*N130"),
    *claim("A2", "CAS*CO*A2*5", "MOA***MA01*MA18", "AMT*AU*100", status="2"),
    *line("CAS*PR*1*10**2*5*1*3*2.5"),
    *line(code="HC:20610:LT:59"),
    "LX*2",
    *claim("A3", status="22", sums="-100*-80*-20"),
    f"PLB*{PAYEE}*20261231*WO:ICN1*-5*L6*.25",
]
UNBROKEN = file_of(*BODY, dress=Dress(after=""))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def row(frame: pl.DataFrame, place: int = 0) -> dict[str, Any]:
    return frame.row(place, named=True)


# Columns


def test_a_payment() -> None:
    assert row(read(file_of()).payments) == {
        "payment_key": 0,
        "file": NAME,
        "segment": 3,
        "byte": UNBROKEN.index(b"ST*835") + 2,
        "control": "0001",
        "handling": "I",
        "amount_cents": 8000,
        "credit_debit": "C",
        "method": "ACH",
        "paid_on": day("2026-10-02"),
        "trace": "EFT0001",
        "payer_trace_id": "1512345678",
        "produced_on": day("2026-10-01"),
        "payer_name": "MADE UP PLAN",
        "payer_id": "P7",
        "payee_name": "MADE UP PAIN CLINIC",
        "payee_npi": PAYEE,
        "payee_tax_id": "310000001",
        "payee_id": "PIN9",
        "receiver_id": "HOUSE",
        "version": "005010X221A1",
    }


def test_a_payer_and_a_payee_known_by_other_numbers() -> None:
    head = (bpr(), "N1*PR*PLAN", "REF*2U*P8", "N1*PE*CLINIC*FI*319999999")
    payment = row(read(interchange(group(transaction(head=head)))).payments)
    assert (payment["payer_id"], payment["payee_npi"], payment["payee_tax_id"]) == ("P8", None, "319999999")
    assert (payment["trace"], payment["produced_on"]) == (None, None)


def test_a_payment_of_which_nothing_is_told() -> None:
    payment = row(read(interchange(group(transaction(head=())))).payments)
    assert {payment[name] for name in ("amount_cents", "trace", "payer_name", "payee_npi", "paid_on")} == {
        None
    }


def test_a_claim() -> None:
    data = file_of(
        "LX*7",
        f"TS3*{POE}*11*20261231*1*100",
        "CLP*A1*1*100.5*80.25*20*MB*ICN1*11*7",
        "NM1*QC*1*DOE*PAT****MI*M1",
        "NM1*IL*1*DOE*ANN****MI*M2",
        "NM1*74*1*DOE*PAT****C*M3",
        f"NM1*82*1*ROE*SAM****XX*{ROE}",
        "NM1*TT*2*NEXT PLAN*****PI*N1",
        "NM1*PR*2*FIRST PLAN*****PI*F1",
        "REF*1L*GRP",
        "REF*CE*CLASS",
        "REF*G1*AUTH",
        "REF*EA*MRN",
        "REF*F8*ICN0",
        "DTM*232*20260901",
        "DTM*233*20260903",
        "DTM*036*20260930",
        "DTM*050*20260905",
        "AMT*AU*95",
        "AMT*I*1.25",
        "AMT*D8*3",
        "AMT*F5*20",
    )
    assert row(read(data).remits) == {
        "remit_key": 0,
        "payment_key": 0,
        "file": NAME,
        "segment": 17,
        "byte": data.index(b"CLP*"),
        "claim_id": "A1",
        "status": "1",
        "charge_cents": 10050,
        "paid_cents": 8025,
        "patient_cents": 2000,
        "filing": "MB",
        "payer_control": "ICN1",
        "pos": "11",
        "frequency": "7",
        "member_id": "M1",
        "corrected_member_id": "M3",
        "rendering_npi": ROE,
        "crossover_payer": "NEXT PLAN",
        "corrected_payer": "FIRST PLAN",
        "corrected_payer_id": "F1",
        "group_number": "GRP",
        "contract_class": "CLASS",
        "auth_number": "AUTH",
        "medical_record": "MRN",
        "original_ref": "ICN0",
        "received_on": day("2026-09-05"),
        "statement_from": day("2026-09-01"),
        "statement_to": day("2026-09-03"),
        "coverage_ended_on": day("2026-09-30"),
        "allowed_cents": 9500,
        "interest_cents": 125,
        "discount_cents": 300,
        "patient_paid_cents": 2000,
        "lx": "7",
        "provider_npi": POE,
    }


def test_the_member_is_the_subscribers_where_the_patient_has_no_number() -> None:
    data = file_of("LX*1", "CLP*A1*1*1*1", "NM1*QC*1*DOE*PAT", "NM1*IL*1*DOE*ANN****MI*M2")
    assert told(read(data).remits, "member_id", "rendering_npi") == [("M2", None)]


def test_a_rendering_provider_known_by_another_number_has_no_npi() -> None:
    data = file_of("LX*1", "CLP*A1*1*1*1", "NM1*82*2*ROE*****FI*346608640", *line())
    assert told(read(data).lines, "rendering_npi") == [None]


def test_a_line() -> None:
    data = file_of(
        "LX*1",
        *claim("A1"),
        "SVC*HC:99213:25:59:GT:95*100*55.5*0510*2*HC:99214:24:57:Q0:Q1*3",
        "DTM*150*20260901",
        "DTM*151*20260902",
        "CAS*CO*150*44.5",
        "REF*6R*L1",
        f"REF*HPI*{POE}",
        "REF*0K*POLICY 7",
        "AMT*B6*60",
    )
    assert row(read(data).lines) == {
        "remit_line_key": 0,
        "remit_key": 0,
        "segment": 19,
        "byte": data.index(b"SVC*"),
        "line": 1,
        "code_system": "HC",
        "code": "99213",
        "mod1": "25",
        "mod2": "59",
        "mod3": "GT",
        "mod4": "95",
        "charge_cents": 10000,
        "paid_cents": 5550,
        "revenue_code": "0510",
        "units": 2.0,
        "submitted_code_system": "HC",
        "submitted_code": "99214",
        "submitted_mod1": "24",
        "submitted_mod2": "57",
        "submitted_mod3": "Q0",
        "submitted_mod4": "Q1",
        "submitted_units": 3.0,
        "served_on": day("2026-09-01"),
        "served_to": day("2026-09-02"),
        "control_number": "L1",
        "rendering_npi": POE,
        "allowed_cents": 6000,
        "policy_ref": "POLICY 7",
    }


@pytest.mark.parametrize(
    ("rest", "units"),
    [("", 1.0), ("**", 1.0), ("**0", 0.0), ("**-4", -4.0), ("**1.9", 1.9), ("**many", None)],
)
def test_units_left_out_are_one(rest: str, units: float | None) -> None:
    data = file_of("LX*1", *claim(), *line(rest=rest))
    assert told(read(data).lines, "units", "submitted_units") == [(units, None)]


@pytest.mark.parametrize(
    ("own", "days"),
    [
        (["DTM*472*20260901"], ("2026-09-01", "2026-09-01")),
        (["DTM*150*20260901", "DTM*151*20260904"], ("2026-09-01", "2026-09-04")),
        (["DTM*151*20260904", "DTM*150*20260901"], ("2026-09-01", "2026-09-04")),
        (["DTM*150*20260901"], ("2026-09-01", "2026-09-01")),
        (["DTM*151*20260904"], ("2026-09-04", "2026-09-04")),
        (["DTM*232*20260901", "DTM*233*20260904"], ("2026-09-01", "2026-09-04")),
        (["DTM*472*20260931"], ("2026-08-01", "2026-08-03")),
        (["DTM*472*D8*20260901"], ("2026-08-01", "2026-08-03")),
        ([], ("2026-08-01", "2026-08-03")),
    ],
)
def test_days_of_service_fall_back_to_the_claims(own: list[str], days: tuple[str, str]) -> None:
    data = file_of("LX*1", *claim("A1", "DTM*232*20260801", "DTM*233*20260803"), "SVC*HC:99214*1*1", *own)
    assert told(read(data).lines, "served_on", "served_to") == [tuple(map(day, days))]


def test_a_claim_that_has_but_one_day_gives_it_to_its_lines() -> None:
    one = file_of("LX*1", *claim("A1", "DTM*232*20260801"), "SVC*HC:99214*1*1")
    assert told(read(one).lines, "served_on", "served_to") == [(day("2026-08-01"),) * 2]
    none = file_of("LX*1", *claim("A1"), "SVC*HC:99214*1*1")
    assert told(read(none).lines, "served_on", "served_to") == [(None, None)]


# What is repeated


def test_all_six_reasons_of_a_segment_with_their_quantities() -> None:
    data = file_of(
        "LX*1",
        *claim("A1", "CAS*PR*1*1*1*2*2*2*3*3*3*4*4*4*5*5*5*6*6*6"),
        *line("CAS*CO*45*10**253*-.06*0*59*.5", "CAS*OA*23*0"),
    )
    assert told(read(data).adjustments, "remit_line_key", "place", "group", "reason", "cents", "units") == [
        *((None, n, "PR", str(n), n * 100, float(n)) for n in range(1, 7)),
        (0, 1, "CO", "45", 1000, None),
        (0, 2, "CO", "253", -6, 0.0),
        (0, 3, "CO", "59", 50, None),
        (0, 1, "OA", "23", 0, None),
    ]


@pytest.mark.parametrize(
    ("segment", "found"),
    [
        ("CAS*CO", []),
        ("CAS*CO***", []),
        ("CAS*CO*45", [("45", None, None)]),
        ("CAS*CO**45*25.00", [(None, 4500, 25.0)]),
        ("CAS*CO*45*much*1", [("45", None, 1.0)]),
        ("CAS*CO*45*1.005", [("45", None, None)]),
        ("CAS*CO****45*2", [("45", 200, None)]),
        ("CAS*CO" + "*1*1*" * 8, [("1", 100, None)] * 8),
    ],
)
def test_reasons_are_told_as_they_stand(segment: str, found: list[tuple[object, ...]]) -> None:
    data = file_of("LX*1", *claim("A1", segment))
    assert told(read(data).adjustments, "reason", "cents", "units") == found


def test_remarks_of_claims_and_lines() -> None:
    data = file_of(
        "LX*1",
        *claim("A1", "MIA*0***100*MA01" + "*" * 15 + "N1*N2*N3*N4*7", "MOA*.4*50*MA07*MA18***M1*30*10"),
        *line("LQ*HE*N130", "LQ*RX*70", "LQ*HE"),
        *claim("A2", "LQ*HE*M15"),
    )
    assert told(read(data).remarks, "remit_key", "remit_line_key", "source", "qualifier", "code") == [
        (0, None, "MIA", None, "MA01"),
        *((0, None, "MIA", None, code) for code in ("N1", "N2", "N3", "N4")),
        *((0, None, "MOA", None, code) for code in ("MA07", "MA18", "M1")),
        (0, 0, "LQ", "HE", "N130"),
        (0, 0, "LQ", "RX", "70"),
        (1, None, "LQ", "HE", "M15"),
    ]


def test_amounts_and_quantities() -> None:
    data = file_of(
        "LX*1",
        *claim("A1", "AMT*AU*100", "AMT*ZZ*.5", "QTY*CA*8.00"),
        *line("AMT*B6*90", "AMT*KH*-2", "QTY*ZL*3.75"),
    )
    found = read(data)
    assert told(found.amounts, "remit_key", "remit_line_key", "qualifier", "cents") == [
        (0, None, "AU", 10000),
        (0, None, "ZZ", 50),
        (0, 0, "B6", 9000),
        (0, 0, "KH", -200),
    ]
    assert told(found.quantities, "remit_line_key", "qualifier", "quantity") == [
        (None, "CA", 8.0),
        (0, "ZL", 3.75),
    ]


def test_all_six_reasons_of_the_provider() -> None:
    pairs = "*".join(f"WO:REF{n}:X*{n}" for n in range(1, 7))
    data = file_of(f"PLB*{PAYEE}*20261231*{pairs}", "PLB*ANOTHER**L6*-1.5*CS:")
    columns = ("payment_key", "place", "provider", "fiscal_year_end", "reason", "reference", "cents")
    assert told(read(data).provider_adjustments, *columns) == [
        *((0, n, PAYEE, day("2026-12-31"), "WO", f"REF{n}", n * 100) for n in range(1, 7)),
        (0, 1, "ANOTHER", None, "L6", None, -150),
        (0, 2, "ANOTHER", None, "CS", None, None),
    ]


# Whose each is


def test_payments_after_one_another_have_their_own_claims() -> None:
    data = interchange(
        group(
            transaction("LX*1", *claim("A1"), *line(), control="0001"),
            transaction(f"PLB*{PAYEE}*20261231*WO*5", control="0002"),
            transaction("LX*1", *claim("A2"), *claim("A3"), f"PLB*{PAYEE}*20261231*L6*-1", control="0003"),
        ),
        group(transaction(*claim("A4"), control="0004"), control=2, version="005010X221"),
    )
    for size in SIZES:
        found = read(data, size)
        assert told(found.payments, "payment_key", "control", "version") == [
            (0, "0001", "005010X221A1"),
            (1, "0002", "005010X221A1"),
            (2, "0003", "005010X221A1"),
            (3, "0004", "005010X221"),
        ]
        assert told(found.remits, "claim_id", "payment_key", "lx") == [
            ("A1", 0, "1"),
            ("A2", 2, "1"),
            ("A3", 2, "1"),
            ("A4", 3, None),
        ]
        assert told(found.provider_adjustments, "payment_key", "reason") == [(1, "WO"), (2, "L6")]


def test_the_provider_is_adjusted_before_between_and_after_claims() -> None:
    take = f"PLB*{PAYEE}*20261231*WO*5"
    data = file_of(take, "LX*1", *claim("A1"), take, *claim("A2"), *line("CAS*CO*45*1"), take, take)
    for size in SIZES:
        found = read(data, size)
        assert len(found.provider_adjustments) == 4
        assert told(found.remits, "claim_id", "lx") == [("A1", "1"), ("A2", "1")]
        assert told(found.adjustments, "remit_key") == [1]


def test_names_between_claims_are_not_the_payments() -> None:
    data = file_of("LX*1", *claim("A1"), "N1*PE*ANOTHER*XX*1", "REF*TJ*2", "LX*2", *claim("A2"), *line())
    found = read(data)
    assert told(found.payments, "payee_name", "payee_tax_id") == [("MADE UP PAIN CLINIC", "310000001")]
    assert told(found.remits, "claim_id", "lx") == [("A1", "1"), ("A2", "2")]


def test_lines_are_counted_within_their_claim() -> None:
    data = file_of("LX*1", *claim("A1"), *line(), *line(), *claim("A2"), *claim("A3"), *line())
    for size in SIZES:
        assert told(read(data, size).lines, "remit_line_key", "remit_key", "line") == [
            (0, 0, 1),
            (1, 0, 2),
            (2, 2, 1),
        ]


@pytest.mark.parametrize("size", SIZES)
def test_what_cannot_be_read_is_told_with_its_element_and_place(size: int) -> None:
    broken = {
        b"DTM*232*2026O901": "DTM02",
        b"CAS*CO*45*1S*x": "CAS03 CAS04",
        b"CAS*PR*1*10**2*5O": "CAS06",
        b"AMT*AU*1oo": "AMT02",
        b"SVC*HC:99214*100*8o": "SVC03",
        f"PLB*{PAYEE}*20261231*WO:ICN1*-5*L6*.2S".encode(): "PLB06",
    }
    claims = [
        *claim("A1", "DTM*232*2026O901", "AMT*AU*1oo"),
        *line("CAS*CO*45*1S*x", "CAS*PR*1*10**2*5O"),
        "SVC*HC:99214*100*8o",
    ]
    data = file_of("LX*1", *claims, f"PLB*{PAYEE}*20261231*WO:ICN1*-5*L6*.2S", dress=Dress(after=""))
    parts = read_remit_stream(io.BytesIO(data), name=NAME, size=size)
    found = [(one.element, one.segment, one.byte) for part in parts for one in part.damaged]
    places = {mark: data.index(segment) for segment, marks in broken.items() for mark in marks.split()}
    assert found == [
        (mark, data[:byte].count(b"~") + 1, byte)
        for mark, byte in sorted(places.items(), key=lambda told: (told[1], told[0]))
    ]


def test_what_is_left_out_is_not_damaged() -> None:
    assert [part.damaged for part in read_remit_stream(io.BytesIO(UNBROKEN), name=NAME)] == [()]


def test_keys_count_up_from_those_given() -> None:
    parts = list(read_remit_stream(io.BytesIO(UNBROKEN), name=NAME, keys=Keys(7, 70, 700), size=300))
    one = parts[0].remittance
    assert one.payments["payment_key"].to_list() == [7]
    whole = [part.remittance for part in parts]
    assert [key for part in whole for key in part.remits["remit_key"]] == [70, 71, 72]
    assert [key for part in whole for key in part.lines["remit_line_key"]] == [700, 701, 702]
    assert {key for part in whole for key in part.remits["payment_key"]} == {7}
    assert {key for part in whole for key in part.adjustments["remit_line_key"].drop_nulls()} == {700, 701}


def test_a_file_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "day.835"
    path.write_bytes(UNBROKEN)
    assert read_remittance(path).remits["file"].unique().to_list() == [str(path)]
    named = next(iter(read_remits(path, name="day")))
    assert named.remittance.payments["file"].to_list() == ["day"]
    assert named.raw == UNBROKEN


# What is refused


@pytest.mark.parametrize(
    ("body", "what", "segment"),
    [
        (["LX*1", *line()], "a service line (SVC) stands outside any claim (CLP)", 16),
        (["LX*1", "CAS*CO*45*1"], "an adjustment (CAS) stands outside any claim (CLP)", 16),
        (["PLB*1*20261231*WO*5", "CAS*CO*45*1"], "an adjustment (CAS) stands outside any claim (CLP)", 16),
        (["LX*1", *claim(), "LX*2", *line()], "a service line (SVC) stands outside any claim (CLP)", 20),
        (["SE*1*1", "CLP*A1*1*1*1"], "a claim (CLP) stands outside any payment (ST…SE)", 16),
        (
            ["SE*1*1", "PLB*1*2*WO*1"],
            "an adjustment of the provider (PLB) stands outside any payment (ST…SE)",
            16,
        ),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_money_that_belongs_to_nothing_is_refused(
    body: list[str], what: str, segment: int, size: int
) -> None:
    data = file_of(*body)
    with pytest.raises(UnreadableFile, match=re.escape(what)) as caught:
        read(data, size)
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.segment) == (NAME, segment)
    assert data[caught.value.place.byte - 1 :].startswith(b"\n")


def test_money_outside_the_envelope_is_refused() -> None:
    data = (isa() + "CLP*A1*1*1*1~IEA*0*000000001~").encode()
    with pytest.raises(UnreadableFile, match=r"a claim \(CLP\) stands outside any payment"):
        read(data)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", UnreadableFile, "the file is empty"),
        (b"patient,amount\n", NotX12, "Give an 835 file as the payer or clearinghouse sent it"),
        (UNBROKEN[:-30], Truncated, "cut in the middle of a segment"),
        (UNBROKEN[: UNBROKEN.index(b"SE*")], Truncated, "no IEA"),
        (
            sent_file(*PROVIDER, *subscriber(), *sent_claim(), *sent_line()),
            WrongKind,
            "not a 5010 remittance (835) but group HC, version 005010X222A1: claims (837)",
        ),
        (
            UNBROKEN.replace(b"005010X221A1", b"004010X091A1"),
            WrongKind,
            "version 4010, out of use since 2012",
        ),
        (
            UNBROKEN.replace(b"HP*", b"HN*"),
            WrongKind,
            "group HN, version 005010X221A1: a claim status response",
        ),
        (
            UNBROKEN.replace(b"ST*835", b"ST*277"),
            WrongKind,
            "transaction 277, version ?: a claim status response",
        ),
        (interchange(group()), WrongKind, "the file holds no transaction"),
        (interchange(), WrongKind, "the file holds no transaction"),
    ],
)
def test_what_is_no_remittance_is_refused(data: bytes, error: type[AnodyneError], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)) as caught:
        read(data)
    assert caught.value.place is not None
    assert caught.value.fix


def test_a_remittance_is_no_claim_file() -> None:
    with pytest.raises(WrongKind, match=r"\(837P\) but group HP, version 005010X221A1: a remittance \(835\)"):
        list(read_stream(io.BytesIO(UNBROKEN), name=NAME))


# Dress and windows

DRESSES: dict[str, bytes] = {
    "no line breaks": UNBROKEN,
    "lines": file_of(*BODY),
    "lines of another system": file_of(*BODY, dress=Dress(after="\r\n")),
    "bars, carets and braces": file_of(*BODY, dress=Dress("|", "^", "}", "~", "")),
    "the same in lines": file_of(*BODY, dress=Dress("|", "^", "}", "~", "\n")),
    "control characters": file_of(*BODY, dress=Dress("\x1d", "\x1f", "\x1e", "\x1c", "")),
    "line feeds end segments": file_of(*BODY, dress=Dress(terminator="\n", after="")),
    "both end segments": file_of(*BODY, dress=Dress(terminator="\r\n", after="")),
    "blanks after terminators": file_of(*BODY, dress=Dress(after="  \t\n")),
    "byte-order mark": b"\xef\xbb\xbf" + UNBROKEN,
    "blank lines around": b"\r\n\n  " + UNBROKEN + b"\n\n\r\n  ",
    "no last terminator": UNBROKEN[:-1],
    "wrapped at 80": b"".join(UNBROKEN[i : i + 80] + b"\n" for i in range(0, len(UNBROKEN), 80)),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dress", DRESSES)
def test_a_remittance_says_the_same_in_any_dress(dress: str, size: int) -> None:
    data = DRESSES[dress]
    parts = list(read_remit_stream(io.BytesIO(data), name=NAME, size=size))
    assert b"".join(part.raw for part in parts) == data
    found = read(data, size)
    assert same(found, read(UNBROKEN), bytes_too=False)
    for mark, frame in ((b"ST", found.payments), (b"CLP", found.remits), (b"SVC", found.lines)):
        for byte in frame["byte"]:
            assert re.sub(rb"[\r\n]", b"", data[byte : byte + 8]).startswith(mark)


def test_interchanges_punctuated_differently() -> None:
    data = file_of(*BODY) + b"\r\n" + file_of(*BODY, dress=Dress("|", "^", "}", "!", ""))
    for size in SIZES:
        found = read(data, size)
        assert told(found.remits, "payment_key", "claim_id") == [
            (payment, claim_id) for payment in (0, 1) for claim_id in ("A1", "A2", "A3")
        ]
        assert found.adjustments["cents"].to_list()[:6] == found.adjustments["cents"].to_list()[6:]


def test_names_beyond_ascii_and_long_values() -> None:
    data = file_of("LX*1", *claim("A1"), *line("REF*6R*ÉLÉMENT DE CONTRÔLE LONG"))
    for encoded in (data, data.decode("latin-1").encode()):
        assert told(read(encoded).lines, "control_number") == ["ÉLÉMENT DE CONTRÔLE LONG"]


values = st.text("ABCX019 .-/,É", max_size=14)
amounts = st.decimals(-99_999, 99_999, places=2).map(str)
days = st.sampled_from(["20260901", "20260931", "2026", ""])


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("*".join)


reasons = st.lists(joined(values, amounts, st.sampled_from(["", "1", "2.5"])), min_size=1, max_size=7).map(
    "*".join
)
of_a_claim = st.one_of(
    joined(st.just("CAS"), st.sampled_from(["CO", "PR"]), reasons),
    joined(st.just("NM1"), st.sampled_from(["QC", "82", "74", "IL"]), *[values] * 6, st.just("XX"), values),
    joined(st.just("REF"), st.sampled_from(["6R", "EA", "TJ"]), values),
    joined(st.just("DTM"), st.sampled_from(["472", "150", "151", "232", "233", "050"]), days),
    joined(st.just("AMT"), st.sampled_from(["AU", "B6", "I"]), amounts),
    joined(st.just("QTY"), st.sampled_from(["CA"]), amounts),
    joined(st.just("LQ"), st.just("HE"), values),
    joined(st.just("MOA"), *[values] * 7),
    joined(st.just("MIA"), *[values] * 23),
    joined(st.just("SVC"), values.map("HC:{}".format), amounts, amounts, values, values, values, values),
    joined(st.just("N1"), st.sampled_from(["PR", "PE"]), values),
    joined(st.just("ZZ9"), values),
)


def claims_of() -> st.SearchStrategy[list[str]]:
    first = joined(st.just("CLP"), values, st.sampled_from(["1", "4", "22"]), amounts, amounts, amounts)
    return st.tuples(first, st.lists(of_a_claim, max_size=8)).map(lambda parts: [parts[0], *parts[1]])


pieces = st.one_of(
    claims_of(),
    values.map(lambda number: [f"LX*{number}"]),
    st.just(["LX*5", "TS3*123*11*20261231*1*1"]),
    st.lists(joined(values.map("WO:{}".format), amounts), min_size=1, max_size=6).map(
        lambda pairs: ["PLB*1*20261231*" + "*".join(pairs)]
    ),
)
payments = st.tuples(st.booleans(), st.lists(pieces, max_size=6)).map(
    lambda parts: transaction(
        *(s for piece in parts[1] for s in piece), head=(bpr(), *HEAD) if parts[0] else ()
    )
)
dresses = st.builds(
    Dress,
    element=st.sampled_from("*|^\x1d"),
    component=st.sampled_from(":>\x1f"),
    repetition=st.sampled_from("}{"),
    terminator=st.sampled_from(["~", "!", "\n", "\r\n"]),
    after=st.sampled_from(["", "\n", "\r\n"]),
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """One or more interchanges of payments, each in a dress of its own."""
    return b"".join(
        interchange(
            *(
                group(*draw(st.lists(payments, min_size=1, max_size=3)))
                for _ in range(draw(st.integers(1, 2)))
            ),
            number=number,
            dress=draw(dresses),
        )
        for number in range(1, draw(st.integers(2, 3)))
    )


@settings(deadline=None)
@given(files(), st.integers(1, 3_000))
def test_windows_of_any_size_say_the_same(data: bytes, size: int) -> None:
    parts = list(read_remit_stream(io.BytesIO(data), name=NAME, size=size))
    assert b"".join(part.raw for part in parts) == data
    assert same(read(data, size), read(data))


@settings(deadline=None)
@given(files(), st.integers(0, 5_000), st.binary(max_size=3), st.integers(1, 3_000))
def test_damage_is_read_or_refused_with_a_place(data: bytes, at: int, put: bytes, size: int) -> None:
    damaged = data[:at] + put + data[at + len(put) :]
    found: list[Remittance] = []
    try:
        found.append(read(damaged, size))
    except AnodyneError as error:
        assert error.place is not None  # noqa: PT017
        assert error.place.file == NAME  # noqa: PT017
    whole: list[Remittance] = []
    with contextlib.suppress(AnodyneError):
        whole.append(read(damaged))
    assert len(found) == len(whole)
    assert all(same(one, other) for one, other in zip(found, whole, strict=True))


def test_frames_have_their_schemas_however_little_is_told() -> None:
    found = read(file_of())
    assert {name: len(getattr(found, name)) for name in SCHEMAS} == {
        **dict.fromkeys(SCHEMAS, 0),
        "payments": 1,
    }
