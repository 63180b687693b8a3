"""Made-up claims on paper, and what stands where on a printed page."""

import io
from collections.abc import Mapping
from typing import Any, Final

import polars as pl
from pypdf import PdfReader

from anodyne.forms.cms1500 import cms1500
from anodyne.forms.paper import Paper, Total
from anodyne.model.book import Book
from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.parties import (
    Address,
    Billing,
    Contact,
    Organisation,
    Parties,
    Person,
    Receiver,
    Submitter,
    Subscriber,
)
from tests.claims import Claim, Line, book_from, npi

CLINIC, SOLO, ROE, POE, SITE = npi(41), npi(43), npi(52), npi(77), npi(99)
HOME = Address("1 Elm St.", "Parma", "OH", "44129")
STREET = Address("100 Main St", "Columbus", "OH", "432150001", more="Suite 2")
PAYER = Address("PO Box 1", "Dayton", "OH", "454010001")
PATIENT = Person("Doe", "Pat", "Quinn", "Jr.")
_LETTER_HEIGHT: Final = 792
_SMALLEST_DATA: Final = 10


def parties_of(book: Book, **changes: Any) -> Parties:
    told: dict[str, Any] = {
        "submitter": Submitter("Made Up Billing", "S1", Contact("Office", "6145550100")),
        "receiver": Receiver("Made Up House", "R1"),
        "billing": {
            CLINIC: Billing(Organisation("Made Up Pain Clinic"), STREET, "31-0000001"),
            SOLO: Billing(Person("Roe", "Sam", "Q"), HOME, "310000002", "SY", Contact("Desk", "6145550199")),
        },
        "practitioners": {ROE: Person("Roe", "Sam", "Quinn"), POE: Person("Poe", "Kim")},
        "subscribers": dict.fromkeys(book.claims["patient"].to_list(), Subscriber(PATIENT, HOME)),
        "payers": dict.fromkeys(book.claims["payer_id"].to_list(), PAYER),
    }
    return Parties(**{**told, **changes})


def with_values(book: Book, **values: Any) -> Book:
    """The book with columns of all its claims set."""
    columns = [pl.lit(value, book.claims.schema[name]).alias(name) for name, value in values.items()]
    return Book(book.claims.with_columns(columns), book.lines)


def with_line_values(book: Book, **values: Any) -> Book:
    columns = [pl.lit(value, book.lines.schema[name]).alias(name) for name, value in values.items()]
    return Book(book.claims, book.lines.with_columns(columns))


def printed(
    book: Book,
    paper: Paper | None = None,
    *,
    parties: Parties | None = None,
    total: Total = Total.EACH_PAGE,
    coordination: Coordination = ONE_PAYER,
    **rest: Any,
) -> list["Page"]:
    """The pages of the book's claims, all with the same `paper`."""
    papers = {} if paper is None else dict.fromkeys(book.claims["claim_id"].to_list(), paper)
    pdf = cms1500(
        book.claims, book.lines, parties or parties_of(book), papers, coordination, total=total, **rest
    )
    return pages(pdf)


def one(paper: Paper | None = None, payer: str = "commercial", **values: Any) -> "Page":
    """The page of a claim of one line, with columns of the claim set."""
    book = with_values(book_from(Claim([Line("62323")], payer=payer)), **values)
    (page,) = printed(book, paper)
    return page


Page = Mapping[tuple[int, int], str]
"""Text by the row and column of the grid where it begins."""


def pages(pdf: bytes) -> list[Page]:
    """What a PDF shows, by row and column of the form; AssertionError for text off the grid."""
    found: list[Page] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        assert (page.mediabox.width, page.mediabox.height) == (612, 792)
        texts: dict[tuple[int, int], str] = {}

        def take(
            text: str, cm: list[float], tm: list[float], _font: object, size: float, texts: Any = texts
        ) -> None:
            if text.strip() and size > _SMALLEST_DATA:
                column = (cm[4] + tm[4] - 21.6) / 7.2 + 1
                row = (_LETTER_HEIGHT - cm[5] - 9 - 24) / 12 + 1
                assert abs(column - round(column)) < 0.01
                assert abs(row - round(row)) < 0.01
                assert abs(size * 1233 / 2048 - 7.2) < 0.001  # ten characters to the inch
                texts[round(row), round(column)] = text.strip()

        page.extract_text(visitor_text=take)
        found.append(texts)
    return found
