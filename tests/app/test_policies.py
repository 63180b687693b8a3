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


def plan(folder: Path, *values: tuple[str, str], payer_id: str = "CDR01") -> Policies:
    """A practice's policy for the payer `payer_id` that holds `values`."""
    text = f"""
        id = "plan"
        title = "Plan"
        [match]
        payer_id = ["{payer_id}"]
        [[source]]
        id = "manual"
        title = "Plan manual"
        read = 2026-01-05
    """
    for name, value in values:
        text += f'[[value]]\nname = "{name}"\nis = {value}\nfrom = 2025-01-01\ncite = "manual"\n'
    file = folder / "plan.toml"
    file.write_text(text, encoding="utf-8")
    return load_policies([file])


ONE_LINE = [Line("64483", ["50"])]
RIGHT_AND_LEFT = [Line("64483", ["RT"]), Line("64483", ["LT"])]
SECOND_WITH_50 = [Line("64483"), Line("64483", ["50"])]


@pytest.mark.parametrize(
    ("form", "lines", "wrong"),
    [
        ("one_line_50", ONE_LINE, set()),
        ("one_line_50", RIGHT_AND_LEFT, {"INJ-11"}),
        ("two_lines", ONE_LINE, {"MOD-50"}),
        ("two_lines", RIGHT_AND_LEFT, set()),
        ("two_lines_50", ONE_LINE, {"MOD-50"}),
        ("two_lines_50", RIGHT_AND_LEFT, {"MOD-50"}),
        ("two_lines_50", SECOND_WITH_50, set()),
    ],
)
def test_both_sides_are_judged_by_the_form_that_the_payer_wants(
    tmp_path: Path, form: str, lines: list[Line], wrong: set[str]
) -> None:
    policies = plan(tmp_path, ("bilateral_form", f'"{form}"'), ("ncci_edits", "true"), ("mue_edits", "true"))
    claim = Claim(lines, payer="commercial")
    told = found(tmp_path, claim, select=["MOD", "INJ", "NCCI", "DUP", "LCD"], policies=policies)
    assert {rule for _, rule in told} == wrong


@pytest.mark.parametrize(
    ("paid", "lines", "wrong"),
    [
        ("true", [Line("62323"), Line("77003")], set()),
        ("true", [Line("62323"), Line("77003", ["59"])], set()),
        ("true", [Line("64483", ["RT"]), Line("77003")], set()),
        ("true", [Line("64493", ["RT"]), Line("77003")], {"INJ-07"}),
        ("true", [Line("62322"), Line("77003")], {"INJ-07a"}),
        ("false", [Line("62323"), Line("77003")], {"INJ-07"}),
    ],
)
def test_imaging_beside_an_epidural_is_the_payers_to_pay(
    tmp_path: Path, paid: str, lines: list[Line], wrong: set[str]
) -> None:
    policies = plan(tmp_path, ("imaging_with_epidural", paid), ("ncci_edits", "true"), ("mue_edits", "true"))
    claim = Claim(lines, payer="commercial")
    told = found(tmp_path, claim, select=["INJ", "NCCI"], policies=policies)
    assert {rule for _, rule in told} == wrong


def test_a_plan_that_follows_the_coverage_policies_is_judged_by_them(tmp_path: Path) -> None:
    policies = plan(tmp_path, ("epidural_lcd", "true"), payer_id="RVADV")
    claim = Claim([Line("62321"), Line("62323")], payer="advantage")
    told = found(tmp_path, claim, select=["LCD-E3a"], policies=policies)
    assert told[("A100", "LCD-E3a")][0].source == "Plan manual"
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


def test_the_value_that_is_compared_is_cited_before_those_it_is_counted_by(tmp_path: Path) -> None:
    values = {
        "ncci_edits": ("true", 1),
        "sessions_by_side": ("false", 2),
        "trigger_point_sessions_year": ("3", 3),
    }
    text = 'id = "own"\ntitle = "Own"\n[match]\npayer_id = ["CDR01"]\n'
    text += '[[source]]\nid = "manual"\ntitle = "Manual"\nread = 2026-01-05\n'
    text += "".join(
        f'[[value]]\nname = "{name}"\nis = {value}\nfrom = 2025-01-01\ncite = "manual"\n'
        f'section = "page {page}"\n'
        for name, (value, page) in values.items()
    )
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "own.toml").write_text(text, encoding="utf-8")
    days = [dt.date(2026, month, 5) for month in (1, 4, 7, 10)]
    claims = [Claim([Line("20552")], payer="commercial", id=f"T{day:%m}", on=day) for day in days]
    told = found(tmp_path, *claims, select=["LCD-T1"], policies=load_policies([tmp_path / "policies"]))
    assert [cite.section for cite in told[("T10", "LCD-T1")]][:2] == ["page 3", "page 2"]
