"""The frames of a simulation: what one row is, and what each column holds.

Names of persons stand in `patients` and `users` alone.  Money is whole cents.
"""

from typing import Final

import polars as pl

from anodyne.model.frames import Schema

SITES: Final[Schema] = {
    "site": pl.String,  # one row is one place where services are given
    "name": pl.String,
    "npi": pl.String,
    "pos": pl.String,  # 11 an office, 24 the surgery centre
    "street": pl.String,
    "city": pl.String,
    "state": pl.String,
    "zip": pl.String,
}
PROVIDERS: Final[Schema] = {
    "provider": pl.String,  # one row is one practitioner
    "npi": pl.String,
    "taxonomy": pl.String,
    "user": pl.String,  # the row of `users` with the name
}
CREDENTIALS: Final[Schema] = {
    "provider": pl.String,  # one row is one credential for one span of days
    "kind": pl.String,  # licence, controlled_substances, or enrolled with the payer
    "payer": pl.String,  # null unless enrolled
    "from": pl.Date,
    "until": pl.Date,  # the first day it no longer holds; null for none known
}
USERS: Final[Schema] = {
    "user": pl.String,  # one row is one person who works here
    "first": pl.String,
    "last": pl.String,
    "role": pl.String,  # biller, coder, clinician, manager, administrator
    "email": pl.String,
    "posts": pl.Boolean,  # may post payments
    "approves": pl.Boolean,  # may approve write-offs
}
PAYERS: Final[Schema] = {
    "payer": pl.String,  # one row is one payer with its plan
    "id": pl.String,  # NM109 of 2010BB
    "name": pl.String,
    "plan": pl.String,
    "filing": pl.String,  # SBR09
    "policy": pl.String,  # the file of its policy in `policies`; null where what ships speaks for it
    "filing_days": pl.Int32,  # from the service; null for Medicare's year
}
PATIENTS: Final[Schema] = {
    "patient": pl.String,  # the practice's own number; one row is one patient
    "number": pl.UInt64,  # `patient` of the claims
    "last": pl.String,
    "first": pl.String,
    "birth_date": pl.Date,
    "sex": pl.String,
    "street": pl.String,
    "city": pl.String,
    "state": pl.String,
    "zip": pl.String,
    "phone": pl.String,
    "site": pl.String,  # where the patient is mostly seen
    "physician": pl.String,  # a provider
    "complaint": pl.String,  # the course of treatment
}
COVERAGES: Final[Schema] = {
    "patient": pl.String,  # one row is one patient's coverage by one payer
    "rank": pl.UInt8,  # 1 pays first
    "payer": pl.String,
    "payer_id": pl.String,
    "member_id": pl.String,
    "from": pl.Date,
    "until": pl.Date,  # the first day it no longer holds; null while it does
    "accident_on": pl.Date,  # of an injury at work
    "property_claim": pl.String,  # the insurer's number of it
}
APPOINTMENTS: Final[Schema] = {
    "encounter": pl.String,  # one row is one appointment; the same key as the encounter that came of it
    "patient": pl.String,
    "provider": pl.String,
    "site": pl.String,
    "starts_at": pl.Datetime("us"),  # of the practice's wall clock
    "minutes": pl.Int32,
    "kind": pl.String,  # new_patient, visit, procedure, visit_and
    "status": pl.String,  # kept, cancelled, no_show, booked
}
ENCOUNTERS: Final[Schema] = {
    "encounter": pl.String,  # one row is one day's services of one patient by one practitioner
    "patient": pl.String,
    "served_on": pl.Date,
    "provider": pl.String,
    "npi": pl.String,
    "site": pl.String,
    "pos": pl.String,
    "kind": pl.String,  # as of the appointment, or month: a closed month of care
    "dx": pl.String,  # codes without the dot, joined by ';'
    "coded": pl.Boolean,  # whether a claim was made of it
    "charge_cents": pl.Int64,
}
CHARGES: Final[Schema] = {
    "encounter": pl.String,  # one row is one service as it was entered, before anything was corrected
    "line": pl.UInt32,
    "code": pl.String,
    "modifiers": pl.String,  # joined by ':'
    "units": pl.Int32,
    "pointers": pl.String,  # joined by ':'
    "charge_cents": pl.Int64,
}
AUTHORISATIONS: Final[Schema] = {
    "patient": pl.String,  # one row is one thing a payer was asked to approve
    "encounter": pl.String,
    "payer": pl.String,
    "codes": pl.String,  # joined by ';'
    "asked_on": pl.Date,
    "status": pl.String,  # approved or asked
    "number": pl.String,  # null while it is asked
    "from": pl.Date,
    "until": pl.Date,  # the last day of its window
}
SUBMISSIONS: Final[Schema] = {
    "claim_id": pl.String,  # one row is one time one claim was sent
    "sent_on": pl.Date,
    "file": pl.String,  # the 837P file, by its place in the folder
    "control_number": pl.UInt32,  # of the interchange
    "answer": pl.String,  # accepted, rejected, refused (the whole file), pending, none (it never came)
    "answered_on": pl.Date,
    "status": pl.String,  # category and status code of the 277CA
}
REMITTED: Final[Schema] = {
    "claim_id": pl.String,  # one row is one CLP
    "payer": pl.String,
    "paid_on": pl.Date,
    "file": pl.String,  # the 835 file, by its place in the folder
    "kind": pl.String,  # first, reversal, correction or second
    "status": pl.String,  # CLP02
    "payer_control": pl.String,
    "charge_cents": pl.Int64,
    "paid_cents": pl.Int64,
    "patient_cents": pl.Int64,
    "interest_cents": pl.Int64,
}
PAYMENTS: Final[Schema] = {
    "payer": pl.String,  # one row is one payment: one 835 transaction
    "paid_on": pl.Date,
    "file": pl.String,
    "trace": pl.String,
    "amount_cents": pl.Int64,  # BPR02
    "claims_cents": pl.Int64,  # of its claims
    "interest_cents": pl.Int64,  # PLB L6, added
    "taken_back_cents": pl.Int64,  # PLB WO, taken
    "carried_in_cents": pl.Int64,  # PLB FB: what an earlier payment could not take, taken
    "carried_on_cents": pl.Int64,  # PLB FB: what this one could not take, added
}
TAKEN_BACK: Final[Schema] = {
    "claim_id": pl.String,  # one row is one claim whose payment was taken from a later one
    "payer": pl.String,
    "paid_on": pl.Date,
    "cents": pl.Int64,
}
PATIENT_PAYMENTS: Final[Schema] = {
    "encounter": pl.String,  # one row is one payment of a patient
    "paid_on": pl.Date,
    "cents": pl.Int64,
}
WRITE_OFFS: Final[Schema] = {
    "encounter": pl.String,  # one row is one amount given up
    "written_off_on": pl.Date,
    "cents": pl.Int64,
    "approved_by": pl.String,  # a user
}
TASKS: Final[Schema] = {
    "claim_id": pl.String,  # one row is one thing to do; null for an encounter that is not coded
    "encounter": pl.String,
    "kind": pl.String,  # one of the tasks of practice.toml
    "user": pl.String,  # whose it is
    "opened_on": pl.Date,
    "due_on": pl.Date,
    "overdue": pl.Boolean,
}
TRUTH: Final[Schema] = {
    "claim_id": pl.String,  # one row is one claim: what is true of it, whoever finds it
    "claim_key": pl.UInt32,  # of `claims`
    "encounter": pl.String,
    "payer": pl.String,
    "state": pl.String,  # a value of life.State
    "hold": pl.String,  # why it is held: the name of a fault, or unsigned
    "fault": pl.String,  # what is wrong on purpose, by its name among the shares; null for nothing
    "rule": pl.String,  # the rule it breaks; null where none could know
    "verdict": pl.String,  # the payer's last: paid, denied, partly_denied, underpaid; null before one
    "cause": pl.String,  # why: the fault, or necessity, coverage, records, unread, downcode, one_side
    "first_verdict": pl.String,  # the payer's first
    "first_cause": pl.String,
    "charge_cents": pl.Int64,
    "expected_cents": pl.Int64,  # what should be allowed for what was rightly billed; null before a decision
    "allowed_cents": pl.Int64,
    "paid_cents": pl.Int64,  # by the first payer, before anything is taken back
    "patient_cents": pl.Int64,  # what the first payer leaves to the patient
    "late_days": pl.Int32,  # by which the payer's first decision was beyond its usual time
    "noticed_on": pl.Date,  # the day of the remittance that stands
    "route": pl.String,  # how it is answered: appeal, corrected, records, dispute, new_claim
    "deadline": pl.Date,  # the last day for it
    "expected_by": pl.Date,  # the day after which silence is followed up
    "replaces": pl.String,  # the claim in whose place it was sent
    "duplicate_of": pl.String,
}
ACCOUNTS: Final[Schema] = {
    "encounter": pl.String,  # one row is one encounter's charge, and where each cent of it is
    "payer": pl.String,
    "charge_cents": pl.Int64,
    "payer_paid_cents": pl.Int64,  # less what was taken back
    "second_paid_cents": pl.Int64,
    "patient_paid_cents": pl.Int64,
    "contractual_cents": pl.Int64,  # written off by contract or law
    "written_off_cents": pl.Int64,  # denied and given up, or billed by mistake and corrected away
    "open_payer_cents": pl.Int64,  # not billed, not decided, denied, or taken back
    "open_second_cents": pl.Int64,
    "open_patient_cents": pl.Int64,
}
TOTALS: Final[Schema] = {
    "payer": pl.String,  # one row is one payer
    "claims": pl.UInt32,
    "decided": pl.UInt32,
    **{name: kind for name, kind in ACCOUNTS.items() if name.endswith("_cents")},
}


def framed(rows: list[tuple[object, ...]], schema: Schema) -> pl.DataFrame:
    """A frame of `rows`, whose values stand in the order of `schema`."""
    return pl.DataFrame(rows, schema=dict(schema), orient="row")
