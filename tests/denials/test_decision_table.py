"""The decision table covers section 11 of the fact base line by line, and holds together."""

import csv
import gzip
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

from anodyne.denials.facts import tokens
from anodyne.model.denials import (
    ACTION_WORDS,
    ANY,
    CAUSE_WORDS,
    EVIDENCE_WORDS,
    FACT_ASKS,
    ORDINARY,
    OWNER_WORDS,
    ROUTE_WORDS,
    Action,
    Appealable,
    InsuranceProgram,
    Owner,
    Route,
)
from tests.denials.made import reference

SHARED = Path(__file__).parents[3] / "shared"
FACTS = SHARED / "facts" / "rules.md"
CODES = SHARED / "corpus" / "reference" / "adjustment_codes_2024_no_text.csv.gz"
of_the_facts = pytest.mark.skipif(not FACTS.exists(), reason=f"the fact base is not here: {FACTS}")

ACTIONS = reference().table("denial_actions")
GUARDRAILS = reference().table("denial_guardrails")

RESEND, APPEAL, BILL = "correct_and_resend", "appeal", "bill_patient"
OTHER, RECORDS, STATE, OFF = "bill_other_payer", "send_records", "ask_the_state", "write_off_with_approval"
DISPUTE, READ = "dispute_underpayment", "read_remarks"
LINES = {
    "1, 2, 3 (PR)": ("patient_share", BILL, "no"),
    "4": ("modifier", RESEND, "unknown"),
    "5 / 58": ("place", RESEND, "yes"),
    "8 / 170 / 172 / 185": ("practitioner", RESEND, "unknown"),
    "11": ("diagnosis", RESEND, "unknown"),
    "15": ("unknown", READ, "unknown"),
    "16": ("information", READ, "no"),
    "18 (OA)": ("duplicate", "find_original", "no"),
    "19, 20, 21": ("other_payer", OTHER, "no"),
    "22 / 23": ("other_payer", OTHER, "unknown"),
    "24": ("wrong_payer", OTHER, "no"),
    "26 / 27": ("coverage_dates", OTHER, "no"),
    "29": ("late", APPEAL, "unknown"),
    "31 / 140": ("member", RESEND, "unknown"),
    "39 / 197 / 198 / 210 / 296": ("authorisation", APPEAL, "yes"),
    "45 (CO)": ("contract", "accept", "no"),
    "49 / 96 / 204": ("benefit", APPEAL, "unknown"),
    "50": ("necessity", APPEAL, "yes"),
    "54 / 194": ("bundled", OFF, "unknown"),
    "55 / 56": ("unproven", APPEAL, "yes"),
    "59": ("multiple_procedures", DISPUTE, "unknown"),
    "94 (OA)": ("roll_up", "accept", "no"),
    "97": ("bundled", RESEND, "yes"),
    "107 / B15": ("add_on", RESEND, "unknown"),
    "109": ("wrong_payer", OTHER, "no"),
    "119": ("frequency", APPEAL, "yes"),
    "129": ("other_payer", RESEND, "unknown"),
    "146 / 181 / 182": ("outdated_code", RESEND, "unknown"),
    "147": ("expired_contract", DISPUTE, "unknown"),
    "150": ("level", APPEAL, "yes"),
    "151": ("frequency", APPEAL, "yes"),
    "152–154": ("drug", APPEAL, "yes"),
    "163, 164, 226, 227, 250–252": ("records", RECORDS, "unknown"),
    "167": ("diagnosis", RESEND, "yes"),
    "186": ("level", APPEAL, "yes"),
    "193": ("upheld", APPEAL, "yes"),
    "206–208": ("practitioner", RESEND, "unknown"),
    "216 / 219": ("review", APPEAL, "yes"),
    "222": ("units", APPEAL, "yes"),
    "223": ("law", READ, "no"),
    "231 / 236": ("bundled", RESEND, "unknown"),
    "234": ("bundled", OFF, "unknown"),
    "242 / 243 / 279": ("network", APPEAL, "yes"),
    "246": ("reporting_only", "accept", "no"),
    "253": ("sequestration", "accept", "no"),
    "256 / 272 / 273": ("policy", APPEAL, "yes"),
    "288": ("referral", RESEND, "unknown"),
    "A1": ("unknown", READ, "unknown"),
    "B7": ("practitioner", RESEND, "unknown"),
    "B9 / B14 / B16 / B20": ("other_payer", RESEND, "unknown"),
    "P1–P27 family": ("injury", STATE, "unknown"),
}
"""What each line of section 11 comes to: cause, action and whether it can be appealed."""
APART = {
    "23": ("prior_payment", "accept", "no"),
    "227": ("records", "wait_for_records", "unknown"),
    "96": ("benefit", READ, "unknown"),
    "B14": ("frequency", RESEND, "unknown"),
    "B16": ("new_patient", RESEND, "unknown"),
    "B20": ("duplicate", RESEND, "unknown"),
    "P1": ("law", STATE, "unknown"),
    "P3": ("injury", OTHER, "unknown"),
    "P7": ("injury", RESEND, "unknown"),
    "P8": ("injury", "wait_for_decision", "unknown"),
    "P10": ("injury", "wait_for_decision", "unknown"),
    "P11": ("injury", "wait_for_decision", "unknown"),
    "P14": ("bundled", STATE, "unknown"),
    **dict.fromkeys(("P24", "P25", "P26"), ("injury", APPEAL, "unknown")),
}
"""Those of a line that come to something else than the rest of it."""
ENDED = {"W1", "W3", "Y1", "Y2", "Y3"}


def section() -> str:
    text = FACTS.read_text("utf-8")
    return text[text.index("\n## 11. ") : text.index("\n### 11.1 ")]


def table_lines() -> list[list[str]]:
    rows = [line for line in section().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def spread(text: str) -> Iterator[str]:
    """The codes that `text` names, ranges spread."""
    for letter, first, last in re.findall(r"\b([A-Z]{0,2})(\d+)(?:–[A-Z]{0,2}(\d+))?", text):
        numbers = range(int(first), int(last or first) + 1)
        yield from (f"{letter}{number:0{len(first)}}" for number in numbers)


def base(reason: str) -> tuple[str, str, str]:
    rows = ACTIONS.filter(
        (pl.col("reason") == reason) & (pl.col("remark") == ANY) & (pl.col("fact") == ANY),
        (pl.col("group") == ANY) & pl.col("until").is_null(),
    )
    (row,) = rows.select("cause", "action", "appealable").rows()
    return row


@of_the_facts
def test_every_line_of_section_11_comes_to_what_it_says() -> None:
    lines = [line[0] for line in table_lines()]
    assert lines == list(LINES)
    found = {code: base(code) for line in lines for code in spread(line)}
    wanted = {code: APART.get(code, LINES[line]) for line in lines for code in spread(line)}
    assert found == wanted


@of_the_facts
def test_every_line_that_says_appeal_is_one_that_can_be_appealed() -> None:
    said = {line[0]: line[4].replace("*", "") for line in table_lines()}
    appeals = {line for line, text in said.items() if "appeal" in text and "not appeal" not in text}
    assert {line for line in appeals if LINES[line][2] == "no"} == set()
    closed = {line for line, text in said.items() if text in {"neither", "redirect", "redirect / patient"}}
    assert {line for line in closed if LINES[line][2] != "no"} == set()


@of_the_facts
def test_codes_that_ended_say_so() -> None:
    named = set(spread(section()[section().index("**W1") :].split(" ended")[0]))
    assert named == ENDED
    for code in (*ENDED, "15"):
        before, after = ACTIONS.filter(reason=code).sort("from").iter_rows(named=True)
        assert before["until"] == after["from"]
        assert (after["cause"], after["action"], after["decisive"]) == ("unknown", READ, False)
        assert str(after["from"]) in after["says"]


@of_the_facts
def test_every_remark_of_section_11_has_a_row() -> None:
    text = section()[section().index("RARC (all active") :]
    named = set(spread(" ".join(re.findall(r"\b(?:MA?|N)\d+(?:–N\d+)?\b", text))))
    alone = ACTIONS.filter(reason=ANY)["remark"]
    assert len(named) == 66
    assert named - {*alone, *GUARDRAILS["remark"]} == set()


@of_the_facts
def test_every_reason_of_the_whole_section_has_a_row() -> None:
    named = chain.from_iterable(spread(line[0]) for line in table_lines())
    assert {*named, *ENDED} - set(ACTIONS["reason"]) == set()


@of_the_facts
def test_what_may_mean_a_downcode_is_told() -> None:
    (told,) = re.findall(r"^\| DC-05 \|.*$", FACTS.read_text("utf-8"), re.MULTILINE)
    codes = set(spread(told.split("|")[2].replace("D-ADJ", "")))
    assert codes - {*ACTIONS["reason"], *ACTIONS["remark"]} == set()


@pytest.mark.corpus
@pytest.mark.skipif(not CODES.exists(), reason=f"the list of codes is not here: {CODES}")
def test_a_row_holds_while_its_codes_do() -> None:
    with gzip.open(CODES, "rt", encoding="utf-8") as file:
        dates = {row["adj_code"]: row for row in csv.DictReader(file)}
    for row in ACTIONS.iter_rows(named=True):
        codes = [row[name] for name in ("reason", "remark") if row[name] != ANY]
        if row["cause"] == "unknown" and row["reason"] != "A1":
            assert str(row["from"]) == dates[row["reason"]]["adj_end_date"]
            continue
        assert str(row["from"]) == max(dates[code]["adj_start_date"] for code in codes), row
        ends = [dates[code]["adj_end_date"] for code in codes if dates[code]["adj_end_date"]]
        assert str(row["until"] or "") == min(ends, default=""), row


def test_words_are_of_the_closed_lists() -> None:
    assert set(ACTIONS["cause"]) == set(CAUSE_WORDS)
    assert {*ACTIONS["action"], *GUARDRAILS["bars"], *GUARDRAILS["instead"]} == set(Action)
    assert set(ACTION_WORDS) == set(Action)
    assert set(ACTIONS["owner"]) == set(OWNER_WORDS) == set(Owner)
    assert {*ACTIONS["appealable"], *GUARDRAILS["appealable"].drop_nulls()} <= set(Appealable)
    assert set(ACTIONS["evidence"].str.split(";").list.explode().drop_nulls()) == set(EVIDENCE_WORDS)
    assert set(ACTIONS["asks"].drop_nulls()) == set(FACT_ASKS)
    assert set(ROUTE_WORDS) == set(Route)
    assert set(ORDINARY) < set(CAUSE_WORDS)
    levels = reference().table("denial_levels")
    assert set(levels["program"]) <= set(InsuranceProgram)
    assert set(levels["route"]) <= set(Route)
    assert set(reference().table("denial_chances")["cause"]) == set(CAUSE_WORDS)


def test_facts_are_known_ones_and_what_is_asked_has_answers() -> None:
    named = {fact.partition("=")[0] for fact in (*ACTIONS["fact"], *GUARDRAILS["fact"]) if fact != ANY}
    assert named <= set(tokens())
    only_asked = {"records_asked_on", "decided_level"}
    for row in ACTIONS.drop_nulls("asks").iter_rows(named=True):
        answers = ACTIONS.filter(reason=row["reason"], remark=row["remark"])["fact"].to_list()
        guards = GUARDRAILS.filter(reason=row["reason"])["fact"].to_list()
        told = {fact for fact in (*answers, *guards) if fact.startswith(f"{row['asks']}=")}
        assert row["asks"] in only_asked or len(told) >= 1, row


def test_every_row_with_a_fact_stands_beside_one_without() -> None:
    plain = {*ACTIONS.filter(fact=ANY).select("reason", "group", "remark").rows()}
    with_fact = {*ACTIONS.filter(pl.col("fact") != ANY).select("reason", "group", "remark").rows()}
    assert with_fact <= plain


def test_what_a_person_reads_is_short_and_whole() -> None:
    for name in ("says", "next"):
        longest = ACTIONS[name].str.len_chars().max()
        assert isinstance(longest, int)
        assert longest <= 130
        assert ACTIONS[name].null_count() == 0
    assert GUARDRAILS["says"].null_count() == 0


def test_only_the_patients_group_sends_a_bill_to_the_patient() -> None:
    rows = ACTIONS.filter(action=BILL)
    assert set(rows.filter(group=ANY)["reason"]) == {"1", "2", "3"}
    assert set(rows["group"]) == {ANY, "PR"}
    assert {"CO", "OA", "PI", "CR"} <= set(GUARDRAILS.filter(bars=BILL)["group"])
