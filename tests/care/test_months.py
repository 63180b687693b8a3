"""Whom a month lists, and what is told of it beside its codes."""

from pathlib import Path

import pytest

from tests.care.desk import STAFF, A, B, close, enrolled, of, short, spent


@pytest.mark.parametrize(
    ("revoked", "listed"), [("2026-09-30", False), ("2026-10-01", False), ("2026-10-02", True), ("", True)]
)
def test_who_is_enrolled_is_listed_until_consent_is_revoked(
    tmp_path: Path, revoked: str, *, listed: bool
) -> None:
    answer = close(tmp_path, [], [enrolled(consent_revoked_on=revoked)])
    assert [one["status"] for one in answer["results"]] == ["short"] * listed


def test_who_has_time_logged_is_listed_whoever_is_enrolled(tmp_path: Path) -> None:
    time = [
        spent("2026-10-06 09:00", "45:00"),
        spent("2026-10-07 09:00", "45:00", entry_id="E2", practitioner=B),
        spent("2026-10-08 09:00", "45:00", entry_id="E3", patient="P09", program="em"),
    ]
    answer = close(tmp_path, time, [enrolled(consent_revoked_on="2026-10-01")])
    assert {one["practitioner"]: short(one) for one in answer["results"]} == {
        A: "held G3002 G3003 [CPM-09]",
        B: "not_enrolled",
    }
    stranger = of(answer, practitioner=B)
    assert (stranger["counted_seconds"], stranger["next"], stranger["allowed_cents"]) == (2700, None, None)


def test_an_entry_says_why_it_does_not_count_and_no_more(tmp_path: Path) -> None:
    """What is disputed counts nothing, with or without a practitioner who earns alone beside it."""
    time = [
        spent("2026-10-06 09:00", "30:00", program="ccm"),
        spent("2026-10-07 09:00", "20:00", entry_id="E2", program="ccm", **STAFF),
        spent("2026-10-07 09:00", "20:00", entry_id="E3", program="em"),
        spent("2026-10-08 09:00", "20:00", entry_id="E4", program="ccm", **STAFF),
        spent("2026-10-09 09:00", "20:00", entry_id="E5", program="ccm", **STAFF),
        spent("2026-10-09 09:10", "20:00", entry_id="E6", program="em"),
    ]
    beside = "99491 is the practitioner's own time: staff time is not billed beside it"
    told = of(close(tmp_path, time, [enrolled("ccm")]), program="ccm")["entries"]
    assert {entry["entry_id"]: entry["why"] for entry in told} == {
        "E1": None,
        "E2": "overlaps E3: the minutes shared count for neither",
        "E4": beside,
        "E5": f"{beside}; overlaps E6: the minutes shared count for neither",
    }


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"consent_on": "2026-10-07"}, "before the patient's consent"),
        ({"consent_revoked_on": "2026-10-06"}, "after consent was revoked"),
        ({"initiated_on": "2026-10-07", "prior_months": "0"}, "before the initiating visit"),
    ],
)
def test_a_gate_that_takes_time_away_is_named_at_the_entry(
    tmp_path: Path, said: dict[str, str], why: str
) -> None:
    result = of(close(tmp_path, [spent("2026-10-06 09:00", "45:00")], [enrolled(**said)]))
    (entry,) = result["entries"]
    assert (entry["counted_seconds"], entry["excluded_seconds"], entry["why"]) == (0, 2700, why)
    assert (result["status"], result["codes"][0]["code"]) == ("held", "G3002")


def test_the_place_told_is_that_of_most_of_the_time(tmp_path: Path) -> None:
    places = (("10:00", "11"), ("10:00", "10"), ("5:00", "11"), ("14:00", "10"), ("40:00", ""))
    time = [
        spent(
            f"2026-10-{day:02} 09:00",
            length,
            entry_id=f"E{day}",
            pos=pos,
            mode="video" if pos else "no_patient_contact",
        )
        for day, (length, pos) in enumerate(places, 6)
    ]
    assert of(close(tmp_path, time, [enrolled()]))["pos"] == "10"
    assert of(close(tmp_path, time[:3], [enrolled()]))["pos"] == "11"
    assert of(close(tmp_path, time[4:], [enrolled()]))["pos"] is None


def test_a_visit_on_a_day_of_care_is_told_by_days(tmp_path: Path) -> None:
    def warned(*days: str) -> list[str]:
        visits = [spent(f"{day} 14:00", "20:00", entry_id=day, program="em") for day in days]
        time = [
            spent("2026-10-06 09:00", "15:00"),
            spent("2026-10-07 09:00", "15:00", entry_id="E2"),
            *visits,
        ]
        result = of(close(tmp_path, time, [enrolled()]))
        return [one["message"] for one in result["warnings"] if one["rule"] == "CPM-11"]

    told = "a visit and chronic pain management share {}: each needs its own note"
    assert warned("2026-10-06") == [told.format("a day")]
    assert warned("2026-10-06", "2026-10-07") == [told.format("2 days")]
    assert warned("2026-10-08") == []


@pytest.mark.parametrize(
    ("elements", "day", "warned"),
    [
        ("assessment", "06", True),
        ("education;care_plan", "06", True),
        ("education", "06", False),
        ("assessment", "07", False),
    ],
)
def test_planning_on_the_day_of_the_first_visit_may_be_more_than_the_month(
    tmp_path: Path, elements: str, day: str, *, warned: bool
) -> None:
    """G0506 is asked about, and not billed."""
    time = [spent(f"2026-10-{day} 09:00", "30:00", program="ccm", elements=elements)]
    rolls = [enrolled("ccm", prior_months="0", initiated_on="2026-10-06")]
    result = of(close(tmp_path, time, rolls), program="ccm")
    assert short(result) == "billable 99491"
    assert ("CM-G0506" in {one["rule"] for one in result["warnings"]}) is warned


@pytest.mark.parametrize(
    ("said", "status", "warned"),
    [
        ({"plan_on": "2020-01-01", "complexity": "high"}, "billable 99487", []),
        ({"plan_on": "2020-01-01", "complexity": "moderate"}, "billable 99487", []),
        ({"plan_on": "", "complexity": "high"}, "billable 99487", ["CM-06b"]),
        ({"plan_on": "2026-10-01", "complexity": ""}, "billable 99487", ["CM-06b"]),
        ({"plan_on": "2026-10-01", "complexity": "low"}, "held 99487 [CM-06a]", []),
    ],
)
def test_complex_care_is_warned_of_where_plan_or_complexity_is_not_told(
    tmp_path: Path, said: dict[str, str], status: str, warned: list[str]
) -> None:
    time = [spent("2026-10-06 09:00", "60:00", program="complex_ccm", **STAFF)]
    result = of(close(tmp_path, time, [enrolled("complex_ccm", **said)]), program="complex_ccm")
    assert (short(result), [one["rule"] for one in result["warnings"]]) == (status, warned)


def test_minutes_in_dispute_are_told_at_each_month_that_lacks_them(tmp_path: Path) -> None:
    time = [
        spent("2026-10-06 09:00", "40:00"),
        spent("2026-10-06 09:34:55", "30:00", entry_id="E2", program="ccm"),
    ]
    answer = close(tmp_path, time, [enrolled(), enrolled("ccm")])
    told = "5:05 overlap other entries and count for neither: correct the log"
    for program in ("cpm", "ccm"):
        warnings = of(answer, program=program)["warnings"]
        assert [one["message"] for one in warnings if one["rule"] == "CM-TWICE"] == [told]


def test_an_entry_over_midnight_is_one_entry_that_counts_by_days(tmp_path: Path) -> None:
    """Consent of the 7th lets the second half hour count, and the entry says what became of the first."""
    time = [spent("2026-10-06 23:30", "60:00"), spent("2026-10-07 00:50", "20:00", entry_id="E2")]
    result = of(close(tmp_path, time, [enrolled(consent_on="2026-10-07")]))
    first, second = result["entries"]
    assert (first["counted_seconds"], first["excluded_seconds"]) == (1800, 1800)
    assert first["why"] == "before the patient's consent"
    assert (second["counted_seconds"], second["excluded_seconds"], second["why"]) == (1200, 0, None)
    assert (short(result), result["met_on"]) == ("billable G3002 G3003", "2026-10-07")


def test_a_day_in_a_hospital_bed_ends_at_midnight(tmp_path: Path) -> None:
    """An entry over midnight of such a day counts from midnight on, as its second part alone would."""
    bed = spent("2026-10-06 14:00", "20:00", entry_id="E9", program="em", pos="21")
    whole = [spent("2026-10-06 23:30", "65:00", mode="audio", pos="10")]
    parts = [
        spent("2026-10-06 23:30", "30:00", mode="audio", pos="10"),
        spent("2026-10-07 00:00", "35:00", entry_id="E2", mode="audio", pos="10"),
    ]
    for entries in (whole, parts):
        result = of(close(tmp_path, [bed, *entries], [enrolled()]))
        assert (result["counted_seconds"], short(result)) == (2100, "billable G3002")
        assert result["entries"][0]["why"] == "the patient was in a hospital bed that day"
