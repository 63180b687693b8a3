"""How long a remittance of many claims takes to be posted to the practice's database, and to be posted again.

Run: `.venv/bin/python benchmarks/posting.py [CLAIMS]`.  The database is PostgreSQL as tests start it.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anodyne.web.settings")
os.environ.setdefault("ANODYNE_OWNER_URL", "postgresql://")
sys.path.insert(0, str(Path(__file__).parent.parent))

import django

django.setup()

from django.db import connection  # noqa: E402  Django is set up first
from tests.database import Database  # noqa: E402
from tests.outward import AS_OF, MADE_AT  # noqa: E402
from tests.practice import DAY, Small, make_practice  # noqa: E402
from tests.x12.remittances import bpr, group, interchange, transaction  # noqa: E402

from anodyne.app.practice.handing import receive  # noqa: E402
from anodyne.store.models import Claim, ClaimVersion, Line, RemittedClaim, Task  # noqa: E402
from anodyne.store.scope import within  # noqa: E402

CLAIMS = 10_000
PAYER = "N1*PR*MEDICARE PART B OHIO*XV*15202"


def main() -> None:
    """Make claims that were sent, post what answers them, and say how long it took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    server = Database()
    try:
        one = make_practice()
        made(one, count)
        data = answer(count)
        print(f"{count:,} claims, {len(data) / 1e6:.1f} MB")
        for what in ("posted", "posted again"):
            began, worked = time.perf_counter(), processor_seconds()
            receive(one.practice.pk, None, "many.835", data, as_of=AS_OF)
            spent = processor_seconds() - worked
            print(f"{what:13} {time.perf_counter() - began:6.1f} s, {spent:6.1f} s of the processor")
        with within(one.practice.pk):
            names = ("paid", "denied", "sent")
            states = {state: Claim.objects.filter(state=state).count() for state in names}
            print(states, RemittedClaim.objects.count(), "remitted,", Task.objects.count(), "tasks")
    finally:
        server.close()


def processor_seconds() -> float:
    """What this process and its server process of the database have used of the processor, by Linux."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def made(one: Small, count: int) -> None:
    """Claims of one trigger point injection each, which were sent."""
    with within(one.practice.pk, one.user.pk):
        sample = one.claim("A0")
        facts = sample.versions.get().facts
        told = {
            "patient": one.patient, "coverage": one.coverage, "payer": one.payer, "billing": one.billing,
            "facility": one.facility, "served_on": DAY, "served_to": DAY, "charge_cents": 17_500,
            "state": "sent",
        }  # fmt: skip
        claims = Claim.objects.bulk_create(Claim(claim_id=f"C{n:06}", **told) for n in range(count))
        versions = ClaimVersion.objects.bulk_create(
            ClaimVersion(claim=claim, facts=facts, checked_at=MADE_AT) for claim in claims
        )
        Line.objects.bulk_create(
            Line(
                version=version, line=1, code="20553", units=1, unit_basis="UN", charge_cents=17_500,
                served_on=DAY, served_to=DAY, dx_pointers="1", facts={"code_system": "HC"},
            )
            for version in versions
        )  # fmt: skip
        ClaimVersion.objects.filter(claim__state="sent").update(closed_at=MADE_AT)


def answer(count: int) -> bytes:
    """A remittance in which one claim of ten is denied and the others are paid."""
    body, total = [], 0
    for number in range(count):
        denied = number % 10 == 0
        total += 0 if denied else 100
        sums = "175*0*0" if denied else "175*100*25"
        body += [
            f"CLP*C{number:06}*{4 if denied else 1}*{sums}*MB*ICN{number:06}*11*1",
            "NM1*QC*1*SAMPLE*ALEX****MI*1EG4TE5MK72",
            f"SVC*HC:20553*175*{0 if denied else 100}**1",
            f"DTM*472*{DAY:%Y%m%d}",
            *(["CAS*CO*50*175"] if denied else ["CAS*CO*45*50", "CAS*PR*2*25"]),
        ]
    head = (bpr(str(total), day="20261211"), "TRN*1*EFT1*1512345678", PAYER, "N1*PE*CLINIC*XX*1234567893")
    return interchange(group(transaction("LX*1", *body, head=head)))


if __name__ == "__main__":
    main()
