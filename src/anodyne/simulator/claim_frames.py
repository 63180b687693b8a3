"""Claims and their lines as the frames that are read from 837P files, and the parties of their files."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from anodyne.model.frames import CLAIMS, LINES, Schema, checked
from anodyne.model.parties import (
    Address,
    Billing,
    Contact,
    Organisation,
    Parties,
    Person,
    Receiver,
    Submitter,
    Subscriber,
)
from anodyne.model.parties import Site as Place
from anodyne.simulator.bills import Bill, charge_cents, total_cents
from anodyne.simulator.life import Claim
from anodyne.simulator.scenario import Scenario

_TESTS: Final = "8"
"""How codes of laboratory tests begin."""
_WORK: Final = "EM"


def sent_file(day: dt.date) -> str:
    """The 837P file of a day, by its place in the folder."""
    return f"837/{day}.837"


def control_numbers(claims: Sequence[Claim]) -> dict[dt.date, int]:
    """The control number of the file of each day on which claims were sent."""
    days = sorted({sending.day for claim in claims for sending in claim.sendings})
    return {day: number for number, day in enumerate(days, 1)}


def claim_frames(claims: Sequence[Claim], world: Scenario) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`claims` as `frames.CLAIMS` and `frames.LINES`; claim keys count from 0 in their order."""
    heads = [_head(key, claim, world) for key, claim in enumerate(claims)]
    places = (
        (key, number, claim)
        for key, claim in enumerate(claims)
        for number in range(1, len(claim.bill.lines) + 1)
    )
    lines = [_line(line_key, *place, world) for line_key, place in enumerate(places)]
    return _framed(heads, CLAIMS), _framed(lines, LINES)


def _framed(rows: Sequence[Mapping[str, object]], schema: Schema) -> pl.DataFrame:
    """A frame of `schema`, null in what `rows` do not say."""
    names = rows[0].keys() if rows else ()
    told = {name: [row[name] for row in rows] for name in names}
    columns = [
        pl.Series(name, told.get(name, [None] * len(rows)), dtype=kind) for name, kind in schema.items()
    ]
    return checked(pl.DataFrame(columns), schema)


def _head(key: int, claim: Claim, world: Scenario) -> dict[str, object]:
    bill, patient = claim.bill, claim.bill.patient
    site, provider = world.sites[bill.visit.site], world.providers[bill.visit.provider]
    at_home = site.npi == world.billing["npi"]
    tested = any(line.code.startswith(_TESTS) for line in bill.lines)
    return {
        "claim_key": key,
        "judged": True,
        "file": sent_file(claim.sendings[-1].day) if claim.sendings else None,
        "claim_id": claim.id,
        "payer_id": patient.payer.id,
        "payer_name": patient.payer.name,
        "filing": patient.payer.filing,
        "payer_rank": "P",
        "member_id": patient.member_id,
        "patient": patient.number,
        "relationship": "18",
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "billing_npi": world.billing["npi"],
        "billing_taxonomy": world.billing["taxonomy"],
        "rendering_npi": provider.npi,
        "rendering_taxonomy": provider.taxonomy,
        "facility_npi": None if at_home else site.npi,
        "state": site.address.state,
        "zip": site.address.zip,
        "pos": site.pos,
        "frequency": claim.frequency,
        "original_ref": claim.replaces.payer_control if claim.replaces else None,
        "auth_number": bill.auth or None,
        "clia": world.billing["clia"] if tested else None,
        "medical_record": patient.id,
        "property_claim": patient.property_claim or None,
        "charge_cents": total_cents(bill, world),
        "assignment": "A",
        "benefits_assigned": "Y",
        "release": "Y",
        "cause1": _WORK if patient.accident_on else None,
        "accident_on": patient.accident_on,
        "dx_system": "ABK",
        **{f"dx{n}": bill.dx[n - 1] if n <= len(bill.dx) else None for n in range(1, 13)},
    }


def _line(line_key: int, key: int, number: int, claim: Claim, world: Scenario) -> dict[str, object]:
    bill: Bill = claim.bill
    line = bill.lines[number - 1]
    provider = world.providers[bill.visit.provider]
    drug = world.drugs.get(line.code)
    tested = any(one.code.startswith(_TESTS) for one in bill.lines)
    return {
        "line_key": line_key,
        "claim_key": key,
        "line": number,
        "code_system": "HC",
        "code": line.code,
        **{f"mod{n}": line.modifiers[n - 1] if n <= len(line.modifiers) else None for n in range(1, 5)},
        "units": float(line.units),
        "unit_basis": "UN",
        "charge_cents": charge_cents(line, world),
        "served_on": bill.visit.day,
        "served_to": bill.visit.day,
        "dx_pointers": line.pointers,
        "pos": world.sites[bill.visit.site].pos,
        "rendering_npi": provider.npi,
        "rendering_taxonomy": provider.taxonomy,
        "ndc": drug.ndc if drug else None,
        "ndc_qty": round(line.units * drug.each, 3) if drug else None,
        "ndc_unit": drug.unit if drug else None,
        "control_number": f"{claim.id}-{number}",
        "auth_number": bill.auth or None,
        "clia": world.billing["clia"] if tested else None,
    }


def parties(claims: pl.DataFrame, patients: pl.DataFrame, users: pl.DataFrame, world: Scenario) -> Parties:
    """Everybody in files of `claims`: names come from the frames of patients and users."""
    names = {
        row["user"]: Person(row["last"].upper(), row["first"].upper()) for row in users.iter_rows(named=True)
    }
    billing, submitter = world.billing, world.submitter
    home = next(site for site in world.sites.values() if site.npi == billing["npi"])
    places = {site.npi: Place(site.name, site.address) for site in world.sites.values()}
    elsewhere = claims.drop_nulls("facility_npi").select("claim_id", "facility_npi").iter_rows()
    return Parties(
        Submitter(submitter["name"], submitter["id"], Contact(submitter["contact"], submitter["phone"])),
        Receiver(world.receiver["name"], world.receiver["id"]),
        billing={billing["npi"]: Billing(Organisation(billing["name"]), home.address, billing["tax_id"])},
        practitioners={one.npi: names[one.user] for one in world.providers.values()},
        subscribers={
            row["number"]: Subscriber(
                Person(row["last"].upper(), row["first"].upper()),
                Address(row["street"], row["city"], row["state"], row["zip"]),
            )
            for row in patients.iter_rows(named=True)
        },
        sites={claim_id: places[npi] for claim_id, npi in elsewhere},
    )
