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


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldClaim:
    """What an 835 tells of one claim."""

    claim_id: str
    status: str
    """CLP02."""
    payer_control: str
    filing: str
    pos: str
    frequency: str
    last: str = field(repr=False)
    first: str = field(repr=False)
    member_id: str = field(repr=False)
    received_on: dt.date | None
    lines: Sequence[tuple[str, dt.date, Decided]]
    """Of each its control number (REF*6R), its day, and what was decided."""
    paid_cents: int
    patient_cents: int
    interest_cents: int = 0
    reversal: bool = False
    second: bool = False
    openly: bool = True
    """Whether the payer says what it took a line for that it pays as another."""
    passed_on: tuple[str, str] | None = None
    """Name and id of the payer to whom it passes the claim on."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payment of one payer for claims that it decides for the first time."""

    trace: str
    payer: tuple[str, str]
    """Name and id."""
    payee: tuple[str, str, str]
    """Name, NPI and tax id."""
    claims: Sequence[ToldClaim]


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
    yield from _opening(
        payment.trace, payment.amount_cents, payment.day, (payer["name"], payer["id"]),
        (billing["name"], billing["npi"], billing["tax_id"]),
    )  # fmt: skip
    for claim, remit in payment.remits:
        yield from _claim(_told(claim, remit, payer["filing"], world))
    yield from _provider_adjustments(payment, billing["npi"])


def settlement_file(
    settlements: Sequence[Settlement], *, receiver: str, on: dt.date, control: int, usage: str
) -> bytes:
    """An 835 of one payment for each of `settlements`, which take nothing back."""
    return interchange(
        [list(_settled(one, on)) for one in settlements],
        group="HP", kind="835", version=_VERSION, sender=settlements[0].payer[1], receiver=receiver,
        on=on, control=control, usage=usage,
    )  # fmt: skip


def _settled(one: Settlement, on: dt.date) -> Iterator[str]:
    yield from _opening(one.trace, sum(told.paid_cents for told in one.claims), on, one.payer, one.payee)
    for told in one.claims:
        yield from _claim(told)


def _opening(
    trace: str, amount: int, on: dt.date, payer: tuple[str, str], payee: tuple[str, str, str]
) -> Iterator[str]:
    """What stands before the claims: `payer` by name and id, `payee` by name, NPI and tax id."""
    how = ("I", money(amount), "C", "ACH", "CCP") if amount else ("H", "0", "C", "NON", "")
    banks = ("01", "061000052", "DA", "123456789", "1990001001", "", "01", "063100277", "DA", "987654321")
    yield segment("BPR", *how, *(banks if amount else [""] * len(banks)), day(on))
    yield segment("TRN", 1, trace, "1990001001")
    yield segment("DTM", "405", day(on))
    yield segment("N1", "PR", payer[0], "XV", payer[1])
    yield "N3*1 PLAN PLAZA"
    yield "N4*COLUMBUS*OH*432150001"
    yield "PER*BL*PROVIDER SERVICES*TE*6145550199"
    yield segment("N1", "PE", payee[0], "XX", payee[1])
    yield segment("REF", "TJ", payee[2])
    yield "LX*1"


def _told(claim: Claim, remit: Remit, filing: str, world: Scenario) -> ToldClaim:
    bill, patient = claim.bill, claim.bill.patient
    second, reversal = remit.kind == "second", remit.kind == "reversal"
    passed_on = not second and not reversal and _passed_on(claim, remit)
    return ToldClaim(
        claim_id=claim.id,
        status=status_of(claim, remit),
        payer_control=f"S{claim.payer_control}" if second else claim.payer_control,
        filing=filing,
        pos=world.sites[bill.visit.site].pos,
        frequency=claim.frequency,
        last=patient.last.upper(),
        first=patient.first.upper(),
        member_id=patient.second_member_id if second else patient.member_id,
        received_on=next((one.answered_on for one in claim.sendings if one.answer == "accepted"), None),
        lines=[
            (f"{claim.id}-{number}", bill.visit.day, line)
            for number, line in enumerate(remit.decision.lines, 1)
        ],
        paid_cents=paid_cents(remit),
        patient_cents=patient_cents(remit),
        interest_cents=remit.interest_cents,
        reversal=reversal,
        second=second,
        # Half of the payers' people say openly what they took it for; the others only pay less.
        openly=claim.bill.patient.number % 2 == 0,
        passed_on=(world.supplement.name, world.supplement.id) if passed_on else None,
    )


def _claim(told: ToldClaim) -> Iterator[str]:
    charge = sum(line.charge_cents for _, _, line in told.lines)
    yield segment(
        "CLP", told.claim_id, told.status, money(-charge if told.reversal else charge),
        money(told.paid_cents), money(told.patient_cents), told.filing, told.payer_control, told.pos,
        told.frequency,
    )  # fmt: skip
    yield segment("NM1", "QC", 1, told.last, told.first, "", "", "", "MI", told.member_id)
    if told.passed_on:
        yield segment("NM1", "TT", 2, told.passed_on[0], "", "", "", "", "PI", told.passed_on[1])
    if told.filing == "MB":
        yield "MOA***MA01"
    if told.received_on and not told.second:
        yield segment("DTM", "050", day(told.received_on))
    if told.interest_cents:
        yield segment("AMT", "I", money(told.interest_cents))
    for control, served_on, line in told.lines:
        yield from _line(told, control, served_on, line)


def _line(told: ToldClaim, control: str, served_on: dt.date, line: Decided) -> Iterator[str]:
    service, sign = line.line, -1 if told.reversal else 1
    sent = ":".join(("HC", service.code, *service.modifiers))
    openly = bool(line.paid_as) and told.openly
    taken = ":".join(("HC", line.paid_as, *service.modifiers)) if openly else sent
    adjustments: Sequence[Adjustment] = line.adjustments
    paid = line.paid_cents
    if told.second:
        paid = line.patient_cents
        rest = line.charge_cents - paid
        adjustments = (("OA", "23", rest),) if rest else ()
    yield segment(
        "SVC", taken, money(sign * line.charge_cents), money(sign * paid), "", service.units,
        sent if openly else "",
    )  # fmt: skip
    yield segment("DTM", "472", day(served_on))
    for group, some in groupby(adjustments, key=lambda one: one[0]):
        elements = [element for _, reason, cents in some for element in (reason, money(sign * cents), "")]
        yield segment("CAS", group, *elements)
    yield segment("REF", "6R", control)
    if line.allowed_cents and not told.reversal and not told.second:
        yield segment("AMT", "B6", money(line.allowed_cents))
    for remark in line.remarks if not told.reversal and not told.second else ():
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
