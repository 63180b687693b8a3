"""The tables of the builder hold together with the rest of the reference."""

from itertools import pairwise

import pytest

from anodyne.coding.daybook import Daybook
from anodyne.coding.levels import canonical
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.session import Payer
from anodyne.reference.policy_files import shipped
from tests.claims import reference
from tests.coding.made import DAY

OWN_TABLES = ("procedure_codes", "procedure_anatomy", "spinal_levels", "coding_statements")
REGION = ("cervical_thoracic", "lumbar_sacral")
STEPS: dict[str, set[str | None]] = {"first": {"first", None}, "next": {"next"}, "rest": {"third", "next"}}
GUIDED: dict[str, set[str | None]] = {
    "imaged": {"inside", None},
    "ultrasound": {"us_inside", None},
    "none": {"none_twin", None},
}


def book() -> Daybook:
    return Daybook(DAY, Payer(), reference(), shipped())


def test_a_code_is_what_its_traits_say() -> None:
    traits = {row["code"]: row for row in reference().table("code_traits").iter_rows(named=True)}
    for row in reference().table("procedure_codes").iter_rows(named=True):
        known = traits[row["code"]]
        if row["variant"] in REGION:
            assert known["region"] == row["variant"], row
        if row["guidance"] in GUIDED and row["family"] != "guidance":
            assert known["imaging"] in GUIDED[row["guidance"]], row
        assert known["level"] in STEPS[row["step"]], row


def test_what_is_a_further_step_is_an_add_on_of_a_first() -> None:
    rows = reference().table("procedure_codes")
    parents: dict[str, set[str]] = {}
    for add_on, primary in reference().table("add_on").select("add_on", "primary").iter_rows():
        parents.setdefault(add_on, set()).add(primary)
    firsts = set(rows.filter(step="first")["code"])
    further = set(rows.filter(rows["step"] != "first")["code"])
    assert further <= set(parents)
    assert all(parents[code] & (firsts | further) for code in further)


def test_every_structure_has_a_code_or_is_a_group_of_muscles() -> None:
    whats = {
        (row["family"], row["what"]) for row in reference().table("procedure_codes").iter_rows(named=True)
    }
    for row in reference().table("procedure_anatomy").iter_rows(named=True):
        if row["family"] == "muscle_group" or (row["family"], row["what"]) == ("nerve", "facet"):
            continue
        assert (row["family"], row["what"]) in whats, row


def test_every_code_of_today_is_chosen_by_something() -> None:
    rows = reference().table("procedure_codes")
    assert set(rows["family"]) == {*FAMILIES, "guidance", "unlisted"} - {"drug"}
    counts = rows.group_by("family", "what", "variant", "guidance", "step").len()
    assert counts["len"].max() == 3


def test_the_joints_of_the_spine_follow_each_other() -> None:
    nerves = list(book().nerves().items())
    assert [joint for joint, _ in nerves][:2] == ["C2-C3", "C3-C4"]
    assert dict(nerves)["L5-S1"] == {"L4", "L5"}
    assert dict(nerves)["L4-L5"] == {"L3", "L4"}
    assert dict(nerves)["C5-C6"] == {"C5", "C6"}
    for (_, above), (_, below) in pairwise(nerves[1:]):
        assert len(above & below) == 1, (above, below)


@pytest.mark.parametrize("family", ["facet", "foramen", "interlaminar"])
def test_every_level_is_written_as_it_is_read(family: str) -> None:
    levels = reference().table("spinal_levels").filter(family=family)["level"]
    assert [canonical(level) for level in levels] == levels.to_list()
    short = [level for level in levels if "-" in level]
    assert all(canonical(level.replace("-", "/")) == level for level in short)
    assert all(
        canonical(f"{level[: -len(level.split('-')[1])]}{level.split('-')[1][1:]}") == level
        for level in short
    )


@pytest.mark.parametrize("table", OWN_TABLES)
def test_every_row_says_how_sure_it_is(table: str) -> None:
    assert not reference().table(table)["cite"].is_null().any()
