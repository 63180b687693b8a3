"""A closed month as claims: what of it is billable, and nothing else, as an 837P file that was checked."""

import calendar
import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from anodyne.app.care_closed import Closed, read_closed
from anodyne.app.care_practice import Practice, read_practice
from anodyne.app.check import Report, check
from anodyne.care.claims import BILLED, Claims, claims_of
from anodyne.care.counting import MEDICARE
from anodyne.kernel.errors import BadRequest
from anodyne.model.care import Program, Served
from anodyne.model.frames import FINDINGS, empty
from anodyne.model.outcome import Outcome
from anodyne.model.parties import Address, Parties, Person, Subscriber
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Reference
from anodyne.sheets.patients import patients_table
from anodyne.sheets.read import read_table
from anodyne.x12.compose import compose
from anodyne.x12.compose_parties import DELIMITERS
from anodyne.x12.structure.codes import LISTS

AGAINST: Final = (Outcome.REJECT.value, Outcome.DENY.value)
"""Outcomes that stand against sending a file."""
NAME: Final = "the composed file"
CONTROL_NUMBERS: Final = 999_999_999

FOUND: Final = {
    "patient": pl.String,  # the practice's own id
    "practitioner": pl.String,
    "claim": pl.String,  # CLM01
    "line": pl.UInt32,
    "rule": pl.String,
    "outcome": pl.String,
    "message": pl.String,
    "needs": pl.List(pl.String),
}
"""What is told of a finding."""

_WORD: Final = re.compile(r"[^\W\d_]{3}")
"""Three letters in a row: more than stands in an id, and perhaps a name."""
_ID: Final = re.compile(rb"\b[0-9]{6}[A-Z2-7]{14}\b")
"""What the id of a claim looks like."""
_NEW: Final = "N"
_TABLE: Final = patients_table(
    LISTS["filing"].split(),
    LISTS["state"].split(),
    [chr(m) for m in (DELIMITERS.element, DELIMITERS.component, DELIMITERS.repetition, DELIMITERS.segment)],
)


@dataclass(frozen=True, slots=True)
class MonthlyClaims:
    """The claims of a closed month, and what a check finds in them."""

    month: dt.date
    """Its first day."""
    data: bytes = field(repr=False)
    """The 837P file."""
    control_number: int
    """Of its interchange."""
    told: pl.DataFrame = field(repr=False)
    """What each claim is about: the columns of `care.claims.TOLD`."""
    findings: pl.DataFrame = field(repr=False)
    """The columns of FOUND, the worst first."""

    def against(self) -> pl.DataFrame:
        """The findings that stand against sending the file."""
        return self.findings.filter(pl.col("outcome").is_in(AGAINST))


def compose_month(
    closed: str,
    patients: str,
    practice: str,
    *,
    served: Served,
    made_at: dt.datetime,
    control_number: int | None = None,
    history: Sequence[str] = (),
    reference: Reference | None = None,
    policies: Policies | None = None,
) -> MonthlyClaims:
    """The claims of the closed month at the path `closed`, checked as on the day of `made_at`.

    What is not billable there is on no claim.  Transitional care is served on the day of its visit whatever
    `served` says.  The control number is that given, or one made of all that the claims say: the same claims
    have the same, others another.  `history` holds earlier claims: one of them sent again is a finding.

    Raises UnreadableFile or BadTable for a file that is not what it should be; BadRequest that lists all that
    is missing of patients, practitioners, charges, places and days, or all that cannot be written; and where
    the month is not over, or nothing in it is billable.
    """
    month, known, people = read_closed(closed), read_practice(practice), read_table(patients, _TABLE)
    last = _last_day(month.month)
    if made_at.date() < last:
        raise BadRequest(
            f"{month.month:%Y-%m} is not over on {made_at:%Y-%m-%d}: nobody knows what it comes to",
            where=closed,
            fix="Close it again when it is over, and then make the claims.",
        )
    billed = _billed(month, served, last)
    if billed.is_empty():
        raise BadRequest(
            f"nothing is billable in {month.month:%Y-%m}",
            where=closed,
            fix="See what holds the month back: `anodyne care close` tells it.",
        )
    missing = [
        *_unknown(billed, people, patients),
        *_unpriced(billed, known, practice),
        *_undated(billed),
        *_of_another_payer(billed, people, patients),
    ]
    if missing:
        raise BadRequest(
            f"no file is written: {'; '.join(missing)}",
            where=closed,
            fix="Add what is missing, and run again.",
        )
    claims = claims_of(billed.select(*BILLED), people, month.month, known.terms)
    people = people.join(billed, on="patient", how="semi", maintain_order="left")
    if control_number is None:
        control_number = _control_number(claims, people, practice)
    data = compose(
        claims.claims,
        claims.lines,
        _parties(claims, people, known),
        known.interchange(control_number, made_at),
    )
    judge = partial(check, as_of=made_at.date(), reference=reference, policies=policies)
    found = _findings(data, claims.told, history, judge)
    return MonthlyClaims(month.month, data, control_number, claims.told, found)


def _last_day(month: dt.date) -> dt.date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _billed(month: Closed, served: Served, last: dt.date) -> pl.DataFrame:
    """The billable rows of `month` with the day on which each was served; null where that is not told."""
    by_visit = pl.col("program") == Program.TCM.value
    met = by_visit | pl.lit(served is Served.MET)
    return month.billable.with_columns(served_on=pl.when(met).then("met_on").otherwise(pl.lit(last)))


def _unknown(billed: pl.DataFrame, people: pl.DataFrame, name: str) -> Iterator[str]:
    """The patients of whom the table called `name` says nothing."""
    lost = billed.join(people, on="patient", how="anti", maintain_order="left").unique(
        "patient", maintain_order=True
    )
    if len(lost):
        who = (_shown(*row) for row in lost.select("patient", "result").iter_rows())
        yield f"{name} does not have {_and(who)}"


def _unpriced(billed: pl.DataFrame, practice: Practice, name: str) -> Iterator[str]:
    """What the practice's file called `name` does not say."""
    terms = practice.terms
    places = billed["pos"].fill_null(terms.place).unique().sort()
    lacking = (
        ("charge for", [code for code in billed["code"].unique().sort() if code not in terms.charges]),
        ("practitioner", [n for n in billed["practitioner"].unique().sort() if n not in terms.taxonomies]),
        ("site for place", [place for place in places if terms.lacks_site(place)]),
    )
    for what, names in lacking:
        if names:
            yield f"{name} has no {what} {_and(names)}"


def _undated(billed: pl.DataFrame) -> Iterator[str]:
    undated = billed.filter(pl.col("served_on").is_null()).unique("result", maintain_order=True)
    if len(undated):
        who = (_shown(*row) for row in undated.select("patient", "result").iter_rows())
        yield f"no day of service (met_on) is told of {_and(who)}"


def _of_another_payer(billed: pl.DataFrame, people: pl.DataFrame, name: str) -> Iterator[str]:
    """The patients who are enrolled with another payer than the table called `name` has."""
    both = billed.join(people.select("patient", "payer_id", "filing"), on="patient", maintain_order="left")
    medicare = pl.col("filing") == "MB"
    same = (
        pl.when(pl.col("payer") == MEDICARE).then(medicare).otherwise(pl.col("payer") == pl.col("payer_id"))
    )
    other = both.filter(~same).unique("patient", maintain_order=True)
    if len(other):
        who = (_shown(*row) for row in other.select("patient", "result").iter_rows())
        yield f"{name} has another payer than the enrolment of {_and(who)}"


def _and(names: Iterable[str]) -> str:
    return ", ".join(names)


def _shown(patient: str, result: int) -> str:
    """A patient by the practice's id, or, where that may be a name, by the number of the result."""
    return f"the patient of result {result}" if _WORD.search(patient) else patient


def _parties(claims: Claims, people: pl.DataFrame, practice: Practice) -> Parties:
    subscribers = {
        row["patient_key"]: Subscriber(
            Person(row["last"], row["first"] or "", row["middle"] or ""),
            Address(row["address"], row["city"], row["state"], row["zip"]),
        )
        for row in people.iter_rows(named=True)
    }
    placed = claims.told.select("claim", "pos").iter_rows()
    return Parties(
        practice.submitter,
        practice.receiver,
        billing={practice.terms.billing_npi: practice.billing},
        practitioners=practice.practitioners,
        subscribers=subscribers,
        sites={claim: practice.sites[pos] for claim, pos in placed if pos in practice.sites},
    )


def _control_number(claims: Claims, people: pl.DataFrame, practice: str) -> int:
    digest = hashlib.sha256(Path(practice).read_bytes())
    for frame in (claims.claims, claims.lines, people):
        digest.update(frame.write_csv().encode())
    return int.from_bytes(digest.digest()[:8]) % CONTROL_NUMBERS + 1


def _findings(
    data: bytes, told: pl.DataFrame, history: Sequence[str], judge: Callable[..., Report]
) -> pl.DataFrame:
    """What `judge` finds in the file beside `history`, by patient and practitioner.

    To a check, two claims of one id are one that was sent again.  These are sent for the first time, so where
    there is history they are judged under other ids: what was sent before is then a duplicate.
    """
    told = told.select("claim", "patient", "practitioner", judged_as="claim")
    if history:
        told = told.with_columns(judged_as=pl.lit(_NEW) + pl.col("claim").str.slice(len(_NEW)))
    ids = {claim.encode(): new.encode() for claim, new in told.select("claim", "judged_as").iter_rows()}
    with tempfile.TemporaryDirectory(prefix="anodyne-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "claims.837"
        path.write_bytes(_ID.sub(lambda found: ids.get(found[0], found[0]), data))
        with judge([str(path)], history=history, called={str(path): NAME}) as report:
            found = pl.concat([empty(FINDINGS), *report.findings()])
    ranks = {outcome.value: outcome.rank for outcome in Outcome}
    return (
        found.rename({"claim": "judged_as"})
        .join(told, on="judged_as", how="left")
        .sort(
            pl.col("outcome").replace_strict(ranks, return_dtype=pl.Int8),
            "claim_key",
            "line",
            "rule",
            nulls_last=False,
        )
        .select(*FOUND)
    )
