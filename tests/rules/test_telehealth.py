"""Telehealth by day, place, modifier, code and payer, and visits in places not theirs."""

import datetime as dt

import pytest

from tests.claims import AS_OF, Claim, Line, findings, told

Told = set[tuple[str, str, int | None]]
RETURNS = dt.date(2025, 11, 12)


def mine(*claims: Claim, as_of: dt.date = AS_OF) -> Told:
    return {found for found in told(*claims, as_of=as_of) if found[0].startswith(("TEL-", "POS-"))}


def remote(code: str = "99213", *mods: str, pos: str = "10", **given: object) -> Claim:
    return Claim([Line(code, mods)], pos=pos, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("payer", ["medicare", "commercial", "workers", "medicaid"])
@pytest.mark.parametrize(("mods", "pos"), [((), "10"), ((), "02"), (("93",), "10"), (("95",), "02")])
def test_an_ordinary_visit_by_telehealth_is_silent(payer: str, mods: tuple[str, ...], pos: str) -> None:
    assert mine(remote("99213", *mods, pos=pos, payer=payer)) == set()


@pytest.mark.parametrize(
    ("day", "as_of", "found"),
    [
        (dt.date(2024, 12, 31), dt.date(2025, 2, 1), set()),
        (dt.date(2025, 3, 31), dt.date(2025, 4, 10), set()),
        (dt.date(2025, 9, 30), dt.date(2025, 10, 5), set()),
        (dt.date(2025, 10, 1), dt.date(2025, 10, 5), {("TEL-01", "deny", 1)}),
        (dt.date(2025, 11, 12), dt.date(2025, 11, 11), {("TEL-01", "deny", 1)}),
        (dt.date(2025, 10, 1), RETURNS, set()),
        (dt.date(2025, 11, 12), dt.date(2026, 1, 5), set()),
        (dt.date(2025, 11, 13), dt.date(2026, 1, 5), set()),
        (dt.date(2026, 1, 30), dt.date(2026, 2, 1), set()),
        (dt.date(2026, 1, 31), dt.date(2026, 2, 2), {("TEL-01", "deny", 1)}),
        (dt.date(2026, 2, 3), dt.date(2026, 2, 3), set()),
        (dt.date(2026, 2, 4), dt.date(2026, 2, 10), set()),
        (dt.date(2027, 12, 31), dt.date(2028, 1, 10), set()),
        (dt.date(2028, 1, 1), dt.date(2028, 1, 10), {("TEL-01", "deny", 1)}),
    ],
)
def test_the_same_visit_on_the_edge_days_of_each_law(day: dt.date, as_of: dt.date, found: Told) -> None:
    assert mine(remote(on=day), as_of=as_of) == found
    assert mine(remote(on=day, payer="commercial"), as_of=as_of) == set()


def test_pain_management_by_telehealth_rests_on_the_law_and_behavioural_health_does_not() -> None:
    day, as_of = dt.date(2028, 1, 3), dt.date(2028, 1, 10)
    assert mine(remote("G3002", on=day), as_of=as_of) == {("TEL-01", "deny", 1)}
    assert mine(remote("90834", on=day), as_of=as_of) == set()
    assert mine(remote("99490", on=day), as_of=as_of) == set()
    assert mine(remote(on=day, pos="02"), as_of=as_of) == {("TEL-01", "ask", 1)}


def test_a_gap_that_was_closed_since_is_told_only_while_it_was_open() -> None:
    claim = remote(on=dt.date(2025, 10, 14))
    assert findings(claim, as_of=dt.date(2025, 10, 20)).filter(rule="TEL-01")["message"].to_list() == [
        "99213 at home by telehealth, while the law has lapsed: hold it, it may be restored"
    ]
    assert mine(claim, as_of=dt.date(2025, 11, 20)) == set()


@pytest.mark.parametrize("code", ["20610", "62323", "20560", "97810", "J3301", "77003", "96372", "98941"])
@pytest.mark.parametrize("payer", ["medicare", "commercial"])
def test_what_needs_hands_is_not_telehealth(code: str, payer: str) -> None:
    assert mine(remote(code, payer=payer)) == {("TEL-02", "deny", 1)}
    assert mine(remote(code, "95", pos="11", payer=payer)) == {("TEL-02", "deny", 1)}
    assert mine(remote(code, pos="11", payer=payer)) == set()


@pytest.mark.parametrize("code", ["95972", "97110", "G3002", "99490", "90837", "99406"])
def test_what_may_be_given_by_telehealth(code: str) -> None:
    assert mine(remote(code)) == set()


def test_modifiers_and_place() -> None:
    assert mine(remote("99213", "95", "93")) == {("TEL-03", "deny", 1)}
    assert mine(remote("99213", "95", pos="11")) == {("TEL-04", "audit", 1)}
    assert mine(remote("99213", "93", pos="11")) == {("TEL-04", "audit", 1)}
    assert mine(remote("97110", "GP", "95", pos="22")) == set()
    assert mine(remote("99213", "95", pos="11", on=dt.date(2023, 12, 31))) == set()
    assert mine(remote("99213", "95", pos="11", payer="commercial")) == set()
    assert mine(remote("99213", "GT")) == {("TEL-08", "audit", 1)}
    assert mine(remote("99213", "GT", payer="commercial")) == set()


@pytest.mark.parametrize("code", ["98000", "98007", "98008", "98015"])
def test_telemedicine_codes(code: str) -> None:
    assert mine(remote(code)) == {("TEL-07", "deny", 1)}
    assert mine(remote(code, payer="commercial")) == set()
    assert mine(remote("98016")) == set()


def test_telephone_codes_have_ended() -> None:
    assert {"CODE-01"} == {rule for rule, _, _ in told(remote("99442"))}
    assert not told(remote("99442", on=dt.date(2024, 12, 31)), as_of=dt.date(2025, 2, 1))
    assert ("CODE-01a", "deny", 1) in told(remote("G2012")) or ("CODE-01a", "reject", 1) in told(
        remote("G2012")
    )


@pytest.mark.parametrize(
    ("code", "pos", "rule"),
    [
        ("99213", "11", None),
        ("99213", "22", None),
        ("99213", "31", None),
        ("99213", "12", "POS-01"),
        ("99204", "21", "POS-01a"),
        ("99232", "11", "POS-01"),
        ("99232", "21", None),
        ("99232", "22", None),
        ("99308", "31", None),
        ("99308", "32", None),
        ("99308", "11", "POS-01"),
        ("99284", "23", None),
        ("99284", "11", "POS-01"),
        ("99348", "12", None),
        ("99348", "13", None),
        ("99348", "11", "POS-01"),
        ("20610", "12", None),
    ],
)
def test_visits_in_their_places(code: str, pos: str, rule: str | None) -> None:
    outcome = "audit" if rule == "POS-01a" else "deny"
    assert mine(remote(code, pos=pos)) == ({(rule, outcome, 1)} if rule else set())
    assert mine(remote(code, pos=pos, payer="blue")) == ({(rule, outcome, 1)} if rule else set())
