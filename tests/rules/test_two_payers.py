"""One service to two payers is one service; what is looked for on a day is looked for with one payer."""

from dataclasses import replace

import pytest

from tests.claims import Claim, Line, findings, npi, told
from tests.rules.test_fires import ROWS, claim_of, earlier

SECOND = {"medicare": "commercial"}


def rules_of(*claims: Claim, history: tuple[Claim, ...] = ()) -> set[tuple[str, int | None]]:
    return {(rule, line) for rule, _, line in told(*claims, history=history)}


def test_a_claim_to_a_second_payer_changes_nothing_found_of_the_first() -> None:
    """Every tiny claim of `fires.txt`, alone, with its twin to another payer beside it, and before it."""
    claims, twins, before = [], [], []
    for number, row in enumerate((row for row in ROWS if " ~ " not in row), 1):
        now, _, history = row.partition(": ")[2].partition(" < ")
        claim = replace(claim_of(now), patient=number, id=f"C{number}")
        claims.append(claim)
        twins.append(replace(claim, payer=SECOND.get(claim.payer, "blue"), id=f"T{number}"))
        before += [
            replace(earlier(text, place), patient=number, id=f"H{number}-{place}")
            for place, text in enumerate(history.split(", ") if history else [])
        ]

    def found(*more: Claim, history: list[Claim]) -> set[tuple[str, str, int | None]]:
        rows = findings(*claims, *more, history=history).select("claim", "rule", "line")
        return {row for row in rows.iter_rows() if row[0].startswith("C")}

    alone = found(history=before)
    assert len(alone) > len(claims) / 2
    assert found(*twins, history=before) == alone
    assert found(history=[*before, *twins]) == alone


@pytest.mark.parametrize(
    "line",
    [
        Line("62323"),
        Line("20553"),
        Line("64405", ["RT"]),
        Line("64493", ["50"]),
        Line("G3002"),
        Line("J3301", units=10),
        Line("99454"),
        Line("64628"),
    ],
)
def test_the_secondary_of_a_service_is_no_second_service(line: Line) -> None:
    primary, secondary = Claim([line], payer="commercial", id="P"), Claim([line], id="S", rank="S")
    alone = told(secondary)
    assert told(secondary, history=[primary]) == alone
    again = replace(secondary, id="AGAIN", rank="P")
    assert told(secondary, history=[again]) != alone


def test_the_units_of_a_day_are_those_to_one_payer() -> None:
    ten, seven = Claim([Line("J3301", units=10)], id="A"), Claim([Line("J3301", units=7)], id="B")
    assert ("NCCI-06", 1) in rules_of(ten, seven)
    assert ("NCCI-06", 1) not in rules_of(ten, replace(seven, payer="commercial"))
    assert ("NCCI-06", 1) not in rules_of(ten, replace(seven, lines=[Line("J3301", units=6)]))


def test_a_further_code_needs_its_first_on_a_claim_to_the_same_payer() -> None:
    further, first = Claim([Line("64484", ["RT"])], id="A"), Claim([Line("64483", ["RT"])], id="B")
    assert rules_of(further, history=(first,)) != rules_of(further)
    assert rules_of(further, history=(replace(first, payer="commercial"),)) == rules_of(further)


def test_one_day_to_two_payers_is_one_session_for_each() -> None:
    medicare, other = (Claim([Line("62322")], payer=p, id=p) for p in ("medicare", "commercial"))
    for claims in ((medicare, other), (other, medicare)):
        found = findings(*claims).filter(rule="LCD-E5")
        assert found["claim"].to_list() == ["medicare"]


def test_diagnostic_lines_are_those_to_one_payer() -> None:
    marked = Claim([Line("64493", ["50", "KX"])], id="A", rank="S", dx=("M47816",))
    plain = [Line("64493", ["RT"]), Line("64493", ["LT"])]
    primary = Claim(plain, payer="commercial", id="B", dx=("M47816",))
    assert ("LCD-F4c", 1) not in rules_of(marked, history=(primary,))
    here = Claim([Line("64493", ["RT", "KX"]), Line("64494", ["RT"])], dx=("M47816",))
    assert ("LCD-F4c", 1) in rules_of(here)


def test_toxin_to_two_payers_is_given_once() -> None:
    toxin = Claim([Line("64615"), Line("J0585", ["JZ"], units=200)], id="A", dx=("G43709",))
    assert ("INJ-34b", 1) not in rules_of(toxin, history=(replace(toxin, payer="commercial", id="B"),))
    more = replace(toxin, lines=[Line("64615"), Line("J0585", ["JZ"], units=400)])
    assert ("INJ-34b", 1) in rules_of(more)


def test_what_an_earlier_claim_of_the_day_lacks_is_not_told_of_the_one_checked() -> None:
    unguided, guided = Claim([Line("62322")], id="A"), Claim([Line("62323")], id="B")
    assert rules_of(guided, history=(unguided,)) == {("NCCI-04", 1)}
    assert ("LCD-E5", 1) in rules_of(unguided, history=(guided,))


def test_kx_on_an_earlier_claim_of_the_day_wants_kx_now_and_not_the_other_way_round() -> None:
    marked = Claim([Line("64493", ["RT", "KX"])], id="A", dx=("M47816",))
    plain = Claim([Line("64494", ["RT"])], id="B", dx=("M47816",))
    assert ("LCD-F4c", 1) in rules_of(plain, history=(marked,))
    assert ("LCD-F4c", 1) not in rules_of(marked, history=(plain,))


def test_a_surgery_another_payer_paid_still_covers_its_follow_up() -> None:
    surgery = Claim([Line("64635", ["RT"])], id="A", payer="commercial", dx=("M47816",))
    after = Claim([Line("99213")], on=surgery.on.replace(day=20), dx=("M47816",))
    same = replace(surgery, payer="medicare")
    assert rules_of(after, history=(surgery,)) == rules_of(after, history=(same,)) != rules_of(after)


@pytest.mark.parametrize("payer", ["medicare", "commercial"])
def test_a_patient_seen_for_another_payer_is_not_new(payer: str) -> None:
    seen = Claim([Line("99213")], id="A", on=Claim([]).on.replace(year=2025), payer=payer)
    new = Claim([Line("99204")], rendering=npi(52))
    assert rules_of(new, history=(seen,)) != rules_of(new)
