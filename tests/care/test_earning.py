"""What a month's seconds earn: every ladder below, at and above each of its steps and caps, year by year."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from anodyne.care.earning import ANYONE, OWN, earn, ladders
from tests.care.desk import STAFF, Answer, close, enrolled, of, short, spent
from tests.claims import reference

# By month, programme and who gave the time: lengths, and what each of them comes to.
LADDERS = {
    ("2020-10", "ccm", "staff"): {
        "19:59": "short",
        "20:00": "billable 99490",
        "39:59": "billable 99490",
        "40:00": "billable 99490 G2058",
        "59:59": "billable 99490 G2058",
        "60:00": "billable 99490 G2058 x2",
        "80:00": "billable 99490 G2058 x2",
    },
    ("2020-10", "ccm", "own"): {
        "19:59": "short",
        "20:00": "billable 99490",
        "29:59": "billable 99490",
        "30:00": "billable 99491",
        "89:59": "billable 99491",
    },
    ("2020-10", "pcm", "own"): {"29:59": "short", "30:00": "billable G2064", "99:00": "billable G2064"},
    ("2020-10", "pcm", "staff"): {"29:59": "short", "30:00": "billable G2065", "99:00": "billable G2065"},
    ("2020-10", "rpm", "staff"): {
        "10:00": "short",
        "19:59": "short",
        "20:00": "billable 99457",
        "39:59": "billable 99457",
        "40:00": "billable 99457 99458",
    },
    ("2020-10", "rtm", "staff"): {"60:00": "held [CPM-01]"},
    ("2020-10", "cpm", "own"): {"45:00": "held [CM-PAYER] [CPM-01]"},
    ("2021-10", "ccm", "staff"): {
        "39:59": "billable 99490",
        "40:00": "billable 99490 99439",
        "60:00": "billable 99490 99439 x2",
        "80:00": "billable 99490 99439 x2",
    },
    ("2021-10", "pcm", "own"): {"30:00": "billable G2064", "60:00": "billable G2064"},
    ("2022-10", "ccm", "own"): {
        "59:59": "billable 99491",
        "60:00": "billable 99491 99437",
        "90:00": "billable 99491 99437 x2",
    },
    ("2022-10", "pcm", "own"): {"59:59": "billable 99424", "60:00": "billable 99424 99425"},
    ("2022-10", "pcm", "staff"): {
        "59:59": "billable 99426",
        "60:00": "billable 99426 99427",
        "120:00": "billable 99426 99427 x2",
    },
    ("2022-10", "rtm", "staff"): {
        "10:00": "short",
        "19:59": "short",
        "20:00": "billable 98980",
        "40:00": "billable 98980 98981",
    },
    ("2022-12", "cpm", "own"): {"45:00": "held [CM-PAYER] [CPM-01]"},
    ("2023-01", "cpm", "own"): {"29:59": "short", "30:00": "billable G3002", "45:00": "billable G3002 G3003"},
    ("2025-10", "cpm", "own"): {
        "0:01": "short",
        "29:59": "short",
        "30:00": "billable G3002",
        "44:59": "billable G3002",
        "45:00": "billable G3002 G3003",
        "59:59": "billable G3002 G3003",
        "60:00": "billable G3002 G3003 x2",
        "75:00": "billable G3002 G3003 x3",
        "90:00": "billable G3002 G3003 x4",
        "104:59": "billable G3002 G3003 x4",
        "105:00": "held G3002 G3003 x5 [CPM-03]",
        "120:00": "held G3002 G3003 x6 [CPM-03]",
    },
    ("2025-10", "cpm", "staff"): {"30:00": "short", "300:00": "short"},
    ("2025-10", "ccm", "staff"): {
        "19:59": "short",
        "20:00": "billable 99490",
        "40:00": "billable 99490 99439",
        "60:00": "billable 99490 99439 x2",
        "79:59": "billable 99490 99439 x2",
        "80:00": "billable 99490 99439 x2",
        "300:00": "billable 99490 99439 x2",
    },
    ("2025-10", "ccm", "own"): {
        "29:59": "billable 99490",
        "30:00": "billable 99491",
        "60:00": "billable 99491 99437",
        "90:00": "billable 99491 99437 x2",
        "119:59": "billable 99491 99437 x2",
        "120:00": "held 99491 99437 x3 [CM-05a]",
    },
    ("2025-10", "complex_ccm", "staff"): {
        "59:59": "short",
        "60:00": "billable 99487",
        "89:59": "billable 99487",
        "90:00": "billable 99487 99489",
        "360:00": "billable 99487 99489 x10",
        "389:59": "billable 99487 99489 x10",
        "390:00": "held 99487 99489 x11 [CM-05a]",
    },
    ("2025-10", "complex_ccm", "own"): {"59:59": "short", "60:00": "billable 99487"},
    ("2025-10", "pcm", "own"): {
        "29:59": "short",
        "30:00": "billable 99424",
        "90:00": "billable 99424 99425 x2",
        "119:59": "billable 99424 99425 x2",
        "120:00": "held 99424 99425 x3 [CM-05a]",
    },
    ("2025-10", "pcm", "staff"): {
        "29:59": "short",
        "30:00": "billable 99426",
        "90:00": "billable 99426 99427 x2",
        "119:59": "billable 99426 99427 x2",
        "120:00": "billable 99426 99427 x2",
    },
    ("2025-10", "rpm", "staff"): {
        "10:00": "short",
        "19:59": "short",
        "20:00": "billable 99457",
        "80:00": "billable 99457 99458 x3",
        "99:59": "billable 99457 99458 x3",
        "100:00": "held 99457 99458 x4 [CM-05a]",
    },
    ("2025-12", "rtm", "staff"): {"19:59": "short", "20:00": "billable 98980"},
    ("2025-10", "bhi", "staff"): {"19:59": "short", "20:00": "billable 99484", "200:00": "billable 99484"},
    ("2026-01", "rpm", "staff"): {"9:59": "short", "10:00": "billable 99470"},
    ("2026-10", "rpm", "staff"): {
        "9:59": "short",
        "10:00": "billable 99470",
        "19:59": "billable 99470",
        "20:00": "billable 99457",
        "39:59": "billable 99457",
        "40:00": "billable 99457 99458",
        "99:59": "billable 99457 99458 x3",
        "100:00": "held 99457 99458 x4 [CM-05a]",
    },
    ("2026-10", "rpm", "own"): {"9:59": "short", "10:00": "billable 99470", "20:00": "billable 99457"},
    ("2026-10", "rtm", "staff"): {
        "9:59": "short",
        "10:00": "billable 98979",
        "19:59": "billable 98979",
        "20:00": "billable 98980",
        "40:00": "billable 98980 98981",
        "80:00": "billable 98980 98981 x3",
        "100:00": "held 98980 98981 x4 [CM-05a]",
    },
    ("2026-10", "bhi", "own"): {"19:59": "short", "20:00": "billable 99484", "40:00": "billable 99484"},
    ("2026-10", "cpm", "own"): {"29:59": "short", "90:00": "billable G3002 G3003 x4"},
}


def rungs_of(folder: Path, month: str, program: str, whose: str, lengths: Iterable[str]) -> dict[str, Answer]:
    """By length what one entry of it comes to, each of a patient of its own."""
    patients = {f"P{number:02}": length for number, length in enumerate(lengths, 1)}
    said = {"program": program, "mode": "audio", **(STAFF if whose == "staff" else {})}
    answer = close(
        folder,
        [
            spent(f"{month}-{patient[1:]} 08:00", length, entry_id=patient, patient=patient, **said)
            for patient, length in patients.items()
        ],
        [enrolled(program, patient=patient) for patient in patients],
        month,
    )
    return {length: of(answer, patient, program) for patient, length in patients.items()}


@pytest.mark.parametrize(("month", "program", "whose"), LADDERS, ids=[" ".join(key) for key in LADDERS])
def test_a_ladder(tmp_path: Path, month: str, program: str, whose: str) -> None:
    rungs = LADDERS[month, program, whose]
    found = rungs_of(tmp_path, month, program, whose, rungs)
    assert {length: short(result) for length, result in found.items()} == rungs


NEXT: dict[tuple[str, str, str], dict[str, tuple[str, int] | None]] = {
    ("2026-10", "cpm", "own"): {
        "29:59": ("G3002", 1),
        "30:00": ("G3003", 900),
        "44:59": ("G3003", 1),
        "75:00": ("G3003", 900),
        "90:00": None,
        "105:00": None,
    },
    ("2026-10", "ccm", "staff"): {"19:59": ("99490", 1), "40:01": ("99439", 1199), "60:00": None},
    ("2026-10", "ccm", "own"): {"19:00": ("99490", 60), "30:00": ("99437", 1800), "90:00": None},
    ("2026-10", "rpm", "staff"): {"5:00": ("99470", 300), "12:00": ("99457", 480), "20:00": ("99458", 1200)},
    ("2025-10", "rpm", "staff"): {"5:00": ("99457", 900)},
    ("2026-10", "bhi", "staff"): {"19:00": ("99484", 60), "20:00": None},
}


@pytest.mark.parametrize(("month", "program", "whose"), NEXT, ids=[" ".join(key) for key in NEXT])
def test_the_next_unit(tmp_path: Path, month: str, program: str, whose: str) -> None:
    """No unit is held out that a cap or an edit would not pay."""
    rungs = NEXT[month, program, whose]
    found = rungs_of(tmp_path, month, program, whose, rungs)
    assert {
        length: result["next"] and (result["next"]["code"], result["next"]["seconds_short"])
        for length, result in found.items()
    } == rungs


@pytest.mark.parametrize(
    ("own", "staff", "told", "counted"),
    [
        ("29:59", "40:00", "billable 99490 99439 x2", 69 * 60 + 59),
        ("30:00", "40:00", "billable 99491", 30 * 60),
        ("10:00", "10:00", "billable 99490", 20 * 60),
        ("9:59", "10:00", "short", 19 * 60 + 59),
    ],
)
def test_staff_is_not_billed_beside_a_practitioner_who_earns_alone(
    tmp_path: Path, own: str, staff: str, told: str, counted: int
) -> None:
    time = [
        spent("2026-10-06 09:00", own, program="ccm"),
        spent("2026-10-07 09:00", staff, entry_id="E2", program="ccm", **STAFF),
    ]
    result = of(close(tmp_path, time, [enrolled("ccm")]), program="ccm")
    assert (short(result), result["counted_seconds"]) == (told, counted)
    assert sum(entry["counted_seconds"] for entry in result["entries"]) == counted
    left = [entry["why"] for entry in result["entries"] if entry["excluded_seconds"]]
    beside = "99491 is the practitioner's own time: staff time is not billed beside it"
    assert left == ([beside] if "99491" in told else [])


def test_ladders_are_those_of_the_month_the_practitioners_own_first() -> None:
    known = ladders(dt.date(2026, 10, 1), reference())
    assert {program: [ladder.whose for ladder in some] for program, some in known.items()} == {
        "bhi": [ANYONE],
        "ccm": [OWN, ANYONE],
        "complex_ccm": [ANYONE],
        "cpm": [OWN],
        "pcm": [OWN, ANYONE],
        "rpm": [ANYONE],
        "rtm": [ANYONE],
    }
    assert "cpm" not in ladders(dt.date(2022, 12, 1), reference())
    assert [known[program][0].least for program in ("cpm", "rpm")] == [1800, 600]


def test_a_programme_without_codes_earns_nothing_and_has_no_goal() -> None:
    months = pl.DataFrame({"program": ["tcm", "cpm"], "own": [9999, 1799], "all": [9999, 1799]})
    earned = earn(months, "own", "all", ladders(dt.date(2026, 10, 1), reference()))
    assert earned.select("first_code", "next_units", "goal_code", "goal_seconds").rows() == [
        (None, None, None, None),
        (None, 0, "G3002", 1),
    ]


@pytest.mark.parametrize(
    ("worked", "met_on"),
    [
        ((("06 09:00", "30:00"),), "2026-10-06"),
        ((("06 09:00", "29:59"), ("20 09:00", "0:01")), "2026-10-20"),
        ((("06 09:00", "30:00"), ("20 09:00", "14:59")), "2026-10-06"),
        ((("06 09:00", "30:00"), ("20 09:00", "15:00"), ("27 09:00", "14:00")), "2026-10-20"),
        ((("06 23:50", "30:00"),), "2026-10-07"),
        ((("06 23:15", "55:00"),), "2026-10-06"),
        ((("06 23:20", "55:00"),), "2026-10-07"),
        ((("06 23:30", "30:00"),), "2026-10-06"),
        ((("31 23:30", "60:00"),), "2026-10-31"),
        ((("06 09:00", "29:59"),), None),
    ],
)
def test_the_day_on_which_the_units_were_complete(
    tmp_path: Path, worked: tuple[tuple[str, str], ...], met_on: str | None
) -> None:
    """An entry over midnight is looked at day by day, and one over the month's end up to midnight."""
    time = [
        spent(f"2026-10-{at}", length, entry_id=f"E{number}") for number, (at, length) in enumerate(worked)
    ]
    assert of(close(tmp_path, time, [enrolled()]))["met_on"] == met_on
