"""Remittances matched to what was sent: by name, by likeness, or told to nobody's guess."""

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.denials.matching import Matches, match
from anodyne.model.book import Book
from anodyne.model.frames import CLAIM_MATCHES, LINE_MATCHES, REMIT_LINES, REMITS, empty
from tests.claims import DAY, Claim, Line, book_from, npi
from tests.denials.remitted import again, changed, echo, without

LATER = DAY + dt.timedelta(days=28)

BOOK = book_from(
    Claim([Line("99214", ["25"], charge=180_00), Line("20553", charge=175_00)], id="A100", patient=1),
    Claim([Line("64493", ["RT"], charge=390_00), Line("64493", ["LT"], charge=390_00)], id="A200", patient=2),
    Claim([Line("62323", charge=625_00)], id="00b300", patient=3),
)


def found(book: Book, remits: pl.DataFrame, lines: pl.DataFrame) -> Matches:
    return match(book.claims, book.lines, remits, lines)


def told(matches: Matches, key: int) -> dict[str, Any]:
    return matches.claims.row(by_predicate=pl.col("remit_key") == key, named=True)


def line_told(matches: Matches, key: int) -> dict[str, Any]:
    return matches.lines.row(by_predicate=pl.col("remit_line_key") == key, named=True)


def test_an_echo_is_matched_certainly_and_says_how() -> None:
    matches = found(BOOK, *echo(BOOK))
    assert matches.claims["claim_key"].to_list() == [0, 1, 2]
    assert matches.claims["certainty"].to_list() == ["certain"] * 3
    assert matches.claims["relation"].to_list() == ["only"] * 3
    assert matches.lines["line_key"].to_list() == list(range(5))
    assert matches.lines["certainty"].to_list() == ["certain"] * 5
    assert matches.quarantine.is_empty()
    assert told(matches, 0)["how"] == "claim id; same charge, day, lines, member id, practitioner"
    assert line_told(matches, 0)["how"] == "line control number"
    parts = matches.claims.select(name for name in CLAIM_MATCHES if name.endswith("_score"))
    assert parts.sum_horizontal().cast(pl.Int16).equals(matches.claims["score"])


def test_case_and_leading_zeros_of_a_claim_id_are_tolerated_and_told() -> None:
    remits, lines = echo(BOOK)
    one = told(found(BOOK, changed(remits, 2, claim_id="B300"), lines), 2)
    assert (one["claim_key"], one["certainty"]) == (2, "certain")
    assert one["how"].startswith("claim id but for case or leading zeros; ")


def test_an_id_of_nothing_but_zeros_is_none() -> None:
    remits, lines = echo(BOOK)
    remits = changed(remits, 0, claim_id="0000")
    one = told(found(BOOK, remits, without(lines, "control_number")), 0)
    assert (one["claim_key"], one["certainty"]) == (0, "likely")
    assert one["how"] == "likeness; same charge, day, lines, member id, practitioner"


def test_line_control_numbers_of_one_claim_alone_name_it() -> None:
    lines = BOOK.lines.with_columns(control_number=pl.format("CTL{}-{}", "claim_key", "line"))
    book = Book(BOOK.claims, lines)
    remits, remit_lines = echo(book)
    one = told(found(book, changed(remits, 1, claim_id="PAYER9"), remit_lines), 1)
    assert (one["claim_key"], one["certainty"], one["line_control_score"]) == (1, "certain", 6)
    assert one["how"].startswith("line control numbers; ")


def test_a_corrected_claim_is_known_by_the_payers_number_of_what_it_corrects() -> None:
    fixed = Claim([Line("99213", charge=120_00)], id="NEW1", original="ICN77", frequency="7", patient=1)
    book = book_from(fixed)
    remits, lines = echo(book)
    remits = changed(remits, 0, claim_id="OURS", payer_control="ICN77")
    one = told(found(book, remits, lines), 0)
    assert (one["claim_key"], one["certainty"]) == (0, "likely")
    assert one["how"].startswith("payer control number; ")


def test_what_a_correction_corrects_is_told_from_the_correction() -> None:
    first = Claim([Line("99213", charge=120_00)], id="A1", patient=1)
    fixed = Claim([Line("99213", charge=120_00)], id="A1", patient=1, frequency="7", original="ICN0")
    book = book_from(first, fixed)
    remits, lines = echo(book)
    matches = found(book, without(remits, "frequency"), lines)
    assert told(matches, 0)["claim_key"] == 0
    remits = changed(remits, 1, original_ref="ICN0")
    assert found(book, remits, lines).claims["claim_key"].to_list() == [0, 1]


def test_a_claim_id_used_for_each_visit_is_told_apart_by_day_and_charge() -> None:
    visits = [Claim([Line("99213", charge=120_00)], id="P1", on=day) for day in (DAY, LATER)]
    book = book_from(*visits, Claim([Line("99214", charge=180_00)], id="P1", on=LATER))
    remits, lines = echo(book)
    matches = found(book, remits, lines)
    assert matches.claims["claim_key"].to_list() == [0, 1, 2]
    assert matches.claims["certainty"].to_list() == ["certain"] * 3


def test_a_claim_of_the_id_but_of_another_day_is_not_it() -> None:
    book = book_from(Claim([Line("99213", charge=120_00)], id="P1"))
    later = book_from(Claim([Line("99213", charge=120_00)], id="P1", on=LATER))
    matches = found(book, *echo(later))
    assert told(matches, 0)["claim_key"] is None
    assert told(matches, 0)["candidates"] == [0]
    assert told(matches, 0)["reason"] == ("the submitted claim with its id is not it: day, lines differ")
    assert line_told(matches, 0)["reason"] == "its claim is not matched"


def test_claims_alike_in_all_are_a_tie_for_a_person() -> None:
    twins = [Claim([Line("99213", charge=120_00)], id="P1") for _ in range(2)]
    book = book_from(*twins)
    matches = found(book, *echo(book))
    assert matches.claims["claim_key"].to_list() == [None, None]
    assert set(matches.quarantine["reason"]) == {"2 submitted claims fit it equally"}
    assert matches.quarantine["candidates"].to_list() == [[0, 1], [0, 1]]
    assert matches.lines["line_key"].null_count() == 2


def test_likeness_to_two_claims_is_a_tie() -> None:
    book = book_from(*(Claim([Line("99213", charge=120_00)], id=name) for name in ("K1", "K2")))
    remits, lines = echo(book)
    one = told(found(book, changed(remits, 0, claim_id="OTHER"), lines), 0)
    assert (one["claim_key"], one["candidates"]) == (None, [0, 1])


def test_a_stranger_is_told_as_one() -> None:
    stranger = book_from(Claim([Line("J1030", charge=9_00)], id="ZZZ", patient=9, on=LATER))
    matches = found(BOOK, *echo(stranger))
    assert told(matches, 0)["reason"] == (
        "no one submitted claim has its id, its control numbers, or its patient, day and charge"
    )
    assert matches.claims["candidates"].to_list() == [None]


def test_a_claim_answered_by_name_is_not_given_to_a_stranger_that_is_like_it() -> None:
    remits, lines = again(*echo(BOOK), 0, claim_id="ELSE", payer_control="OTHER")
    one = told(found(BOOK, remits, lines), 3)
    assert one["claim_key"] is None
    assert one["reason"] == "it is like a submitted claim that another remittance answers by name"


def test_strangers_of_two_ids_are_not_both_given_the_claim_they_are_like() -> None:
    remits, lines = echo(BOOK)
    remits, lines = again(changed(remits, 0, claim_id="ONE"), lines, 0, claim_id="TWO", payer_control="Q")
    matches = found(BOOK, remits, lines)
    assert {told(matches, 0)["claim_key"], told(matches, 3)["claim_key"]} == {None}


def test_a_remittance_of_the_same_payer_control_number_follows_the_one_that_was_matched() -> None:
    remits, lines = again(*echo(BOOK), 0, -1, claim_id="", status="22")
    matches = found(BOOK, remits, without(lines, "control_number"))
    one = told(matches, 3)
    assert (one["claim_key"], one["certainty"], one["relation"]) == (0, "likely", "reversal")
    assert one["how"].startswith("payer control number of another remittance of it; ")


def test_reversal_and_correction_are_of_the_claim_that_was_sent() -> None:
    remits, lines = again(*echo(BOOK), 0, -1, status="22")
    remits, lines = again(remits, lines, 0, paid_cents=100_00, payer_control="ICN0B")
    matches = found(BOOK, remits, lines)
    mine = matches.claims.filter(claim_key=0)
    assert mine["relation"].to_list() == ["original", "reversal", "correction"]
    assert mine["certainty"].to_list() == ["certain"] * 3
    assert matches.lines.filter(claim_key=0)["line_key"].to_list() == [0, 1] * 3


def test_a_payment_after_its_reversal_is_no_duplicate_but_a_third_is() -> None:
    remits, lines = again(*echo(BOOK), 0, -1, status="22")
    remits, lines = again(remits, lines, 0)
    remits, lines = again(remits, lines, 0)
    mine = found(BOOK, remits, lines).claims.filter(claim_key=0)
    assert mine["relation"].to_list() == ["original", "reversal", "correction", "duplicate"]
    assert mine["duplicate_of"].to_list() == [None, None, None, 0]


def test_a_remittance_told_twice_is_a_duplicate() -> None:
    mine = found(BOOK, *again(*echo(BOOK), 1)).claims.filter(claim_key=1)
    assert mine["relation"].to_list() == ["only", "duplicate"]
    assert mine["duplicate_of"].to_list() == [None, 1]


def test_a_second_answer_that_differs_is_told_as_such() -> None:
    mine = found(BOOK, *again(*echo(BOOK), 1, paid_cents=1_00)).claims.filter(claim_key=1)
    assert mine["relation"].to_list() == ["again", "again"]


def test_what_a_later_payer_says_is_secondary() -> None:
    mine = found(BOOK, *again(*echo(BOOK), 1, status="2", payer_control="X")).claims.filter(claim_key=1)
    assert mine["relation"].to_list() == ["only", "secondary"]


def test_a_split_claim_is_one_submitted_claim() -> None:
    remits, lines = again(*echo(BOOK), 0, charge_cents=175_00, paid_cents=175_00, payer_control="ICN0B")
    remits = changed(remits, 0, charge_cents=180_00, paid_cents=180_00)
    lines = lines.filter(~pl.col("remit_line_key").is_in([1, 5]))
    matches = found(BOOK, remits, lines)
    mine = matches.claims.filter(claim_key=0)
    assert mine["relation"].to_list() == ["split", "split"]
    assert mine["charge_score"].to_list() == [0, 0]
    assert matches.lines.filter(claim_key=0)["line_key"].to_list() == [0, 1]


@pytest.mark.parametrize("control", [True, False], ids=["with control numbers", "without"])
def test_a_recoded_line_is_found(control: bool) -> None:
    remits, lines = echo(BOOK)
    lines = changed(lines, 0, code="99213")
    lines = lines if control else without(lines, "control_number")
    line = line_told(found(BOOK, remits, lines), 0)
    assert (line["line_key"], line["same_code"], line["same_charge"]) == (0, False, True)
    assert line["certainty"] == ("certain" if control else "likely")
    assert line["how"] == ("line control number" if control else "day, charge and units")


def test_a_restated_code_is_compared_by_the_submitted_one() -> None:
    remits, lines = echo(BOOK)
    lines = changed(lines, 0, code="99213", mod1=None, submitted_code="99214", submitted_mod1="25")
    line = line_told(found(BOOK, remits, without(lines, "control_number")), 0)
    assert (line["line_key"], line["certainty"], line["same_code"], line["same_modifiers"]) == (
        0,
        "certain",
        True,
        True,
    )


def test_dropped_modifiers_are_told_and_do_not_hide_the_line() -> None:
    remits, lines = echo(BOOK)
    matches = found(BOOK, remits, without(lines, "control_number", "mod1"))
    line = line_told(matches, 0)
    assert (line["line_key"], line["certainty"], line["same_modifiers"]) == (0, "certain", False)
    assert line["how"] == "code, day, charge and units"


def test_lines_told_apart_by_modifiers_alone_are_matched_in_their_order_without_them() -> None:
    remits, lines = echo(BOOK)
    matches = found(BOOK, remits, without(lines, "control_number", "mod1"))
    both = [line_told(matches, key) for key in (2, 3)]
    assert [line["line_key"] for line in both] == [2, 3]
    assert {line["certainty"] for line in both} == {"likely"}
    assert {line["how"] for line in both} == {"code, day and charge, in order among lines alike"}


def test_one_of_two_lines_alike_is_nobodys_guess() -> None:
    remits, lines = echo(BOOK)
    lines = without(lines, "control_number", "mod1").filter(pl.col("remit_line_key") != 3)
    line = line_told(found(BOOK, remits, lines), 2)
    assert line["line_key"] is None
    assert line["reason"] == "2 lines of the claim are left, and none is like it alone"


def test_cut_units_and_a_split_line_are_matched() -> None:
    book = book_from(Claim([Line("64494", units=4, charge=400_00), Line("99213")], id="U1"))
    remits, lines = echo(book)
    lines = without(lines, "control_number")
    cut = line_told(found(book, remits, changed(lines, 0, units=2.0)), 0)
    assert (cut["line_key"], cut["certainty"], cut["same_units"]) == (0, "certain", False)
    halves = pl.concat([changed(lines, 0, units=2.0, charge_cents=200_00)] * 2).unique(maintain_order=True)
    extra = halves.filter(remit_line_key=0).with_columns(remit_line_key=pl.lit(2, pl.UInt32))
    matches = found(book, remits, pl.concat([halves, extra]))
    assert matches.lines["line_key"].to_list() == [0, 1, 0]
    assert line_told(matches, 2)["how"] == "code and day, one part of the line"


def test_a_line_number_stands_in_for_a_control_number_that_was_not_sent() -> None:
    book = Book(BOOK.claims, without(BOOK.lines, "control_number"))
    remits, lines = echo(book)
    lines = lines.with_columns(control_number=pl.col("line").cast(pl.String))
    matches = found(book, remits, without(lines, "mod1"))
    assert matches.lines["line_key"].to_list() == list(range(5))
    assert set(matches.lines["how"]) == {"line control number"}


def test_order_is_the_last_resort() -> None:
    book = book_from(Claim([Line("99213", charge=100_00), Line("20553", charge=200_00)], id="O1"))
    remits, lines = echo(book)
    lines = without(lines, "control_number")
    lines = changed(changed(lines, 0, code="X0001", charge_cents=1), 1, code="X0002", charge_cents=2)
    matches = found(book, remits, lines)
    assert matches.lines["line_key"].to_list() == [0, 1]
    assert set(matches.lines["how"]) == {"order of lines"}
    assert set(matches.lines["certainty"]) == {"likely"}
    assert found(book, remits, lines.head(1)).lines["line_key"].to_list() == [None]


def test_a_control_number_that_all_else_contradicts_is_not_believed() -> None:
    remits, lines = echo(BOOK)
    lines = changed(
        lines, 0, control_number="L2", code="X0001", charge_cents=1, served_on=LATER, served_to=LATER
    )
    line = line_told(found(BOOK, remits, lines.filter(pl.col("remit_line_key") != 1)), 0)
    assert line["line_key"] is None


def test_a_claim_without_lines_or_days_is_matched_by_its_id_but_likely_only() -> None:
    remits, lines = echo(BOOK)
    bare = without(remits, "statement_from", "statement_to", "member_id", "charge_cents")
    matches = found(BOOK, bare, lines.clear())
    assert matches.claims["claim_key"].to_list() == [0, 1, 2]
    assert set(matches.claims["certainty"]) == {"likely"}
    assert matches.lines.is_empty()


def test_another_member_id_makes_a_match_likely() -> None:
    remits, lines = echo(BOOK)
    one = told(found(BOOK, changed(remits, 0, member_id="W1"), lines), 0)
    assert (one["certainty"], one["how"]) == (
        "likely",
        "claim id; same charge, day, lines, practitioner; another member id",
    )
    fixed = changed(remits, 0, member_id="W1", corrected_member_id=BOOK.claims["member_id"][0])
    assert told(found(BOOK, fixed, lines), 0)["certainty"] == "certain"


def test_likeness_without_a_member_takes_the_practitioner_and_every_line() -> None:
    remits, lines = echo(BOOK)
    strange = without(changed(remits, 0, claim_id="OTHER"), "member_id")
    one = told(found(BOOK, strange, without(lines, "control_number")), 0)
    assert (one["claim_key"], one["certainty"]) == (0, "likely")
    other = changed(strange, 0, rendering_npi=npi(99))
    assert told(found(BOOK, other, without(lines, "control_number")), 0)["claim_key"] is None


def test_a_crowd_of_one_id_is_told_apart_by_charge_and_day() -> None:
    many = [
        Claim([Line("99213", charge=100_00 + n)], id="SAME", on=DAY + dt.timedelta(days=n)) for n in range(80)
    ]
    book = book_from(*many)
    assert found(book, *echo(book)).claims["claim_key"].to_list() == list(range(80))
    twins = book_from(*(Claim([Line("99213")], id="SAME") for _ in range(80)))
    assert found(twins, *echo(twins)).claims["claim_key"].null_count() == 80


def test_nothing_answers_nothing() -> None:
    matches = match(BOOK.claims, BOOK.lines, empty(REMITS), empty(REMIT_LINES))
    assert matches.claims.equals(empty(CLAIM_MATCHES))
    assert matches.lines.equals(empty(LINE_MATCHES))


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["99213", "99214", "20553", "64493", "62323"]),
        st.sampled_from([(), ("25",), ("RT",), ("LT",), ("59", "RT")]),
        units=st.integers(1, 3),
        charge=st.integers(1, 5).map(lambda n: n * 50_00),
        on=st.sampled_from([DAY, LATER]),
    ),
    min_size=1,
    max_size=4,
)
CLAIMS = st.lists(st.tuples(LINES, st.integers(1, 4)), min_size=1, max_size=6)


def book_of(drawn: list[tuple[list[Line], int]]) -> Book:
    return book_from(*(Claim(lines, id=f"Q{n}", patient=patient) for n, (lines, patient) in enumerate(drawn)))


@settings(deadline=None, max_examples=40)
@given(CLAIMS, st.booleans())
def test_a_perfect_echo_matches_everything_certainly(
    drawn: list[tuple[list[Line], int]], control: bool
) -> None:
    book = book_of(drawn)
    if not control:
        book = Book(book.claims, without(book.lines, "control_number"))
    matches = found(book, *echo(book))
    assert matches.claims["claim_key"].equals(matches.claims["remit_key"], check_names=False)
    assert matches.lines["line_key"].equals(matches.lines["remit_line_key"], check_names=False)
    assert set(matches.claims["certainty"]) == {"certain"}
    assert set(matches.lines["certainty"]) == {"certain"}


@settings(deadline=None, max_examples=40)
@given(CLAIMS, st.data())
def test_the_order_of_rows_does_not_matter(drawn: list[tuple[list[Line], int]], data: st.DataObject) -> None:
    book = book_of(drawn)
    remits, lines = echo(book)
    for row in range(len(remits)):
        change = data.draw(st.sampled_from(["id", "member", "reverse", "none"]))
        if change == "id":
            remits = changed(remits, row, claim_id="ELSE")
        elif change == "member":
            remits = changed(remits, row, member_id=None)
        elif change == "reverse":
            remits, lines = again(remits, lines, row, -1, status="22")
    lines = without(lines, "control_number") if data.draw(st.booleans()) else lines
    frames = (book.claims, book.lines, remits, lines)
    seed = data.draw(st.integers(0, 1000))
    shuffled = [frame.sample(fraction=1, shuffle=True, seed=seed) for frame in frames]
    one, other = match(*frames), match(*shuffled)
    assert one.claims.equals(other.claims)
    assert one.lines.equals(other.lines)
