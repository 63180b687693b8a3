"""Pairs and units, from a file to a finding."""

import datetime as dt

import pytest

from tests.claims import DAY, NURSE_PRACTITIONER, Claim, Line, findings, npi, policies_of, told


def of_ncci(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, str, int | None]]:
    return {found for found in told(*claims, history=history) if found[0].startswith("NCCI-0")}


def test_the_second_code_of_a_pair_that_no_modifier_lifts_is_denied() -> None:
    assert of_ncci(Claim([Line("64451", ["RT"]), Line("64493", ["RT", "59"])])) == {("NCCI-01", "deny", 2)}


def test_the_order_of_the_lines_does_not_matter() -> None:
    assert of_ncci(Claim([Line("64493", ["RT"]), Line("64451", ["RT"])])) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], {("NCCI-01a", "deny", 2)}),
        ([], ["50"], {("NCCI-01a", "deny", 2)}),
        ([], ["KX"], {("NCCI-01a", "deny", 2)}),
        ([], ["59"], set()),
        ([], ["XS"], set()),
        (["59"], [], set()),
        ([], ["RT"], {("NCCI-02", "audit", 2)}),
        (["RT"], [], {("NCCI-02", "audit", 2)}),
        (["RT", "XS"], [], set()),
        ([], ["KX", "", "", "XU"], set()),
        (["LT"], ["RT"], set()),
        (["RT"], ["RT"], {("NCCI-02", "audit", 2)}),
        (["RT"], ["RT", "XS"], set()),
    ],
)
def test_a_modifier_on_either_line_lifts_a_pair_of_indicator_1(
    first: list[str], second: list[str], expected: set[tuple[str, str, int]]
) -> None:
    claim = Claim([Line("64454", first), Line("64450", second)])
    assert of_ncci(claim) == expected


def test_lines_of_two_claims_of_one_day_and_practitioner_are_one_pair() -> None:
    paid = Claim([Line("64451", ["RT"])], id="A1")
    other = Claim([Line("64493", ["RT"])], id="A2")
    assert of_ncci(paid, other) == {("NCCI-01", "deny", 1)}
    assert of_ncci(other, history=(paid,)) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize(
    "apart",
    [
        {"patient": 2},
        {"on": dt.date(2026, 10, 15)},
        {"billing": 42},
        {"rendering": npi(77), "taxonomy": NURSE_PRACTITIONER},
    ],
)
def test_another_patient_day_practice_or_specialty_makes_no_pair(apart: dict[str, object]) -> None:
    paid = Claim([Line("64451", ["RT"])], id="A1")
    other = Claim([Line("64493", ["RT"])], id="A2", **apart)  # type: ignore[arg-type]
    assert of_ncci(paid, other) == set()


def test_a_colleague_of_the_same_specialty_makes_a_pair() -> None:
    colleague = Claim([Line("64493", ["RT"])], id="A2", rendering=npi(77))
    assert of_ncci(Claim([Line("64451", ["RT"])]), colleague) == {("NCCI-01", "deny", 1)}


@pytest.mark.parametrize("payer", ["commercial", "blue", "advantage", "medicaid", "workers"])
def test_a_payer_without_a_policy_is_asked_only_where_the_edits_would_deny(payer: str) -> None:
    assert of_ncci(Claim([Line("64451"), Line("64493")], payer=payer)) == {("NCCI-01", "ask", 2)}
    assert of_ncci(Claim([Line("64454"), Line("64450")], payer=payer)) == {("NCCI-01a", "ask", 2)}
    assert of_ncci(Claim([Line("64454"), Line("64450", ["XS"])], payer=payer)) == set()
    assert of_ncci(Claim([Line("64454", ["RT"]), Line("64450", ["RT"])], payer=payer)) == set()


def test_a_line_that_several_edits_deny_is_told_once() -> None:
    claim = Claim([Line("64615"), Line("20553"), Line("64405")])
    assert of_ncci(claim) == {("NCCI-01a", "deny", 2), ("NCCI-01a", "deny", 3)}


def test_visits_and_monthly_care_are_left_to_their_own_rules() -> None:
    assert of_ncci(Claim([Line("99213"), Line("20610", ["RT"])])) == set()
    assert of_ncci(Claim([Line("99491"), Line("99490")])) == set()


def test_a_day_before_the_oldest_table_is_not_judged() -> None:
    early = dt.date(2024, 6, 30)
    assert of_ncci(Claim([Line("64451"), Line("64493"), Line("80307", units=2)], on=early)) == set()
    assert of_ncci(Claim([Line("80307", units=2)], on=early, payer="commercial")) == set()


@pytest.mark.parametrize(("units", "expected"), [(16, set()), (17, {("NCCI-05", "deny", 1)})])
def test_one_line_above_the_limit(units: int, expected: set[tuple[str, str, int]]) -> None:
    assert of_ncci(Claim([Line("J3301", units=units)])) == expected


def test_units_of_all_lines_of_the_day_are_added_and_told_where_they_cross() -> None:
    guided = [Line("64405", ["RT"]), Line("76942"), Line("64418", ["RT"]), Line("76942", ["59"])]
    assert of_ncci(Claim(guided)) == {("NCCI-06", "deny", 4)}
    assert of_ncci(Claim([*guided, Line("64430"), Line("76942", ["XS"])])) == {("NCCI-06", "deny", 4)}
    assert of_ncci(Claim(guided, payer="commercial")) == {("NCCI-06", "ask", 4)}
    assert of_ncci(Claim(guided[:3])) == set()


def test_units_of_an_earlier_claim_of_the_day_count() -> None:
    earlier = Claim([Line("80307")], id="A1", on=DAY)
    assert of_ncci(Claim([Line("80307", ["59"])], id="A2"), history=(earlier,)) == {("NCCI-06", "deny", 1)}
    assert of_ncci(Claim([Line("80307")], id="A2"), history=(earlier,)) == set(), "a duplicate"
    other_day = Claim([Line("80307")], id="A1", on=DAY - dt.timedelta(days=1))
    assert of_ncci(Claim([Line("80307", ["59"])], id="A2"), history=(other_day,)) == set()


def test_drug_and_its_waste_together_stay_below_the_limit() -> None:
    assert of_ncci(Claim([Line("J0585", units=155), Line("J0585", ["JW"], units=45)])) == set()


def test_an_assistant_is_not_counted_with_the_surgeon() -> None:
    assistant = Line("63030", ["80"], rendering=npi(77))
    assert of_ncci(Claim([Line("63030"), assistant])) == set()


def test_a_code_medicare_allows_no_units_is_no_question_to_another_payer() -> None:
    assert of_ncci(Claim([Line("99080")])) == {("NCCI-05", "deny", 1)}
    assert of_ncci(Claim([Line("99080")], payer="workers")) == set()


def test_minutes_are_not_units() -> None:
    assert of_ncci(Claim([Line("80307", units=30, basis="MJ")])) == set()


PAIRS = """
20553 20552 0
20560 97810 0
20553 64405 1
20553 64418 1
20610 20552 1
20610 20553 1
20611 20610 1
20610 76942 1
20611 76942 1
20611 77002 1
62323 77003 1
62323 77002 1
62323 76942 1
62323 64483 1
62321 64479 1
62323 62322 0
64483 77003 1
64493 77012 1
64490 76942 1
64493 76000 1
64490 0213T 0
64493 0216T 0
64461 64420 0
64461 64479 0
64461 62320 0
20610 96372 1
64493 96374 1
64405 01992 0
64450 01991 0
64635 64493 1
64633 64490 1
64635 62323 1
64635 64625 1
64451 64493 0
27096 62323 1
27096 64483 1
27096 20610 1
27096 20553 1
62323 64451 1
64624 64454 1
64454 64450 1
64454 64447 1
64640 64450 1
64615 64405 1
64615 20553 1
64615 99213 1
63650 95970 1
63650 95971 1
63650 95972 1
63650 77003 1
63650 76000 1
63663 63650 0
95972 95971 0
62370 62369 0
62370 95991 0
80307 80305 0
80307 80306 0
G0483 G0482 0
99491 99490 0
20610 99213 1
64493 99214 1
"""


def of_the_line(claim: Claim, line: int) -> set[str]:
    """The rules that deny one line of `claim`."""
    return {rule for rule, outcome, place in told(claim) if outcome == "deny" and place == line}


@pytest.mark.parametrize("row", PAIRS.split("\n")[1:-1])
def test_each_pair_that_pain_practices_meet_is_told_at_the_code_not_paid(row: str) -> None:
    paid, unpaid, indicator = row.split()
    assert of_the_line(Claim([Line(paid), Line(unpaid)]), 2)
    assert of_the_line(Claim([Line(unpaid), Line(paid)]), 1)
    lifted = Claim([Line(paid), Line(unpaid, ["25" if unpaid[:3] == "992" else "59"])])
    edits = {rule for rule in of_the_line(lifted, 2) if rule.startswith(("NCCI-", "EM-"))}
    if indicator == "1":
        assert not edits
    else:
        assert of_the_line(lifted, 2)


ABSENT = """
62323 20553
62323 64493
64483 64493
64633 64635
64490 64493
27096 64451
64625 64451
64405 64450
20553 97140
20553 98941
G3002 20610
62323 99152
80307 G0480
"""


@pytest.mark.parametrize("row", ABSENT.split("\n")[1:-1])
def test_pairs_that_people_expect_and_no_edit_names(row: str) -> None:
    first, second = row.split()
    for pair in ((first, second), (second, first)):
        claim = Claim([Line(code) for code in pair])
        assert not {rule for rule, _, _ in told(claim) if rule.startswith("NCCI-0")}


def test_a_code_of_an_earlier_claim_is_told_at_the_code_that_includes_it() -> None:
    paid, unpaid = Claim([Line("62323")], id="A2"), Claim([Line("64483")], id="A1")
    assert of_ncci(paid, history=(unpaid,)) == {("NCCI-04", "audit", 1)}
    assert of_ncci(unpaid, history=(paid,)) == {("NCCI-01a", "deny", 1)}
    assert of_ncci(paid, unpaid) == {("NCCI-01a", "deny", 1)}
    apart = Claim([Line("64483", ["59"])], id="A1")
    assert of_ncci(paid, history=(apart,)) == set()
    assert of_ncci(Claim([Line("62323", ["XS"])], id="A2"), history=(unpaid,)) == set()
    never = Claim([Line("64493", ["59"])], id="A1")
    assert of_ncci(Claim([Line("64451")], id="A2"), history=(never,)) == {("NCCI-04", "audit", 1)}
    for payer in ("commercial", "workers"):
        new, old = Claim([Line("62323")], payer=payer, id="A2"), Claim([Line("64483")], payer=payer, id="A1")
        assert of_ncci(new, history=(old,)) == set()


@pytest.mark.parametrize(
    ("now", "before", "apart"),
    [
        ("20553", "20552", None),
        ("20561", "20560", None),
        ("20560", "97810", None),
        ("20552", "20560", "20560-XS"),
        ("20611-RT", "20610-RT", "20610-LT"),
        ("62323", "77003", "77003-59"),
        ("20610-RT", "76942", "76942-XS"),
        ("62323", "99213", "99213-25"),
        ("62323-RT", "99213", "99213-25"),
        ("27279-RT", "99213", "99213-57"),
        ("99215", "99213", "99213-25"),
        ("99490", "99091", "99091-59"),
        ("64454-RT", "64450-RT", "64450-LT"),
    ],
)
def test_the_worse_half_on_an_earlier_claim_is_told_once_whatever_rule_knows_the_pair(
    now: str, before: str, apart: str | None
) -> None:
    def claim(text: str, payer: str = "medicare") -> Claim:
        code, *mods = text.split("-")
        return Claim([Line(code, mods)], id=text, dx=("E119", "I10"), payer=payer)

    alone = told(claim(now))
    assert told(claim(now), history=(claim(before),)) == alone | {("NCCI-04", "audit", 1)}
    if apart:
        assert told(claim(now), history=(claim(apart),)) == alone
    assert told(claim(now), history=(claim(before, "commercial"),)) == alone


def test_one_earlier_visit_is_one_finding_beside_two_procedures() -> None:
    visit = Claim([Line("99213")], id="A1")
    procedures = Claim([Line("62323"), Line("20553", ["59"])], id="A2")
    assert of_ncci(procedures, history=(visit,)) == {("NCCI-04", "audit", 1)}


def test_a_line_that_nothing_lifts_is_told_before_one_that_a_modifier_lifts() -> None:
    earlier = Claim([Line("64483", ["59"]), Line("77003")], id="A1")
    found = findings(Claim([Line("62323")], id="A2"), history=(earlier,)).filter(rule="NCCI-04")
    assert found["message"].to_list() == [
        "77003 on an earlier claim of this day is part of 62323: one of the two is taken back"
    ]


def test_a_further_block_of_care_on_an_earlier_claim_is_not_told() -> None:
    first = Claim([Line("99491")], id="A2", dx=("E119", "I10"))
    further = Claim([Line("99439")], id="A1", dx=("E119", "I10"))
    assert of_ncci(first, history=(further,)) == set()


def test_imaging_that_the_payer_pays_is_not_told_on_an_earlier_claim_either() -> None:
    now = Claim([Line("62323")], id="A2", payer="commercial")
    earlier = Claim([Line("77003")], id="A1", payer="commercial")
    for pays in (False, True):
        policies = policies_of("commercial", ncci_edits=True, imaging_with_epidural=pays)
        found = told(now, history=(earlier,), policies=policies)
        assert (("NCCI-04", "audit", 1) in found) == (not pays)


def test_a_pair_that_earlier_claims_made_is_not_told_again_at_the_code_that_is_paid() -> None:
    lines = [Line("62323"), Line("64483")]
    again = told(Claim(lines, id="A2"), history=(Claim(lines, id="A1"),))
    assert again == {("DUP-01", "deny", 1), ("DUP-01", "deny", 2), ("NCCI-01a", "deny", 2)}
    new = Claim([Line("62323", ["76"])], id="A2")
    assert ("NCCI-04", "audit", 1) not in told(new, history=(Claim(lines, id="A1"),))


def test_a_code_of_the_day_before_is_no_pair() -> None:
    before = Claim([Line("64483")], id="A1", on=DAY - dt.timedelta(days=1))
    assert of_ncci(Claim([Line("62323")], id="A2"), history=(before,)) == set()


@pytest.mark.parametrize(
    ("injection", "mods", "expected"),
    [
        (Line("20610"), [], ("NCCI-01a", "deny", 2)),
        (Line("20610", ["RT"]), [], ("INJ-15a", "audit", 2)),
        (Line("20610", ["RT"]), ["RT"], ("INJ-15a", "audit", 2)),
        (Line("64405", ["LT"]), [], ("INJ-15a", "audit", 2)),
        (Line("64483", ["RT"]), [], ("INJ-15a", "audit", 2)),
        (Line("20610", ["RT"]), ["59"], None),
        (Line("20610", ["RT"]), ["XS"], None),
        (Line("20610", ["RT"]), ["LT"], None),
    ],
)
def test_a_side_on_an_injection_does_not_set_an_administration_apart(
    injection: Line, mods: list[str], expected: tuple[str, str, int] | None
) -> None:
    found = {
        t for t in told(Claim([injection, Line("96372", mods)])) if t[0] in {"NCCI-01a", "NCCI-02", "INJ-15a"}
    }
    assert found == ({expected} if expected else set())


def test_a_side_on_an_injection_says_nothing_of_what_has_no_sides() -> None:
    for other in ("20553", "64615"):
        assert of_ncci(Claim([Line("64405", ["RT"]), Line(other)])) == set()


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (("62323", "64483"), "epidurals are"),
        (("64635", "62323"), "facet procedures (synovial cysts aside) are"),
        (("27096", "62323"), "epidurals are"),
        (("20553", "64493"), "facet procedures (synovial cysts aside) are"),
        (("64454", "64450"), None),
    ],
)
def test_a_pair_that_coverage_forbids_is_not_sent_for_a_modifier(
    codes: tuple[str, str], named: str | None
) -> None:
    found = findings(Claim([Line(code) for code in codes])).filter(rule="NCCI-01a")["message"]
    assert len(found) == 1
    assert ("modifier is missing" in found[0]) is (named is None)
    assert named is None or f"a modifier is no help: {named} covered" in found[0]


def test_an_add_on_with_an_open_list_needs_something_to_add_to() -> None:
    assert ("NCCI-07", "ask", 1) in told(Claim([Line("96160")]))
    assert ("NCCI-07", "ask", 1) in told(Claim([Line("77001")]))
    for rule, _, _ in told(Claim([Line("96160"), Line("99213")])) | told(
        Claim([Line("77001"), Line("36556")])
    ):
        assert rule != "NCCI-07"
    assert ("NCCI-07", "ask", 1) not in told(Claim([Line("96160")], payer="commercial"))


def test_the_assessment_that_begins_chronic_care_belongs_to_a_visit() -> None:
    conditions = ("E119", "I10")
    assert ("NCCI-07", "ask", 1) in told(Claim([Line("G0506")], dx=conditions))
    assert ("NCCI-07", "ask", 2) in told(Claim([Line("99490"), Line("G0506")], dx=conditions))
    assert of_ncci(Claim([Line("99214"), Line("G0506")], dx=conditions)) == set()
    assert of_ncci(Claim([Line("99490")], dx=conditions)) == set()
