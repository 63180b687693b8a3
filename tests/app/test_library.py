"""anodyne.check, as an engineer calls it."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import anodyne
from anodyne.cli.main import main
from anodyne.kernel.errors import BadRequest
from anodyne.model.outcome import Outcome
from tests.claims import AS_OF, Claim, Line, file_of

ROOT = Path(__file__).parents[2]
CLAIMS = pl.DataFrame(
    {"claim_key": [7], "patient": ["a"], "filing": ["MB"], "state": ["OH"], "dx1": ["M5416"]}
)
LINES = pl.DataFrame(
    {
        "claim_key": [7, 7],
        "code": ["62323", "77003"],
        "units": [1, 1],
        "charge_cents": [62_500, 14_000],
        "served_on": [dt.date(2026, 11, 17)] * 2,
    }
)


def test_a_file_gives_what_the_command_gives(tmp_path: Path) -> None:
    out = tmp_path / "day.json"
    day, history = str(ROOT / "examples/day.837"), str(ROOT / "examples/history.837")
    main(
        ["check", day, "--history", history, "--as-of", str(AS_OF), "--format", "json", "--output", str(out)]
    )
    told = json.loads(out.read_text("utf-8"))
    found = anodyne.check(day, history=history, as_of=AS_OF)
    assert [(f.claim, f.rule, f.line, f.message, f.fix, f.at_risk_cents) for f in found] == [
        (f["claim"], f["rule"], f["line"], f["message"], f["fix"], f["at_risk_cents"])
        for f in told["findings"]
    ]
    assert [[c.source for c in f.cites] for f in found] == [
        [c["source"] for c in f["cites"]] for f in told["findings"]
    ]
    assert found.summary.at_risk_cents == told["summary"]["at_risk_cents"]


def test_frames_give_what_a_file_of_them_gives(tmp_path: Path) -> None:
    path = tmp_path / "one.837"
    path.write_bytes(file_of(Claim([Line("62323", charge=62_500), Line("77003", charge=14_000)])))
    of_file = anodyne.check(path, as_of=AS_OF)
    of_frames = anodyne.check(of_file.claims.drop("payer_policy"), of_file.lines.drop("label"), as_of=AS_OF)
    assert [(f.rule, f.line, f.message) for f in of_frames] == [(f.rule, f.line, f.message) for f in of_file]


def test_few_columns_are_enough() -> None:
    (found,) = anodyne.check(CLAIMS, LINES, as_of=AS_OF, select=["INJ"])
    assert (found.rule, found.outcome, found.line, found.fix) == ("INJ-07", Outcome.DENY, 2, {"drop": True})


def test_earlier_claims_stand_in_the_same_frames() -> None:
    days = [dt.date(2026, month, 9) for month in (1, 3, 5, 7, 9)]
    claims = pl.DataFrame(
        {
            "claim_key": range(5),
            "patient": [1] * 5,
            "filing": ["MB"] * 5,
            "state": ["OH"] * 5,
            "judged": [False] * 4 + [True],
        }
    )
    lines = pl.DataFrame({"claim_key": range(5), "code": ["62323"] * 5, "served_on": days})
    (found,) = anodyne.check(claims, lines, as_of=AS_OF, select=["LCD-E2"])
    assert found.outcome is Outcome.DENY


@pytest.mark.parametrize(
    ("claims", "lines", "what"),
    [
        (CLAIMS.drop("patient"), LINES, "claims has no patient"),
        (CLAIMS, LINES.drop("code"), "lines has no code"),
        (CLAIMS, LINES.rename({"units": "unit"}), "lines has a column unit that is none of a claim"),
        (CLAIMS, LINES.with_columns(claim_key=pl.lit(8)), "2 lines belong to no claim"),
        (pl.concat([CLAIMS, CLAIMS]), LINES, "two claims have one claim_key"),
        (CLAIMS.with_columns(birth_date=pl.lit("soon")), LINES, "birth_date holds String"),
    ],
)
def test_frames_that_do_not_fit_are_refused(claims: pl.DataFrame, lines: pl.DataFrame, what: str) -> None:
    with pytest.raises(BadRequest, match=what):
        anodyne.check(claims, lines)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"as_of": "2026-11-21"}, "as_of is str"),
        ({"as_of": dt.datetime(2026, 11, 21, tzinfo=dt.UTC)}, "as_of is datetime"),
        ({"select": [5]}, "select is neither a text nor a list of texts"),
        ({"lines": None}, "claims and lines are not both frames"),
        ({"claims": CLAIMS.lazy()}, "claims and lines are not both frames"),
        ({"lines": LINES.with_columns(units=pl.lit(float("nan")))}, "units holds what is no number"),
        ({"claims": CLAIMS.with_columns(claim_key=pl.lit(None, pl.UInt32))}, "a claim has no claim_key"),
    ],
)
def test_what_is_given_wrongly_is_said_plainly(given: dict[str, Any], what: str) -> None:
    with pytest.raises(BadRequest, match=what):
        anodyne.check(**{"claims": CLAIMS, "lines": LINES, **given})


def test_one_text_is_as_good_as_a_list_of_one() -> None:
    (found,) = anodyne.check(CLAIMS, LINES, as_of=AS_OF, select="INJ-07", policies=ROOT / "examples/policies")
    assert found.rule == "INJ-07"


def test_no_claims_no_findings() -> None:
    found = anodyne.check(CLAIMS.clear(), LINES.clear(), as_of=AS_OF)
    assert len(found) == 0
    assert found.worst is None


def test_importing_anodyne_imports_no_frames() -> None:
    code = "import sys, anodyne; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_not_offered_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="chekc"):
        anodyne.chekc  # noqa: B018
