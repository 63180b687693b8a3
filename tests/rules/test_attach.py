"""Facts laid beside rows: in the order of the rows, each combination once, null where nothing is known."""

import polars as pl

from anodyne.rules.views.attach import number_within, once_for_each, with_facts

ROWS = pl.DataFrame({"code": ["b", None, "a", "b", None], "day": [1, 1, 2, 1, None], "n": [1, 2, 3, 4, 5]})


def test_facts_are_laid_beside_rows_in_their_order() -> None:
    facts = pl.DataFrame({"code": ["a", "b"], "fact": [10, 20]})
    found = with_facts(ROWS, facts, on="code")
    assert found["fact"].to_list() == [20, None, 10, 20, None]
    assert found["n"].to_list() == ROWS["n"].to_list()
    assert with_facts(ROWS, facts.clear(), on="code")["fact"].to_list() == [None] * 5


def test_each_combination_is_asked_once_and_told_to_every_row() -> None:
    asked = []

    def facts(rows: pl.DataFrame) -> pl.DataFrame:
        asked.extend(rows.rows())
        return rows.select(told=pl.format("{}-{}", pl.col("code").fill_null("?"), pl.col("day").fill_null(0)))

    told = ["b-1", "?-1", "a-2", "b-1", "?-0"]
    found = once_for_each(pl.concat([ROWS] * 20), ("code", "day"), facts)
    assert asked == [("b", 1), (None, 1), ("a", 2), (None, None)]
    assert found["told"].to_list() == told * 20
    assert once_for_each(ROWS, ("code", "day"), facts)["told"].to_list() == told


def test_no_rows_have_no_facts() -> None:
    assert once_for_each(ROWS.clear(), ("code",), lambda rows: rows.select(fact="code")).columns == ["fact"]


def test_rows_are_numbered_within_their_group() -> None:
    groups = pl.DataFrame({"group": [7, 7, 3, 9, 9, 9]})
    assert groups.select(number_within("group")).to_series().to_list() == [1, 2, 1, 1, 2, 3]
