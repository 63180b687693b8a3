"""Payer policies: who is meant, from when, who speaks first, and what is refused."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import AnodyneError, BadReference, UnreadableFile
from anodyne.reference.policies import MATCHES, VALUES, Policies, Policy
from anodyne.reference.policy_files import FILINGS, STATES, load_policies, read_policy, shipped

NOW = dt.date(2026, 11, 16)
HEAD = """
id = "{id}"
title = "Plan {id}"
[match]
{match}
[[source]]
id = "contract-{id}"
title = "Contract of {id}, 2026"
read = 2026-01-05
"""
VALUE = """
[[value]]
name = "{name}"
is = {value}
from = {start}
cite = "contract-{id}"
"""


def policy(
    id: str = "p",  # noqa: A002  the word of the file
    match: str = 'filing = ["CI"]',
    *,
    name: str = "ncci_edits",
    value: str = "true",
    start: str = "2024-01-01",
) -> str:
    """A policy file with one value."""
    return HEAD.format(id=id, match=match) + VALUE.format(id=id, name=name, value=value, start=start)


def further(name: str, value: str, start: str = "2024-01-01", id: str = "p") -> str:  # noqa: A002
    """One more value of a policy file."""
    return VALUE.format(id=id, name=name, value=value, start=start)


def folder_of(path: Path, *texts: str) -> Path:
    """A folder with a policy file for each of `texts`."""
    for number, text in enumerate(texts, 1):
        (path / f"{number}.toml").write_text(text, encoding="utf-8")
    return path


def payer(
    payer_id: str | None = "12345",
    filing: str | None = "CI",
    state: str | None = "OH",
    day: dt.date | None = NOW,
    name: str | None = "PLAN",
) -> dict[str, str | dt.date | None]:
    """A payer of a claim on a day."""
    return {"payer_id": payer_id, "payer_name": name, "filing": filing, "state": state, "day": day}


def said(known: Policies, *payers: dict[str, str | dt.date | None], name: str) -> list[object]:
    """What `known` says of the value called `name` for each of `payers`."""
    schema = {**dict.fromkeys(MATCHES, pl.String), "day": pl.Date}
    return known.answers(known.rulings(pl.DataFrame(list(payers), schema=schema)))[f"payer_{name}"].to_list()


def days(*texts: str) -> Iterable[dict[str, str | dt.date | None]]:
    return [payer(day=dt.date.fromisoformat(text)) for text in texts]


@pytest.mark.parametrize("filing", ["16", "MA", "MC", "CI", "BL", "WC", "", None])
def test_nothing_that_ships_speaks_for_other_payers(filing: str | None) -> None:
    asked = payer(filing=filing)
    assert [name for name in VALUES if said(shipped(), asked, name=name) != [None]] == []


def test_medicare_part_b_and_its_contractor_speak_together() -> None:
    asked = payer(filing="MB", state="OH")
    assert said(shipped(), asked, name="bilateral_form") == ["one_line_50"]
    assert said(shipped(), asked, name="facet_lcd") == [True]


def test_a_claim_without_a_state_has_no_contractor() -> None:
    asked = payer(filing="MB", state=None)
    assert said(shipped(), asked, name="ncci_edits") == [True]
    assert said(shipped(), asked, name="facet_lcd") == [None]


def test_no_day_no_answer() -> None:
    assert said(shipped(), payer(filing="MB", day=None), name="ncci_edits") == [None]


@pytest.mark.parametrize("one", shipped().policies, ids=lambda one: one.id)
def test_a_value_begins_on_its_first_day(one: Policy) -> None:
    meant: dict[str, str | dt.date | None] = {column: min(texts) for column, texts in one.match.items()}
    for value in one.values:
        before = value.span.start - dt.timedelta(days=1)
        asked = [payer(day=day) | meant for day in (before, value.span.start)]
        first, then = said(shipped(), *asked, name=value.name)
        assert then == (list(value.value) if isinstance(value.value, tuple) else value.value)
        assert first != then


def test_a_value_ends_before_its_last_day(tmp_path: Path) -> None:
    text = policy() + "until = 2025-01-01\n"
    known = load_policies([folder_of(tmp_path, text)])
    told = said(known, *days("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01"), name="ncci_edits")
    assert told == [None, True, True, None]


def test_a_value_of_long_ago_holds(tmp_path: Path) -> None:
    known = load_policies([folder_of(tmp_path, policy(start="1965-07-30"))])
    assert said(known, *days("1965-07-29", "1965-07-30", "2026-01-01"), name="ncci_edits") == [
        None,
        True,
        True,
    ]


def test_rows_keep_their_order(tmp_path: Path) -> None:
    known = load_policies([folder_of(tmp_path, policy())])
    asked = [payer(filing="BL"), payer(), payer(filing="MB"), payer(filing="BL")]
    assert said(known, *asked, name="ncci_edits") == [None, True, True, None]


def test_no_payers_no_rulings() -> None:
    schema = {**dict.fromkeys(MATCHES, pl.String), "day": pl.Date}
    assert shipped().rulings(pl.DataFrame(schema=schema)).to_list() == []


@pytest.mark.parametrize(
    ("closer", "wider"),
    [
        ('payer_id = ["77"]', 'payer_name = ["PLAN"]'),
        ('payer_name = ["PLAN"]', 'filing = ["CI"]'),
        ('payer_name = ["PLAN"]', 'filing = ["CI"]\nstate = ["OH"]'),
        ('filing = ["CI"]\nstate = ["OH"]', 'filing = ["CI"]'),
        ('filing = ["CI"]', 'state = ["OH"]'),
        ('payer_id = ["77"]\nstate = ["OH"]', 'payer_id = ["77"]'),
    ],
)
def test_the_closer_match_speaks_first_and_leaves_the_rest_open(
    tmp_path: Path, closer: str, wider: str
) -> None:
    one = policy("wide", wider, name="filing_days", value="365") + further("ncci_edits", "true", id="wide")
    other = policy("close", closer, name="filing_days", value="90")
    known = load_policies([folder_of(tmp_path, one, other)])
    assert said(known, payer("77"), name="filing_days") == [90]
    assert said(known, payer("77"), name="ncci_edits") == [True]


def test_the_practices_own_stands_before_what_ships(tmp_path: Path) -> None:
    text = policy(match='filing = ["MB"]', name="g2211", value="false")
    known = load_policies([folder_of(tmp_path, text)])
    assert said(known, payer(filing="MB"), name="g2211") == [False]
    assert said(shipped(), payer(filing="MB"), name="g2211") == [True]


def test_a_contractor_stands_before_a_practices_word_on_all_of_medicare(tmp_path: Path) -> None:
    wide = policy(match='filing = ["MB"]', name="epidural_sessions_year", value="6")
    known = load_policies([folder_of(tmp_path, wide)])
    assert said(known, payer(filing="MB"), name="epidural_sessions_year") == [4]
    close = wide.replace('filing = ["MB"]', 'filing = ["MB"]\nstate = ["OH"]')
    known = load_policies([folder_of(tmp_path, close)])
    assert said(known, payer(filing="MB"), name="epidural_sessions_year") == [6]


@pytest.mark.parametrize("name", ["cedar mutual  PPO", " Cedar Mutual PPO "])
def test_names_are_compared_without_case_and_spaces(tmp_path: Path, name: str) -> None:
    known = load_policies([folder_of(tmp_path, policy(match=f'payer_name = ["{name}"]'))])
    assert said(known, payer(name="CEDAR MUTUAL PPO"), name="ncci_edits") == [True]
    assert said(known, payer(name="CEDAR MUTUAL"), name="ncci_edits") == [None]


def test_a_list_of_texts_is_a_list(tmp_path: Path) -> None:
    known = load_policies(
        [folder_of(tmp_path, policy(name="authorisation_codes", value='["62323", "64483"]'))]
    )
    assert said(known, payer(), name="authorisation_codes") == [["62323", "64483"]]


def test_what_holds_is_cited_the_payers_word_before_the_programmes(tmp_path: Path) -> None:
    text = policy(match='filing = ["MB"]\nstate = ["OH"]', name="bilateral_form", value='"two_lines"')
    known = load_policies([folder_of(tmp_path, text + 'section = "page 4"\n')])
    schema = {**dict.fromkeys(MATCHES, pl.String), "day": pl.Date}
    ruling = known.rulings(pl.DataFrame([payer(filing="MB")], schema=schema)).item()
    near, national = known.cites(
        ruling, ["bilateral_form", "ncci_edits", "facet_lcd", "imaging_with_epidural"]
    )
    assert [(cite.source, cite.section) for cite in near] == [
        ("Contract of p, 2026", "page 4"),
        (
            "LCD L38773 of CGS, facet joint interventions",
            "facet joint interventions, in force from 2021-05-02",
        ),
    ]
    assert [cite.section for cite in national] == ["for services from 1996-01-01"]
    assert known.title(ruling) == "Plan p"
    assert known.title(0) is None
    assert known.cites(0, ["ncci_edits"]) == ([], [])


def test_a_file_named_twice_and_in_the_data_directory_counts_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "policies").mkdir(parents=True)
    file = folder_of(home / "policies", policy()) / "1.toml"
    known = load_policies([file, file.parent, file], home)
    assert [one.id for one in known.policies if one.own] == ["p"]
    assert [one.id for one in load_policies(home=home).policies if one.own] == ["p"]


def test_without_any_of_its_own_a_practice_has_what_ships(tmp_path: Path) -> None:
    assert load_policies(home=tmp_path) is shipped()


REFUSED = [
    (policy(name="telepathy"), "no value is called telepathy"),
    (policy(name="ncci_edit"), "Near it: ncci_edits"),
    (policy(name="filing_days", value="true"), r"True is not a whole number.*value 1 \(filing_days\)"),
    (policy(name="filing_days", value='"1"'), "'1' is not a whole number"),
    (policy(name="filing_days", value="1.5"), "1.5 is not a whole number"),
    (policy(name="filing_days", value="0"), "0 is too small"),
    (policy(value="1"), "1 is not true or false"),
    (policy(name="bilateral_form", value='"both"'), "Use one_line_50 or two_lines"),
    (policy(name="authorisation_codes", value='"62323"'), "is not a list of texts"),
    (policy(name="authorisation_codes", value="[62323]"), "is not a list of texts"),
    (policy().replace('cite = "contract-p"', 'cite = "unheard"'), "no source is called unheard"),
    (policy(name="filing_days", value="0"), "0 is too small"),
    (policy(name="filing_days", value="3661"), "the number is too great.*at most 3660"),
    (policy(name="filing_days", value="99999999999999999999"), "the number is too great"),
    (policy(name="authorisation_codes", value="[]"), "the list is empty"),
    (policy(name="authorisation_codes", value='["62323", "zzz"]'), "zzz is no procedure code"),
    (policy().replace("read = 2026", 'url = "javascript:x"\nread = 2026'), "an https address"),
    (policy().replace("from = 2024-01-01\n", ""), "it lacks from"),
    (policy().replace('cite = "contract-p"\n', ""), "it lacks cite"),
    (policy() + "why = 1\n", "there is no key why"),
    (policy() + "untill = 2025-01-01\n", "Near it: until"),
    (policy(start='"2024"'), "from is not a day"),
    (policy(start="2024-01-01T08:00:00"), "from is not a day"),
    (policy() + "until = 2024-01-01\n", "before it begins"),
    (policy() + "until = 2023-01-01\n", "before it begins"),
    (policy() + further("ncci_edits", "false", "2025-01-01"), "entries 1 and 2"),
    (policy(match='colour = ["CI"]'), "there is no key colour"),
    (policy(match=""), "matches no payer"),
    (policy(match='filing = "CI"'), "filing is not a list of texts"),
    (policy(match="filing = []"), "filing is not a list of texts"),
    (policy(match='filing = ["XX"]'), "XX is no claim filing code"),
    (policy(match='state = ["ZZ"]'), "ZZ is no state"),
    (policy().replace("[match]\n", ""), "there is no key filing"),
    (policy().replace('[match]\nfiling = ["CI"]\n', ""), "it lacks match"),
    (policy().replace('title = "Plan p"\n', ""), "it lacks title"),
    (policy().replace('"Plan p"', "7"), "title is not a text"),
    (policy().replace('"Plan p"', '" "'), "title is not a text"),
    ('colour = "red"\n' + policy(), "there is no key colour"),
    (HEAD.format(id="p", match='filing = ["CI"]'), "it lacks value"),
    (HEAD.format(id="p", match='filing = ["CI"]').replace("[match]", "value = []\n[match]"), "says nothing"),
    ("id = =", "not a policy file.*line 1"),
    (policy().replace("read = 2026-01-05\n", ""), "it lacks read"),
    (policy().replace('title = "Contract of p, 2026"\n', ""), "it lacks title"),
    (policy().replace("contract-p", "lcd-l38773"), "the id lcd-l38773 is taken"),
    (policy().replace("read = 2026", 'confidence = "sure"\nread = 2026'), "Confidence is verified or known"),
    (policy().replace("read = 2026", 'confidence = "verified"\nread = 2026'), "has an address"),
    (policy().replace("[[source]]", "[source.contract]"), "source is not a list of entries"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_a_policy_that_does_not_hold_together_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = folder_of(tmp_path, text) / "1.toml"
    with pytest.raises(BadReference, match=says) as refused:
        read_policy(file, own=True)
    assert str(file) in refused.value.where
    assert refused.value.fix


def test_two_values_of_one_name_may_follow_each_other(tmp_path: Path) -> None:
    text = policy() + "until = 2025-01-01\n" + further("ncci_edits", "false", "2025-01-01")
    known = load_policies([folder_of(tmp_path, text)])
    assert said(known, *days("2024-12-31", "2025-01-01"), name="ncci_edits") == [True, False]


def test_two_policies_that_contradict_each_other_are_refused_by_both_names(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, policy("one"), policy("two", 'filing = ["CI", "BL"]', value="false"))
    with pytest.raises(BadReference, match="differ about ncci_edits") as refused:
        load_policies([folder])
    assert "1.toml and" in refused.value.where
    assert "2.toml" in refused.value.where


@pytest.mark.parametrize(
    "other",
    [
        policy("two"),
        policy("two", 'filing = ["BL"]', value="false"),
        policy("two", 'filing = ["CI"]\nstate = ["OH"]', value="false"),
        policy("two", name="mue_edits", value="false"),
    ],
    ids=["the same value", "another payer", "a closer match", "another value"],
)
def test_two_policies_that_do_not_contradict_each_other_stand(tmp_path: Path, other: str) -> None:
    assert load_policies([folder_of(tmp_path, policy("one"), other)])


def test_two_policies_of_other_days_stand(tmp_path: Path) -> None:
    one = policy("one") + "until = 2025-01-01\n"
    known = load_policies([folder_of(tmp_path, one, policy("two", value="false", start="2025-01-01"))])
    assert said(known, *days("2024-12-31", "2025-01-01"), name="ncci_edits") == [True, False]


def test_an_id_taken_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadReference, match="two policies are called p"):
        load_policies([folder_of(tmp_path, policy(), policy(match='filing = ["BL"]'))])


def test_an_id_that_ships_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadReference, match="two policies are called medicare"):
        load_policies([folder_of(tmp_path, policy("medicare"))])


def test_one_source_in_two_files_says_one_thing(tmp_path: Path) -> None:
    other = policy("two", 'filing = ["BL"]').replace("contract-two", "contract-p").replace("of two", "of p")
    assert load_policies([folder_of(tmp_path, policy(), other)])
    with pytest.raises(BadReference, match="described in another way"):
        load_policies([folder_of(tmp_path, policy(), other.replace("of p, 2026", "of p, 2025"))])


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such policy file"):
        load_policies([tmp_path / "nowhere.toml"])
    with pytest.raises(UnreadableFile, match="no policy is in this folder"):
        load_policies([tmp_path])


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(AnodyneError, match="not a policy file"):
        load_policies([file])


JURISDICTIONS = {
    "je": "AS CA GU HI MP NV",
    "jf": "AK AZ ID MT ND OR SD UT WA WY",
    "j5": "IA KS MO NE",
    "j6": "IL MN WI",
    "j8": "IN MI",
    "j15": "KY OH",
    "jh": "AR CO LA MS NM OK TX",
    "jj": "AL GA TN",
    "jk": "CT MA ME NH NY RI VT",
    "jl": "DC DE MD NJ PA",
    "jm": "NC SC VA WV",
    "jn": "FL PR VI",
}


def test_each_state_has_one_contractor() -> None:
    found = {one.id: one.match["state"] for one in shipped().policies if one.id.startswith("medicare-")}
    assert found == {f"medicare-{name}": frozenset(states.split()) for name, states in JURISDICTIONS.items()}
    assert sorted(state for states in found.values() for state in states) == sorted(STATES)


@pytest.mark.parametrize(
    ("state", "begins", "revised"),
    [
        ("OH", "2021-05-02", "2024-07-07"),
        ("CA", "2021-04-25", "2024-07-07"),
        ("WA", "2021-04-25", "2024-07-07"),
        ("GA", "2021-04-25", "2024-07-07"),
        ("VA", "2021-04-25", "2024-07-07"),
        ("KS", "2021-04-25", "2024-07-14"),
        ("MI", "2021-04-25", "2024-07-14"),
        ("IL", "2021-04-25", "2024-08-01"),
        ("NY", "2021-04-25", "2024-08-01"),
        ("TX", "2021-04-25", "2024-08-11"),
        ("PA", "2021-04-25", "2024-08-11"),
        ("FL", "2021-04-25", "2024-08-11"),
    ],
)
def test_a_third_facet_level_follows_the_contractors_days(state: str, begins: str, revised: str) -> None:
    edges = [dt.date.fromisoformat(text) for text in (begins, revised)]
    asked = [
        payer(filing="MB", state=state, day=edge - dt.timedelta(days=before))
        for edge in edges
        for before in (1, 0)
    ]
    told = said(shipped(), *asked, name="facet_third_level")
    assert told == [None, "on_appeal", "on_appeal", "not_covered"]


@pytest.mark.parametrize(
    ("topic", "states"),
    [
        ("sacroiliac", "CA WA KS IL MI OH GA NY VA"),
        ("trigger_point", "CA WA KS IL MI OH GA NY VA"),
        ("drug_test", "CA WA KS IL MI OH GA NY VA"),
        ("spinal_stimulator", "CA WA GA VA"),
        ("vertebral", "CA WA KS IL MI OH TX GA NY PA VA FL"),
        ("basivertebral", "CA WA GA VA"),
    ],
)
def test_where_a_topic_has_no_policy_nothing_is_said(topic: str, states: str) -> None:
    one_of_each = [min(names.split()) for names in JURISDICTIONS.values()]
    asked = [payer(filing="MB", state=state) for state in one_of_each]
    binding = {
        f"medicare-{name}"
        for name, told in zip(JURISDICTIONS, said(shipped(), *asked, name=f"{topic}_lcd"), strict=True)
        if told
    }
    expected = {
        f"medicare-{name}" for name, own in JURISDICTIONS.items() if set(own.split()) & set(states.split())
    }
    assert binding == expected


def test_a_coverage_policy_is_cited_by_its_own_number_and_day() -> None:
    binding = [value for one in shipped().policies for value in one.values if value.name.endswith("_lcd")]
    assert len(binding) >= 60
    for value in binding:
        assert value.cite.startswith("lcd-l")
        assert value.section.endswith(f"in force from {value.span.start}")
        source = shipped().sources[value.cite]
        assert source.title.startswith(f"LCD {value.cite.removeprefix('lcd-').upper()} of ")
        assert source.url.startswith("https://")


def test_filing_codes_are_those_that_the_structure_of_a_claim_allows() -> None:
    assert len(set(FILINGS)) == len(FILINGS) == 23


def test_many_payers_are_answered_as_each_alone(tmp_path: Path) -> None:
    text = policy(match='payer_id = ["7", "11"]', name="filing_days", value="90")
    known = load_policies([folder_of(tmp_path, text)])
    asked = [payer(str(number), filing=("MB", None)[number % 2]) for number in range(200)]
    asked[5] |= {"day": None}
    for name in ("filing_days", "ncci_edits"):
        alone = [answer for one in asked for answer in said(known, one, name=name)]
        assert said(known, *asked, name=name) == alone
        assert 0 < len([answer for answer in alone if answer is not None]) < 200


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(policy(), encoding="utf-8-sig", newline="\r\n")
    assert said(load_policies([file]), payer(), name="ncci_edits") == [True]


def test_the_case_of_a_state_makes_no_difference(tmp_path: Path) -> None:
    known = load_policies([folder_of(tmp_path, policy(match='filing = ["mb"]\nstate = ["oh", " Tx "]'))])
    own = next(one for one in known.policies if one.own)
    assert own.match == {"filing": frozenset({"MB"}), "state": frozenset({"OH", "TX"})}


@pytest.mark.parametrize(
    ("name", "value"),
    [("filing_days", "1"), ("filing_days", "3660"), ("authorisation_codes", '["J3301", "0275T"]')],
)
def test_numbers_at_the_ends_and_codes_are_taken(tmp_path: Path, name: str, value: str) -> None:
    load_policies([folder_of(tmp_path, policy(name=name, value=value))])


def test_a_source_that_is_not_there_is_told_with_near_names_only(tmp_path: Path) -> None:
    text = policy().replace('cite = "contract-p"', 'cite = "zz"')
    with pytest.raises(BadReference) as refused:
        load_policies([folder_of(tmp_path, text)])
    assert refused.value.fix == "Describe it in this file, as [[source]]."
