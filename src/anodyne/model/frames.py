"""The frames: what one row is, and what each column holds.

Every frame has one surrogate key, made once when it is read.  Column names carry units.  Money is whole
cents.
`segment` counts the segments of the file from 1 (the first ISA); `byte` counts its bytes from 0.
No name of a person is ever a column.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

Schema = Mapping[str, "pl.DataType | type[pl.DataType]"]

DIAGNOSES = tuple(f"dx{n}" for n in range(1, 13))
MODIFIERS = tuple(f"mod{n}" for n in range(1, 5))

CLAIMS: Schema = {
    "claim_key": pl.UInt32,  # one row is one CLM
    "judged": pl.Boolean,  # False for claims read as history only
    "file": pl.String,  # path as given
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "claim_id": pl.String,  # CLM01
    "payer_id": pl.String,  # 2010BB NM109
    "payer_name": pl.String,  # 2010BB NM103: an organisation, never a person
    "filing": pl.String,  # SBR09, MB = Medicare Part B
    "payer_rank": pl.String,  # SBR01, P = primary
    "group_number": pl.String,  # SBR03
    "member_id": pl.String,  # 2010BA NM109
    "patient": pl.UInt64,  # one number per person, the same in every file read together
    "relationship": pl.String,  # SBR02 18, or PAT01 of a dependent
    "birth_date": pl.Date,
    "sex": pl.String,
    "billing_npi": pl.String,
    "billing_taxonomy": pl.String,
    "rendering_npi": pl.String,  # 2310B
    "rendering_taxonomy": pl.String,
    "referring_npi": pl.String,
    "supervising_npi": pl.String,
    "facility_npi": pl.String,
    "state": pl.String,  # where the service was given: facility's state, else the billing provider's
    "zip": pl.String,
    "pos": pl.String,  # CLM05-1
    "frequency": pl.String,  # CLM05-3
    "original_ref": pl.String,  # REF*F8
    "auth_number": pl.String,  # REF*G1
    "referral_number": pl.String,  # REF*9F
    "clia": pl.String,  # REF*X4
    "medical_record": pl.String,  # REF*EA
    "property_claim": pl.String,  # REF*Y4 of the patient or subscriber
    "charge_cents": pl.Int64,  # CLM02
    "assignment": pl.String,  # CLM07
    "benefits_assigned": pl.String,  # CLM08
    "release": pl.String,  # CLM09
    "cause1": pl.String,  # CLM11-1 to -3: AA, EM, OA
    "cause2": pl.String,
    "cause3": pl.String,
    "cause_state": pl.String,  # CLM11-4
    "onset_on": pl.Date,  # DTP*431
    "initial_treatment_on": pl.Date,  # DTP*454
    "last_seen_on": pl.Date,  # DTP*304
    "accident_on": pl.Date,  # DTP*439
    "admitted_on": pl.Date,  # DTP*435
    "discharged_on": pl.Date,  # DTP*096
    "attachment": pl.String,  # PWK01 of the claim
    "attachment_control": pl.String,  # PWK06
    "condition": pl.String,  # CRC01 of the claim
    "note": pl.String,  # NTE02 of the claim
    **dict.fromkeys(DIAGNOSES, pl.String),  # HI, ABK/BK first, without the dot
    "dx_system": pl.String,  # qualifier of the first: ABK = ICD-10-CM, BK = ICD-9-CM
}

LINES: Schema = {
    "line_key": pl.UInt32,  # one row is one service line
    "claim_key": pl.UInt32,
    "segment": pl.UInt32,  # of its LX
    "byte": pl.Int64,
    "line": pl.UInt32,  # LX01
    "code_system": pl.String,  # SV101-1, HC = HCPCS
    "code": pl.String,  # SV101-2
    **dict.fromkeys(MODIFIERS, pl.String),
    "description": pl.String,  # SV101-7: what was done, where the code does not say
    "units": pl.Float64,  # SV104
    "unit_basis": pl.String,  # SV103: UN units, MJ minutes
    "charge_cents": pl.Int64,  # SV102
    "served_on": pl.Date,  # DTP*472, first day
    "served_to": pl.Date,  # last day; the first again for a single day
    "dx_pointers": pl.String,  # SV107, parts joined by ':'
    "emergency": pl.String,  # SV109
    "pos": pl.String,  # SV105 where given, else the claim's
    "rendering_npi": pl.String,  # 2420A where given, else the claim's 2310B
    "rendering_taxonomy": pl.String,
    "ndc": pl.String,  # LIN03 where LIN02 is N4
    "ndc_qty": pl.Float64,  # CTP04
    "ndc_unit": pl.String,  # CTP05-1
    "control_number": pl.String,  # REF*6R
    "auth_number": pl.String,  # REF*G1 of the line where given, else the claim's
    "clia": pl.String,  # REF*X4 of the line where given, else the claim's
    "note": pl.String,  # NTE02 of the line
}

INSTANT: Final = pl.Datetime("us", "UTC")

TIME: Schema = {
    "entry_key": pl.UInt32,  # one row is one interval of work
    "entry_id": pl.String,  # the practice's own, unique in the file
    "patient": pl.String,  # the practice's own patient id
    "practitioner": pl.String,  # NPI of the billing practitioner for whom the time counts
    "performer": pl.String,  # the practice's own id of who did the work, where that is not the practitioner
    "role": pl.String,  # a value of model.care.Role
    "start": INSTANT,
    "end": INSTANT,
    "start_offset_seconds": pl.Int32,  # of local time from UTC, as written
    "end_offset_seconds": pl.Int32,
    "program": pl.String,  # a value of model.care.Program
    "mode": pl.String,  # a value of model.care.Mode
    "pos": pl.String,  # place of service; null where not told
    "elements": pl.List(pl.String),  # values of model.care.Element; empty where none is told
}

ENROLMENTS: Schema = {
    "enrolment_key": pl.UInt32,  # one row is one patient, practitioner and programme
    "patient": pl.String,
    "practitioner": pl.String,
    "program": pl.String,
    "payer": pl.String,  # payer id as in the policies; MEDICARE_B for Original Medicare
    "state": pl.String,
    "consent_on": pl.Date,
    "consent_mode": pl.String,
    "consent_revoked_on": pl.Date,
    "consent_covers": pl.List(pl.String),  # null where nothing is told
    "pain_months": pl.Float64,  # how long the pain had lasted at enrolment
    "pain_finding": pl.String,
    "conditions": pl.Int32,  # chronic conditions expected to last 12 months or more
    "initiated_on": pl.Date,  # the initiating visit
    "initiated_minutes": pl.Float64,
    "initiated_mode": pl.String,
    "initiated_pos": pl.String,
    "plan_on": pl.Date,  # of the current care plan
    "scale": pl.String,  # the validated instrument
    "scale_score": pl.String,
    "scale_on": pl.Date,
    "prior_months": pl.Int32,  # months already billed for this programme by this practitioner
    "discharged_on": pl.Date,  # transitional care: the day of discharge
    "contacted_on": pl.Date,  # transitional care: the first contact after it
    "visited_on": pl.Date,  # transitional care: the visit face to face after it
    "complexity": pl.String,  # of decision making, a value of model.care.Complexity
}

CHOICES: Schema = {
    "choice_key": pl.UInt32,  # one row is one entry that a person marked as counting to several programmes
    "entry_id": pl.String,
    "programs": pl.List(pl.String),
    "marked_by": pl.String,  # who says so
    "marked_on": pl.Date,
}

PAYMENTS: Schema = {
    "payment_key": pl.UInt32,  # one row is one 835 transaction: one check or transfer, or a notice without one
    "file": pl.String,
    "segment": pl.UInt32,  # of its ST
    "byte": pl.Int64,
    "control": pl.String,  # ST02
    "handling": pl.String,  # BPR01
    "amount_cents": pl.Int64,  # BPR02
    "credit_debit": pl.String,  # BPR03, C or D
    "method": pl.String,  # BPR04: ACH, CHK, FWT, NON, BOP
    "paid_on": pl.Date,  # BPR16
    "trace": pl.String,  # TRN02: check or transfer number
    "payer_trace_id": pl.String,  # TRN03
    "produced_on": pl.Date,  # DTM*405
    "payer_name": pl.String,  # 1000A N102
    "payer_id": pl.String,  # 1000A N104, else REF*2U
    "payee_name": pl.String,  # 1000B N102: an organisation
    "payee_npi": pl.String,  # 1000B N104 where N103 is XX, else REF*... of the payee
    "payee_tax_id": pl.String,  # 1000B REF*TJ, or N104 where N103 is FI
    "version": pl.String,  # GS08
}

REMITS: Schema = {
    "remit_key": pl.UInt32,  # one row is one CLP
    "payment_key": pl.UInt32,
    "file": pl.String,
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "claim_id": pl.String,  # CLP01
    "status": pl.String,  # CLP02: 1 primary, 2 secondary, 4 denied, 19-21 forwarded, 22 reversal …
    "charge_cents": pl.Int64,  # CLP03
    "paid_cents": pl.Int64,  # CLP04
    "patient_cents": pl.Int64,  # CLP05
    "filing": pl.String,  # CLP06
    "payer_control": pl.String,  # CLP07
    "pos": pl.String,  # CLP08
    "frequency": pl.String,  # CLP09
    "member_id": pl.String,  # NM1*QC 09, else NM1*IL 09
    "corrected_member_id": pl.String,  # NM1*74 09
    "rendering_npi": pl.String,  # NM1*82 09 where 08 is XX
    "crossover_payer": pl.String,  # NM1*TT 03: an organisation
    "medical_record": pl.String,  # REF*EA
    "original_ref": pl.String,  # REF*F8
    "received_on": pl.Date,  # DTM*050
    "statement_from": pl.Date,  # DTM*232
    "statement_to": pl.Date,  # DTM*233
    "coverage_ended_on": pl.Date,  # DTM*036
    "allowed_cents": pl.Int64,  # AMT*AU: the amount covered by the payer
    "interest_cents": pl.Int64,  # AMT*I
    "discount_cents": pl.Int64,  # AMT*D8
    "lx": pl.String,  # LX01 above it
    "provider_npi": pl.String,  # TS301 above it
}

REMIT_LINES: Schema = {
    "remit_line_key": pl.UInt32,  # one row is one SVC
    "remit_key": pl.UInt32,
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "line": pl.UInt32,  # counted within the claim from 1
    "code_system": pl.String,  # SVC01-1
    "code": pl.String,  # SVC01-2: as adjudicated
    **dict.fromkeys(MODIFIERS, pl.String),  # SVC01-3 to -6
    "charge_cents": pl.Int64,  # SVC02
    "paid_cents": pl.Int64,  # SVC03
    "revenue_code": pl.String,  # SVC04
    "units": pl.Float64,  # SVC05; 1 where it is left out
    "submitted_code": pl.String,  # SVC06-2, where it differs
    **{f"submitted_{name}": pl.String for name in MODIFIERS},
    "submitted_units": pl.Float64,  # SVC07
    "served_on": pl.Date,  # DTM*472, else DTM*150, else the claim's DTM*232
    "served_to": pl.Date,  # DTM*151, else the first day
    "control_number": pl.String,  # REF*6R
    "rendering_npi": pl.String,  # REF*HPI, else the claim's
    "allowed_cents": pl.Int64,  # AMT*B6
    "policy_ref": pl.String,  # REF*0K: the payer's policy
}

ADJUSTMENTS: Schema = {
    "remit_key": pl.UInt32,  # one row is one reason of one CAS
    "remit_line_key": pl.UInt32,  # null where it adjusts the claim as a whole
    "segment": pl.UInt32,
    "place": pl.UInt8,  # which of the six reasons of its CAS, 1 the first
    "group": pl.String,  # CAS01: CO, PR, OA, PI, CR
    "reason": pl.String,  # CARC
    "cents": pl.Int64,
    "units": pl.Float64,  # the quantity; null where there is none
}

REMARKS: Schema = {
    "remit_key": pl.UInt32,  # one row is one remark code
    "remit_line_key": pl.UInt32,  # null where it is of the claim (MIA, MOA)
    "segment": pl.UInt32,
    "source": pl.String,  # MIA, MOA or LQ
    "qualifier": pl.String,  # LQ01: HE a remark, RX a drug rejection; null for MIA, MOA
    "code": pl.String,
}

PROVIDER_ADJUSTMENTS: Schema = {
    "payment_key": pl.UInt32,  # one row is one reason of one PLB
    "segment": pl.UInt32,
    "place": pl.UInt8,
    "provider": pl.String,  # PLB01
    "fiscal_year_end": pl.Date,  # PLB02
    "reason": pl.String,  # PLB03-1: WO, FB, 72, L6, AH …
    "reference": pl.String,  # PLB03-2
    "cents": pl.Int64,  # more than 0 takes from the payment
}

FINDINGS: Schema = {
    "rule": pl.String,
    "rule_key": pl.String,  # which version of the rule: `Rule.key`; of a structural edit the id again
    "outcome": pl.String,  # a value of Outcome
    "claim_key": pl.UInt32,  # null where no claim is concerned (envelope)
    "line_key": pl.UInt32,  # null where the whole claim is concerned
    "file": pl.String,
    "claim": pl.String,  # CLM01
    "line": pl.UInt32,  # LX01
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "codes": pl.List(pl.String),
    "message": pl.String,
    "needs": pl.List(pl.String),  # the facts missing, for an ask
    "fix": pl.String,  # JSON of the fix, or null
    "at_risk_cents": pl.Int64,
    "ruling": pl.UInt32,  # what the payer's policies said, by its number in this check; null for none
}


def empty(schema: Schema) -> pl.DataFrame:
    """A frame of `schema` with no rows."""
    return pl.DataFrame(schema=dict(schema))


def checked(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """`frame` itself, once it is seen to have exactly the columns and types of `schema`.

    Raises ValueError naming the columns that differ: a fault in the program, not in what was read.
    """
    if dict(frame.schema) != {name: pl.Series([], dtype=kind).dtype for name, kind in schema.items()}:
        wrong = {n for n, k in frame.schema.items() if n not in schema or k != schema[n]}
        raise ValueError(
            f"frame differs from its schema: {sorted(wrong | (set(schema) - set(frame.columns)))}"
        )
    return frame
