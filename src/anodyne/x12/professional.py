"""The professional claim, 837 of 005010X222 and its addenda: which column is read from where."""

from typing import Final

from anodyne.x12.columns import cents, day, joined, last_day, number, text, whole
from anodyne.x12.guide import Column, Kind, Level, Source

GROUP: Final = "HC"
TRANSACTION: Final = "837"
VERSIONS: Final = ("005010X222", "005010X222A1", "005010X222A2")
KIND: Final = Kind(
    group=GROUP,
    transaction=TRANSACTION,
    versions=VERSIONS,
    words="professional claim file (837P)",
    wanted="an 837P file as the practice system or clearinghouse wrote it",
    ends=("CLM",),
    levels=(Level("HL", 3, "20"), Level("HL", 3, "22"), Level("HL", 3, "23")),
)

_BILLING = Source("provider", ("2010AA",), "NM1")
_BILLING_PLACE = Source("provider", ("2010AA",), "N4")
_SUBSCRIBER = Source("subscriber", ("2000B",), "SBR")
_MEMBER = Source("subscriber", ("2010BA",), "NM1")
_PAYER = Source("subscriber", ("2010BB",), "NM1")
_CLAIM = Source("claim", ("2300",), "CLM")
_DIAGNOSES = Source("claim", ("2300",), "HI", ("ABK", "BK"))
_FACILITY = Source("claim", ("2310C",), "NM1")
_FACILITY_PLACE = Source("claim", ("2310C",), "N4")
_LINE = Source("line", ("2400",), "LX")
_SERVICE = Source("line", ("2400",), "SV1")
_SERVED = Source("line", ("2400", "2410"), "DTP", ("472",))
_DRUG = Source("line", ("2410",), "LIN")
_DRUG_QUANTITY = Source("line", ("2410",), "CTP")
_OWN_AUTHORISATION = Source("line", ("2400",), "REF", ("G1",), unless=4)
"""REF04 names another payer than the one the claim goes to."""
_COVERAGE = Source("other_payer", ("2320",), "SBR")
_INFORMATION = Source("other_payer", ("2320",), "OI")
_REMARKS = Source("other_payer", ("2320",), "MOA")
_OTHER_PAYER = Source("other_payer", ("2330B",), "NM1")
_DECISION = Source("adjudication", ("2430",), "SVD")
_IS_NPI: Final = (8, "XX")


def _reference(owner: str, loops: tuple[str, ...], qualifier: str) -> Source:
    return Source(owner, loops, "REF", (qualifier,))


def _date(qualifier: str) -> Source:
    return Source("claim", ("2300",), "DTP", (qualifier,))


def _amount(owner: str, loop: str, qualifier: str) -> Source:
    return Source(owner, (loop,), "AMT", (qualifier,))


def _decided(owner: str, loop: str) -> Source:
    return Source(owner, (loop,), "DTP", ("573",))


def _name(loop: str, owner: str = "claim", *entities: str) -> Source:
    return Source(owner, (loop,), "NM1", entities)


CLAIM_COLUMNS: Final = (
    Column("claim_id", _CLAIM, 1, text),
    Column("payer_id", _PAYER, 9, text),
    Column("payer_name", _PAYER, 3, text),
    Column("filing", _SUBSCRIBER, 9, text),
    Column("payer_rank", _SUBSCRIBER, 1, text),
    Column("insurance_type", _SUBSCRIBER, 5, text),
    Column("group_number", _SUBSCRIBER, 3, text),
    Column("member_id", _MEMBER, 9, text),
    Column("subscriber_relationship", _SUBSCRIBER, 2, text),
    Column("patient_relationship", Source("patient", ("2000C",), "PAT"), 1, text),
    Column("subscriber_birth", Source("subscriber", ("2010BA",), "DMG"), 2, day),
    Column("patient_birth", Source("patient", ("2010CA",), "DMG"), 2, day),
    Column("subscriber_sex", Source("subscriber", ("2010BA",), "DMG"), 3, text),
    Column("patient_sex", Source("patient", ("2010CA",), "DMG"), 3, text),
    Column("patient_first_name", Source("patient", ("2010CA",), "NM1"), 4, text),
    Column("billing_npi", _BILLING, 9, text, when=_IS_NPI),
    Column("billing_taxonomy", Source("provider", ("2000A",), "PRV"), 3, text),
    Column("rendering_npi", _name("2310B"), 9, text, when=_IS_NPI),
    Column("rendering_taxonomy", Source("claim", ("2310B",), "PRV"), 3, text),
    Column("referring_npi", _name("2310A", "claim", "DN"), 9, text, when=_IS_NPI),
    Column("supervising_npi", _name("2310D"), 9, text, when=_IS_NPI),
    Column("facility_npi", _FACILITY, 9, text, when=_IS_NPI),
    Column("facility_state", _FACILITY_PLACE, 2, text),
    Column("facility_zip", _FACILITY_PLACE, 3, text),
    Column("billing_state", _BILLING_PLACE, 2, text),
    Column("billing_zip", _BILLING_PLACE, 3, text),
    Column("pos", _CLAIM, 5, text, component=1),
    Column("frequency", _CLAIM, 5, text, component=3),
    Column("original_ref", _reference("claim", ("2300",), "F8"), 2, text),
    Column("auth_number", _reference("claim", ("2300",), "G1"), 2, text),
    Column("referral_number", _reference("claim", ("2300",), "9F"), 2, text),
    Column("clia", _reference("claim", ("2300",), "X4"), 2, text),
    Column("medical_record", _reference("claim", ("2300",), "EA"), 2, text),
    Column("subscriber_property_claim", _reference("subscriber", ("2010BA",), "Y4"), 2, text),
    Column("patient_property_claim", _reference("patient", ("2010CA",), "Y4"), 2, text),
    Column("charge_cents", _CLAIM, 2, cents),
    Column("assignment", _CLAIM, 7, text),
    Column("benefits_assigned", _CLAIM, 8, text),
    Column("release", _CLAIM, 9, text),
    Column("cause1", _CLAIM, 11, text, component=1),
    Column("cause2", _CLAIM, 11, text, component=2),
    Column("cause3", _CLAIM, 11, text, component=3),
    Column("cause_state", _CLAIM, 11, text, component=4),
    Column("onset_on", _date("431"), 3, day),
    Column("initial_treatment_on", _date("454"), 3, day),
    Column("last_seen_on", _date("304"), 3, day),
    Column("accident_on", _date("439"), 3, day),
    Column("admitted_on", _date("435"), 3, day),
    Column("discharged_on", _date("096"), 3, day),
    Column("attachment", Source("claim", ("2300",), "PWK"), 1, text),
    Column("attachment_control", Source("claim", ("2300",), "PWK"), 6, text),
    Column("condition", Source("claim", ("2300",), "CRC"), 1, text),
    Column("note", Source("claim", ("2300",), "NTE"), 2, text),
    *(Column(f"dx{n}", _DIAGNOSES, n, text, component=2) for n in range(1, 13)),
    Column("dx_system", _DIAGNOSES, 1, text, component=1),
)

LINE_COLUMNS: Final = (
    Column("line", _LINE, 1, whole),
    Column("code_system", _SERVICE, 1, text, component=1),
    Column("code", _SERVICE, 1, text, component=2),
    *(Column(f"mod{n}", _SERVICE, 1, text, component=n + 2) for n in range(1, 5)),
    Column("description", _SERVICE, 1, text, component=7),
    Column("units", _SERVICE, 4, number),
    Column("unit_basis", _SERVICE, 3, text),
    Column("charge_cents", _SERVICE, 2, cents),
    Column("served_on", _SERVED, 3, day),
    Column("served_to", _SERVED, 3, last_day),
    Column("dx_pointers", _SERVICE, 7, joined),
    Column("emergency", _SERVICE, 9, text),
    Column("line_pos", _SERVICE, 5, text),
    Column("line_rendering_npi", _name("2420A", "line"), 9, text, when=_IS_NPI),
    Column("line_rendering_taxonomy", Source("line", ("2420A",), "PRV"), 3, text),
    Column("ndc", _DRUG, 3, text, when=(2, "N4")),
    Column("ndc_qty", _DRUG_QUANTITY, 4, number),
    Column("ndc_unit", _DRUG_QUANTITY, 5, text, component=1),
    Column("control_number", _reference("line", ("2400", "2410"), "6R"), 2, text),
    Column("line_auth_number", _OWN_AUTHORISATION, 2, text),
    Column("line_clia", _reference("line", ("2400",), "X4"), 2, text),
    Column("note", Source("line", ("2400",), "NTE"), 2, text),
)

OTHER_PAYER_COLUMNS: Final = (
    Column("payer_id", _OTHER_PAYER, 9, text),
    Column("payer_name", _OTHER_PAYER, 3, text),
    Column("filing", _COVERAGE, 9, text),
    Column("payer_rank", _COVERAGE, 1, text),
    Column("insurance_type", _COVERAGE, 5, text),
    Column("relationship", _COVERAGE, 2, text),
    Column("group_number", _COVERAGE, 3, text),
    Column("member_id", Source("other_payer", ("2330A",), "NM1"), 9, text),
    Column("paid_cents", _amount("other_payer", "2320", "D"), 2, cents),
    Column("uncovered_cents", _amount("other_payer", "2320", "A8"), 2, cents),
    Column("patient_cents", _amount("other_payer", "2320", "EAF"), 2, cents),
    Column("benefits_assigned", _INFORMATION, 3, text),
    Column("release", _INFORMATION, 6, text),
    *(Column(f"remark{n}", _REMARKS, n + 2, text) for n in range(1, 6)),
    Column("decided_on", _decided("other_payer", "2330B"), 3, day),
    Column("payer_control", _reference("other_payer", ("2330B",), "F8"), 2, text),
    Column("auth_number", _reference("other_payer", ("2330B",), "G1"), 2, text),
    Column("referral_number", _reference("other_payer", ("2330B",), "9F"), 2, text),
)

ADJUDICATION_COLUMNS: Final = (
    Column("payer_id", _DECISION, 1, text),
    Column("paid_cents", _DECISION, 2, cents),
    Column("code_system", _DECISION, 3, text, component=1),
    Column("code", _DECISION, 3, text, component=2),
    *(Column(f"mod{n}", _DECISION, 3, text, component=n + 2) for n in range(1, 5)),
    Column("description", _DECISION, 3, text, component=7),
    Column("units", _DECISION, 5, number),
    Column("bundled_line", _DECISION, 6, whole),
    Column("patient_cents", _amount("adjudication", "2430", "EAF"), 2, cents),
    Column("decided_on", _decided("adjudication", "2430"), 3, day),
)
