"""Payer policies: who is meant, from when, and what is refused."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import BadReference
from anodyne.reference.policies import VALUES, policies, policy_of, read_policy

HEAD = 'id = "p"\ntitle = "P"\n[match]\nfiling = ["CI"]\n'
VALUE = '[[value]]\nname = "{name}"\nis = {value}\nfrom = 2024-01-01\ncite = "known"\n'
NOW = dt.date(2026, 11, 16)


def payers(*rows: tuple[str | None, str | None, str | None, dt.date | None]) -> pl.DataFrame:
    schema = {"payer_id": pl.String, "filing": pl.String, "state": pl.String, "day": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def written(path: Path, text: str) -> Path:
    file = path / "p.toml"
    file.write_text(text)
    return file


def value(name: str = "ncci_edits", value: str = "true") -> str:
    return VALUE.format(name=name, value=value)


def test_medicare_part_b_speaks_to_everything() -> None:
    (said,) = policy_of(payers(("12345", "MB", "OH", NOW))).to_dicts()
    assert {f"payer_{name}" for name in VALUES} <= set(said)
    assert [name for name in VALUES if said[f"payer_{name}"] is None] == []
    assert said["payer_bilateral_form"] == "one_line_50"
    assert said["payer_filing_years"] == 1
    assert said["payer_replacement_claims"] is False


@pytest.mark.parametrize("filing", ["16", "MA", "MC", "CI", "BL", "WC", "", None])
def test_nobody_speaks_for_the_others(filing: str | None) -> None:
    (said,) = policy_of(payers(("12345", filing, "OH", NOW))).to_dicts()
    assert [name for name in VALUES if said[f"payer_{name}"] is not None] == []


def test_no_day_no_answer() -> None:
    (said,) = policy_of(payers(("12345", "MB", "OH", None))).to_dicts()
    assert [name for name in VALUES if said[f"payer_{name}"] is not None] == []


@pytest.mark.parametrize(
    ("name", "start"),
    [(v.name, v.span.start) for policy in policies() for v in policy.values],
)
def test_a_value_begins_on_its_first_day(name: str, start: dt.date) -> None:
    found = policy_of(payers(("1", "MB", "OH", start - dt.timedelta(days=1)), ("1", "MB", "OH", start)))
    assert found[f"payer_{name}"].is_null().to_list() == [True, False]


def test_rows_keep_their_order_and_columns() -> None:
    asked = payers(("2", "CI", None, NOW), ("1", "MB", "OH", NOW)).with_columns(line_key=pl.Series([8, 7]))
    found = policy_of(asked)
    assert found.select(asked.columns).equals(asked)
    assert found["payer_ncci_edits"].to_list() == [None, True]


def test_a_value_ends_before_its_last_day(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, HEAD + value() + "until = 2025-01-01\n"), {"known"})
    asked = payers(("1", "CI", "OH", dt.date(2024, 12, 31)), ("1", "CI", "OH", dt.date(2025, 1, 1)))
    assert policy_of(asked, (policy,))["payer_ncci_edits"].to_list() == [True, None]


def test_the_closer_match_speaks_first(tmp_path: Path) -> None:
    wide = read_policy(written(tmp_path, HEAD + value("filing_years", "1") + value()), {"known"})
    text = HEAD.replace('filing = ["CI"]', 'filing = ["CI"]\npayer_id = ["77"]') + value("filing_years", "2")
    close = read_policy(written(tmp_path, text), {"known"})
    found = policy_of(payers(("77", "CI", None, NOW), ("78", "CI", None, NOW)), (wide, close))
    assert found["payer_filing_years"].to_list() == [2, 1]
    assert found["payer_ncci_edits"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + value("telepathy"), "no value is called telepathy"),
        (HEAD + value("filing_years", "true"), "is not int"),
        (HEAD + value("filing_years", '"1"'), "is not int"),
        (HEAD + value("ncci_edits", "1"), "is not bool"),
        (HEAD + value().replace('"known"', '"unheard"'), "no source unheard"),
        (HEAD + value().replace("from = 2024-01-01\n", ""), "keys"),
        (HEAD + value() + "why = 1\n", "keys"),
        (HEAD + value().replace("2024-01-01", '"2024"'), "are days"),
        (HEAD + value() + "until = 2023-01-01\n", "must end after"),
        (HEAD + value() + value(), "two values of ncci_edits"),
        (HEAD.replace("filing", "colour"), "matches by"),
        (HEAD.replace('filing = ["CI"]', ""), "matches by"),
        (HEAD.replace("[match]\n", ""), "not a policy"),
        (HEAD.replace('title = "P"\n', ""), "not a policy"),
        ('colour = "red"\n' + HEAD, "not a policy"),
        ("id = =", "not a policy"),
    ],
)
def test_a_policy_that_does_not_hold_together_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadReference, match=says):
        read_policy(written(tmp_path, text), {"known"})
