"""The professional claim as a table: which segments each loop holds, in what order, how often.

A use is: order, segment id with the qualifiers that tell its uses apart, `!` where it must be there, how
often it may be there (once unless said), and after `:` its shape where that is not its id. Uses of the
same order may come in any order. Qualifiers of one use share its count.
"""

from typing import Final

LOOPS_TABLE: Final = {
    "ISA": "1 ISA !",
    "GS": "1 GS !",
    "ST": "1 ST !, 2 BHT !",
    "SE": "1 SE !",
    "GE": "1 GE !",
    "IEA": "1 IEA !",
    "1000A": "1 NM1 41 ! : submitter, 2 PER IC ! x2 : PER_submitter",
    "1000B": "1 NM1 40 ! : receiver",
    "2000A": "1 HL 20 ! : HL20, 2 PRV BI : PRV_billing, 3 CUR 85",
    "2010AA": (
        "1 NM1 85 ! : billing, 2 N3 !, 3 N4 !, 4 REF EI|SY !, 4 REF 0B|1G x2, 5 PER IC x2 : PER_submitter"
    ),
    "2010AB": "1 NM1 87 ! : pay_to, 2 N3 !, 3 N4 !",
    "2010AC": "1 NM1 PE ! : pay_to_plan, 2 N3 !, 3 N4 !, 4 REF 2U|FY|NF, 4 REF EI !",
    "2000B": "1 HL 22 ! : HL22, 2 SBR !, 3 PAT : PAT_subscriber",
    "2010BA": "1 NM1 IL ! : subscriber, 2 N3, 3 N4, 4 DMG, 5 REF SY, 5 REF Y4, 6 PER IC : PER_patient",
    "2010BB": "1 NM1 PR ! : payer, 2 N3, 3 N4, 4 REF 2U|EI|FY|NF x3, 4 REF G2|LU x2",
    "2000C": "1 HL 23 ! : HL23, 2 PAT ! : PAT_patient",
    "2010CA": "1 NM1 QC ! : patient, 2 N3 !, 3 N4 !, 4 DMG !, 5 REF Y4, 5 REF 1W|SY, 6 PER IC : PER_patient",
    "2300": (
        "1 CLM !, "
        "2 DTP 431, 2 DTP 454, 2 DTP 304, 2 DTP 453, 2 DTP 439, 2 DTP 484, 2 DTP 455, 2 DTP 471, "
        "2 DTP 314|360|361 : DTP_range, 2 DTP 297, 2 DTP 296, 2 DTP 435, 2 DTP 096, 2 DTP 090|091 x2, "
        "2 DTP 444, 2 DTP 050, "
        "3 PWK x10, 4 CN1, 5 AMT F5, "
        "6 REF 4N, 6 REF F5, 6 REF EW, 6 REF 9F, 6 REF G1, 6 REF F8, 6 REF X4, 6 REF 9A, 6 REF 9C, 6 "
        "REF LX, 6 REF D9, "
        "6 REF EA, 6 REF P4, 6 REF 1J, "
        "7 K3 x10, 8 NTE ADD|CER|DCP|DGN|TPO, 9 CR1, 10 CR2, "
        "11 CRC 07 x3 : CRC_ambulance, 11 CRC E1|E2|E3 x3 : CRC_vision, 11 CRC 75 : CRC_homebound, 11 "
        "CRC ZZ : CRC_screening, "
        "12 HI ABK|BK ! : HI_diagnoses, 12 HI BP : HI_anesthesia, 12 HI BG x2 : HI_conditions, 13 HCP"
    ),
    "2310A": "1 NM1 DN|P3 ! : referring, 2 REF 0B|1G|G2 x3",
    "2310B": "1 NM1 82 ! : rendering, 2 PRV PE : PRV_rendering, 3 REF 0B|1G|G2|LU x4",
    "2310C": "1 NM1 77 ! : facility, 2 N3 !, 3 N4 !, 4 REF 0B|G2|LU x3, 5 PER IC : PER_patient",
    "2310D": "1 NM1 DQ ! : supervising, 2 REF 0B|1G|G2|LU x4",
    "2310E": "1 NM1 PW ! : pick_up, 2 N3 !, 3 N4 !",
    "2310F": "1 NM1 45 ! : drop_off, 2 N3 !, 3 N4 !",
    "2320": "1 SBR ! : SBR_other, 2 CAS x5, 3 AMT D, 3 AMT A8, 3 AMT EAF, 4 OI !, 5 MOA",
    "2330A": "1 NM1 IL ! : subscriber, 2 N3, 3 N4, 4 REF SY",
    "2330B": (
        "1 NM1 PR ! : payer, 2 N3, 3 N4, 4 DTP 573, 5 REF 2U|EI|FY|NF x2, 5 REF G1, 5 REF 9F, 5 REF "
        "T4, 5 REF F8"
    ),
    "2330C": "1 NM1 DN|P3 ! : other_referring, 2 REF 0B|1G|G2 ! x3",
    "2330D": "1 NM1 82 ! : other_rendering, 2 REF 0B|1G|G2|LU ! x3",
    "2330E": "1 NM1 77 ! : other_facility, 2 REF 0B|G2|LU ! x3",
    "2330F": "1 NM1 DQ ! : other_supervising, 2 REF 0B|1G|G2|LU ! x3",
    "2330G": "1 NM1 85 ! : other_billing, 2 REF G2|LU ! x2",
    "2400": (
        "1 LX !, 2 SV1 !, 3 SV5, 4 PWK x11 : PWK_line, 5 CR1, 6 CR3, "
        "7 CRC 07 x3 : CRC_ambulance, 7 CRC 70 : CRC_hospice, 7 CRC 09 : CRC_equipment, "
        "8 DTP 472 ! : DTP_range, 8 DTP 471, 8 DTP 607, 8 DTP 463, 8 DTP 461, 8 DTP 304, 8 DTP 738|739 "
        "x2, 8 DTP 011, 8 DTP 455, "
        "8 DTP 454, "
        "9 QTY PT, 9 QTY FL, 10 MEA x5, 11 CN1, "
        "12 REF 9B, 12 REF 9D, 12 REF G1 x5 : REF_payer, 12 REF 6R, 12 REF EW, 12 REF X4, 12 REF F4, "
        "12 REF BT, "
        "12 REF 9F x5 : REF_payer, "
        "13 AMT T, 13 AMT F4, 14 K3 x10, 15 NTE ADD|DCP, 15 NTE TPO, 16 PS1, 17 HCP : HCP_line"
    ),
    "2410": "1 LIN !, 2 CTP !, 3 REF VY|XZ",
    "2420A": "1 NM1 82 ! : rendering, 2 PRV PE : PRV_rendering, 3 REF 0B|1G|G2|LU x20 : REF_payer",
    "2420B": "1 NM1 QB ! : purchased, 2 REF 0B|1G|G2 x20 : REF_payer",
    "2420C": "1 NM1 77 ! : facility, 2 N3 !, 3 N4 !, 4 REF G2|LU x3 : REF_payer",
    "2420D": "1 NM1 DQ ! : supervising, 2 REF 0B|1G|G2|LU x20 : REF_payer",
    "2420E": "1 NM1 DK ! : ordering, 2 N3, 3 N4, 4 REF 0B|1G|G2 x20 : REF_payer, 5 PER IC : PER_submitter",
    "2420F": "1 NM1 DN|P3 ! : referring, 2 REF 0B|1G|G2 x20 : REF_payer",
    "2420G": "1 NM1 PW ! : pick_up, 2 N3 !, 3 N4 !",
    "2420H": "1 NM1 45 ! : drop_off, 2 N3 !, 3 N4 !",
    "2430": "1 SVD !, 2 CAS x5, 3 DTP 573 !, 4 AMT EAF",
    "2440": "1 LQ !, 2 FRM ! x99",
}
"""The segments of each loop."""

TREE: Final = {
    "ISA": "GS>99999 1, IEA 2",
    "GS": "ST>99999 1, GE 2",
    "ST": "1000A! 1, 1000B! 1, 2000A>99999 2, SE 3",
    "2000A": "2010AA! 1, 2010AB 1, 2010AC 1, 2000B>99999 2",
    "2000B": "2010BA! 1, 2010BB! 1, 2300>100 2, 2000C>99999 3",
    "2000C": "2010CA! 1, 2300>100 2",
    "2300": "2310A>2 1, 2310B 1, 2310C 1, 2310D 1, 2310E 1, 2310F 1, 2320>10 2, 2400>50 3",
    "2320": "2330A! 1, 2330B! 1, 2330C>2 1, 2330D 1, 2330E 1, 2330F 1, 2330G 1",
    "2400": (
        "2410 1, 2420A 2, 2420B 2, 2420C 2, 2420D 2, 2420E 2, 2420F>2 2, 2420G 2, 2420H 2, 2430>15 3, "
        "2440>99999 4"
    ),
}
"""The loops inside each loop: `!` where one must be there, how often (once unless said), and its order."""

NAMES: Final = {
    "ISA": "the interchange header",
    "GS": "the group header",
    "ST": "the transaction's head",
    "SE": "the transaction's trailer",
    "GE": "the group trailer",
    "IEA": "the interchange trailer",
    "1000A": "the submitter",
    "1000B": "the receiver",
    "2000A": "the billing level",
    "2010AA": "the billing provider",
    "2010AB": "the pay-to address",
    "2010AC": "the pay-to plan",
    "2000B": "the subscriber level",
    "2010BA": "the subscriber",
    "2010BB": "the payer",
    "2000C": "the patient level",
    "2010CA": "the patient",
    "2300": "the claim",
    "2310A": "the referring provider",
    "2310B": "the rendering provider",
    "2310C": "the service facility",
    "2310D": "the supervising provider",
    "2310E": "the ambulance pick-up",
    "2310F": "the ambulance drop-off",
    "2320": "the other payer's coverage",
    "2330A": "the other subscriber",
    "2330B": "the other payer",
    "2330C": "the other payer's referring provider",
    "2330D": "the other payer's rendering provider",
    "2330E": "the other payer's service facility",
    "2330F": "the other payer's supervising provider",
    "2330G": "the other payer's billing provider",
    "2400": "the service line",
    "2410": "the drug",
    "2420A": "the line's rendering provider",
    "2420B": "the purchased service provider",
    "2420C": "the line's service facility",
    "2420D": "the line's supervising provider",
    "2420E": "the line's ordering provider",
    "2420F": "the line's referring provider",
    "2420G": "the line's ambulance pick-up",
    "2420H": "the line's ambulance drop-off",
    "2430": "the line's adjudication",
    "2440": "the line's form",
}
"""What each loop is about, in our own words."""
