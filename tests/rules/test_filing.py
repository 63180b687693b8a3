"""Filing, from the bytes of a claim to the finding."""

import datetime as dt

import pytest

from anodyne.reference.policies import Policies, Said
from tests.claims import Claim, Line, findings, npi, policies_of, told

Told = set[tuple[str, str, int | None]]
TODAY = dt.date(2026, 11, 21)


def filing(claim: Claim, as_of: dt.date = TODAY, policies: Policies | None = None) -> Told:
    found = told(claim, as_of=as_of, policies=policies)
    return {finding for finding in found if finding[0].startswith("TF-")}


@pytest.mark.parametrize(
    ("served", "last"),
    [
        (dt.date(2025, 11, 13), dt.date(2026, 11, 13)),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
        (dt.date(2023, 3, 1), dt.date(2024, 3, 1)),
        (dt.date(2023, 2, 28), dt.date(2024, 2, 28)),
        (dt.date(2025, 11, 14), dt.date(2026, 11, 16)),  # a Saturday, to the Monday
        (dt.date(2025, 11, 26), dt.date(2026, 11, 27)),  # Thanksgiving
        (dt.date(2025, 7, 3), dt.date(2026, 7, 6)),  # 4 July on a Saturday is kept on Friday the 3rd
        (dt.date(2025, 5, 23), dt.date(2026, 5, 26)),  # a Saturday before Memorial Day
    ],
)
def test_medicare_takes_a_line_up_to_the_same_day_a_year_later(served: dt.date, last: dt.date) -> None:
    claim = Claim([Line("99213")], on=served)
    assert filing(claim, as_of=last) == set()
    assert filing(claim, as_of=last + dt.timedelta(days=1)) == {("TF-01", "deny", 1)}


def test_a_span_counts_from_its_first_day() -> None:
    claim = Claim([Line("99213", on=dt.date(2025, 11, 1), to=dt.date(2025, 11, 30))])
    assert filing(claim) == {("TF-01", "deny", 1)}


def test_late_lines_are_told_once_a_day_and_lines_in_time_not_at_all() -> None:
    late, in_time = dt.date(2025, 11, 1), dt.date(2025, 11, 25)
    lines = [Line("99213", on=in_time), Line("20610", on=late), Line("J3301", on=late, charge=20_00)]
    found = findings(Claim(lines)).filter(rule="TF-01")
    assert found.select("line", "at_risk_cents").rows() == [(2, 120_00)]
    assert found["message"].item() == (
        "served 2025-11-01 (2 lines), due by 2026-11-02: only an exception the payer grants can help"
    )


def test_other_payers_have_limits_of_their_own_and_are_left_alone() -> None:
    assert filing(Claim([Line("99213")], on=dt.date(2024, 1, 2), payer="commercial")) == set()


def test_a_replacement_names_the_claim_it_replaces() -> None:
    for frequency in ("7", "8"):
        claim = Claim([Line("99213")], payer="commercial", frequency=frequency)
        assert filing(claim) == {("TF-03", "reject", None)}
        assert filing(Claim([Line("99213")], payer="commercial", frequency=frequency, original="X1")) == set()
    assert filing(Claim([Line("99213")], payer="commercial", original="X1")) == set()


def test_medicare_takes_no_replacement_and_says_so_once() -> None:
    for original in ("", "X1"):
        claim = Claim([Line("99213")], frequency="7", original=original)
        assert filing(claim) == {("TF-03a", "reject", None)}


@pytest.mark.parametrize(
    ("limit", "served", "last"),
    [
        ({"filing_days": 90}, dt.date(2026, 8, 23), dt.date(2026, 11, 21)),
        ({"filing_days": 120}, dt.date(2024, 2, 29), dt.date(2024, 6, 28)),
        ({"filing_days": 365}, dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
        ({"filing_days": 365}, dt.date(2023, 3, 1), dt.date(2024, 2, 29)),
        ({"filing_days": 364}, dt.date(2025, 3, 1), dt.date(2026, 2, 28)),
        ({"filing_months": 6}, dt.date(2026, 3, 31), dt.date(2026, 9, 30)),
        ({"filing_months": 6}, dt.date(2025, 8, 31), dt.date(2026, 2, 28)),
        ({"filing_months": 6}, dt.date(2023, 8, 31), dt.date(2024, 2, 29)),
        ({"filing_months": 12}, dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
        ({"filing_years": 2}, dt.date(2024, 2, 29), dt.date(2026, 2, 28)),
        (
            {"filing_years": 1},
            dt.date(2025, 5, 23),
            dt.date(2026, 5, 23),
        ),  # a Saturday: no payer's but Medicare's
        ({"filing_days": 90, "filing_next_workday": True}, dt.date(2026, 7, 6), dt.date(2026, 10, 5)),
        ({"filing_days": 45, "filing_next_workday": True}, dt.date(2026, 5, 20), dt.date(2026, 7, 6)),
    ],
)
def test_a_payers_own_limit_to_the_day(limit: dict[str, Said], served: dt.date, last: dt.date) -> None:
    policies = policies_of("commercial", **limit)
    claim = Claim([Line("99213")], on=served, payer="commercial")
    assert filing(claim, last, policies) == set()
    assert filing(claim, last + dt.timedelta(days=1), policies) == {("TF-02", "deny", 1)}
    assert filing(Claim([Line("99213")], on=served, payer="blue"), dt.date(2026, 12, 31), policies) == set()


def test_a_payers_limit_names_its_last_day() -> None:
    policies = policies_of("commercial", filing_days=90)
    claim = Claim([Line("99213"), Line("20610")], on=dt.date(2026, 8, 1), payer="commercial")
    found = findings(claim, policies=policies).filter(rule="TF-02")
    assert found["message"].item() == (
        "served 2026-08-01 (2 lines), due by 2026-10-30: past this payer's limit; "
        "look for proof of an earlier filing"
    )
    assert found["at_risk_cents"].to_list() == [200_00]


def test_each_line_counts_from_its_own_first_day() -> None:
    policies = policies_of("commercial", filing_days=90)
    lines = [
        Line("99213", on=dt.date(2026, 8, 22), to=dt.date(2026, 9, 30)),
        Line("99213", on=dt.date(2026, 8, 23)),
    ]
    assert filing(Claim(lines, payer="commercial"), policies=policies) == {("TF-02", "deny", 1)}


@pytest.mark.parametrize(
    ("left", "expected"), [(8, set()), (7, {("TF-02a", "ask", 1)}), (0, {("TF-02a", "ask", 1)})]
)
def test_a_claim_is_told_to_be_nearly_late_as_early_as_the_policy_says(left: int, expected: Told) -> None:
    limits = {"filing_days": 90, "filing_warning_days": 7}
    policies = policies_of("commercial", **limits)
    last = dt.date(2026, 11, 21)
    claim = Claim([Line("99213")], on=last - dt.timedelta(days=90), payer="commercial")
    assert filing(claim, last - dt.timedelta(days=left), policies) == expected
    assert filing(claim, last + dt.timedelta(days=1), policies) == {("TF-02", "deny", 1)}


@pytest.mark.parametrize(("frequency", "days"), [("1", 90), ("7", 180)])
def test_a_replacement_has_the_limit_of_corrections(frequency: str, days: int) -> None:
    policies = policies_of("commercial", filing_days=90, corrected_filing_days=180)
    claim = Claim(
        [Line("99213")], on=dt.date(2026, 3, 2), payer="commercial", frequency=frequency, original="X1"
    )
    last = dt.date(2026, 3, 2) + dt.timedelta(days=days)
    assert filing(claim, last, policies) == set()
    assert filing(claim, last + dt.timedelta(days=1), policies) == {("TF-02", "deny", 1)}


def test_a_void_is_never_late() -> None:
    policies = policies_of("commercial", filing_days=90)
    void = Claim([Line("99213")], on=dt.date(2026, 1, 5), payer="commercial", frequency="8", original="X1")
    assert filing(void, policies=policies) == set()


@pytest.mark.parametrize(("late", "expected"), [(45, set()), (46, {("TF-02", "deny", 1)})])
def test_no_fault_bills_in_new_york_have_45_days(late: int, expected: Told) -> None:
    on = TODAY - dt.timedelta(days=late)
    assert filing(Claim([Line("99213")], on=on, payer="motor", state="NY")) == expected
    assert filing(Claim([Line("99213")], on=on, payer="motor", state="NJ")) == set()


def duplicates(*claims: Claim, history: tuple[Claim, ...] = ()) -> Told:
    return {finding for finding in told(*claims, history=history) if finding[0] == "DUP-01"}


@pytest.mark.parametrize("code", ["99213", "20610", "64405", "64483", "80307", "J3301", "99490", "97110"])
@pytest.mark.parametrize("payer", ["medicare", "commercial"])
def test_a_service_on_two_claims_is_told_once_at_the_later(code: str, payer: str) -> None:
    first, second = (Claim([Line(code)], id=name, payer=payer) for name in ("A1", "A2"))
    assert duplicates(second, history=(first,)) == {("DUP-01", "deny", 1)}
    found = findings(first, second).filter(rule="DUP-01")
    assert found["claim"].to_list() == ["A2"]
    alone = {rule for rule, _, _ in told(first)}
    assert {rule for rule, _, _ in told(second, history=(first,))} - alone == {"DUP-01"}


@pytest.mark.parametrize("modifier", ["76", "77", "91", "59", "XE", "XP", "XS", "XU"])
def test_a_modifier_tells_a_repeat_apart(modifier: str) -> None:
    first = Claim([Line("97110")], id="A1")
    assert duplicates(Claim([Line("97110", [modifier])], id="A2"), history=(first,)) == set()
    repeat = Claim([Line("97110", [modifier])], id="A1")
    assert duplicates(Claim([Line("97110", [modifier])], id="A2"), history=(repeat,)) == set()


@pytest.mark.parametrize(
    "apart",
    [
        {"patient": 2},
        {"on": dt.date(2026, 10, 15)},
        {"billing": 42},
        {"payer": "commercial"},
        {"rendering": npi(77), "taxonomy": "363LF0000X"},
        {"lines": [Line("20610", ["RT"])]},
        {"id": "A1"},
        {"frequency": "7", "original": "X1", "id": "A1"},
        {"frequency": "8", "original": "X1", "id": "A1"},
    ],
)
def test_what_is_no_duplicate(apart: dict[str, object]) -> None:
    first = Claim([Line("20610", ["LT"])], id="A1")
    other: dict[str, object] = {"lines": [Line("20610", ["LT"])], "id": "A2"} | apart
    assert duplicates(Claim(**other), history=(first,)) == set()  # type: ignore[arg-type]


def test_modifiers_in_another_order_are_the_same_and_lines_of_one_claim_are_no_duplicates() -> None:
    first = Claim([Line("64483", ["RT", "KX"])], id="A1")
    assert duplicates(Claim([Line("64483", ["KX", "RT"])], id="A2"), history=(first,)) == {
        ("DUP-01", "deny", 1)
    }
    assert duplicates(Claim([Line("64450", ["RT"]), Line("64450", ["RT"])])) == set()


def test_a_claim_for_the_second_payer_is_no_duplicate_of_the_first() -> None:
    first = Claim([Line("20610")], id="A1")
    second = Claim([Line("20610")], id="A1S", payer="commercial", rank="S")
    assert duplicates(second, history=(first,)) == set()


def test_a_payer_s_list_of_codes_to_authorise() -> None:
    policies = policies_of("commercial", authorisation_codes=("64635", "64636"))

    def numbers(claim: Claim) -> Told:
        return {finding for finding in told(claim, policies=policies) if finding[0] == "PA-10"}

    burn = [Line("64635"), Line("64636"), Line("J3301")]
    assert numbers(Claim(burn, payer="commercial", auth="")) == {("PA-10", "deny", 1), ("PA-10", "deny", 2)}
    assert numbers(Claim(burn, payer="commercial", auth="X")) == set()
    assert numbers(Claim(burn, payer="blue", auth="")) == set()
    assert numbers(Claim([Line("20610")], payer="commercial", auth="")) == set()
