"""A made-up practice with enough to do that lists are full: every state, day and amount."""

import datetime as dt
import random

from anodyne.store.models import Claim, ClaimState, Finding, Patient, Payer, Task, User
from tests.practice import DAY, Small

LAST = (
    "ABARA",
    "BRIGHT",
    "CASTELLANO",
    "DUBOIS",
    "ELLERY",
    "FONG",
    "GRANGER",
    "HOLLOWAY",
    "ISAKSEN",
    "JUAREZ",
)
FIRST = ("ALEX", "BLAIR", "CASEY", "DREW", "EMERY", "FINLEY", "GRAY", "HARPER")
RULES = (("INJ-01", "deny"), ("LCD-E2", "deny"), ("MOD-50", "ask"), ("TF-01", "reject"), ("EM-09", "audit"))


def fill(one: Small, claims: int, *, today: dt.date = DAY, owners: tuple[User, ...] = ()) -> list[Claim]:
    """So many claims of some patients and payers; call it within the practice."""
    rng = random.Random(7)  # noqa: S311  made-up data
    payers = [one.payer, *(
        Payer.objects.create(name=name, payer_id=number, filing=filing)
        for name, number, filing in (("BUCKEYE HEALTH PLAN", "32004", "MC"),
                                     ("ANTHEM BCBS OHIO", "00050", "BL"), ("OHIO BWC", "BWC01", "WC"))
    )]  # fmt: skip
    patients = [
        Patient.objects.create(
            number=f"P{at + 10}", last=rng.choice(LAST), first=rng.choice(FIRST),
            birth_date=dt.date(1950 + at % 50, 1 + at % 12, 3), sex="FMU"[at % 3],
        )
        for at in range(max(4, claims // 4))
    ]  # fmt: skip
    made = []
    for at in range(claims):
        state = rng.choices(ClaimState.values, (8, 7, 2, 5, 5, 3, 3, 2, 6, 1))[0]
        served = today - dt.timedelta(rng.randrange(2, 340))
        cents = rng.choice((17_500, 39_000, 62_500, 121_500, 248_000))
        claim = one.claim(
            f"LH{1000 + at}", state, patient=rng.choice(patients), payer=rng.choice(payers), served_on=served,
            served_to=served, charge_cents=cents, file_by=served + dt.timedelta(365),
            follow_up_on=today + dt.timedelta(rng.randrange(-6, 20)) if at % 3 == 0 else None,
            owner=rng.choice((None, *owners)) if owners else None,
        )  # fmt: skip
        if state == ClaimState.HELD:
            rule, outcome = rng.choice(RULES)
            Finding.objects.create(
                version=claim.versions.get(), rule=rule, rule_key=rule, outcome=outcome, message="told",
                at_risk_cents=cents,
            )  # fmt: skip
            claim.worst, claim.at_risk_cents = outcome, cents
            claim.save()
        if state == ClaimState.DENIED:
            Task.objects.create(
                kind="appeal", title="appeal the denial", claim=claim, stake_cents=cents,
                due_on=today + dt.timedelta(rng.randrange(-3, 40)),
            )  # fmt: skip
        made.append(claim)
    return made
