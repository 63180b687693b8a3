"""A small made-up day for tests of the command: one of everything that text and JSON have to tell."""

import datetime as dt

from tests.claims import Claim, Line, file_of

AS_OF = ("--as-of", "2026-11-21")
SELECT = ("--select", "INJ-01,MOD-50,X12-BALANCE", "--select", "X12-COUNT,X12-SEG-MISSING")
PRIVATE = ("DOE", "ROE", "M0000", "19510101", "1951-01-01", "1 ELM ST")
"""What only the file may hold: names, member ids, birth dates and addresses."""
BOTH_SIDES = (Line("64483", ("RT",), charge=610_00), Line("64483", ("LT",), charge=610_00))


def clean() -> bytes:
    """One claim that nothing is wrong with."""
    return file_of(Claim([Line("99213", charge=135_00)]))


def denied() -> bytes:
    """One claim with a line that will be denied."""
    return file_of(Claim([Line("20553", charge=175_00), Line("20552", charge=140_00)]))


def asked() -> bytes:
    """One claim about which only its payer could say more."""
    return file_of(Claim(BOTH_SIDES, payer="commercial"))


def several() -> bytes:
    """Claims with findings of the file, of a claim and of lines; fixes, questions, other days and places."""
    later = dt.date(2026, 10, 15)
    raw = file_of(
        Claim([Line("20553", charge=175_00), Line("20552", charge=140_00)], id="A100"),
        Claim([Line("20553", units=3, charge=525_00)], id="A101", patient=2, payer="workers"),
        Claim([Line("99213", charge=135_00)], id="A102", patient=3, payer="blue"),
        Claim(
            [
                Line("99213", ("25",), charge=135_00),
                Line("20552", charge=350_00, on=later, pos="24"),
                Line("G0283", charge=1_234_567_89, basis="MJ", units=30, to=later),
            ],
            id="A103",
            patient=4,
            payer="medicaid",
        ),
        Claim(BOTH_SIDES, id="A104", patient=5, payer="commercial"),
        Claim([Line("20552", charge=140_00)], id="A105", patient=6),
    )
    raw = raw.replace(b"CLM*A103*1235052.89", b"CLM*A103*1235000").replace(b"SE*", b"SE*9")
    undated = raw.index(b"DTP*472", raw.index(b"CLM*A105"))
    return raw[:undated] + raw[raw.index(b"REF*6R", undated) :]
