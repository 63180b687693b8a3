"""The numbers of a check: each cent at risk once, each claim under its worst outcome."""

import polars as pl
import pytest

from anodyne.app.summary import Summary, Tally
from anodyne.model.frames import FINDINGS, empty
from tests.claims import AS_OF, reference

CHARGE = 300_00

Found = tuple[int | None, int | None, str, int]
"""A made-up finding: claim, line (none: the whole claim), outcome, cents at risk."""


def tally(*found: Found, claims: int = 2) -> Summary:
    """The summary of claims of 300 dollars about which this was found."""
    names = ("claim_key", "line_key", "outcome", "at_risk_cents")
    rows = pl.DataFrame(list(found), schema={name: FINDINGS[name] for name in names}, orient="row")
    tally = Tally(reference())
    keys = pl.DataFrame({"claim_key": pl.Series(range(claims), dtype=pl.UInt32)})
    tally.count_findings(
        keys.with_columns(charge_cents=pl.lit(CHARGE, pl.Int64)),
        pl.concat([empty(FINDINGS), rows], how="diagonal"),
    )
    return tally.summary(rules=0, as_of=AS_OF, seconds=0.0)


@pytest.mark.parametrize(
    ("found", "at_risk", "audit"),
    [
        pytest.param([], 0, 0, id="nothing found"),
        pytest.param([(0, 1, "deny", 100_00)], 100_00, 0, id="one line"),
        pytest.param(
            [(0, 1, "deny", 100_00), (0, 1, "deny", 40_00)], 100_00, 0, id="two findings on one line"
        ),
        pytest.param([(0, 1, "reject", 40_00), (0, 1, "deny", 100_00)], 100_00, 0, id="reject and deny"),
        pytest.param([(0, 1, "deny", 100_00), (0, 2, "deny", 50_00)], 150_00, 0, id="two lines add up"),
        pytest.param([(0, 1, "deny", 100_00), (1, 3, "deny", 50_00)], 150_00, 0, id="two claims add up"),
        pytest.param([(0, None, "deny", 300_00), (0, 1, "deny", 100_00)], 300_00, 0, id="claim over line"),
        pytest.param([(0, None, "deny", 50_00), (0, 1, "deny", 100_00)], 100_00, 0, id="line over claim"),
        pytest.param([(0, None, "deny", 50_00), (0, None, "deny", 60_00)], 60_00, 0, id="two on the claim"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 99_99)], 299_99, 0, id="just below the charge"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 100_00)], 300_00, 0, id="at the charge"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 100_01)], 300_00, 0, id="above the charge"),
        pytest.param([(0, 1, "audit", 100_00)], 0, 100_00, id="audit alone"),
        pytest.param(
            [(0, 1, "deny", 100_00), (0, 1, "audit", 100_00)], 100_00, 0, id="audit of a denied line"
        ),
        pytest.param(
            [(0, 1, "deny", 60_00), (0, 1, "audit", 100_00)], 60_00, 40_00, id="audit of more of it"
        ),
        pytest.param([(0, 1, "deny", 60_00), (0, 2, "audit", 100_00)], 60_00, 100_00, id="audit on top"),
        pytest.param([(0, 1, "ask", 100_00), (0, 2, "missed", 50_00)], 0, 0, id="asks and missed"),
        pytest.param([(None, None, "reject", 0)], 0, 0, id="the envelope"),
    ],
)
def test_each_cent_is_at_risk_once(found: list[Found], at_risk: int, audit: int) -> None:
    summary = tally(*found)
    assert (summary.at_risk_cents, summary.audit_cents) == (at_risk, audit)


def test_a_claim_counts_under_its_worst_outcome() -> None:
    summary = tally(
        (0, 1, "ask", 0), (0, 2, "deny", 1), (1, 3, "audit", 1), (1, 3, "ask", 0), (None, None, "reject", 0)
    )
    assert {name: count for name, count in summary.claims_by_outcome.items() if count} == {
        "deny": 1,
        "audit": 1,
    }
    assert summary.by_outcome == {"reject": 1, "deny": 1, "audit": 1, "ask": 2, "missed": 0}
