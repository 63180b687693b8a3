"""The views: every fact a rule may compare, each computed once; all but `month` from a book of claims.

One module for each view: its FACTS document every column, and one function builds it from what all share.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference
from anodyne.rules.fact import Facts
from anodyne.rules.rule import View
from anodyne.rules.views import (
    care,
    claim,
    course,
    coverage,
    diagnosis,
    following,
    line,
    modifier,
    month,
    pair,
    place,
    pointed,
    session,
)
from anodyne.rules.views.ground import ground
from anodyne.rules.views.guidance import with_guidance
from anodyne.rules.views.line import with_code_facts

FACTS: Final[Mapping[View, Facts]] = MappingProxyType(
    {
        View.LINE: line.FACTS,
        View.PAIR: pair.FACTS,
        View.CLAIM: claim.FACTS,
        View.DIAGNOSIS: diagnosis.FACTS,
        View.POINTED: pointed.FACTS,
        View.CARE: care.FACTS,
        View.SESSION: session.FACTS,
        View.COURSE: course.FACTS,
        View.FOLLOWING: following.FACTS,
        View.COVERAGE: coverage.FACTS,
        View.PLACE: place.FACTS,
        View.MODIFIER: modifier.FACTS,
        View.MONTH: month.FACTS,
    }
)
"""The documented columns of each view."""


def build(
    book: Book,
    reference: Reference,
    *,
    as_of: dt.date | None,
    wanted: Collection[View],
    policies: Policies | None = None,
) -> dict[View, pl.DataFrame]:
    """The `wanted` views of `book`, as `one_by_one` makes them."""
    return dict(one_by_one(book, reference, as_of=as_of, wanted=wanted, policies=policies))


def one_by_one(
    book: Book,
    reference: Reference,
    *,
    as_of: dt.date | None,
    wanted: Collection[View],
    policies: Policies | None = None,
) -> Iterator[tuple[View, pl.DataFrame]]:
    """The `wanted` views of `book`, as of the day on which the check is made; each line's own where None.

    Payers are judged by `policies`; by those that ship with the package where none are given.  Each view is
    made when it is asked for: of a large book not all have to be held at once.
    """
    policies = shipped() if policies is None else policies
    lines = ground(book, policies, as_of)

    @cache
    def described() -> pl.DataFrame:
        return with_guidance(with_code_facts(lines, reference), reference)

    makers: Mapping[View, Callable[[], pl.DataFrame]] = {
        View.SESSION: lambda: session.session_view(lines, book.claims, reference),
        View.COURSE: lambda: course.course_view(lines, book, reference),
        View.CARE: lambda: care.care_view(lines, book.claims, reference),
        View.CLAIM: lambda: claim.claim_view(book, policies),
        View.DIAGNOSIS: lambda: diagnosis.diagnosis_view(book, lines, reference),
        View.POINTED: lambda: pointed.pointed_view(book, lines, reference),
        View.LINE: lambda: line.line_view(described(), book.claims, reference),
        View.PAIR: lambda: pair.pair_view(described(), reference),
        View.MODIFIER: lambda: modifier.modifier_view(described(), book, reference),
        View.PLACE: lambda: place.place_view(described(), reference),
        View.FOLLOWING: lambda: following.following_view(described(), reference),
        View.COVERAGE: lambda: coverage.coverage_view(described(), book, reference),
    }
    for view, make in makers.items():
        if view in wanted:
            yield view, make()
