"""Filing, from the bytes of a claim to the finding."""

import datetime as dt

import pytest

from tests.claims import Claim, Line, findings, told


def filing(claim: Claim, as_of: dt.date = dt.date(2026, 11, 21)) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(claim, as_of=as_of) if finding[0].startswith("TF-")}


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
