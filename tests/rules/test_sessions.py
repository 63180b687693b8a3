"""Spinal sessions from claim to finding: rolling years, regions, sides, levels and other payers."""

import datetime as dt

import pytest

from tests.claims import DAY, Claim, Line, findings, npi, told

FOUR = [dt.date(2025, 10, 18), dt.date(2026, 1, 12), dt.date(2026, 4, 6), dt.date(2026, 6, 29)]


def sent(code: str, *days: dt.date, mods: tuple[str, ...] = ()) -> list[Claim]:
    return [Claim([Line(code, mods)], on=day, id=f"OLD{n}") for n, day in enumerate(days)]


def mine(found: set[tuple[str, str, int | None]]) -> set[tuple[str, str, int | None]]:
    return {one for one in found if one[0].startswith("LCD-")}


@pytest.mark.parametrize(
    ("code", "mods", "rule", "limit"),
    [
        ("62323", (), "LCD-E2", 4),
        ("64493", ("RT", "KX"), "LCD-F4", 4),
        ("64493", ("RT",), "LCD-F5", 4),
        ("64635", ("RT",), "LCD-F6", 2),
    ],
)
def test_a_year_holds_so_many_sessions(code: str, mods: tuple[str, ...], rule: str, limit: int) -> None:
    new = Claim([Line(code, mods)])
    assert not mine(told(new, history=sent(code, *FOUR[: limit - 2], mods=mods)))
    assert not mine(told(new, history=sent(code, *FOUR[: limit - 1], mods=mods)))
    assert mine(told(new, history=sent(code, *FOUR[:limit], mods=mods))) == {(rule, "deny", 1)}
    other = Claim([Line(code, mods)], payer="commercial")
    assert not mine(told(other, history=sent(code, *FOUR[:limit], mods=mods)))


def test_the_message_names_the_earlier_sessions_and_the_next_day() -> None:
    found = findings(
        Claim([Line("99213", ("25",)), Line("62323", charge=625_00)]), history=sent("62323", *FOUR)
    )
    assert found.filter(rule="LCD-E2").select("line", "message", "at_risk_cents").rows() == [
        (
            2,
            (
                "fifth lumbar epidural session in 12 months, 4 are covered; "
                "earlier 18 Oct 2025, 12 Jan, 6 Apr, 29 Jun; next eligible 18 Oct 2026"
            ),
            625_00,
        )
    ]


@pytest.mark.parametrize(
    ("oldest", "day", "denied", "eligible"),
    [
        (dt.date(2025, 10, 13), dt.date(2026, 10, 14), False, None),
        (dt.date(2025, 10, 14), dt.date(2026, 10, 14), False, None),
        (dt.date(2025, 10, 15), dt.date(2026, 10, 14), True, "15 Oct 2026"),
        (dt.date(2024, 2, 28), dt.date(2025, 2, 28), False, None),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 28), True, "1 Mar 2025"),
        (dt.date(2024, 2, 29), dt.date(2025, 3, 1), False, None),
        (dt.date(2023, 2, 28), dt.date(2024, 2, 29), False, None),
        (dt.date(2023, 3, 1), dt.date(2024, 2, 29), True, "1 Mar 2024"),
    ],
)
def test_a_year_reaches_back_to_its_own_day(
    oldest: dt.date, day: dt.date, denied: bool, eligible: str | None
) -> None:
    three = [oldest + dt.timedelta(days) for days in (60, 120, 180)]
    found = findings(Claim([Line("62323")], on=day), history=sent("62323", oldest, *three)).filter(
        rule="LCD-E2"
    )
    assert bool(len(found)) is denied
    if eligible:
        assert found["message"][0].endswith(f"next eligible {eligible}")


def test_sessions_beyond_the_limit_push_the_next_day_on() -> None:
    days = [*FOUR, dt.date(2026, 8, 3)]
    found = findings(Claim([Line("62323")]), history=sent("62323", *days)).filter(rule="LCD-E2")
    assert found["message"][0].startswith("sixth lumbar epidural session")
    assert found["message"][0].endswith("next eligible 12 Jan 2027")


def test_kinds_and_regions_and_patients_count_apart() -> None:
    new = Claim([Line("62323")])
    assert not mine(told(new, history=sent("62321", *FOUR)))
    assert not mine(told(new, history=sent("64493", *FOUR)))
    assert not mine(told(Claim([Line("62323")], patient=2), history=sent("62323", *FOUR)))
    assert not mine(told(Claim([Line("64493", ("RT", "KX"))]), history=sent("64493", *FOUR, mods=("RT",))))


def test_every_approach_and_practitioner_counts() -> None:
    history = [
        Claim([Line("64483", ("RT",)), Line("64484", ("RT",))], on=FOUR[0], id="OLD0"),
        Claim([Line("62323")], on=FOUR[1], id="OLD1", rendering=npi(71)),
        Claim([Line("64483", ("50",))], on=FOUR[2], id="OLD2", billing=72),
        Claim([Line("64483", ("RT",)), Line("64483", ("LT",))], on=FOUR[3], id="OLD3"),
    ]
    assert mine(told(Claim([Line("62323")]), history=history)) == {("LCD-E2", "deny", 1)}
    assert not mine(told(Claim([Line("62323")]), history=history[1:]))


def test_sessions_of_the_same_file_count_up_to_their_day() -> None:
    claims = [Claim([Line("62323")], on=day, id=f"C{n}") for n, day in enumerate([*FOUR, DAY])]
    assert findings(*claims).filter(rule="LCD-E2")["claim"].to_list() == ["C4"]
    assert findings(*reversed(claims)).filter(rule="LCD-E2")["claim"].to_list() == ["C4"]


def test_one_day_is_one_session_on_its_latest_claim() -> None:
    parts = [
        Claim([Line("64493", ("RT", "KX"), charge=300_00)], id="A"),
        Claim([Line("64494", ("RT", "KX"), charge=200_00)], id="B"),
    ]
    found = findings(*parts, history=sent("64493", *FOUR, mods=("RT", "KX"))).filter(rule="LCD-F4")
    assert found.select("claim", "line", "at_risk_cents").rows() == [("B", 1, 200_00)]


def test_a_corrected_claim_is_the_same_session() -> None:
    history = [*sent("62323", *FOUR[1:]), Claim([Line("62323")], id="A")]
    assert not mine(told(Claim([Line("62323")], id="A", frequency="7", original="X1"), history=history))


def test_two_facet_regions_of_one_day() -> None:
    both = Claim([Line("64490", ("LT", "KX")), Line("64493", ("LT", "KX"))])
    assert mine(told(both)) == {("LCD-F8", "deny", 2)}
    mixed = Claim([Line("64635", ("LT",)), Line("64490", ("LT", "KX"))])
    assert mine(told(mixed)) == {("LCD-F8", "deny", 2)}
    days = Claim([Line("64490", ("LT", "KX")), Line("64493", ("LT", "KX"), on=DAY + dt.timedelta(1))])
    assert not mine(told(days))
    assert not mine(told(Claim(both.lines, payer="commercial")))


def test_a_session_at_the_border_of_two_regions_is_one() -> None:
    border = [Line("64490", ("RT", "KX")), Line("64494", ("RT", "KX"))]
    assert not mine(told(Claim(border)))
    history = [Claim(border, on=day, id=f"OLD{n}") for n, day in enumerate(FOUR)]
    assert mine(told(Claim(border), history=history)) == {("LCD-F4", "deny", 1)}
    assert not mine(told(Claim([Line("64493", ("RT", "KX"))]), history=history))


def test_an_epidural_and_a_facet_region_are_not_two_regions() -> None:
    assert mine(told(Claim([Line("62321"), Line("64493", ("RT", "KX"))]))) == {("LCD-F9", "audit", 2)}


def test_two_epidural_regions_of_one_day() -> None:
    assert mine(told(Claim([Line("62321"), Line("62323")]))) == {("LCD-E3a", "deny", 2)}


@pytest.mark.parametrize(
    ("lines", "denied"),
    [
        ([Line("64483", ("RT",)), Line("64484", ("RT",))], None),
        ([Line("64483", ("50",)), Line("64484", ("50",))], None),
        (
            [Line("64483", ("RT",)), Line("64484", ("RT",)), Line("64483", ("LT",)), Line("64484", ("LT",))],
            None,
        ),
        ([Line("64483", ("RT",)), Line("64484", ("RT",), units=2)], 2),
        ([Line("64483", ("50",)), Line("64484", ("50",), units=2)], 2),
    ],
)
def test_levels_of_a_transforaminal_session(lines: list[Line], denied: int | None) -> None:
    assert mine(told(Claim(lines))) == ({("LCD-E3", "deny", denied)} if denied else set())
    assert not mine(told(Claim(lines, payer="commercial")))


@pytest.mark.parametrize("code", ["64492", "64495"])
def test_a_third_facet_level(code: str) -> None:
    first, second = ("64490", "64491") if code == "64492" else ("64493", "64494")
    lines = [Line(one, ("RT", "KX")) for one in (first, second, code)]
    assert mine(told(Claim(lines))) == {("LCD-F7", "deny", 3)}
    assert mine(told(Claim(lines, on=dt.date(2024, 8, 10)))) == {("LCD-F7", "deny", 3)}
    assert not mine(told(Claim(lines[:2])))
    assert not mine(told(Claim(lines, payer="commercial")))


def test_facets_with_ultrasound_and_radiofrequency_with_kx() -> None:
    assert mine(told(Claim([Line("0216T", ("RT",))]))) == {("LCD-F8a", "deny", 1)}
    assert mine(told(Claim([Line("64635", ("RT", "KX"))]))) == {("LCD-F4a", "audit", 1)}


def test_an_epidural_without_imaging() -> None:
    assert mine(told(Claim([Line("62322")]))) == {("LCD-E5", "audit", 1)}
    assert not mine(told(Claim([Line("62322")], dx=("G8918", "M5416"))))
    assert not mine(told(Claim([Line("62322")], payer="commercial")))


def test_two_approaches_in_one_session() -> None:
    together = Claim([Line("62323"), Line("64483", ("59", "RT"))])
    assert mine(told(together)) == {("LCD-E7", "audit", 1)}
    assert not mine(told(Claim([Line("62323"), Line("64483")])))
    assert not mine(told(Claim([Line("62323"), Line("64483", ("59",), on=DAY + dt.timedelta(14))])))


def test_a_claim_that_voids_is_no_session() -> None:
    assert not mine(told(Claim([Line("62323")], frequency="8", original="X1"), history=sent("62323", *FOUR)))


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [("64493", "64494", "LCD-F4c"), ("64483", "64484", "LCD-E6a"), ("27096", "64451", "LCD-S2d")],
)
def test_kx_on_some_lines_of_a_session(first: str, second: str, rule: str) -> None:
    assert mine(told(Claim([Line(first, ("RT", "KX")), Line(second, ("RT",))]))) == {(rule, "audit", 1)}
    assert mine(told(Claim([Line(first, ("RT",)), Line(second, ("RT", "KX"))]))) == {(rule, "audit", 1)}
    assert not mine(told(Claim([Line(first, ("RT", "KX")), Line(second, ("RT", "KX"))])))
    assert not mine(told(Claim([Line(first, ("RT",)), Line(second, ("RT",))])))
    assert not mine(told(Claim([Line(first, ("RT", "KX")), Line(second, ("RT",))], payer="commercial")))


def test_sessions_and_coverage_before_2023() -> None:
    year = [dt.date(2022, 12, 24), dt.date(2023, 3, 9), dt.date(2023, 5, 23), dt.date(2023, 8, 6)]
    fifth = Claim([Line("62323")], on=dt.date(2023, 10, 20))
    assert mine(told(fifth, history=sent("62323", *year))) == {("LCD-E2", "deny", 1)}
    assert not mine(told(fifth, history=sent("62323", *year[1:])))
    assert not mine(told(Claim([Line("62323")], on=dt.date(2023, 12, 25)), history=sent("62323", *year)))


@pytest.mark.parametrize(
    ("codes", "day", "rule"),
    [
        (("62322",), dt.date(2021, 12, 5), "LCD-E5"),
        (("62321", "62323"), dt.date(2021, 12, 5), "LCD-E3a"),
        (("64493", "64494", "64495"), dt.date(2021, 4, 25), "LCD-F7"),
    ],
)
def test_a_coverage_policy_speaks_from_its_first_day(codes: tuple[str, ...], day: dt.date, rule: str) -> None:
    lines = [Line(code, ("RT",) if code.startswith("64") else ()) for code in codes]
    assert rule in {found for found, _, _ in mine(told(Claim(lines, on=day, state="NC")))}
    assert not mine(told(Claim(lines, on=day - dt.timedelta(1), state="NC")))
    assert not mine(told(Claim(lines, on=day, state="NC", payer="commercial")))


@pytest.mark.parametrize("stopped", ["53", "73", "74"])
def test_a_session_that_was_stopped_was_not_held(stopped: str) -> None:
    week, month = DAY - dt.timedelta(7), [*FOUR[:3], dt.date(2026, 7, 20)]
    assert mine(told(Claim([Line("62323")]), history=sent("62323", week))) == {("LCD-E4", "audit", 1)}
    assert not mine(told(Claim([Line("62323")]), history=sent("62323", week, mods=(stopped,))))
    assert mine(told(Claim([Line("62323")]), history=sent("62323", *month))) == {("LCD-E2", "deny", 1)}
    three = [*sent("62323", *month[:3]), Claim([Line("62323", (stopped,))], on=month[3], id="OLD9")]
    assert not mine(told(Claim([Line("62323")]), history=three))
    assert not mine(told(Claim([Line("62323", (stopped,))]), history=sent("62323", *month)))
    reduced = [*three[:3], Claim([Line("62323", ("52",))], on=month[3], id="OLD9")]
    assert mine(told(Claim([Line("62323")]), history=reduced)) == {("LCD-E2", "deny", 1)}
    other_level = Claim([Line("64483", ("RT",)), Line("64484", ("RT", stopped))], on=month[3], id="OLD9")
    assert mine(told(Claim([Line("62323")]), history=[*three[:3], other_level])) == {("LCD-E2", "deny", 1)}
