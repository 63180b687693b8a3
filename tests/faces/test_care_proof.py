"""The proof of a closed month, as the text of its PDF has it."""

import datetime as dt
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import pypdf
import pytest

from anodyne.app.care import close
from anodyne.app.care_month import Month
from anodyne.app.care_proof import GATES, Gate, Part, State, proofs
from anodyne.cli.care_proof import LONGEST_NAME, file_name, write_proofs
from anodyne.cli.drawn import UNDRAWN
from anodyne.kernel.errors import BadRequest
from anodyne.model.care import PROGRAMMES, Program
from anodyne.reference.tables import Reference, load
from tests.sheets.made import ENROLMENT, ENTRY, NPI, OTHER_NPI, Row, text_of

OCTOBER = dt.date(2026, 10, 1)
BEGUN = dt.datetime.fromisoformat("2026-10-06T09:00:00-04:00")
BARE = dict.fromkeys(ENROLMENT, "") | {
    "patient": "P001",
    "practitioner": NPI,
    "program": "cpm",
    "payer": "MEDICARE_B",
    "state": "OH",
}
ENROLLED = {
    **ENROLMENT,
    "patient": "P001",
    "consent_revoked_on": "",
    "prior_months": "2",
    **dict.fromkeys(("discharged_on", "contacted_on", "visited_on", "complexity"), ""),
}
_EDGES = (0, 600, 1199, 1200, 1799, 1800, 3599, 3600, 5399, 5400)
NOTE = "asked about her sister"
MA = {"role": "clinical_staff", "performer": "MA-7", "mode": "audio"}


def entry(name: str, seconds: float, begun: dt.datetime = BEGUN, /, **change: str) -> dict[str, str]:
    told = {
        "entry_id": name,
        "role": "physician",
        "performer": "",
        "mode": "in_person",
        "start": begun.isoformat(),
        "end": (begun + dt.timedelta(seconds=seconds)).isoformat(),
        "note": NOTE,
    }
    return {**ENTRY, **told, **change}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


class Desk:
    """Where months are closed and their proofs written and read."""

    def __init__(self, folder: Path, reference: Reference) -> None:
        self.folder = folder
        self.reference = reference
        self.out = folder / "proofs"

    def close(
        self,
        time: Sequence[Row],
        enrolments: Sequence[Row],
        month: dt.date = OCTOBER,
        zone: str | None = None,
    ) -> Month:
        for name, rows, columns in (("time", time, ENTRY), ("enrolments", enrolments, ENROLMENT)):
            (self.folder / f"{name}.csv").write_text(text_of(rows, list(columns)), "utf-8", newline="")
        paths = (str(self.folder / "time.csv"), str(self.folder / "enrolments.csv"))
        return close(*paths, month, zone=zone, reference=self.reference)

    def write(self, month: Month, practice: str = "") -> list[Path]:
        written = write_proofs(month, self.out, reference=self.reference, practice=practice)
        found = sorted(self.out.iterdir())
        assert len(found) == written
        return found

    def text(self, time: Sequence[Row], enrolments: Sequence[Row], zone: str | None = None) -> str:
        """The text of the only proof of October."""
        (path,) = self.write(self.close(time, enrolments, zone=zone))
        return text(path)

    def part(self, time: Sequence[Row], enrolment: Row) -> Part:
        (proof,) = proofs(self.close(time, [enrolment]), self.reference)
        (part,) = proof.parts
        return part


@pytest.fixture
def desk(tmp_path: Path, reference: Reference) -> Desk:
    return Desk(tmp_path, reference)


def pages(path: Path) -> list[str]:
    """The text of each page, in lines without ends."""
    reader = pypdf.PdfReader(io.BytesIO(path.read_bytes()))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def text(path: Path) -> str:
    return " ".join(pages(path))


def closely(told: str) -> str:
    """`told` without spaces: a long word is broken into lines."""
    return re.sub(r"\s", "", told)


def test_one_file_for_each_patient_practitioner_and_month(desk: Desk) -> None:
    other = {"practitioner": OTHER_NPI, "patient": "P002"}
    month = desk.close(
        [entry("E1", 1800), entry("E2", 1500, program="ccm", **MA), entry("E3", 60, **other)],
        [ENROLLED, {**ENROLLED, "program": "ccm"}, {**ENROLLED, **other}, {**ENROLLED, "patient": "P003"}],
    )
    assert [path.name for path in desk.write(month)] == [
        f"P001-{NPI}-2026-10.pdf",
        f"P002-{OTHER_NPI}-2026-10.pdf",
        f"P003-{NPI}-2026-10.pdf",
    ]


def test_all_is_told_in_the_order_in_which_an_auditor_asks(desk: Desk) -> None:
    told = desk.text(
        [
            entry("E1", 2400),
            entry("E2", 600, BEGUN + dt.timedelta(hours=5), **MA),
            entry("E3", 600, BEGUN + dt.timedelta(minutes=30), program="em"),
        ],
        [ENROLLED],
    )
    wanted = [
        "Chronic pain management: proof of a month",
        "P001",
        NPI,
        "October 2026",
        "MEDICARE_B",
        "as written in the log",
        "BILLABLE",
        "G3002 × 1",
        "E1 Tue 6 Oct 09:00:00–09:40:00 in person 11 office physician assessment, education 30:00 10:00",
        "Not counted: overlaps E3: the minutes shared count for neither.",
        "E2 Tue 6 Oct 14:00:00–14:10:00 audio 11 office clinical staff MA-7 assessment, education 0:00 10:00",
        "Not counted: time of clinical staff does not count for chronic pain management.",
        "Together 30:00 20:00",
        "E1 chronic pain management Tue 6 Oct 09:00:00–09:40:00 E3 a visit Tue 6 Oct 09:30:00–09:40:00 10:00",
        "Consent 1 Sep 2026, verbal, covers purpose, frequency, cost sharing ✓ met CPM-09",
        "Initiating visit 1 Sep 2026, 30 min, in person, 11 office, 2 months billed before – not",
        "Chronic pain 7.5 months at enrolment, established ✓ met CPM-07",
        "Care plan 2 Sep 2026 ✓ met CPM-08",
        "Validated scale PEG, score 6.3, 1 Sep 2026 ✓ met CPM-08",
        "Not needed in this programme: chronic conditions;",
        "What holds the month back: nothing.",
        "CPM-10 (audit) 10 minutes of staff are logged",
        "30:00 counted − 30:00 (G3002 × 1) = 0:00",
        "Units complete on 6 Oct 2026",
        "CPM-06 A first month of chronic pain management without its visit.",
        "AAPC on the chronic pain management code (read 21 Nov 2026, verified)",
        "time.csv · 3 rows · SHA-256 ",
        "enrolments.csv · 1 row · SHA-256 ",
        "names no patient",
        "Page 1 of 1",
    ]
    places = [told.find(words) for words in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)
    assert NOTE not in told


@pytest.mark.parametrize(
    ("seconds", "lines"),
    [
        (1799, ["29:59 counted < 30:00 (G3002): no unit; 0:01 short"]),
        (
            1800,
            [
                "30:00 counted − 30:00 (G3002 × 1) = 0:00",
                "0:00 ÷ 15:00 = 0 whole blocks → G3003 × 0; 0:00 left",
                "G3002 × 1: at most 1 by Medicare's unit edit",
                "Next unit: G3003 at 45:00, 15:00 more",
            ],
        ),
        (
            4500,
            [
                "75:00 counted − 30:00 (G3002 × 1) = 45:00",
                "45:00 ÷ 15:00 = 3 whole blocks → G3003 × 3; 0:00 left",
                "G3003 × 3: at most 4 by Medicare's unit edit",
                "Next unit: G3003 at 90:00, 15:00 more",
            ],
        ),
        (
            6301,
            [
                "105:01 counted − 30:00 (G3002 × 1) = 75:01",
                "75:01 ÷ 15:00 = 5 whole blocks → G3003 × 5; 0:01 left",
                "G3003 × 5, over the limit: at most 4 by Medicare's unit edit",
            ],
        ),
    ],
)
def test_the_arithmetic_is_written_out(desk: Desk, seconds: int, lines: list[str]) -> None:
    told = desk.text([entry("E1", seconds)], [ENROLLED])
    for line in lines:
        assert line in told
    assert ("Next unit" in told) == any("Next" in line for line in lines)


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        (
            [entry("E1", 6000, program="ccm", **MA)],
            [
                "0:00 of the practitioner's own < 30:00 (99491): the time of practitioner and staff counts",
                "80:00 ÷ 20:00 = 4 whole blocks, of which a month bears 2 → 99439 × 2; 40:00 left",
                "99439 × 2: at most 2 a month, 2 by Medicare's unit edit",
            ],
        ),
        (
            [
                entry("E1", 3660, program="ccm"),
                entry("E2", 600, BEGUN + dt.timedelta(hours=3), program="ccm", **MA),
            ],
            [
                "Only the practitioner's own time counts towards 99491",
                "61:00 counted − 30:00 (99491 × 1) = 31:00",
                "31:00 ÷ 30:00 = 1 whole block → 99437 × 1; 1:00 left",
                "staff time is not billed beside it",
            ],
        ),
        (
            [entry("E1", 720, program="rpm", **MA)],
            ["12:00 counted < 20:00 (99457)", "12:00 counted − 10:00 (99470 × 1) = 2:00 left"],
        ),
        ([entry("E1", 2100, program="bhi", **MA)], ["35:00 counted − 20:00 (99484 × 1) = 15:00 left"]),
    ],
)
def test_other_programmes_have_their_own_blocks(desk: Desk, entries: list[Row], lines: list[str]) -> None:
    told = desk.text(entries, [{**ENROLLED, "program": entries[0]["program"]}])
    for line in lines:
        assert line in told


def test_a_transition_counts_days(desk: Desk) -> None:
    days = {"discharged_on": "2026-10-02", "contacted_on": "2026-10-05", "visited_on": "2026-10-09"}
    told = desk.text(
        [entry("E1", 600, program="tcm")], [{**ENROLLED, **days, "program": "tcm", "complexity": "high"}]
    )
    assert "First contact due by 6 Oct 2026, two workdays after discharge: 5 Oct 2026" in told
    assert "Visit on day 7 after discharge, decision making high → 99496 × 1" in told
    assert (
        "Discharge, contact, visit discharge 2 Oct 2026, first contact 5 Oct 2026, visit 9 Oct 2026" in told
    )


def test_every_entry_is_there_and_what_has_no_room_goes_on_with_its_header(desk: Desk) -> None:
    many = [entry(f"E-{n:03}", 90, BEGUN + dt.timedelta(minutes=90 * n)) for n in range(80)]
    (path,) = desk.write(desk.close(many, [ENROLLED]))
    first, *rest = pages(path)
    assert rest
    for page in rest[:1]:
        assert page.startswith(f"P001 · {NPI} · October 2026, continued")
        assert "Elements done" in page
    assert "Page 1 of 2" in first
    told = text(path)
    for one in many:
        assert one["entry_id"] in told
    assert "Together 120:00 0:00" in told


def test_as_much_as_fits_is_on_one_page(desk: Desk) -> None:
    some = [entry(f"E-{n:03}", 90, BEGUN + dt.timedelta(minutes=90 * n)) for n in range(25)]
    (path,) = desk.write(desk.close(some, [ENROLLED]))
    assert len(pages(path)) == 1


def test_programmes_share_the_page_of_their_practitioner(desk: Desk) -> None:
    after = BEGUN + dt.timedelta(hours=2)
    (path,) = desk.write(
        desk.close(
            [
                entry("E1", 1800),
                entry("E2", 1260, after, program="ccm", **MA),
                entry("E3", 1260, after + dt.timedelta(hours=1), program="rpm", **MA),
            ],
            [{**ENROLLED, "program": program} for program in ("cpm", "ccm", "rpm")],
        )
    )
    told = text(path)
    assert told.startswith("Care management: proof of a month")
    places = [
        told.find(f"{name} BILLABLE {code} × 1")
        for name, code in (
            ("Chronic care management", "99490"),
            ("Chronic pain management", "G3002"),
            ("Remote physiologic monitoring", "99457"),
        )
    ]
    assert -1 not in places
    assert places == sorted(places)


def test_the_same_month_is_the_same_bytes_and_no_clock_is_asked(desk: Desk, tmp_path: Path) -> None:
    month = desk.close([entry("E1", 4500)], [ENROLLED])
    (path,) = desk.write(month, "Riverbend")
    before = path.read_bytes()
    write_proofs(month, tmp_path / "again", reference=desk.reference, practice="Riverbend")
    assert (tmp_path / "again" / path.name).read_bytes() == before
    about = pypdf.PdfReader(path).metadata
    assert about is not None
    assert about.creation_date is not None
    assert about.creation_date.date() == dt.date(2026, 10, 31)
    assert about.author == "Riverbend"


def test_a_held_month_says_why_and_what_is_needed(desk: Desk) -> None:
    told = desk.text(
        [entry("E1", 2700)],
        [{**ENROLLED, "payer": "RIVERBEND", "consent_covers": "purpose", "pain_months": "", "scale": ""}],
    )
    assert "HELD Not billable until what holds the month back is settled." in told
    assert "would earn G3002 × 1 G3003 × 1" in told
    assert "Consent 1 Sep 2026, verbal, covers purpose ✗ not met CPM-09" in told
    assert "Chronic pain duration not told, established ? not told CPM-07" in told
    assert "? not told CPM-08" in told
    assert "Payer covers it RIVERBEND ? not told CM-PAYER" in told
    assert re.search(r"CM-PAYER \(ask\) does this payer pay [a-z ]+\? Needed: payer policy:", told)
    assert "CPM-09 (deny) consent does not say that the patient was told of: how often it is given" in told
    assert told.index("What holds the month back") < told.index("CPM-09 (deny)")
    assert told.index("What a reviewer will look for") < told.index("CPM-08 (audit)")


def test_where_gates_leave_nothing_both_sums_are_told(desk: Desk) -> None:
    told = desk.text(
        [entry("E1", 2700), entry("E2", 720, BEGUN + dt.timedelta(days=14))],
        [{**ENROLLED, "consent_on": "2026-10-20", "initiated_on": "2026-10-20", "prior_months": "0"}],
    )
    assert "12:00 counted < 30:00 (G3002): no unit; 18:00 short" in told
    assert "57:00 logged − 30:00 (G3002 × 1) = 27:00" in told
    assert "45:00 before consent not counted ✗ not met CPM-09" in told
    assert "45:00 before the visit not counted ✗ not met CPM-06" in told
    assert "Not counted: before the patient's consent; before the initiating visit." in told


def test_time_without_an_enrolment(desk: Desk) -> None:
    month = desk.close([entry("E1", 2100)], [{**ENROLLED, "patient": "P002"}])
    told = text(desk.write(month)[0])
    assert "NOT ENROLLED Not billable: no enrolment with this practitioner. no code" in told
    assert "What holds the month back: the patient is not enrolled with this practitioner." in told
    assert "Without an enrolment none of it is billable" in told
    assert "Gates" not in told


def test_an_overlap_with_another_patient_names_the_entry_and_not_the_patient(desk: Desk) -> None:
    month = desk.close(
        [entry("E1", 2400), entry("E2", 1200, BEGUN + dt.timedelta(minutes=30), patient="Q-OTHER")],
        [ENROLLED, {**ENROLLED, "patient": "Q-OTHER"}],
    )
    told = text(desk.write(month)[0])
    assert "E2 chronic pain management Tue 6 Oct 09:30:00–09:50:00 10:00 one person, two patients" in told
    assert "Q-OTHER" not in told
    assert "A visit and chronic pain management on one day" in told  # the rule of shared minutes, CPM-11


def test_times_that_look_longer_than_they_count_are_explained(desk: Desk) -> None:
    change = "2026-11-01T01:50:00-04:00"
    entries = [
        entry("E1", 1200, dt.datetime.fromisoformat(change)),
        entry("E2", 1200, dt.datetime.fromisoformat("2026-11-30T23:50:00-05:00")),
    ]
    month = desk.close(entries, [ENROLLED], dt.date(2026, 11, 1), "America/New_York")
    (path,) = desk.write(month)
    told = text(path)
    assert "America/New_York" in told
    assert "01:50:00–01:10:00" in told
    assert "Clocks changed: it lasted 20:00." in told
    assert "Mon 30 Nov 23:50:00–00:10:00 (+1 day)" in told
    assert "10:00 of it is in this month." in told


ODD = "#$*_\"'\\`@<x>[y] =Ωж"


def test_what_a_file_holds_is_never_markup(desk: Desk) -> None:
    month = desk.close(
        [
            entry(f"E1{ODD}", 1860, patient=ODD),
            entry("E2", 60, BEGUN + dt.timedelta(hours=1), patient=ODD, **{**MA, "performer": ODD}),
        ],
        [{**ENROLLED, "patient": ODD, "scale": ODD, "scale_score": "#1"}],
    )
    (path,) = desk.write(month, practice=ODD)
    told = closely(text(path))
    assert told.count(closely(ODD)) >= 5
    assert f"E1{closely(ODD)}" in told
    assert f"clinicalstaff{closely(ODD)}" in told
    assert f"{closely(ODD)},score#1" in told
    assert unquote(path.name) == f"{ODD}-{NPI}-2026-10.pdf"


def test_a_character_that_no_font_has_is_told_by_its_number(desk: Desk) -> None:
    month = desk.close([entry("E\u202e1", 1860, patient="患者1")], [{**ENROLLED, "patient": "患者1"}])
    (path,) = desk.write(month)
    told = closely(text(path))
    assert "[U+60A3][U+8005]1" in told
    assert "E[U+202E]1" in told


def test_every_character_that_is_drawn_has_a_picture(desk: Desk) -> None:
    drawn = [chr(code) for code in range(0x20, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    drawn = [one for one in drawn if not UNDRAWN.fullmatch(one)]
    assert len(drawn) > 2_000
    month = desk.close([entry("E1", 1860)], [ENROLLED])
    (path,) = desk.write(month, practice=" ".join(drawn))
    assert "≥" in text(path)


def test_a_long_word_is_broken_and_nothing_is_added(desk: Desk) -> None:
    long = "ID-WITHOUT-ANY-ROOM-" + "0123456789" * 6
    told = desk.text([entry(long, 1860)], [ENROLLED])
    assert long in closely(told)


@pytest.mark.parametrize(
    "patient",
    ["../../up", "/etc/passwd", "..", ".hidden", "-rf", "~root", "a\\b", "a\0b", "C:x", "é", "x" * 300],
)
def test_a_file_name_stays_in_its_folder(patient: str) -> None:
    name = file_name(patient, NPI, OCTOBER)
    assert re.fullmatch(r"[A-Za-z0-9_%][A-Za-z0-9_.~%=-]*", name)
    assert len(name) < 200
    if len(patient) <= LONGEST_NAME:
        assert unquote(name) == f"{patient}-{NPI}-2026-10.pdf"


def test_no_two_patients_share_a_file(desk: Desk) -> None:
    ids = ["p1", "P1", "P 1", "P%201", "P_1", "P/1", "P-1", "x" * 300, "x" * 301, "É", "é"]
    month = desk.close([entry("E1", 60)], [{**ENROLLED, "patient": one} for one in ids])
    found = desk.write(month)
    assert len({path.name.casefold() for path in found}) == len(ids) + 1
    assert all(len(pages(path)) == 1 for path in found)


def test_a_folder_that_cannot_be_made_is_told(desk: Desk) -> None:
    month = desk.close([entry("E1", 60)], [ENROLLED])
    desk.out.write_text("a file")
    with pytest.raises(BadRequest, match="the folder cannot be made"):
        write_proofs(month, desk.out, reference=desk.reference)


def test_a_file_that_cannot_be_made_leaves_what_was_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = desk.write(desk.close([entry("E1", 60)], [ENROLLED]))
    before = path.read_bytes()
    monkeypatch.setattr("anodyne.cli.care_proof._Press.printed", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        desk.write(desk.close([entry("E1", 120)], [ENROLLED]))
    assert [one.name for one in desk.out.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize("program", PROGRAMMES)
def test_of_a_bare_enrolment_no_gate_is_met_but_those_of_the_time_itself(desk: Desk, program: str) -> None:
    part = desk.part([entry("E1", 7200, program=program)], {**BARE, "program": program})
    given = {Gate.PLACES, Gate.TELEHEALTH, Gate.CONTACT, Gate.PAYER}
    states = {judged.gate: judged.state for judged in part.gates}
    for gate, asked in GATES.items():
        if program not in asked.rules:
            assert states[gate] is State.NOT_NEEDED
        elif gate not in given:
            assert states[gate] is State.NOT_TOLD, gate
    assert states[Gate.PAYER] is State.MET


@pytest.mark.parametrize("program", PROGRAMMES)
def test_of_a_whole_enrolment_every_gate_is_met(desk: Desk, program: str) -> None:
    whole = {**ENROLLED, "program": program, "prior_months": "0", "complexity": "high"}
    whole |= {"discharged_on": "2026-10-02", "contacted_on": "2026-10-05", "visited_on": "2026-10-09"}
    part = desk.part([entry("E1", 3600, program=program, mode="video", pos="10")], whole)
    for judged in part.gates:
        asked = bool(judged.rules)
        assert judged.state is (State.MET if asked else State.NOT_NEEDED), judged
    assert part.row["status"] == "billable"


@pytest.mark.parametrize(
    ("program", "change", "gate"),
    [
        ("cpm", {"pain_months": "3"}, Gate.PAIN),
        ("cpm", {"pain_finding": "rejected"}, Gate.PAIN),
        ("cpm", {"initiated_minutes": "29"}, Gate.VISIT),
        ("cpm", {"initiated_on": "2026-11-02"}, Gate.VISIT),
        ("ccm", {"initiated_on": "2025-01-01"}, Gate.VISIT),
        ("ccm", {"conditions": "1"}, Gate.CONDITIONS),
        ("ccm", {"consent_on": "2026-11-02"}, Gate.CONSENT),
        ("complex_ccm", {"complexity": "low"}, Gate.DECISIONS),
    ],
)
def test_a_gate_that_is_told_and_broken_is_not_met(desk: Desk, program: str, change: Row, gate: Gate) -> None:
    whole = {**ENROLLED, "program": program, "prior_months": "0", "complexity": "high", **change}
    part = desk.part([entry("E1", 3600, program=program)], whole)
    states = {judged.gate: judged.state for judged in part.gates}
    assert states[gate] is State.NOT_MET
    assert all(state is not State.NOT_MET for other, state in states.items() if other is not gate)


def test_a_plan_on_record_is_met_though_the_scale_is_not_told(desk: Desk) -> None:
    part = desk.part([entry("E1", 1800)], {**ENROLLED, "scale": ""})
    states = {judged.gate: judged.state for judged in part.gates}
    assert (states[Gate.PLAN], states[Gate.SCALE]) == (State.MET, State.NOT_TOLD)


@pytest.mark.parametrize("program", [one for one in PROGRAMMES if one is not Program.TCM])
def test_the_arithmetic_is_that_of_the_engine(desk: Desk, program: str) -> None:
    lengths = [(own, staff) for own in _EDGES for staff in _EDGES]
    entries = [
        entry(f"E{n}-{who}", seconds, begun, program=program, patient=f"P{n}", **extra)
        for n, both in enumerate(lengths)
        for who, (seconds, extra) in enumerate(zip(both, ({}, {**MA, "performer": ""}), strict=True))
        if seconds
        for begun in (BEGUN + dt.timedelta(days=n % 25, hours=5 * who, minutes=90 * (n // 25)),)
    ]
    month = desk.close(
        entries, [{**ENROLLED, "program": program, "patient": f"P{n}"} for n in range(len(lengths))]
    )
    told = [part for proof in proofs(month, desk.reference) for part in proof.parts]
    assert len(told) == len(lengths)
    for part in told:
        assert part.sums is not None
        assert part.sums.seconds == part.row["counted_seconds"]
        codes = {block.code: units for block, units in part.limits}
        assert codes == {one["code"]: one["units"] for one in part.row["codes"]}
        spent = sum(units * block.seconds for block, units in part.limits)
        assert spent + part.sums.left == part.sums.seconds
        assert part.sums.first is None or spent == part.row["needed_seconds"]
        if part.sums.first is None:
            nearest = part.sums.ladder.least - part.sums.seconds
            assert nearest == part.row["goal_seconds"]
