"""A made-up practice in the database, with a year behind it: what `anodyne demo` shows.

The simulator makes the year; its files come in through the doors by which real ones come in, day after day,
so that every list holds what a real year would have left there.
"""

import datetime as dt
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connections
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from anodyne.app.practice.editing import copied
from anodyne.app.practice.founding import OWNER
from anodyne.app.practice.handing import receive
from anodyne.app.practice.importing import import_claims
from anodyne.app.practice.mailboxes import EXCHANGE
from anodyne.simulator.files import files
from anodyne.simulator.simulate import Simulated, simulate
from anodyne.store.models import (
    Appointment,
    Authorisation,
    BillingProvider,
    Claim,
    ClaimState,
    ClaimVersion,
    Clearinghouse,
    Coverage,
    Credential,
    Facility,
    Membership,
    Patient,
    Payer,
    Plan,
    Practice,
    Provider,
    Role,
    Submission,
    SubmissionClaim,
    Task,
    TaskKind,
    User,
)
from anodyne.store.models.sending import SubmissionState
from anodyne.store.scope import within
from anodyne.x12.read import read_stream

NAME: Final = "Tallow Mere Pain Institute (made up)"
PASSWORD: Final = "made-up practice"  # noqa: S105  of people who do not exist, on this machine alone
SEED, PATIENTS = 2026, 40
ZONE: Final = "America/New_York"
_EVENING: Final = dt.time(18)
_UNSENT: Final = "unsent.837"
_KINDS: Final = {
    "follow_up": TaskKind.FOLLOW_UP,
    "send_records": TaskKind.RECORDS,
    "answer": TaskKind.APPEAL,
    "dispute": TaskKind.UNDERPAYMENT,
    "send_late": TaskKind.FILING,
    "release": TaskKind.QUESTION,
}
"""The simulator's tasks by the kinds of ours; all others are OTHER."""
_APPOINTED: Final = {"booked": "planned", "no_show": "missed"}
"""The simulator's states of an appointment that are called otherwise here."""
_WORDS: Final = {
    "code": "Code this visit: it has no claim yet",
    "release": "Sign the note, so that the claim may go",
    "mend": "Mend this claim before it goes",
    "send": "Send this claim",
    "send_late": "Send this claim first: its filing limit is near",
    "send_again": "Mend and send again what was rejected",
    "follow_up": "Ask the payer: nothing came back",
    "answer": "Answer the denial",
    "send_records": "Send the records that were asked for",
    "dispute": "Dispute the underpayment",
    "write_off": "Approve or refuse the write-off",
    "bill_second": "Bill the second payer",
    "statement": "Send the patient a statement",
}


@dataclass(frozen=True, slots=True)
class Demo:
    """The made-up practice, and who may look at it."""

    practice: str
    people: tuple[tuple[str, str, str], ...]
    """Of each user the role, the name and the address to sign in with; the password is PASSWORD."""
    counts: Mapping[str, int]


def folder(home: Path) -> Path:
    """Where its clearinghouse answers: in a folder for each practice."""
    return home / EXCHANGE


def is_there() -> bool:
    """Whether the made-up practice is in the database, whole."""
    return Practice.objects.using(OWNER).filter(name=NAME, is_demo=True).exists()


def _clear() -> None:
    """Remove what an earlier start did not finish; the database is the made-up practice's alone."""
    with connections[OWNER].cursor() as cursor:
        cursor.execute("TRUNCATE practices, users CASCADE")


def make_demo(
    home: Path,
    *,
    as_of: dt.date,
    seed: int = SEED,
    patients: int = PATIENTS,
    told: Callable[[str], None] = lambda _: None,
) -> Demo:
    """Make the practice with the year before `as_of`; its clearinghouse is a folder under `home`, its data.

    The files of the year stand in `home/files`, to be tried with the commands.  `told` hears what is done.
    """
    _clear()
    told(f"Making up {patients} patients and their year")
    made = simulate(seed, patients, as_of)
    practice, users = _staff(made)
    everything = dict(files(made))
    for name, data in everything.items():
        path = home / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    billers = made.users.filter(pl.col("role") == Role.BILLER, pl.col("posts"))
    actor = users[billers["user"][0]]
    told("Writing down its patients, payers, schedule and people")
    with within(practice.pk, actor.pk):
        house = _settled(made, users, folder(home) / str(practice.pk), everything)
        actors = _treated(made)
    _replay(actor, house, everything, as_of=as_of, told=told)
    with within(practice.pk, actor.pk):
        _tasks(made, users)
        counts = {"patients": len(actors), "claims": Claim.objects.count(), "open tasks": _open_tasks()}
    Practice.objects.using(OWNER).filter(pk=practice.pk).update(is_demo=True)
    return Demo(NAME, _people(practice), counts)


def people() -> tuple[tuple[str, str, str], ...]:
    """Who may look at the made-up practice that is there."""
    return _people(Practice.objects.using(OWNER).get(name=NAME))


def _people(practice: Practice) -> tuple[tuple[str, str, str], ...]:
    found = Membership.objects.using(OWNER).filter(practice=practice).select_related("user")
    return tuple((row.role, row.user.name, row.user.email) for row in found.order_by("role", "pk"))


def _open_tasks() -> int:
    return Task.objects.filter(done_at=None).count()


def _staff(made: Simulated) -> tuple[Practice, dict[str, User]]:
    """The practice, and its users by their keys in the simulation."""
    submitter = made.world.submitter
    practice = Practice.objects.using(OWNER).create(
        name=NAME,
        time_zone=ZONE,
        second_factor_required=False,
        submitter_name=submitter["name"],
        submitter_id=submitter["id"],
        contact_name=submitter["contact"],
        contact_phone=submitter["phone"],
    )
    users = {}
    for row in made.users.iter_rows(named=True):
        user = User(email=row["email"], name=f"{row['first']} {row['last']}")
        user.set_password(PASSWORD)
        user.save(using=OWNER)
        users[row["user"]] = User.objects.get(pk=user.pk)
        Membership.objects.using(OWNER).create(
            user=user,
            practice=practice,
            role=row["role"],
            may_post=row["posts"],
            may_approve_write_offs=row["approves"],
        )
    return practice, users


def _settled(
    made: Simulated, users: Mapping[str, User], address: Path, everything: Mapping[str, bytes]
) -> Clearinghouse:
    """Sites, practitioners, payers, and the clearinghouse, which is a folder."""
    receiver, billing = made.world.receiver, made.world.billing
    house = Clearinghouse.objects.create(
        name=receiver["name"].title(),
        receiver_name=receiver["name"],
        receiver_id=receiver["id"],
        carrier="directory",
        address=str(address),
    )
    for place in (house.outbox, house.inbox):
        (address / place).mkdir(parents=True, exist_ok=True)
    for row in made.sites.iter_rows(named=True):
        Facility.objects.create(**{name: row[name] for name in ("name", "npi", "pos", *_PLACE)})
    main = made.sites.row(0, named=True)
    BillingProvider.objects.create(
        **{name: main[name] for name in _PLACE},
        **{name: billing[name] for name in ("name", "tax_id", "taxonomy")},
        npi=main["npi"],
        phone=made.world.submitter["phone"],
    )
    providers = {}
    for row in made.providers.iter_rows(named=True):
        user = users[row["user"]]
        first, _, last = user.name.partition(" ")
        providers[row["provider"]] = Provider.objects.create(
            npi=row["npi"], taxonomy=row["taxonomy"], first=first.upper(), last=last.upper(), user=user
        )
    payers = {}
    for row in made.payers.iter_rows(named=True):
        policy = everything.get(f"policies/{row['policy']}") if row["policy"] else None
        payers[row["payer"]] = Payer.objects.create(
            name=row["name"],
            payer_id=row["id"],
            filing=row["filing"],
            clearinghouse=house,
            policy=policy.decode() if policy else "",
            answer_days=30,
        )
        Plan.objects.create(payer=payers[row["payer"]], name=row["plan"] or row["name"])
    Credential.objects.bulk_create(
        Credential(
            provider=providers[row["provider"]],
            kind=row["kind"],
            payer=payers.get(row["payer"]),
            period=DateRange(row["from"], row["until"]),
        )
        for row in made.credentials.iter_rows(named=True)
    )
    return house


_PLACE: Final = ("street", "city", "state", "zip")


def _treated(made: Simulated) -> dict[str, Patient]:
    """Patients with their coverages, authorisations and schedule."""
    Patient.objects.bulk_create(
        Patient(
            number=row["patient"],
            **{name: row[name] for name in ("last", "first", "birth_date", "sex", "phone", *_PLACE)},
        )
        for row in made.patients.iter_rows(named=True)
    )
    patients = {one.number: one for one in Patient.objects.all()}
    payers = {one.payer_id: one for one in Payer.objects.all()}
    for row in made.coverages.iter_rows(named=True):
        payer = payers.get(row["payer_id"]) or Payer.objects.create(
            name=row["payer"], payer_id=row["payer_id"], filing="CI"
        )
        payers[row["payer_id"]] = payer
        Coverage.objects.create(
            patient=patients[row["patient"]],
            payer=payer,
            rank=row["rank"],
            member_id=row["member_id"],
            period=DateRange(row["from"], row["until"]),
        )
    keys = dict(made.payers.select("payer", "id").iter_rows())
    approved = made.authorisations.filter(pl.col("number").is_not_null()).unique(
        "number", maintain_order=True
    )
    Authorisation.objects.bulk_create(
        Authorisation(
            patient=patients[row["patient"]],
            payer=payers[keys[row["payer"]]],
            number=row["number"],
            codes=row["codes"].split(";"),
            period=DateRange(row["from"], row["until"] + dt.timedelta(days=1)),
        )
        for row in approved.iter_rows(named=True)
    )
    providers = {one.npi: one for one in Provider.objects.all()}
    npis = dict(made.providers.select("provider", "npi").iter_rows())
    facilities = {one.name: one for one in Facility.objects.all()}
    places = dict(made.sites.select("site", "name").iter_rows())
    zone = ZoneInfo(ZONE)
    Appointment.objects.bulk_create(
        Appointment(
            patient=patients[row["patient"]],
            provider=providers[npis[row["provider"]]],
            facility=facilities[places[row["site"]]],
            number=row["encounter"],
            when=DateTimeTZRange(
                row["starts_at"].replace(tzinfo=zone),
                (row["starts_at"] + dt.timedelta(minutes=row["minutes"])).replace(tzinfo=zone),
            ),
            reason=row["kind"],
            state=_APPOINTED.get(row["status"], row["status"]),
        )
        for row in made.appointments.iter_rows(named=True)
    )
    return patients


def _replay(
    actor: User,
    house: Clearinghouse,
    everything: Mapping[str, bytes],
    *,
    as_of: dt.date,
    told: Callable[[str], None],
) -> None:
    """Let the files of the year come in, each on its day, and what was not sent at the end."""
    days: dict[str, list[str]] = {}
    for name in everything:
        folder, _, file = name.partition("/")
        if folder in _ORDER:
            days.setdefault(file[:10], []).append(name)
    for number, (day, names) in enumerate(sorted(days.items()), 1):
        if number % 50 == 0:
            told(f"Day {number} of {len(days)}")
        for name in sorted(names, key=lambda name: _ORDER.index(name.partition("/")[0])):
            on = dt.date.fromisoformat(day)
            if name.startswith("837/"):
                _sent(actor, house, name, everything[name], on)
            else:
                receive(house.practice_id, actor.pk, name.rpartition("/")[2], everything[name], as_of=on)
    if _UNSENT in everything:
        with within(house.practice_id, actor.pk):
            import_claims(everything[_UNSENT], _UNSENT, user=actor, as_of=as_of)


_ORDER: Final = ("837", "999", "277", "835")


def _sent(actor: User, house: Clearinghouse, name: str, data: bytes, day: dt.date) -> None:
    """A day's claims, as a file that was handed over."""
    at = dt.datetime.combine(day, _EVENING, ZoneInfo(ZONE))
    control = int(data[90:99])
    with within(house.practice_id, actor.pk):
        came = import_claims(data, name.rpartition("/")[2], user=actor, as_of=day, sent_at=at)
        made = Submission.objects.create(
            clearinghouse=house,
            control_number=control,
            document_id=came.document,
            state=SubmissionState.HANDED_OVER,
            made_by=actor,
            released_at=at,
            handed_over_at=at,
        )
        versions = [*ClaimVersion.objects.filter(claim__in=came.claims), *_again(data, came.claims, at)]
        SubmissionClaim.objects.bulk_create(
            SubmissionClaim(submission=made, version=version) for version in versions
        )
    Practice.objects.using(OWNER).filter(pk=house.practice_id).update(last_control_number=control)


def _again(data: bytes, fresh: Collection[int], at: dt.datetime) -> Iterator[ClaimVersion]:
    """The claims of a file that were sent before: each gets a further version, sent at once."""
    ids = [
        name
        for part in read_stream(io.BytesIO(data), name="a day of claims")
        for name in part.claims["claim_id"]
    ]
    for claim in Claim.objects.filter(claim_id__in=ids, rank="P").exclude(pk__in=fresh):
        last = claim.versions.order_by("-number")[0]
        if last.closed_at is not None:
            last = copied(claim, last, frequency=last.frequency, original_ref=last.original_ref)
        last.closed_at = at
        last.save(update_fields=["closed_at"])
        claim.tasks.filter(kind=TaskKind.REJECTION, done_at=None).update(done_at=at, outcome="sent again")
        claim.state, claim.sent_at = ClaimState.SENT, at
        claim.save(update_fields=["state", "sent_at"])
        yield last


def _tasks(made: Simulated, users: Mapping[str, User]) -> None:
    """What the simulator knows is to be done, for whom and until when."""
    claims = {one.claim_id: one for one in Claim.objects.filter(rank="P")}
    patients = {one.number: one for one in Patient.objects.all()}
    of_encounter = dict(made.encounters.select("encounter", "patient").iter_rows())
    rows: list[Mapping[str, Any]] = list(made.tasks.iter_rows(named=True))
    Task.objects.bulk_create(
        Task(
            kind=_KINDS.get(row["kind"], TaskKind.OTHER),
            title=_WORDS[row["kind"]],
            claim=claims.get(row["claim_id"]),
            patient=patients[of_encounter[row["encounter"]]],
            owner=users[row["user"]],
            due_on=row["due_on"],
            stake_cents=claims[row["claim_id"]].charge_cents if row["claim_id"] in claims else 0,
            origin=f"demo:{row['kind']}:{row['encounter']}:{row['claim_id'] or ''}"[:64],
        )
        for row in rows
    )
