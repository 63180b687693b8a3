"""Letters to payers, from facts only: each sentence with the record or rule on which it rests.

What is not on record is a gap, marked in the text and listed with who can fill it; nothing is argued in its
place.  No patient is named: a claim is told by its id and by the payer's own number of it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from anodyne.app.remit_work import Worked
from anodyne.denials.dispute import Batch, dispute_batch
from anodyne.kernel.money import dollars
from anodyne.model.denials import EVIDENCE_WORDS, OWNER_WORDS, Action, Owner
from anodyne.reference.sources import source
from anodyne.reference.tables import Reference

Row = dict[str, Any]

COURT: Final = 5
"""The level of Medicare's appeals that no letter asks for."""
GIVES: Final[Mapping[str, Owner]] = MappingProxyType(
    {
        "assignment": Owner.FRONT_DESK,
        "authorisation": Owner.AUTHORISATIONS,
        "contract_rate": Owner.CONTRACTS,
        "coverage_criteria": Owner.CLINICIAN,
        "decision_letter": Owner.BILLER,
        "drug_record": Owner.CLINICIAN,
        "eligibility": Owner.FRONT_DESK,
        "enrolment_record": Owner.ENROLMENT,
        "fee_arithmetic": Owner.CONTRACTS,
        "id_card": Owner.FRONT_DESK,
        "injury_details": Owner.FRONT_DESK,
        "literature": Owner.CLINICIAN,
        "notice": Owner.FRONT_DESK,
        "order": Owner.CLINICIAN,
        "original_claim": Owner.BILLER,
        "policy_text": Owner.BILLER,
        "primary_remittance": Owner.BILLER,
        "prior_treatment": Owner.CLINICIAN,
        "procedure_note": Owner.CLINICIAN,
        "referral": Owner.AUTHORISATIONS,
        "request_letter": Owner.BILLER,
        "response": Owner.CLINICIAN,
        "separate_service": Owner.CLINICIAN,
        "session_history": Owner.CLINICIAN,
        "state_form": Owner.BILLER,
        "surgery": Owner.CLINICIAN,
        "time_or_decisions": Owner.CLINICIAN,
        "timely_receipt": Owner.BILLER,
        "visit_history": Owner.BILLER,
        "visit_note": Owner.CLINICIAN,
    }
)
"""Who has what a reviewer will want to see."""
_BY_PRICE: Final = ("contract_rate", "fee_arithmetic")
"""Evidence that the amount expected is."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WHO: Final = MappingProxyType(
    {
        "acknowledgement": OWNER_WORDS[Owner.BILLER],
        "authorisations": OWNER_WORDS[Owner.AUTHORISATIONS],
        "contract": OWNER_WORDS[Owner.CONTRACTS],
        "remark codes": "payer",
        "remittance": "payer",
    }
)
"""Who can tell a need that names a record in place of a person."""
_UNSURE: Final = "a look at the lines marked †, whose amount rests on an assumption"
_DISPUTE_DAYS: Final = "how many days there are to dispute a payment"


class Kind(StrEnum):
    """What a letter asks for."""

    APPEAL = "appeal"
    DISPUTE = "dispute"


class Rest(StrEnum):
    """On what a sentence rests."""

    REMITTANCE = "remittance"
    CONTRACT = "contract"
    """A contract's row, or a fee schedule where that is the basis."""
    RULE = "rule"
    RECORD = "record"
    """A record of the practice: a chart, an acknowledgement, the practice's own work."""


@dataclass(frozen=True, slots=True)
class Source:
    """The record or rule on which a sentence rests."""

    rest: Rest
    text: str
    file: str | None = None
    segments: tuple[int, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A fact that is missing, and who can give it."""

    what: str
    who: str

    @property
    def mark(self) -> str:
        """As the text bears it."""
        return f"[missing: {self.what.replace(']', ')')}]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, on what it rests, and the gaps in it."""

    text: str
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that belong together."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """A row of the table of a dispute."""

    claim_id: str
    payer_control: str
    served_on: str
    code: str
    expected: str
    allowed: str
    difference: str
    basis: str
    sure: bool
    how: str
    """How the difference is told, and the arithmetic of what is expected."""
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as data: what is written down, and what is missing."""

    kind: Kind
    payer: str
    claim_ids: tuple[str, ...]
    day: dt.date
    deadline: dt.date | None
    cents: int
    """In question."""
    practice: str
    heading: tuple[Sentence, ...]
    """Where it goes and from whom."""
    subject: str
    facts: tuple[tuple[str, str], ...]
    paragraphs: tuple[Paragraph, ...]
    lines: tuple[DisputedLine, ...]
    enclosures: tuple[str, ...]
    closing: tuple[Sentence, ...]
    missing: tuple[Gap, ...] = field(init=False)
    """All of its gaps, each once."""

    def __post_init__(self) -> None:
        told: list[Sentence | DisputedLine] = [*self.sentences, *self.lines]
        object.__setattr__(self, "missing", tuple(dict.fromkeys(gap for one in told for gap in one.gaps)))

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence, in order."""
        inside = (one for part in self.paragraphs for one in part.sentences)
        return (*self.heading, *inside, *self.closing)

    @property
    def sources(self) -> tuple[Source, ...]:
        """On what its paragraphs rest, each once, in their order; lines have their own beside them."""
        told = (one for part in self.paragraphs for one in part.sentences)
        return tuple(dict.fromkeys(source for one in told for source in one.sources))


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What was to be asked of a payer, and no letter asks."""

    claim_id: str
    line: int | None
    payer: str
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters, appeals in the order of work and disputes by what is at stake, and what has none."""

    letters: tuple[Letter, ...]
    unwritten: tuple[Unwritten, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """What a record says in support of a claim or line, given by who has the record."""

    claim_id: str
    evidence: str
    """One of `model.denials.EVIDENCE_WORDS`."""
    text: str
    """A sentence."""
    record: str
    """Which record says so."""
    line: int | None = None
    """None: of the claim as a whole."""


def letters(
    worked: Worked,
    reference: Reference,
    *,
    as_of: dt.date,
    practice: str = "",
    support: Sequence[Support] = (),
) -> Letters:
    """What to write to payers about `worked`: an appeal a claim, and a dispute a payer.

    A line that is appealed is not disputed too.  `support` is what records say, as told: nothing is added.
    """
    desk = _Desk(worked, reference, as_of, practice, support)
    appeals = worked.work.filter(pl.col("action") == Action.APPEAL.value)
    groups: dict[tuple[int, int | None], list[Row]] = defaultdict(list)
    for row in appeals.iter_rows(named=True):
        groups[row["remit_key"], row["level"]].append(row)
    told: list[Letter] = []
    unwritten: list[Unwritten] = []
    for (_, level), rows in groups.items():
        if level is not None and level >= COURT:
            unwritten += [
                _unwritten(row, "no letter asks for what comes now: a court", "manager") for row in rows
            ]
        else:
            told.append(desk.appeal(rows))
    batch = dispute_batch(worked.lowered, worked.downcodes)
    appealed = appeals.select("remit_key", "remit_line_key")
    told += desk.disputes(_besides(batch, appealed))
    written = batch.lines["remit_line_key"].implode()
    left = worked.work.filter(
        pl.col("action") == Action.DISPUTE_UNDERPAYMENT.value,
        ~pl.col("remit_line_key").is_in(written).fill_null(value=False),
    )
    for row in left.iter_rows(named=True):
        needs = row["needs"] or ["contract: what should have been allowed"]
        for gap in map(_gap_of, needs):
            unwritten.append(_unwritten(row, gap.what, gap.who))
    return Letters(tuple(told), tuple(unwritten))


def _besides(batch: Batch, appealed: pl.DataFrame) -> pl.DataFrame:
    """The lines of `batch` that are not appealed, alone or with their whole claim."""
    whole = appealed.filter(pl.col("remit_line_key").is_null())
    lines = batch.lines.join(appealed.drop_nulls(), on="remit_line_key", how="anti", maintain_order="left")
    return lines.join(whole, on="remit_key", how="anti", maintain_order="left")


def _unwritten(row: Row, why: str, who: str) -> Unwritten:
    return Unwritten(row["claim_id"] or "", row["line"], row["payer"] or "", why, who)


class _Desk:
    """Where letters are put together: the records by their keys."""

    def __init__(
        self,
        worked: Worked,
        reference: Reference,
        as_of: dt.date,
        practice: str,
        support: Sequence[Support],
    ) -> None:
        told = worked.remittance
        self._worked, self._reference = worked, reference
        self._as_of, self._practice, self._support = as_of, practice, support
        self._payments = _by(told.payments, "payment_key")
        self._remits = _by(told.remits, "remit_key")
        self._lines = _by(told.lines, "remit_line_key")
        self._expected = _by(worked.expected, "remit_line_key")
        self._adjustments, self._remarks = (
            _of_claims(rows, worked.work) for rows in (told.adjustments, told.remarks)
        )
        self._proofs = _proofs(worked)
        tables = [reference.table(name)["cite"] for name in ("denial_levels", "denial_amounts")]
        self._of_times = frozenset(pl.concat(tables).drop_nulls()) - frozenset(
            reference.table("denial_actions")["cite"]
        )

    # --- appeals ----------------------------------------------------------------------------------------

    def appeal(self, rows: Sequence[Row]) -> Letter:
        """The appeal of one claim: `rows` are its determinations (WORK)."""
        first = rows[0]
        rows = sorted(rows, key=lambda row: (row["line"] is not None, row["line"] or 0))
        remit = self._remits[first["remit_key"]]
        payment = self._payments[remit["payment_key"]]
        payer = payment["payer_name"] or payment["payer_id"] or ""
        cents = sum(row["at_stake_cents"] for row in rows)
        deadlines = [row["deadline"] for row in rows if row["deadline"] is not None]
        needs = dict.fromkeys(_gap_of(need) for row in rows for need in row["needs"])
        grounds = [one for row in rows for one in self._grounds(row, remit)]
        unsure = [
            Sentence(f"To be settled before this letter goes: {gap.mark}.", self._rules(first), (gap,))
            for gap in needs
        ]
        asked = [self._requested(first, remit), *self._timed(first, deadlines)]
        paragraphs = [
            Paragraph("Request", tuple(asked)),
            Paragraph("What was decided", tuple(one for row in rows for one in self._decided(row, remit))),
            Paragraph("Grounds", (*grounds, *unsure)),
            Paragraph("What we ask", (self._sum(rows, remit, cents),)),
        ]
        person = Gap("the patient's name and member number", OWNER_WORDS[Owner.BILLER])
        rest = (self._of_remit(remit),)
        control = remit["payer_control"]
        claim_id = remit["claim_id"] or "without an id"
        return Letter(
            kind=Kind.APPEAL,
            payer=payer,
            claim_ids=(claim_id,),
            day=self._as_of,
            deadline=min(deadlines, default=None),
            cents=cents,
            practice=self._practice,
            heading=self._heading(payer, "appeals", rest),
            subject=f"Appeal of claim {claim_id}, {dollars(cents)} in question",
            facts=_told(
                ("Claim", claim_id),
                ("Your control number", control),
                ("Payment", payment["trace"]),
                ("Paid or noticed on", first["noticed_on"] and _day(first["noticed_on"])),
                ("Charged", dollars(remit["charge_cents"] or 0)),
                ("Paid", dollars(remit["paid_cents"] or 0)),
                ("Practice (NPI)", payment["payee_npi"]),
            ),
            paragraphs=tuple(part for part in paragraphs if part.sentences),
            lines=(),
            enclosures=(
                f"The remittance: payment {payment['trace'] or 'without a number'}, claim {claim_id}",
                *dict.fromkeys(one for row in rows for one in self._enclosed(row, remit)),
            ),
            closing=(
                Sentence(f"Patient: {person.mark}", rest, (person,)),
                *self._signed(rest),
            ),
        )

    def _requested(self, row: Row, remit: Row) -> Sentence:
        claim = f"claim {remit['claim_id'] or 'without an id'}"
        if remit["payer_control"]:
            claim += f" (your control number {remit['payer_control']})"
        title = row["level_title"]
        text = f"We appeal your decision on {claim}." if title is None else (
            f"We ask for a {title} of your decision on {claim}."
        )  # fmt: skip
        return Sentence(text, (self._of_remit(remit), *self._level(row)))

    def _timed(self, row: Row, deadlines: Sequence[dt.date]) -> Iterator[Sentence]:
        if not deadlines:
            return
        last = min(deadlines)
        by = self._level(row) or (Source(Rest.CONTRACT, f"The contract with {row['payer']}: {row['clock']}"),)
        made = f"It is made on {_day(self._as_of)}; the last day is {_day(last)}"
        yield Sentence(f"{made} ({row['clock']}).", by)
        if last < self._as_of:
            gap = Gap("why it comes after its last day, and what proves that", OWNER_WORDS[Owner.MANAGER])
            yield Sentence(f"It comes late: {gap.mark}.", by, (gap,))

    def _level(self, row: Row) -> tuple[Source, ...]:
        """The rule of this level of appeal, where a law has one."""
        table = self._reference.table("denial_levels")
        found = table.filter(
            pl.col("program") == row["program"],
            pl.col("route") == "appeal",
            pl.col("level") == str(row["level"]),
        )
        return tuple(_rule(name) for name in dict.fromkeys(found["cite"].drop_nulls()))

    def _decided(self, row: Row, remit: Row) -> Iterator[Sentence]:
        place = self._place(row, remit)
        key = row["remit_line_key"]
        of = remit if key is None else self._lines[key]
        paid = f"{dollars(of['charge_cents'] or 0)} was charged and {dollars(of['paid_cents'] or 0)} paid"
        what = self._name(row)
        yield Sentence(f"{what[0].upper()}{what[1:]}: {paid}.", (place,))
        cuts = [one for one in self._adjustments.get(row["remit_key"], ()) if one["remit_line_key"] == key]
        remarks = [
            one
            for one in self._remarks.get(row["remit_key"], ())
            if one["remit_line_key"] in {key, None} and one["code"]
        ]
        if cuts:
            named = ", ".join(f"{one['group']}-{one['reason']} {dollars(one['cents'])}" for one in cuts)
            codes = ", ".join(dict.fromkeys(one["code"] for one in remarks))
            beside = f"; the remark codes are {codes}" if codes else ""
            at = self._at(remit, [one["segment"] for one in (*cuts, *remarks)])
            yield Sentence(f"The adjustments are {named}{beside}.", (at,))
        yield Sentence(f"We read this as: {row['why']}.", self._rules(row))

    def _grounds(self, row: Row, remit: Row) -> Iterator[Sentence]:
        what = self._name(row)
        known = self._expected.get(row["remit_line_key"])
        priced = known is not None and known["expected_cents"] is not None
        if known is not None and priced:
            steps = "; ".join(known["steps"] or ())
            by = f": {steps}" if steps else f" by the {known['basis']}"
            text = f"For {what}, {dollars(known['expected_cents'])} is to be allowed{by}."
            rest = _priced(known["basis"], row["code"])
            yield Sentence(text, (rest,))
        for evidence in row["evidence"]:
            if priced and evidence in _BY_PRICE:
                continue
            given = self._given(row, remit, evidence)
            if given:
                yield from given
                continue
            gap = _evidence_gap(evidence)
            yield Sentence(f"For {what}: {gap.mark}.", self._rules(row), (gap,))

    def _given(self, row: Row, remit: Row, evidence: str) -> tuple[Sentence, ...]:
        """What records say, as it was told."""
        told = [
            Sentence(one.text, (Source(Rest.RECORD, one.record),))
            for one in self._support
            if (one.claim_id, one.evidence) == (remit["claim_id"], evidence)
            and one.line in {None, row["line"]}
        ]
        proof = self._proofs.get(row["remit_key"]) if evidence == "timely_receipt" else None
        if proof is not None:
            at = Source(
                Rest.RECORD, f"Acknowledgement {_file(proof['proof_file'])}", proof["proof_file"],
                (proof["proof_segment"],),
            )  # fmt: skip
            told.append(Sentence(f"The claim was received in time: {proof['proof']}.", (at,)))
        return tuple(told)

    def _enclosed(self, row: Row, remit: Row) -> Iterator[str]:
        for evidence in row["evidence"]:
            if evidence in _BY_PRICE and self._expected.get(row["remit_line_key"]) is not None:
                continue
            given = self._given(row, remit, evidence)
            yield from (one.sources[0].text for one in given)
            if not given:
                yield _evidence_gap(evidence).mark

    def _sum(self, rows: Sequence[Row], remit: Row, cents: int) -> Sentence:
        counted = "the charge" if all(row["stake_basis"] == "charge" for row in rows) else "what is expected"
        rest = tuple(dict.fromkeys(self._place(row, remit) for row in rows))
        return Sentence(
            f"We ask you to decide again and to pay what is due: {dollars(cents)} is in question, counted by "
            f"{counted}.",
            rest,
        )

    def _name(self, row: Row) -> str:
        if row["remit_line_key"] is None:
            return "the claim as a whole"
        on = f" of {_day(row['served_on'])}" if row["served_on"] is not None else ""
        return f"line {row['line']}, {row['code'] or 'without a code'}{on}"

    def _rules(self, row: Row) -> tuple[Source, ...]:
        """The rules by which the codes were read, without those of times; the codes where none is cited."""
        read = tuple(_rule(name) for name in row["cites"] if name not in self._of_times)
        return read or (Source(Rest.RULE, f"The decision table of denials: {', '.join(row['codes'])}"),)

    # --- disputes ---------------------------------------------------------------------------------------

    def disputes(self, lines: pl.DataFrame) -> Iterator[Letter]:
        """A dispute for each payer of `lines` (BATCH)."""
        for part in lines.partition_by("payer", maintain_order=True):
            yield self._dispute(part)

    def _dispute(self, part: pl.DataFrame) -> Letter:
        rows = part.to_dicts()
        payer = next((row["payer_name"] for row in rows if row["payer_name"]), None) or rows[0]["payer"] or ""
        cents, owed = (sum(row[name] or 0 for row in rows) for name in ("difference_cents", "owed_cents"))
        table = tuple(self._disputed(row) for row in rows)
        keys = dict.fromkeys(row["remit_key"] for row in rows)
        claims = tuple(dict.fromkeys(row["claim_id"] or "without an id" for row in rows))
        payments = [self._payments[self._remits[key]["payment_key"]] for key in keys]
        files = dict.fromkeys(payment["file"] for payment in payments)
        said = tuple(
            Source(Rest.REMITTANCE, f"Remittance {_file(one)}, as listed by line", one) for one in files
        )
        bases = tuple(
            Source(Rest.CONTRACT, _capital(one))
            for one in _each(row["basis"] if row["expected_cents"] is not None else None for row in rows)
        )
        days = [row["paid_on"] for row in rows if row["paid_on"] is not None]
        span = _span(days)
        listed = f"{_many(len(rows), 'line')} of {_many(len(keys), 'claim')}"
        start = [
            Sentence(
                f"We dispute the amount allowed for {listed}{span}: {dollars(cents)} less than is due, line "
                "by line in the table.",
                (*said, *bases),
            ),
            Sentence(
                f"Of this {dollars(owed)} is for you to pay, by the patients' shares that you told; where "
                "you told none, the whole difference is counted.",
                said,
            ),
        ]
        if any(not row.sure for row in table):
            gap = Gap(_UNSURE, OWNER_WORDS[Owner.CONTRACTS])
            start.append(Sentence(f"Before this letter goes: {gap.mark}.", bases or said, (gap,)))
        deadline, timed = self._time_to_dispute(part, said)
        return Letter(
            kind=Kind.DISPUTE,
            payer=payer,
            claim_ids=claims,
            day=self._as_of,
            deadline=deadline,
            cents=cents,
            practice=self._practice,
            heading=self._heading(payer, "disputes of payment", said),
            subject=f"Dispute of underpayment: {listed}, {dollars(cents)}",
            facts=_told(
                ("Payer", payer),
                ("Payer's id", rows[0]["payer_id"]),
                ("Lines", f"{len(rows):,}"),
                ("Claims", f"{len(keys):,}"),
                ("Paid", span.removeprefix(" paid ")),
                ("Difference", dollars(cents)),
                ("Practice (NPI)", ", ".join(_each(payment["payee_npi"] for payment in payments))),
            ),
            paragraphs=(
                Paragraph("What is disputed", tuple(start)),
                Paragraph(
                    "What we ask",
                    (
                        Sentence(
                            "We ask you to price each line again at the amount expected, to pay the "
                            "difference, and to send a remittance that shows it.",
                            bases or said,
                        ),
                        timed,
                    ),
                ),
            ),
            lines=table,
            enclosures=(
                "The remittances of the payments in the table",
                *(f"{one.text}" for one in bases if one.rest is Rest.CONTRACT),
            ),
            closing=self._signed(said),
        )  # fmt: skip

    def _disputed(self, row: Row) -> DisputedLine:
        remit = self._remits[row["remit_key"]]
        line = self._lines[row["remit_line_key"]]
        known = row["expected_cents"] is not None
        gap = Gap("the amount of the contract", OWNER_WORDS[Owner.CONTRACTS])
        amount = dollars(row["expected_cents"]) if known else gap.mark
        how = "; ".join([row["how"] or "", *(row["steps"] or ())]).strip("; ")
        units = row["units"]
        code = row["billed"] or "without a code"
        if units is not None and units != 1:
            code = f"{code} × {units:g}"
        rest = [self._at(remit, (line["segment"],))]
        if known:
            rest.append(_priced(row["basis"], row["billed"]))
        return DisputedLine(
            claim_id=row["claim_id"] or "without an id",
            payer_control=row["payer_control"] or "",
            served_on="" if row["served_on"] is None else _day(row["served_on"]),
            code=code,
            expected=amount,
            allowed="not told" if row["allowed_cents"] is None else dollars(row["allowed_cents"]),
            difference=dollars(row["difference_cents"]),
            basis=row["basis"] or "" if known else "your own reason",
            sure=bool(row["sure"]),
            how=how,
            sources=tuple(rest),
            gaps=() if known else (gap,),
        )

    def _time_to_dispute(
        self, part: pl.DataFrame, said: tuple[Source, ...]
    ) -> tuple[dt.date | None, Sentence]:
        work = self._worked.work.filter(
            pl.col("action") == Action.DISPUTE_UNDERPAYMENT.value,
            pl.col("deadline").is_not_null(),
            pl.col("remit_line_key").is_in(part["remit_line_key"].implode()),
        ).sort("deadline", "determination_key")
        if work.is_empty():
            gap = Gap(_DISPUTE_DAYS, OWNER_WORDS[Owner.CONTRACTS])
            return None, Sentence(f"It is made on {_day(self._as_of)}: {gap.mark}.", said, (gap,))
        first = work.row(0, named=True)
        by = self._level(first) or (
            Source(Rest.CONTRACT, f"The contract with {first['payer']}: {first['clock']}"),
        )
        last = first["deadline"]
        text = f"It is made on {_day(self._as_of)}; the first last day of a line is {_day(last)}"
        if last >= self._as_of:
            return last, Sentence(f"{text} ({first['clock']}).", by)
        gap = Gap("why lines come after their last day, and what proves that", OWNER_WORDS[Owner.MANAGER])
        return last, Sentence(f"{text} ({first['clock']}): {gap.mark}.", by, (gap,))

    # --- both -------------------------------------------------------------------------------------------

    def _heading(self, payer: str, what: str, rest: tuple[Source, ...]) -> tuple[Sentence, ...]:
        biller = OWNER_WORDS[Owner.BILLER]
        gaps = [Gap(f"where the payer takes {what}: address, fax or portal", biller)]
        if not payer:
            gaps.insert(0, Gap("the payer's name", biller))
        told = [Sentence(payer, rest)] if payer else []
        return (*told, *(Sentence(gap.mark, rest, (gap,)) for gap in gaps))

    def _signed(self, rest: tuple[Source, ...]) -> tuple[Sentence, ...]:
        manager = OWNER_WORDS[Owner.MANAGER]
        who = Gap("who signs, and how to reach them", manager)
        whose = Gap("the name and address of the practice", manager)
        told = Sentence(self._practice, rest) if self._practice else Sentence(whose.mark, rest, (whose,))
        return (Sentence(who.mark, rest, (who,)), told)

    def _place(self, row: Row, remit: Row) -> Source:
        """Where the remittance tells what a determination is about."""
        key = row["remit_line_key"]
        return self._of_remit(remit) if key is None else self._at(remit, (self._lines[key]["segment"],))

    def _of_remit(self, remit: Row) -> Source:
        return self._at(remit, (remit["segment"],))

    def _at(self, remit: Row, segments: Iterable[int | None]) -> Source:
        payment = self._payments[remit["payment_key"]]
        file = remit["file"] or payment["file"]
        known = tuple(sorted({one for one in segments if one is not None}))
        where = f", segment{'s' if len(known) > 1 else ''} {', '.join(map(str, known))}" if known else ""
        trace = f", payment {payment['trace']}" if payment["trace"] else ""
        return Source(Rest.REMITTANCE, f"Remittance {_file(file)}{where}{trace}", file, known)


def _by(frame: pl.DataFrame, key: str) -> dict[int, Row]:
    return {row[key]: row for row in frame.iter_rows(named=True)}


def _of_claims(rows: pl.DataFrame, work: pl.DataFrame) -> dict[int, list[Row]]:
    """`rows` by remit_key, of the claims that are appealed."""
    appealed = work.filter(pl.col("action") == Action.APPEAL.value)
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.join(appealed, on="remit_key", how="semi", maintain_order="left").iter_rows(named=True):
        found[row["remit_key"]].append(row)
    return found


def _proofs(worked: Worked) -> dict[int, Row]:
    """By remit_key the proof of filing of the claim that it answers."""
    if worked.statuses is None:
        return {}
    told = worked.statuses.standings.drop_nulls("proof").join(
        worked.matches.claims.select("remit_key", "claim_key", certainty_of_match="certainty"),
        on="claim_key",
    )
    return _by(told.filter(pl.col("certainty_of_match") == "certain"), "remit_key")


def _gap_of(need: str) -> Gap:
    """A need, as determinations tell it: `biller: the day of the decision`."""
    who, colon, what = need.partition(": ")
    return Gap(what, _WHO.get(who, who)) if colon else Gap(need, OWNER_WORDS[Owner.BILLER])


def _evidence_gap(evidence: str) -> Gap:
    return Gap(EVIDENCE_WORDS[evidence], OWNER_WORDS[GIVES[evidence]])


def _rule(name: str) -> Source:
    told = source(name)
    sure = "read" if told.confidence == "verified" else "known in the field, listed"
    return Source(Rest.RULE, f"{told.title} ({sure} {_day(told.read)})", url=told.url)


def _priced(basis: str | None, code: str | None) -> Source:
    return Source(Rest.CONTRACT, _capital(", ".join(_each((basis, code)))))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _file(path: str | None) -> str:
    """The name of a file, without the folders of this computer."""
    return PurePath(path).name if path else "without a file"


def _told(*facts: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in facts if value)


def _each(values: Iterable[str | None]) -> Iterator[str]:
    return (one for one in dict.fromkeys(values) if one)


def _span(days: Sequence[dt.date]) -> str:
    if not days:
        return ""
    first, last = min(days), max(days)
    return f" paid on {_day(first)}" if first == last else f" paid from {_day(first)} to {_day(last)}"


def _day(value: dt.date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
