"""Made-up rows in the layouts in which publishers issue their tables."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

COPYRIGHT = "CPT only copyright of its owner. All rights reserved."
Row = Sequence[object]

PTP_HEADER = (
    (COPYRIGHT, "", "", "", "", "", ""),
    ("Column1/Column2 Edits", "", "", "", "", "", ""),
    ("Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"),
    ("", "", "prior to 1996", "Date", "Date", "0=not allowed", ""),
    ("", "", "", "", "*=no data", "1=allowed", ""),
    ("", "", "", "", "", "9=not applicable", ""),
)
MUE_HEADER = (
    "HCPCS/\nCPT Code",
    "Practitioner Services MUE Values",
    "MUE Adjudication Indicator",
    "MUE Rationale",
)
AOC_HEADER = (
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Special_Instruction_Notes",
)
RVU_HEADER = (
    f"{',' * 29}NON-FACILITY,FACILITY,\n"
    f",,,,NOT USED{',' * 22}PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED\n"
    f",,,,FOR,,,NON-FAC,,FACILITY{',' * 17}SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS\n"
    ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,POST,"
    "MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT\n"
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,"
    "OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT\n"
)
GPCI_HEADER = (
    "Medicare Administrative Contractor (MAC)",
    "State",
    "Locality Number",
    "Locality Name",
    "{year} PW GPCI (with 1.0 Floor)***",
    "{year} PE GPCI",
    "{year} MP GPCI",
)


def tabbed(rows: Iterable[Row]) -> bytes:
    return "".join("\t".join(map(str, row)) + "\r\n" for row in rows).encode()


def commas(rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def sheet(rows: Iterable[Row]) -> bytes:
    """A workbook of one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for n, row in enumerate(rows):
            page.write_row(n, 0, ["" if cell is None else cell for cell in row])
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def ptp(*edits: Row) -> list[Row]:
    """Edits as (column 1, column 2, effective, deletion, indicator)."""
    rows = [(one, two, "", begins, ends, indicator, "Made up") for one, two, begins, ends, indicator in edits]
    return [*PTP_HEADER, *rows]


def mue(*limits: Row, services: str = "Practitioner Services") -> list[Row]:
    """Limits as (code, units, digit of the indicator)."""
    words = {1: "1 Line Edit", 2: "2 Date of Service Edit: Policy", 3: "3 Date of Service Edit: Clinical"}
    header = [cell.replace("Practitioner Services", services) for cell in MUE_HEADER]
    told = [(code, units, words.get(int(str(mai)), mai), "Made up") for code, units, mai in limits]
    return [(f"{COPYRIGHT}\nOn two lines, with a comma", "", "", ""), header, *told]


def aoc(*edits: Row) -> list[Row]:
    """Edits as (type, add-on, its end, primary, its end, effective, deletion), days as YYYYDDD."""
    return [(COPYRIGHT, *[""] * 7), AOC_HEADER, *((*edit, "") for edit in edits)]


def aoc_fixed(*edits: Row) -> bytes:
    """The same edits in columns of fixed width."""
    lines = [
        f"{a}{b}{c or '':7}{d}{e or '':7}{f or '':7}{g or '':7}  Made up" for a, b, c, d, e, f, g in edits
    ]
    return "\r\n".join([COPYRIGHT, *lines, ""]).encode()


def rvu(*codes: Row, year: int = 2026, release: str = "October", factor: str = "33.4009") -> bytes:
    """Relative values as (code, modifier, status, work, non-facility, facility, malpractice, global days)."""
    titles = [
        f",,{year} National Physician Fee Schedule Relative Value File {release} Release{',' * 28}",
        f',,"{COPYRIGHT}"{"," * 28}',
        f",,RELEASED 08/26/{year}{',' * 28}",
    ]
    after = ["0", "0", "0", "2", "1", "1", "0", "0", "0", "", factor, "09", "0", "99", "0", "0", "0"]
    rows = [
        (code, mod, "In words, made up", status, "", work, nonfac, "", fac, "", mp, *"000", days, *after)
        for code, mod, status, work, nonfac, fac, mp, days in codes
    ]
    return "\n".join([*titles, RVU_HEADER]).encode() + commas(rows)


def gpci(*localities: Row, year: int = 2026) -> list[Row]:
    """Indices as (contractor, state, locality, work, practice expense, malpractice)."""
    rows = [(mac, state, number, "MADE UP", work, pe, mp) for mac, state, number, work, pe, mp in localities]
    title = (
        f"ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY"
    )
    header = [cell.format(year=year) for cell in GPCI_HEADER]
    return [(title, *[""] * 6), [""] * 7, header, *rows, ("* A note below the table.", *[""] * 6)]


def written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)
