"""Remitted claims, and those that were sent, in books of which each is worked without the others.

A book holds together what matching, sessions of a patient, reversals and postings look at side by side.
Of payments, which are few, each book has all.
"""

from typing import Final

import numpy as np
import polars as pl

from anodyne.app.remit_read import RemitsRead
from anodyne.app.shelf import Piles, Shelf
from anodyne.denials.connected import links_of_claims, links_of_remits, together
from anodyne.ledger.transfers import named_numbers
from anodyne.model.frames import CLAIMS, LINES, empty
from anodyne.model.remittance import SCHEMAS, Remittance

BOOK_CLAIMS: Final = 12_500
"""About how many remitted claims make a book: a book has costs of its own, however few its claims."""
_WORKED: Final = ("remits", "lines", "adjustments", "remarks")
"""Of what was said of claims, what a book has."""
_PROVIDER: Final = 0
"""The link of all claims of which what payers took or gave beside claims may be."""


class Sent:
    """The claims that were sent, in the order of their keys: piles on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.claims = 0
        self.piles = 1
        self._shelf = shelf
        self.lay(empty(CLAIMS), empty(LINES))

    def lay(self, claims: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Lay down the claims that come next, with their lines."""
        self.piles = self.claims // BOOK_CLAIMS + 1
        self._shelf.put("sent claims", self.piles - 1, claims)
        self._shelf.put("sent lines", self.piles - 1, lines)
        self.claims += len(claims)

    def pile(self, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Claims and lines of a pile."""
        return self._shelf.take("sent claims", number), self._shelf.take("sent lines", number)

    def whole(self, name: str) -> pl.DataFrame:
        """All `claims` or `lines`, in memory."""
        return pl.concat([self._shelf.take(f"sent {name}", number) for number in range(self.piles)])


class Books:
    """All that was read and sent, in books; few claims are one book."""

    def __init__(self, read: RemitsRead, sent: Sent) -> None:
        self._read = read
        self._sent = sent
        self._shelf = read.said.shelf
        self._with_provider = 0
        self.number = 1
        """How many there are."""
        if read.said.claims > BOOK_CLAIMS:
            self._divide(_together(read, sent))

    def remittance(self, book: int) -> Remittance:
        """What was said of the claims of `book`, with all payments.

        What payers took or gave beside claims is in one book, with the claims that it may name.
        """
        read = self._read
        if self.number == 1:
            return read.remittance
        frames = {name: empty(schema) for name, schema in SCHEMAS.items()}
        frames |= {name: self._shelf.take(f"book {name}", book) for name in _WORKED}
        frames["payments"] = read.payments
        if book == self._with_provider:
            frames["provider_adjustments"] = read.provider_adjustments
        return Remittance(**frames)

    def sent(self, book: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The claims that were sent of which `book` may tell, and their lines."""
        if self.number == 1:
            return self._sent.whole("claims"), self._sent.whole("lines")
        return self._shelf.take("book sent claims", book), self._shelf.take("book sent lines", book)

    def _divide(self, first: Piles) -> None:
        """Lay what was said and sent on piles by book; `first` are the claims connected, those said first."""
        said, shelf = self._read.said, self._shelf
        sizes = np.bincount(first[: said.claims], minlength=len(first))
        # What was sent and has to do with nothing that was said is in no book.
        books = np.where(sizes > 0, (np.cumsum(sizes) - sizes) // BOOK_CLAIMS, -1)
        of_remits, of_claims = np.split(books[first], [said.claims])
        self.number = int(books.max()) + 1
        named = _named_remits(self._read)
        self._with_provider = int(of_remits[named[0]]) if len(named) else 0
        for piles in said.parts():
            for name in _WORKED:
                rows = said.frame(name, piles)
                shelf.spread(f"book {name}", rows, of_remits[rows["remit_key"].to_numpy()])
        for number in range(self._sent.piles):
            for name, rows in zip(("claims", "lines"), self._sent.pile(number), strict=True):
                piles_of = of_claims[rows["claim_key"].to_numpy()]
                kept = piles_of >= 0
                shelf.spread(f"book sent {name}", rows.filter(kept), piles_of[kept])


def _together(read: RemitsRead, sent: Sent) -> Piles:
    """For each claim that was told, and then for each that was sent, the first of those connected with it."""
    said = read.said
    named = _named_remits(read)
    links, places = [np.full(len(named), _PROVIDER, np.uint64)], [named]
    asked = []
    for piles in said.parts():
        ours = links_of_remits(said.frame("remits", piles), said.frame("lines", piles))
        links.append(ours["link"].to_numpy())
        places.append(ours["remit_key"].to_numpy())
        asked.append(ours.filter("by_day")["link"])
    by_day = pl.concat(asked)
    for number in range(sent.piles):
        theirs = links_of_claims(*sent.pile(number), by_day)
        links.append(theirs["link"].to_numpy())
        places.append((theirs["claim_key"] + said.claims).to_numpy())
    return together(np.concatenate(links), np.concatenate(places), said.claims + sent.claims)


def _named_remits(read: RemitsRead) -> Piles:
    """The keys of the claims that references of what payers took beside claims may name (PLB03-2)."""
    numbers = read.provider_adjustments.select(number=named_numbers()).explode("number")["number"]
    named = numbers.drop_nulls().unique().implode()
    ids = read.said.frame("remits", columns=["remit_key", "claim_id", "payer_control"])
    names = pl.any_horizontal(pl.col("claim_id", "payer_control").is_in(named))
    return ids.filter(names.fill_null(value=False))["remit_key"].to_numpy()
