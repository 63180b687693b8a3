"""Paper claims to a later payer, and of patients whom somebody else's insurance covers."""

from typing import Any

import polars as pl
import pytest

from anodyne.forms.paper import Other, Paper
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.frames import OTHER_PAYERS
from anodyne.model.parties import Address, Dependent, Insured, Organisation, Person
from tests.claims import Claim, Line, book_from
from tests.forms.made import HOME, PATIENT, parties_of, printed, with_values

AWAY = Address("7 Hill Rd", "Erie", "PA", "16501")


def told(**changes: Any) -> dict[str, Any]:
    return {
        "claim_key": 0,
        "payer_id": "FST01",
        "payer_name": "First Mutual",
        "payer_rank": "P",
        "relationship": "18",
        "member_id": "F9",
        "paid_cents": 80_00,
        **changes,
    }


def of(*rows: dict[str, Any]) -> Coordination:
    payers = [dict.fromkeys(OTHER_PAYERS) | row | {"other_payer_key": k} for k, row in enumerate(rows)]
    frame = pl.DataFrame(payers, schema=dict(OTHER_PAYERS))
    return Coordination(frame, ONE_PAYER.adjudications, ONE_PAYER.adjustments)


def book(payer: str = "commercial", **values: Any) -> Book:
    return with_values(book_from(Claim([Line("62323")], payer=payer)), payer_rank="S", **values)


def refusal(*args: Any, **rest: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        printed(*args, **rest)
    return caught.value.what


def test_the_first_payers_policy_and_payment() -> None:
    (page,) = printed(book(), coordination=of(told(group_number="GRP4")))
    assert (page[20, 1], page[26, 1], page[26, 52]) == ("GRP4", "FIRST MUTUAL", "X")
    assert (page[56, 65], (18, 1) in page) == ("80 00", False)
    (page,) = printed(book(), coordination=of(told()))
    assert page[20, 1] == "F9"


def test_a_payer_who_paid_nothing_and_one_who_has_not_decided() -> None:
    (page,) = printed(book(), coordination=of(told(paid_cents=0)))
    assert page[56, 66] == "0 00"
    (page,) = printed(book(), coordination=of(told(paid_cents=None)))
    assert not {place for place in page if place[0] == 56 and place[1] > 60}


def test_a_policy_that_somebody_else_holds() -> None:
    some = book()
    insured = {("FST01", "F9"): Insured(Person("Doe", "Ann"), AWAY)}
    other = of(told(relationship="19"))
    (page,) = printed(some, parties=parties_of(some, insured=insured), coordination=other)
    assert page[18, 1] == "DOE, ANN"
    assert "item 9 is of somebody who is not among the parties' insured" in refusal(some, coordination=other)


def test_what_paper_says_goes_first() -> None:
    paper = Paper(other=Other("MINE", "Mine"), paid_cents=1_00)
    (page,) = printed(book(), paper, coordination=of(told()))
    assert (page[20, 1], page[56, 66]) == ("MINE", "1 00")
    (page,) = printed(book(), Paper(other=False), coordination=of(told()))
    assert page[26, 57] == "X"


def test_two_other_policies_are_not_one() -> None:
    two = of(told(), told(payer_id="SND02", payer_rank="T", paid_cents=5_00))
    assert "item 9 holds one other policy" in refusal(book(), coordination=two)
    (page,) = printed(book(), Paper(other=Other("A", "B")), coordination=two)
    assert page[56, 65] == "85 00"


def test_medicare_as_a_later_payer() -> None:
    some = book("medicare")
    (page,) = printed(some, coordination=of(told(group_number="GRP4")))
    assert (page[10, 50], page[18, 50], page[24, 50]) == ("SAME", "GRP4", "FIRST MUTUAL")
    assert not {place for place in page if place[0] == 56 and place[1] > 60}
    insured = {("FST01", "F9"): Insured(Organisation("Made Up Works"), AWAY)}
    other = of(told(relationship="20"))
    (page,) = printed(some, parties=parties_of(some, insured=insured), coordination=other)
    assert (page[10, 50], page[12, 47], page[14, 74]) == ("MADE UP WORKS", "X", "PA")
    assert "item 4 is of somebody" in refusal(some, coordination=other)


def test_medicare_first_tells_nothing_of_later_payers() -> None:
    some = with_values(book("medicare"), payer_rank="P")
    (page,) = printed(some, coordination=of(told(payer_rank="S")))
    assert page[18, 50] == "NONE"
    assert (20, 1) not in page


def test_a_dependent_and_the_insured() -> None:
    some = with_values(book(relationship="19"), payer_rank="P")
    (row,) = some.claims.to_dicts()
    parties = parties_of(
        some,
        subscribers={},
        dependents={row["patient"]: Dependent(PATIENT, HOME)},
        insured={(row["payer_id"], row["member_id"]): Insured(Person("Doe", "Ann"), AWAY)},
    )
    (page,) = printed(some, parties=parties)
    assert (page[10, 1], page[10, 50], page[12, 42]) == ("DOE JR, PAT, Q", "DOE, ANN", "X")
    assert (page[12, 50], page[16, 50], (20, 53) in page) == ("7 HILL RD", "16501", False)
