"""What should be allowed and paid: golden values, contracts, factors and their order, and what is unknown."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anodyne.app.reference import load_files
from anodyne.denials.expected import expected
from anodyne.denials.lower import KINDS
from anodyne.denials.rates import Terms
from anodyne.denials.remitted import PRICE, SHARE, SUBMITTED, WITHHELD, submitted
from anodyne.model import frames
from anodyne.reference.fees import national_cents
from anodyne.reference.tables import Reference, load
from tests.denials.paid import DAY, Claim, Line, commercial, contracts, remittance
from tests.reference import layouts
from tests.reference.test_fees import IN_2024, IN_2025, KNOWN

ONE_DAY = dt.timedelta(days=1)
NURSE, PHYSICIAN = "363L00000X", "208VP0014X"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


def rows(reference: Reference, *claims: Claim, **terms: Any) -> list[dict[str, Any]]:
    told, sent = remittance(*claims)
    frame = expected(told, Terms(**terms), reference, sent)
    assert frame.schema == pl.Schema(frames.EXPECTED)
    assert frame["remit_line_key"].to_list() == told.lines["remit_line_key"].to_list()
    return frame.to_dicts()


def cents(reference: Reference, *lines: Line, **terms: Any) -> list[int | None]:
    """What Medicare should allow for lines of one claim."""
    return [row["expected_cents"] for row in rows(reference, Claim(lines), **terms)]


def agreed(reference: Reference, rates: pl.DataFrame, *lines: Line, **claim: Any) -> list[int | None]:
    """What CEDAR MUTUAL should allow by `rates` for lines of one claim."""
    return [row["expected_cents"] for row in rows(reference, commercial(*lines, **claim), contracts=rates)]


# --- Medicare's fee schedule --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", KNOWN)
def test_the_golden_values(reference: Reference, code: str) -> None:
    wanted = [price for year in KNOWN[code] for price in year]
    claims = [
        Claim([Line(code, 1000, charge=1_000_000, day=day)], pos=pos)
        for day in (IN_2024, IN_2025)
        for pos in ("11", "24")
    ]
    assert [row["expected_cents"] for row in rows(reference, *claims)] == wanted


def test_the_worked_example(reference: Reference) -> None:
    primary = Line("64493", 258_12, "50", share={"2": 51_63}, sequestered=4_13)
    added = Line("64494", 131_97, "50", share={"2": 26_39}, sequestered=2_11)
    first, second = rows(reference, Claim([primary, added]))
    assert (first["expected_cents"], second["expected_cents"]) == (258_12, 131_97)
    assert first["expected_cents"] + second["expected_cents"] == 390_09
    assert first["steps"] == [
        "relative values 2025, as of the October release: RVU 1.52 + 3.64 + 0.16 = 5.32 × 32.3465 = 172.08",
        "× 150 % for both sides = 258.12",
    ]
    assert first["payment_steps"] == [
        "less the patient's share 51.63 = 206.49",
        "less sequestration 4.13",
        "payment expected 202.36",
    ]
    assert 258_12 + 131_97 - 51_63 - 26_39 == 312_07
    assert first["expected_paid_cents"] + second["expected_paid_cents"] == 312_07 - 6_24
    assert (first["why"], first["kind"], first["sure"]) == (None, "medicare", False)


@pytest.mark.parametrize(
    ("pos", "price"),
    [("11", 236_13), ("10", 236_13), ("02", 107_71), ("22", 107_71), ("98", None), (None, None)],
)
def test_the_place_decides_the_practice_expense(reference: Reference, pos: str, price: int | None) -> None:
    (row,) = rows(reference, Claim([Line("64483", 100_00, charge=500_00)], pos=pos))
    assert row["expected_cents"] == price
    assert (row["why"] is None) == (price is not None)


def test_the_place_of_the_line_sent_goes_before_that_of_the_claim(reference: Reference) -> None:
    line = Line("64483", 107_71, charge=500_00, sent={"sent_pos": "24"})
    assert cents(reference, line) == [107_71]


@pytest.mark.parametrize(("modifier", "thousandths"), [("80", 160), ("82", 160), ("AS", 136), ("62", 625)])
def test_who_assists_or_shares_is_paid_a_part(reference: Reference, modifier: str, thousandths: int) -> None:
    (whole,), (part,) = (
        rows(reference, Claim([Line("63655", 10_00, mods, charge=5000_00)], pos="24"))
        for mods in ("", modifier)
    )
    assert part["expected_cents"] == (whole["expected_cents"] * thousandths + 500) // 1000
    assert part["steps"][-1].startswith(f"modifier {modifier}: {thousandths / 10:g} % = ")


def test_no_assistant_is_paid_where_medicare_pays_none(reference: Reference) -> None:
    (row,) = rows(reference, Claim([Line("20553", 10_00, "80")]))
    assert (row["expected_cents"], row["why"]) == (None, "Medicare pays no assistant for 20553")


@pytest.mark.parametrize("modifier", ["22", "52", "53", "54", "66", "78"])
def test_what_is_priced_by_report_is_not_known(reference: Reference, modifier: str) -> None:
    (row,) = rows(reference, Claim([Line("64483", 10_00, modifier)]))
    assert (row["expected_cents"], row["why"]) == (None, f"modifier {modifier} is priced by report")


@pytest.mark.parametrize(
    ("code", "bilateral", "price"),
    [("64483", 1, 354_20), ("20553", 0, 58_55), ("64615", 2, 148_79), ("62323", 9, 246_80)],
)
def test_both_sides_pay_more_only_where_the_code_is_of_one(
    reference: Reference, code: str, bilateral: int, price: int
) -> None:
    row = reference.row_in_force("fee_schedule", (code,), DAY)
    assert row is not None
    assert row[3] == bilateral
    assert cents(reference, Line(code, 10_00, "50", charge=900_00)) == [price]


@pytest.mark.parametrize(("units", "price"), [(1.0, 29_44), (2.0, 58_88), (3.0, 88_32)])
def test_units_of_a_code_that_is_not_reduced(reference: Reference, units: float, price: int) -> None:
    assert cents(reference, Line("G3003", 10_00, charge=900_00, units=units)) == [price]


@pytest.mark.parametrize(("allowed", "price"), [(298_00, 298_00), (223_50, 223_50), (200_00, 298_00)])
def test_units_of_a_procedure_are_due_in_full_or_at_half_from_the_second_on(
    reference: Reference, allowed: int, price: int
) -> None:
    rates = contracts(("64640", 149_00, None))
    assert agreed(reference, rates, Line("64640", allowed, charge=900_00, units=2.0)) == [price]


def test_no_more_than_the_charge(reference: Reference) -> None:
    (row,) = rows(reference, Claim([Line("99214", 100_00, charge=100_00)]))
    assert row["expected_cents"] == 100_00
    assert row["steps"][-1] == "no more than the charge: 100.00"


def test_the_first_procedure_in_full_and_the_next_four_at_half(reference: Reference) -> None:
    codes = ["64493", "20610", "64483", "20553", "64405", "62323"]
    found = rows(reference, Claim([Line(code, 10_00, charge=900_00) for code in codes]))
    full = {code: KNOWN[code][1][0] for code in codes}
    assert [row["expected_cents"] for row in found] == [
        (full["64493"] + 1) // 2,
        (full["20610"] + 1) // 2,
        (full["64483"] + 1) // 2,
        None,
        (full["64405"] + 1) // 2,
        full["62323"],
    ]
    assert found[0]["steps"][-1] == "multiple procedures: rank 3, 50 % = 86.04"
    assert found[3]["why"] == "procedure 6 of the day: priced by report from the sixth on"


def test_visits_and_further_levels_are_not_reduced(reference: Reference) -> None:
    lines = [Line(code, 10_00, charge=900_00) for code in ("64483", "64484", "99214")]
    assert cents(reference, *lines) == [236_13, 106_10, 125_18]


def test_a_line_of_both_sides_ranks_by_150_percent(reference: Reference) -> None:
    # 64493-50 is 258.12, above 64483 with 236.13.
    lines = [Line("64483", 10_00, charge=900_00), Line("64493", 10_00, "50", charge=900_00)]
    assert cents(reference, *lines) == [118_07, 258_12]


def test_right_and_left_on_two_lines_are_one_procedure_at_150_percent(reference: Reference) -> None:
    pair = [Line("64483", 236_13, "RT"), Line("64483", 118_07, "LT")]
    assert cents(reference, *pair) == [236_13, 118_07]
    assert cents(reference, *reversed(pair)) == [118_07, 236_13]
    assert cents(reference, *pair, Line("20610", 31_70)) == [236_13, 118_07, 31_70]
    assert cents(reference, Line("62323", 246_80), *(Line("64405", 1_00, m) for m in ("RT", "LT"))) == [
        246_80,
        36_72,
        18_36,
    ]


def test_of_two_procedures_of_one_fee_the_one_allowed_more_is_first(reference: Reference) -> None:
    assert cents(reference, Line("20610", 31_70, "RT"), Line("20610", 63_40, "RT")) == [31_70, 63_40]


def test_a_denied_procedure_takes_no_rank(reference: Reference) -> None:
    denied = Line("64483", 0, charge=500_00, reasons={"CO-50": 500_00})
    assert cents(reference, denied, Line("20610", 63_40)) == [236_13, 63_40]


def test_procedures_of_one_day_are_ranked_over_claims(reference: Reference) -> None:
    claims = [Claim([Line(code, 10_00, charge=900_00)], member="A") for code in ("64483", "20610")]
    assert [row["expected_cents"] for row in rows(reference, *claims)] == [236_13, 31_70]
    other = [Claim([Line(code, 10_00, charge=900_00)], member=code) for code in ("64483", "20610")]
    assert [row["expected_cents"] for row in rows(reference, *other)] == [236_13, 63_40]
    later = Claim([Line("20610", 10_00, charge=900_00, day=DAY + ONE_DAY)], member="A")
    assert [row["expected_cents"] for row in rows(reference, claims[0], later)] == [236_13, 63_40]


def test_therapies_of_a_day_have_their_practice_expense_in_full_once(reference: Reference) -> None:
    codes = reference.table("relative_values").filter(pl.col("code").is_in(["97110", "97140"]))
    worth = {code: parts for code, *parts in codes.iter_rows()}
    full = {c: (sum((w, pe, mp)) * 323_465 + 5_000) // 10_000 for c, (w, pe, _, mp, *_) in worth.items()}
    less = {
        c: ((2 * w + pe + 2 * mp) * 323_465 + 10_000) // 20_000 for c, (w, pe, _, mp, *_) in worth.items()
    }
    lines = [Line("97140", 10_00, charge=900_00), Line("97110", 10_00, charge=900_00, units=2.0)]
    assert cents(reference, *lines) == [less["97140"], full["97110"] + less["97110"]]
    assert cents(reference, lines[0]) == [full["97140"]]


@pytest.mark.parametrize(
    ("taxonomy", "allowed", "price"),
    [
        (NURSE, 125_18, 106_40),
        (PHYSICIAN, 106_40, 125_18),
        (None, 106_40, 106_40),
        (None, 106_00, 125_18),
        (None, 125_18, 125_18),
    ],
    ids=["a nurse practitioner", "a physician", "not known, paid as one", "not known, paid less", "in full"],
)
def test_a_nonphysician_is_allowed_85_percent(
    reference: Reference, taxonomy: str | None, allowed: int, price: int
) -> None:
    sent = {"sent_taxonomy": taxonomy} if taxonomy else None
    (row,) = rows(reference, Claim([Line("99214", allowed, charge=300_00, sent=sent)]))
    assert row["expected_cents"] == price


def test_who_takes_no_part_is_allowed_95_percent(reference: Reference) -> None:
    assert cents(reference, Line("99214", 118_92), participating=False) == [118_92]


def test_two_percent_of_the_payment_are_sequestered(reference: Reference) -> None:
    (row,) = rows(reference, Claim([Line("99214", 100_00, charge=100_00, share={"3": 20_00})]))
    assert row["expected_paid_cents"] == 80_00 - 1_60


@pytest.mark.parametrize(
    ("day", "thousandths"),
    [
        (dt.date(2013, 3, 31), None),
        (dt.date(2013, 4, 1), 20),
        (dt.date(2020, 4, 30), 20),
        (dt.date(2020, 5, 1), None),
        (dt.date(2022, 3, 31), None),
        (dt.date(2022, 4, 1), 10),
        (dt.date(2022, 6, 30), 10),
        (dt.date(2022, 7, 1), 20),
    ],
)
def test_the_days_of_sequestration(reference: Reference, day: dt.date, thousandths: int | None) -> None:
    row = reference.row_in_force("payment_terms", ("sequestration",), day)
    assert (row[0] if row else None) == thousandths


def test_a_locality_scales_each_part_of_the_value(tmp_path: Path) -> None:
    content = layouts.tabbed(layouts.gpci(("05302", "MO", "01", "1.000", "0.950", "0.800"), year=2025))
    load_files([layouts.written(tmp_path / "GPCI2025.txt", content)], home=tmp_path / "home")
    loaded = load(tmp_path / "home")
    (row,) = rows(loaded, Claim([Line("64483", 1_00, charge=900_00)]), localities=(("05302", "01"),))
    exact = (190 * 1000 + 524 * 950 + 16 * 800) * 323_465
    assert row["expected_cents"] == (exact + 5_000_000) // 10_000_000
    assert row["sure"] is True
    assert row["steps"][0].endswith(
        f"RVU (1.90 × 1.000 + 5.24 × 0.950 + 0.16 × 0.800) × 32.3465 = {row['expected_cents'] / 100:.2f}"
    )
    (row,) = rows(loaded, Claim([Line("64483", 1_00, charge=900_00)]), localities=(("05302", "99"),))
    assert (row["expected_cents"], row["sure"]) == (236_13, False)


def test_participants_of_alternative_models_have_a_factor_of_their_own_in_2026(reference: Reference) -> None:
    line = Line("G3002", 1_00, charge=900_00, day=dt.date(2026, 3, 1))
    assert cents(reference, line) == [82_83]  # 2.48 at 33.4009
    assert cents(reference, line, apm=True) == [83_25]  # 2.48 at 33.5675
    assert cents(reference, Line("G3002", 1_00, charge=900_00), apm=True) == [80_22]


def test_values_of_another_year_are_not_sure(tmp_path: Path) -> None:
    content = layouts.tabbed(layouts.gpci(("05302", "MO", "01", "1.000", "1.000", "1.000"), year=2025))
    load_files([layouts.written(tmp_path / "GPCI2025.txt", content)], home=tmp_path / "home")
    loaded = load(tmp_path / "home")
    days = [DAY, dt.date(2026, 6, 30)]
    claims = [Claim([Line("99214", 1_00, charge=900_00, day=day)]) for day in days]
    assert [row["sure"] for row in rows(loaded, *claims, localities=(("05302", "01"),))] == [True, False]


# --- who is Medicare ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("filing", ["CI", "16", "MC", "HM", None])
def test_of_other_payers_without_a_contract_nothing_is_known(
    reference: Reference, filing: str | None
) -> None:
    (row,) = rows(reference, commercial(Line("99214", 1_00), filing=filing))
    assert (row["expected_cents"], row["kind"]) == (None, None)
    assert row["why"] == "no contract tells what this payer allows"
    assert row["steps"] == row["payment_steps"] == []


def test_a_payer_may_be_told_to_be_medicare(reference: Reference) -> None:
    for told in ("60054", "CEDAR MUTUAL"):
        claim = commercial(Line("99214", 125_18), payer_name=" Cedar  Mutual")
        (row,) = rows(reference, claim, medicare=frozenset({told}))
        assert row["expected_cents"] == 125_18


def test_a_code_without_relative_values_is_not_priced(reference: Reference) -> None:
    (row,) = rows(reference, Claim([Line("J3301", 1_00)]))
    assert row["expected_cents"] is None
    assert "J3301" in row["why"]
    (early,) = rows(reference, Claim([Line("99214", 1_00, day=dt.date(2023, 5, 1))]))
    assert early["why"] == "no fee schedule of 2023-05-01 is loaded"
    (dayless,) = rows(reference, Claim([Line("99214", 1_00, day=None)]))
    assert dayless["why"] == "no day of service is told"


@pytest.mark.parametrize("status", ["2", "3", "20", "23", "25"])
def test_only_the_first_payers_price_is_known(reference: Reference, status: str) -> None:
    (row,) = rows(reference, Claim([Line("99214", 25_04)], status=status))
    assert (row["expected_cents"], row["why"]) == (None, "not priced as the first payer")


@pytest.mark.parametrize("status", ["1", "19", "4"])
def test_denied_lines_have_a_price_too(reference: Reference, status: str) -> None:
    denied = Line("99214", 0, charge=300_00, reasons={"CO-50": 300_00})
    (row,) = rows(reference, Claim([denied], status=status))
    assert (row["expected_cents"], row["allowed_cents"]) == (125_18, 0)
    assert row["expected_paid_cents"] is None


# --- contracts ----------------------------------------------------------------------------------------------


def test_a_contract_goes_before_the_fee_schedule(reference: Reference) -> None:
    rates = contracts(("99214", 140_00, {"payer": "05302"}))
    told = rows(reference, Claim([Line("99214", 1_00), Line("99213", 1_00, charge=300_00)]), contracts=rates)
    assert [(row["expected_cents"], row["kind"]) for row in told] == [
        (102_00, "contract"),
        (88_95, "medicare"),
    ]


@pytest.mark.parametrize("payer", ["60054", "CEDAR MUTUAL"])
def test_a_payer_is_told_by_id_or_name(reference: Reference, payer: str) -> None:
    rates = contracts(("99214", 150_00, {"payer": payer}))
    assert agreed(reference, rates, Line("99214", 1_00, charge=300_00), payer_name="cedar   mutual") == [
        150_00
    ]


def test_an_id_goes_before_a_name(reference: Reference) -> None:
    rates = contracts(("99214", 150_00, {"payer": "CEDAR MUTUAL"}), ("99214", 140_00, {"payer": "60054"}))
    assert agreed(reference, rates, Line("99214", 1_00, charge=300_00)) == [140_00]


def test_a_rate_of_a_modifier_goes_before_one_of_the_code(reference: Reference) -> None:
    rates = contracts(("64483", 300_00, None), ("64483-50", 420_00, None), ("64483-RT", 310_00, None))
    assert agreed(reference, rates, Line("64483", 1_00, charge=999_00)) == [300_00]
    assert agreed(reference, rates, Line("64483", 1_00, "50", charge=999_00)) == [420_00]
    assert agreed(reference, rates, Line("64483", 1_00, "KX-50", charge=999_00)) == [420_00]
    assert agreed(reference, rates, Line("64483", 1_00, "RT-KX", charge=999_00)) == [310_00]
    assert agreed(reference, rates, Line("64483", 1_00, "LT", charge=999_00)) == [300_00]


def test_a_rate_of_the_place_goes_before_one_of_all(reference: Reference) -> None:
    rates = contracts(("64483", 300_00, None), ("64483", 120_00, {"pos_class": "facility"}))
    line = Line("64483", 1_00, charge=999_00)
    assert agreed(reference, rates, line) == [300_00]
    assert agreed(reference, rates, line, pos="24") == [120_00]
    assert agreed(reference, rates, line, pos=None) == [300_00]
    only = contracts(("64483", 120_00, {"pos_class": "facility"}))
    (row,) = rows(reference, commercial(line), contracts=only)
    assert row["why"] == "the contract has no rate of 64483 for the day and place"


@pytest.mark.parametrize(
    ("day", "price"),
    [
        (dt.date(2025, 2, 28), 140_00),
        (dt.date(2025, 3, 1), 150_00),
        (dt.date(2025, 12, 31), 150_00),
        (dt.date(2026, 1, 1), None),
    ],
)
def test_the_day_of_service_decides_the_rate(reference: Reference, day: dt.date, price: int | None) -> None:
    rates = contracts(
        ("99214", 140_00, {"until": dt.date(2025, 3, 1)}),
        ("99214", 150_00, {"from": dt.date(2025, 3, 1), "until": dt.date(2026, 1, 1)}),
    )
    assert agreed(reference, rates, Line("99214", 1_00, charge=300_00, day=day)) == [price]


def test_a_percentage_is_of_medicares_amount_at_the_place(reference: Reference) -> None:
    rates = contracts(("64483", "110 %", None), ("99214", "87.5 %", None))
    (row,) = rows(reference, commercial(Line("64483", 259_74)), contracts=rates)
    assert (row["expected_cents"], row["kind"], row["sure"]) == (259_74, "percent", False)
    assert row["steps"][1] == "contract of 60054 from 2024-07-01: 110 % of Medicare = 259.74"
    assert agreed(reference, rates, Line("64483", 1_00, charge=999_00), pos="24") == [118_48]
    assert agreed(reference, rates, Line("99214", 1_00, charge=300_00)) == [109_53]
    assert (
        rows(reference, commercial(Line("99214", 1_00, charge=300_00)), contracts=rates)[0]["steps"][1].count(
            "87.50 %"
        )
        == 1
    )


def test_units_and_both_sides_of_a_contract(reference: Reference) -> None:
    rates = contracts(("64483", 300_00, None), ("J0585", 6_50, None))
    assert agreed(reference, rates, Line("J0585", 1_00, charge=9999_00, units=155.0)) == [1007_50]
    (row,) = rows(reference, commercial(Line("64483", 450_00, "50", charge=999_00)), contracts=rates)
    assert (row["expected_cents"], row["sure"]) == (450_00, False)
    assert row["steps"][-1] == "× 150 % for both sides = 450.00 (as Medicare does; the contract is silent)"


@pytest.mark.parametrize(
    ("allowed", "price"), [(80_00, 80_00), (40_00, 40_00), (60_00, 80_00), (90_00, 80_00)]
)
def test_where_a_contract_is_silent_a_further_procedure_is_due_in_full_or_at_half(
    reference: Reference, allowed: int, price: int
) -> None:
    rates = contracts(("64483", 300_00, None), ("20610", 80_00, None))
    lines = (Line("64483", 300_00), Line("20610", allowed))
    assert agreed(reference, rates, *lines) == [300_00, price]


def test_a_payer_that_pays_half_elsewhere_owes_half(reference: Reference) -> None:
    rates = contracts(("64483", 300_00, None), ("20610", 80_00, None))
    claims = [commercial(Line("64483", 300_00), Line("20610", cents)) for cents in (40_00, 40_00, 30_00)]
    assert [row["expected_cents"] for row in rows(reference, *claims, contracts=rates)][1::2] == [40_00] * 3


@pytest.mark.parametrize("modifier", ["26", "TC"])
def test_a_component_has_a_rate_only_of_its_own(reference: Reference, modifier: str) -> None:
    rates = contracts(("76942", 60_00, None))
    (row,) = rows(reference, commercial(Line("76942", 1_00, modifier)), contracts=rates)
    assert (row["expected_cents"], row["why"]) == (None, "no rate of the component (26, TC) is known")
    own = contracts(("76942", 60_00, None), (f"76942-{modifier}", 30_00, None))
    assert agreed(reference, own, Line("76942", 1_00, modifier)) == [30_00]


def test_a_modifier_with_a_rate_of_its_own_is_not_reduced_again(reference: Reference) -> None:
    rates = contracts(("63655", 2000_00, None), ("63655-80", 350_00, None), ("63655-52", 900_00, None))
    assert agreed(reference, rates, Line("63655", 1_00, "80", charge=5000_00)) == [350_00]
    assert agreed(reference, rates, Line("63655", 1_00, "52", charge=5000_00)) == [900_00]
    assert agreed(reference, rates, Line("63655", 1_00, "AS", charge=5000_00)) == [272_00]


# --- what was allowed and billed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        (Line("99214", 100_00, share={"1": 20_00, "2": 16_00, "3": 5_00}, sequestered=1_18), 100_00),
        (Line("99214", 100_00, reasons={"OA-23": 60_00, "CO-45": 200_00}, charge=360_00), 160_00),
        (Line("99214", 100_00, reasons={"CO-237": 2_00, "CO-45": 200_00}, charge=302_00), 102_00),
        (Line("99214", 100_00, reasons={"CO-144": -2_00, "CO-45": 200_00}, charge=298_00), 98_00),
        (Line("99214", 100_00, reasons={"CO-50": 50_00}), 100_00),
        (Line("99214", 0, reasons={"PR-96": 300_00}, charge=300_00), 0),
        (Line("99214", 100_00, b6=100_00), 100_00),
        (Line("99214", 100_00, b6=120_00), 120_00),
        (Line("99214", 100_00, b6=80_00), 100_00),
        (Line("99214", 100_00, b6=80_00, reasons={"PR-119": 50_00}), 80_00),
        (Line("64483", 200_00, reasons={"OA-94": -50_00, "CO-45": 30_00}, charge=180_00), 200_00),
    ],
    ids=[
        "patient's share and sequestration", "an earlier payer", "a penalty", "an incentive", "a denied part",
        "denied to the patient", "told", "told higher", "told lower", "told beside another reason",
        "rolled up",
    ],
)  # fmt: skip
def test_the_amount_allowed(reference: Reference, line: Line, allowed: int) -> None:
    (row,) = rows(reference, Claim([line]))
    assert row["allowed_cents"] == allowed


def test_a_line_that_does_not_balance_tells_no_allowed_amount(reference: Reference) -> None:
    told, _ = remittance(Claim([Line("99214", 100_00), Line("99214", 100_00, b6=100_00)]))
    off = told.lines.with_columns(charge_cents=pl.col("charge_cents") + 1)
    frame = expected(replace(told, lines=off), Terms(), reference)
    assert frame.select("allowed_cents", "allowed_how").rows() == [
        (None, "the line does not balance"),
        (100_00, "AMT*B6"),
    ]


def test_what_was_billed_is_priced_and_what_it_was_taken_for_beside_it(reference: Reference) -> None:
    line = Line("99213", 88_95, was="99214-25", charge=300_00)
    (row,) = rows(reference, Claim([line]))
    assert (row["expected_cents"], row["adjudicated_cents"]) == (125_18, 88_95)
    fewer = Line("G3003", 29_44, units=1.0, was_units=3.0, charge=300_00)
    (row,) = rows(reference, Claim([fewer]))
    assert (row["expected_cents"], row["adjudicated_cents"]) == (88_32, 29_44)
    sent = Line("99213", 88_95, charge=300_00, sent={"sent_code": "99214", "sent_modifiers": "25"})
    (row,) = rows(reference, Claim([sent]))
    assert (row["expected_cents"], row["adjudicated_cents"]) == (125_18, 88_95)


def test_a_modifier_that_the_payer_dropped_counts_as_sent(reference: Reference) -> None:
    line = Line("64483", 354_20, charge=900_00, sent={"sent_modifiers": "50"})
    assert cents(reference, line) == [354_20]


def test_coinsurance_grows_with_what_should_be_allowed_and_a_deductible_does_not(
    reference: Reference,
) -> None:
    line = Line("99214", 88_95, charge=300_00, share={"1": 10_00, "2": 15_79})
    (row,) = rows(reference, Claim([line]))
    coinsurance = round(15_79 * 125_18 / 88_95)
    payable = 125_18 - 10_00 - coinsurance
    assert row["expected_paid_cents"] == payable - (payable * 20 + 500) // 1000


def test_another_payers_sequestration_is_as_the_remittance_shows(reference: Reference) -> None:
    rates = contracts(("99214", 150_00, None))
    shown = Line("99214", 100_00, sequestered=2_00)
    (row,) = rows(reference, commercial(shown), contracts=rates)
    assert row["expected_paid_cents"] == 147_00
    (row,) = rows(reference, commercial(Line("99214", 100_00)), contracts=rates)
    assert row["expected_paid_cents"] == 150_00


# --- what stands --------------------------------------------------------------------------------------------


def stands(reference: Reference, *claims: Claim) -> list[bool]:
    return [row["why"] is None for row in rows(reference, *claims)]


def test_a_reversal_takes_back_the_claim_before_it(reference: Reference) -> None:
    first, last = dt.date(2025, 7, 1), dt.date(2025, 8, 1)
    paid = Claim([Line("99214", 88_95, charge=300_00)], claim_id="A", paid_on=first)
    back = Claim(paid.lines, claim_id="A", status="22", paid_on=last)
    again = Claim([Line("99214", 125_18, charge=300_00)], claim_id="A", paid_on=last)
    other = Claim(paid.lines, claim_id="B", paid_on=first)
    assert stands(reference, paid, other, back, again) == [False, True, False, True]
    assert stands(reference, back, again, paid) == [False, True, False], "the files in another order"
    same = Claim(paid.lines, claim_id="A", paid_on=last)
    assert stands(reference, paid, back, same) == [False, False, True], "corrected to the same amount"
    assert stands(reference, back, same) == [False, True], "the first payment is not among the files"


def test_a_payment_told_twice_counts_once(reference: Reference) -> None:
    claim = Claim([Line("99214", 88_95, charge=300_00)], claim_id="A", trace="T1")
    assert stands(reference, claim, claim) == [True, False]


def test_what_was_sent_is_known_of_the_lines_matched() -> None:
    matches = pl.DataFrame(
        {
            "remit_line_key": [1, 2, 3, 4],
            "remit_key": [1, 1, 1, 2],
            "claim_key": [7, 7, 7, 7],
            "line_key": [10, 11, 11, None],
            "certainty": ["certain", "likely", "certain", None],
            "same_charge": [True, True, True, None],
        }
    )
    claims = pl.DataFrame(
        {"claim_key": [7], "rendering_npi": [None], "billing_taxonomy": [PHYSICIAN], "state": ["OH"]}
    ).cast({"rendering_npi": pl.String})
    claims = frames.empty(frames.CLAIMS).select("rendering_taxonomy").clear(1).hstack(claims)
    lines = pl.DataFrame(
        {
            "line_key": [10, 11],
            "claim_key": [7, 7],
            "code": ["64483", "99214"],
            "units": [1.0, 2.0],
            "pos": "11",
        }
    )
    nothing = frames.empty(frames.LINES).select("mod1", "mod2", "mod3", "mod4", "rendering_taxonomy").clear(2)
    lines = lines.hstack(nothing.with_columns(mod1=pl.Series(["50", None])))
    known = submitted(matches, claims, lines)
    assert known.schema == pl.Schema(SUBMITTED)
    assert known.rows() == [
        (1, "64483", "50", 1.0, "11", "OH", PHYSICIAN, True),
        (2, "99214", "", None, "11", "OH", PHYSICIAN, False),
        (3, "99214", "", None, "11", "OH", PHYSICIAN, True),
    ]


# --- the tables ---------------------------------------------------------------------------------------------


def test_every_factor_of_a_modifier_is_a_term(reference: Reference) -> None:
    terms = set(reference.table("payment_terms")["term"])
    assert set(reference.table("payment_modifiers")["term"].drop_nulls()) <= terms


def test_the_parts_of_an_adjustment_are_the_ones_read(reference: Reference) -> None:
    parts = reference.table("adjustment_parts")
    assert set(parts["part"]) == {SHARE, WITHHELD, PRICE}
    assert set(parts.filter(part=SHARE)["group"]) == {"PR"}


def test_a_lower_code_of_a_family_costs_no_more(reference: Reference) -> None:
    held = reference.table("code_levels")
    assert set(held["kind"]) == set(KINDS)
    asked = held.select("family", "code", "level", served_on=pl.lit(IN_2025), facility=pl.lit(value=False))
    known = national_cents(asked, reference).drop_nulls("allowed_cents").sort("family", "level")
    rises = pl.col("allowed_cents").diff().over("family").fill_null(0) >= 0
    assert known.filter(~rises).is_empty()
    assert len(known) > 40


def test_a_line_without_a_rate_has_no_basis_though_the_same_code_is_priced_for_another_payer(
    reference: Reference,
) -> None:
    told = rows(reference, Claim([Line("99214", 12862)]), commercial(Line("99214", 12000)))
    assert [row["basis"] is None for row in told] == [False, True]
    assert [row["expected_cents"] is None for row in told] == [False, True]
