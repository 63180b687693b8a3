"""Drugs and codes that ended, from the bytes of a claim to the finding."""

import datetime as dt
import io

import pytest

from anodyne.rules.discover import claim_rules
from anodyne.rules.engine import judge
from anodyne.rules.rule import View
from anodyne.rules.views import FACTS, build
from anodyne.x12.read import book_of, read_stream
from tests.claims import AS_OF, Claim, Line, file_of, findings, reference, told

SINGLE_DOSE, MULTIPLE_DOSE = "00003029305", "00003029320"
MINE = ("INJ-39", "INJ-41", "INJ-43", "CM-01", "CM-02", "CODE-")
AMOUNTS = ("INJ-40", "INJ-42", "INJ-43e", "INJ-43f")


def drugs(
    *lines: Line, payer: str = "medicare", pos: str = "11", on: dt.date | None = None
) -> set[tuple[str, str, int | None]]:
    claim = Claim(lines, payer=payer, pos=pos) if on is None else Claim(lines, payer=payer, pos=pos, on=on)
    return {finding for finding in told(claim) if finding[0].startswith(MINE)}


def test_a_drug_sold_only_in_single_doses_says_jz_or_has_a_line_for_waste() -> None:
    given = Line("J0585", units=155)
    assert drugs(Line("64615"), given) == {("INJ-43", "deny", 2)}
    assert drugs(Line("64615"), Line("J0585", ("JZ",), units=200)) == set()
    assert drugs(Line("64615"), given, Line("J0585", ("JW",), units=45)) == set()


def test_the_national_drug_code_decides_between_vials() -> None:
    assert drugs(Line("20610"), Line("J3301", units=4, ndc=SINGLE_DOSE)) == {("INJ-43", "deny", 2)}
    assert drugs(Line("20610"), Line("J3301", units=4, ndc=MULTIPLE_DOSE)) == set()
    assert drugs(Line("20610"), Line("J3301", units=4)) == {("INJ-43", "ask", 2)}
    assert drugs(Line("20610"), Line("J3301", ("JZ",), units=4)) == set()
    assert drugs(Line("20610"), Line("J3301", ("JZ",), units=4, ndc=MULTIPLE_DOSE)) == {
        ("INJ-43d", "audit", 2)
    }


def test_the_modifiers_are_not_asked_of_other_payers_or_in_facilities() -> None:
    given = Line("J0585", units=155)
    assert drugs(given, payer="commercial") == set()
    assert drugs(given, pos="22") == set()
    assert drugs(given, pos="50") == set()
    assert drugs(given, pos="72") == set()
    assert drugs(given, pos="31") == {("INJ-43", "deny", 1)}
    assert drugs(Line("J0665", units=10)) == set()


def test_jw_and_jz_that_contradict_each_other() -> None:
    assert drugs(Line("J0585", ("JW", "JZ"))) == {("INJ-43a", "deny", 1)}
    given, wasted = Line("J0585", ("JZ",), units=155), Line("J0585", ("JW",), units=45)
    assert drugs(given, wasted) == {("INJ-43b", "deny", 1)}
    assert drugs(Line("J0585", ("JW",))) == {("INJ-43c", "deny", 1)}


@pytest.mark.parametrize(
    ("code", "rule"),
    [("J1030", "INJ-39"), ("J2001", "INJ-41"), ("G2058", "CM-01"), ("G2064", "CM-02"), ("99201", "CODE-01")],
)
def test_ended_codes_are_told_to_everyone_under_their_own_rule(code: str, rule: str) -> None:
    assert (rule, "deny", 1) in drugs(Line(code, ("JZ",) if code[0] == "J" else ()), payer="commercial")
    assert (rule, "deny", 1) in drugs(Line(code))


def test_depot_steroid_by_its_last_day() -> None:
    assert drugs(Line("J1030", ("JZ",)), on=dt.date(2024, 3, 31)) == set()
    assert drugs(Line("J1030", ("JZ",)), on=dt.date(2024, 4, 1)) == {("INJ-39", "deny", 1)}
    found = findings(Claim([Line("J1030", units=2)])).filter(rule="INJ-39")
    assert found["message"].to_list() == ["J1030 ended 2024-03-31; J1010 counts each mg: 80 mg are 80 units"]
    assert found["fix"].to_list() == [None]


def test_no_rule_speaks_of_a_line_without_a_day() -> None:
    undated = file_of(Claim([Line("J1030"), Line("J0585"), Line("27278")])).replace(
        b"DTP*472*D8*20261014~\n", b""
    )
    book = book_of(list(read_stream(io.BytesIO(undated), name="undated.837")))
    views = build(book, reference(), as_of=AS_OF, wanted=list(View))
    assert judge(views, FACTS, claim_rules().values()).is_empty()


def test_a_code_before_it_was_made() -> None:
    assert drugs(Line("J1010", ("JZ",), units=40), on=dt.date(2024, 3, 31)) == {("CODE-02a", "deny", 1)}
    assert drugs(Line("J1010", ("JZ",), units=40), on=dt.date(2024, 4, 1)) == set()


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("20560", dt.date(2020, 1, 1)),
        ("64451", dt.date(2020, 1, 1)),
        ("64624", dt.date(2020, 1, 1)),
        ("62323", dt.date(2017, 1, 1)),
        ("20611", dt.date(2015, 1, 1)),
        ("99417", dt.date(2021, 1, 1)),
        ("80307", dt.date(2017, 1, 1)),
    ],
)
def test_a_code_does_not_reach_back_before_its_first_day(code: str, begins: dt.date) -> None:
    for day, early in ((begins - dt.timedelta(1), True), (begins, False)):
        found = told(Claim([Line(code)], on=day), as_of=day + dt.timedelta(7))
        assert (("CODE-02", "deny", 1) in found) is early


def amounts(*lines: Line, payer: str = "medicare", pos: str = "11") -> set[tuple[str, str, int | None]]:
    return {one for one in told(Claim(lines, payer=payer, pos=pos)) if one[0].startswith(AMOUNTS)}


def test_given_and_thrown_away_make_whole_vials() -> None:
    given, jz = Line("J0585", units=155), Line("J0585", ("JZ",), units=155)
    assert not amounts(Line("64615"), given, Line("J0585", ("JW",), units=45))
    assert amounts(Line("64615"), given, Line("J0585", ("JW",), units=30)) == {("INJ-43e", "audit", 3)}
    assert amounts(Line("64615"), jz) == {("INJ-43e", "audit", 2)}
    assert not amounts(Line("64615"), Line("J0585", ("JZ",), units=200))
    assert not amounts(Line("64615"), jz, payer="commercial")
    assert amounts(Line("20610"), Line("J7321"), Line("J7321", ("JW",))) == {("INJ-43f", "audit", 3)}


def test_hyaluronate_by_milligram_and_by_dose() -> None:
    for payer in ("medicare", "commercial"):
        assert amounts(Line("20611"), Line("J7325"), payer=payer) == {("INJ-42", "ask", 2)}
        assert not amounts(Line("20611"), Line("J7325", units=48), payer=payer)
    assert not amounts(Line("20611", ("50",)), Line("J7325", ("JZ",), units=96))
    assert not amounts(Line("20611"), Line("J7321"))
    assert amounts(Line("20611"), Line("J7325", ("JZ",))) == {("INJ-43e", "audit", 2)}


def test_units_beside_the_national_drug_code() -> None:
    def steroid(units: float, quantity: float, unit: str = "ML") -> Line:
        return Line("J3301", ("JZ",), units=units, ndc=SINGLE_DOSE, ndc_qty=quantity, ndc_unit=unit)

    assert not amounts(Line("20610"), steroid(4, 1))
    assert amounts(Line("20610"), steroid(1, 1)) == {("INJ-40", "ask", 2)}
    assert not amounts(Line("20610"), steroid(4, 1, "UN"))
    assert amounts(Line("20610"), steroid(4, 2, "UN")) == {("INJ-40", "ask", 2)}
    assert not amounts(Line("20610"), steroid(3, 0.6))
    assert amounts(Line("20610"), steroid(2, 0.6)) == {("INJ-40", "ask", 2)}
    assert not amounts(Line("20610"), steroid(1, 1, "GR"))
    assert not amounts(Line("20610"), Line("J1010", units=1, ndc=SINGLE_DOSE, ndc_qty=1))
    found = findings(Claim([Line("20610"), steroid(1, 1)])).filter(rule="INJ-40")
    assert found.select("message", "fix", "at_risk_cents").rows() == [
        ("J3301 x1, but 1 ML of its NDC make 4 units: how much was given?", None, 0)
    ]


def test_waste_of_a_vial_counts_beside_the_national_drug_code() -> None:
    whole = Line("J0585", units=155, ndc="00023392102", ndc_qty=1, ndc_unit="UN")
    assert not amounts(Line("64615"), whole, Line("J0585", ("JW",), units=45))
    part = Line("J0585", units=155, ndc="00023114501", ndc_qty=1.55, ndc_unit="UN")
    assert not amounts(Line("64615"), part, Line("J0585", ("JW",), units=45))


def test_a_drug_needs_something_that_gives_it() -> None:
    steroid = Line("J3301", units=4)
    assert amounts(steroid) == {("INJ-40a", "ask", 1)}
    assert amounts(Line("99213"), steroid, payer="commercial") == {("INJ-40a", "ask", 2)}
    assert not amounts(steroid, pos="22")
    for giving in ("20610", "96372", "62370", "64999", "11900"):
        assert not amounts(Line(giving), steroid)
    assert not amounts(Line("J0665", units=10))
    apart = Claim([Line("20610")], id="B")
    assert not {one for one in told(Claim([steroid]), apart) if one[0] == "INJ-40a"}
    assert not {one for one in told(Claim([steroid]), history=[apart]) if one[0] == "INJ-40a"}
    assert {
        one for one in told(Claim([steroid]), Claim(apart.lines, patient=2, id="B")) if one[0] == "INJ-40a"
    }


def test_unlisted_procedures_and_codes_that_report() -> None:
    def found(claim: Claim) -> set[tuple[str, str, int | None]]:
        return {one for one in told(claim) if one[0] in {"INJ-45", "INJ-46", "CODE-03"}}

    note = ("NTE*ADD*PULSED RADIOFREQUENCY OF THE SUPRASCAPULAR NERVE",)
    assert found(Claim([Line("64999")])) == {("INJ-45", "reject", 1)}
    assert not found(Claim([Line("64999")], extra=note))
    assert not found(Claim([Line("64999", description="PULSED RADIOFREQUENCY")]))
    assert not found(Claim([Line("64999", ["RT"], description="PULSED RADIOFREQUENCY")]))
    assert found(Claim([Line("28899")], dx=("M7918",), extra=note)) == {("INJ-46", "deny", 1)}
    assert not found(Claim([Line("28899")], dx=("M2011",), extra=note))
    assert found(Claim([Line("0521F", charge=10_00)], payer="commercial")) == {("CODE-03", "deny", 1)}
    assert not found(Claim([Line("0521F", charge=0), Line("99213")]))
