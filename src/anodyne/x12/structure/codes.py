"""The closed lists of codes of a professional claim: what a value may be, not what it means."""

from collections.abc import Mapping
from typing import Final

STATES: Final = (
    "AA AE AK AL AP AR AS AZ CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO "
    "MP MS MT NC ND NE "
    "NH NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UT VA VI VT WA WI WV WY "
    "AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT"
)
"""States, territories and military mail of the United States, then the provinces of Canada."""

PLACES: Final = (
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 31 32 33 34 41 "
    "42 49 50 51 52 53 "
    "54 55 56 57 58 60 61 62 65 66 71 72 81 99"
)
"""Place of service, as CMS lists it."""

LISTS: Final[Mapping[str, str]] = {
    "adjustment": "CO CR OA PI PR",
    "ambulance": "01 04 05 06 07 08 09 12",
    "attachment": (
        "03 04 05 06 07 08 09 10 11 13 15 21 A3 A4 AM AS B2 B3 B4 BR BS BT CB CK CT D2 DA DB DG DJ DS "
        "EB HC HR I5 IR LA "
        "M1 MT NN OB OC OD OE OX OZ P4 P5 PE PN PO PQ PY PZ RB RR RT RX SG V5 XP"
    ),
    "channel": "EM FX TE",
    "channel_more": "EM EX FX TE",
    "contract": "01 02 03 04 05 06 09",
    "exception": "1 2 3 4 5 6",
    "filing": "11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ",
    "interchange": "01 14 20 27 28 29 30 33 ZZ",
    "pos": PLACES,
    "pricing": "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14",
    "procedure": "ER HC IV WK",
    "rank": "A B C D E F G H P S T U",
    "relationship": "01 19 20 21 39 40 53 G8",
    "refusal": "T1 T2 T3 T4 T5 T6",
    "secondary": "12 13 14 15 16 41 42 43 47",
    "state": STATES,
}
"""Lists used in more than one place or too long to stand in a line of the guide."""
