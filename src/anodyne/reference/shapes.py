"""The shape of each table: its key, its columns in the order of the file, and their types."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import polars as pl

Columns = Mapping[str, "pl.DataType | type[pl.DataType]"]

SPAN: Columns = MappingProxyType({"from": pl.Date, "until": pl.Date})


@dataclass(frozen=True, slots=True)
class Shape:
    """What one table holds, its key columns first.

    `open_start`: a row may leave `from` empty, for what began before anything that was read.
    `one_row`: a key has one row, whose span is what the table says of it.
    `dated_rows`: a row of an edition may begin after its edition does, or end before it: it has `from` and
    `until`, null where the publisher sets no such day.
    `title` and `without`: of an edition's table, what people call it, and what is not judged without it.
    """

    key: tuple[str, ...]
    values: Columns
    open_start: bool = False
    one_row: bool = False
    dated_rows: bool = False
    title: str = ""
    without: str = ""

    @property
    def columns(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Key and value columns, in the order of the file."""
        return {**dict.fromkeys(self.key, pl.String), **self.values}

    @property
    def stored(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """The columns of the file of an edition."""
        return {**self.columns, **(SPAN if self.dated_rows else {})}


DIAGNOSIS_CODES = Shape(
    ("code",),
    {
        "number": pl.Int64,
        "side": pl.String,
        "both": pl.String,
        "specific": pl.String,
        "vague": pl.Boolean,
        "manifestation": pl.Boolean,
    },
)
"""Every code of ICD-10-CM that may be billed, as `icd10cm.described` makes it: one table a kind of file."""

_ARTICLES: Final = "diagnoses that a Medicare contractor does not cover; one export holds all five tables"
_ONE_OF_THREE: Final = "diagnosis codes beyond those of a pain practice; one of the three files is enough"

EDITIONS: Mapping[str, Shape] = MappingProxyType(
    {
        "ptp": Shape(
            ("col1", "col2"),
            {"indicator": pl.Int8},
            dated_rows=True,
            title="NCCI pairs",
            without="pairs of codes that are not paid together",
        ),
        "mue": Shape(
            ("code",),
            {"mue": pl.Int32, "mai": pl.Int8},
            title="MUE",
            without="units above Medicare's limits",
        ),
        "add_on": Shape(
            ("add_on", "primary"),
            {"kind": pl.Int8},
            dated_rows=True,
            title="add-on codes",
            without="add-on codes billed without their primary",
        ),
        "fee_schedule": Shape(
            ("code",),
            {
                "status": pl.String,
                "global_days": pl.String,
                "mult_proc": pl.Int8,
                "bilateral": pl.Int8,
                "asst_surg": pl.Int8,
                "pctc": pl.Int8,
                "work_hundredths": pl.Int32,
                "pe_nonfac_hundredths": pl.Int32,
                "pe_fac_hundredths": pl.Int32,
                "mp_hundredths": pl.Int32,
                "conversion_ten_thousandths": pl.Int32,
            },
            title="fee schedule",
            without="status, global days, sides and assistants of a code; its price",
        ),
        "relative_values": Shape(
            ("code",),
            {
                "work_hundredths": pl.Int32,
                "pe_nonfac_hundredths": pl.Int32,
                "pe_fac_hundredths": pl.Int32,
                "mp_hundredths": pl.Int32,
            },
            title="relative values",
            without="nothing, where a fee schedule of these days is loaded: else the price of a code",
        ),
        "gpci": Shape(
            ("mac", "locality"),
            {
                "state": pl.String,
                "work_thousandths": pl.Int32,
                "pe_thousandths": pl.Int32,
                "mp_thousandths": pl.Int32,
            },
            title="GPCI",
            without="what Medicare should pay in a locality: remittances are priced nationally",
        ),
        "code_labels": Shape(
            ("code",), {"label": pl.String}, title="code labels", without="codes in our own words, in reports"
        ),
        "hcpcs": Shape(
            ("code",),
            {"added": pl.Date, "ended": pl.Date},
            title="HCPCS Level II",
            without="supply and drug codes that are not, not yet or no longer valid, but for a few",
        ),
        "article_codes": Shape(
            ("code", "article"),
            {},
            title="article codes",
            without=_ARTICLES,
        ),
        "article_diagnoses": Shape(
            ("article", "dx"),
            {},
            title="article diagnoses",
            without=_ARTICLES,
        ),
        "article_contractors": Shape(
            ("article", "contractor"),
            {},
            title="article contractors",
            without=_ARTICLES,
        ),
        "contractor_states": Shape(
            ("contractor", "state_id"),
            {},
            title="contractor states",
            without=_ARTICLES,
        ),
        "state_numbers": Shape(
            ("state_id",),
            {"state": pl.String},
            title="state numbers",
            without=_ARTICLES,
        ),
        "own_labels": Shape(
            ("code",),
            {"label": pl.String},
            title="your own code list",
            without="codes in your words, in reports",
        ),
        "ncd_diagnoses": Shape(
            ("dx", "ncd"), {}, title="NCD 30.3.3", without="nothing: the diagnoses built in are judged by"
        ),
        "place_names": Shape(
            ("pos",), {"name": pl.String}, title="places of service", without="nothing: places are built in"
        ),
        "adjustment_codes": Shape(
            ("kind", "code"),
            {"text": pl.String},
            dated_rows=True,
            title="adjustment codes",
            without="nothing yet: remittances are not read",
        ),
        "dx_order": replace(DIAGNOSIS_CODES, title="ICD-10-CM order file", without=_ONE_OF_THREE),
        "dx_tabular": replace(DIAGNOSIS_CODES, title="ICD-10-CM tabular", without=_ONE_OF_THREE),
        "dx_list": replace(DIAGNOSIS_CODES, title="ICD-10-CM code list", without=_ONE_OF_THREE),
        "dx_notes": Shape(
            ("kind", "holder", "other"),
            {
                "holder_first": pl.Int64,
                "holder_end": pl.Int64,
                "other_first": pl.Int64,
                "other_end": pl.Int64,
            },
            title="ICD-10-CM notes",
            without="codes that exclude each other, beyond those of a pain practice",
        ),
    }
)
"""Tables that a publisher issues whole, edition by edition."""

DATED: Mapping[str, Shape] = MappingProxyType(
    {
        "code_traits": Shape(
            ("code",),
            {
                "kind": pl.String,
                "group": pl.String,
                "region": pl.String,
                "level": pl.String,
                "imaging": pl.String,
            },
        ),
        "guidance_parents": Shape(("guidance", "primary"), {}),
        "procedure_codes": Shape(
            ("family", "what", "variant", "guidance", "step", "least"),
            {"code": pl.String, "label": pl.String},
        ),
        "procedure_anatomy": Shape(
            ("family", "structure"), {"what": pl.String, "label": pl.String}, open_start=True
        ),
        "spinal_levels": Shape(
            ("family", "level"),
            {"region": pl.String, "place": pl.Int32, "nerves": pl.String},
            open_start=True,
        ),
        "coding_statements": Shape(("statement",), {"says": pl.String, "amount": pl.Int32}),
        "care_exclusives": Shape(("paid", "unpaid"), {"kind": pl.String, "days": pl.Int32}),
        "telehealth_law": Shape(("scope",), {"state": pl.String, "restored_on": pl.Date}),
        "visit_places": Shape(("group", "pos"), {"instead": pl.String, "sure": pl.Boolean}),
        "care_limits": Shape(
            ("code",), {"units": pl.Int32, "period": pl.String, "days": pl.Int32, "one_biller": pl.Boolean}
        ),
        "care_codes": Shape(
            ("code",), {"program": pl.String, "whose": pl.String, "block": pl.String, "minutes": pl.Int32}
        ),
        "care_concurrency": Shape(("program", "other"), {"relation": pl.String}),
        "care_places": Shape(("pos",), {"time": pl.String, "visit": pl.String}),
        "care_transitions": Shape(("code",), {"visit_days": pl.Int32, "complexity": pl.String}),
        "adjustment_accounts": Shape(("reason",), {"account": pl.String, "of_patient": pl.Boolean}),
        "provider_adjustment_accounts": Shape(("reason",), {"account": pl.String}, open_start=True),
        "claim_status_categories": Shape(
            ("category",), {"verdict": pl.String, "says": pl.String}, open_start=True
        ),
        "claim_status_codes": Shape(("status",), {"says": pl.String}, open_start=True),
        "claim_status_entities": Shape(("entity",), {"says": pl.String}, open_start=True),
        "acknowledgement_errors": Shape(("level", "error"), {"says": pl.String}, open_start=True),
        "practitioner_types": Shape(("prefix",), {"type": pl.String, "nonphysician": pl.Boolean}),
        "pain_diagnoses": Shape(("prefix",), {"acute": pl.Boolean, "cause": pl.Boolean}),
        "epidural_steroids": Shape(("code",), {"most_mg": pl.Float64}),
        "sacroiliac_diagnoses": Shape(("prefix",), {}),
        "synovial_cysts": Shape(("dx",), {}),
        "place_settings": Shape(("pos",), {"setting": pl.String}),
        "payment_places": Shape(("pos",), {"facility": pl.Boolean}),
        "locality_states": Shape(("state", "home"), {}, open_start=True),
        "conversion_factors": Shape(("kind",), {"ten_thousandths": pl.Int32}),
        "code_life": Shape(("system", "code"), {"successors": pl.String}, open_start=True, one_row=True),
        "drugs": Shape(
            ("code",),
            {
                "per_amount": pl.Float64,
                "per_unit": pl.String,
                "container": pl.String,
                "separately_payable": pl.Boolean,
                "vial_units": pl.Int32,
            },
        ),
        "drug_ndc": Shape(
            ("ndc",),
            {"code": pl.String, "container": pl.String, "per_ml": pl.Float64, "per_vial": pl.Float64},
        ),
        "course_codes": Shape(("code",), {"course": pl.String, "amount": pl.Int32}),
        "course_diagnoses": Shape(("course", "prefix"), {}),
        "dx_excludes1": Shape(("code", "excluded"), {"kind": pl.String}),
        "dx_unspecified_side": Shape(("code",), {"siblings": pl.String}),
        "dx_visits": Shape(("name",), {"visits": pl.Int32}),
        "federal_holidays": Shape(("day",), {"name": pl.String}),
        "authorisation_codes": Shape(("programme", "code"), {}),
        "authorisation_scope": Shape(("programme", "kind", "value"), {}),
        "g2211_exception": Shape(("code",), {"kind": pl.String}),
        "modifiers": Shape(("modifier",), {"ncci_bypass": pl.Boolean}),
        "payment_terms": Shape(("term",), {"thousandths": pl.Int32}),
        "payment_modifiers": Shape(("modifier",), {"term": pl.String}),
        "adjustment_parts": Shape(("group", "reason"), {"part": pl.String}),
        "code_levels": Shape(("family", "code"), {"level": pl.Int32, "kind": pl.String}),
        "downcode_signs": Shape(("kind", "code"), {"says": pl.String}),
        "denial_actions": Shape(
            ("reason", "group", "remark", "fact"),
            {
                "cause": pl.String,
                "action": pl.String,
                "appealable": pl.String,
                "owner": pl.String,
                "evidence": pl.String,
                "asks": pl.String,
                "decisive": pl.Boolean,
                "says": pl.String,
                "next": pl.String,
            },
        ),
        "denial_guardrails": Shape(
            ("reason", "group", "remark", "fact", "bars"),
            {
                "rank": pl.Int32,
                "name": pl.String,
                "instead": pl.String,
                "appealable": pl.String,
                "says": pl.String,
            },
        ),
        "denial_alerts": Shape(("remark",), {"appealable": pl.String, "says": pl.String}),
        "denial_levels": Shape(
            ("program", "route", "level"),
            {
                "title": pl.String,
                "days": pl.Int32,
                "months": pl.Int32,
                "counts_from": pl.String,
                "receipt_days": pl.Int32,
                "next_workday": pl.Boolean,
                "decision_days": pl.Int32,
            },
        ),
        "denial_amounts": Shape(("program", "level"), {"minimum_cents": pl.Int64}),
        "denial_chances": Shape(("cause",), {"percent": pl.Int32}),
        "denial_urgency": Shape(("days_left",), {"tenths": pl.Int32}),
    }
)
"""Tables kept by hand: each row has its own span of days and its own source."""
