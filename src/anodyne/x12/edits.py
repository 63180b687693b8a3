"""The structural edits: what each `X12-…` id means, what comes of it, and by whose authority."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from anodyne.kernel.cite import Cite
from anodyne.model.outcome import Outcome

_READ: Final = dt.date(2026, 11, 21)
_READ_LATER: Final = dt.date(2026, 11, 29)
_HIPAA: Final = (
    "https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-162/subpart-K/section-162.1102"
)
_GUIDE: Final = Cite(
    "ASC X12N 005010X222A1, adopted for professional claims",
    "45 CFR 162.1102(c)",
    _HIPAA,
    _READ,
    confidence="known",
)
_CONTROL: Final = Cite(
    "ASC X12 005010, interchange control and application control",
    "X12.5 and X12.6",
    "",
    _READ,
    confidence="known",
)
_NPI: Final = Cite(
    "National Provider Identifier standard (ISO 7812 check digit, prefix 80840)",
    "45 CFR 162.406",
    "https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-162/subpart-D/section-162.406",
    _READ,
    confidence="known",
)
_SPLIT_LINES: Final = Cite(
    "X12 requests for interpretation, 005010X222",
    "RFI 1551: balancing of unbundled services",
    "https://x12.org/resources/requests-for-interpretation",
    _READ_LATER,
    confidence="verified",
)
_ORIGINALS: Final = Cite(
    "X12 requests for interpretation, 005010X223A2, whose REF*F8 has the same rule",
    "RFI 1538 and 2110: the payer's control number on an original claim",
    "https://x12.org/resources/requests-for-interpretation/rfi-1538-5010837i2300clm05-3-and-ref",
    _READ_LATER,
    confidence="known",
)
_SECONDARY: Final = Cite(
    "First Coast Service Options, electronic filing of Medicare Part B secondary payer claims (5010)",
    "2000B SBR",
    "https://medicare.fcso.com/MSP/138521.asp",
    _READ_LATER,
    confidence="verified",
)
_CODE_SETS: Final = Cite(
    "Medical data code sets",
    "45 CFR 162.1002",
    "https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-162/subpart-J/section-162.1002",
    _READ,
    confidence="known",
)
_PLACES: Final = Cite(
    "CMS place of service code set",
    "Professional claims",
    "https://www.cms.gov/medicare/coding-billing/place-of-service-codes/code-sets",
    _READ,
    confidence="known",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One structural check: a permanent id, what it finds (`title`), what is compared (`statement`)."""

    id: str
    outcome: Outcome
    title: str
    statement: str
    cite: Cite


def _reject(edit: str, title: str, statement: str, cite: Cite = _GUIDE) -> Edit:
    return Edit(edit, Outcome.REJECT, title, statement, cite)


_ALL: Final = (
    # envelope
    _reject(
        "X12-ENVELOPE",
        "A header or trailer of the envelope is missing or out of place.",
        "ISA, GS, ST, SE, GE and IEA nest: each header is closed by its trailer, and nothing stands "
        "between envelopes.",
        _CONTROL,
    ),
    _reject(
        "X12-COUNT",
        "A trailer counts wrongly.",
        "SE01 is the number of segments from ST to SE, GE01 the number of transactions, IEA01 the "
        "number of groups.",
        _CONTROL,
    ),
    _reject(
        "X12-CONTROL",
        "A trailer's control number is not that of its header.",
        "SE02 is ST02, GE02 is GS06, IEA02 is ISA13.",
        _CONTROL,
    ),
    _reject(
        "X12-CONTROL-REPEAT",
        "A control number is used twice.",
        "ISA13 is used once in a file, GS06 once in an interchange, ST02 once in a group.",
        _CONTROL,
    ),
    # segments and loops
    _reject(
        "X12-SEG-EMPTY",
        "An empty segment stands in the file.",
        "Two segment terminators stand in a row, or a segment has an id and no elements.",
        _CONTROL,
    ),
    _reject(
        "X12-SEG-UNKNOWN",
        "A segment is not one that a professional claim has.",
        "The segment id is one that the guide uses somewhere.",
    ),
    _reject(
        "X12-SEG-PLACE",
        "A segment stands in a loop that does not hold it.",
        "The loop that is open at the segment holds segments of that id.",
    ),
    _reject(
        "X12-QUALIFIER",
        "A segment bears a qualifier that the guide does not use there.",
        "Where the guide tells uses of a segment apart by a qualifier, the qualifier is one of those "
        "of the loop.",
    ),
    _reject(
        "X12-SEG-ORDER",
        "A segment comes too late in its loop.",
        "Segments of a loop come in the guide's order; those the guide puts at one position come in "
        "any order.",
    ),
    _reject(
        "X12-SEG-REPEAT",
        "A segment is repeated too often in its loop.",
        "The guide's maximum for each use of a segment in one loop.",
    ),
    _reject(
        "X12-SEG-MISSING",
        "A segment that its loop must have is missing.",
        "Each loop that is opened holds every segment that the guide requires in it.",
    ),
    _reject(
        "X12-LOOP-MISSING",
        "A loop that must be there is missing.",
        "Each loop that is opened holds every loop that the guide requires in it, such as a payer for "
        "each subscriber.",
    ),
    _reject(
        "X12-LOOP-ORDER",
        "A loop stands where the guide does not allow it.",
        "Loops come inside their parent and in the guide's order; those at one position come in any order.",
    ),
    _reject(
        "X12-LOOP-REPEAT",
        "A loop is repeated too often.",
        "The guide's maximum for each loop inside its parent.",
    ),
    # levels and numbering
    _reject(
        "X12-HL-NUMBER",
        "Hierarchical levels are not numbered one by one.",
        "HL01 starts at 1 in each transaction and rises by 1.",
    ),
    _reject(
        "X12-HL-PARENT",
        "A hierarchical level names a parent that is not the one it stands under.",
        "HL02 is the HL01 of the billing level for a subscriber and of the subscriber for a dependent.",
    ),
    _reject("X12-HL-LEVEL", "A hierarchical level is of no kind that a claim has.", "HL03 is 20, 22 or 23."),
    _reject(
        "X12-HL-CHILD",
        "A hierarchical level says wrongly whether levels follow under it.",
        "HL04 is 1 where a level stands under this one, and 0 where none does.",
    ),
    _reject(
        "X12-HL-BARREN",
        "A hierarchical level leads to no claim.",
        "A billing level holds subscribers; a subscriber holds claims or dependents; a dependent holds "
        "claims.",
    ),
    _reject(
        "X12-LX",
        "Service lines are not numbered one by one.",
        "LX01 starts at 1 in each claim and rises by 1.",
    ),
    # elements
    _reject(
        "X12-ELM-MISSING",
        "An element that must be there is missing.",
        "The guide's required elements and components.",
    ),
    _reject(
        "X12-ELM-UNUSED",
        "An element is filled that the guide does not use.",
        "The guide's elements that are not used.",
    ),
    _reject(
        "X12-ELM-SURPLUS",
        "A segment has more elements than it can have.",
        "The number of elements and components of each segment.",
    ),
    _reject(
        "X12-ELM-LENGTH",
        "An element is too long or too short.",
        "The shortest and longest form of each element.",
    ),
    _reject(
        "X12-ELM-TYPE",
        "An element is not of its type.",
        "Numbers are digits with a sign and at most one point.",
    ),
    _reject(
        "X12-ELM-PAIR",
        "Elements that belong together are not together.",
        "The rules of paired and conditional elements.",
    ),
    _reject(
        "X12-ELM-TRAILING",
        "A segment ends with empty elements.",
        "Separators after the last element or component that is filled are left out.",
        _CONTROL,
    ),
    _reject(
        "X12-CHARACTER",
        "A character stands in the data that X12 does not allow.",
        "No control characters within elements.",
        _CONTROL,
    ),
    _reject(
        "X12-CODE",
        "A value is none of the codes that the guide allows there.",
        "The guide's closed lists of codes.",
    ),
    # values
    _reject(
        "X12-NPI",
        "An NPI is not a valid one.",
        "Ten digits, the first 1 or 2, the last the check digit.",
        _NPI,
    ),
    _reject(
        "X12-DATE",
        "A date is no day of the calendar, or not in its format.",
        "CCYYMMDD, or two of them with a hyphen for a range.",
    ),
    _reject("X12-TIME", "A time is no time of day.", "HHMM, with seconds and fractions where given."),
    _reject(
        "X12-RANGE",
        "A range of dates ends before it begins.",
        "The first day of a range is not after its last.",
    ),
    _reject(
        "X12-STATE",
        "A state is none of the postal codes.",
        "States, territories, military mail, and provinces of Canada.",
    ),
    _reject(
        "X12-ZIP",
        "A ZIP code is not a valid one.",
        "Five or nine digits in the United States; nine for the billing provider and the service facility.",
    ),
    _reject(
        "X12-ADDRESS",
        "An address in the United States lacks its state or ZIP code.",
        "N402 and N403 where N404 names no other country.",
    ),
    _reject(
        "X12-PO-BOX",
        "The billing provider's address is a post-office box.",
        "N3 of the billing provider is a street address.",
    ),
    _reject(
        "X12-TAX-ID",
        "A tax identification number is not nine digits.",
        "REF*EI and REF*SY of the billing provider.",
    ),
    _reject(
        "X12-TAXONOMY", "A taxonomy code is not shaped like one.", "Ten letters and digits, the last an X."
    ),
    _reject("X12-CONTACT", "A telephone number is not ten digits.", "Numbers after TE and FX in PER."),
    _reject(
        "X12-POS",
        "A place of service is none of the codes in use.",
        "The list of places of service.",
        _PLACES,
    ),
    _reject(
        "X12-PROCEDURE",
        "A procedure code is not shaped like one.",
        "Five characters in the form of CPT or HCPCS Level II.",
        _CODE_SETS,
    ),
    _reject(
        "X12-MODIFIER", "A modifier is not shaped like one.", "Two capital letters or digits.", _CODE_SETS
    ),
    _reject(
        "X12-DX",
        "A diagnosis code is not shaped like one.",
        "ICD-10-CM: a letter, a digit, then up to five letters or digits, without the point.",
        _CODE_SETS,
    ),
    _reject(
        "X12-DX-SYSTEM",
        "ICD-9-CM is used after its end.",
        "BK and BF only for services before 2015-10-01.",
        _CODE_SETS,
    ),
    _reject(
        "X12-NDC",
        "A national drug code is not eleven digits.",
        "LIN03 where LIN02 is N4: 5-4-2 digits without hyphens.",
        _CODE_SETS,
    ),
    _reject(
        "X12-AMOUNT",
        "An amount has more than two decimals or is negative.",
        "CLM02, SV102 and the other amounts.",
    ),
    _reject("X12-UNITS", "The units of a service line are not more than zero.", "SV104."),
    # days
    _reject(
        "X12-DATE-FUTURE", "A service is dated after the file was made.", "DTP*472 against the day in BHT04."
    ),
    _reject(
        "X12-DATE-BIRTH",
        "A birth is dated after the service or the file.",
        "DMG02 of the patient against DTP*472 and BHT04.",
    ),
    _reject(
        "X12-DATE-ONSET",
        "An illness or accident begins after it was treated.",
        "DTP*431, DTP*439 against the last service.",
    ),
    _reject(
        "X12-ACCIDENT-DATE",
        "The date of an accident is missing.",
        "DTP*439 where CLM11 says accident (AA, OA).",
    ),
    _reject(
        "X12-ACCIDENT-STATE", "The state of a motor accident is missing.", "CLM11-4 where CLM11 says AA."
    ),
    _reject(
        "X12-ADMISSION",
        "The day of admission is missing.",
        "DTP*435 where the place of service of the claim is 21.",
    ),
    # who
    _reject(
        "X12-SUBSCRIBER",
        "A subscriber who is the patient lacks address, birth date or sex.",
        "N3, N4 and DMG of the subscriber where SBR02 is 18.",
    ),
    _reject(
        "X12-PATIENT",
        "The claim stands at the wrong person.",
        "A claim stands at the subscriber where SBR02 is 18 and at the dependent where SBR02 is empty.",
    ),
    Edit(
        "X12-FILING",
        Outcome.ASK,
        "The kind of payer is not said.",
        "SBR09 of the payer that the claim goes to: without it no payer's own rules can be applied.",
        _GUIDE,
    ),
    # sums and pointers
    _reject("X12-BALANCE", "The claim's charge is not the sum of its lines.", "CLM02 is the sum of SV102."),
    _reject(
        "X12-BALANCE-PAYER",
        "What another payer paid and adjusted does not add up to the claim.",
        "Without line adjudication CLM02 = AMT*D + claim CAS; with it AMT*D = sum of SVD02 less claim CAS, "
        "and each line that is charged has been adjudicated.",
    ),
    _reject(
        "X12-BALANCE-LINE",
        "What another payer paid and adjusted does not add up to the line.",
        "SV102 = SVD02 + line CAS; of a line that a payer split, the sum of its parts.",
        _SPLIT_LINES,
    ),
    _reject(
        "X12-PAYER-LINK",
        "A line's adjudication names a payer that the claim does not have.",
        "SVD01 is the NM109 of a 2330B.",
    ),
    _reject(
        "X12-PAYER-RANK",
        "Two payers of a claim have the same rank.",
        "SBR01 of the payer that the claim goes to and of its other payers (2320) differ, or are U, unknown.",
    ),
    _reject(
        "X12-PAYER-DATE",
        "The day of another payer's decision is missing.",
        "Where AMT*D says what a payer paid, DTP*573 stands in its 2330B or in the 2430 of the lines.",
    ),
    _reject(
        "X12-MSP",
        "It is not said why Medicare pays after another payer.",
        "SBR05 of the payer that the claim goes to, where SBR09 is MA or MB and SBR01 is not P.",
        _SECONDARY,
    ),
    _reject(
        "X12-DX-POINTER",
        "A line points to a diagnosis that is not there.",
        "SV107 counts the diagnoses of HI.",
    ),
    _reject(
        "X12-DX-REPEAT",
        "A diagnosis is given twice.",
        "Each code once among the diagnoses of a claim; each pointer once on a line.",
    ),
    _reject(
        "X12-ORIGINAL-REF",
        "An original claim names an earlier one.",
        "REF*F8 only where CLM05-3 says that the claim replaces or voids that one, not where it is 1.",
        _ORIGINALS,
    ),
    _reject(
        "X12-CLAIM-REPEAT",
        "A claim id is used twice in the file.",
        "CLM01 of two original claims (frequency 1) of one billing provider to payers of one rank (SBR01).",
    ),
)

EDITS: Final = {edit.id: edit for edit in _ALL}
"""Every structural edit by its id."""
