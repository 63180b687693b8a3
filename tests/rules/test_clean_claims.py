"""Ordinary claims that are right, in one file for each payer: rules on pairs, units and sides are silent."""

import re

import pytest

from tests.claims import PAYERS, Claim, Line, findings

FAMILIES = re.compile(r"NCCI-|MOD-50|INJ-(0[1-9]|1[1-8])")

CLEAN = """
99214-25, 62323, J1010 x80
64635-50, 64636-50
64633-RT, 64634-RT x2
20610-50, J3301 x8
20610-RT, 20610-LT, J3301 x8
20611-RT, J7325-RT x48
20600-F1, 20600-F2
20605-RT, 20610-LT
20610-RT, 77002
64405-50
64405-RT, 20553-XS
64615, J0585 x155, J0585-JW x45
63650 x2
63650, 63650-59
63650 x2, 63685, 95972-59
62370, J2278 x500
64483-RT, 99152, 99153 x2
64493-50-KX, 64494-50-KX
64490-50, 64491-50
64490-RT, 64491-RT
64483-LT, 64484-LT x2
64483-50, 64484-50
64450-RT x2
64640-RT x3
64624-50
64454-LT
27096-RT, J3301 x4
27096-50
64510-LT, 77003
64520-RT, 77003-26
64418-LT, 76942
64445-RT
64461-RT, 64462-RT
64420-RT, 64421-RT x2
64486-RT
20553, 76942
20550-RT, 20551-RT-59
20526-50, J3301
22513, 22515
22514, 22515 x2
97810, 97811 x2
97813, 97814 x2
20560
20553, 97140
80307, G0480
99213, 80305-QW
96372, J1885 x2
99213-25, 96372, J1885 x2
99490, 99439 x2
99457, 99458
G3002, G3003 x2
95886 x2, 95909
62290 x2, 72295 x2
62284, 72265
64628, 64629
64642, 64643
98926, 99213-25
97530-GP x2, 97140-GP
99214, G2211
99215, G2212
64635-RT, 64450-XS-LT
64454-RT, 64450-XS-LT
62323, 20610-59-RT
99213-25, 20610-RT, 20553-59
"""


def line_of(text: str) -> Line:
    code, _, units = text.strip().partition(" x")
    code, *modifiers = code.split("-")
    return Line(code, modifiers, units=float(units or 1))


@pytest.mark.parametrize("payer", PAYERS)
def test_an_ordinary_claim_is_left_alone(payer: str) -> None:
    written = CLEAN.strip().splitlines()
    claims = [
        Claim([line_of(part) for part in text.split(",")], payer=payer, id=f"C{n}", patient=n)
        for n, text in enumerate(written)
    ]
    found = findings(*claims)
    told = [
        (written[int(claim[1:])], rule)
        for claim, rule in found.select("claim", "rule").iter_rows()
        if FAMILIES.match(rule)
    ]
    assert told == []
