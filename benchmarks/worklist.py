"""How long the worklist takes with a million claims: pages as a browser asks for them, and the plans behind.

`python benchmarks/worklist.py [CLAIMS] [--plans FILE]`; the database is its own and goes afterwards.  Its
settings are PostgreSQL's, but for the disc, which is not waited for.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anodyne.web.settings")
os.environ.setdefault("ANODYNE_SECRET_KEY", "made up for a benchmark, and long enough for what it signs")
for _role in ("ANODYNE_APP_URL", "ANODYNE_OWNER_URL"):
    os.environ[_role] = "postgresql://nobody@localhost:1/none"

import django  # noqa: E402

django.setup()

from django.db import connection, connections  # noqa: E402
from django.test import Client  # noqa: E402
from tests.database import Database  # noqa: E402
from tests.practice import Small, make_practice  # noqa: E402
from tests.web.served import signed_in  # noqa: E402

from anodyne.store.scope import within  # noqa: E402

TODAY = dt.datetime.now(dt.UTC).date()
ROUNDS = 7
_FILL = """
INSERT INTO payers (practice_id, created_at, name, payer_id, filing, {payer_blanks}, on_paper)
    SELECT {practice}, now(), 'PLAN ' || n, 'P' || n, 'CI', {payer_values}, n = 40
    FROM generate_series(1, 40) n;
INSERT INTO patients (practice_id, created_at, number, last, first, birth_date, sex, {patient_blanks})
    SELECT {practice}, now(), 'X' || n, 'NAME' || (n * 7919 % 20011), 'FIRST' || n % 211,
        date '1940-01-01' + n % 20000, 'F', {patient_values}
    FROM generate_series(1, {patients}) n;
CREATE TEMP TABLE some_patients AS SELECT id, row_number() OVER (ORDER BY id) AS at FROM patients
    WHERE practice_id = {practice};
CREATE TEMP TABLE some_payers AS SELECT id, row_number() OVER (ORDER BY id) AS at FROM payers
    WHERE practice_id = {practice};
INSERT INTO claims (practice_id, created_at, updated_at, claim_id, patient_id, coverage_id, payer_id,
        billing_id, facility_id, rank, state, served_on, served_to, charge_cents, paid_cents, patient_cents,
        at_risk_cents, worst, payer_control, file_by, follow_up_on, owner_id, revision)
    SELECT {practice}, now(), now(), 'B' || n, p.id, NULL, y.id, {billing}, NULL, 'P', s.state, d.day, d.day,
        c.cents, CASE WHEN s.state IN ('paid', 'closed') THEN c.cents * 6 / 10 ELSE 0 END, 0,
        CASE WHEN s.state IN ('held', 'rejected') THEN c.cents ELSE 0 END,
        CASE WHEN s.state = 'held' THEN (ARRAY['deny', 'deny', 'reject', 'ask'])[1 + n % 4] ELSE '' END,
        CASE WHEN s.state IN ('accepted', 'paid', 'closed', 'denied') THEN 'ICN' || n ELSE '' END,
        d.day + 365, CASE WHEN n % 9 = 0 THEN date '{today}' + n % 60 - 20 END,
        CASE WHEN n % 3 = 0 THEN {user} END, 1
    FROM generate_series(1, {claims}) n
    JOIN some_patients p ON p.at = 1 + n * 31 % {patients}
    JOIN some_payers y ON y.at = 1 + (n * 17 % 40)
    CROSS JOIN LATERAL (SELECT CASE
        WHEN n % 100 < 6 THEN 'held' WHEN n % 100 < 8 THEN 'ready' WHEN n % 100 < 15 THEN 'sent'
        WHEN n % 100 < 22 THEN 'accepted' WHEN n % 100 < 24 THEN 'rejected' WHEN n % 100 < 30 THEN 'denied'
        WHEN n % 100 < 34 THEN 'partly_paid' WHEN n % 100 < 80 THEN 'paid' ELSE 'closed' END AS state) s
    CROSS JOIN LATERAL (SELECT date '{today}' - (n * 13 % 1100)::int AS day) d
    CROSS JOIN LATERAL (SELECT (ARRAY[17500, 39000, 62500, 121500, 248000])[1 + n % 5]::bigint AS cents) c;
INSERT INTO claim_versions (practice_id, created_at, claim_id, number, opened_at, closed_at, checked_by,
        frequency, facts)
    SELECT practice_id, now(), id, 1, now(), CASE WHEN state NOT IN ('held', 'ready') THEN now() END, '{{}}',
        '1', '{{}}'
    FROM claims WHERE practice_id = {practice};
INSERT INTO findings (practice_id, created_at, version_id, rule, rule_key, outcome, message, needs, codes,
        at_risk_cents, cites)
    SELECT v.practice_id, now(), v.id, r.rule, r.rule, c.worst, 'told', '[]', '[]', c.at_risk_cents, '[]'
    FROM claim_versions v JOIN claims c ON c.id = v.claim_id
    CROSS JOIN LATERAL (SELECT CASE WHEN v.id % 5000 = 0 THEN 'RARE-1'
        ELSE 'R-' || lpad((v.id % 40)::text, 2, '0') END AS rule) r
    WHERE c.state = 'held';
"""
QUERIES = {
    "all, newest first": "",
    "held, newest first": "state=held",
    "held, by money at risk": "state=held&sort=risk",
    "five states, by filing deadline": "state=held&state=ready&state=batched&state=sent&state=rejected"
    "&sort=deadline",
    "mine, follow-up due, by its day": "owner=me&due=0&sort=follow_up",
    "one payer": "payer={payer}",
    "one payer, denied, by amount": "payer={payer}&state=denied&sort=charge",
    "held by a common rule": "state=held&rule=R-07&sort=risk",
    "held by a rare rule": "state=held&rule=RARE-1&sort=risk",
    "days of service": "served_from={from_}&served_to={to}",
    "amounts, paid": "state=paid&least=2000&most=2500&sort=charge",
    "what a name finds": "patient={patients}",
    "mine, all states, by amount": "owner=me&sort=charge",
    "every filter at once": "state=held&state=denied&payer={payer}&owner=me&due=30&least=100&most=2000"
    "&sort=risk",
}


def fill(one: Small, claims: int) -> None:
    """Put so many claims into the practice."""

    def blanks(table: str, told: set[str]) -> tuple[str, str]:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
                " AND is_nullable = 'NO' AND is_generated = 'NEVER' AND column_default IS NULL"
                " AND is_identity = 'NO'", [table],
            )  # fmt: skip
            rest = [name for name, kind in cursor.fetchall() if name not in told]
        return ", ".join(rest), ", ".join("''" for _ in rest)

    payer = blanks("payers", {"practice_id", "created_at", "name", "payer_id", "filing", "on_paper"})
    patient = blanks(
        "patients", {"practice_id", "created_at", "number", "last", "first", "birth_date", "sex"}
    )
    told: dict[str, Any] = {
        "practice": one.practice.pk, "claims": claims, "patients": max(claims // 12, 50), "today": TODAY,
        "user": one.user.pk, "billing": one.billing.pk, "payer_blanks": payer[0], "payer_values": payer[1],
        "patient_blanks": patient[0], "patient_values": patient[1],
    }  # fmt: skip
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _FILL.format(**told).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM (ANALYZE)")


def milliseconds(client: Client, address: str, rounds: int = ROUNDS) -> str:
    """Cells: processor time of Python and of the database for a page; the quickest, the median and p95."""
    client.get(address)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    taken = []
    before = _used(backend)
    for _ in range(rounds):
        start = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code}")
    python, postgres = (1000 * (now - was) / rounds for was, now in zip(before, _used(backend), strict=True))
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    wall = f"{min(taken):.0f} | {statistics.median(taken):.0f} | {cuts[18]:.0f}"
    return f"{python:.0f} + {postgres:.0f} | {wall}"


def _used(backend: int) -> tuple[float, float]:
    """Seconds of processor time, of this process and of the database's."""
    fields = Path(f"/proc/{backend}/stat").read_text("ascii").rpartition(")")[2].split()
    return time.process_time(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def deep(query: str, one: Small, pages: int) -> str:
    """The address of a page after about so many others."""
    from django.http import QueryDict  # noqa: PLC0415

    from anodyne.app.practice import worklists  # noqa: PLC0415
    from anodyne.web.pages.claims import Asked  # noqa: PLC0415

    form = Asked(QueryDict(query))
    if not form.is_valid():
        raise SystemExit(str(form.errors))
    wanted = form.wanted(one.user.pk, TODAY)
    place = worklists.page(wanted, size=pages * worklists.PAGE).after
    return f"/claims/?{query}&after={place}" if place else ""


def plans(one: Small, client: Client, address: str) -> str:
    """What the database did for a page, for the statements that took longest."""
    seen: list[tuple[str, Any]] = []

    def watch(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:  # noqa: ANN401
        if statement.startswith(("SELECT", "(SELECT")) and "claims" in statement and "trail" not in statement:
            seen.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(watch):
        client.get(address)
    told = []
    with within(one.practice.pk, one.user.pk), connection.cursor() as cursor:
        for statement, values in seen:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF, TIMING ON, COSTS OFF) {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            taken = float(plan.rpartition("Execution Time: ")[2].split(" ")[0])
            told.append((taken, plan))
    told.sort(reverse=True)
    return "\n\n".join(plan for _, plan in told[:2])


def main() -> None:
    """Fill, measure, tell."""
    asked = argparse.ArgumentParser()
    asked.add_argument("claims", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--plans", type=Path)
    told = asked.parse_args()
    database = Database()
    try:
        one = make_practice(time_zone="UTC")
        start = time.perf_counter()
        fill(one, told.claims)
        print(f"{told.claims:,} claims in the database after {time.perf_counter() - start:.0f} s\n")
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        measure(one, told.plans)
    finally:
        connections.close_all()
        database.close()


def measure(one: Small, plans_to: Path | None) -> None:
    """Every list, its first page and one far behind."""
    client = signed_in(one.user)
    with within(one.practice.pk, one.user.pk), connection.cursor() as cursor:
        cursor.execute("SELECT min(id) + 7 FROM payers")
        payer = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(id::text, ',') FROM (SELECT id FROM patients LIMIT 40) p")
        patients = cursor.fetchone()[0]
    words = {
        "payer": payer,
        "patients": patients,
        "from_": TODAY - dt.timedelta(60),
        "to": TODAY - dt.timedelta(50),
    }
    kept = []
    print("| list | processor | best | p50 | p95 | 400 pages on: processor | best | p50 | p95 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, pattern in QUERIES.items():
        query = pattern.format(**words)
        near = milliseconds(client, f"/claims/?{query}")
        with within(one.practice.pk, one.user.pk):
            far = deep(query, one, 400)
        beyond = milliseconds(client, far) if far else "– | – | – | –"
        print(f"| {name} | {near} | {beyond} |", flush=True)
        kept.append(f"### {name}\n\n```\n{plans(one, client, f'/claims/?{query}')}\n```\n")
    for name, address in {"Today": "/", "Today, mine": "/?mine=on"}.items():
        print(f"| {name} | {milliseconds(client, address)} | – | – | – | – |", flush=True)
        kept.append(f"### {name}\n\n```\n{plans(one, client, address)}\n```\n")
    for name, text in {
        "Find, by a name": "name77",
        "Find, by a claim": "B4242",
        "Find, payer's number": "ICN42",
    }.items():
        start = time.perf_counter()
        client.post("/find", {"q": text})
        wall = (time.perf_counter() - start) * 1000
        print(f"| {name} | – | {wall:.0f} | – | – | – | – | – | – |", flush=True)
    if plans_to:
        plans_to.write_text("\n".join(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
