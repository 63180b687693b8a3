"""Prior authorisation, from the bytes of a claim to the finding."""

import datetime as dt

import pytest

from anodyne.app.catalogue import catalogue
from tests.claims import Claim, Line, findings, told

CENTRE = "261QA1903X"
WISER_DAY = dt.date(2026, 10, 14)


def numbers(claim: Claim) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(claim) if finding[0].startswith("PA-")}


@pytest.mark.parametrize("pos", ["19", "22"])
@pytest.mark.parametrize("code", ["64490", "64493", "64633", "64635", "64612", "64615", "63650"])
def test_in_a_hospital_the_facility_must_have_it_authorised(code: str, pos: str) -> None:
    claim = Claim([Line(code)], pos=pos, auth="", state="FL")
    assert numbers(claim) == {("PA-01", "ask", 1)}
    found = findings(claim).filter(rule="PA-01")
    assert found["needs"].to_list() == [
        ["the facility: the tracking number (UTN) of its own claim, or its exemption"]
    ]
    assert numbers(Claim([Line(code)], pos=pos, state="FL")) == set()


@pytest.mark.parametrize("pos", ["11", "12", "21", "23", "24"])
def test_other_places_are_not_in_the_hospital_programme(pos: str) -> None:
    assert numbers(Claim([Line("64493")], pos=pos, auth="", state="FL")) == set()


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("64615", dt.date(2020, 7, 1)),
        ("63650", dt.date(2021, 7, 1)),
        ("64493", dt.date(2023, 7, 1)),
        ("64636", dt.date(2023, 7, 1)),
    ],
)
def test_the_hospital_programme_begins_service_by_service(code: str, first: dt.date) -> None:
    before = first - dt.timedelta(days=1)
    assert numbers(Claim([Line(code)], pos="22", auth="", state="FL", on=before)) == set()
    assert numbers(Claim([Line(code)], pos="22", auth="", state="FL", on=first)) == {("PA-01", "ask", 1)}


def test_the_third_facet_level_left_the_hospital_programme() -> None:
    lines = [Line("64493"), Line("64494"), Line("64495")]
    last, first = dt.date(2024, 8, 4), dt.date(2024, 8, 5)
    assert ("PA-01", "ask", 3) in numbers(Claim(lines, pos="22", auth="", state="FL", on=last))
    after = numbers(Claim(lines, pos="22", auth="", state="FL", on=first))
    assert after == {("PA-01", "ask", 1), ("PA-01", "ask", 2)}


def test_other_payers_and_codes_are_not_in_it() -> None:
    for payer in ("advantage", "commercial", "medicaid", "workers"):
        assert numbers(Claim([Line("64493")], pos="22", auth="", payer=payer)) == set()
    for code in ("63685", "63688", "20610", "62323"):
        assert numbers(Claim([Line(code)], pos="22", auth="", state="FL")) == set()


@pytest.mark.parametrize("state", ["AZ", "NJ", "OH", "OK", "TX", "WA"])
def test_six_states_review_epidurals(state: str) -> None:
    for code in ("62321", "62323", "64479", "64483"):
        assert numbers(Claim([Line(code)], state=state, auth="")) == {("PA-06", "audit", 1)}
    assert numbers(Claim([Line("62323")], state=state)) == set()


@pytest.mark.parametrize("state", ["FL", "NY", "CA", "KY"])
def test_other_states_do_not(state: str) -> None:
    assert numbers(Claim([Line("62323")], state=state, auth="")) == set()


@pytest.mark.parametrize("code", ["64493", "64635", "62322", "62320", "63650", "20610", "64405"])
def test_codes_outside_the_review(code: str) -> None:
    assert numbers(Claim([Line(code)], auth="")) == set()


@pytest.mark.parametrize("code", ["22510", "22513", "22514", "63655", "64605", "64610", "0275T", "22554"])
def test_codes_of_the_review_beside_epidurals(code: str) -> None:
    assert numbers(Claim([Line(code)], auth="")) == {("PA-06", "audit", 1)}


@pytest.mark.parametrize(
    ("pos", "outcome"), [("11", "audit"), ("12", "audit"), ("19", "ask"), ("22", "ask"), ("24", "ask")]
)
def test_in_a_facility_the_number_of_the_review_is_on_its_claim(pos: str, outcome: str) -> None:
    assert numbers(Claim([Line("62323")], pos=pos, auth="")) == {("PA-06", outcome, 1)}
    assert numbers(Claim([Line("62323")], pos="21", auth="")) == set()


def test_a_surgery_centre_answers_for_itself() -> None:
    centre = Claim([Line("62323")], pos="24", auth="", billing_taxonomy=CENTRE)
    assert numbers(centre) == {("PA-06", "audit", 1)}


@pytest.mark.parametrize(
    ("state", "first"),
    [(state, dt.date(2026, 1, 19)) for state in ("CA", "FL", "GA", "MD", "NY", "PA", "TN")]
    + [(state, dt.date(2026, 2, 16)) for state in ("AZ", "OH", "TX")],
)
def test_surgery_centres_of_ten_states_have_botulinum_reviewed(state: str, first: dt.date) -> None:
    def of(day: dt.date, **other: str) -> set[tuple[str, str, int | None]]:
        centre = {"billing_taxonomy": CENTRE, "pos": "24", "auth": ""} | other
        return numbers(Claim([Line("64615")], state=state, on=day, **centre))  # type: ignore[arg-type]

    assert of(first) == {("PA-05", "audit", 1)}
    assert of(first - dt.timedelta(days=1)) == set()
    assert of(first, auth="A1B00000000001") == set()
    assert of(first, billing_taxonomy="208VP0014X") == set()


def test_facets_in_a_surgery_centre_need_no_number() -> None:
    assert numbers(Claim([Line("64493")], pos="24", auth="", billing_taxonomy=CENTRE)) == set()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("A1B00000000001", set()),
        ("Q1916P19120403", set()),
        ("A1B0000000001", {("PA-04", "reject", 1)}),
        ("A1B000000000011", {("PA-04", "reject", 1)}),
        ("A1B-0000000001", {("PA-04", "reject", 1)}),
        ("AUTH1234", {("PA-04", "reject", 1)}),
    ],
)
def test_a_tracking_number_has_fourteen_places(
    number: str, expected: set[tuple[str, str, int | None]]
) -> None:
    assert numbers(Claim([Line("62323")], auth=number)) == expected
    assert numbers(Claim([Line("62323")], auth=number, payer="commercial")) == set()
    assert numbers(Claim([Line("20610")], auth=number)) == set()


def test_the_first_authority_of_the_model_speaks_for_each_of_its_states() -> None:
    cites = catalogue()["PA-06"][0].cites
    assert cites[0].section.startswith("six states")
    assert not any("Texas" in cite.source for cite in cites[:2])
