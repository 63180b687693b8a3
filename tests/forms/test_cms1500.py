"""The 1500 claim form: what stands where, what stays blank, and what is refused."""

import datetime as dt
import io
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from anodyne.forms.cms1500 import cms1500
from anodyne.forms.layout import Field, layout
from anodyne.forms.paper import Coverage, Dated, Insured, Other, Paper, Total
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.parties import Address, Billing, Organisation, Person, Site
from tests.claims import Claim, Line, book_from
from tests.forms.made import (
    CLINIC,
    HOME,
    POE,
    ROE,
    SITE,
    STREET,
    one,
    parties_of,
    printed,
    with_line_values,
    with_values,
)

OTHER = Other("PX9", "Second Plan", Insured(Person("Doe", "Sam", "Lee"), relationship="01"))
EMPLOYER = Insured(Organisation("Made Up Works, Inc."), Address("9 Mill Rd.", "Erie", "PA", "16501"))


def refusal(book: Book, paper: Paper | None = None, **rest: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        printed(book, paper, **rest)
    assert "Doe" not in str(caught.value)
    assert "Pat" not in str(caught.value)
    return caught.value.what


def full() -> tuple[Book, Paper]:
    """A commercial claim that says all it can."""
    lines = [
        Line("62323", ["RT", "59"], charge=625_00, dx="1:2"),
        Line("J1030", units=2, charge=12_50, ndc="00009307303", ndc_qty=2.5),
    ]
    book = with_values(
        book_from(Claim(lines, payer="commercial", dx=["M5416", "M4726"])),
        group_number="GR77",
        referring_npi=POE,
        frequency="7",
        original_ref="ICN0001",
        auth_number="AUTH55",
        onset_on=dt.date(2026, 9, 1),
        initial_treatment_on=dt.date(2026, 9, 8),
        admitted_on=dt.date(2026, 10, 13),
        discharged_on=dt.date(2026, 10, 15),
        note="Seen with interpreter",
        cause1="AA",
        cause_state="OH",
    )
    book = with_line_values(book, auth_number="AUTH55", emergency="Y")
    return book, Paper(
        coverage=Coverage.GROUP,
        patient_phone="2165550123",
        other=OTHER,
        claim_codes="AB",
        plan="Cedar PPO",
        unable_from=dt.date(2026, 9, 2),
        unable_to=dt.date(2026, 9, 20),
        outside_lab_cents=45_05,
        paid_cents=100_00,
        signed="Signature on file",
        signed_on=dt.date(2026, 10, 16),
    )


def test_every_item_stands_at_its_place_on_the_grid() -> None:
    book, paper = full()
    (page,) = printed(book, paper)
    assert page == {
        (2, 41): "CEDAR MUTUAL PPO",
        (3, 41): "PO BOX 1",
        (5, 41): "DAYTON OH 45401-0001",
        (8, 31): "X",
        (8, 50): "M00000001",
        (10, 1): "DOE JR, PAT, Q",
        (10, 31): "01",
        (10, 34): "01",
        (10, 37): "1951",
        (10, 47): "X",
        (10, 50): "DOE JR, PAT, Q",
        (12, 1): "1 ELM ST",
        (12, 33): "X",
        (12, 50): "1 ELM ST",
        (14, 1): "PARMA",
        (14, 26): "OH",
        (14, 50): "PARMA",
        (14, 74): "OH",
        (16, 1): "44129",
        (16, 15): "216",
        (16, 19): "5550123",
        (16, 50): "44129",
        (16, 65): "216",
        (16, 69): "5550123",
        (18, 1): "DOE, SAM, L",
        (18, 50): "GR77",
        (20, 1): "PX9",
        (20, 41): "X",
        (20, 53): "01",
        (20, 56): "01",
        (20, 59): "1951",
        (20, 75): "X",
        (22, 35): "X",
        (22, 45): "OH",
        (24, 41): "X",
        (24, 50): "CEDAR PPO",
        (26, 1): "SECOND PLAN",
        (26, 30): "AB",
        (26, 52): "X",
        (29, 7): "SIGNATURE ON FILE",
        (29, 55): "SIGNATURE ON FILE",
        (32, 2): "09",
        (32, 5): "01",
        (32, 8): "26",
        (32, 16): "431",
        (32, 31): "454",
        (32, 37): "09",
        (32, 40): "08",
        (32, 43): "26",
        (32, 54): "09",
        (32, 57): "02",
        (32, 60): "26",
        (32, 68): "09",
        (32, 71): "20",
        (32, 74): "26",
        (34, 1): "DN",
        (34, 4): "KIM POE",
        (34, 33): POE,
        (34, 54): "10",
        (34, 57): "13",
        (34, 60): "26",
        (34, 68): "10",
        (34, 71): "15",
        (34, 74): "26",
        (36, 1): "SEEN WITH INTERPRETER",
        (36, 52): "X",
        (36, 67): "45 05",
        (37, 42): "0",
        (38, 3): "M5416",
        (38, 16): "M4726",
        (38, 50): "7",
        (38, 62): "ICN0001",
        (40, 50): "AUTH55",
        **_line(44, {25: "62323", 33: "RT", 36: "59", 45: "AB", 52: "625 00", 59: "1"}),
        (45, 1): "N400009307303   ML2.5",
        **_line(46, {25: "J1030", 45: "A", 53: "12 50", 59: "2"}),
        (56, 1): "310000001",
        (56, 19): "X",
        (56, 23): "A100",
        (56, 38): "X",
        (56, 54): "637 50",
        (56, 64): "100 00",
        (57, 66): "614",
        (57, 70): "5550100",
        (58, 23): "MADE UP PAIN CLINIC",
        (58, 50): "MADE UP PAIN CLINIC",
        (59, 23): "100 MAIN ST SUITE 2",
        (59, 50): "100 MAIN ST SUITE 2",
        (60, 1): "SIGNATURE ON FILE",
        (60, 23): "COLUMBUS OH 43215-0001",
        (60, 50): "COLUMBUS OH 43215-0001",
        (61, 14): "10 16 26",
        (61, 24): CLINIC,
        (61, 51): CLINIC,
        (61, 63): "ZZ208VP0014X",
    }


def _line(row: int, own: dict[int, str]) -> dict[tuple[int, int], str]:
    """A line of the full claim with what is its own, its shaded part apart from the drug."""
    places = {1: "10", 4: "14", 7: "26", 10: "10", 13: "14", 16: "26", 19: "11", 22: "Y", 68: ROE, **own}
    shaded = {(row - 1, 65): "ZZ", (row - 1, 68): "208VP0014X"}
    return {(row, column): text for column, text in places.items()} | shaded


# Pages


def test_each_claim_begins_a_page_of_its_own_in_the_order_of_the_frame() -> None:
    book = book_from(*(Claim([Line("20553")], payer="commercial", id=f"A{k}") for k in (3, 1, 2)))
    assert [page[56, 23] for page in printed(book)] == ["A3", "A1", "A2"]


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (6, 1), (7, 2), (12, 2), (13, 3)])
def test_six_lines_to_a_page(count: int, expected: int) -> None:
    lines = [Line("20553", charge=(k + 1) * 100) for k in range(count)]
    found = printed(book_from(Claim(lines, payer="commercial")))
    assert len(found) == expected
    charges = [
        page.get((row, column)) for page in found for row in range(44, 56, 2) for column in (52, 53, 54)
    ]
    assert [text for text in charges if text] == [f"{k + 1} 00" for k in range(count)]


def test_each_page_is_a_claim_by_itself() -> None:
    book = book_from(Claim([Line("20553")] * 7, payer="commercial"))
    first, second = printed(book, Paper(paid_cents=50_00))
    assert (first[56, 54], second[56, 54]) == ("600 00", "100 00")
    assert (first[56, 65], (56, 65) in second) == ("50 00", False)
    for place in ((8, 50), (10, 1), (38, 3), (56, 23), (61, 51)):
        assert first[place] == second[place]
    assert (1, 61) not in first


def test_the_last_page_can_have_the_whole() -> None:
    book = book_from(Claim([Line("20553")] * 7, payer="commercial"))
    first, second = printed(book, Paper(paid_cents=650_00), total=Total.LAST_PAGE)
    assert (first[56, 50], second[56, 54], second[56, 64]) == ("CONTINUED", "700 00", "650 00")
    assert (first[1, 61], second[1, 61]) == ("PAGE 1 OF 2", "PAGE 2 OF 2")
    (page,) = printed(book_from(Claim([Line("20553")], payer="commercial")), total=Total.LAST_PAGE)
    assert (1, 61) not in page


def test_a_payment_above_the_first_of_several_forms_is_refused() -> None:
    book = book_from(Claim([Line("20553")] * 7, payer="commercial"))
    assert len(printed(book, Paper(paid_cents=600_00))) == 2
    assert "item 29 is more than" in refusal(book, Paper(paid_cents=600_01))


def test_nothing_but_data_unless_guides_are_wanted() -> None:
    book = book_from(Claim([Line("20553")], payer="commercial"))
    told = (book.claims, book.lines, parties_of(book))
    plain, guided = cms1500(*told), cms1500(*told, guides=True)
    assert b"INSURED" not in plain
    assert " re" not in _content(plain)
    assert len(re.findall(r"\bre\b|\bh\b", _content(guided))) >= len(layout().page)
    words = set(PdfReader(io.BytesIO(guided)).pages[0].extract_text().split())
    items = {"1", "1a", "2", "9a", "11d", "17b", "21A", "24A", "24J", "33b"}
    assert items <= words
    assert printed(book) == printed(book, guides=True)


def _content(pdf: bytes) -> str:
    page = PdfReader(io.BytesIO(pdf)).pages[0].get_contents()
    assert page is not None
    return page.get_data().decode("latin-1")


def test_the_same_claims_give_the_same_bytes_and_no_name_in_what_surrounds_the_page() -> None:
    book = book_from(Claim([Line("20553")], payer="commercial"))
    told = (book.claims, book.lines, parties_of(book))
    assert cms1500(*told) == cms1500(*told)
    assert dict(PdfReader(io.BytesIO(cms1500(*told))).metadata or {}).keys() <= {"/Title", "/Creator"}


def test_a_printer_that_is_off_can_be_met() -> None:
    book = book_from(Claim([Line("20553")], payer="commercial"))
    moved = printed(book, nudge=(7.2, -12))
    assert moved[0][7, 51] == "M00000001"
    with pytest.raises(BadRequest, match="moved by more than 36 points"):
        printed(book, nudge=(0, 36.5))


def test_no_claim_and_no_line_are_refused() -> None:
    book = book_from(Claim([Line("20553")], payer="commercial"))
    empty = Book(book.claims.clear(), book.lines.clear())
    assert "would hold no claim" in refusal(empty)
    assert "claim A100: item 24 has no line" in refusal(Book(book.claims, book.lines.clear()))
    with pytest.raises(ValueError, match="one key"):
        printed(Book(book.claims.clear(), book.lines))


# What the patient, the policy and the payer are


@pytest.mark.parametrize(
    ("payer", "column"),
    [("medicare", 1), ("medicaid", 8), ("commercial", 45), ("workers", 45), ("motor", 45), ("blue", None)],
)
def test_the_box_of_the_programme(payer: str, column: int | None) -> None:
    page = one(payer=payer)
    assert [place[1] for place in page if place[0] == 8 and place[1] < 50] == ([column] if column else [])


def test_the_box_of_the_programme_can_be_told() -> None:
    for coverage, column in zip(Coverage, (1, 8, 15, 24, 31, 39, 45), strict=True):
        assert one(Paper(coverage=coverage), payer="workers")[8, column] == "X"


@pytest.mark.parametrize(
    ("relationship", "column"), [("18", 33), ("01", 38), ("19", 42), ("G8", 47), (None, None)]
)
def test_relationship(relationship: str | None, column: int | None) -> None:
    page = one(relationship=relationship)
    marked = [place[1] for place in page if place[0] == 12 and page[place] == "X"]
    assert marked == ([column] if column else [])


@pytest.mark.parametrize(("sex", "column"), [("M", 42), ("F", 47), ("U", None), (None, None)])
def test_sex(sex: str | None, column: int | None) -> None:
    page = one(sex=sex)
    assert [place[1] for place in page if place[0] == 10 and page[place] == "X"] == (
        [column] if column else []
    )


def test_an_insured_who_is_not_the_patient() -> None:
    insured = Insured(Person("Doe", "Ann"), HOME, "2165550100", dt.date(1950, 2, 3), "F")
    page = one(Paper(insured=insured), relationship="19")
    assert (page[10, 1], page[10, 50], page[12, 42]) == ("DOE JR, PAT, Q", "DOE, ANN", "X")
    assert (page[20, 53], page[20, 56], page[20, 59], page[20, 75]) == ("02", "03", "1950", "X")
    unknown = one(relationship="19")
    assert not {(10, 50), (12, 50), (20, 53)} & unknown.keys()


@pytest.mark.parametrize(("other", "column"), [(OTHER, 52), (False, 57), (None, None)])
def test_another_plan_is_yes_no_or_not_known(other: Any, column: int | None) -> None:
    page = one(Paper(other=other))
    assert [place[1] for place in page if place[0] == 26 and place[1] > 50] == ([column] if column else [])
    assert ((20, 1) in page) == bool(other)


def test_medicare_first_has_none_in_11_and_no_insured() -> None:
    page = one(Paper(other=OTHER), payer="medicare", group_number="IGNORED")
    assert page[18, 50] == "NONE"
    assert not {(10, 50), (12, 50), (12, 33), (20, 53), (26, 52), (18, 1), (29, 55)} & page.keys()
    assert not {(43, 65), (61, 63)} & page.keys()


def test_medigap_behind_medicare() -> None:
    page = one(Paper(other=Other("MG1", "15999", medigap=True)), payer="medicare")
    assert (page[18, 1], page[20, 1], page[26, 1], page[29, 55]) == (
        "SAME",
        "MEDIGAP MG1",
        "15999",
        "SIGNATURE ON FILE",
    )


def test_medicare_second_shows_the_first_payers_policy() -> None:
    page = one(Paper(other=Other("GRP1", "Cedar PPO")), payer="medicare", payer_rank="S")
    assert (page[10, 50], page[12, 50], page[12, 33]) == ("SAME", "SAME", "X")
    assert (page[18, 50], page[24, 50]) == ("GRP1", "CEDAR PPO")
    page = one(Paper(other=OTHER), payer="medicare", payer_rank="S")
    assert (page[10, 50], page[12, 38], (12, 50) in page) == ("DOE, SAM, L", "X", False)
    assert (18, 50) not in one(payer="medicare", payer_rank="S")


def test_medicare_takes_one_pointer() -> None:
    for payer, letters in (("medicare", "A"), ("commercial", "AB")):
        book = book_from(Claim([Line("62323", dx="1:2")], payer=payer, dx=["M5416", "M4726"]))
        assert printed(book)[0][44, 45] == letters


def test_workers_compensation() -> None:
    page = one(
        Paper(insured=EMPLOYER, unable_from=dt.date(2026, 8, 4)),
        payer="workers",
        relationship="20",
        property_claim="WC-7781",
        member_id="EMP00417",
        cause1="EM",
        accident_on=dt.date(2026, 8, 3),
    )
    assert (page[8, 45], page[8, 50]) == ("X", "EMP00417")
    assert (page[10, 50], page[12, 50], page[14, 74]) == ("MADE UP WORKS INC", "9 MILL RD", "PA")
    assert (page[12, 47], page[20, 35], page[22, 41], page[24, 41]) == ("X", "X", "X", "X")
    assert (page[18, 50], page[22, 50], page[22, 53]) == ("WC-7781", "Y4", "WC-7781")
    assert [page[32, column] for column in (2, 5, 8, 16, 54)] == ["08", "03", "26", "431", "08"]
    assert (32, 31) not in page  # the accident is told once
    assert (32, 68) not in page  # still unable
    assert (10, 50) not in one(payer="workers", relationship="18")


def test_an_accident_after_the_onset_stands_in_15() -> None:
    page = one(onset_on=dt.date(2026, 1, 1), accident_on=dt.date(2026, 8, 3), cause1="OA")
    assert (page[32, 16], page[32, 31], page[32, 40], page[24, 35]) == ("431", "439", "03", "X")


def test_days_that_are_told_go_before_those_of_the_frame() -> None:
    paper = Paper(illness=Dated("484", dt.date(2026, 2, 2)), other_date=Dated("304", dt.date(2026, 3, 3)))
    page = one(paper, onset_on=dt.date(2026, 1, 1), last_seen_on=dt.date(2026, 1, 5))
    assert (page[32, 5], page[32, 16], page[32, 31], page[32, 40]) == ("02", "484", "304", "03")


# What was done


@pytest.mark.parametrize(
    ("referring", "ordering", "supervising", "told"),
    [
        (ROE, POE, POE, ("DN", "SAM Q ROE", ROE)),
        (None, ROE, POE, ("DK", "SAM Q ROE", ROE)),
        (None, "", POE, ("DQ", "KIM POE", POE)),
        (None, "", None, (None, None, None)),
    ],
)
def test_the_first_of_those_who_referred_ordered_or_supervised(
    referring: str | None, ordering: str, supervising: str | None, told: tuple[str | None, ...]
) -> None:
    page = one(Paper(ordering_npi=ordering), referring_npi=referring, supervising_npi=supervising)
    assert (page.get((34, 1)), page.get((34, 4)), page.get((34, 33))) == told


def test_twelve_diagnoses_without_dots() -> None:
    codes = [f"M54.{k}" for k in range(10)] + ["G89.4", "M79.7"]
    book = with_values(
        book_from(Claim([Line("62323", dx="1:5:9:12")], payer="commercial")),
        **{f"dx{k}": code for k, code in enumerate(codes, 1)},
    )
    page = with_line_page(book, dx_pointers="1:5:9:12")
    found = [page[row, column] for row in (38, 39, 40) for column in (3, 16, 29, 42)]
    assert found == [code.replace(".", "") for code in codes]
    assert (page[37, 42], page[44, 45]) == ("0", "AEIL")


def with_line_page(book: Book, paper: Paper | None = None, **values: Any) -> Any:
    (page,) = printed(with_line_values(book, **values), paper)
    return page


@pytest.mark.parametrize(("system", "indicator"), [("ABK", "0"), ("BK", "9"), (None, None)])
def test_the_indicator_of_the_code_system(system: str | None, indicator: str | None) -> None:
    assert one(dx_system=system).get((37, 42)) == indicator


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"ndc": "00009-3073-03", "ndc_qty": 1.0, "ndc_unit": "ML"}, "N400009307303   ML1"),
        ({"ndc": "00009307303", "ndc_qty": 12.125, "ndc_unit": "GR"}, "N400009307303   GR12.125"),
        ({"ndc": "00009307303", "ndc_qty": None, "ndc_unit": "ML"}, "N400009307303"),
        ({"description": "Block of a nerve"}, "ZZBLOCK OF A NERVE"),
        (
            {"ndc": "00009307303", "ndc_qty": 2.0, "ndc_unit": "UN", "note": "20 mg"},
            "N400009307303   UN2   ZZ20 MG",
        ),
        ({}, None),
    ],
)
def test_the_shaded_part_of_a_line(values: dict[str, Any], shown: str | None) -> None:
    book = book_from(Claim([Line("62323")], payer="commercial"))
    assert with_line_page(book, **values).get((43, 1)) == shown


@pytest.mark.parametrize(
    ("cents", "places"),
    [
        (0, {(44, 54): "0 00"}),
        (5, {(44, 54): "0 05"}),
        (99_999_99, {(44, 50): "99999 99"}),
        (100_000_00, None),
        (-1, None),
        (None, {}),
    ],
)
def test_charges_end_at_the_right_of_their_field(cents: int | None, places: dict[Any, str] | None) -> None:
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), charge_cents=cents)
    book = with_line_values(book, charge_cents=cents)
    if places is None:
        assert "line 1 of a page: item 24F" in refusal(book)
        return
    (page,) = printed(book)
    assert {k: v for k, v in page.items() if k[0] == 44 and 50 <= k[1] < 59} == places
    assert any(place[0] == 56 and 50 <= place[1] < 61 for place in page) == (cents is not None)


@pytest.mark.parametrize(
    ("units", "shown"), [(1.0, "1"), (0.5, "0.5"), (2.25, None), (999.0, "999"), (1000.0, None), (None, "")]
)
def test_units(units: float | None, shown: str | None) -> None:
    book = with_line_values(book_from(Claim([Line("62323")], payer="commercial")), units=units)
    if shown is None:
        assert "item 24G has 4 characters where 3 fit" in refusal(book)
    else:
        assert printed(book)[0].get((44, 59), "") == shown


def test_who_rendered_is_the_line_s_or_the_claim_s_or_the_one_who_bills() -> None:
    book = book_from(Claim([Line("62323")], payer="commercial"))
    assert with_line_page(book, rendering_npi=POE)[44, 68] == POE
    assert with_line_page(book, rendering_npi=None)[44, 68] == ROE
    book = with_line_values(with_values(book, rendering_npi=None), rendering_npi=None)
    assert (44, 68) not in printed(book)[0]
    solo = parties_of(book, billing={CLINIC: Billing(Person("Roe", "Sam"), HOME, "310000002", "SY")})
    (page,) = printed(book, parties=solo)
    assert (page[44, 68], page[56, 17], page[58, 50]) == (CLINIC, "X", "SAM ROE")


def test_where_it_was() -> None:
    book = book_from(Claim([Line("62323")], payer="commercial"))
    site = parties_of(book, sites={"A100": Site("Hill Surgery Center", HOME)})
    (page,) = printed(with_values(book, facility_npi=SITE), parties=site)
    assert [page[row, 23] for row in (58, 59, 60)] == ["HILL SURGERY CENTER", "1 ELM ST", "PARMA OH 44129"]
    assert page[61, 24] == SITE
    assert "item 32 is of a place that is not among" in refusal(with_values(book, facility_npi=SITE))
    assert (58, 23) not in one(pos="12")


@pytest.mark.parametrize(("assignment", "column"), [("A", 38), ("C", 43), (None, None)])
def test_assignment(assignment: str | None, column: int | None) -> None:
    page = one(assignment=assignment)
    assert [place[1] for place in page if place[0] == 56 and place[1] in {38, 43}] == (
        [column] if column else []
    )


@pytest.mark.parametrize(("release", "shown"), [("Y", True), ("I", False), (None, False)])
def test_the_patients_signature_is_shown_only_where_it_is_on_file(release: str | None, shown: bool) -> None:
    assert ((29, 7) in one(release=release)) == shown


@pytest.mark.parametrize(("cents", "yes"), [(None, None), (0, False), (1, True)])
def test_an_outside_laboratory(cents: int | None, yes: bool | None) -> None:
    page = one(Paper(outside_lab_cents=cents))
    assert ((36, 52) in page, (36, 57) in page) == (yes is True, yes is False)
    assert ((36, 68) in page) == bool(cents)


def test_an_attachment_stands_behind_the_note() -> None:
    values = {"note": "See report", "attachment": "OZ", "attachment_control": "7788"}
    assert one(Paper(attached_by="FX"), **values)[36, 1] == "SEE REPORT   PWKOZFX7788"
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), **values)
    assert "item 19 names an attachment, and not how it goes" in refusal(book)


# Item 22 and 23


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_correction_carries_the_payers_number_or_is_refused(frequency: str) -> None:
    page = one(frequency=frequency, original_ref="ICN-1")
    assert (page[38, 50], page[38, 62]) == (frequency, "ICN-1")
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), frequency=frequency)
    assert "item 22 lacks the payer's number" in refusal(book)


def test_an_original_claim_has_nothing_in_22() -> None:
    page = one(frequency="1", original_ref="ICN-1")
    assert not {(38, 50), (38, 62)} & page.keys()


def test_item_23_holds_one_number() -> None:
    numbers = {"auth_number": "A1", "referral_number": "R1", "clia": "36D0000001"}
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), **numbers)
    book = with_line_values(book, auth_number=None)
    assert "item 23 holds one number, and the claim has several" in refusal(book)
    for name, number in numbers.items():
        assert printed(book, Paper(number=name))[0][40, 50] == number  # type: ignore[arg-type]
    assert (40, 50) not in printed(with_values(book, **dict.fromkeys(numbers)))[0]


def test_a_line_with_another_authorisation_is_a_form_of_its_own() -> None:
    book = with_line_values(book_from(Claim([Line("62323")], payer="commercial")), auth_number="ELSE")
    assert "item 23 is not of every line: auth_number differs" in refusal(book)


# What is refused


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"member_id": "M" * 30}, "item 1a has 30 characters where 29 fit"),
        ({"claim_id": "A" * 15}, "item 26 has 15 characters where 14 fit"),
        ({"note": "N" * 49}, "item 19 has 49 characters where 48 fit"),
        ({"member_id": "漢字"}, "item 1a holds a character that cannot be printed"),
        ({"member_id": "A\nB"}, "item 1a holds a character that cannot be printed"),
        ({"dx1": None}, "item 24E points to a diagnosis that the claim does not have"),
        ({"assignment": "B"}, "item 27 has no box"),
        ({"charge_cents": 1}, "item 28 is not the sum of the lines"),
        (
            {"initial_treatment_on": dt.date(2026, 1, 1), "last_seen_on": dt.date(2026, 1, 2)},
            "item 15 holds one day, and several are known (454, 304)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_item(values: dict[str, Any], reason: str) -> None:
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), **values)
    assert reason in refusal(book)


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (Paper(patient_phone="555-0100"), "item 5 has a telephone number that is not ten digits"),
        (Paper(illness=Dated("454", dt.date(2026, 1, 1))), "item 14 has a qualifier"),
        (Paper(other_date=Dated("431", dt.date(2026, 1, 1))), "item 15 has a qualifier"),
        (Paper(paid_cents=-1), "item 29 would be less than nothing"),
        (Paper(ordering_npi="9999999999"), "item 17 is of a practitioner who is not among the parties"),
    ],
)
def test_what_is_told_besides_is_judged_too(paper: Paper, reason: str) -> None:
    assert reason in refusal(book_from(Claim([Line("62323")], payer="commercial")), paper)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"subscribers": {}}, "item 2 is of a patient who is not among the parties"),
        ({"billing": {}}, "item 33 is of a billing provider who is not among the parties"),
        (
            {"billing": {CLINIC: Billing(Organisation("Name " * 8), STREET, "310000001")}},
            "item 33 has 39 characters where 29 fit",
        ),
    ],
)
def test_parties_that_are_missing_or_too_long(changes: dict[str, Any], reason: str) -> None:
    book = book_from(Claim([Line("62323")], payer="commercial"))
    assert reason in refusal(book, parties=parties_of(book, **changes))


def test_all_reasons_of_all_claims_are_told_at_once() -> None:
    book = book_from(*(Claim([Line("62323")], payer="commercial", id=name) for name in ("A1", "A2")))
    told = refusal(with_values(book, member_id="M" * 30, note="N" * 49))
    assert told.count("item 1a") == told.count("item 19") == 2
    assert "claim A1: item 1a" in told
    assert "claim A2: item 19" in told


@given(st.text(min_size=1, max_size=60))
def test_a_value_stands_whole_or_is_refused(text: str) -> None:
    book = with_values(book_from(Claim([Line("62323")], payer="commercial")), group_number=text)
    shown = text.strip().upper()
    if len(shown) <= 29 and shown.isprintable() and max(shown, default="") <= "\u017f":
        assert printed(book)[0].get((18, 50), "") == shown
    else:
        assert "item 11 " in refusal(book)


def test_an_accented_name_is_printed() -> None:
    assert one(group_number="Peña-Łódź")[18, 50] == "PEÑA-ŁÓDŹ"


# The layout itself


def test_no_two_fields_share_a_character_and_all_are_on_the_paper() -> None:
    form = layout()
    fields: list[Field] = [*form.page.values(), *(one for line in form.lines for one in line.values())]
    cells = [(one.row, column) for one in fields for column in range(one.column, one.column + one.width)]
    assert len(cells) == len(set(cells))
    assert all(1 <= row <= 64 and 1 <= column <= 79 for row, column in cells)
    assert len(form.lines) == 6


def test_the_layout_names_its_sources() -> None:
    told = tomllib.loads(files("anodyne.forms").joinpath("cms1500.toml").read_text("utf-8"))
    assert told.keys() == {"version", "grid", "source", "page", "line"}
    for source in told["source"]:
        assert source.keys() == {"title", "section", "url", "read", "confidence"}
        assert source["confidence"] in {"verified", "known"}
