"""What a claim's and a line's columns hold, read through real bytes."""

import datetime as dt
import io
from pathlib import Path

import pytest

from anodyne.kernel.errors import WrongKind
from anodyne.model.frames import CLAIMS, LINES
from anodyne.x12.read import read_claims, read_stream
from tests.x12.interchanges import (
    BILLING_1,
    BILLING_2,
    FACILITY,
    NAME,
    PAYER,
    POE,
    PROVIDER,
    ROE,
    Dress,
    claim,
    dependent,
    file_of,
    group,
    interchange,
    line,
    only_claim,
    only_line,
    read,
    simple,
    subscriber,
    told,
    transaction,
)

OTHER_PAYER = (
    "SBR*S*01*OTHERGRP******CI",
    "CAS*PR*1*5",
    "AMT*D*95",
    "OI***Y*B**Y",
    "NM1*IL*1*OTHER*SUE****MI*OTHER9",
    "N3*9 OAK ST",
    "N4*RENO*NV*89501",
    "REF*SY*000000001",
    "NM1*PR*2*OTHER PLAN*****PI*OTH1",
    "N4*RENO*NV*89501",
    "DTP*573*D8*20261101",
    "REF*G1*OTHERAUTH",
    "REF*9F*OTHERREFERRAL",
    "REF*F8*OTHERREF",
    "NM1*82*1",
    "REF*G2*77",
    "NM1*77*2",
    "NM1*DN*1",
)
OTHER_LINE = ("SVD*OTH1*95*HC:20553:59**1", "CAS*PR*1*5", "DTP*573*D8*20261101", "AMT*EAF*1")


def service(sv1: str) -> bytes:
    return simple([*claim(), "LX*1", sv1, "DTP*472*D8*20261014"])


# Whose claim it is


def test_a_subscriber_who_is_the_patient() -> None:
    row = only_claim(simple([*claim(), *line()]))
    assert (row["member_id"], row["relationship"], row["birth_date"], row["sex"]) == (
        "M1",
        "18",
        dt.date(1950, 1, 1),
        "F",
    )


def test_a_dependent_has_the_subscribers_member_id_and_his_own_birth_date() -> None:
    row = only_claim(file_of(*PROVIDER, *subscriber(own=False), *dependent(sex="M"), *claim(), *line()))
    assert (row["member_id"], row["relationship"], row["birth_date"], row["sex"]) == (
        "M1",
        "19",
        dt.date(2010, 2, 3),
        "M",
    )
    assert (row["group_number"], row["filing"], row["payer_id"]) == ("GRP7", "MB", "15202")


def test_a_dependent_with_no_birth_date_does_not_borrow_the_subscribers() -> None:
    without = [segment for segment in dependent() if not segment.startswith("DMG")]
    row = only_claim(file_of(*PROVIDER, *subscriber(own=False), *without, *claim(), *line()))
    assert (row["birth_date"], row["sex"]) == (None, None)


def test_a_self_subscriber_after_a_dependent_is_no_dependent() -> None:
    body = [
        *subscriber("M1", own=False),
        *dependent(),
        *claim("A1"),
        *line(),
        *subscriber("M2", level=4),
        *claim("A2"),
        *line(),
    ]
    claims = read(file_of(*PROVIDER, *body)).claims
    assert told(claims, "claim_id", "member_id", "relationship") == [("A1", "M1", "19"), ("A2", "M2", "18")]


def test_a_dependent_after_a_self_subscriber() -> None:
    body = [
        *subscriber("M2"),
        *claim("A2"),
        *line(),
        *subscriber("M1", level=3, own=False),
        *dependent(level=4, above=3),
        *claim("A1"),
        *line(),
    ]
    claims = read(file_of(*PROVIDER, *body)).claims
    assert told(claims, "claim_id", "member_id", "relationship") == [("A2", "M2", "18"), ("A1", "M1", "19")]


def test_a_subscribers_own_claim_before_his_dependents() -> None:
    body = [*subscriber("M1"), *claim("A1"), *line(), *dependent(), *claim("A2"), *line()]
    claims = read(file_of(*PROVIDER, *body)).claims
    assert told(claims, "claim_id", "relationship") == [("A1", "18"), ("A2", "19")]


def test_two_dependents_of_one_subscriber() -> None:
    body = [
        *subscriber(own=False),
        *dependent("ANN"),
        *claim("A1"),
        *line(),
        *dependent("BEN", level=4, sex="M", birth="20120101"),
        *claim("A2"),
        *line(),
    ]
    claims = read(file_of(*PROVIDER, *body)).claims
    assert told(claims, "claim_id", "member_id", "sex") == [("A1", "M1", "F"), ("A2", "M1", "M")]
    assert claims["patient"].n_unique() == 2


def test_several_claims_of_one_patient() -> None:
    claims = read(simple([*claim("A1"), *line()], [*claim("A2"), *line()])).claims
    assert told(claims, "claim_id") == ["A1", "A2"]
    assert claims["patient"].n_unique() == 1


def test_several_billing_providers() -> None:
    second = (
        "HL*3**20*1",
        "PRV*BI*PXC*207LP2900X",
        f"NM1*85*2*SECOND CLINIC*****XX*{BILLING_2}",
        "N4*MIAMI*FL*331010001",
    )
    body = [
        *PROVIDER,
        *subscriber("M1"),
        *claim("A1"),
        *line(),
        *second,
        *subscriber("M2", level=4),
        *claim("A2"),
        *line(),
    ]
    claims = read(file_of(*body)).claims
    assert told(claims, "claim_id", "billing_npi", "billing_taxonomy", "state", "zip") == [
        ("A1", BILLING_1, "208VP0014X", "OH", "432150001"),
        ("A2", BILLING_2, "207LP2900X", "FL", "331010001"),
    ]


def test_several_transactions_groups_and_interchanges_in_dresses_of_their_own() -> None:
    def one(claim_id: str) -> list[str]:
        return transaction(
            *PROVIDER, *subscriber(f"M{claim_id}"), *claim(claim_id), *line(), control=claim_id
        )

    data = (
        interchange(group(one("A1"), one("A2")), group(one("A3"), control=2), number=1)
        + interchange(group(one("A4")), number=2)
        + interchange(group(one("A5")), number=3, dress=Dress("|", "<", "}", "\n", ""))
        + interchange(group(one("A6")), number=4, dress=Dress("^", ">", "}", "!", "\r\n"))
    )
    book = read(data)
    assert told(book.claims, "claim_id", "member_id", "pos") == [
        (f"A{n}", f"MA{n}", "11") for n in range(1, 7)
    ]
    assert told(book.lines, "code") == ["62323"] * 6


def test_levels_do_not_reach_into_the_next_transaction() -> None:
    first = transaction(*PROVIDER, *subscriber(), *claim("A1"), *line())
    second = transaction("CLM*A2*100***11:B:1*Y*A*Y*Y", *line(), control="0002")
    claims = read(interchange(group(first, second))).claims
    assert told(claims, "member_id", "billing_npi", "payer_id")[1] == (None, None, None)


# Other payers


def test_another_payers_loops_leave_the_claim_alone() -> None:
    own = [*claim("A1", "REF*G1*AUTH1"), *line()]
    beside = [*claim("A1", "REF*G1*AUTH1"), *OTHER_PAYER, *line(1, *OTHER_LINE)]
    ours, theirs = read(simple(own)), read(simple(beside))
    assert ours.claims.equals(theirs.claims)
    assert ours.lines.drop("segment", "byte").equals(theirs.lines.drop("segment", "byte"))


def test_another_payers_loops_do_not_fill_what_the_claim_leaves_out() -> None:
    bare = ["CLM*A1*100***11:B:1*Y*A*Y*Y", "HI*ABK:M5416"]
    row = only_claim(simple([*bare, *OTHER_PAYER, *line(1, *OTHER_LINE)]))
    missing = (
        "auth_number",
        "referral_number",
        "original_ref",
        "rendering_npi",
        "referring_npi",
        "facility_npi",
        "accident_on",
    )
    assert [row[column] for column in missing] == [None] * len(missing)
    assert (row["filing"], row["payer_rank"], row["payer_id"], row["member_id"]) == ("MB", "P", "15202", "M1")


def test_a_secondary_claim_keeps_its_own_rank() -> None:
    secondary = [segment.replace("SBR*P*", "SBR*S*") for segment in subscriber()]
    row = only_claim(file_of(*PROVIDER, *secondary, *claim(), *OTHER_PAYER, *line(1, *OTHER_LINE)))
    assert (row["payer_rank"], row["filing"], row["payer_name"]) == ("S", "MB", "OHIO PART B")


def test_an_authorisation_that_another_payer_gave_for_the_line_is_not_its_own() -> None:
    data = simple([*claim("A1"), *line(1, "REF*G1*THEIRS**2U:OTH1", "REF*G1*OURS")])
    assert only_line(data)["auth_number"] == "OURS"


# Columns of a claim


def test_the_claims_own_columns() -> None:
    row = only_claim(simple([*claim("A1", charge="1234.5"), *line()]))
    expected = {
        "claim_key": 0,
        "judged": True,
        "file": NAME,
        "claim_id": "A1",
        "payer_id": "15202",
        "payer_name": "OHIO PART B",
        "filing": "MB",
        "payer_rank": "P",
        "group_number": "GRP7",
        "billing_npi": BILLING_1,
        "rendering_npi": ROE,
        "rendering_taxonomy": "208VP0014X",
        "pos": "11",
        "frequency": "1",
        "charge_cents": 123450,
        "assignment": "A",
        "benefits_assigned": "Y",
        "release": "Y",
        "dx1": "M5416",
        "dx2": None,
        "dx_system": "ABK",
        "state": "OH",
    }
    assert {column: row[column] for column in expected} == expected


@pytest.mark.parametrize(
    ("segment", "column"),
    [
        ("REF*F8*V1", "original_ref"),
        ("REF*G1*V1", "auth_number"),
        ("REF*9F*V1", "referral_number"),
        ("REF*X4*V1", "clia"),
        ("REF*EA*V1", "medical_record"),
        ("NTE*ADD*V1", "note"),
        ("PWK*V1*BM***AC*C1", "attachment"),
        ("PWK*OZ*BM***AC*V1", "attachment_control"),
        ("CRC*V1*Y*01", "condition"),
    ],
)
def test_references_notes_and_attachments_of_a_claim(segment: str, column: str) -> None:
    assert only_claim(simple([*claim("A1", segment), *line()]))[column] == "V1"
    assert only_claim(simple([*claim("A1"), *line()]))[column] is None


@pytest.mark.parametrize(
    ("qualifier", "column"),
    [
        ("431", "onset_on"),
        ("454", "initial_treatment_on"),
        ("304", "last_seen_on"),
        ("439", "accident_on"),
        ("435", "admitted_on"),
        ("096", "discharged_on"),
    ],
)
def test_dates_of_a_claim(qualifier: str, column: str) -> None:
    assert only_claim(simple([*claim("A1", f"DTP*{qualifier}*D8*20260830"), *line()]))[column] == dt.date(
        2026, 8, 30
    )
    assert only_claim(simple([*claim("A1", f"DTP*{qualifier}*D8*20260230"), *line()]))[column] is None


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        ("AA:::OH", ("AA", None, None, "OH")),
        ("EM", ("EM", None, None, None)),
        ("AA:EM:OA:OH:US", ("AA", "EM", "OA", "OH")),
        ("", (None, None, None, None)),
    ],
)
def test_causes_and_the_state_of_the_accident(causes: str, expected: tuple[str | None, ...]) -> None:
    row = only_claim(simple([f"CLM*A1*100***11:B:1*Y*A*Y*Y**{causes}", *line()]))
    assert tuple(row[column] for column in ("cause1", "cause2", "cause3", "cause_state")) == expected


@pytest.mark.parametrize("qualifier", ["ABK", "BK"])
def test_twelve_diagnoses_in_order(qualifier: str) -> None:
    other = "ABF" if qualifier == "ABK" else "BF"
    codes = [f"M{50 + n}1" for n in range(12)]
    dx = "*".join(f"{other if n else qualifier}:{code}" for n, code in enumerate(codes))
    row = only_claim(simple([*claim(dx=dx), *line()]))
    assert [row[f"dx{n}"] for n in range(1, 13)] == codes
    assert row["dx_system"] == qualifier


def test_other_code_lists_beside_the_diagnoses_are_not_diagnoses() -> None:
    data = simple(
        [*claim("A1", "HI*BP:01992", "HI*BG:01*BG:02", dx="ABK:M5416*ABF:G894"), "HI*TR:XX", *line()]
    )
    row = only_claim(data)
    assert [row[f"dx{n}"] for n in range(1, 4)] == ["M5416", "G894", None]


def test_a_claim_with_no_diagnoses() -> None:
    row = only_claim(simple(["CLM*A1*100***11:B:1", *line()]))
    assert (row["dx1"], row["dx_system"], row["assignment"]) == (None, None, None)


def test_state_and_zip_of_the_facility_go_before_those_of_the_billing_provider() -> None:
    facility = [f"NM1*77*2*SURGERY CENTER*****XX*{FACILITY}", "N3*4 HILL RD", "N4*COVINGTON*KY*410110001"]
    row = only_claim(simple([*claim(), *facility, *line()]))
    assert (row["facility_npi"], row["state"], row["zip"]) == (FACILITY, "KY", "410110001")


def test_referring_and_supervising_providers() -> None:
    names = [
        f"NM1*P3*1*CARE*PRIMA****XX*{FACILITY}",
        f"NM1*DN*1*FERRER*RE****XX*{POE}",
        f"NM1*DQ*1*VISOR*SU****XX*{BILLING_2}",
    ]
    row = only_claim(simple([*claim(), *names, *line()]))
    assert (row["referring_npi"], row["supervising_npi"]) == (POE, BILLING_2)


def test_an_identifier_of_another_kind_is_no_npi() -> None:
    data = simple(["CLM*A1*100***11:B:1", "NM1*82*1*ROE*SAM****24*123456789", *line()])
    assert only_claim(data)["rendering_npi"] is None


@pytest.mark.parametrize("own", [True, False])
def test_the_property_and_casualty_claim_number_of_whoever_is_the_patient(own: bool) -> None:
    body = [*subscriber(own=own), *([] if own else dependent()), "REF*Y4*PC77", *claim(), *line()]
    if own:
        body.insert(body.index(PAYER), body.pop(body.index("REF*Y4*PC77")))
    assert only_claim(file_of(*PROVIDER, *body))["property_claim"] == "PC77"


# Columns of a line


def test_the_lines_own_columns() -> None:
    row = only_line(
        simple([*claim(), *line(1, "REF*6R*L1", "NTE*ADD*CONTRAST", code="HC:62323:KX", charge="620")])
    )
    expected = {
        "line_key": 0,
        "claim_key": 0,
        "line": 1,
        "code_system": "HC",
        "code": "62323",
        "mod1": "KX",
        "mod2": None,
        "units": 1.0,
        "unit_basis": "UN",
        "charge_cents": 62000,
        "served_on": dt.date(2026, 10, 14),
        "served_to": dt.date(2026, 10, 14),
        "dx_pointers": "1",
        "emergency": None,
        "pos": "11",
        "rendering_npi": ROE,
        "rendering_taxonomy": "208VP0014X",
        "ndc": None,
        "ndc_qty": None,
        "ndc_unit": None,
        "control_number": "L1",
        "auth_number": None,
        "clia": None,
        "note": "CONTRAST",
    }
    assert {column: row[column] for column in expected} == expected


@pytest.mark.parametrize("count", range(5))
def test_modifiers_of_a_line(count: int) -> None:
    given = ["RT", "59", "KX", "JZ"][:count]
    row = only_line(service(f"SV1*{':'.join(('HC', '20610', *given))}*80*UN*1***1"))
    assert [row[f"mod{n}"] for n in range(1, 5)] == given + [None] * (4 - count)


def test_a_modifier_left_out_before_another() -> None:
    row = only_line(service("SV1*HC:20610::59*80*UN*1***1"))
    assert (row["mod1"], row["mod2"]) == (None, "59")


def test_a_description_after_the_modifiers_is_no_modifier() -> None:
    row = only_line(service("SV1*HC:J3490:JZ::::SOME DRUG*80*UN*1***1"))
    assert [row[f"mod{n}"] for n in range(1, 5)] == ["JZ", None, None, None]


@pytest.mark.parametrize("component", [":", ">", "<", "|", "\\", "\x1f"])
def test_composites_in_any_component_separator(component: str) -> None:
    data = simple(
        [*claim(), "LX*1", "SV1*HC:20610:RT*80*UN*1***1:2:3", "DTP*472*D8*20261014"],
        dress=Dress(component=component),
    )
    row = only_line(data)
    assert (row["code"], row["mod1"], row["dx_pointers"]) == ("20610", "RT", "1:2:3")


@pytest.mark.parametrize(
    ("basis", "units", "expected"),
    [("UN", "3", 3.0), ("MJ", "45", 45.0), ("UN", "1.5", 1.5), ("UN", "", None)],
)
def test_units_and_minutes(basis: str, units: str, expected: float | None) -> None:
    row = only_line(service(f"SV1*HC:01992*80*{basis}*{units}***1"))
    assert (row["unit_basis"], row["units"]) == (basis, expected)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("100", 100_00),
        ("100.5", 100_50),
        ("100.50", 100_50),
        ("100.500", 100_50),
        ("-5", -5_00),
        (".5", 50),
        ("0", 0),
        ("1e3", None),
        ("100.505", None),
        ("", None),
        ("1,000", None),
        ("$5", None),
        ("--5", None),
        ("-", None),
        (".", None),
    ],
)
def test_amounts(written: str, cents: int | None) -> None:
    assert only_claim(simple([*claim(charge=written), *line()]))["charge_cents"] == cents
    assert only_line(simple([*claim(), *line(charge=written)]))["charge_cents"] == cents


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("D8*20261014", dt.date(2026, 10, 14), dt.date(2026, 10, 14)),
        ("RD8*20261014-20261016", dt.date(2026, 10, 14), dt.date(2026, 10, 16)),
        ("RD8*20261014-20261032", dt.date(2026, 10, 14), None),
        ("D8*20230229", None, None),
        ("D8*20240229", dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        ("D8*261014", None, None),
        ("RD8*20261014X20261016", None, None),
        ("D8*", None, None),
    ],
)
def test_days_of_service(date: str, first: dt.date | None, last: dt.date | None) -> None:
    row = only_line(simple([*claim(), *line(day=date)]))
    assert (row["served_on"], row["served_to"]) == (first, last)


def test_other_dates_of_a_line_are_not_its_service() -> None:
    row = only_line(
        simple([*claim(), "LX*1", "SV1*HC:62323*100*UN*1***1", "DTP*431*D8*20260101", "DTP*472*D8*20261014"])
    )
    assert row["served_on"] == dt.date(2026, 10, 14)


def test_what_a_line_says_goes_before_what_its_claim_says() -> None:
    own = ["REF*G1*AUTH2", "REF*X4*CLIA2", f"NM1*82*1*POE*KIM****XX*{POE}", "PRV*PE*PXC*363LF0000X"]
    first = ["LX*1", "SV1*HC:62323*100*UN*1*24**1", "DTP*472*D8*20261014", *own]
    lines = read(simple([*claim("A1", "REF*G1*AUTH1", "REF*X4*CLIA1"), *first, *line(2)])).lines
    assert told(lines, "pos", "auth_number", "clia", "rendering_npi", "rendering_taxonomy") == [
        ("24", "AUTH2", "CLIA2", POE, "363LF0000X"),
        ("11", "AUTH1", "CLIA1", ROE, "208VP0014X"),
    ]


def test_a_line_with_a_rendering_provider_of_its_own_does_not_take_the_claims_taxonomy() -> None:
    row = only_line(simple([*claim(), *line(1, f"NM1*82*1*POE*KIM****XX*{POE}")]))
    assert (row["rendering_npi"], row["rendering_taxonomy"]) == (POE, None)


def test_drug_data_of_a_line() -> None:
    row = only_line(simple([*claim(), *line(1, "LIN**N4*00009028003", "CTP****2.5*ML", "REF*XZ*RX1")]))
    assert (row["ndc"], row["ndc_qty"], row["ndc_unit"]) == ("00009028003", 2.5, "ML")


def test_a_product_code_of_another_kind_is_no_ndc() -> None:
    assert only_line(simple([*claim(), *line(1, "LIN**EN*00009028003")]))["ndc"] is None


def test_a_line_number_that_is_none() -> None:
    assert told(
        read(simple([*claim(), *line(), "LX*X", "SV1*HC:20552*1*UN*1***1"])).lines, "line", "code"
    ) == [(1, "62323"), (None, "20552")]


# Out of place, absent, empty


def test_a_line_without_service() -> None:
    row = only_line(simple([*claim(), "LX*1"]))
    assert (row["line"], row["code"], row["charge_cents"], row["served_on"]) == (1, None, None, None)


def test_a_claim_without_lines() -> None:
    book = read(simple(claim("A1"), [*claim("A2"), *line()]))
    assert told(book.claims, "claim_id") == ["A1", "A2"]
    assert told(book.lines, "claim_key") == [1]


def test_a_service_without_its_line_number_does_not_displace_the_one_before() -> None:
    data = simple([*claim(), *line(), "SV1*HC:20552*1*UN*1***1"])
    assert told(read(data).lines, "line", "code") == [(1, "62323")]


def test_a_line_before_any_claim_belongs_to_none() -> None:
    data = file_of(*PROVIDER, *subscriber(), *line(7), *claim(), *line(1))
    assert told(read(data).lines, "line") == [1]


@pytest.mark.parametrize("between", ["HL*9*1*22*0", "SE*9*0001"])
def test_a_line_after_its_claim_was_left_belongs_to_none(between: str) -> None:
    data = file_of(*PROVIDER, *subscriber(), *claim(), *line(1), between, *line(2), *claim("A2"), *line(1))
    assert told(read(data).lines, "claim_key", "line") == [(0, 1), (1, 1)]


def test_a_file_without_levels_is_read_as_far_as_it_goes() -> None:
    row = only_claim(file_of(*claim(), *line()))
    assert (row["claim_id"], row["member_id"], row["billing_npi"]) == ("A1", None, None)


def test_empty_segments_and_elements_are_passed_over() -> None:
    assert read(simple([*claim(), "", *line(), "", "SV1", "HL", "NM1*", "HI*"])).lines["code"].to_list() == [
        "62323"
    ]


def test_segments_in_reverse_are_read_without_complaint() -> None:
    body = [*PROVIDER, *subscriber(), *claim(), *line()]
    assert len(read(file_of(*reversed(body))).claims) == 1


def test_a_transaction_without_claims_gives_empty_frames() -> None:
    book = read(file_of(*PROVIDER, *subscriber()))
    assert (dict(book.claims.schema), len(book.claims)) == (dict(CLAIMS), 0)
    assert (dict(book.lines.schema), len(book.lines)) == (dict(LINES), 0)


# Keys and places


def test_keys_count_up_from_where_they_are_told_to() -> None:
    data = simple([*claim("A1"), *line(1), *line(2)], [*claim("A2"), *line(1)])
    (part,) = read_stream(io.BytesIO(data), name=NAME, judged=False, claim_key=10, line_key=20)
    assert told(part.claims, "claim_key", "judged") == [(10, False), (11, False)]
    assert told(part.lines, "line_key", "claim_key") == [(20, 10), (21, 10), (22, 11)]


def test_segments_are_counted_from_one_and_bytes_from_zero() -> None:
    data = simple([*claim(), *line()])
    book = read(data)
    for frame, mark in ((book.claims, b"CLM"), (book.lines, b"LX")):
        ((segment, byte),) = frame.select("segment", "byte").rows()
        assert data[byte:].startswith(mark)
        assert data[:byte].count(b"~") + 1 == segment


# People


def patient(body: list[str], name: str = NAME) -> int:
    (number,) = read(file_of(*PROVIDER, *body, *claim(), *line()), name=name).claims["patient"]
    return int(number)


def test_one_person_has_one_number_in_every_file() -> None:
    assert patient(subscriber("AB1"), "one.837") == patient(subscriber("ab1"), "two.837")
    child = [*subscriber(own=False), *dependent("ANN")]
    assert patient(child, "one.837") == patient(child, "two.837")


def test_twins_are_two_people() -> None:
    twins = [patient([*subscriber(own=False), *dependent(first)]) for first in ("ANN", "BEN")]
    assert twins[0] != twins[1]


def test_a_dependent_born_on_the_subscribers_day_is_another_person() -> None:
    spouse = [*subscriber(own=False, birth="19500101"), *dependent("ANN", birth="19500101")]
    nameless = [segment.replace("NM1*QC*1*DOE*ANN", "NM1*QC*1*DOE") for segment in spouse]
    assert len({patient(subscriber(birth="19500101")), patient(spouse), patient(nameless)}) == 3


def test_patients_without_a_member_id_are_not_thrown_together() -> None:
    nobody = [segment.replace("****MI*M1", "") for segment in subscriber()]
    data = file_of(*PROVIDER, *nobody, *claim("A1"), *line(), *nobody, *claim("A2"), *line())
    assert read(data).claims["patient"].n_unique() == 2
    assert patient(nobody, "one.837") != patient(nobody, "two.837")


# Other kinds of file


def wrong(data: bytes) -> str:
    with pytest.raises(WrongKind) as caught:
        read(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("code", "version", "kind", "words"),
    [
        ("HC", "004010X098A1", "837", "4010"),
        ("HP", "005010X221A1", "835", "a remittance (835)"),
        ("HC", "005010X223A2", "837", "an institutional claim (837I)"),
        ("HC", "005010X224A2", "837", "a dental claim (837D)"),
        ("HI", "005010X217", "278", "an authorisation request or response (278)"),
        ("HB", "005010X279A1", "271", "an eligibility response (271)"),
        ("HS", "005010X279A1", "270", "an eligibility inquiry (270)"),
        ("HR", "005010X212", "276", "a claim status inquiry (276)"),
        ("HN", "005010X214", "277", "a claim status response (277)"),
        ("FA", "005010X231A1", "999", "an acknowledgement (999 or 997)"),
    ],
)
def test_another_kind_of_transaction_is_named(code: str, version: str, kind: str, words: str) -> None:
    segments = [
        f"GS*{code}*SENDER*RECEIVER*20261121*1200*1*X*{version}",
        f"ST*{kind}*0001*{version}",
        "SE*2*0001",
        "GE*1*1",
    ]
    message = wrong(interchange(segments))
    assert words in message
    assert f"(at {NAME}, segment 2, byte 107)" in message
    assert "005010X222A1" in message


def test_the_wrong_transaction_in_the_right_group() -> None:
    segments = ["GS*HC*S*R*20261121*1200*1*X*005010X222A1", "ST*835*0001", "SE*2*0001", "GE*1*1"]
    data = interchange(segments)
    assert f"(at {NAME}, segment 3, byte {data.index(b'ST*835')})" in wrong(data)


def test_the_wrong_kind_is_refused_wherever_it_stands() -> None:
    right = group(
        *(
            transaction(*PROVIDER, *subscriber(), *claim(f"A{n}"), *line(), control=f"{n:04d}")
            for n in range(9)
        )
    )
    remittance = [segment.replace("*HC*", "*HP*") for segment in group(transaction())]
    message = wrong(interchange(right) + interchange(remittance, number=2))
    assert "a remittance (835)" in message


def test_a_transaction_that_leaves_its_version_to_the_group() -> None:
    data = simple([*claim(), *line()]).replace(b"ST*837*0001*005010X222A1", b"ST*837*0001")
    assert len(read(data).claims) == 1


@pytest.mark.parametrize("version", ["005010X222", "005010X222A1", "005010X222A2"])
def test_every_edition_of_the_guide_is_read(version: str) -> None:
    body = transaction(*PROVIDER, *subscriber(), *claim(), *line(), version=version)
    assert len(read(interchange(group(body, version=version))).claims) == 1


def test_an_interchange_without_a_transaction() -> None:
    message = wrong(interchange(group()))
    assert "holds no transaction" in message
    assert f"(at {NAME}, segment 4, byte " in message


def test_a_path_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "day.837"
    path.write_bytes(simple([*claim(), *line()]))
    (part,) = read_claims(path)
    assert told(part.claims, "file") == [str(path)]
