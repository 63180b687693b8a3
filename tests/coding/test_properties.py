"""What holds of every session: fewer facts never give more, and what is built can stand on a claim."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.coding.build import build
from anodyne.coding.built import Built, Line
from anodyne.coding.daybook import Daybook
from anodyne.coding.facts import Fact, Kind, facts_of
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.reading import options_of
from anodyne.coding.session import Payer
from anodyne.kernel.errors import BadFacts, BadField
from anodyne.reference.fees import national_cents
from anodyne.reference.policy_files import shipped
from tests.claims import reference
from tests.coding.made import DAY, MEDICARE, UNKNOWN

PAYERS = [MEDICARE, UNKNOWN, None]
DAYS = [
    dt.date(2018, 5, 1),
    dt.date(2023, 6, 30),
    dt.date(2024, 3, 31),
    dt.date(2024, 7, 7),
    dt.date(2025, 1, 1),
    DAY,
]
MUSCLES = [
    "trapezius",
    "left trapezius",
    "right trapezius",
    "levator scapulae",
    "splenius capitis",
    "paraspinals",
]
DRUGS = ["J1010", "J3301", "J0585", "J0665", "J1030", "J7321", "J9999"]
NDCS = ["00003029320", "00009347501", "00023392102", "12345678901"]
EITHER = [("region", "level"), ("joints", "nerves"), ("code", "ndc")]
"""Two facts that say the same: where both are told they may contradict each other."""


def values(name: str, fact: Fact) -> st.SearchStrategy[Any]:
    options = list(options_of(fact, reference()))
    if name == "dx":
        return st.sampled_from([["M54.16"], ["M54.16", "M47.816"]])
    if name == "muscles":
        return st.lists(st.sampled_from(MUSCLES), min_size=1, max_size=6)
    match fact.kind:
        case Kind.CHOICE:
            return st.sampled_from(options)
        case Kind.SEVERAL:
            return st.lists(st.sampled_from(options), min_size=1, max_size=4)
        case Kind.COUNT:
            return st.integers(int(fact.least), min(int(fact.most), 6))
        case Kind.AMOUNT:
            return st.sampled_from([0, 0.5, 1, 5, 35, 40, 155, 200])
        case Kind.YES_NO:
            return st.booleans()
        case _:
            return st.sampled_from(DRUGS if name == "code" else NDCS)


@st.composite
def procedures(draw: st.DrawFn, family: str = "") -> dict[str, Any]:
    family = family or draw(st.sampled_from(list(FAMILIES)))
    told: dict[str, Any] = {"family": family}
    for name, fact in facts_of(FAMILIES[family][1]).items():
        value = draw(st.one_of(st.none(), values(name, fact), values(name, fact), values(name, fact)))
        if value is not None:
            told[name] = value
    for one, other in EITHER:
        if one in told and other in told:
            del told[other]
    return told


def built(
    one: Any, *, day: dt.date = DAY, place: str = "11", payer: Mapping[str, str] | None = MEDICARE
) -> Built:
    session = {"day": day, "place": place, "payer": payer, "diagnoses": ["M54.16"], "procedures": one}
    return build(session, reference=reference(), policies=shipped())


def cost(found: Built, place: str) -> float:
    """What Medicare allows for the lines, cents; a code without a price counts by its units."""
    if not found.lines:
        return 0
    keys = pl.DataFrame(
        {
            "code": [line.code for line in found.lines],
            "served_on": [found.day for _ in found.lines],
            "facility": [place == "22" for _ in found.lines],
        }
    )
    prices = national_cents(keys, reference())["allowed_cents"].to_list()
    return sum(worth(line, price or 1) for line, price in zip(found.lines, prices, strict=True))


def worth(line: Line, price: int) -> float:
    share = 1.5 if "50" in line.modifiers else 0.5 if "52" in line.modifiers else 1
    return price * line.units * share


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_fact_less_never_gives_more(family: str, data: st.DataObject) -> None:
    told = data.draw(procedures(family))
    names = sorted(set(told) - {"family"})
    if not names:
        return
    forgotten = data.draw(st.sampled_from(names))
    day, payer = data.draw(st.sampled_from(DAYS)), data.draw(st.sampled_from(PAYERS))
    place = data.draw(st.sampled_from(["11", "22"]))
    whole = built([told], day=day, place=place, payer=payer)
    less = built(
        [{name: told[name] for name in told if name != forgotten}], day=day, place=place, payer=payer
    )
    assert cost(less, place) <= cost(whole, place)
    if in_short(less) != in_short(whole):
        assert less.questions, forgotten


def in_short(found: Built) -> list[tuple[str, tuple[str, ...], int]]:
    return [(line.code, line.modifiers, line.units) for line in found.lines]


@pytest.mark.parametrize(
    "family", [name for name in FAMILIES if any(f.when for f in facts_of(FAMILIES[name][1]).values())]
)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_does_not_matter_changes_nothing(family: str, data: st.DataObject) -> None:
    told = data.draw(procedures(family))
    facts = facts_of(FAMILIES[family][1])
    matters = {
        name: value
        for name, value in told.items()
        if name == "family" or all(told.get(other) in wanted for other, wanted in facts[name].when.items())
    }
    assert in_short(built([told])) == in_short(built([matters]))
    assert built([told]).questions == built([matters]).questions


@settings(max_examples=150, deadline=None)
@given(procedures(), st.sampled_from(["11", "22"]))
def test_a_payer_of_whom_nothing_is_known_gives_no_more(told: dict[str, Any], place: str) -> None:
    known, unknown = built([told], place=place), built([told], place=place, payer=None)
    assert cost(unknown, place) <= cost(known, place)
    if in_short(known) != in_short(unknown):
        assert unknown.questions


@settings(max_examples=150, deadline=None)
@given(st.lists(procedures(), min_size=1, max_size=4), st.sampled_from(DAYS), st.sampled_from(PAYERS))
def test_what_is_built_can_stand_on_a_claim(
    told: list[dict[str, Any]], day: dt.date, payer: Mapping[str, str] | None
) -> None:
    found = built(told, day=day, payer=payer)
    for line in found.lines:
        assert line.units >= 1
        assert len(line.modifiers) <= 4
        assert len(set(line.modifiers)) == len(line.modifiers)
        assert {"LT", "RT"} - set(line.modifiers)
        assert len(line.dx_pointers) <= 4
        assert all(1 <= place <= len(found.diagnoses) for place in line.dx_pointers)
        assert all(0 <= number < len(told) for number in line.procedures)
        lives = (
            reference()
            .table("code_life")
            .filter(system="hcpcs", code=line.code)
            .select("from", "until")
            .rows()
        )
        assert all((not a or a <= day) and (not b or day < b) for a, b in lives)
    points = [line for line in found.lines if line.code in {"20552", "20553"}]
    assert [line.units for line in points] in ([], [1])
    if payer is MEDICARE:
        book = Daybook(day, Payer(), reference(), shipped())
        for code in {line.code for line in found.lines}:
            units, most = sum(line.units for line in found.lines if line.code == code), book.most_units(code)
            asked = any(question.fact == "units" and code in question.asks for question in found.questions)
            assert most is None or units <= most or asked, code
    told_of = {n for line in found.lines for n in line.procedures}
    told_of |= {n for left in found.left_out for n in left.procedures}
    told_of |= {question.procedure for question in found.questions if question.procedure is not None}
    assert told_of == set(range(len(told))), "a procedure is billed, left out or asked about"


@settings(max_examples=150, deadline=None)
@given(st.lists(procedures(), min_size=2, max_size=5))
def test_no_pair_is_built_that_medicare_does_not_pay(told: list[dict[str, Any]]) -> None:
    book = Daybook(DAY, Payer(), reference(), shipped())
    lines = built(told).lines
    for paid in lines:
        for unpaid in lines:
            indicator = book.indicator(paid.code, unpaid.code) if paid.code != unpaid.code else None
            sides = {"RT", "LT"} & {*paid.modifiers, *unpaid.modifiers}
            assert indicator is None or (
                indicator == 1 and ("XS" in unpaid.modifiers or sides == {"RT", "LT"})
            ), (paid, unpaid)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(list(FAMILIES)).flatmap(
        lambda family: st.fixed_dictionaries(
            {"family": st.just(family)},
            optional=dict.fromkeys(facts_of(FAMILIES[family][1]), ANYTHING),
        )
    )
)
def test_whatever_is_told_is_built_or_refused_by_field(told: dict[str, Any]) -> None:
    fields: tuple[BadField, ...] = ()
    try:
        built([told])
    except BadFacts as error:
        fields = error.fields
    assert all(field.where.startswith("procedures[0].") or field.where == "diagnoses" for field in fields)
    assert all(field.message and field.fix for field in fields)


@pytest.mark.parametrize(
    "garbage", [{}, {"day": 5}, {"procedures": "x"}, {"day": DAY, "place": "11", "procedures": [7]}]
)
def test_a_session_that_is_none_is_refused(garbage: dict[str, Any]) -> None:
    with pytest.raises(BadFacts):
        build(garbage, reference=reference(), policies=shipped())
