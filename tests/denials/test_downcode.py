"""Downcoding: each signal, what is none, planted ones found and clean months silent; trends and disputes."""

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from anodyne.denials.dispute import BATCH, BY_PAYER, dispute_batch
from anodyne.denials.downcode import Kind, downcoded, downcodes
from anodyne.denials.expected import priced
from anodyne.denials.levels import MIX, TRENDS, levels
from anodyne.denials.rates import Terms
from anodyne.model import frames
from anodyne.reference.tables import Reference, load
from tests.denials import months
from tests.denials.paid import DAY, Claim, Line, commercial, contracts, remittance

RATES = contracts(
    ("99213", 100_00, None),
    ("99214", 150_00, None),
    ("99204", 180_00, None),
    ("20610", 80_00, None),
    ("20611", 120_00, None),
    ("64483", 300_00, None),
    ("62322", 160_00, None),
    ("62323", 290_00, None),
    ("G3003", 40_00, None),
    ("20553", 70_00, None),
)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


def found(reference: Reference, *claims: Claim, **terms: Any) -> list[dict[str, Any]]:
    told, sent = remittance(*claims)
    frame = downcodes(told, Terms(**{"contracts": RATES, **terms}), reference, sent)
    assert frame.schema == pl.Schema(frames.DOWNCODES)
    return frame.to_dicts()


def one(reference: Reference, *lines: Line, **claim: Any) -> dict[str, Any]:
    """The one finding of lines paid by CEDAR MUTUAL."""
    (row,) = found(reference, commercial(*lines, **claim))
    return row


def kinds(reference: Reference, *lines: Line, **claim: Any) -> list[str]:
    return [row["kind"] for row in found(reference, commercial(*lines, **claim))]


# --- DC-01 the code restated --------------------------------------------------------------------------------


def test_a_code_restated_by_the_payer(reference: Reference) -> None:
    row = one(reference, Line("99213", 100_00, "25", was="99214-25", charge=300_00))
    assert row == {
        "remit_line_key": 0,
        "remit_key": 0,
        "kind": "restated",
        "from": "99214-25",
        "to": "99213",
        "to_code": "99213",
        "expected_cents": 150_00,
        "allowed_cents": 100_00,
        "difference_cents": 50_00,
        "owed_cents": 50_00,
        "how": "SVC06 says 99214, SVC01 99213",
        "sure": True,
        "basis": "contract of 60054 from 2024-07-01",
    }


@pytest.mark.parametrize("certain", [True, False])
def test_a_code_that_differs_from_the_line_sent(reference: Reference, certain: bool) -> None:
    sent = {"sent_code": "99214", "sent_certain": certain}
    row = one(reference, Line("99213", 100_00, charge=300_00, sent=sent))
    assert (row["kind"], row["from"], row["to"], row["sure"]) == ("restated", "99214", "99213", certain)
    assert row["how"] == "the claim sent says 99214, SVC01 99213"


def test_the_same_code_restated_is_none(reference: Reference) -> None:
    sent = {"sent_code": "99214"}
    assert kinds(reference, Line("99214", 150_00, was="99214", sent=sent)) == []


def test_a_restated_code_without_a_rate_has_no_difference(reference: Reference) -> None:
    row = one(reference, Line("99212", 60_00, was="99215", charge=300_00))
    assert (row["kind"], row["difference_cents"], row["basis"]) == ("restated", None, None)


def test_what_is_short_even_of_the_code_it_was_taken_for_is_told_apart(reference: Reference) -> None:
    both = found(reference, commercial(Line("99213", 90_00, was="99214", charge=300_00)))
    assert [(row["kind"], row["difference_cents"]) for row in both] == [("restated", 50_00), ("below", 10_00)]
    assert both[1]["how"] == "90.00 allowed of 100.00 for 99213"


def test_a_code_restated_upwards_is_none(reference: Reference) -> None:
    assert kinds(reference, Line("99214", 150_00, was="99213")) == []


def test_a_restated_code_paid_as_billed_lost_nothing(reference: Reference) -> None:
    row = one(reference, Line("99213", 150_00, was="99214", charge=300_00))
    assert (row["kind"], row["difference_cents"], row["owed_cents"]) == ("restated", 0, None)


# --- DC-02 bundling -----------------------------------------------------------------------------------------


def bundle(**winner: Any) -> list[Line]:
    """20553 put into 64483, whose line carries the charge of both."""
    won = Line("64483", 300_00, charge=400_00, reasons={"OA-94": -150_00})
    lost = Line("64483", 0, was="20553", charge=150_00, reasons={"CO-97": 150_00})
    return [replace(won, **winner), lost]


def test_a_bundle_is_one_finding_on_the_line_that_stands(reference: Reference) -> None:
    row = one(reference, *bundle())
    assert (row["kind"], row["from"], row["to"], row["sure"]) == ("bundled", "64483 + 20553", "64483", True)
    assert row["remit_line_key"] == 0
    assert (row["expected_cents"], row["difference_cents"]) == (370_00, 70_00)
    assert "OA-94 moved 150.00 of charges here, which is no overpayment" in row["how"]


def test_a_bundle_of_another_code(reference: Reference) -> None:
    lines = [
        Line("62323", 290_00, was="64483", charge=400_00, reasons={"OA-94": -150_00}),
        Line("62323", 0, was="20553", charge=150_00, reasons={"CO-97": 150_00}),
    ]
    row = one(reference, *lines)
    assert (row["kind"], row["from"], row["to"]) == ("bundled", "64483 + 20553", "62323")


def test_a_bundle_without_its_negative_amount_is_likely(reference: Reference) -> None:
    row = one(reference, *bundle(reasons={}))
    assert (row["kind"], row["sure"]) == ("bundled", False)


def test_a_bundle_paid_below_its_own_rate_is_told_of_both(reference: Reference) -> None:
    rows = found(reference, commercial(*bundle(allowed=280_00)))
    assert [(row["kind"], row["difference_cents"]) for row in rows] == [("bundled", 70_00), ("below", 20_00)]


def test_processed_above_charges_alone_is_nothing(reference: Reference) -> None:
    assert kinds(reference, Line("64483", 300_00, charge=250_00, reasons={"OA-94": -50_00})) == []


def test_a_line_denied_as_included_is_no_downcode(reference: Reference) -> None:
    denied = Line("20553", 0, charge=150_00, reasons={"CO-97": 150_00})
    assert kinds(reference, Line("64483", 300_00), denied) == []


# --- DC-03 units --------------------------------------------------------------------------------------------


def test_units_cut_by_the_payer(reference: Reference) -> None:
    row = one(reference, Line("G3003", 40_00, units=1.0, was_units=3.0, charge=300_00))
    assert (row["kind"], row["from"], row["to"]) == ("units", "3 units", "1 unit")
    assert (row["difference_cents"], row["how"], row["sure"]) == (80_00, "SVC07 says 3, SVC05 1", True)


def test_units_fewer_than_sent_count_where_less_was_paid(reference: Reference) -> None:
    sent = {"sent_units": 3.0}
    assert one(reference, Line("G3003", 40_00, charge=300_00, sent=sent))["kind"] == "units"
    assert kinds(reference, Line("G3003", 120_00, charge=300_00, sent=sent)) == []


def test_a_denied_line_has_no_units_cut(reference: Reference) -> None:
    denied = Line("G3003", 0, units=0.0, was_units=3.0, charge=300_00, reasons={"CO-151": 300_00})
    assert kinds(reference, denied) == []


# --- DC-04 the price of less --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "to", "code"),
    [
        (Line("99214", 100_00), "99213", "99213"),
        (Line("99214", 100_00, "25"), "99213-25", "99213"),
        (Line("99214", 100_01), "99213", "99213"),
        (Line("99204", 150_00), "99214", "99214"),
        (Line("20611", 80_00), "20610", "20610"),
        (Line("62323", 160_00), "62322", "62322"),
        (Line("64483", 300_00, "50", charge=900_00), "64483", None),
        (Line("G3003", 80_00, units=3.0), "2 units", None),
        (Line("64483", 150_00), "64483 as a further procedure", None),
    ],
    ids=[
        "level", "level with a modifier", "within a cent", "new patient", "ultrasound", "imaging", "one side",
        "units", "reduced alone",
    ],
)  # fmt: skip
def test_the_same_code_at_the_price_of_less(
    reference: Reference, line: Line, to: str, code: str | None
) -> None:
    row = one(reference, replace(line, charge=line.charge or 900_00))
    assert (row["kind"], row["to"], row["to_code"]) == ("priced_down", to, code)
    assert row["difference_cents"] == row["expected_cents"] - line.allowed
    assert row["how"] == f"{line.allowed / 100:.2f} is the amount of {to}"


def test_what_was_assumed_of_a_contract_is_not_sure(reference: Reference) -> None:
    assert one(reference, Line("99214", 100_00, charge=300_00))["sure"] is True
    assert one(reference, Line("64483", 300_00, "50", charge=900_00))["sure"] is False


def test_an_amount_that_is_the_price_of_two_things_is_not_sure(reference: Reference) -> None:
    rates = contracts(("20611", 120_00, None), ("20610", 60_00, None))
    (row,) = found(reference, commercial(Line("20611", 60_00, charge=300_00)), contracts=rates)
    assert (row["to"], row["sure"]) == ("20610", False)


def test_a_lower_price_of_a_procedure_that_is_not_the_first(reference: Reference) -> None:
    claim = commercial(Line("64483", 300_00, charge=900_00), Line("20611", 80_00, charge=900_00))
    (row,) = found(reference, claim)
    assert (row["kind"], row["to"], row["sure"]) == ("priced_down", "20610", False)


def test_an_office_visit_at_the_price_of_a_facility(reference: Reference) -> None:
    claims = [Claim([Line("64483", 236_13)]) for _ in range(3)]
    (row,) = found(reference, *claims, Claim([Line("64483", 107_71, charge=500_00)]))
    assert (row["kind"], row["to"], row["difference_cents"]) == (
        "priced_down",
        "64483 in a facility",
        128_42,
    )


# --- DC-05 said openly --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["150", "186", "152", "B22", "59"])
def test_a_reason_that_says_so(reference: Reference, reason: str) -> None:
    row = one(reference, Line("99214", 100_00, charge=300_00, reasons={f"CO-{reason}": 50_00}))
    assert (row["kind"], row["to"], row["difference_cents"], row["sure"]) == (
        "explicit",
        "99213",
        50_00,
        True,
    )
    assert row["how"].startswith(f"CARC {reason}: ")
    assert row["how"].endswith("; 100.00 is the amount of 99213")


@pytest.mark.parametrize("remark", ["N657", "M25", "M26", "N10", "N180"])
def test_a_remark_that_says_so(reference: Reference, remark: str) -> None:
    row = one(reference, Line("99214", 120_00, charge=300_00, remarks=(remark,)))
    assert (row["kind"], row["to"], row["difference_cents"]) == ("explicit", None, 30_00)
    assert row["how"].startswith(f"RARC {remark}: ")
    assert kinds(reference, Line("99214", 150_00, remarks=(remark,))) == [], "paid in full"


def test_a_reason_of_a_payer_without_rates_tells_its_own_amount(reference: Reference) -> None:
    line = Line("99214", 100_00, charge=300_00, reasons={"CO-150": 35_00})
    (row,) = found(reference, commercial(line), contracts=contracts())
    assert (row["kind"], row["difference_cents"], row["basis"]) == ("explicit", 35_00, None)


def test_a_reason_on_a_restated_line_is_the_same_finding(reference: Reference) -> None:
    row = one(reference, Line("99213", 100_00, was="99214", charge=300_00, reasons={"CO-150": 50_00}))
    assert row["how"] == "SVC06 says 99214, SVC01 99213; CARC 150: the level is called unsupported"


def test_a_denied_line_is_no_downcode(reference: Reference) -> None:
    assert kinds(reference, Line("99214", 0, charge=300_00, reasons={"CO-150": 300_00})) == []


@pytest.mark.parametrize("allowed", [80_00, 40_00])
def test_a_reduction_of_several_procedures_that_is_right_is_none(reference: Reference, allowed: int) -> None:
    reasons = {"CO-59": 80_00 - allowed} if allowed < 80_00 else {}
    lines = Line("64483", 300_00), Line("20610", allowed, charge=200_00, reasons=reasons)
    assert kinds(reference, *lines) == []


def test_the_reduction_of_a_code_that_is_never_reduced_is_one(reference: Reference) -> None:
    line = Line("64484", 50_00, charge=300_00, reasons={"CO-59": 50_00})
    claim = commercial(Line("64483", 300_00), line)
    (row,) = found(reference, claim)
    assert (row["kind"], row["from"], row["difference_cents"]) == ("explicit", "64484", 50_00)


# --- below the rate -----------------------------------------------------------------------------------------


def test_less_than_the_rate_and_the_price_of_nothing_else(reference: Reference) -> None:
    row = one(reference, Line("99214", 120_00, charge=300_00, share={"2": 24_00}))
    assert (row["kind"], row["from"], row["to"], row["sure"]) == ("below", "99214", None, True)
    assert (row["difference_cents"], row["owed_cents"]) == (30_00, 24_00)
    assert row["how"] == "120.00 allowed of 150.00"


@pytest.mark.parametrize(("allowed", "told"), [(150_00, 0), (149_99, 0), (149_98, 1), (160_00, 0)])
def test_a_cent_is_rounding(reference: Reference, allowed: int, told: int) -> None:
    assert len(found(reference, commercial(Line("99214", allowed, charge=400_00)))) == told


def test_nothing_allowed_for_no_reason_but_the_contract(reference: Reference) -> None:
    row = one(reference, Line("99214", 0, charge=300_00))
    assert (row["kind"], row["difference_cents"]) == ("below", 150_00)


@pytest.mark.parametrize("reason", ["CO-151", "CO-97", "PR-96", "CO-222", "PR-119"])
def test_what_another_reason_explains_is_no_quiet_underpayment(reference: Reference, reason: str) -> None:
    assert kinds(reference, Line("99214", 100_00, charge=300_00, reasons={reason: 50_00})) == []


@pytest.mark.parametrize(
    "line",
    [
        Line("99214", 150_00, share={"1": 100_00, "2": 10_00}, sequestered=80),
        Line("99214", 150_00, share={"3": 25_00}),
        Line("99214", 120_00, charge=120_00),
        Line("99214", 140_00, reasons={"OA-23": 10_00}),
        Line("99214", 149_00, reasons={"CO-237": 1_00}),
        Line("99214", 149_00, reasons={"CO-104": 1_00}),
        Line("99214", 150_00, reasons={"CO-131": 20_00}),
        Line("99212", 10_00),
    ],
    ids=[
        "deductible, coinsurance and sequestration", "copay", "charge below the rate", "an earlier payer",
        "a penalty", "withheld", "negotiated", "no rate",
    ],
)  # fmt: skip
def test_a_line_paid_as_agreed_is_none(reference: Reference, line: Line) -> None:
    assert kinds(reference, line) == []


@pytest.mark.parametrize(
    "claim",
    [
        commercial(Line("99214", 30_00), status="2"),
        commercial(Line("99214", 30_00), status="22"),
        commercial(Line("99214", 30_00), payer_id="X", payer_name="NOBODY"),
    ],
    ids=["a second payer", "a reversal", "a payer without a contract"],
)
def test_nothing_is_told_of_what_has_no_rate(reference: Reference, claim: Claim) -> None:
    assert found(reference, claim) == []


def test_a_claim_that_was_corrected_is_not_told_any_more(reference: Reference) -> None:
    wrong = commercial(Line("99214", 100_00, charge=300_00), claim_id="A")
    back = replace(wrong, status="22", paid_on=dt.date(2025, 8, 1))
    right = replace(back, status="1", lines=[Line("99214", 150_00, charge=300_00)])
    assert len(found(reference, wrong)) == 1
    assert found(reference, wrong, back, right) == []


def test_procedures_ranked_in_another_order_miss_only_the_difference(reference: Reference) -> None:
    # In full should be 64483 with 236.13, and 20611 with 96.39 at half.
    claims = [Claim([Line("20611", 96_39)]) for _ in range(5)]
    swapped = Claim([Line("64483", 118_07, charge=900_00), Line("20611", 96_39, charge=900_00)])
    (row,) = found(reference, *claims, swapped)
    assert (row["from"], row["kind"]) == ("64483", "priced_down")
    assert row["difference_cents"] == (236_13 + 48_20) - (118_07 + 96_39)


# --- Medicare without a locality ----------------------------------------------------------------------------


def medicare(price: int, *, short: int) -> list[Claim]:
    prices = [price] * 4 + [short]
    return [Claim([Line("99214", cents, charge=400_00)]) for cents in prices]


def test_medicare_is_held_to_national_prices_only_where_it_pays_them(reference: Reference) -> None:
    (row,) = found(reference, *medicare(125_18, short=110_00))
    assert (row["kind"], row["difference_cents"], row["sure"]) == ("below", 15_18, False)
    assert found(reference, *medicare(119_44, short=110_00)) == [], "another locality"


def test_lines_that_only_show_their_charges_tell_no_prices(reference: Reference) -> None:
    claims = [Claim([Line("99214", 105_00, charge=110_00)]) for _ in range(3)]
    assert found(reference, *claims) == []


def test_many_lines_that_agree_make_it_sure(reference: Reference) -> None:
    claims = 5 * medicare(125_18, short=110_00)
    assert {row["sure"] for row in found(reference, *claims)} == {True}


def test_a_lower_level_to_the_cent_speaks_for_itself(reference: Reference) -> None:
    (row,) = found(reference, Claim([Line("99214", 88_95, charge=400_00)]))
    assert (row["kind"], row["to"], row["sure"]) == ("priced_down", "99213", False)


# --- whole months -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_clean_month_is_silent(reference: Reference, seed: int) -> None:
    assert found(reference, *months.month(seed, 600), contracts=contracts(*months.rates())) == []


@pytest.mark.parametrize("seed", range(4))
def test_what_is_planted_is_found_and_nothing_else(reference: Reference, seed: int) -> None:
    claims, planted = months.planted(seed, 900)
    told, sent = remittance(*claims)
    rows = downcodes(told, Terms(contracts=contracts(*months.rates())), reference, sent)
    places = rows.join(told.lines.select("remit_line_key", "line"), on="remit_line_key", how="left")
    seen = {(key, line): kind for key, line, kind in places.select("remit_key", "line", "kind").iter_rows()}
    assert len(planted) > 50
    assert len({name for name, _ in planted.values()}) >= len(months.TRICKS) - 1
    assert set(seen) - set(planted) == set()
    right = [place for place, (_, kind) in planted.items() if seen.get(place) == kind]
    assert len(right) >= 0.99 * len(planted), [
        (planted[place], seen.get(place)) for place in planted if place not in right
    ]
    assert (rows["difference_cents"] > 0).all()


def test_an_empty_remittance_has_nothing(reference: Reference) -> None:
    assert found(reference) == []


# --- trends -------------------------------------------------------------------------------------------------


def visits(count: int, lowered: int, **claim: Any) -> list[Claim]:
    """Visits of as many days, of which some are paid a level lower."""
    step = max(1, count // lowered) if lowered else count + 1
    return [
        commercial(
            Line("99214", 100_00 if n % step == 0 and n // step < lowered else 150_00, charge=400_00,
                 day=DAY + dt.timedelta(days=n)),
            **claim,
        )
        for n in range(count)
    ]  # fmt: skip


def trends(reference: Reference, *claims: Claim) -> pl.DataFrame:
    both = pl.concat([RATES, RATES.with_columns(payer=pl.lit("71412"))])
    told, sent = remittance(*claims)
    terms = Terms(contracts=both)
    lines = priced(told, terms, reference, sent)
    found = levels(lines, downcoded(lines, told, terms, reference), reference)
    assert (found.trends.schema, found.mix.schema) == (pl.Schema(TRENDS), pl.Schema(MIX))
    return found.trends.filter(family="office visit, established")


ALDER = {"payer_id": "71412", "payer_name": "ALDER HEALTH"}


def test_a_payer_that_lowers_more_than_another_is_told(reference: Reference) -> None:
    found = trends(reference, *visits(60, 15), *visits(60, 1, **ALDER))
    first, second = found.to_dicts()
    assert (first["payer"], first["lines"], first["lowered"], first["told"]) == ("60054", 60, 15, True)
    assert first["share"] == pytest.approx(0.25)
    assert first["others_share"] == pytest.approx(1 / 60)
    assert (first["billed_level"], first["paid_level"]) == (4.0, 3.75)
    assert first["z"] > 3
    assert first["confidence"] > 0.99
    assert first["difference_cents"] == 15 * 50_00
    assert (second["payer"], second["told"]) == ("71412", False)


def test_both_payers_lowering_alike_is_told_by_nobody(reference: Reference) -> None:
    found = trends(reference, *visits(60, 3), *visits(60, 3, **ALDER))
    assert found["told"].to_list() == [False, False]


@pytest.mark.parametrize(("lines", "lowered", "told"), [(20, 6, True), (19, 6, False), (40, 2, False)])
def test_few_lines_tell_nothing(reference: Reference, lines: int, lowered: int, told: bool) -> None:
    (row,) = trends(reference, *visits(lines, lowered)).to_dicts()
    assert (row["told"], row["others_share"]) == (told, None)


def test_a_share_that_rises_is_told(reference: Reference) -> None:
    early, late = visits(30, 0), visits(30, 12)
    late = [
        replace(claim, lines=[replace(claim.lines[0], day=DAY + dt.timedelta(days=100 + n))])
        for n, claim in enumerate(late)
    ]
    (row,) = trends(reference, *early, *late).to_dicts()
    assert (row["earlier_share"], row["later_share"]) == (0.0, pytest.approx(0.4))
    assert row["rising_confidence"] > 0.99


def test_the_mix_counts_what_was_billed_and_paid(reference: Reference) -> None:
    told, sent = remittance(*visits(10, 2))
    terms = Terms(contracts=RATES)
    lines = priced(told, terms, reference, sent)
    mix = levels(lines, downcoded(lines, told, terms, reference), reference).mix
    assert mix.filter(family="office visit, established").rows() == [
        ("60054", "office visit, established", "99213", 3, 0, 2),
        ("60054", "office visit, established", "99214", 4, 10, 8),
    ]


# --- disputes -----------------------------------------------------------------------------------------------


def batch(reference: Reference, *claims: Claim, **options: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    told, sent = remittance(*claims)
    terms = Terms(contracts=pl.concat([RATES, RATES.with_columns(payer=pl.lit("71412"))]))
    lines = priced(told, terms, reference, sent)
    made = dispute_batch(lines, downcoded(lines, told, terms, reference), **options)
    assert (made.lines.schema, made.payers.schema) == (pl.Schema(BATCH), pl.Schema(BY_PAYER))
    return made.lines, made.payers


CLAIMS = [
    commercial(Line("99214", 100_00, charge=300_00, share={"2": 20_00}), paid_on=dt.date(2025, 7, 1)),
    commercial(Line("99213", 90_00, was="99214", charge=300_00), **ALDER),
    commercial(Line("64483", 300_00, "50", charge=900_00), **ALDER, paid_on=dt.date(2025, 9, 1)),
    commercial(*bundle()),
    commercial(Line("99214", 150_00)),
]


def test_a_batch_is_by_payer_the_most_first(reference: Reference) -> None:
    lines, payers = batch(reference, *CLAIMS)
    assert lines.select("payer", "billed", "kinds", "paid_as", "difference_cents").rows() == [
        ("71412", "64483-50", ["priced_down"], "64483", 150_00),
        ("71412", "99214", ["restated", "below"], "99213", 60_00),
        ("60054", "99214", ["priced_down"], "99213", 50_00),
    ]
    assert payers.rows() == [
        (
            "71412",
            "71412",
            "ALDER HEALTH",
            2,
            2,
            210_00,
            210_00,
            60_00,
            dt.date(2025, 7, 15),
            dt.date(2025, 9, 1),
        ),
        (
            "60054",
            "60054",
            "CEDAR MUTUAL",
            1,
            1,
            50_00,
            40_00,
            50_00,
            dt.date(2025, 7, 1),
            dt.date(2025, 7, 1),
        ),
    ]
    assert lines["steps"].list.len().min() == 1
    assert lines["how"][1] == "SVC06 says 99214, SVC01 99213; 90.00 allowed of 100.00 for 99213"


def test_a_batch_may_hold_what_is_sure_or_large_alone(reference: Reference) -> None:
    lines, _ = batch(reference, *CLAIMS, sure_only=True)
    assert lines["difference_cents"].to_list() == [60_00, 50_00]
    lines, _ = batch(reference, *CLAIMS, least_cents=60_00)
    assert lines["difference_cents"].to_list() == [150_00, 60_00]
    lines, _ = batch(reference, *CLAIMS, kinds=[Kind.BUNDLED])
    assert lines["difference_cents"].to_list() == [70_00]


def test_a_batch_of_nothing_is_empty(reference: Reference) -> None:
    lines, payers = batch(reference, CLAIMS[-1])
    assert lines.is_empty()
    assert payers.is_empty()
