"""What is built is judged by the rules: clean where the session is, right where mistakes are usual."""

import datetime as dt
import doctest
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import anodyne
from anodyne.coding.build import build
from anodyne.coding.built import Built
from anodyne.coding.describe import plain_of
from anodyne.coding.lines import frames_of
from anodyne.model.frames import CLAIMS, LINES, checked
from anodyne.reference.policy_files import shipped
from tests.claims import AS_OF, PAIN_PHYSICIAN, npi, reference
from tests.coding.made import DAY, MEDICARE, built_of, cases, written

XRAY = {"imaging": "fluoroscopy", "images_kept": True, "imaging_report": True}
ULTRASOUND = {**XRAY, "imaging": "ultrasound"}
BARE = {"imaging": "none"}
LUMBAR = {"family": "epidural", "approach": "interlaminar", "level": "L4-L5", "catheter": False, **XRAY}
STEROID = {"family": "drug", "ndc": "00009-3475-01", "amount": 80, "unit": "mg", "wasted": 0}
SPEAK_OF_COVERAGE = ("LCD-", "INJ-34", "INJ-38")
"""Rules on what is covered, how often and for which diagnosis: a session coded right may not be covered."""
SPEAK_OF_OTHER_LINES = ("INJ-40a", "INJ-43", "NCCI-05", "INJ-04")
"""A drug alone, a vial that the claim cannot tell, and units that were told and are asked about."""

ORDINARY: list[tuple[str, list[str], list[dict[str, Any]]]] = [
    ("an epidural and its steroid", ["M54.16"], [LUMBAR, STEROID]),
    (
        "two foramina",
        ["M54.16"],
        [
            {
                "family": "epidural",
                "approach": "transforaminal",
                "purpose": "therapeutic",
                "foramina": ["L4-L5", "L5-S1"],
                "side": "left",
                **XRAY,
            }
        ],
    ),
    (
        "diagnostic medial branch blocks",
        ["M47.816"],
        [
            {
                "family": "facet",
                "kind": "block",
                "nerves": ["L3", "L4", "L5"],
                "side": "both",
                "purpose": "diagnostic",
                **XRAY,
            }
        ],
    ),
    (
        "heat to two joints of both sides",
        ["M47.816"],
        [{"family": "facet", "kind": "ablation", "joints": ["L4-L5", "L5-S1"], "side": "both", **XRAY}],
    ),
    (
        "a sacroiliac joint",
        ["M46.1"],
        [
            {"family": "sacroiliac", "kind": "joint", "side": "right", "purpose": "therapeutic", **XRAY},
            STEROID,
        ],
    ),
    (
        "trigger points",
        ["M79.18"],
        [
            {
                "family": "trigger_points",
                "muscles": ["trapezius", "rhomboid major", "levator scapulae"],
                **BARE,
            }
        ],
    ),
    (
        "both knees with hyaluronate",
        ["M17.0"],
        [
            {"family": "joint", "joint": "knee", "count": 1, "side": "both", **ULTRASOUND},
            {"family": "drug", "code": "J7325", "amount": 96, "unit": "mg", "wasted": 0},
        ],
    ),
    (
        "a carpal tunnel",
        ["G56.01"],
        [{"family": "tendon", "structure": "carpal_tunnel", "count": 1, "side": "right", **ULTRASOUND}],
    ),
    (
        "both occipital nerves",
        ["M54.81"],
        [{"family": "nerve", "nerve": "greater_occipital", "technique": "injection", "side": "both", **BARE}],
    ),
    (
        "chronic migraine",
        ["G43.709"],
        [
            {"family": "botulinum", "target": "migraine"},
            {"family": "drug", "code": "J0585", "amount": 155, "unit": "unit", "wasted": 45},
        ],
    ),
    (
        "a stellate ganglion",
        ["G90.512"],
        [{"family": "nerve", "nerve": "stellate", "technique": "injection", "side": "left", **XRAY}],
    ),
    (
        "a knee and the genicular nerves of the other",
        ["M17.0"],
        [
            {"family": "joint", "joint": "knee", "count": 1, "side": "right", **BARE},
            {"family": "genicular", "kind": "block", "branches": 3, "side": "left"},
        ],
    ),
    (
        "leads of a trial",
        ["G89.4", "M96.1"],
        [{"family": "stimulator", "part": "lead", "leads": 2, "dx": ["G89.4", "M96.1"]}],
    ),
]


def session(told: Sequence[Mapping[str, Any]], diagnoses: Sequence[str] = ("M54.16",), **more: Any) -> Built:
    given = {"day": DAY, "place": "11", "payer": MEDICARE, "diagnoses": diagnoses, "procedures": told, **more}
    return build(given, reference=reference(), policies=shipped())


def findings(built: Sequence[Built]) -> list[tuple[int, str, str]]:
    """Claim, rule and message of everything that is found on what was built, sent by one practice."""
    made = [
        frames_of(one, claim_key=n, patient=n, charges={line.code: 100_00 for line in one.lines})
        for n, one in enumerate(built)
    ]
    of_practice = {
        "billing_npi": npi(41),
        "billing_taxonomy": PAIN_PHYSICIAN,
        "rendering_npi": npi(52),
        "rendering_taxonomy": PAIN_PHYSICIAN,
        "auth_number": "A1B00000000001",
        "frequency": "1",
    }
    claims = pl.concat([claim for claim, _ in made]).with_columns(
        **{k: pl.lit(v) for k, v in of_practice.items()}
    )
    lines = pl.concat([lines for _, lines in made]).drop(
        "line_key", "rendering_npi", "rendering_taxonomy", "auth_number"
    )
    found = anodyne.check(claims, lines, as_of=AS_OF, reference=reference(), policies=shipped())
    return [(int(one.claim or -1), one.rule, one.message) for one in found]


def test_an_ordinary_session_is_clean() -> None:
    built = [session(told, diagnoses) for _, diagnoses, told in ORDINARY]
    assert [one.questions for one in built] == [()] * len(built)
    assert [(ORDINARY[claim][0], rule, message) for claim, rule, message in findings(built)] == []


def test_the_sheet_draws_findings_on_coverage_alone() -> None:
    medicare = [case for case in cases() if not {"payer", "biller", "day"} & set(case)]
    wanted = [case for case in medicare if case["lines"] and "code" not in case.get("asks", ())]
    found = findings([built_of(case) for case in wanted])
    assert len(wanted) > 150
    assert [
        (wanted[claim]["name"], rule, message)
        for claim, rule, message in found
        if not rule.startswith((*SPEAK_OF_COVERAGE, *SPEAK_OF_OTHER_LINES))
    ] == []


def test_imaging_is_never_beside_a_code_that_holds_it() -> None:
    built = session([LUMBAR])
    assert [written(line) for line in built.lines] == ["62323"]
    assert [(left.code, left.why.cites[0].source[:14]) for left in built.left_out] == [
        ("77003", "Medicare NCCI ")
    ]


@pytest.mark.parametrize(
    ("imaging", "says"),
    [
        ({"imaging": "none"}, "without it there is none of its own"),
        ({**XRAY, "images_kept": False}, "needs images kept"),
        ({**XRAY, "imaging_report": False}, "needs images kept"),
        (ULTRASOUND, "means is fluoroscopy or CT"),
    ],
)
def test_why_imaging_does_not_count_is_said(imaging: dict[str, Any], says: str) -> None:
    heat = {"family": "facet", "kind": "ablation", "joints": ["L4-L5"], "side": "right", **imaging}
    assert says in session([heat]).left_out[0].why.says
    epidural = session([{**LUMBAR, **imaging}])
    assert [line.code for line in epidural.lines] == ["62322"]
    if imaging["imaging"] != "none":
        assert any(says in reason.says for reason in epidural.lines[0].reasons)


def test_trigger_points_of_two_notes_are_one_code() -> None:
    two = [
        {"family": "trigger_points", "muscles": names, **BARE} for names in (["a one", "b two"], ["c three"])
    ]
    assert [written(line) for line in session(two).lines] == ["20553"]


def test_a_third_level_to_medicare_says_whose_policy_it_is() -> None:
    levels = {"family": "facet", "kind": "block", "joints": ["L3-L4", "L4-L5", "L5-S1"], "side": "right"}
    built = session([{**levels, "purpose": "therapeutic", **XRAY}])
    left = next(one for one in built.left_out if one.code == "64495")
    assert left.why.cites[0].source == "LCD L38773 of CGS, facet joint interventions"


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("one_line_50", ["20610-50"]),
        ("two_lines", ["20610-RT", "20610-LT"]),
        ("two_lines_50", ["20610", "20610-50"]),
    ],
)
def test_both_sides_are_in_the_form_of_the_payer(form: str, lines: list[str]) -> None:
    told = [{"family": "joint", "joint": "knee", "count": 1, "side": "both", **BARE}]
    case = {"do": told, "payer": "unknown", "policy": {"bilateral_form": form}}
    built = built_of(case)
    assert [written(line) for line in built.lines] == lines
    assert built.lines[0].reasons[-2].cites or built.lines[0].reasons[-1].cites


def test_the_frames_are_of_their_schemas_and_keep_what_is_not_known_null() -> None:
    claims, lines = frames_of(session([LUMBAR, STEROID]), claim_key=7, patient=3, charges={"62323": 625_00})
    checked(claims, CLAIMS)
    checked(lines, LINES)
    assert lines.select("code", "mod1", "units", "charge_cents", "dx_pointers", "ndc_qty").rows() == [
        ("62323", None, 1.0, 625_00, "1", None),
        ("J1010", "JZ", 80.0, None, "1", 1.0),
    ]
    assert claims.select("dx1", "dx2", "charge_cents", "pos", "filing", "billing_npi").row(0) == (
        "M5416", None, None, "11", "MB", None,
    )  # fmt: skip
    whole, _ = frames_of(session([LUMBAR]), charges={"62323": 625_00})
    assert whole["charge_cents"].to_list() == [625_00]


def test_what_was_built_is_plain_values_for_json() -> None:
    told = plain_of(session([LUMBAR, STEROID]))
    assert json.loads(json.dumps(told)) == told
    assert told["day"] == "2026-10-14"
    assert [line["code"] for line in told["lines"]] == ["62323", "J1010"]
    assert told["lines"][0]["reasons"][0]["cites"][0]["confidence"] == "verified"


def test_nothing_built_is_an_empty_frame() -> None:
    _, lines = frames_of(session([{"family": "facet"}]))
    assert lines.shape == (0, len(LINES))


def test_a_day_is_needed_and_is_kept() -> None:
    assert session([LUMBAR], day=dt.date(2026, 3, 2)).day == dt.date(2026, 3, 2)


def test_the_page_on_procedures_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "procedures.md"
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert (failed, tried > 0) == (0, True)
