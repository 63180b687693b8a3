"""Modifiers from the bytes of a claim to the finding: what goes with what, and the clean twin of each."""

import pytest

from tests.claims import NURSE_PRACTITIONER, Claim, Line, findings, npi, policies_of, told

CENTRE = "261QA1903X"
Told = set[tuple[str, str, int | None]]


def mine(*claims: Claim, history: tuple[Claim, ...] = ()) -> Told:
    return {found for found in told(*claims, history=history) if found[0].startswith(("MOD-", "EM-11"))}


def one(code: str, *mods: str, **given: object) -> Told:
    """What is told of a claim with `code` and a second, unrelated service of the day."""
    return mine(Claim([Line(code, mods), Line("J3301")], **given))  # type: ignore[arg-type]


CLEAN = """
20610-RT
20610-LT-59 20553
62323-52
62323-53
63650-22-58
64635-50
64493-50-KX 64494-50-KX
77003-26 64510
76942 64450
99213-25 20610
99214-24
99214-57 63655
99223-AI
99233-FS/21
97110-GP
97110-GP-CQ
97530-GO-CO
80305-QW
80307
G0480-91 G0480
20560-GA
97810-GX-GY
63655-80
63655-AS
99406-33
J0585-JW J0585
27096-RT
98941-AT
"""


@pytest.mark.parametrize("text", CLEAN.strip().splitlines())
def test_what_goes_together_is_silent(text: str) -> None:
    lines = []
    for part in [*text.split(), "J3301"]:
        code, _, pos = part.partition("/")
        code, *mods = code.split("-")
        lines.append(Line(code, mods, pos=pos))
    found = mine(Claim(lines))
    allowed = {"MOD-22a", "MOD-GY"}
    assert {rule for rule, _, _ in found} <= allowed


def test_a_modifier_that_is_none_and_a_payer_that_may_have_its_own() -> None:
    assert one("20610", "QB") == {("MOD-01", "reject", 1)}
    assert one("20610", "QB", payer="workers") == {("MOD-01", "ask", 1)}
    assert one("20610", "RT", "RT") == {("MOD-02", "reject", 1)}


@pytest.mark.parametrize("modifier", ["26", "TC"])
def test_a_part_of_what_has_none(modifier: str) -> None:
    assert one("20610", modifier) == {("MOD-26", "deny", 1)}
    assert one("97110", "GP", modifier) == {("MOD-26", "deny", 1)}


@pytest.mark.parametrize("pos", ["19", "21", "22", "23", "24"])
@pytest.mark.parametrize("code", ["76942", "77002", "77003"])
def test_imaging_in_a_facility(code: str, pos: str) -> None:
    assert one(code, pos=pos) == {("MOD-26a", "deny", 1)}
    assert one(code, "26", pos=pos) == set()
    assert one(code, pos=pos, payer="commercial") == {("MOD-26a", "ask", 1)}
    assert one(code, "TC", pos=pos) == {("MOD-26c", "deny", 1)}
    assert one(code) == set()
    assert one(code, pos="24", billing_taxonomy=CENTRE) == set()


def test_both_parts_on_a_line() -> None:
    assert one("77003", "26", "TC") == {("MOD-26b", "deny", 1)}


@pytest.mark.parametrize(
    ("modifier", "rule"), [("24", "MOD-24"), ("57", "MOD-57"), ("FS", "MOD-FSa"), ("AI", "MOD-AI")]
)
def test_a_visits_modifier_on_a_procedure(modifier: str, rule: str) -> None:
    assert {found for found, _, _ in one("62323", modifier)} == {rule}
    assert one("99999", modifier) == set()


@pytest.mark.parametrize(
    ("modifier", "rule"),
    [
        ("58", "MOD-58"), ("79", "MOD-58"), ("59", "MOD-59"), ("XU", "MOD-59"), ("52", "MOD-52"),
        ("53", "MOD-52"), ("76", "MOD-76"), ("22", "MOD-22"), ("QW", "MOD-QW"), ("91", "MOD-91"),
    ],
)  # fmt: skip
def test_a_procedures_modifier_on_a_visit(modifier: str, rule: str) -> None:
    assert one("99213", modifier) == {(rule, "deny", 1)}


def test_51() -> None:
    lines = [Line("64493", ("50",)), Line("64494", ("50", "51"))]
    assert mine(Claim(lines)) == {("MOD-51", "deny", 2)}
    assert one("20610", "51") == {("MOD-51a", "audit", 1)}
    assert one("20610", "51", payer="commercial") == set()


def test_22_wants_something_sent_along() -> None:
    assert one("63650", "22") == {("MOD-22a", "audit", 1)}
    note = Claim([Line("63650", ("22",)), Line("J3301")], extra=["NTE*ADD*DENSE SCAR TOOK TWICE THE TIME"])
    assert mine(note) == set()
    attached = Claim([Line("63650", ("22",)), Line("J3301")], extra=["PWK*OZ*EL***AC*ABC123"])
    assert mine(attached) == set()


def test_59_and_25_with_nothing_to_set_apart() -> None:
    assert mine(Claim([Line("20553", ("59",))])) == {("MOD-59b", "audit", 1)}
    assert mine(Claim([Line("99213", ("25",))])) == {("EM-11", "audit", 1)}
    history = Claim([Line("20610", ("RT",))], id="OLD")
    assert mine(Claim([Line("20553", ("59",))]), history=(history,)) == set()
    assert mine(Claim([Line("99213", ("25",))]), history=(history,)) == set()
    assert one("20553", "59", "XS") == {("MOD-59a", "deny", 1)}


def test_stopped_procedures() -> None:
    assert one("62323", "52", "53") == {("MOD-53", "deny", 1)}
    assert one("62323", "74") == {("MOD-73", "deny", 1)}
    assert one("62323", "74", billing_taxonomy=CENTRE, pos="24") == set()
    assert one("62323", "53", billing_taxonomy=CENTRE, pos="24") == {("MOD-53a", "deny", 1)}


def test_repeats() -> None:
    assert one("20610", "76") == {("MOD-76a", "ask", 1)}
    assert mine(Claim([Line("20610"), Line("20610", ("76",))])) == set()
    other = Claim([Line("20610")], id="A2", rendering=npi(77), taxonomy=NURSE_PRACTITIONER)
    assert mine(Claim([Line("20610", ("77",))], id="A1"), other) == set()
    assert mine(Claim([Line("80307"), Line("80307", ("76",))])) == {("MOD-91a", "deny", 2)}


def test_assistants_by_their_indicator() -> None:
    assert one("20610", "80") == {("MOD-80", "deny", 1)}
    assert one("20610", "AS") == {("MOD-80", "deny", 1)}
    assert one("27278", "80") == {("MOD-80a", "audit", 1)}
    assert one("20610", "80", payer="commercial") == set()
    assert one("63655", "80", taxonomy=NURSE_PRACTITIONER) == {("MOD-AS", "deny", 1)}
    assert one("63655", "AS", taxonomy=NURSE_PRACTITIONER) == set()


@pytest.mark.parametrize(
    ("mods", "rule"),
    [(("GA", "GZ"), "MOD-GA"), (("GX", "GA"), "MOD-GA"), (("GZ",), "MOD-GZ"), (("GY",), "MOD-GY")],
)
def test_notices(mods: tuple[str, ...], rule: str) -> None:
    assert {found for found, _, _ in one("20560", *mods)} == {rule}
    assert one("20560", *mods, payer="commercial") == set()


def test_gy_puts_no_money_at_risk() -> None:
    found = findings(Claim([Line("97810", ("GY",), charge=90_00)])).filter(rule="MOD-GY")
    assert found["at_risk_cents"].to_list() == [0]


def test_therapy() -> None:
    assert one("97110") == {("MOD-GP", "deny", 1)}
    assert one("97110", payer="commercial") == set()
    assert one("97110", "GP", "CO") == {("MOD-CQ", "reject", 1)}
    assert one("98941") == set()


def test_split_visits_and_prevention() -> None:
    assert one("99213", "FS") == {("MOD-FS", "deny", 1)}
    assert one("62323", "33") == {("MOD-33", "audit", 1)}


def test_combinations_that_contradict() -> None:
    assert one("20610", "50", "RT") == {("MOD-50c", "deny", 1)}
    second = Claim([Line("64493", ["RT"]), Line("64493", ["LT", "50"])], payer="commercial")
    two_lines = policies_of("commercial", bilateral_form="two_lines_50")
    assert "MOD-50c" not in {rule for rule, _, _ in told(second, policies=two_lines)}
    assert ("MOD-50c", "deny", 2) in told(second)
    assert one("63685", "58", "79") == {("MOD-58a", "deny", 1)}
    assert one("63685", "58") == set()


@pytest.mark.parametrize(
    ("code", "told_of"), [("99213", True), ("20610", True), ("20553", True), ("64493", False)]
)
def test_kx_where_no_policy_asks_for_it(code: str, told_of: bool) -> None:
    assert one(code, "KX") == ({("MOD-KX", "audit", 1)} if told_of else set())
    assert one(code, "KX", payer="commercial") == set()


@pytest.mark.parametrize("payer", ["medicare", "commercial"])
def test_what_a_colleague_of_the_practice_bills_is_something_else_of_the_day(payer: str) -> None:
    block = Line("62323")
    visit = Line("99213", ("25",), rendering=npi(77), taxonomy=NURSE_PRACTITIONER)
    trigger_points = Line("20552", rendering=npi(77), taxonomy=NURSE_PRACTITIONER)
    assert mine(Claim([visit, block], payer=payer)) == set()
    own = Claim([visit], id="V", payer=payer)
    assert mine(own, Claim([block], id="B", payer=payer)) == set()
    assert mine(own, history=(Claim([block], id="B"),)) == set()
    assert mine(Claim([Line("64405", ("RT", "59")), trigger_points], payer=payer)) == set()
    elsewhere = Claim([block], id="B", billing=43, rendering=npi(64))
    assert mine(own, elsewhere) == {("EM-11", "audit", 1)}


def test_the_same_visit_to_a_second_payer_is_nothing_else_of_the_day() -> None:
    visit = Claim([Line("99213", ("25",))], id="A")
    second = Claim([Line("99213", ("25",))], id="B", payer="commercial", rank="S")
    assert mine(visit, history=(second,)) == {("EM-11", "audit", 1)}
    both = [Line("20610", ("RT",)), Line("20610", ("LT", "59"))]
    assert ("MOD-59b", "audit", 2) not in mine(Claim(both))


def test_a_repeat_is_told_from_its_first_to_the_same_payer() -> None:
    again = Claim([Line("20610", ("76",))], id="A")
    second = Claim([Line("20610", ("76",))], id="B", payer="commercial", rank="S")
    assert mine(again, history=(second,)) == mine(again)
    assert mine(again, history=(Claim([Line("20610")], id="B"),)) != mine(again)
