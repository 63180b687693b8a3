"""What a payer decided of a claim, as the claim to the next payer tells it: its remittance, to the cent.

Nothing is made to fit.  Where a charge is not what was paid and adjusted, where a line is not answered, or
where an amount or day is missing, there is no coordination but an error that names each such place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from anodyne.kernel.errors import BadRequest, Place
from anodyne.kernel.money import dollars
from anodyne.model.book import Book
from anodyne.model.coordination import SCHEMAS, Coordination
from anodyne.model.frames import ADJUDICATIONS, MODIFIERS, OTHER_PAYERS
from anodyne.model.remittance import Remittance

Row = Mapping[str, Any]

_FIRST: Final = ("P", "U")
_SECOND: Final = ("S", "U")
_LATER: Final = (*"TABCDEFGH", "U")
_DECIDED: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "1": _FIRST,
        "2": _SECOND,
        "3": _LATER,
        "4": (*_FIRST, *_SECOND, *_LATER),
        "19": _FIRST,
        "20": _SECOND,
        "21": _LATER,
    }
)
"""CLP02 of a claim that was decided, handed on or not: the ranks (SBR01) of a payer who decides so."""
_PATIENT: Final = "PR"
_REMARK_SOURCE: Final = "MOA"
_MOST_REMARKS: Final = sum(name.startswith("remark") for name in OTHER_PAYERS)


def coordinated(
    remittance: Remittance,
    remit_key: int,
    sent: Book,
    line_matches: pl.DataFrame,
    *,
    other_payer_key: int = 0,
    adjudication_key: int = 0,
) -> Coordination:
    """The one other payer, and what it decided, that a claim to the payer after it tells of.

    `sent` is the one claim that the remittance of `remit_key` answers, as it went to that payer, and
    `line_matches` (`frames.LINE_MATCHES`) says which of its lines each remitted line answers; the keys of
    claim and lines are those of `sent`.  Keys of the rows count up from those given.  Payer, rank, member and
    group are the claim's; money, codes, adjustments, remarks, control number and day are the remittance's.
    What is left to pay is what the payer put on the patient (PR): of each line, or, of an answer without
    lines, of the claim.  Adjustments of nothing are left out.

    Of each line the charge is what was paid and adjusted, also where the payer split it; of the claim, the
    same over all.  Raises BadRequest where that does not hold, where a charged line is not answered, where
    the remittance takes back or only prices the claim or is of a payer of another rank, or where an amount or
    the day is missing: all of them, by segment.  Raises ValueError where `sent` is not one claim or the
    remittance is not there.
    """
    answer = _Answer(remittance, remit_key, sent, line_matches)
    if reasons := list(answer.faults()):
        raise BadRequest(
            f"the answer to claim {answer.claim['claim_id']} cannot be told to the next payer: "
            f"{'; '.join(reasons)}",
            where=Place(answer.remit["file"], answer.remit["segment"], answer.remit["byte"]),
            fix="Ask the payer for a remittance that adds up, or send the next payer its notice on paper.",
        )
    return answer.coordination(other_payer_key, adjudication_key)


@dataclass(frozen=True)
class _Answer:
    """A remittance of one claim beside the claim that it answers."""

    remittance: Remittance = field(repr=False)
    remit_key: int
    sent: Book = field(repr=False)
    line_matches: pl.DataFrame = field(repr=False)

    @cached_property
    def claim(self) -> Row:
        return _only(self.sent.claims, "the claim that was sent")

    @cached_property
    def remit(self) -> Row:
        return _only(self._of_remit(self.remittance.remits), "the remittance")

    @cached_property
    def lines(self) -> Sequence[Row]:
        return self._of_remit(self.remittance.lines).rows(named=True)

    @cached_property
    def adjustments(self) -> Mapping[int | None, Sequence[Row]]:
        """By remitted line, those of the claim under None; none of nothing."""
        found: dict[int | None, list[Row]] = {}
        for row in self._of_remit(self.remittance.adjustments).iter_rows(named=True):
            if row["cents"] != 0:
                found.setdefault(row["remit_line_key"], []).append(row)
        return found

    @cached_property
    def answered(self) -> Mapping[int, int | None]:
        """By remitted line, the line of the claim; None where that is not known."""
        pairs = self.line_matches.select("remit_line_key", "line_key").iter_rows()
        own = set(self.sent.lines["line_key"])
        return {said: line if line in own else None for said, line in pairs}

    @cached_property
    def remarks(self) -> Sequence[str]:
        remarks = self._of_remit(self.remittance.remarks)
        return remarks.filter(pl.col("remit_line_key").is_null(), source=_REMARK_SOURCE)["code"].to_list()

    @cached_property
    def decided_on(self) -> Any:  # noqa: ANN401 -- a day or None, as frames have it
        payments = self.remittance.payments.filter(payment_key=self.remit["payment_key"])
        payment = _only(payments, "the payment")
        return payment["paid_on"] or payment["produced_on"]

    def _of_remit(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(remit_key=self.remit_key)

    def faults(self) -> Iterator[str]:
        """Why the answer cannot be told on."""
        place = f"segment {self.remit['segment']} (CLP)"
        if self.remit["status"] not in _DECIDED:
            yield f"{place}: status {self.remit['status']} is none of a claim that was decided"
            return
        status, rank = self.remit["status"], self.claim["payer_rank"]
        if rank not in _DECIDED[status]:
            yield f"{place}: status {status} is not of a payer of rank {rank}, as the claim says"
        if self.decided_on is None:
            yield f"{place}: its payment has no day"
        if len(self.remarks) > _MOST_REMARKS:
            yield f"{place}: has more than {_MOST_REMARKS} remark codes of the claim"
        missing = list(self._missing())
        yield from missing
        if not missing:
            yield from self._of_claim(place)
            yield from self._of_lines(place)

    def _missing(self) -> Iterator[str]:
        """Amounts that are not there, or could not be read."""
        for mark, rows in (("CLP", [self.remit]), ("SVC", self.lines)):
            for row in rows:
                for name in ("charge_cents", "paid_cents"):
                    if row[name] is None:
                        yield f"segment {row['segment']} ({mark}): {name} is missing"
        for rows in self.adjustments.values():
            for row in rows:
                for name in ("group", "reason", "cents"):
                    if row[name] is None:
                        yield f"segment {row['segment']} (CAS): {name} is missing"

    def _of_claim(self, place: str) -> Iterator[str]:
        """Whether the claim adds up: its charge, and what was paid for it."""
        charge, said, paid = self.claim["charge_cents"], self.remit["charge_cents"], self.remit["paid_cents"]
        if said != charge:
            yield f"{place}: CLP03 is {dollars(said)}, and the claim was sent with {_amount(charge)}"
        adjusted = self._adjusted(None)
        if self.lines:
            of_lines = sum(line["paid_cents"] for line in self.lines)
            if paid != of_lines - adjusted:
                yield (
                    f"{place}: CLP04 is {dollars(paid)}, but SVC03 less the claim's adjustments come to "
                    f"{dollars(of_lines - adjusted)}"
                )
        elif said != paid + adjusted:
            yield (
                f"{place}: CLP03 is {dollars(said)}, but CLP04 and the adjustments come to "
                f"{dollars(paid + adjusted)}"
            )

    def _of_lines(self, place: str) -> Iterator[str]:
        """Whether each line adds up, and is answered."""
        charged: dict[int, int] = {}
        for line in self.lines:
            own = f"segment {line['segment']} (SVC)"
            told = line["paid_cents"] + self._adjusted(line["remit_line_key"])
            charge = line["charge_cents"]
            if told != charge:
                yield f"{own}: SVC02 is {dollars(charge)}, but SVC03 and CAS come to {dollars(told)}"
            key = self.answered.get(line["remit_line_key"])
            if key is None:
                yield f"{own}: it is not known which line of the claim it answers"
            else:
                charged[key] = charged.get(key, 0) + charge
        if not self.lines:
            return
        for line in self.sent.lines.sort("line").iter_rows(named=True):
            charge, said = line["charge_cents"], charged.get(line["line_key"])
            if said is None and charge != 0:
                yield f"{place}: line {line['line']} of the claim is not answered"
            elif said is not None and said != charge:
                yield (
                    f"{place}: line {line['line']} was sent with {_amount(charge)}, and SVC02 of its answer "
                    f"comes to {dollars(said)}"
                )

    def _adjusted(self, remit_line_key: int | None, *groups: str) -> int:
        rows = self.adjustments.get(remit_line_key, ())
        return sum(row["cents"] for row in rows if not groups or row["group"] in groups)

    def coordination(self, other_payer_key: int, adjudication_key: int) -> Coordination:
        """What the answer says, as rows."""
        frames: dict[str, list[dict[str, Any]]] = {
            "payers": [self._payer(other_payer_key)],
            "adjudications": [],
            "adjustments": self._rows(None, "other_payer_key", other_payer_key),
        }
        for key, line in enumerate(self.lines, adjudication_key):
            frames["adjudications"].append(self._adjudication(key, line))
            frames["adjustments"] += self._rows(line["remit_line_key"], "adjudication_key", key)
        return Coordination(
            **{name: pl.DataFrame(rows, dict(SCHEMAS[name])) for name, rows in frames.items()}
        )

    def _payer(self, key: int) -> dict[str, Any]:
        claim = self.claim
        as_sent = ("claim_key", "payer_id", "payer_name", "filing", "payer_rank", "insurance_type")
        insured = ("relationship", "group_number", "member_id", "benefits_assigned", "release")
        whole = not self.lines
        return {
            **dict.fromkeys(OTHER_PAYERS),
            "other_payer_key": key,
            **{name: claim[name] for name in (*as_sent, *insured)},
            "paid_cents": self.remit["paid_cents"],
            "patient_cents": self._adjusted(None, _PATIENT) if whole else None,
            **{f"remark{n}": code for n, code in enumerate(self.remarks, 1)},
            "decided_on": self.decided_on if whole else None,
            "payer_control": self.remit["payer_control"],
        }

    def _adjudication(self, key: int, line: Row) -> dict[str, Any]:
        return {
            **dict.fromkeys(ADJUDICATIONS),
            "adjudication_key": key,
            "line_key": self.answered[line["remit_line_key"]],
            "payer_id": self.claim["payer_id"],
            **{name: line[name] for name in ("paid_cents", "code_system", "code", *MODIFIERS, "units")},
            "patient_cents": self._adjusted(line["remit_line_key"], _PATIENT),
            "decided_on": self.decided_on,
        }

    def _rows(self, remit_line_key: int | None, name: str, key: int) -> list[dict[str, Any]]:
        """The adjustments of a remitted line, or of the claim, as those of the row of `key`."""
        return [
            {name: key, **{said: row[said] for said in ("group", "reason", "cents", "units")}}
            for row in self.adjustments.get(remit_line_key, ())
        ]


def _only(frame: pl.DataFrame, what: str) -> Row:
    if len(frame) != 1:
        raise ValueError(f"{what} is not one row but {len(frame)}")
    return frame.row(0, named=True)


def _amount(cents: int | None) -> str:
    return "no amount" if cents is None else dollars(cents)
