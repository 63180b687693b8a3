"""A year of the made-up practice, as frames."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.kernel.errors import BadRequest
from anodyne.reference.fees import GENERAL
from anodyne.reference.tables import Reference, load
from anodyne.simulator import books
from anodyne.simulator.accounts import Account, account_of
from anodyne.simulator.bills import Bill, auth_number, bill_of, charge_cents, due_on, spoil, total_cents
from anodyne.simulator.books import framed
from anodyne.simulator.claim_frames import claim_frames, control_numbers, sent_file
from anodyne.simulator.life import Claim, Front, Lives, State, Times
from anodyne.simulator.months import Care, care, placed
from anodyne.simulator.payers import Rates, Shares
from anodyne.simulator.people import Patient, dice, patient
from anodyne.simulator.remittance_files import Payment, paid_cents, patient_cents, payments, status_of
from anodyne.simulator.scenario import Scenario, after, scenario
from anodyne.simulator.visits import YEAR, Visit, visits

MOST_PATIENTS: Final = 999_999
_APPEAL_TAKES: Final = 45
"""Days after which an appeal that was not answered is followed up."""
_WINDOW: Final = (7, 90)
_LAST_START: Final = dt.time(18)


@dataclass(frozen=True, slots=True)
class Simulated:
    """A year of a practice up to and with the day `as_of`, and what is true of it.

    The columns of each frame stand in `books`, but those of `claims` and `lines` (`frames.CLAIMS` and
    `frames.LINES`: every claim made, whether sent or not; `file` is that in which it was last sent, null
    where it was not) and of `time`, `enrolments` and `contracts`, which are the cells of the tables that
    `anodyne care` and `anodyne remit` read.
    """

    seed: int
    as_of: dt.date
    sites: pl.DataFrame = field(repr=False)
    providers: pl.DataFrame = field(repr=False)
    credentials: pl.DataFrame = field(repr=False)
    users: pl.DataFrame = field(repr=False)
    payers: pl.DataFrame = field(repr=False)
    patients: pl.DataFrame = field(repr=False)
    coverages: pl.DataFrame = field(repr=False)
    appointments: pl.DataFrame = field(repr=False)
    encounters: pl.DataFrame = field(repr=False)
    charges: pl.DataFrame = field(repr=False)
    authorisations: pl.DataFrame = field(repr=False)
    claims: pl.DataFrame = field(repr=False)
    lines: pl.DataFrame = field(repr=False)
    submissions: pl.DataFrame = field(repr=False)
    payments: pl.DataFrame = field(repr=False)
    remitted: pl.DataFrame = field(repr=False)
    taken_back: pl.DataFrame = field(repr=False)
    patient_payments: pl.DataFrame = field(repr=False)
    write_offs: pl.DataFrame = field(repr=False)
    tasks: pl.DataFrame = field(repr=False)
    time: pl.DataFrame = field(repr=False)
    enrolments: pl.DataFrame = field(repr=False)
    contracts: pl.DataFrame = field(repr=False)
    limits: pl.DataFrame = field(repr=False)
    truth: pl.DataFrame = field(repr=False)
    accounts: pl.DataFrame = field(repr=False)
    totals: pl.DataFrame = field(repr=False)
    world: Scenario = field(repr=False)
    lived: Sequence[Claim] = field(repr=False)
    """The claims in the order of `claims`, with all that became of them: what files are written from."""
    paid: Sequence[Payment] = field(repr=False)
    """The payments in the order of `payments`."""


def last_day(reference: Reference) -> dt.date | None:
    """The last day of a year that can be simulated, as far as conversion factors tell; None for no end."""
    ends = reference.table("conversion_factors").filter(pl.col("kind") == GENERAL)["until"]
    return None if ends.is_null().any() else max(ends) - dt.timedelta(days=1)


def simulate(seed: int, patients: int, as_of: dt.date, *, reference: Reference | None = None) -> Simulated:
    """The year before `as_of` of a practice of so many patients; always the same for the same arguments.

    A patient has some five claims a year.  Amounts are made of the built-in reference data, or `reference`.
    Raises BadRequest for no patients or too many, and where no fee schedule prices the year.
    """
    if not 1 <= patients <= MOST_PATIENTS:
        raise BadRequest(
            f"{patients:,} patients cannot be simulated",
            where="patients",
            fix=f"Ask for 1 to {MOST_PATIENTS:,}.",
        )
    year = _Year(seed, as_of, scenario(), load() if reference is None else reference)
    for number in range(1, patients + 1):
        year.add(number)
    return year.simulated()


class _Year:
    """A year as it is gathered, patient by patient."""

    def __init__(self, seed: int, as_of: dt.date, world: Scenario, reference: Reference) -> None:
        self._seed, self._as_of, self._world = seed, as_of, world
        days = [as_of - dt.timedelta(days=n) for n in range(YEAR + 1)]
        self._rates = Rates(reference, world, days, as_of)
        self._lives = Lives(
            seed, as_of, world, rates=self._rates, times=Times(reference, as_of), front=Front(seed, world)
        )
        self._approver = next(user for user, told in world.users.items() if told.get("approves"))
        self._patients: list[Patient] = []
        self._cares: list[Care] = []
        self._claims: list[Claim] = []
        self._accounts: list[Account] = []
        self._rows: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)

    def add(self, number: int) -> None:
        """One more patient, with all that was done and billed."""
        seed, as_of = self._seed, self._as_of
        who = patient(number, seed, as_of, self._world)
        seen = list(visits(who, seed, as_of))
        months = care(who, seen, seed, as_of)
        self._patients.append(who)
        self._coverages(who)
        for visit in seen:
            self._appointment(who, visit)
        if months:
            self._cares.append(months)
        done = [visit for visit in (*seen, *(months.billed if months else ())) if visit.lines]
        shares = Shares()
        known_to: set[str] = set()
        for visit in sorted(done, key=lambda one: one.day):
            rng = dice(seed, "fault", number, visit.number)
            bill = spoil(bill_of(who, visit), rng, self._world, known_to=known_to)
            known_to.add(visit.provider)
            claims = list(self._lives.live(bill, shares))
            self._claims += claims
            self._encounter(who, visit, bill, claims)

    def simulated(self) -> Simulated:
        """All of it."""
        world, claims = self._world, self._claims
        heads, lines = claim_frames(claims, world)
        paid = payments(claims)
        accounts = framed([one.row for one in self._accounts], books.ACCOUNTS)
        truth = framed([self._truth(key, claim) for key, claim in enumerate(claims)], books.TRUTH)
        rows = self._rows
        time, enrolments = _care_frames(self._cares, world)
        return Simulated(
            seed=self._seed,
            as_of=self._as_of,
            sites=framed(
                [
                    (
                        s.key,
                        s.name,
                        s.npi,
                        s.pos,
                        s.address.street,
                        s.address.city,
                        s.address.state,
                        s.address.zip,
                    )
                    for s in world.sites.values()
                ],
                books.SITES,
            ),
            providers=framed(
                [(one.key, one.npi, one.taxonomy, one.user) for one in world.providers.values()],
                books.PROVIDERS,
            ),
            credentials=framed(list(_credentials(world, self._as_of)), books.CREDENTIALS),
            users=framed(list(_users(world)), books.USERS),
            payers=framed(list(_payers(world)), books.PAYERS),
            patients=framed([_patient_row(who) for who in self._patients], books.PATIENTS),
            coverages=framed(rows["coverages"], books.COVERAGES),
            appointments=_one_after_another(framed(rows["appointments"], books.APPOINTMENTS)),
            encounters=framed(rows["encounters"], books.ENCOUNTERS),
            charges=framed(rows["charges"], books.CHARGES),
            authorisations=framed(rows["authorisations"], books.AUTHORISATIONS),
            claims=heads,
            lines=lines,
            submissions=framed(list(_submissions(claims)), books.SUBMISSIONS),
            payments=framed([_payment_row(one) for one in paid], books.PAYMENTS),
            remitted=framed([row for one in paid for row in _remitted(one)], books.REMITTED),
            taken_back=framed(
                [(claim.id, one.payer, one.day, taken.cents) for one in paid for claim, taken in one.taken],
                books.TAKEN_BACK,
            ),
            patient_payments=framed(rows["patient_payments"], books.PATIENT_PAYMENTS),
            write_offs=framed(rows["write_offs"], books.WRITE_OFFS),
            tasks=framed(rows["tasks"], books.TASKS),
            time=time,
            enrolments=enrolments,
            contracts=_contracts(world, self._rates),
            limits=pl.DataFrame(
                [
                    {"payer": payer.id, "route": route, "days": days}
                    for payer in world.payers.values()
                    for route, days in payer.limits.items()
                ]
            ),
            truth=truth,
            accounts=accounts,
            totals=_totals(accounts, truth),
            world=world,
            lived=claims,
            paid=paid,
        )

    # ---------------------------------------------------------------- rows of a patient

    def _coverages(self, who: Patient) -> None:
        since = self._as_of - dt.timedelta(days=700 + who.number % 300)
        of_injury = (who.accident_on, who.property_claim or None)
        first = (who.id, 1, who.payer.key, who.payer.id, who.member_id, since, None, *of_injury)
        self._rows["coverages"].append(first)
        if who.second:
            told = self._world.supplement if who.second == "supplement" else self._world.payers[who.second]
            second = (who.id, 2, who.second, told.id, who.second_member_id, since, None, None, None)
            self._rows["coverages"].append(second)

    def _appointment(self, who: Patient, visit: Visit) -> None:
        starts = dt.datetime.combine(visit.day, dt.time(visit.minute // 60, visit.minute % 60))
        key = _encounter_id(who, visit)
        self._rows["appointments"].append(
            (key, who.id, visit.provider, visit.site, starts, visit.length, visit.kind, visit.status)
        )
        if visit.auth and visit.status in {"kept", "booked"}:
            least, most = _WINDOW
            asked = after(visit.day, -2 * least)
            approved = asked <= self._as_of - dt.timedelta(days=least)
            self._rows["authorisations"].append(
                (
                    who.id, key, who.payer.key, ";".join(visit.auth), min(asked, self._as_of),
                    "approved" if approved else "asked",
                    auth_number(who, visit) if approved else None,
                    visit.day - dt.timedelta(days=least) if approved else None,
                    visit.day + dt.timedelta(days=most - visit.number % 80) if approved else None,
                )
            )  # fmt: skip

    def _encounter(self, who: Patient, visit: Visit, bill: Bill, claims: Sequence[Claim]) -> None:
        key, charge = _encounter_id(who, visit), total_cents(bill, self._world)
        provider, site = self._world.providers[visit.provider], self._world.sites[visit.site]
        self._rows["encounters"].append(
            (
                key, who.id, visit.day, visit.provider, provider.npi, visit.site, site.pos, visit.kind,
                ";".join(bill.dx), bool(claims), charge,
            )
        )  # fmt: skip
        for number, line in enumerate(bill.lines, 1):
            self._rows["charges"].append(
                (
                    key, number, line.code, ":".join(line.modifiers) or None, line.units, line.pointers,
                    charge_cents(line, self._world),
                )
            )  # fmt: skip
        own = [claim for claim in claims if claim.duplicate_of is None]
        twice = [claim for claim in claims if claim.duplicate_of is not None]
        accounts = [
            (key, charge, own),
            *((f"{key}D", total_cents(claim.bill, self._world), [claim]) for claim in twice),
        ]
        for name, cents, some in accounts:
            account = account_of(name, who.payer.key, cents, some)
            self._accounts.append(account)
            if account.patient_paid_cents:
                paid_on = some[-1].patient_paid_on
                self._rows["patient_payments"].append((name, paid_on, account.patient_paid_cents))
            if account.written_off_cents:
                given_up_on = some[-1].written_off_on or some[-1].noticed_on
                self._rows["write_offs"].append(
                    (name, given_up_on, account.written_off_cents, self._approver)
                )
            self._tasks(name, visit, some, account)

    def _tasks(self, key: str, visit: Visit, claims: Sequence[Claim], account: Account) -> None:
        if not claims:
            self._task(None, key, "code", visit.day, None)
            return
        claim = claims[-1]
        told = _todo(claim, self._as_of)
        if told:
            self._task(claim, key, *told)
        elif account.open_patient_cents and claim.noticed_on:
            self._task(claim, key, "statement", claim.noticed_on, None)

    def _task(self, claim: Claim | None, key: str, kind: str, opened: dt.date, due: dt.date | None) -> None:
        told = self._world.tasks[kind]
        by = due or after(opened, told.days)
        self._rows["tasks"].append(
            (claim.id if claim else None, key, kind, told.user, opened, by, by < self._as_of)
        )

    def _truth(self, key: int, claim: Claim) -> tuple[object, ...]:
        bill, last = claim.bill, claim.decision
        remit = next((remit for remit in claim.remits if remit.kind == "first"), None)
        first = remit.decision if remit else None
        return (
            claim.id, key, _encounter_id(bill.patient, bill.visit), bill.patient.payer.key, claim.state.value,
            claim.hold or None, bill.fault or None, bill.rule or None,
            last.verdict if last else None, last.cause or None if last else None,
            first.verdict if first else None, first.cause or None if first else None,
            total_cents(bill, self._world),
            last.total("expected_cents") if last else None, last.total("allowed_cents") if last else None,
            last.total("paid_cents") if last else None, last.total("patient_cents") if last else None,
            remit.late_days if remit else None, claim.noticed_on, claim.route or None, claim.deadline,
            claim.expected_by if claim.state in {State.WAITING, State.UNANSWERED} else None,
            claim.replaces.id if claim.replaces else None,
            claim.duplicate_of.id if claim.duplicate_of else None,
        )  # fmt: skip


def _encounter_id(who: Patient, visit: Visit) -> str:
    return f"E{who.number:06d}{visit.number:02d}"


def _todo(claim: Claim, as_of: dt.date) -> tuple[str, dt.date, dt.date | None] | None:
    """What is to be done about a claim, since when, and by when where that is told; None for nothing."""
    state, noticed_on = claim.state, claim.noticed_on
    last = claim.sendings[-1] if claim.sendings else None
    if state is State.HELD:
        if claim.hold == "filing":
            return "send_late", claim.made_on, due_on(claim.bill)
        return ("release" if claim.hold == "unsigned" else "mend"), claim.made_on, None
    if state is State.READY:
        return "send", claim.made_on, None
    if state is State.REJECTED and last:
        return "send_again", last.answered_on or last.day, None
    if state in {State.WAITING, State.UNANSWERED} and last:
        by = claim.expected_by if state is State.WAITING else after(last.day, 7)
        return ("follow_up", last.day, by) if by and (state is State.UNANSWERED or by <= as_of) else None
    if noticed_on is None:
        return None
    if state is State.APPEALED and claim.appealed_on:
        return "follow_up", claim.appealed_on, after(claim.appealed_on, _APPEAL_TAKES)
    if state is State.TAKEN_BACK and claim.taken_back:
        return "answer", claim.taken_back.day, None
    kinds = {
        State.DENIED: "answer", State.PARTLY_DENIED: "answer", State.RECORDS: "send_records",
        State.UNDERPAID: "dispute", State.SECOND_DUE: "bill_second",
    }  # fmt: skip
    kind = kinds.get(state)
    if kind == "answer" and not claim.route:
        kind = "write_off"
    return (kind, noticed_on, None) if kind else None


# ------------------------------------------------------------------ rows of the practice


def _credentials(world: Scenario, as_of: dt.date) -> Iterator[tuple[object, ...]]:
    for told in world.credentials:
        span = (as_of + dt.timedelta(days=told["from"]), as_of + dt.timedelta(days=told["until"]))
        yield told["provider"], told["kind"], None, *span
    for place, provider in enumerate(world.providers):
        for payer in world.payers:
            yield provider, "enrolled", payer, as_of - dt.timedelta(days=900 - 40 * place), None


def _users(world: Scenario) -> Iterator[tuple[object, ...]]:
    for key, told in world.users.items():
        first, last = told["name"]
        email = f"{first}.{last}@example.org".lower()
        yield key, first, last, told["role"], email, told.get("posts", False), told.get("approves", False)


def _payers(world: Scenario) -> Iterator[tuple[object, ...]]:
    for key, one in world.payers.items():
        policy = None if one.filing == "MB" else f"policies/{key}.toml"
        yield key, one.id, one.name, "standard", one.filing, policy, one.filing_days
    told = world.supplement
    yield "supplement", told.id, told.name, "after Medicare", told.filing, None, None


def _patient_row(who: Patient) -> tuple[object, ...]:
    return (
        who.id, who.number, who.last, who.first, who.birth_date, who.sex, who.street, who.city, "OH", who.zip,
        who.phone, who.site, who.physician, who.course.id,
    )  # fmt: skip


def _submissions(claims: Sequence[Claim]) -> Iterator[tuple[object, ...]]:
    controls = control_numbers(claims)
    for claim in claims:
        for sending in claim.sendings:
            yield (
                claim.id, sending.day, sent_file(sending.day), controls[sending.day], sending.answer,
                sending.answered_on, sending.status or None,
            )  # fmt: skip


def _one_after_another(appointments: pl.DataFrame) -> pl.DataFrame:
    """`appointments`, so that nobody has two at once: each waits for the one before it.

    Where a day has more than the hours of its practitioner the rest keep their time.
    """
    starts = appointments["starts_at"].to_list()
    minutes, providers = appointments["minutes"].to_list(), appointments["provider"].to_list()
    free: dict[tuple[str, dt.date], dt.datetime] = {}
    for row in sorted(range(len(starts)), key=starts.__getitem__):
        start = starts[row]
        key = providers[row], start.date()
        waited = max(start, free.get(key, start))
        if waited.time() < _LAST_START:
            starts[row] = waited
            free[key] = waited + dt.timedelta(minutes=minutes[row])
    return appointments.with_columns(starts_at=pl.Series(starts, dtype=pl.Datetime("us")))


def _payment_row(one: Payment) -> tuple[object, ...]:
    return (
        one.payer, one.day, one.file, one.trace, one.amount_cents, one.claims_cents, one.interest_cents,
        one.taken_cents, one.carried_in_cents, one.carried_on_cents,
    )  # fmt: skip


def _remitted(one: Payment) -> Iterator[tuple[object, ...]]:
    for claim, remit in one.remits:
        sign = -1 if remit.kind == "reversal" else 1
        yield (
            claim.id, one.payer, one.day, one.file, remit.kind, status_of(claim, remit), claim.payer_control,
            sign * remit.decision.total("charge_cents"), paid_cents(remit), patient_cents(remit),
            remit.interest_cents,
        )  # fmt: skip


def _care_frames(cares: Sequence[Care], world: Scenario) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Time entries and enrolments, as texts."""
    entries = placed(entry for one in cares for entry in one.entries)
    time = [
        {
            "entry_id": f"T{number:06d}",
            "patient": entry.patient,
            "practitioner": world.providers[entry.provider].npi,
            "role": "physician",
            "start": start.isoformat(),
            "end": end.isoformat(),
            "program": "cpm",
            "mode": entry.mode,
            "pos": "11" if entry.mode == "in_person" else "10" if entry.mode == "audio" else None,
            "elements": entry.elements,
        }
        for number, (entry, start, end) in enumerate(entries, 1)
    ]
    enrolments = [
        {
            "patient": told.patient,
            "practitioner": world.providers[told.provider].npi,
            "program": "cpm",
            "payer": told.payer,
            "state": "OH",
            "consent_on": told.consent_on.isoformat(),
            "consent_mode": "verbal",
            "consent_covers": "purpose;frequency;cost_sharing",
            "pain_months": str(told.pain_months),
            "pain_finding": "confirmed",
            "initiated_on": told.initiated_on.isoformat(),
            "initiated_minutes": "40",
            "initiated_mode": "in_person",
            "initiated_pos": "11",
            "plan_on": told.initiated_on.isoformat(),
            "scale": "PEG",
            "scale_score": "6.3",
            "scale_on": told.scale_on.isoformat(),
            "prior_months": str(told.prior_months),
        }
        for told in (one.enrolment for one in cares)
    ]
    return (
        pl.DataFrame(time, schema=dict.fromkeys(_TIME, pl.String)),
        pl.DataFrame(enrolments, schema=dict.fromkeys(_ENROLMENTS, pl.String)),
    )


_TIME: Final = (
    "entry_id", "patient", "practitioner", "role", "start", "end", "program", "mode", "pos", "elements",
)  # fmt: skip
_ENROLMENTS: Final = (
    "patient", "practitioner", "program", "payer", "state", "consent_on", "consent_mode", "consent_covers",
    "pain_months", "pain_finding", "initiated_on", "initiated_minutes", "initiated_mode", "initiated_pos",
    "plan_on", "scale", "scale_score", "scale_on", "prior_months",
)  # fmt: skip


def _contracts(world: Scenario, rates: Rates) -> pl.DataFrame:
    """What each payer but Medicare allows, as the table of `anodyne remit work --contracts`."""
    rows = []
    for payer in world.payers.values():
        for code, service in world.services.items():
            allowed, percent = None, None
            if payer.rate == "allowed":
                allowed = rates.contract_cents(payer, code)
            elif payer.rate == "percent" and service.price_cents is None:
                percent = payer.percent
            elif payer.rate == "percent":
                allowed = service.price_cents
            else:
                continue
            told = None if allowed is None else f"{allowed // 100}.{allowed % 100:02d}"
            share = None if percent is None else str(percent)
            rows.append((payer.id, code, None, None, "2024-01-01", None, told, share))
    names = ("payer", "code", "modifier", "pos_class", "from", "until", "allowed", "percent_of_medicare")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _totals(accounts: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """By payer what `accounts` come to, and how many claims were made and decided."""
    cents = accounts.group_by("payer").agg(pl.selectors.ends_with("_cents").sum())
    counted = truth.group_by("payer").agg(claims=pl.len(), decided=pl.col("verdict").is_not_null().sum())
    told = counted.join(cents, on="payer", how="full", coalesce=True).sort("payer")
    return told.select(pl.col(name).cast(kind) for name, kind in books.TOTALS.items())
