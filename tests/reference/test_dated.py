"""Hand-kept tables: what the loader refuses, and that the words in them are the ones agreed."""

from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import BadReference
from anodyne.reference.dated import read_dated
from anodyne.reference.shapes import DATED, Shape
from anodyne.reference.tables import load

SHAPE = Shape(("code",), {"group": pl.String})
ONE_ROW = Shape(("code",), {"group": pl.String}, one_row=True)
OPEN = Shape(("code",), {"group": pl.String}, open_start=True)
HEAD = "code,group,from,until,cite\n"


def read(path: Path, text: str, shape: Shape = SHAPE) -> pl.DataFrame:
    file = path / "table.csv"
    file.write_text(text)
    return read_dated(file, shape, {"known"})


def test_spans_that_touch_are_not_an_overlap(tmp_path: Path) -> None:
    rows = read(
        tmp_path, HEAD + "A,x,2023-01-01,2024-01-01,known\nA,y,2024-01-01,,known\nB,x,2023-01-01,,known\n"
    )
    assert rows.height == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,group,from,until,cite,note\nA,x,2023-01-01,,known,\n", "columns"),
        ("code,group,from,until\nA,x,2023-01-01,\n", "columns"),
        (HEAD + ",x,2023-01-01,,known\n", "lacks a key"),
        (HEAD + "A,x,,,known\n", "first day"),
        (HEAD + "A,x,2023-01-01,2023-01-01,known\n", "ends before it starts"),
        (HEAD + "A,x,2023-01-01,2022-12-31,known\n", "ends before it starts"),
        (HEAD + "A,x,2023-01-01,,\n", "no listed source"),
        (HEAD + "A,x,2023-01-01,,unheard\n", "no listed source"),
        (HEAD + "A,x,2023-01-01,,known\nA,y,2024-01-01,,known\n", "overlaps"),
        (HEAD + "A,y,2023-12-31,,known\nA,x,2023-01-01,2024-01-01,known\n", "overlaps"),
        (HEAD + "A,x,2023-01-01,,known\nA,x,2023-01-01,,known\n", "overlaps"),
        (HEAD + "A,x,yesterday,,known\n", "wrong type"),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadReference, match=says):
        read(tmp_path, text)


def test_an_open_start_is_taken_only_where_the_shape_says_so(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "A,x,,2024-01-01,known\nA,y,2024-01-01,,known\n", OPEN).height == 2
    with pytest.raises(BadReference, match="overlaps"):
        read(tmp_path, HEAD + "A,x,,2024-01-01,known\nA,y,,2025-01-01,known\n", OPEN)


def test_a_second_row_is_refused_where_a_key_has_one(tmp_path: Path) -> None:
    assert (
        read(tmp_path, HEAD + "A,x,2023-01-01,2024-01-01,known\nB,y,2024-01-01,,known\n", ONE_ROW).height == 2
    )
    with pytest.raises(BadReference, match="second row"):
        read(tmp_path, HEAD + "A,x,2023-01-01,2024-01-01,known\nA,y,2024-01-01,,known\n", ONE_ROW)


@pytest.mark.parametrize("table", ["code_life"])
def test_the_tables_that_say_when_a_code_lives_have_one_row_for_each(table: str) -> None:
    assert DATED[table].one_row


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("adjustment_accounts", "account", {"contractual", "other_payer", "withheld", "interest"}),
        (
            "provider_adjustment_accounts",
            "account",
            {"take_back", "forward", "refunded", "interest", "withheld", "fees"},
        ),
        ("code_traits", "region", {None, "cervical_thoracic", "lumbar_sacral"}),
        ("code_traits", "level", {None, "first", "next", "third", "new"}),
        ("code_traits", "imaging", {None, "inside", "us_inside", "none_twin"}),
        ("code_life", "system", {"hcpcs", "icd10cm"}),
        ("drugs", "container", {"single", "multi", "either"}),
        ("drugs", "per_unit", {"mg", "mcg", "ml", "unit", "dose"}),
        ("drug_ndc", "container", {"single", "multi"}),
        ("g2211_exception", "kind", {"wellness_visit", "vaccine_administration", "preventive"}),
        ("care_exclusives", "kind", {"edit", "tier", "bundle", "monitoring", "monitoring_apart", "watch"}),
        ("care_limits", "period", {"month", "days", "episode", "ever"}),
        ("telehealth_law", "state", {"covered", "lapsed", "ended"}),
        (
            "place_settings",
            "setting",
            {
                "telehealth",
                "inpatient",
                "outpatient_hospital",
                "emergency",
                "surgery_centre",
                "skilled_nursing",
                "health_centre",
                "rural_clinic",
            },
        ),
    ],
)
def test_words_are_the_ones_agreed(table: str, column: str, words: set[str | None]) -> None:
    assert set(load().table(table)[column]) <= words


def test_every_trait_has_a_kind_and_a_group() -> None:
    traits = load().table("code_traits")
    assert traits["kind"].null_count() == traits["group"].null_count() == 0


def test_a_drug_package_is_of_a_drug_that_is_kept() -> None:
    reference = load()
    assert set(reference.table("drug_ndc")["code"]) <= set(reference.table("drugs")["code"])
    assert reference.table("drug_ndc")["ndc"].str.contains(r"^\d{11}$").all()


def test_guidance_parents_are_the_add_on_parents_less_the_blocks_that_hold_their_imaging() -> None:
    reference = load()
    guidance = ["77002", "77003"]
    add_on = reference.table("add_on").filter(pl.col("add_on").is_in(guidance))
    traits = reference.table("code_traits").filter(pl.col("imaging") == "inside")
    listed = set(add_on.select("add_on", "primary").rows())
    kept = set(reference.table("guidance_parents").select("guidance", "primary").rows())
    assert kept == {(guide, primary) for guide, primary in listed if primary not in set(traits["code"])}
    assert len(listed - kept) == 7


def test_a_successor_has_not_itself_ended() -> None:
    life = load().table("code_life")
    ended = set(life.filter(pl.col("until").is_not_null()).select("system", "code").rows())
    followed = life.select("system", pl.col("successors").str.split(";").alias("code")).explode("code")
    assert not ended & set(followed.drop_nulls().rows())


def test_the_ncci_bypass_modifiers_are_the_fifty_of_the_manual() -> None:
    bypass = set(load().table("modifiers").filter("ncci_bypass")["modifier"])
    eyes = {f"E{n}" for n in range(1, 5)}
    hands_and_feet = {f"{limb}{digit}" for limb in "FT" for digit in "A123456789"}
    sides = {"LT", "RT", "LC", "LD", "LM", "RC", "RI"}
    time = {"24", "25", "57", "58", "78", "79"}
    other = {"27", "59", "91", "XE", "XP", "XS", "XU"}
    assert bypass == eyes | hands_and_feet | sides | time | other


@pytest.mark.parametrize("name", DATED)
def test_a_table_is_in_order(name: str) -> None:
    shape = DATED[name]
    rows = load().table(name)
    assert rows.equals(rows.sort(*shape.key, "from", nulls_last=False))
