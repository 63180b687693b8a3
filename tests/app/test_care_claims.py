"""A closed month becomes claims of what is billable in it, to the cent, or nothing at all and why."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from anodyne.app.care_claims import CONTROL_NUMBERS, MonthlyClaims, compose_month
from anodyne.app.care_closed import SCHEMA
from anodyne.app.check import check
from anodyne.cli import care_json
from anodyne.kernel.errors import AnodyneError, BadCell, BadRequest, BadTable, UnreadableFile
from anodyne.model.book import Book
from anodyne.model.care import Served
from anodyne.sheets.patients import PATIENTS
from anodyne.x12.read import book_of, read_stream
from tests.claims import reference

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
PHYSICIAN, NURSE = "1234567893", "1245319599"
MADE_AT = dt.datetime(2026, 11, 3, 9, 30)  # noqa: DTZ001 -- of the practice's own wall clock
PRIVATE = ("PEPPERDINE", "ISOLDE", "WIDDERSHINS", "1C29D38EF45", "1949-06-12", "18 THIMBLE", "43055", "G89.4")
Row = dict[str, Any]


def result(patient: str = "P001", *codes: tuple[str, int], **other: object) -> Row:
    """A billable result with the keys that `care close` writes."""
    told: Row = {
        "patient": patient,
        "practitioner": PHYSICIAN,
        "program": "cpm",
        "counted_seconds": 2700,
        "codes": [{"code": code, "units": units} for code, units in codes or [("G3002", 1)]],
        "status": "billable",
        "blockers": [],
        "next": None,
        "entries": [],
        "met_on": "2026-10-14",
        "pos": "11",
    }
    return {**told, **other}


def closed(folder: Path, *results: object, **other: object) -> str:
    """The file of a closed month."""
    path = folder / "closed.json"
    document = {"schema": SCHEMA, "month": "2026-10", "results": results, "conflicts": [], "errors": []}
    path.write_text(json.dumps({**document, **other}))
    return str(path)


def patients(folder: Path, *changes: Mapping[str, str]) -> str:
    """The patients of the example, the first of them changed."""
    with (EXAMPLES / "care_patients.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row, change in zip(rows, changes, strict=False):
        row.update(change)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [name for name in PATIENTS if name != "patient_key"], restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "patients.csv"
    path.write_text(text.getvalue())
    return str(path)


def practice(folder: Path, *changes: tuple[str, str]) -> str:
    """The practice of the example, with texts replaced."""
    text = (EXAMPLES / "care_practice.toml").read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "practice.toml"
    path.write_text(text)
    return str(path)


def made(folder: Path, *results: object, **given: Any) -> MonthlyClaims:
    """The claims of a month of `results`."""
    asked = {"served": Served.MET, "made_at": MADE_AT, "reference": reference(), **given}
    people = asked.pop("people", ())
    own = asked.pop("own", ())
    return compose_month(
        asked.pop("closed", None) or closed(folder, *results),
        patients(folder, *people),
        practice(folder, *own),
        **asked,
    )


def read(told: MonthlyClaims) -> Book:
    return book_of(list(read_stream(io.BytesIO(told.data), name="out.837", structure=True)))


def lines(told: MonthlyClaims, *columns: str) -> list[tuple[Any, ...]]:
    return read(told).lines.select(*columns).rows()


def refused(folder: Path, *results: object, **given: Any) -> str:
    """Why a month of `results` is refused; with nothing in it that is a patient's."""
    with pytest.raises(AnodyneError) as raised:
        made(folder, *results, **given)
    assert not [private for private in PRIVATE if private in str(raised.value)]
    return str(raised.value)


def sent(folder: Path, told: MonthlyClaims, name: str = "sent.837") -> str:
    path = folder / name
    path.write_bytes(told.data)
    return str(path)


# What is billed


def test_codes_units_charges_and_days_are_those_of_the_month(tmp_path: Path) -> None:
    told = made(
        tmp_path,
        result("P001", ("G3002", 1), ("G3003", 3), met_on="2026-10-27"),
        result("P002", ("G3002", 1), practitioner=NURSE, pos="10"),
        result("P001", ("99490", 1), ("99439", 2), program="ccm", met_on="2026-10-22"),
    )
    assert lines(told, "code", "units", "charge_cents", "served_on", "served_to", "pos", "rendering_npi") == [
        ("G3002", 1, 125_00, dt.date(2026, 10, 27), dt.date(2026, 10, 27), "11", PHYSICIAN),
        ("G3003", 3, 136_50, dt.date(2026, 10, 27), dt.date(2026, 10, 27), "11", PHYSICIAN),
        ("99490", 1, 90_00, dt.date(2026, 10, 22), dt.date(2026, 10, 22), "11", PHYSICIAN),
        ("99439", 2, 140_00, dt.date(2026, 10, 22), dt.date(2026, 10, 22), "11", PHYSICIAN),
        ("G3002", 1, 125_00, dt.date(2026, 10, 14), dt.date(2026, 10, 14), "10", NURSE),
    ]
    assert read(told).claims["charge_cents"].to_list() == [261_50, 230_00, 125_00]
    assert told.told["charge_cents"].sum() == 616_50
    assert not told.findings.filter(rule="X12-").height


def test_a_check_of_the_file_finds_nothing(tmp_path: Path) -> None:
    told = made(
        tmp_path,
        result("P001", ("G3002", 1), ("G3003", 4)),
        result("P002"),
        result("P006", practitioner=NURSE),
    )
    assert told.findings.is_empty()
    with check([sent(tmp_path, told)], as_of=MADE_AT.date(), reference=reference()) as report:
        assert report.worst() is None
        assert report.files[0].claims == 3


def test_a_claim_says_who_pays_who_treats_and_what_for(tmp_path: Path) -> None:
    (claim,) = read(made(tmp_path, result())).claims.to_dicts()
    expected = {
        "payer_id": "15202",
        "filing": "MB",
        "payer_rank": "P",
        "relationship": "18",
        "member_id": "1C29D38EF45",
        "birth_date": dt.date(1949, 6, 12),
        "sex": "F",
        "billing_npi": "1999900016",
        "rendering_npi": PHYSICIAN,
        "rendering_taxonomy": "208VP0014X",
        "facility_npi": None,
        "state": "OH",
        "zip": "432150001",
        "frequency": "1",
        "medical_record": "LH-20417",
        "dx1": "G894",
        "dx5": "E785",
        "dx6": None,
        "dx_system": "ABK",
    }
    assert {name: claim[name] for name in expected} == expected


@pytest.mark.parametrize(("many", "pointers"), [(1, "1"), (3, "1:2:3"), (4, "1:2:3:4"), (12, "1:2:3:4")])
def test_a_line_points_to_four_diagnoses_at_most(tmp_path: Path, many: int, pointers: str) -> None:
    codes = (
        "G894",
        "M961",
        "I10",
        "E119",
        "E785",
        "M1711",
        "M47816",
        "M5416",
        "F329",
        "N183",
        "Z79891",
        "G4700",
    )
    change = {f"dx{n}": codes[n - 1] if n <= many else "" for n in range(1, 13)}
    told = made(tmp_path, result(), people=[change])
    assert lines(told, "dx_pointers") == [(pointers,)]
    claim = read(told).claims
    assert [claim[f"dx{n}"].item() for n in range(1, 13)] == [*codes[:many], *[None] * (12 - many)]


def test_diagnoses_close_up_and_stand_once(tmp_path: Path) -> None:
    change = {"dx1": "G89.4", "dx2": "", "dx3": "M96.1", "dx4": "g894", "dx5": "I10"}
    told = made(tmp_path, result(), people=[change])
    assert lines(told, "dx_pointers") == [("1:2:3",)]
    assert read(told).claims.select("dx1", "dx2", "dx3", "dx4").row(0) == ("G894", "M961", "I10", None)


def test_one_claim_for_each_patient_practitioner_day_and_place(tmp_path: Path) -> None:
    told = made(
        tmp_path,
        result("P001"),
        result("P001", ("99490", 1), program="ccm"),
        result("P001", ("99457", 1), program="rpm", pos="10"),
        result("P001", ("99484", 1), program="bhi", met_on="2026-10-15"),
        result("P001", practitioner=NURSE),
        result("P002"),
    )
    assert told.told.select("patient", "practitioner", "served_on", "pos", "lines").rows() == [
        ("P001", PHYSICIAN, dt.date(2026, 10, 14), "11", 2),
        ("P001", PHYSICIAN, dt.date(2026, 10, 14), "10", 1),
        ("P001", PHYSICIAN, dt.date(2026, 10, 15), "11", 1),
        ("P001", NURSE, dt.date(2026, 10, 14), "11", 1),
        ("P002", PHYSICIAN, dt.date(2026, 10, 14), "11", 1),
    ]


def test_on_the_last_day_all_but_transitional_care_is_served(tmp_path: Path) -> None:
    results = (
        result("P001", met_on=None),
        result("P001", ("99496", 1), program="tcm", met_on="2026-10-20"),
    )
    told = made(tmp_path, *results, served=Served.LAST_DAY)
    last, visit = dt.date(2026, 10, 31), dt.date(2026, 10, 20)
    assert sorted(lines(told, "code", "served_on")) == [("99496", visit), ("G3002", last)]


def test_what_is_not_billable_is_on_no_claim(tmp_path: Path) -> None:
    block = [{"rule": "CPM-09", "outcome": "deny", "message": "…", "needs": []}]
    told = made(
        tmp_path,
        result("P001"),
        result("P002", ("G3002", 1), ("G3003", 2), status="held", blockers=block),
        result("P003", status="short", codes=[], met_on=None),
        result("P004", status="not_enrolled", codes=[], met_on=None),
        result("P999", ("G9999", 1), status="held", blockers=block, practitioner="1999900222"),
    )
    assert lines(told, "code") == [("G3002",)]
    assert told.told["patient"].to_list() == ["P001"]


@pytest.mark.parametrize(
    ("charge", "units", "cents"),
    [("0.01", 1, 1), ("19.99", 3, 5997), ("1.10", 7, 770), ("99999.99", 9, 89999991)],
)
def test_charges_are_whole_cents(tmp_path: Path, charge: str, units: int, cents: int) -> None:
    own = [('G3003 = "45.50"', f'G3003 = "{charge}"')]
    told = made(tmp_path, result("P001", ("G3002", 1), ("G3003", units)), own=own)
    assert lines(told, "charge_cents")[1] == (cents,)
    assert read(told).claims["charge_cents"].item() == cents + 125_00


def test_care_without_a_place_was_at_the_practices_own(tmp_path: Path) -> None:
    own = [('place = "11"', 'place = "19"')]
    assert lines(made(tmp_path, result(pos=None), own=own), "pos") == [("19",)]


def test_care_at_another_address_says_where(tmp_path: Path) -> None:
    claims = read(made(tmp_path, result(pos="22"), result("P002", pos="12"))).claims
    assert claims.select("pos", "facility_npi", "zip").rows() == [
        ("22", "1999900222", "432150900"),
        ("12", None, "432150001"),
    ]


def test_who_bills_alone_is_told_once(tmp_path: Path) -> None:
    own = [
        (
            'name = "LANTERN HILL PAIN PRACTICE LLC"\nnpi = "1999900016"',
            f'last = "OTTAWAY"\nnpi = "{PHYSICIAN}"',
        )
    ]
    told = made(tmp_path, result(), own=own)
    assert lines(told, "rendering_npi") == [(None,)]
    assert told.against().is_empty()


# The same month, the same file


def test_the_same_month_is_the_same_file(tmp_path: Path) -> None:
    results = (result("P001", ("G3002", 1), ("G3003", 1)), result("P002"))
    one, other = (made(tmp_path, *results) for _ in range(2))
    assert one.data == other.data
    later = made(tmp_path, *results, made_at=MADE_AT + dt.timedelta(days=1))
    assert later.control_number == one.control_number
    assert later.data != one.data
    assert made(tmp_path, *reversed(results)).told["claim"].sort().equals(one.told["claim"].sort())


def test_what_else_is_billed_changes_no_claims_id(tmp_path: Path) -> None:
    alone, beside = made(tmp_path, result("P002")), made(tmp_path, result("P001"), result("P002"))
    assert alone.told["claim"].item() == beside.told["claim"][1]
    assert alone.control_number != beside.control_number


def test_ids_are_short_distinct_and_tell_nobody(tmp_path: Path) -> None:
    told = made(tmp_path, *(result(f"P00{n}", ("G3002", 1), ("G3003", 1)) for n in range(1, 7)))
    ids = told.told["claim"].to_list()
    assert len(set(ids)) == 6
    assert all(len(one) == 20 and one.isalnum() and one.startswith("202610") for one in ids)
    numbers = read(told).lines.select("control_number").to_series().to_list()
    assert numbers == [f"{one}-{line}" for one in ids for line in (1, 2)]


def test_other_claims_have_another_control_number(tmp_path: Path) -> None:
    number = made(tmp_path, result()).control_number
    assert 1 <= number <= CONTROL_NUMBERS
    others = (
        made(tmp_path, result(), people=[{"address": "19 THIMBLE LANE"}]),
        made(tmp_path, result(), own=[('"125.00"', '"126.00"')]),
        made(tmp_path, result(), served=Served.LAST_DAY),
    )
    assert number not in {other.control_number for other in others}
    assert made(tmp_path, result(), people=[{}, {"address": "1 ELM ST"}]).control_number == number
    told = made(tmp_path, result(), control_number=42)
    assert (told.control_number, b"*000000042*0*T*:~" in told.data) == (42, True)


def test_usage_is_what_the_practice_says(tmp_path: Path) -> None:
    told = made(tmp_path, result(), own=[('usage = "test"', 'usage = "production"')])
    assert b"*0*P*:~" in told.data


# What was sent before


def test_a_month_sent_again_is_found_by_the_rules_on_duplicates(tmp_path: Path) -> None:
    results = (result("P001", ("G3002", 1), ("G3003", 1)), result("P002", ("99490", 1), program="ccm"))
    first = made(tmp_path, *results)
    for days in (0, 1):
        again = made(
            tmp_path,
            *results,
            made_at=MADE_AT + dt.timedelta(days=days),
            history=[sent(tmp_path, first)],
        )
        against = set(again.against().select("patient", "practitioner", "line", "rule").iter_rows())
        assert against >= {("P001", PHYSICIAN, 1, "CPM-03a"), ("P002", PHYSICIAN, 1, "DUP-01")}
        assert again.findings["claim"].is_in(first.told["claim"].implode()).all()


def test_a_month_sent_again_on_another_day_is_found_too(tmp_path: Path) -> None:
    first = made(tmp_path, result())
    again = made(tmp_path, result(), served=Served.LAST_DAY, history=[sent(tmp_path, first)])
    assert again.against()["rule"].to_list() == ["CPM-16"]


def test_an_earlier_month_is_none_sent_again(tmp_path: Path) -> None:
    earlier = compose_month(
        closed(tmp_path, result(met_on="2026-09-14"), month="2026-09"),
        patients(tmp_path),
        practice(tmp_path),
        served=Served.MET,
        made_at=MADE_AT,
        reference=reference(),
    )
    assert made(tmp_path, result(), history=[sent(tmp_path, earlier)]).against().is_empty()


# What is refused


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    told = refused(
        tmp_path,
        result("P071"),
        result("P070", ("G3002", 1), ("G3003", 1), practitioner="1999900222"),
        result("P070", ("99490", 1), program="ccm", pos="24"),
        result("P001", met_on=None),
        result("P001", ("99457", 1), program="rpm", pos="31"),
        own=[('G3003 = "45.50"\n', ""), ('99490 = "90.00"\n', "")],
    )
    parts = (
        "patients.csv does not have P071, P070;",
        "practice.toml has no charge for 99490, G3003;",
        "practice.toml has no practitioner 1999900222;",
        "practice.toml has no site for place 24, 31;",
        "no day of service (met_on) is told of P001 (",
    )
    assert all(part in told for part in parts), told


def test_a_patient_whose_id_may_be_a_name_is_told_by_place(tmp_path: Path) -> None:
    told = refused(tmp_path, result("P001"), result("Isolde P."))
    assert "does not have the patient of result 2" in told
    assert "Isolde" not in told


def test_a_month_in_which_nothing_is_billable(tmp_path: Path) -> None:
    assert "nothing is billable in 2026-10" in refused(tmp_path, result(status="short", codes=[]))
    assert "nothing is billable in 2026-10" in refused(tmp_path)


def test_a_month_that_is_not_over(tmp_path: Path) -> None:
    for hour in (0, 23):
        last = dt.datetime(2026, 10, 30, hour)  # noqa: DTZ001 -- of the practice's own wall clock
        assert "2026-10 is not over on 2026-10-30" in refused(tmp_path, result(), made_at=last)
    made(tmp_path, result(), made_at=dt.datetime(2026, 10, 31, 18))  # noqa: DTZ001 -- the same


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"schema": "anodyne.care/2"}, "its schema is not anodyne.care/1"),
        ({"errors": [{"file": "time.csv", "row": 3}]}, "the month was not closed"),
        ({"month": "2026-13"}, "no month or no results"),
        ({"month": None}, "no month or no results"),
        ({"results": None}, "no month or no results"),
        ({"results": ["P001"]}, "it is no object"),
        ({"results": [result(patient="")]}, "it has no patient"),
        ({"results": [result(practitioner="1234567890")]}, "its practitioner is no NPI"),
        ({"results": [result(program="em")]}, "its program is none"),
        ({"results": [result(status="paid")]}, "its status is none"),
        ({"results": [result(blockers=[{"rule": "CPM-09"}])]}, "something stands against it"),
        ({"results": [result(blockers=None)]}, "something stands against it"),
        ({"results": [result(codes=[])]}, "its codes with their units are not told"),
        ({"results": [result(codes=["G3002"])]}, "its codes with their units are not told"),
        ({"results": [result(codes=[{"code": "G3002", "units": 0}])]}, "its codes with their units"),
        ({"results": [result(codes=[{"code": "G3002", "units": 1.5}])]}, "its codes with their units"),
        ({"results": [result(codes=[{"code": "G3002", "units": True}])]}, "its codes with their units"),
        ({"results": [result("P001", ("G3002", 1), ("G3002", 1))]}, "it has a code twice"),
        ({"results": [result(pos="office")]}, "its pos is no place of service"),
        ({"results": [result(met_on="2026-09-30")]}, "its met_on is no day of the month"),
        ({"results": [result(met_on="soon")]}, "its met_on is no day of the month"),
        ({"results": [result(), result()]}, "result 2). Give"),
    ],
)  # fmt: skip
def test_what_is_no_closed_month(tmp_path: Path, change: Mapping[str, object], why: str) -> None:
    path = closed(tmp_path, **change)
    assert why in refused(tmp_path, closed=path)


@pytest.mark.parametrize("content", [b"", b"ISA*00*", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_of_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "closed.json"
    path.write_bytes(content)
    assert "ANO-101 not a closed month" in refused(tmp_path, closed=str(path))
    path.unlink()
    assert "the closed month cannot be read" in refused(tmp_path, closed=str(path))


def test_the_schema_is_that_which_is_written() -> None:
    assert care_json.SCHEMA == SCHEMA


# The practice


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("[submitter]", "[sender]", "there is no key sender (at"),
        ("[receiver]", "[reciever]", "there is no key reciever"),
        ('phone = "6145550123"\n', "", "it lacks phone (at"),
        ('sender = "LHPP01"', 'sendr = "LHPP01"', "there is no key sendr"),
        ('usage = "test"', 'usage = "T"', "usage is not what it must be"),
        ('usage = "test"', 'usage = "test"\nsender_qualifier = "XX"', "sender_qualifier is not"),
        ('usage = "test"', "usage = true", "usage is not a text"),
        ('npi = "1999900016"', 'npi = "1999900010"', "the NPI is none"),
        ('tax_id = "990000001"', 'tax_id = "99-0000001"', "tax_id is not what it must be"),
        ('taxonomy = "363LF0000X"', 'taxonomy = "nurse"', "taxonomy is not what it must be"),
        ('zip = "432150001"', 'zip = "43215"', "zip is not what it must be"),
        ('state = "OH"', 'state = "Ohio"', "state is not what it must be"),
        ('place = "11"', 'place = "office"', "place is not what it must be"),
        ('place = "11"', 'place = "11"\nfirst = "X"\nlast = "Y"', "it has not one of name and last"),
        ('place = "11"', 'place = "11"\ncontact = "X"', "it has one of contact and phone"),
        ("[practitioner.1245319599]", "[practitioner.1245319590]", "the NPI is none"),
        ("[practitioner.1245319599]", "[practitioner.nurse]", "the NPI is none"),
        ('last = "OAKHURST"', 'name = "OAKHURST"', "there is no key name"),
        ('last = "OAKHURST"', 'last = " "', "last is not a text"),
        ('G3002 = "125.00"', "G3002 = 125.00", "the charge of G3002 is not dollars and cents"),
        ('G3002 = "125.00"', 'G3002 = "125"', "the charge of G3002 is not dollars and cents"),
        ('G3002 = "125.00"', 'G3002 = "0.00"', "the charge of G3002 is not dollars and cents"),
        ('G3002 = "125.00"', 'G3002 = "-1.00"', "the charge of G3002 is not dollars and cents"),
        ('G3002 = "125.00"', 'G302 = "125.00"', "G302 is no procedure code"),
        ("[site.22]", "[site.2]", "place is not what it must be"),
        ('npi = "1999900222"', 'npi = "1999900220"', "the NPI is none"),
        ("[charges]", "charges = 3\n[charge]", "there is no key charge"),
        ('usage = "test"', "usage = test", "not a practice file"),
    ],
)  # fmt: skip
def test_what_is_no_practice(tmp_path: Path, before: str, after: str, why: str) -> None:
    told = refused(tmp_path, result(), own=[(before, after)])
    assert why in told
    assert "practice.toml" in told


def test_tables_that_are_none(tmp_path: Path) -> None:
    whole = (EXAMPLES / "care_practice.toml").read_text()
    no_charges = whole.replace("[charges]", "[site.21]")
    for text, why in (
        ("", "it lacks submitter, receiver, interchange, billing, practitioner, charges"),
        (f"charges = 3\n{no_charges[: no_charges.index('[site.21]')]}", "it is not a table"),
        ("\n".join(_without(whole, "practitioner.")) + "\n[practitioner]", "nobody treats"),
    ):
        path = tmp_path / "own.toml"
        path.write_text(text)
        with pytest.raises(UnreadableFile, match=why):
            compose_month(
                closed(tmp_path, result()), patients(tmp_path), str(path), served=Served.MET, made_at=MADE_AT
            )
    with pytest.raises(UnreadableFile, match="the practice cannot be read"):
        compose_month(
            closed(tmp_path, result()), patients(tmp_path), "nowhere.toml", served=Served.MET, made_at=MADE_AT
        )


def _without(text: str, table: str) -> Sequence[str]:
    kept, inside = [], False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.startswith(f"[{table}")
        if not inside:
            kept.append(line)
    return kept


# The patients


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        ("last", "PEÑA", "the text holds a letter or sign that claims do not have"),
        ("last", "PEPPER*DINE", "the text holds one of * : ^ ~"),
        ("last", "P" * 61, "the text has not 1 to 60 characters"),
        ("last", "", "the cell is empty"),
        ("birth_date", "06/12/1949", "the text is not a date"),
        ("birth_date", "1949-02-30", "the text is no day of the calendar"),
        ("birth_date", "1849-06-12", "the day is before 1900"),
        ("sex", "female", "the text is no sex"),
        ("member_id", "1", "the text has not 2 to 80 characters"),
        ("state", "Indiana", "the text is no state"),
        ("state", "ZZ", "the text is no state"),
        ("zip", "9021", "the text is not a ZIP code"),
        ("zip", "90210-00", "the text is not a ZIP code"),
        ("filing", "Medicare", "the text is no claim filing code (SBR09)"),
        ("dx1", "chronic pain", "the text is no ICD-10-CM code"),
        ("dx1", "", "the cell is empty"),
        ("dx2", "G89.41234", "the text is no ICD-10-CM code"),
    ],
)
def test_a_bad_cell_of_a_patient(tmp_path: Path, column: str, text: str, why: str) -> None:
    with pytest.raises(BadTable) as raised:
        made(tmp_path, result(), people=[{}, {column: text}])
    (cell,) = raised.value.cells
    assert (cell.row, cell.column, cell.message) == (3, column, cell.message)
    assert why in cell.message
    assert not text or len(text) < 3 or text not in str(raised.value)


def test_cells_are_put_as_claims_have_them(tmp_path: Path) -> None:
    change = {
        "sex": "f",
        "state": "oh",
        "zip": "43215-0417",
        "dx1": "g89.4",
        "filing": "mb",
        "medical_record": "",
    }
    told = made(tmp_path, result(), people=[change])
    assert b"N4*COLUMBUS*OH*432150417~" in told.data
    (claim,) = read(told).claims.to_dicts()
    assert [claim[name] for name in ("sex", "dx1", "filing", "medical_record")] == ["F", "G894", "MB", None]


def test_a_patient_who_stands_twice(tmp_path: Path) -> None:
    with pytest.raises(BadTable) as raised:
        made(tmp_path, result(), people=[{}, {"patient": "P001"}])
    assert [(cell.row, cell.message) for cell in raised.value.cells] == [
        (3, "the same patient stands in row 2")
    ]


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    table = pl.read_csv(patients(tmp_path), infer_schema=False).with_columns(
        pl.col("birth_date").str.to_date(), pl.col("zip").cast(pl.Int64)
    )
    path = tmp_path / "patients.parquet"
    table.write_parquet(path)
    from_parquet = compose_month(
        closed(tmp_path, result()),
        str(path),
        practice(tmp_path),
        served=Served.MET,
        made_at=MADE_AT,
        reference=reference(),
    )
    assert from_parquet.data == made(tmp_path, result()).data


def test_an_unknown_column_is_told_by_name(tmp_path: Path) -> None:
    path = Path(patients(tmp_path))
    path.write_text(path.read_text().replace("member_id", "memberid"))
    with pytest.raises(BadTable) as raised:
        compose_month(
            closed(tmp_path, result()), str(path), practice(tmp_path), served=Served.MET, made_at=MADE_AT
        )
    assert raised.value.cells[0] == BadCell(
        str(path), 1, "memberid", "there is no such column", "Is it member_id?"
    )


def test_what_holds_claims_does_not_show_them(tmp_path: Path) -> None:
    told = made(tmp_path, result())
    assert not [private for private in PRIVATE if private in repr(told)]


def test_a_control_number_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="control_number is not from 1 to"):
        made(tmp_path, result(), control_number=0)
