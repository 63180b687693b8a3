"""The elements of each kind of segment: a line of the guide's table for every shape that a segment takes.

An element is `!` (must be there), `?` (may be there) or `-` (not used), then its type and its length.
Types are those of the standard (AN, ID, N0, R, TM) or, in small letters, a kind of value that is looked
at more closely (see `notation.KINDS`). `=` closes an element to some codes (`A|B`) or to a list of
`codes.LISTS` (`@name`). Parentheses hold the components of a composite. A rule after `;` says what must
be there together: `P` all or none, `C` if the first then the others, `L` if the first then one of the
others, `R` one at least, `E` one at most. Qualifiers by which `guide` tells uses apart are closed there.
"""

from typing import Final

_PROCEDURE: Final = "!ID2=@procedure !hcpcs ?modifier ?modifier ?modifier ?modifier ?AN1/80 -"
_MORE: Final = " ?AN1/5 ?money ?R1/15" * 5
_ADDRESSEE: Final = " ?AN1/35 ?AN1/25 - ?AN1/10"


def _condition(answer: str, codes: str, more: int) -> str:
    rest = f" ?ID2/3={codes}" * more + " -" * (4 - more)
    return f"!ID2 !ID1={answer} !ID2/3={codes}{rest}"


def _diagnoses(first: str, rest: str, more: int, code: str) -> str:
    empty = " - - - - - - -"
    later = f" ?(!ID1/3={rest} !{code}{empty})" * more + " -" * (11 - more)
    return f"!(!ID1/3={first} !{code}{empty}){later}"


def _name(kind: str, name: str, identifier: str) -> str:
    rule = "; P08 09" if identifier == _NPI else ""
    return f"!ID2/3 !ID1={kind} {name} {identifier} - - -{rule}"


_PERSON: Final = "!AN1/60" + _ADDRESSEE
_FIRM: Final = "!AN1/60 - - - -"
_NAMELESS: Final = "- - - - -"
_NPI: Final = "?ID1/2=XX ?AN2/80"
_MEMBER: Final = "!ID1/2=II|MI !AN2/80"
_PAYER: Final = "!ID1/2=PI|XV !AN2/80"
_NONE: Final = "- -"
_OTHER_NAMES: Final = "!ID2/3 !ID1={} - - - - - - - - - -"

SHAPES: Final = {
    # envelope
    "ISA": (
        "!ID2=00|03 !AN10 !ID2=00|01 !AN10 !ID2=@interchange !AN15 !ID2=@interchange !AN15 !date6 !TM4 "
        "!AN1 !ID5 "
        "!N09 !ID1=0|1 !ID1=P|T !AN1"
    ),
    "GS": "!ID2=HC !AN2/15 !AN2/15 !date !TM4/8 !N01/9 !ID1/2=X !AN1/12",
    "ST": "!ID3=837 !AN4/9 !AN1/35",
    "SE": "!N01/10 !AN4/9",
    "GE": "!N01/6 !N01/9",
    "IEA": "!N01/5 !N09",
    "BHT": "!ID4=0019 !ID2=00|18 !AN1/50 !date !TM4/8 !ID2=CH|RP|31",
    # levels
    "HL20": "!AN1/12 - !ID1/2 !ID1=1",
    "HL22": "!AN1/12 !AN1/12 !ID1/2 !ID1=0|1",
    "HL23": "!AN1/12 !AN1/12 !ID1/2 !ID1=0",
    # names
    "submitter": _name("1|2", "!AN1/60 ?AN1/35 ?AN1/25 - -", "!ID1/2=46 !AN2/80"),
    "receiver": _name("2", _FIRM, "!ID1/2=46 !AN2/80"),
    "billing": _name("1|2", _PERSON, _NPI),
    "pay_to": _OTHER_NAMES.format("1|2"),
    "pay_to_plan": _name("2", _FIRM, _PAYER),
    "subscriber": _name("1|2", _PERSON, _MEMBER),
    "payer": _name("2", _FIRM, _PAYER),
    "patient": _name("1", _PERSON, _NONE),
    "referring": _name("1", _PERSON, _NPI),
    "rendering": _name("1|2", _PERSON, _NPI),
    "facility": _name("2", _FIRM, _NPI),
    "supervising": _name("1", _PERSON, _NPI),
    "pick_up": _name("2", _NAMELESS, _NONE),
    "drop_off": _name("2", "?AN1/60 - - - -", _NONE),
    "purchased": _name("1|2", _NAMELESS, _NPI),
    "ordering": _name("1", _PERSON, _NPI),
    "other_referring": _OTHER_NAMES.format("1"),
    "other_rendering": _OTHER_NAMES.format("1|2"),
    "other_facility": _OTHER_NAMES.format("2"),
    "other_supervising": _OTHER_NAMES.format("1"),
    "other_billing": _OTHER_NAMES.format("1|2"),
    # about names
    "N3": "!AN1/55 ?AN1/55",
    "N4": "!AN2/30 ?state ?zip ?ID2/3 - - ?ID1/3; E02 07; C07 04",
    "DMG": "!ID2/3=D8 !birth !ID1=F|M|U - - - - - - - -",
    "REF": "!ID2/3 !AN1/50 - -",
    "REF_payer": "!ID2/3 !AN1/50 - ?(!ID2/3=2U !AN1/50 - - - -)",
    "PER_submitter": (
        "!ID2 ?AN1/60 !ID2=@channel !contact ?ID2=@channel_more ?contact ?ID2=@channel_more "
        "?contact -; P05 06; P07 08"
    ),
    "PER_patient": "!ID2 ?AN1/60 !ID2=TE !contact ?ID2=EX ?contact - - -; P05 06",
    "PRV_billing": "!ID1/3 !ID2/3=PXC !taxonomy - - -",
    "PRV_rendering": "!ID1/3 !ID2/3=PXC !taxonomy - - -",
    "CUR": "!ID2/3 !ID3" + " -" * 19,
    "PAT_subscriber": "- - - - ?ID2/3=D8 ?date ?ID2=01 ?R1/10 ?ID1=Y; P05 06; P07 08",
    "PAT_patient": (
        "!ID2=@relationship - - - ?ID2/3=D8 ?date ?ID2=01 ?R1/10 ?ID1=Y; P05 06; P07 08"
    ),
    "SBR": "!ID1=@rank ?ID2=18 ?AN1/50 ?AN1/60 ?ID1/3=@secondary - - - ?ID1/2=@filing",
    "SBR_other": (
        "!ID1=@rank !ID2=01|18|19|20|21|39|40|53|G8 ?AN1/50 ?AN1/60 ?ID1/3=@secondary - - - ?ID1/2=@filing"
    ),
    # the claim
    "CLM": (
        "!AN1/38 !money - - !(!pos !ID1/2=B !ID1) !ID1=N|Y !ID1=A|B|C !ID1=N|W|Y !ID1=I|Y ?ID1=P "
        "?(!ID2/3=AA|EM|OA ?ID2/3=AA|EM|OA ?ID2/3=AA|EM|OA ?state ?ID2/3) ?ID2/3=02|03|05|09 - - - - - - - "
        "?ID1/2=1|2|3|4|5|6|7|8|9|10|11|15"
    ),
    "DTP": "!ID3 !ID2/3=D8 !dtp",
    "DTP_range": "!ID3 !ID2/3=D8|RD8 !dtp",
    "PWK": "!ID2=@attachment !ID1/2=AA|BM|EL|EM|FT|FX - - ?ID1/2=AC ?AN2/80 - - -; P05 06",
    "PWK_line": (
        "!ID2=@attachment !ID1/2=AA|AB|AD|AF|AG|BM|EL|EM|FT|FX|NS - - ?ID1/2=AC ?AN2/80 - - -; P05 06"
    ),
    "CN1": "!ID2=@contract ?money ?R1/6 ?AN1/50 ?R1/6 ?AN1/30",
    "AMT": "!ID1/3 !money -",
    "K3": "!AN1/80 - -",
    "NTE": "!ID3 !AN1/80",
    "CR1": "?ID2=LB ?R1/10 - !ID1=A|B|C|D|E !ID2=DH !R1/15 - - ?AN1/80 ?AN1/80; P01 02",
    "CR2": "- - - - - - - !ID1=A|C|D|E|F|G|M - ?AN1/80 ?AN1/80 -",
    "CRC_ambulance": _condition("N|Y", "@ambulance", 4),
    "CRC_vision": _condition("N|Y", "L1|L2|L3|L4|L5", 4),
    "CRC_homebound": _condition("Y", "IH", 0),
    "CRC_screening": _condition("N|Y", "AV|NU|S2|ST", 2),
    "CRC_hospice": _condition("N|Y", "65", 0),
    "CRC_equipment": _condition("N|Y", "38|ZV", 1),
    "HI_diagnoses": _diagnoses("ABK|BK", "ABF|BF", 11, "icd"),
    "HI_anesthesia": _diagnoses("BP", "BO", 1, "AN1/30"),
    "HI_conditions": _diagnoses("BG", "BG", 11, "AN1/30"),
    "HCP": (
        "!ID2=@pricing !money ?money ?AN1/50 ?R1/9 ?AN1/50 ?money - - - - - ?ID2=@refusal ?ID1/2=1|2|3|4|5 "
        "?ID1/2=@exception; R01 13"
    ),
    # other payers
    "CAS": (
        "!ID1/2=@adjustment !AN1/5 !money ?R1/15" + _MORE + "; C06 05; C07 05; L05 06 07; C09 08; C10 08; "
        "L08 09 10; C12 11; "
        "C13 11; L11 12 13; C15 14; C16 14; L14 15 16; C18 17; C19 17; L17 18 19"
    ),
    "OI": "- - !ID1=N|W|Y ?ID1=P - !ID1=I|Y",
    "MOA": "?R1/10 ?money ?AN1/50 ?AN1/50 ?AN1/50 ?AN1/50 ?AN1/50 ?money ?money",
    # service lines
    "LX": "!N01/6",
    "SV1": (
        f"!({_PROCEDURE}) !money !ID2=MJ|UN !quantity ?pos - !(!pointer ?pointer ?pointer ?pointer) - "
        f"?ID1=Y - ?ID1=Y ?ID1=Y - - "
        "?ID1=0 - - - - - -"
    ),
    "SV5": "!(!ID2=HC !hcpcs - - - - - -) !ID2=DA !R1/15 ?money ?money ?ID1=1|4|6 -; R04 05; C06 04",
    "CR3": "!ID1=I|R|S !ID2=MO !R1/15 - -",
    "QTY": "!ID2 !R1/15 - -",
    "MEA": "!ID2=OG|TR !ID1/3=HT|R1|R2|R3|R4 !R1/20 - - - - - - - - -",
    "PS1": "!AN1/50 !money -",
    "HCP_line": (
        "!ID2=@pricing !money ?money ?AN1/50 ?R1/9 ?AN1/50 ?money - ?ID2=@procedure ?AN1/48 ?ID2=MJ|UN "
        "?R1/15 ?ID2=@refusal "
        "?ID1/2=1|2|3|4|5 ?ID1/2=@exception; R01 13; P09 10; P11 12"
    ),
    "LIN": "- !ID2=EN|EO|HI|N4|ON|UK|UP !AN1/48" + " -" * 28,
    "CTP": "- - - !R1/15 !(!ID2=F2|GR|ME|ML|UN" + " -" * 14 + ") - - - - - -",
    "SVD": f"!AN2/80 !money !({_PROCEDURE}) - !R1/15 ?N01/6",
    "LQ": "!ID1/3=AS|UT !AN1/30",
    "FRM": "!AN1/20 ?ID1=N|W|Y ?AN1/50 ?date ?R1/6; R02 03 04 05",
}  # fmt: skip
"""The shapes of segments by name; where a segment has one shape everywhere, the name is its id."""
