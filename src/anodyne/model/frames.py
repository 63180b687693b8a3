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
    "insurance_type": pl.String,  # SBR05: why Medicare, where it is the payer, pays after another
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

OTHER_PAYERS: Schema = {
    "other_payer_key": pl.UInt32,  # one row is one more payer of one claim, as a 2320 tells of it
    "claim_key": pl.UInt32,
    "segment": pl.UInt32,  # of its SBR
    "byte": pl.Int64,
    "payer_id": pl.String,  # 2330B NM109: what ADJUDICATIONS name the payer by
    "payer_name": pl.String,  # 2330B NM103: an organisation
    "filing": pl.String,  # SBR09
    "payer_rank": pl.String,  # SBR01
    "insurance_type": pl.String,  # SBR05
    "relationship": pl.String,  # SBR02: what the patient is to whom this payer insures, 18 = the same
    "group_number": pl.String,  # SBR03
    "member_id": pl.String,  # 2330A NM109
    "paid_cents": pl.Int64,  # AMT*D, 0 where it paid nothing; null where it has not decided
    "uncovered_cents": pl.Int64,  # AMT*A8: not covered, where the payer need not be asked
    "patient_cents": pl.Int64,  # AMT*EAF: what is left to pay, where the payer tells nothing of lines
    "benefits_assigned": pl.String,  # OI03
    "release": pl.String,  # OI06
    **{f"remark{n}": pl.String for n in range(1, 6)},  # MOA03 to 07
    "decided_on": pl.Date,  # 2330B DTP*573, where no adjudication of a line has the day
    "payer_control": pl.String,  # 2330B REF*F8: this payer's own number of the claim
    "auth_number": pl.String,  # 2330B REF*G1
    "referral_number": pl.String,  # 2330B REF*9F
}

ADJUDICATIONS: Schema = {
    "adjudication_key": pl.UInt32,  # one row is what one other payer decided of one line, or a part (2430)
    "line_key": pl.UInt32,
    "segment": pl.UInt32,  # of its SVD
    "byte": pl.Int64,
    "payer_id": pl.String,  # SVD01: the `payer_id` of one of the claim's OTHER_PAYERS
    "paid_cents": pl.Int64,  # SVD02
    "code_system": pl.String,  # SVD03-1
    "code": pl.String,  # SVD03-2: as adjudicated
    **dict.fromkeys(MODIFIERS, pl.String),
    "description": pl.String,  # SVD03-7
    "units": pl.Float64,  # SVD05
    "bundled_line": pl.UInt32,  # SVD06: the line into which the payer bundled this one
    "patient_cents": pl.Int64,  # AMT*EAF: what is left to pay
    "decided_on": pl.Date,  # DTP*573
}

OTHER_ADJUSTMENTS: Schema = {
    "other_payer_key": pl.UInt32,  # one row is one reason of one CAS; null where it is of a line
    "adjudication_key": pl.UInt32,  # null where it is of the claim as a whole
    "segment": pl.UInt32,
    "place": pl.UInt8,  # which of the six reasons of its CAS, 1 the first
    "group": pl.String,  # CAS01: CO, PR, OA, PI, CR
    "reason": pl.String,  # CARC
    "cents": pl.Int64,
    "units": pl.Float64,  # the quantity; null where there is none
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

CONTRACTS: Schema = {
    "contract_key": pl.UInt32,  # one row is what one payer allows for one code on the days of one span
    "payer": pl.String,  # its id or name, in capitals and single spaces
    "code": pl.String,
    "modifier": pl.String,  # null: whatever the modifiers
    "pos_class": pl.String,  # facility or nonfacility; null: both
    "from": pl.Date,
    "until": pl.Date,  # the first day it no longer holds; null while it does
    "allowed_cents": pl.Int64,  # for one unit; null where a share of Medicare's amount is agreed
    "percent_of_medicare_hundredths": pl.Int32,  # 11000 is 110 %
}

EXPECTED: Schema = {
    "remit_line_key": pl.UInt32,  # one row is one remitted line
    "remit_key": pl.UInt32,
    "allowed_cents": pl.Int64,  # as remitted; null where the line does not balance and no amount is told
    "allowed_how": pl.String,  # how that is known
    "expected_cents": pl.Int64,  # what should be allowed for what was billed; null where `why` says
    "adjudicated_cents": pl.Int64,  # the same for the code and units that the payer took it for
    "expected_paid_cents": pl.Int64,  # of that, what the payer should pay; null for a denied line
    "kind": pl.String,  # contract, percent (of Medicare's amount) or medicare (its fee schedule)
    "basis": pl.String,  # which contract or fee schedule, in words
    "sure": pl.Boolean,  # nothing was assumed: not the locality, nor what a contract does not say
    "steps": pl.List(pl.String),  # the arithmetic of what should be allowed
    "payment_steps": pl.List(pl.String),  # from there to the payment
    "why": pl.String,  # why nothing is expected; null where something is
}

DOWNCODES: Schema = {
    "remit_line_key": pl.UInt32,  # one row is one way in which one line was paid for less than was billed
    "remit_key": pl.UInt32,
    "kind": pl.String,  # a value of denials.downcode.Kind
    "from": pl.String,  # what was billed: a code with its modifiers, or units
    "to": pl.String,  # what it was taken for or priced as; null where that is nothing known
    "to_code": pl.String,  # the same, where it is another code
    "expected_cents": pl.Int64,  # what should be allowed for what was billed
    "allowed_cents": pl.Int64,
    "difference_cents": pl.Int64,  # of these two, as far as this row explains it; null where no rate is known
    "owed_cents": pl.Int64,  # of that, what the payer should have paid and not the patient
    "how": pl.String,  # how it was told, in words
    "sure": pl.Boolean,  # the payer says so itself, or nothing was assumed
    "basis": pl.String,  # the contract or fee schedule that the difference is told by
}

PAYMENTS: Schema = {
    "payment_key": pl.UInt32,  # one row is one 835 transaction: a check, a transfer, or a notice of neither
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
    "payee_npi": pl.String,  # 1000B N104 where N103 is XX
    "payee_tax_id": pl.String,  # 1000B REF*TJ, or N104 where N103 is FI
    "payee_id": pl.String,  # 1000B REF*PQ: the payer's own number of the payee
    "receiver_id": pl.String,  # REF*EV: to whom the file was made out, where that is another than the payee
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
    "corrected_payer": pl.String,  # NM1*PR 03: an organisation that should have been asked first
    "corrected_payer_id": pl.String,  # NM1*PR 09
    "group_number": pl.String,  # REF*1L: of the group or policy
    "contract_class": pl.String,  # REF*CE: under which contract it was priced
    "auth_number": pl.String,  # REF*G1
    "medical_record": pl.String,  # REF*EA
    "original_ref": pl.String,  # REF*F8
    "received_on": pl.Date,  # DTM*050
    "statement_from": pl.Date,  # DTM*232
    "statement_to": pl.Date,  # DTM*233
    "coverage_ended_on": pl.Date,  # DTM*036
    "allowed_cents": pl.Int64,  # AMT*AU: the amount covered by the payer
    "interest_cents": pl.Int64,  # AMT*I
    "discount_cents": pl.Int64,  # AMT*D8
    "patient_paid_cents": pl.Int64,  # AMT*F5
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
    "submitted_code_system": pl.String,  # SVC06-1
    "submitted_code": pl.String,  # SVC06-2: sent where it differs, null where it is not sent
    **{f"submitted_{name}": pl.String for name in MODIFIERS},
    "submitted_units": pl.Float64,  # SVC07
    "served_on": pl.Date,  # DTM*472, else DTM*150 (or 232) of the line, else the claim's DTM*232
    "served_to": pl.Date,  # DTM*151 (or 233) of the line, else the first day; with the claim's, its DTM*233
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
    "source": pl.String,  # MIA, MOA or LQ (of a claim too, where it is sent there)
    "qualifier": pl.String,  # LQ01: HE a remark, RX a drug rejection; null for MIA, MOA
    "code": pl.String,
}

AMOUNTS: Schema = {
    "remit_key": pl.UInt32,  # one row is one AMT of a claim or line, those with a column of their own too
    "remit_line_key": pl.UInt32,  # null where it is of the claim
    "segment": pl.UInt32,
    "qualifier": pl.String,  # AMT01: I interest, F5 paid by the patient, T tax, KH late filing …
    "cents": pl.Int64,
}

QUANTITIES: Schema = {
    "remit_key": pl.UInt32,  # one row is one QTY of a claim or line
    "remit_line_key": pl.UInt32,  # null where it is of the claim
    "segment": pl.UInt32,
    "qualifier": pl.String,  # QTY01: CA days covered, ZK to ZO of federal programmes …
    "quantity": pl.Float64,
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

CLAIM_MATCHES: Schema = {
    "remit_key": pl.UInt32,  # one row is one CLP
    "claim_key": pl.UInt32,  # the submitted claim it answers; null where that is not known: see `reason`
    "certainty": pl.String,  # certain or likely; null where nothing is matched
    "how": pl.String,  # by what it was told, in words
    "relation": pl.String,  # a value of denials.relations: only, original, reversal, correction, split …
    "duplicate_of": pl.UInt32,  # remit_key of the first that says the same
    "score": pl.Int16,  # the sum of the parts that follow; of the best candidate where nothing is matched
    "id_score": pl.Int8,  # CLP01 is CLM01
    "payer_control_score": pl.Int8,  # CLP07, or REF*F8 of the remittance, is REF*F8 of a corrected claim
    "line_control_score": pl.Int8,  # REF*6R of lines, where no other submitted claim has it
    "charge_score": pl.Int8,
    "day_score": pl.Int8,
    "line_score": pl.Int8,  # lines that fit one of the claim by code and day, or by day and charge
    "member_score": pl.Int8,
    "npi_score": pl.Int8,
    "frequency_score": pl.Int8,
    "reason": pl.String,  # why nothing is matched; null where something is
    "candidates": pl.List(pl.UInt32),  # the claims that came into question, where nothing is matched
}

LINE_MATCHES: Schema = {
    "remit_line_key": pl.UInt32,  # one row is one SVC
    "remit_key": pl.UInt32,
    "claim_key": pl.UInt32,
    "line_key": pl.UInt32,  # the submitted line it answers; null where that is not known: see `reason`
    "certainty": pl.String,
    "how": pl.String,
    "same_control": pl.Boolean,  # each null where one of the two does not say
    "same_code": pl.Boolean,  # the submitted code, where the payer restated it
    "same_modifiers": pl.Boolean,  # in any order
    "same_day": pl.Boolean,
    "same_charge": pl.Boolean,
    "same_units": pl.Boolean,
    "reason": pl.String,
}

SENT: Schema = {
    "sent_key": pl.UInt32,  # one row is one 837 transaction that was sent
    "file": pl.String,
    "segment": pl.UInt32,  # of its ST
    "last_segment": pl.UInt32,  # of its SE
    "interchange_control": pl.String,  # ISA13
    "group_control": pl.String,  # GS06
    "version": pl.String,  # GS08
    "control": pl.String,  # ST02
    "batch": pl.String,  # BHT03
    "sent_on": pl.Date,  # GS04
}

SENT_CLAIMS: Schema = {
    "sent_key": pl.UInt32,  # the transaction it was sent in
    "file": pl.String,  # with `segment` one row is one CLM
    "segment": pl.UInt32,
    "last_segment": pl.UInt32,  # of the claim
}

ACKNOWLEDGEMENTS: Schema = {
    "acknowledgement_key": pl.UInt32,  # one row is one thing that a 999 or 997 says of what was sent
    "file": pl.String,
    "segment": pl.UInt32,  # of its AK9, IK5, IK3 or IK4
    "byte": pl.Int64,
    "kind": pl.String,  # 999 or 997
    "level": pl.String,  # what it is about: group, transaction, segment or element
    "control": pl.String,  # ST02 of the acknowledgement itself
    "produced_on": pl.Date,  # GS04
    "sender": pl.String,  # GS02: who acknowledges
    "sent_group_kind": pl.String,  # AK101, HC = claims
    "sent_group_control": pl.String,  # AK102: GS06 of what was sent
    "sent_version": pl.String,  # AK103, or AK203
    "sent_kind": pl.String,  # AK201
    "sent_control": pl.String,  # AK202: ST02 of what was sent
    "sent_segment_id": pl.String,  # IK301
    "sent_position": pl.UInt32,  # IK302: which segment of the transaction that was sent, its ST is 1
    "sent_loop": pl.String,  # IK303
    "sent_element": pl.UInt32,  # IK401-1
    "sent_component": pl.UInt32,  # IK401-2
    "claim_id": pl.String,  # CTX of the segment that names CLM01; where it starts with CLM01, its value
    "verdict": pl.String,  # AK901 or IK501: A, E, P, R …; null for a segment or element
    "errors": pl.List(pl.String),  # IK304, IK403, IK502 to 06, AK905 to 09
    "included": pl.UInt32,  # AK902: transactions the group says it has
    "received": pl.UInt32,  # AK903
    "accepted": pl.UInt32,  # AK904
}

CLAIM_STATUSES: Schema = {
    "status_key": pl.UInt32,  # one row is one status code of a 277CA
    "file": pl.String,
    "segment": pl.UInt32,  # of its STC
    "byte": pl.Int64,
    "level": pl.String,  # whose status: source, batch (receiver), provider, claim or line
    "claim_segment": pl.UInt32,  # of the TRN that names the claim; null for a status of no one claim
    "control": pl.String,  # ST02
    "source_kind": pl.String,  # NM101 of the source: PR a payer, AY a clearinghouse
    "source_id": pl.String,  # its NM109
    "source_name": pl.String,  # its NM103: an organisation
    "received_on": pl.Date,  # DTP*050 of the source: the day it received what was sent
    "processed_on": pl.Date,  # DTP*009
    "produced_on": pl.Date,  # BHT04, else GS04
    "batch": pl.String,  # TRN02 of the receiver: BHT03 of what was sent
    "billing_npi": pl.String,
    "member_id": pl.String,
    "claim_id": pl.String,  # TRN02 of the patient: CLM01
    "payer_control": pl.String,  # REF*1K
    "clearinghouse_number": pl.String,  # REF*D9
    "served_on": pl.Date,  # DTP*472 of the claim, or of the line
    "served_to": pl.Date,
    "line_control": pl.String,  # REF*FJ of the line
    "code": pl.String,  # SVC01-2
    "place": pl.UInt8,  # 1 for STC01, 2 for STC10, 3 for STC11
    "category": pl.String,  # STC01-1
    "status": pl.String,  # STC01-2
    "entity": pl.String,  # STC01-3
    "effective_on": pl.Date,  # STC02
    "action": pl.String,  # STC03: WQ accepted, U rejected
    "charge_cents": pl.Int64,  # STC04
    "accepted_count": pl.UInt32,  # QTY*90, of a provider QTY*QA
    "rejected_count": pl.UInt32,  # QTY*AA, of a provider QTY*QC
    "accepted_cents": pl.Int64,  # AMT*YU
    "rejected_cents": pl.Int64,  # AMT*YY
}

ANSWERS: Schema = {
    "claim_key": pl.UInt32,  # one row is one thing that an acknowledgement says of one submitted claim
    "source": pl.String,  # 277CA, 999 or 997
    "level": pl.String,  # as there; an error of a segment or element is of the claim it stands in
    "verdict": pl.String,  # a value of denials.standings.Verdict
    "told_on": pl.Date,  # the day it takes effect, else was processed, else produced
    "received_on": pl.Date,  # the day that whoever answers received what was sent; null where not told
    "by": pl.String,  # payer, clearinghouse or receiver, who may be either
    "by_name": pl.String,
    "file": pl.String,
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "category": pl.String,
    "status": pl.String,
    "entity": pl.String,
    "line_control": pl.String,
    "errors": pl.List(pl.String),
    "sent_segment": pl.UInt32,  # the segment of the file that was sent, where one is named
    "sent_element": pl.UInt32,
    "payer_control": pl.String,
    "how": pl.String,  # by what the claim was told, in words
    "certainty": pl.String,
    "says": pl.String,  # in our own words
}

STRAYS: Schema = {
    "file": pl.String,  # one row is one thing that an acknowledgement says of nothing that is known
    "segment": pl.UInt32,
    "byte": pl.Int64,
    "source": pl.String,
    "level": pl.String,
    "verdict": pl.String,
    "told_on": pl.Date,
    "claim_id": pl.String,
    "category": pl.String,
    "status": pl.String,
    "errors": pl.List(pl.String),
    "sent_file": pl.String,  # where it is known which file it answers, though not which claim
    "sent_segment": pl.UInt32,
    "says": pl.String,
    "reason": pl.String,  # why no claim is matched
    "candidates": pl.List(pl.UInt32),  # the claims that came into question
}

STANDINGS: Schema = {
    "claim_key": pl.UInt32,  # one row is one submitted claim
    "claim_id": pl.String,
    "sent_file": pl.String,
    "sent_segment": pl.UInt32,
    "charge_cents": pl.Int64,
    "standing": pl.String,  # a value of denials.standings.Verdict, or unanswered
    "told_on": pl.Date,
    "by": pl.String,
    "by_name": pl.String,
    "says": pl.String,
    "file": pl.String,  # of the answer that stands
    "segment": pl.UInt32,
    "certainty": pl.String,
    "answers": pl.UInt32,  # how many things were said of it
    "later_code": pl.String,  # of the last answer after a rejection that stands, which does not lift it
    "later_on": pl.Date,
    "later_by": pl.String,
    "resent_as": pl.UInt32,  # claim_key of the last later submission of the same claim id
    "payer_control": pl.String,
    "proof": pl.String,  # what shows that it was filed in time, in words; null where nothing does
    "proof_on": pl.Date,  # the day of receipt that it shows
    "proof_file": pl.String,
    "proof_segment": pl.UInt32,
    "proof_byte": pl.Int64,
}

DENIAL_LINE_FACTS: Schema = {
    "remit_line_key": pl.UInt32,  # one row is what is known of one SVC beside the remittance; null: not known
    "ncci_indicator": pl.Int8,  # of the pair that was denied: 0 no modifier lifts it, 1 one may
    "expected_cents": pl.Int64,  # what the payer should have allowed
    "short_cents": pl.Int64,  # how much less than that it allowed; 0 where it allowed enough
}

DENIAL_CLAIM_FACTS: Schema = {
    "remit_key": pl.UInt32,  # one row is what is known of one CLP beside the remittance; null: not known
    "program": pl.String,  # a value of model.denials.InsuranceProgram; null: as CLP06 says
    "filed_in_time": pl.Boolean,  # whether there is proof that the payer had the claim in time
    "qmb": pl.Boolean,  # whether the patient is a Qualified Medicare Beneficiary
    "notice_signed": pl.Boolean,  # whether the patient signed a notice that the service may not be covered
    "authorised": pl.Boolean,  # whether there is an approval for it
    "decided_level": pl.UInt8,  # the highest level of appeal that has decided, 0 for none
    "decided_on": pl.Date,  # the day of that decision's notice
    "records_asked_on": pl.Date,  # the day of the payer's request for records
}

DENIAL_LIMITS: Schema = {
    "payer": pl.String,  # one row is what a contract says of one route: the payer's id or name
    "route": pl.String,  # a value of model.denials.Route
    "days": pl.Int32,  # from the remittance; for records from the request, for a new claim from the service
}

DECISIONS: Schema = {
    "remit_key": pl.UInt32,  # one row is one adjustment, in the order of ADJUSTMENTS
    "remit_line_key": pl.UInt32,
    "segment": pl.UInt32,
    "place": pl.UInt8,
    "group": pl.String,
    "reason": pl.String,
    "cents": pl.Int64,
    "cause": pl.String,  # one of model.denials.CAUSE_WORDS
    "action": pl.String,  # a value of model.denials.Action
    "appealable": pl.String,  # yes, no, unknown
    "owner": pl.String,  # a value of model.denials.Owner
    "evidence": pl.List(pl.String),  # of model.denials.EVIDENCE_WORDS
    "ordinary": pl.Boolean,  # no denial: contract, patient's share, sequestration …
    "guardrails": pl.List(pl.String),  # those that held, first first
    "codes": pl.List(pl.String),  # what decided: the adjustment, then remark codes
    "also": pl.List(pl.String),  # what other remark codes say
    "unread": pl.List(pl.String),  # remark codes that are not known here
    "why": pl.String,
    "next": pl.String,
    "cites": pl.List(pl.String),  # ids of sources
    "needs": pl.List(pl.String),  # what is missing, and who can tell it; empty where it is sure
}

DETERMINATIONS: Schema = {
    "determination_key": pl.UInt32,  # one row is one claim or line that was denied, or cut beyond contract
    "payment_key": pl.UInt32,
    "remit_key": pl.UInt32,
    "remit_line_key": pl.UInt32,  # null where the claim as a whole was adjusted
    "payer": pl.String,  # its id, else its name
    "program": pl.String,  # a value of model.denials.InsuranceProgram; null where not known
    "claim_id": pl.String,
    "line": pl.UInt32,
    "code": pl.String,  # as submitted
    "served_on": pl.Date,
    "noticed_on": pl.Date,  # the earlier of the days of payment and of the remittance
    "what": pl.String,  # a value of model.denials.What
    "cause": pl.String,
    "action": pl.String,
    "appealable": pl.String,
    "route": pl.String,  # a value of model.denials.Route: by what the deadline is counted; null for none
    "level": pl.UInt8,  # of appeal: the next to be asked
    "level_title": pl.String,
    "deadline": pl.Date,  # the last day on which it must have arrived; null where not known
    "clock": pl.String,  # how the deadline was counted
    "minimum_cents": pl.Int64,  # the amount in controversy that the level wants
    "at_stake_cents": pl.Int64,
    "stake_basis": pl.String,  # charge, or expected: what should have been allowed
    "evidence": pl.List(pl.String),
    "owner": pl.String,
    "codes": pl.List(pl.String),
    "also": pl.List(pl.String),
    "unread": pl.List(pl.String),
    "why": pl.String,
    "next": pl.String,
    "cites": pl.List(pl.String),
    "sure": pl.Boolean,
    "needs": pl.List(pl.String),
}

WORK: Schema = {
    **DETERMINATIONS,
    "rank": pl.UInt32,  # 1 is first
    "days_left": pl.Int32,  # from the day of the list; null where no deadline is known
    "urgency_tenths": pl.Int32,
    "chance_percent": pl.Int32,
    "score_cents": pl.Int64,  # at stake × chance × urgency
    "told": pl.String,  # the score in words
}

WEEKS: Schema = {
    "payer": pl.String,  # one row is one payer's week of one family of services
    "family": pl.String,
    "week": pl.Date,  # its Monday, by the day of the remittance
    "claims": pl.UInt32,  # claims with a service of the family
    "hit": pl.UInt32,  # those of them that have a determination there
    "cents": pl.Int64,  # at stake
    "rate": pl.Float64,
}

CHANGES: Schema = {
    "payer": pl.String,  # one row is one change of one payer's rate for one family of services
    "family": pl.String,
    "since": pl.Date,  # the first week of the new rate
    "until": pl.Date,  # the last week of it that was seen
    "before_claims": pl.UInt32,
    "before_hit": pl.UInt32,
    "after_claims": pl.UInt32,
    "after_hit": pl.UInt32,
    "before_rate": pl.Float64,
    "after_rate": pl.Float64,
    "excess_cents": pl.Int64,  # at stake in the new weeks beyond the old cents a claim
    "cause": pl.String,  # the cause that changed the most
    "confidence": pl.Float64,  # 1 less the chance of such a change anywhere by chance
    "told": pl.String,
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
    if dict(frame.schema) != dict(schema):
        wrong = {n for n, k in frame.schema.items() if n not in schema or k != schema[n]}
        raise ValueError(
            f"frame differs from its schema: {sorted(wrong | (set(schema) - set(frame.columns)))}"
        )
    return frame
