"""A claim's other payers, and what they decided of it and of its lines, as loops."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from anodyne.model.parties import Dependent, Insured, Parties, Subscriber
from anodyne.x12.compose_draft import Cells, Loop, Refused, Row, as_dollars, as_number, clean, fill
from anodyne.x12.compose_names import INSURED, coverage, is_dependent, lose, put_address, put_name
from anodyne.x12.compose_places import columns_of
from anodyne.x12.spread import MOST_REASONS, REASONS_FROM

_RANKS: Final = tuple("PSTABCDEFGH")
"""Ranks of payers, who is to pay first first; U, which is not among them, is unknown."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one other payer decided of a claim or line: its row, and how it adjusted that."""

    row: Row = field(repr=False)
    adjustments: Sequence[Row] = field(repr=False)


class OtherPayers:
    """Other payers of claims as loops."""

    def __init__(self, parties: Parties, refused: Refused) -> None:
        self._parties, self._refused = parties, refused

    def add(self, claim: Loop, row: Row, payers: Sequence[Told]) -> None:
        """The other payers of the claim of `row`."""
        self._check_ranks(claim, row, payers)
        for place, told in enumerate(payers, 1):
            loop = claim.opened("2320", f"{claim.owner}, other payer {place}")
            fill(loop, columns_of("other_payer"), told.row, self._refused)
            self._adjust(loop, told.adjustments)
            self._name(loop.at("2330A"), told.row, row)
            put_address(loop.at("2330B"), self._parties.payers.get(told.row["payer_id"] or ""))

    def decide(self, line: Loop, decisions: Sequence[Told]) -> None:
        """What other payers decided of a line."""
        for place, told in enumerate(decisions, 1):
            loop = line.opened("2430", f"{line.owner}, adjudication {place}")
            fill(loop, columns_of("adjudication"), told.row, self._refused)
            self._adjust(loop, told.adjustments)

    def _check_ranks(self, claim: Loop, row: Row, payers: Sequence[Told]) -> None:
        """That every payer who comes before the one that the claim goes to is told of."""
        rank, told = clean(row["payer_rank"] or ""), {clean(one.row["payer_rank"] or "") for one in payers}
        before = _RANKS[: _RANKS.index(rank)] if rank in _RANKS else ()
        if missing := [one for one in before if one not in told]:
            why = f"is {rank}, and nothing is told of the payer of rank {', '.join(missing)} before it"
            self._refused.add(claim.owner, "payer_rank", why)

    def _name(self, loop: Loop, other: Row, row: Row) -> None:
        """Whom an other payer insures: the patient, or somebody else."""
        insured: Insured | Dependent | Subscriber | None
        if is_dependent(other):
            insured = self._parties.insured.get(coverage(other))
            key, of, among = "member_id", other, INSURED
        else:
            patient = row["patient"]
            insured = self._parties.dependents.get(patient) or self._parties.subscribers.get(patient)
            key, of, among = "patient", row, "subscribers or dependents"
        if insured is None:
            lose(loop, of, key, among, self._refused)
            return
        put_name(loop, insured.name)
        put_address(loop, insured.address)

    def _adjust(self, loop: Loop, adjustments: Sequence[Row]) -> None:
        """Adjustments as CAS: those of one group together, as many as one holds."""
        groups: dict[str, list[Row]] = {}
        for row in adjustments:
            for name in ("group", "reason", "cents"):
                if row[name] is None or row[name] == "":
                    self._refused.add(loop.owner, f"{name} of an adjustment", "is missing")
            groups.setdefault(row["group"] or "", []).append(row)
        for group, every in groups.items():
            for first in range(0, len(every), MOST_REASONS):
                cells = loop.add("CAS")
                cells[1, 0] = group
                for place, row in enumerate(every[first : first + MOST_REASONS]):
                    cells |= self._reason(loop, REASONS_FROM + 3 * place, row)

    def _reason(self, loop: Loop, first: int, row: Row) -> Cells:
        cells = {(first, 0): row["reason"] or ""}
        if row["cents"] is not None:
            cells[first + 1, 0] = as_dollars(row["cents"])
        if row["units"] is not None:
            try:
                cells[first + 2, 0] = as_number(row["units"])
            except ValueError as error:
                self._refused.add(loop.owner, "units of an adjustment", str(error))
        return cells
