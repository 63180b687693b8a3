"""What becomes of each bill by the day of the simulation: sent, answered, decided, worked, paid."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, in_force
from anodyne.simulator.bills import Bill, due_on
from anodyne.simulator.payers import REFUSALS, Decision, Rates, Shares, decide
from anodyne.simulator.people import dice
from anodyne.simulator.scenario import Scenario, after, weekday_from

PATIENCE: Final = 14
"""Days beyond a payer's usual time after which its silence is followed up."""
_RECENT: Final = 14
_WORKED_AFTER: Final = 40
_SETTLED_AFTER: Final = 60
_LOST_AFTER: Final = 45
_NO_ANSWER: Final = 5
_NEAR: Final = 10
_PAST: Final = 6
_ANSWERED_AFTER: Final = (20, 38)
"""Days from a decision until the practice answers it."""
_DECIDED_AGAIN: Final = (25, 55)
"""Days from an appeal to the payer's new decision."""
_LATE_DAYS: Final = (30, 60)
_INTEREST: Final = (5, 36_500)
"""A year's interest in hundredths, by the day."""
_UNSIGNED: Final = 0.25
_SIGNED_WITHIN: Final = 6
_FRIDAY: Final = 4
_NOT_REOPENED: Final = frozenset({"units", "new_patient"})
"""Faults of which a payer that takes no replacements says that nothing is to be paid."""
_FURTHER: Final = frozenset({"64484", "64491", "64494", "64634", "64636", "G3003"})
"""Further levels and time: billed twice, they are too many of one session or month too."""
_TWICE: Final = {"20553": "INJ-01b", "G3002": "CPM-03a"}
"""Codes whose duplicates break a rule of their own, and not DUP-01."""


class State(StrEnum):
    """Where a claim stands on the day of the simulation."""

    HELD = "held"
    """Made and kept back for a reason."""
    READY = "ready"
    WAITING = "waiting"
    """Sent, and not decided; whatever was said of its receipt."""
    UNANSWERED = "unanswered"
    """Sent, and nothing came back for five days or more."""
    REJECTED = "rejected"
    """Refused by the front door, and not sent again."""
    RECORDS = "records"
    """Refused until records are sent."""
    DENIED = "denied"
    """Of which something is still to be asked, or to be given up."""
    PARTLY_DENIED = "partly_denied"
    UNDERPAID = "underpaid"
    APPEALED = "appealed"
    """Refused or paid for less, and the payer was asked to look again."""
    TAKEN_BACK = "taken_back"
    """Paid, and taken back by the payer from a later payment."""
    WAITING_SECOND = "waiting_second"
    """Decided and passed on by Medicare to the supplement, which has not paid."""
    SECOND_DUE = "second_due"
    """Decided; the practice is to bill the second coverage."""
    PAID = "paid"
    """Decided, and nothing is open with a payer."""
    REPLACED = "replaced"
    """Denied, and another claim was sent in its place."""
    WRITTEN_OFF = "written_off"
    """Denied, and given up with approval."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One time a claim was sent, and what the front door said."""

    day: dt.date
    answer: str
    """accepted, rejected, refused (the whole file), pending (not yet) or none (it never came)."""
    answered_on: dt.date | None = None
    status: str = ""
    """Category and status code of the 277CA."""


@dataclass(frozen=True, slots=True)
class Remit:
    """One time a payer told what it decided."""

    payer: str
    """The key of a payer, or supplement."""
    day: dt.date
    """Of the payment."""
    kind: str
    """first, reversal, correction or second."""
    decision: Decision
    interest_cents: int = 0
    late_days: int = 0
    """Beyond the payer's usual time."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """What a payer takes back from a payment, by the claim it named."""

    payer: str
    day: dt.date
    cents: int


@dataclass(slots=True)
class Claim:
    """A claim and all that became of it."""

    id: str
    bill: Bill
    made_on: dt.date
    frequency: str = "1"
    replaces: "Claim | None" = None
    duplicate_of: "Claim | None" = None
    state: State = State.READY
    hold: str = ""
    """Why it is kept back: the name of a fault, or unsigned."""
    sendings: list[Sending] = field(default_factory=list)
    remits: list[Remit] = field(default_factory=list)
    taken_back: TakeBack | None = None
    deadline: dt.date | None = None
    route: str = ""
    written_off_on: dt.date | None = None
    appealed_on: dt.date | None = None
    patient_paid_on: dt.date | None = None

    @property
    def payer_control(self) -> str:
        """The payer's own number of it."""
        return f"{self.bill.patient.payer.id[:3]}{self.made_on:%y%j}{self.id[2:]}"

    @property
    def decision(self) -> Decision | None:
        """What the first payer decided last."""
        own = [remit.decision for remit in self.remits if remit.kind in {"first", "correction"}]
        return own[-1] if own else None

    @property
    def noticed_on(self) -> dt.date | None:
        """The day of the remittance that stands."""
        own = [remit.day for remit in self.remits if remit.kind in {"first", "correction"}]
        return own[-1] if own else None

    @property
    def expected_by(self) -> dt.date | None:
        """The day after which the payer's silence is followed up; None where nothing was sent."""
        if not self.sendings:
            return None
        usual = self.bill.patient.payer.turn[1] + PATIENCE
        return self.sendings[-1].day + dt.timedelta(days=usual)


class Front:
    """On which days the clearinghouse refuses the practice's file."""

    def __init__(self, seed: int, world: Scenario) -> None:
        self._seed, self._share = seed, world.shares["front"]["file_refused"]
        self._known: dict[dt.date, bool] = {}

    def refuses(self, day: dt.date) -> bool:
        """Whether the file of `day` comes back."""
        if day not in self._known:
            self._known[day] = dice(self._seed, "file", day).random() < self._share
        return self._known[day]


class Times:
    """Until when Medicare's decisions may be appealed, by the law as the reference data tells it."""

    def __init__(self, reference: Reference, as_of: dt.date) -> None:
        asked = pl.DataFrame({"program": "medicare", "route": ["appeal", "records"], "level": "1"})
        dated = asked.with_columns(served_on=pl.lit(as_of))
        told = in_force(dated, reference, "denial_levels").fill_null(0)
        self._days: Mapping[str, int] = {
            route: days + receipt
            for route, days, receipt in told.select("route", "days", "receipt_days").iter_rows()
        }
        self._holidays: Collection[str] = set(reference.table("federal_holidays")["day"].cast(pl.String))

    def deadline(self, bill: Bill, route: str, noticed_on: dt.date) -> dt.date | None:
        """The last day of `route`; None where nothing is to be asked, or the law gives no day."""
        payer = bill.patient.payer
        if not route:
            return None
        if payer.filing != "MB":
            days = payer.limits.get(route)
            return None if days is None else noticed_on + dt.timedelta(days=days)
        if route == "records":
            return noticed_on + dt.timedelta(days=self._days["records"])
        if route not in {"appeal", "dispute"}:
            return None
        day = noticed_on + dt.timedelta(days=self._days["appeal"])
        while day.weekday() > _FRIDAY or day.isoformat() in self._holidays:
            day += dt.timedelta(days=1)
        return day


class Lives:
    """Lives of bills: everything that is the same for all of them."""

    def __init__(
        self, seed: int, as_of: dt.date, world: Scenario, *, rates: Rates, times: Times, front: Front
    ) -> None:
        self._seed, self._as_of, self._world = seed, as_of, world
        self._rates, self._times, self._front = rates, times, front

    def live(self, bill: Bill, shares: Shares) -> Iterator[Claim]:
        """The claims made of `bill`; none where it is not coded yet."""
        patient, visit = bill.patient, bill.visit
        rng = dice(self._seed, "life", patient.number, visit.number)
        made_on = after(visit.day, rng.randint(0, 2))
        if made_on > self._as_of:
            return
        claim = Claim(f"TM{patient.number:06d}{visit.number:02d}", bill, made_on)
        if self._forgotten(claim, rng):
            yield claim
            return
        sent_on = after(made_on, rng.choice((0, 1, 1, 2, 3)))
        if self._is_held(claim, sent_on, rng):
            claim.state = State.HELD
            claim.hold = bill.fault or "unsigned"
            yield claim
            return
        self._send(claim, sent_on, rng, shares, self._cause(bill, rng))
        yield claim
        yield from self._work(claim, rng, shares)
        if self._sent_twice(claim, rng):
            yield self._duplicate(claim, rng, shares)

    # -------------------------------------------------------------- before it is sent

    def _forgotten(self, claim: Claim, rng: Random) -> bool:
        """Whether it lies about since its service, and its payer's limit is near or just past."""
        bill = claim.bill
        left = (due_on(bill) - self._as_of).days
        if not -_PAST <= left <= _NEAR or (self._as_of - bill.visit.day).days < _SETTLED_AFTER or bill.fault:
            return False
        if rng.random() >= self._world.shares["faults"]["filing"]:
            return False
        bill.fault = claim.hold = "filing"
        claim.state = State.HELD
        claim.deadline, claim.route = due_on(bill), "new_claim"
        late, near = ("TF-01", "") if bill.by_medicare else ("TF-02", "TF-02a")
        bill.rule = late if left < 0 else near
        return True

    def _is_held(self, claim: Claim, sent_on: dt.date, rng: Random) -> bool:
        days, draw = (self._as_of - claim.bill.visit.day).days, rng.random()
        if claim.bill.fault and days <= _RECENT:
            return sent_on > self._as_of or draw < self._world.shares["worked"]["caught"]
        return days <= _SIGNED_WITHIN and draw < _UNSIGNED

    def _cause(self, bill: Bill, rng: Random) -> str:
        """Why the payer will not pay all: the fault, or what comes over it."""
        decided = self._world.shares["decided"]
        codes = {line.code for line in bill.lines}
        draw = rng.random()
        if bill.fault:
            return bill.fault
        for cause in ("necessity", "coverage", "records"):
            draw -= decided[cause]
            if draw < 0:
                return cause
        if bill.auth and rng.random() < decided["unread"] * 4:
            return "unread"
        if "99214" in codes and rng.random() < decided["downcode"]:
            return "downcode"
        if any("50" in line.modifiers for line in bill.lines) and rng.random() < decided["one_side"]:
            return "one_side"
        return ""

    # -------------------------------------------------------------- the front door

    def _send(self, claim: Claim, day: dt.date, rng: Random, shares: Shares, cause: str) -> None:
        """Send until it is accepted, lost or refused for good; then let the payer decide."""
        front = self._world.shares["front"]
        while day <= self._as_of and self._front.refuses(day):
            claim.sendings.append(Sending(day, "refused", day))
            claim.state = State.REJECTED
            day = after(day, 1)
        if day > self._as_of:
            claim.state = State.REJECTED if claim.sendings else State.READY
            return
        draw, again = rng.random(), rng.random() < self._world.shares["worked"]["resent"]
        status = rng.choice(("A7:164", "A7:145", "A3:33", "A6:255"))
        answered = after(day, 1)
        gone = (self._as_of - day).days
        if draw < front["lost"]:
            claim.sendings.append(Sending(day, "none"))
            claim.state = State.UNANSWERED if gone >= _NO_ANSWER else State.WAITING
            if not again or gone < _LOST_AFTER:
                return
            day = after(day, _LOST_AFTER - _RECENT)
        elif draw < front["lost"] + front["rejected"]:
            if answered > self._as_of:
                claim.sendings.append(Sending(day, "pending"))
                claim.state = State.WAITING
                return
            claim.sendings.append(Sending(day, "rejected", answered, status))
            claim.state = State.REJECTED
            if not again or gone < _RECENT:
                return
            day = after(day, rng.randint(4, 8))
        self._accepted(claim, day, rng, shares, cause)

    def _accepted(self, claim: Claim, day: dt.date, rng: Random, shares: Shares, cause: str) -> None:
        while self._front.refuses(day) and day <= self._as_of:
            claim.sendings.append(Sending(day, "refused", day))
            day = after(day, 1)
        if day > self._as_of:
            return
        claim.state = State.WAITING
        answered = after(day, 1)
        if answered > self._as_of:
            claim.sendings.append(Sending(day, "pending"))
            return
        claim.sendings.append(Sending(day, "accepted", answered, "A2:20"))
        payer = claim.bill.patient.payer
        late = rng.random() < self._world.shares["decided"]["late"]
        extra = rng.randint(*_LATE_DAYS) if late else 0
        decided = answered + dt.timedelta(days=rng.randint(*payer.turn) + extra)
        paid_on = weekday_from(decided, payer.pays_on)
        if paid_on > self._as_of:
            return
        decision = decide(claim.bill, cause, self._rates, self._world, shares)
        per_year, days = _INTEREST
        interest = decision.total("paid_cents") * extra * per_year // days if payer.filing != "MC" else 0
        claim.remits.append(Remit(payer.key, paid_on, "first", decision, interest, extra))
        self._settle(claim)

    # -------------------------------------------------------------- after the decision

    def _settle(self, claim: Claim) -> None:
        """Where the last decision leaves the claim, and until when something may be asked."""
        decision, noticed_on = claim.decision, claim.noticed_on
        if decision is None or noticed_on is None:
            return
        refusal = REFUSALS.get(decision.cause)
        claim.route = refusal.route if refusal else "dispute" if decision.verdict == "underpaid" else ""
        claim.deadline = self._times.deadline(claim.bill, claim.route, noticed_on)
        if decision.verdict != "paid":
            claim.state = State.RECORDS if decision.cause == "records" else State(decision.verdict)
            return
        claim.state = State.PAID
        patient = claim.bill.patient
        if decision.total("patient_cents") and patient.second:
            claim.state = State.WAITING_SECOND if patient.second == "supplement" else State.SECOND_DUE

    def _work(self, claim: Claim, rng: Random, shares: Shares) -> Iterator[Claim]:
        """What was done since: replaced, appealed, written off, taken back, passed on."""
        noticed_on = claim.noticed_on
        if noticed_on is None:
            return
        gone = (self._as_of - noticed_on).days
        draw, answered_on = rng.random(), after(noticed_on, rng.randint(*_ANSWERED_AFTER))
        worked, decided = self._world.shares["worked"], self._world.shares["decided"]
        if claim.state in {State.DENIED, State.PARTLY_DENIED, State.RECORDS} and gone >= _WORKED_AFTER:
            if not claim.route:
                self._write_off(claim, answered_on)
            elif draw < worked["corrected"] + worked["appealed"]:
                if claim.route == "corrected" and claim.bill.patient.payer.replacements:
                    yield self._replacement(claim, answered_on, rng, shares)
                    return
                if claim.bill.fault in _NOT_REOPENED:
                    self._write_off(claim, answered_on)
                else:
                    self._appeal(claim, answered_on, rng, shares)
            elif draw < worked["corrected"] + worked["appealed"] + worked["written_off"]:
                self._write_off(claim, answered_on)
        elif claim.state is State.UNDERPAID and gone >= _SETTLED_AFTER and draw < decided["disputed"]:
            self._appeal(claim, answered_on, rng, shares)
        elif claim.state is State.PAID and gone >= _WORKED_AFTER and draw < decided["overpaid"]:
            self._take_back(claim, answered_on)
        self._patient_side(claim, rng)

    def _write_off(self, claim: Claim, day: dt.date) -> None:
        claim.written_off_on = day
        claim.state, claim.route, claim.deadline = State.WRITTEN_OFF, "", None

    def _appeal(self, claim: Claim, asked_on: dt.date, rng: Random, shares: Shares) -> None:
        """The payer is asked to look again, and in time pays as it should have."""
        payer = claim.bill.patient.payer
        day = weekday_from(asked_on + dt.timedelta(days=rng.randint(*_DECIDED_AGAIN)), payer.pays_on)
        if day > self._as_of:
            claim.state, claim.appealed_on = State.APPEALED, asked_on
            claim.route, claim.deadline = "", None
            return
        self._reverse(claim, day, shares)
        after_all = decide(claim.bill, "", self._rates, self._world, shares)
        claim.remits.append(Remit(payer.key, day, "correction", after_all))
        self._settle(claim)

    def _reverse(self, claim: Claim, day: dt.date, shares: Shares) -> None:
        """The payer takes its decision back on `day`, and what it counted to the deductible."""
        before = claim.decision
        if before is None:
            return
        year = claim.bill.visit.day.year
        shares.met[year] = shares.met.get(year, 0) - before.deductible_cents
        claim.remits.append(Remit(claim.bill.patient.payer.key, day, "reversal", before))

    def _take_back(self, claim: Claim, asked_on: dt.date) -> None:
        payer = claim.bill.patient.payer
        day = weekday_from(asked_on, payer.pays_on)
        paid = claim.decision.total("paid_cents") if claim.decision else 0
        if day <= self._as_of and paid > 0:
            claim.taken_back = TakeBack(payer.key, day, paid)
            claim.state, claim.route = State.TAKEN_BACK, "appeal"
            claim.deadline = self._times.deadline(claim.bill, "appeal", day)

    def _patient_side(self, claim: Claim, rng: Random) -> None:
        """The supplement pays, or the patient."""
        decision, noticed_on = claim.decision, claim.noticed_on
        draw = rng.random()
        turn = rng.randint(*self._world.supplement.turn)
        if decision is None or noticed_on is None or not decision.total("patient_cents"):
            return
        if claim.bill.patient.second == "supplement":
            day = weekday_from(noticed_on + dt.timedelta(days=turn), self._world.supplement.pays_on)
            if day <= self._as_of:
                claim.remits.append(Remit("supplement", day, "second", decision))
                if claim.state is State.WAITING_SECOND:
                    claim.state = State.PAID
            return
        settled = (self._as_of - noticed_on).days >= _SETTLED_AFTER
        if not claim.bill.patient.second and settled and draw < self._world.shares["patients"]["pays"]:
            claim.patient_paid_on = after(noticed_on, 30)

    # -------------------------------------------------------------- further claims

    def _replacement(self, claim: Claim, made_on: dt.date, rng: Random, shares: Shares) -> Claim:
        """The claim put right and sent in place of the first."""
        new = Claim(f"{claim.id}R", claim.bill.corrected(), made_on, frequency="7", replaces=claim)
        claim.state, claim.route, claim.deadline = State.REPLACED, "", None
        self._accepted(new, made_on, rng, shares, "")
        if new.noticed_on is not None:
            self._reverse(claim, new.noticed_on, shares)
            self._patient_side(new, rng)
        return new

    def _sent_twice(self, claim: Claim, rng: Random) -> bool:
        """Whether somebody sends the same services again in a claim of its own."""
        fit = claim.state is State.PAID and not claim.bill.fault and len(claim.remits) == 1
        fit = fit and not any(line.code in _FURTHER for line in claim.bill.lines)
        return fit and rng.random() < self._world.shares["faults"]["duplicate"]

    def _duplicate(self, claim: Claim, rng: Random, shares: Shares) -> Claim:
        bill = claim.bill.corrected()
        codes = {line.code for line in bill.lines}
        rules = (rule for code, rule in _TWICE.items() if code in codes)
        bill.fault, bill.rule, bill.right_lines = "duplicate", next(rules, "DUP-01"), ()
        new = Claim(f"{claim.id}D", bill, after(claim.made_on, 2), duplicate_of=claim)
        self._send(new, new.made_on, rng, shares, "duplicate")
        noticed_on = new.noticed_on
        if noticed_on is not None and (self._as_of - noticed_on).days >= _WORKED_AFTER:
            self._write_off(new, after(noticed_on, _ANSWERED_AFTER[0]))
        return new
