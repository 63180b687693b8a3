"""Where each cent of a charge is on the day of the simulation, told from what was put there."""

from collections.abc import Sequence
from dataclasses import dataclass

from anodyne.simulator.life import Claim, State

GIVEN_UP = frozenset({State.WRITTEN_OFF})


@dataclass(slots=True)
class Account:
    """One encounter's charge: the parts come to the charge, to the cent."""

    encounter: str
    payer: str
    charge_cents: int
    payer_paid_cents: int = 0
    second_paid_cents: int = 0
    patient_paid_cents: int = 0
    contractual_cents: int = 0
    written_off_cents: int = 0
    open_payer_cents: int = 0
    open_second_cents: int = 0
    open_patient_cents: int = 0

    @property
    def row(self) -> tuple[object, ...]:
        """As `books.ACCOUNTS`."""
        return (
            self.encounter, self.payer, self.charge_cents, self.payer_paid_cents, self.second_paid_cents,
            self.patient_paid_cents, self.contractual_cents, self.written_off_cents, self.open_payer_cents,
            self.open_second_cents, self.open_patient_cents,
        )  # fmt: skip


def account_of(encounter: str, payer: str, charge_cents: int, claims: Sequence[Claim]) -> Account:
    """The account of an encounter of that charge, whose `claims` are in the order in which they were made.

    Of claims that replace each other the last that was decided counts, and what the first charged beyond it
    is written off; a duplicate has an account of its own.
    """
    made = Account(encounter, payer, charge_cents)
    decided = [claim for claim in claims if claim.decision]
    if decided:
        _post(made, decided[-1], charge_cents)
    else:
        made.open_payer_cents = charge_cents
    return made


def _post(made: Account, claim: Claim, charge_cents: int) -> None:
    decision = claim.decision
    if decision is None:
        made.open_payer_cents = charge_cents
        return
    charged = decision.total("charge_cents")
    paid, share = decision.total("paid_cents"), decision.total("patient_cents")
    refused = sum(line.charge_cents for line in decision.lines if line.refused)
    contractual = charged - paid - share - refused
    beyond = charge_cents - charged
    taken = claim.taken_back.cents if claim.taken_back else 0
    made.contractual_cents = contractual
    made.payer_paid_cents = paid - taken
    made.open_payer_cents = taken
    if claim.state in GIVEN_UP:
        made.written_off_cents = refused + beyond
    else:
        made.open_payer_cents += refused
        made.written_off_cents = beyond
    if any(remit.kind == "second" for remit in claim.remits):
        made.second_paid_cents = share
    elif claim.bill.patient.second:
        made.open_second_cents = share
    elif claim.patient_paid_on:
        made.patient_paid_cents = share
    else:
        made.open_patient_cents = share
