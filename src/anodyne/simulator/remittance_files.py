"""What payers pay, as 835 files of 005010X221A1: payments in, bytes out."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from anodyne.simulator.envelopes import day, interchange, money, segment
from anodyne.simulator.life import Claim, Remit, TakeBack
from anodyne.simulator.payers import Adjustment, Decided
from anodyne.simulator.scenario import Scenario

_IN_A_PLB = 6
_VERSION = "005010X221A1"


@dataclass(slots=True)
class Payment:
    """One payment of one payer on one day."""

    payer: str
    """The key of a payer, or supplement."""
    day: dt.date
    number: int
    """Counted over all payments from 1."""
    remits: list[tuple[Claim, Remit]] = field(default_factory=list)
    taken: list[tuple[Claim, TakeBack]] = field(default_factory=list)
    carried_in_cents: int = 0
    """What an earlier payment could not take."""

    @property
    def trace(self) -> str:
        """The number of the transfer."""
        return f"EFT{self.number:07d}"

    @property
    def file(self) -> str:
        """Its place in the folder."""
        return f"835/{self.day}-{self.payer}.835"

    @property
    def claims_cents(self) -> int:
        """What its claims come to."""
        return sum(paid_cents(remit) for _, remit in self.remits)

    @property
    def interest_cents(self) -> int:
        """Interest, which is added."""
        return sum(remit.interest_cents for _, remit in self.remits)

    @property
    def taken_cents(self) -> int:
        """What is taken back."""
        return sum(taken.cents for _, taken in self.taken)

    @property
    def balance_cents(self) -> int:
        """What would be paid if it could be less than nothing."""
        return self.claims_cents + self.interest_cents - self.taken_cents - self.carried_in_cents

    @property
    def carried_on_cents(self) -> int:
        """What it cannot take and leaves to the next."""
        return max(0, -self.balance_cents)

    @property
    def amount_cents(self) -> int:
        """What is transferred."""
        return max(0, self.balance_cents)


def paid_cents(remit: Remit) -> int:
    """What a remitted claim is paid: less than nothing where an earlier payment is reversed."""
    if remit.kind == "second":
        return remit.decision.total("patient_cents")
    paid = remit.decision.total("paid_cents")
    return -paid if remit.kind == "reversal" else paid


def patient_cents(remit: Remit) -> int:
    """What it leaves to the patient."""
    if remit.kind == "second":
        return 0
    left = remit.decision.total("patient_cents")
    return -left if remit.kind == "reversal" else left


def status_of(claim: Claim, remit: Remit) -> str:
    """CLP02: 1 paid first, 2 second, 4 denied, 19 passed on, 22 reversed."""
    if remit.kind in {"reversal", "second"}:
        return {"reversal": "22", "second": "2"}[remit.kind]
    if remit.decision.verdict == "denied":
        return "4"
    return "19" if _passed_on(claim, remit) else "1"


def _passed_on(claim: Claim, remit: Remit) -> bool:
    return claim.bill.patient.second == "supplement" and remit.decision.total("patient_cents") > 0


def payments(
    claims: Sequence[Claim],
) -> list[Payment]:
    """All payments, in the order of their days; what one cannot take back the payer's next does."""
    by_day: dict[tuple[dt.date, str], Payment] = {}
    events = [(remit.day, remit.payer) for claim in claims for remit in claim.remits]
    events += [(one.taken_back.day, one.taken_back.payer) for one in claims if one.taken_back]
    for number, key in enumerate(sorted(set(events)), 1):
        by_day[key] = Payment(key[1], key[0], number)
    for claim in claims:
        for remit in claim.remits:
            by_day[remit.day, remit.payer].remits.append((claim, remit))
        if claim.taken_back:
            by_day[claim.taken_back.day, claim.taken_back.payer].taken.append((claim, claim.taken_back))
    carried: dict[str, int] = {}
    for payment in by_day.values():
        payment.carried_in_cents = carried.get(payment.payer, 0)
        carried[payment.payer] = payment.carried_on_cents
    return list(by_day.values())


def remittance_file(payment: Payment, world: Scenario) -> bytes:
    """The 835 file of one payment."""
    return interchange(
        [list(_transaction(payment, world))],
        group="HP",
        kind="835",
        version=_VERSION,
        sender=_payer(payment.payer, world)["id"],
        receiver=world.submitter["id"],
        on=payment.day,
        control=payment.number,
    )


def _payer(key: str, world: Scenario) -> Mapping[str, str]:
    told = world.supplement if key == "supplement" else world.payers[key]
    return {"id": told.id, "name": told.name, "filing": told.filing}


def _transaction(payment: Payment, world: Scenario) -> Iterator[str]:
    payer, billing = _payer(payment.payer, world), world.billing
    on, amount = day(payment.day), payment.amount_cents
    how = ("I", money(amount), "C", "ACH", "CCP") if amount else ("H", "0", "C", "NON", "")
    banks = ("01", "061000052", "DA", "123456789", "1990001001", "", "01", "063100277", "DA", "987654321")
    yield segment("BPR", *how, *(banks if amount else [""] * len(banks)), on)
    yield segment("TRN", 1, payment.trace, "1990001001")
    yield segment("DTM", "405", on)
    yield segment("N1", "PR", payer["name"], "XV", payer["id"])
    yield "N3*1 PLAN PLAZA"
    yield "N4*COLUMBUS*OH*432150001"
    yield "PER*BL*PROVIDER SERVICES*TE*6145550199"
    yield segment("N1", "PE", billing["name"], "XX", billing["npi"])
    yield segment("REF", "TJ", billing["tax_id"])
    yield "LX*1"
    for claim, remit in payment.remits:
        yield from _claim(claim, remit, payer["filing"], world)
    yield from _provider_adjustments(payment, billing["npi"])


def _claim(claim: Claim, remit: Remit, filing: str, world: Scenario) -> Iterator[str]:
    bill, patient = claim.bill, claim.bill.patient
    sign = -1 if remit.kind == "reversal" else 1
    second = remit.kind == "second"
    yield segment(
        "CLP", claim.id, status_of(claim, remit), money(sign * remit.decision.total("charge_cents")),
        money(paid_cents(remit)), money(patient_cents(remit)), filing,
        f"S{claim.payer_control}" if second else claim.payer_control,
        world.sites[bill.visit.site].pos, claim.frequency,
    )  # fmt: skip
    member = patient.second_member_id if second else patient.member_id
    yield segment("NM1", "QC", 1, patient.last.upper(), patient.first.upper(), "", "", "", "MI", member)
    if not second and sign > 0 and _passed_on(claim, remit):
        yield segment("NM1", "TT", 2, world.supplement.name, "", "", "", "", "PI", world.supplement.id)
    if filing == "MB":
        yield "MOA***MA01"
    received = next((one.answered_on for one in claim.sendings if one.answer == "accepted"), None)
    if received and not second:
        yield segment("DTM", "050", day(received))
    if remit.interest_cents:
        yield segment("AMT", "I", money(remit.interest_cents))
    for number, line in enumerate(remit.decision.lines, 1):
        yield from _line(claim, number, line, sign, second=second)


def _line(claim: Claim, number: int, line: Decided, sign: int, *, second: bool) -> Iterator[str]:
    service = line.line
    sent = ":".join(("HC", service.code, *service.modifiers))
    # Half of the payers' people say openly what they took it for; the others only pay less.
    openly = bool(line.paid_as) and claim.bill.patient.number % 2 == 0
    taken = ":".join(("HC", line.paid_as, *service.modifiers)) if openly else sent
    adjustments: Sequence[Adjustment] = line.adjustments
    paid = line.paid_cents
    if second:
        paid = line.patient_cents
        rest = line.charge_cents - paid
        adjustments = (("OA", "23", rest),) if rest else ()
    yield segment(
        "SVC", taken, money(sign * line.charge_cents), money(sign * paid), "", service.units,
        sent if openly else "",
    )  # fmt: skip
    yield segment("DTM", "472", day(claim.bill.visit.day))
    for group, some in groupby(adjustments, key=lambda one: one[0]):
        told = [element for _, reason, cents in some for element in (reason, money(sign * cents), "")]
        yield segment("CAS", group, *told)
    yield segment("REF", "6R", f"{claim.id}-{number}")
    if line.allowed_cents and sign > 0 and not second:
        yield segment("AMT", "B6", money(line.allowed_cents))
    for remark in line.remarks if sign > 0 and not second else ():
        yield segment("LQ", "HE", remark)


def _provider_adjustments(payment: Payment, npi: str) -> Iterator[str]:
    told = [(f"WO:{claim.payer_control}", taken.cents) for claim, taken in payment.taken]
    told += [
        (f"L6:{claim.payer_control}", -remit.interest_cents)
        for claim, remit in payment.remits
        if remit.interest_cents
    ]
    if payment.carried_in_cents:
        told.append(("FB", payment.carried_in_cents))
    if payment.carried_on_cents:
        told.append(("FB", -payment.carried_on_cents))
    for start in range(0, len(told), _IN_A_PLB):
        some = [
            element for what, cents in told[start : start + _IN_A_PLB] for element in (what, money(cents))
        ]
        yield segment("PLB", npi, f"{payment.day.year}1231", *some)
