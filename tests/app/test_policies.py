"""Policies in a check: what a contractor's place decides, and what a finding cites."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from anodyne.app.check import check
from anodyne.kernel.cite import Cite
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import load_policies
from tests.claims import AS_OF, Claim, Line, file_of, reference

THIRD = [Line("64493", ["RT", "KX"]), Line("64494", ["RT", "KX"]), Line("64495", ["RT", "KX"])]
FACET = ("M47816",)


def found(
    folder: Path, *claims: Claim, select: Sequence[str], policies: Policies | None = None
) -> dict[tuple[str, str], tuple[Cite, ...]]:
    """The findings of `select` on `claims`: claim and rule, with what each cites."""
    day = folder / "day.837"
    day.write_bytes(file_of(*claims))
    with check([str(day)], as_of=AS_OF, select=select, reference=reference(), policies=policies) as report:
        return {
            (claim, rule): report.cites(key, ruling)
            for chunk in report.chunks()
            for claim, rule, key, ruling in chunk.findings.select(
                "claim", "rule", "rule_key", "ruling"
            ).iter_rows()
        }


@pytest.mark.parametrize(
    ("state", "source"),
    [
        ("OH", "LCD L38773 of CGS, facet joint interventions"),
        ("CA", "LCD L38801 of Noridian JE, facet joint interventions"),
        ("WA", "LCD L38803 of Noridian JF, facet joint interventions"),
        ("TX", "LCD L34892 of Novitas, facet joint interventions"),
        ("PR", "LCD L33930 of First Coast, facet joint interventions"),
    ],
)
def test_a_coverage_finding_cites_the_contractor_of_the_place(
    tmp_path: Path, state: str, source: str
) -> None:
    cites = found(tmp_path, Claim(THIRD, dx=FACET, state=state), select=["LCD-F7"])[("A100", "LCD-F7")]
    assert cites[0].source == source
    assert cites[0].url.startswith("https://www.cms.gov/medicare-coverage-database/")


def test_claims_of_two_places_in_one_file_cite_each_its_own(tmp_path: Path) -> None:
    claims = [
        Claim(THIRD, dx=FACET, id=state, patient=number, state=state)
        for number, state in enumerate(("OH", "CA", "OH"), 1)
    ]
    told = found(tmp_path, *claims, select=["LCD-F7"])
    assert told[("OH", "LCD-F7")][0].source.startswith("LCD L38773")
    assert told[("CA", "LCD-F7")][0].source.startswith("LCD L38801")


@pytest.mark.parametrize(
    ("state", "day", "told"),
    [
        ("GA", dt.date(2024, 7, 6), "on appeal"),
        ("GA", dt.date(2024, 7, 7), "two levels are covered"),
        ("TX", dt.date(2024, 8, 10), "on appeal"),
        ("TX", dt.date(2024, 8, 11), "two levels are covered"),
    ],
)
def test_a_contractors_day_decides(tmp_path: Path, state: str, day: dt.date, told: str) -> None:
    path = tmp_path / "day.837"
    path.write_bytes(file_of(Claim(THIRD, dx=FACET, state=state, on=day)))
    with check([str(path)], as_of=AS_OF, select=["LCD-F7"], reference=reference()) as report:
        messages = [message for chunk in report.chunks() for message in chunk.findings["message"]]
    assert [told in message for message in messages] == [True]


@pytest.mark.parametrize(
    "claim",
    [
        Claim(THIRD, dx=FACET, payer="commercial"),
        Claim(THIRD, dx=FACET, payer="advantage"),
        Claim([Line("64493", ["RT"]), Line("64490", ["RT"])], dx=FACET, payer="commercial"),
        Claim([Line("62321"), Line("62323")], payer="commercial"),
        Claim([Line("62322")], payer="commercial"),
        Claim(THIRD, dx=FACET, state="ON"),
    ],
    ids=["third level", "advantage", "facet regions", "epidural regions", "no imaging", "no contractor"],
)
def test_where_no_coverage_policy_binds_nothing_is_said(tmp_path: Path, claim: Claim) -> None:
    assert found(tmp_path, claim, select=["LCD-F", "LCD-E"]) == {}


def test_a_plan_that_follows_the_coverage_policies_is_judged_by_them(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(
        """
        id = "plan"
        title = "Riverbend"
        [match]
        payer_id = ["RVADV"]
        [[source]]
        id = "manual"
        title = "Riverbend manual"
        read = 2026-01-05
        [[value]]
        name = "epidural_lcd"
        is = true
        from = 2025-01-01
        cite = "manual"
        """,
        encoding="utf-8",
    )
    claim = Claim([Line("62321"), Line("62323")], payer="advantage")
    told = found(tmp_path, claim, select=["LCD-E3a"], policies=load_policies([file]))
    assert told[("A100", "LCD-E3a")][0].source == "Riverbend manual"
    assert found(tmp_path, claim, select=["LCD-E3a"]) == {}


def test_a_programmes_own_policy_is_cited_last_and_once(tmp_path: Path) -> None:
    claim = Claim([Line("64451", ["RT"]), Line("64493", ["RT", "KX"])], dx=FACET)
    (cites,) = found(tmp_path, claim, select=["NCCI-01"]).values()
    assert cites[0].source.startswith("Medicare NCCI procedure-to-procedure edits")
    assert len({cite.source for cite in cites}) == len(cites)


def test_what_the_code_itself_means_cites_no_payer(tmp_path: Path) -> None:
    claim = Claim([Line("20552"), Line("20553")])
    path = tmp_path / "day.837"
    path.write_bytes(file_of(claim))
    with check([str(path)], as_of=AS_OF, select=["INJ-01"], reference=reference()) as report:
        rulings = [ruling for chunk in report.chunks() for ruling in chunk.findings["ruling"]]
    assert rulings == [None]


def test_a_payer_is_told_with_the_title_of_its_policy_on_the_day(tmp_path: Path) -> None:
    claims = [
        Claim([Line("99213")], id="OH"),
        Claim([Line("99213")], id="OLD", patient=2, on=dt.date(2021, 1, 4)),
        Claim([Line("99213")], id="XX", patient=3, state="ON"),
        Claim([Line("99213")], id="BLUE", patient=4, payer="blue"),
    ]
    path = tmp_path / "day.837"
    path.write_bytes(file_of(*claims))
    with check([str(path)], as_of=AS_OF, select=["INJ-01"], reference=reference()) as report:
        told = dict(
            row
            for chunk in report.chunks()
            for row in chunk.claims.select("claim_id", "payer_policy").iter_rows()
        )
    assert told == {
        "OH": "Medicare Part B, CGS J15",
        "OLD": "Medicare Part B",
        "XX": "Medicare Part B",
        "BLUE": None,
    }
