"""Diagnoses: which a line points to, and what the contractor's lists say of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from anodyne.app.reference import load_files
from anodyne.coding.build import build
from anodyne.coding.built import Built
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference, load
from tests.claims import reference
from tests.coding.made import DAY, MEDICARE, UNKNOWN
from tests.reference import layouts
from tests.rules.test_coverage import FILES, START

FACET = {
    "family": "facet",
    "kind": "block",
    "joints": ["L4-L5"],
    "side": "right",
    "purpose": "therapeutic",
    "imaging": "fluoroscopy",
    "images_kept": True,
    "imaging_report": True,
}
KNEE = {"family": "joint", "joint": "knee", "count": 1, "side": "right", "imaging": "none"}


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("coverage")
    export = layouts.zipped({name: layouts.commas(rows) for name, rows in FILES.items()})
    path = layouts.written(folder / "current_article_csv.zip", export)
    load_files([path], home=folder / "home", start=START)
    return load(folder / "home")


def made(told: Sequence[dict[str, Any]], diagnoses: Sequence[str], tables: Reference, **more: Any) -> Built:
    session = {
        "day": DAY,
        "place": "11",
        "payer": MEDICARE,
        "diagnoses": diagnoses,
        "procedures": told,
        **more,
    }
    return build(session, reference=tables, policies=shipped())


def asked(built: Built) -> set[str]:
    return {question.fact for question in built.questions}


def test_of_the_diagnoses_given_the_covered_ones_stand_first(lists: Reference) -> None:
    built = made([{**FACET, "dx": ["M54.16", "M47.816"]}], ["M54.16", "M47.816"], lists)
    assert built.lines[0].dx_pointers == (2, 1)
    why = built.lines[0].reasons[-1]
    assert why.says == "M47816 stands in A50001"
    assert why.cites[0].source.startswith("Medicare Coverage Database")
    assert asked(built) == set()


def test_where_none_is_given_the_covered_ones_of_the_session_are_chosen(lists: Reference) -> None:
    built = made([FACET], ["M54.16", "M47.816"], lists)
    assert built.lines[0].dx_pointers == (2,)
    assert asked(built) == set()


def test_where_none_is_covered_it_points_to_what_was_given_and_asks(lists: Reference) -> None:
    built = made([{**FACET, "dx": ["M54.16"]}], ["M54.16"], lists)
    assert built.lines[0].dx_pointers == (1,)
    assert asked(built) == {"dx"}
    assert "A50001 covers 64493 for none of M5416" in built.questions[0].asks


def test_a_code_in_no_list_points_to_what_was_given(lists: Reference) -> None:
    built = made([{**KNEE, "dx": ["M17.11"]}], ["M54.16", "M17.11"], lists)
    assert (built.lines[0].dx_pointers, asked(built)) == ((2,), set())


@pytest.mark.parametrize("payer", [UNKNOWN, {"filing": "MB"}, {"filing": "MB", "state": "TX"}])
def test_the_lists_of_one_contractor_bind_its_own_state_alone(
    payer: dict[str, str], lists: Reference
) -> None:
    built = made([{**FACET, "dx": ["M54.16"]}], ["M54.16"], lists, payer=payer)
    assert "dx" not in asked(built)


def test_the_only_diagnosis_of_a_session_is_the_one() -> None:
    built = made([KNEE], ["M17.11"], reference())
    assert built.lines[0].dx_pointers == (1,)
    assert asked(built) == set()


def test_without_any_diagnosis_somebody_is_asked() -> None:
    built = made([KNEE], [], reference())
    assert built.lines[0].dx_pointers == ()
    assert asked(built) == {"dx"}


def test_a_diagnosis_that_only_a_procedure_names_joins_the_claim() -> None:
    built = made([{**KNEE, "dx": ["M17.11"]}], ["M54.16"], reference())
    assert built.diagnoses == ("M5416", "M1711")
    assert built.lines[0].dx_pointers == (2,)


@pytest.mark.parametrize(("count", "points"), [(4, (1, 2, 3, 4)), (5, (1, 2, 3, 4))])
def test_a_line_points_to_four(count: int, points: tuple[int, ...]) -> None:
    named = [f"M54.{n}" for n in range(11, 11 + count)]
    assert made([{**KNEE, "dx": named}], [], reference()).lines[0].dx_pointers == points


def test_a_drug_points_where_the_procedures_of_the_session_do() -> None:
    drug = {"family": "drug", "code": "J1010", "amount": 40, "unit": "mg", "container": "multi"}
    built = made([{**KNEE, "dx": ["M17.11"]}, drug], ["M54.16", "M17.11"], reference())
    assert [line.dx_pointers for line in built.lines] == [(2,), (2,)]
    two = [{**KNEE, "dx": ["M17.11"]}, {**FACET, "dx": ["M54.16"], "apart": True}, drug]
    assert "dx" in asked(made(two, ["M54.16", "M17.11"], reference()))
