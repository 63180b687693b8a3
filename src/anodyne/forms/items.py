"""What belongs into each item.

By the National Uniform Claim Committee's instruction, and Medicare's own where it differs (chapter 26,
section 10 of its manual).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from anodyne.forms.paper import Coverage, Dated, Insured, Other, Paper
from anodyne.forms.sheet import Sheet
from anodyne.forms.spelled import listed_name, number, plain, spoken_name, street, town, zip_code
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.model.parties import Address, Contact, Dependent, Organisation, Parties, Person, Subscriber

Row = Mapping[str, Any]
"""A row of a frame."""

ON_FILE: Final = "Signature on file"
BETWEEN: Final = "   "
"""Between two pieces of supplemental information: three blanks."""
_COVERAGES: Final[Mapping[str, Coverage]] = MappingProxyType(
    {
        "MB": Coverage.MEDICARE,
        "MC": Coverage.MEDICAID,
        "CH": Coverage.TRICARE,
        "AM": Coverage.OTHER,
        "CI": Coverage.OTHER,
        "HM": Coverage.OTHER,
        "LM": Coverage.OTHER,
        "WC": Coverage.OTHER,
    }
)
"""By filing indicator, where it leaves no doubt about the box."""
_INJURIES: Final = frozenset({"AM", "LM", "WC"})
"""Filing indicators of insurers of injuries."""
_EMPLOYER: Final = "WC"
"""The filing indicator whose insured is an employer."""
_SELF: Final = "18"
_RELATIONSHIPS: Final[Mapping[str, str]] = MappingProxyType({_SELF: "self", "01": "spouse", "19": "child"})
_CAUSES: Final[Mapping[str, str]] = MappingProxyType({"EM": "10a", "AA": "10b", "OA": "10c"})
_ICD: Final[Mapping[str, str]] = MappingProxyType({"ABK": "0", "BK": "9"})
_ASSIGNMENT: Final[Mapping[str, str]] = MappingProxyType({"A": "27.yes", "C": "27.no"})
_TAX_IDS: Final[Mapping[str, str]] = MappingProxyType({"EI": "25.ein", "SY": "25.ssn"})
_ORIGINAL: Final = "1"
_CORRECTIONS: Final = frozenset({"7", "8"})
_HOME: Final = "12"
"""The place of service where the billing provider's address is not where it was."""
_MEDICARE: Final = "MB"
_ILLNESS: Final = frozenset({"431", "439", "484"})
_OTHER_DATES: Final = frozenset({"454", "304", "453", "439", "455", "471", "090", "091", "444"})
_LETTERS: Final = "ABCDEFGHIJKL"
_TAXONOMY: Final = "ZZ"
_NUMBERS: Final = ("auth_number", "referral_number", "clia")


def completed(sheet: Sheet, row: Row, others: Sequence[Row], parties: Parties, paper: Paper) -> Paper:
    """`paper` with what is told of the claim's other payers, where it does not say otherwise itself."""
    decided = [other["paid_cents"] for other in others if other["paid_cents"] is not None]
    paid = sum(decided) if decided and not _is_medicare(row) else None
    policy = paper.other
    if policy is None and not (_is_medicare(row) and _is_first(row)):
        policy = _policy(sheet, row, others, parties)
    return replace(paper, other=policy, paid_cents=paid if paper.paid_cents is None else paper.paid_cents)


def _policy(sheet: Sheet, row: Row, others: Sequence[Row], parties: Parties) -> Other | None:
    """The one other policy that the form has room for: to Medicare as a later payer, the first payer's."""
    told = [other for other in others if not _is_medicare(row) or other["payer_rank"] == "P"]
    if len(told) > 1:
        sheet.refuse("9", "holds one other policy, and the claim has several: say which")
    if len(told) != 1:
        return None
    (other,) = told
    plan = plain(other["payer_name"] or "")
    number = other["group_number"] or other["member_id"] or ""
    if other["relationship"] in {_SELF, None}:
        return Other(number, plan)
    who = parties.insured.get((other["payer_id"] or "", other["member_id"] or ""))
    if who is None:
        sheet.refuse(
            "4" if _is_medicare(row) else "9", "is of somebody who is not among the parties' insured"
        )
        return None
    return Other(number, plan, Insured(who.name, who.address, relationship=other["relationship"]))


def put_claim(sheet: Sheet, row: Row, lines: Sequence[Row], parties: Parties, paper: Paper) -> None:
    """Everything of a claim but its lines and sums; `lines` are all of the claim."""
    _carrier(sheet, row, parties)
    _patient(sheet, row, parties, paper)
    _insured(sheet, row, parties, paper)
    _other(sheet, row, paper)
    _condition(sheet, row, paper)
    _practitioner(sheet, row, parties, paper)
    _diagnoses(sheet, row)
    _references(sheet, row, lines, paper)
    _provider(sheet, row, parties)
    _place(sheet, row, parties)
    sheet.put("31", plain(paper.signed))
    if paper.signed_on is not None:
        sheet.put("31.date", f"{paper.signed_on:%m %d %y}")


def put_line(sheet: Sheet, place: int, line: Row, row: Row, parties: Parties) -> None:
    """A service line at `place` of its page, counted from 0."""
    sheet.put("24.shaded", BETWEEN.join(_supplement(sheet, place, line)), place)
    sheet.put_day("24A.from", line["served_on"], place)
    sheet.put_day("24A.to", line["served_to"] or line["served_on"], place)
    sheet.put("24B", line["pos"] or row["pos"], place)
    sheet.put("24C", "Y" if line["emergency"] == "Y" else "", place)
    sheet.put("24D", line["code"], place)
    for name in MODIFIERS:
        sheet.put(f"24D.{name}", line[name], place)
    sheet.put("24E", _pointers(sheet, place, line, row), place)
    sheet.put_amount("24F", line["charge_cents"], place)
    sheet.put_number("24G", line["units"], place)
    rendering = line["rendering_npi"] or row["rendering_npi"]
    billing = parties.billing.get(row["billing_npi"] or "")
    if rendering is None and billing is not None and isinstance(billing.name, Person):
        sheet.put("24J", row["billing_npi"], place)
    sheet.put("24J", rendering, place)
    taxonomy = line["rendering_taxonomy"]
    if taxonomy is None and rendering == row["rendering_npi"]:
        taxonomy = row["rendering_taxonomy"]
    if taxonomy and not _is_medicare(row):
        sheet.put("24I", _TAXONOMY, place)
        sheet.put("24J.shaded", taxonomy, place)


def _is_medicare(row: Row) -> bool:
    return bool(row["filing"] == _MEDICARE)


def _is_first(row: Row) -> bool:
    return row["payer_rank"] in {"P", None}


def _carrier(sheet: Sheet, row: Row, parties: Parties) -> None:
    sheet.put("carrier.name", plain(row["payer_name"] or ""))
    address = parties.payers.get(row["payer_id"] or "")
    if address is not None:
        sheet.put("carrier.street", plain(address.street))
        sheet.put("carrier.more", plain(address.more))
        sheet.put("carrier.city", town(address))


def _patient(sheet: Sheet, row: Row, parties: Parties, paper: Paper) -> None:
    coverage = paper.coverage or _COVERAGES.get(row["filing"] or "")
    if coverage is not None:
        sheet.check(f"1.{coverage.value}")
    sheet.put("1a", row["member_id"])
    patient = _patient_of(row, parties)
    if patient is None:
        sheet.refuse("2", "is of a patient who is not among the parties")
    else:
        sheet.put("2", listed_name(patient.name))
        _address(sheet, "5", patient.address)
    sheet.put_day("3", row["birth_date"])
    sheet.put_sex("3", row["sex"])
    sheet.put_phone("5", paper.patient_phone)


def _patient_of(row: Row, parties: Parties) -> Dependent | Subscriber | None:
    return parties.dependents.get(row["patient"]) or parties.subscribers.get(row["patient"])


def _address(sheet: Sheet, item: str, address: Address) -> None:
    sheet.put(f"{item}.street", street(address))
    sheet.put(f"{item}.city", plain(address.city))
    sheet.put(f"{item}.state", address.state)
    sheet.put(f"{item}.zip", zip_code(address.zip))


def _insured(sheet: Sheet, row: Row, parties: Parties, paper: Paper) -> None:
    """Items 4, 6, 7, 11 to 11c and 13: whose policy it is."""
    sheet.put("12", ON_FILE if row["release"] == "Y" else "")
    other = paper.other or None
    assigned = row["benefits_assigned"] == "Y"
    if not _is_medicare(row):
        _holder(sheet, row, parties, paper)
        sheet.check(f"6.{_relationship(row['relationship'])}", when=bool(row["relationship"]))
        claim = row["property_claim"] if row["filing"] in _INJURIES else None
        sheet.put("11", row["group_number"] or claim)
        sheet.put("11c", plain(paper.plan))
        sheet.put("13", ON_FILE if assigned else "")
    elif _is_first(row):
        sheet.put("11", "None")
        sheet.put("13", ON_FILE if assigned and other is not None and other.medigap else "")
    elif other is not None:
        _first_payer(sheet, other)
    if row["property_claim"]:
        sheet.put("11b.qualifier", "Y4")
        sheet.put("11b", row["property_claim"])


def _holder(sheet: Sheet, row: Row, parties: Parties, paper: Paper) -> None:
    """Items 4, 7 and 11a for the payer that is billed."""
    holder = paper.insured
    patient = _patient_of(row, parties)
    if holder is None and row["relationship"] == _SELF and row["filing"] != _EMPLOYER:
        if patient is not None:
            holder = Insured(
                patient.name, patient.address, paper.patient_phone, row["birth_date"], row["sex"] or ""
            )
    elif holder is None:
        who = parties.insured.get((row["payer_id"] or "", row["member_id"] or ""))
        holder = None if who is None else Insured(who.name, who.address)
    if holder is not None:
        sheet.put("4", listed_name(holder.name))
        if holder.address is not None:
            _address(sheet, "7", holder.address)
        sheet.put_phone("7", holder.phone)
        sheet.put_day("11a", holder.birth_date)
        sheet.put_sex("11a", holder.sex)


def _first_payer(sheet: Sheet, first: Other) -> None:
    """Items 4 to 11c of a claim to Medicare as a later payer: the policy of the first."""
    holder = first.holder
    sheet.put("4", "Same" if holder is None else listed_name(holder.name))
    sheet.put("11", first.policy)
    sheet.put("11c", plain(first.plan))
    if holder is None:
        sheet.check("6.self")
        sheet.put("7.street", "Same")
        return
    sheet.check(f"6.{_relationship(holder.relationship)}", when=bool(holder.relationship))
    if holder.address is not None:
        _address(sheet, "7", holder.address)
    sheet.put_phone("7", holder.phone)
    sheet.put_day("11a", holder.birth_date)
    sheet.put_sex("11a", holder.sex)


def _relationship(code: str | None) -> str:
    return _RELATIONSHIPS.get(code or "", "other")


def _other(sheet: Sheet, row: Row, paper: Paper) -> None:
    """Items 9, 9a, 9d and 11d: another policy."""
    other = paper.other
    if _is_medicare(row):
        if other and _is_first(row) and other.medigap:
            sheet.put("9", "Same" if other.holder is None else listed_name(other.holder.name))
            sheet.put("9a", f"Medigap {other.policy}" if other.policy else "")
            sheet.put("9d", plain(other.plan))
        return
    if other:
        sheet.check("11d.yes")
        sheet.put("9", "" if other.holder is None else listed_name(other.holder.name))
        sheet.put("9a", other.policy)
        sheet.put("9d", plain(other.plan))
    elif other is False:
        sheet.check("11d.no")


def _condition(sheet: Sheet, row: Row, paper: Paper) -> None:
    """Items 10, 14 to 16 and 18: what it comes from, and its days.

    A claim that names no cause says that there is none, as in an 837P file.
    """
    causes = {row["cause1"], row["cause2"], row["cause3"]}
    for cause, item in _CAUSES.items():
        sheet.check(f"{item}.{'yes' if cause in causes else 'no'}")
    sheet.put("10b.state", row["cause_state"] if "AA" in causes else "")
    sheet.put("10d", paper.claim_codes)
    illness = paper.illness
    began = row["onset_on"] or row["accident_on"]
    if illness is None and began is not None:
        illness = Dated("431", began)
    _dated(sheet, "14", illness, _ILLNESS)
    _dated(sheet, "15", _other_date(sheet, row, paper, illness), _OTHER_DATES)
    sheet.put_day("16.from", paper.unable_from)
    sheet.put_day("16.to", paper.unable_to)
    sheet.put_day("18.from", row["admitted_on"])
    sheet.put_day("18.to", row["discharged_on"])


def _dated(sheet: Sheet, item: str, dated: Dated | None, known: frozenset[str]) -> None:
    if dated is None:
        return
    if dated.qualifier not in known:
        sheet.refuse(item, "has a qualifier that is not one of its own")
        return
    sheet.put(f"{item}.qualifier", dated.qualifier)
    sheet.put_day(item, dated.day)


def _other_date(sheet: Sheet, row: Row, paper: Paper, illness: Dated | None) -> Dated | None:
    """The day of item 15: the one that the frame has, where it has only one."""
    if paper.other_date is not None:
        return paper.other_date
    days = [("454", row["initial_treatment_on"]), ("304", row["last_seen_on"]), ("439", row["accident_on"])]
    told = [Dated(name, day) for name, day in days if day is not None]
    if illness is not None:
        told = [dated for dated in told if (dated.qualifier, dated.day) != ("439", illness.day)]
    if len(told) > 1:
        names = ", ".join(dated.qualifier for dated in told)
        sheet.refuse("15", f"holds one day, and several are known ({names}): say which")
        return None
    return told[0] if told else None


def _practitioner(sheet: Sheet, row: Row, parties: Parties, paper: Paper) -> None:
    """Items 17, 19 and 20; of several practitioners the form has the first of this order."""
    roles = (("DN", row["referring_npi"]), ("DK", paper.ordering_npi), ("DQ", row["supervising_npi"]))
    qualifier, npi = next((role for role in roles if role[1]), ("", ""))
    if npi:
        who = parties.practitioners.get(npi)
        if who is None:
            sheet.refuse("17", "is of a practitioner who is not among the parties")
        else:
            sheet.put("17.qualifier", qualifier)
            sheet.put("17", spoken_name(who))
            sheet.put("17b", npi)
    sheet.put("19", BETWEEN.join(part for part in (row["note"], _attachment(sheet, row, paper)) if part))
    if paper.outside_lab_cents is not None:
        bought = bool(paper.outside_lab_cents)
        sheet.check(f"20.{'yes' if bought else 'no'}")
        sheet.put_amount("20.charges", paper.outside_lab_cents if bought else None)


def _attachment(sheet: Sheet, row: Row, paper: Paper) -> str:
    if not row["attachment"]:
        return ""
    if not paper.attached_by:
        sheet.refuse("19", "names an attachment, and not how it goes")
    return f"PWK{row['attachment']}{paper.attached_by}{row['attachment_control'] or ''}"


def _diagnoses(sheet: Sheet, row: Row) -> None:
    for letter, name in zip(_LETTERS, DIAGNOSES, strict=True):
        sheet.put(f"21{letter}", (row[name] or "").replace(".", ""))
    if row[DIAGNOSES[0]]:
        sheet.put("21.indicator", _ICD.get(row["dx_system"] or ""))


def _references(sheet: Sheet, row: Row, lines: Sequence[Row], paper: Paper) -> None:
    """Items 22, 23 and 26: the numbers by which others know the claim."""
    frequency = row["frequency"]
    if frequency and frequency != _ORIGINAL:
        sheet.put("22.code", frequency)
        sheet.put("22", row["original_ref"])
        if frequency in _CORRECTIONS and not row["original_ref"]:
            sheet.refuse("22", "lacks the payer's number of the claim that is corrected")
    names = [paper.number] if paper.number else _NUMBERS
    told = [(name, row[name]) for name in names if row[name]]
    if len(told) > 1:
        several = ", ".join(name for name, _ in told)
        sheet.refuse("23", f"holds one number, and the claim has several ({several}): say which")
    elif told:
        sheet.put("23", told[0][1])
    for name in names:
        if any(line.get(name) not in {None, row[name]} for line in lines):
            sheet.refuse("23", f"is not of every line: {name} differs, which is a form of its own")
    sheet.put("26", row["claim_id"])


def _provider(sheet: Sheet, row: Row, parties: Parties) -> None:
    """Items 25, 27 and 33: who bills."""
    assignment = row["assignment"]
    if assignment in _ASSIGNMENT:
        sheet.check(_ASSIGNMENT[assignment])
    elif assignment:
        sheet.refuse("27", "has no box for assignment of laboratory services alone")
    billing = parties.billing.get(row["billing_npi"] or "")
    if billing is None:
        sheet.refuse("33", "is of a billing provider who is not among the parties")
        return
    sheet.put("25", billing.tax_id.replace("-", ""))
    sheet.check(_TAX_IDS[billing.tax_id_kind])
    contact: Contact = billing.contact or parties.submitter.contact
    sheet.put_phone("33", contact.phone)
    sheet.put("33.name", spoken_name(billing.name))
    sheet.put("33.street", street(billing.address))
    sheet.put("33.city", town(billing.address))
    sheet.put("33a", row["billing_npi"])
    if row["billing_taxonomy"] and not _is_medicare(row):
        sheet.put("33b", f"{_TAXONOMY}{row['billing_taxonomy']}")


def _place(sheet: Sheet, row: Row, parties: Parties) -> None:
    """Item 32: where it was; at the billing provider's address, if nothing else is told."""
    site = parties.sites.get(row["claim_id"] or "")
    billing = parties.billing.get(row["billing_npi"] or "")
    who: Person | Organisation
    if site is not None:
        who, address, npi = Organisation(site.name), site.address, row["facility_npi"]
    elif row["facility_npi"]:
        sheet.refuse("32", "is of a place that is not among the parties' sites, which go by claim id")
        return
    elif billing is not None and row["pos"] != _HOME:
        who, address, npi = billing.name, billing.address, row["billing_npi"]
    else:
        return
    sheet.put("32.name", spoken_name(who))
    sheet.put("32.street", street(address))
    sheet.put("32.city", town(address))
    sheet.put("32a", npi)


def _pointers(sheet: Sheet, place: int, line: Row, row: Row) -> str:
    """The letters of the line's diagnoses; for Medicare that of the first alone, which is all it takes."""
    letters = ""
    for pointer in (line["dx_pointers"] or "").split(":"):
        if not pointer:
            continue
        at = int(pointer) - 1 if pointer.isdigit() else -1
        if not 0 <= at < len(DIAGNOSES) or not row[DIAGNOSES[at]]:
            sheet.refuse("24E", "points to a diagnosis that the claim does not have", place)
            return ""
        letters += _LETTERS[at]
    return letters[:1] if _is_medicare(row) else letters


def _supplement(sheet: Sheet, place: int, line: Row) -> Iterator[str]:
    """What stands in the shaded part of a line: the drug, then words."""
    if line["ndc"]:
        told = f"N4{line['ndc'].replace('-', '')}"
        if line["ndc_qty"] is not None and line["ndc_unit"]:
            try:
                told += f"{BETWEEN}{line['ndc_unit']}{number(line['ndc_qty'])}"
            except ValueError as error:
                sheet.refuse("24.shaded", str(error), place)
        yield told
    for name in ("description", "note"):
        if line[name]:
            yield f"ZZ{line[name]}"
