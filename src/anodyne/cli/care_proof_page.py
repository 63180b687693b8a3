"""What a proof says, in words and in the order in which an auditor asks for it."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version as version_of
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from anodyne.app.care_month import Month
from anodyne.app.care_proof import Authority, Gate, Judged, Part, Proof, Row, Sums
from anodyne.app.words import counted, day, place
from anodyne.care.clock import month_after
from anodyne.care.earning import NO_LIMIT, OWN
from anodyne.care.months import Status
from anodyne.cli.care_words import clock
from anodyne.model.care import PROGRAM_WORDS, ROLE_WORDS, Mode, Program

if TYPE_CHECKING:
    from anodyne.kernel.cite import Cite

Told = dict[str, Any]
"""What the template shows of one thing, by the names that it uses."""

_STATUS: Final = MappingProxyType(
    {
        Status.BILLABLE: "Billable",
        Status.HELD: "Held",
        Status.SHORT: "Short",
        Status.NOT_ENROLLED: "Not enrolled",
    }
)
_UNHELD: Final = MappingProxyType(
    {
        Status.NOT_ENROLLED: "the patient is not enrolled with this practitioner.",
        Status.SHORT: "nothing but the time, which is too short.",
    }
)
"""What holds a month back where no rule does."""
_MODES: Final = MappingProxyType(
    {
        Mode.IN_PERSON: "in person",
        Mode.VIDEO: "video",
        Mode.AUDIO: "audio",
        Mode.NO_PATIENT_CONTACT: "no contact",
    }
)
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LOST: Final = (
    ("before_consent_seconds", Gate.CONSENT, "before consent"),
    ("after_revocation_seconds", Gate.CONSENT, "after its revocation"),
    ("before_visit_seconds", Gate.VISIT, "before the visit"),
    ("misplaced_seconds", Gate.PLACES, "in places that do not count"),
    ("off_telehealth_seconds", Gate.TELEHEALTH, "on days without cover"),
)
"""The seconds that a gate takes away."""
_FOOT_WIDTH: Final = 100
"""About how many characters a row of the foot holds."""


def page_of(proof: Proof, month: Month, practice: str = "") -> Told:
    """What the template shows of `proof`."""
    last = month_after(month.month) - dt.timedelta(days=1)
    names = [_program(part.row["program"]) for part in proof.parts]
    title = names[0] if len(names) == 1 else "Care management"
    payers = dict.fromkeys(part.row["payer"] or "not told" for part in proof.parts)
    return {
        "title": f"{title[0].upper()}{title[1:]}: proof of a month",
        "document": f"{title}, {proof.patient}, {proof.practitioner}, {month.month:%Y-%m}",
        "author": practice,
        "date": [last.year, last.month, last.day],
        "facts": [
            ["Patient", proof.patient],
            ["Practitioner (NPI)", proof.practitioner],
            ["Month", f"{month.month:%B %Y}"],
            ["Payer", ", ".join(payers)],
            ["Times", "as written in the log" if month.zone is None else month.zone],
            *([["Practice", practice]] if practice else []),
        ],
        "parts": [_part(part, month.month) for part in proof.parts],
        "foot": _foot(proof.authorities),
        "files": [
            f"{PurePath(file.path).name} · {counted(file.rows, 'row')} · SHA-256 {file.sha256 or 'not known'}"
            for file in month.files
        ],
        "version": f"Anodyne {_version()}",
    }


@cache
def _version() -> str:
    return version_of("anodyne")


def _program(name: str) -> str:
    return PROGRAM_WORDS.get(name, name)


def _part(part: Part, month: dt.date) -> Told:
    row = part.row
    status = Status(row["status"])
    name = _program(row["program"])
    return {
        "name": f"{name[0].upper()}{name[1:]}",
        "status": status.value,
        "label": _STATUS[status],
        "says": _says(part, status),
        "earns": "would earn" if status is Status.HELD and row["codes"] else "",
        "codes": [f"{one['code']} × {one['units']}" for one in row["codes"]],
        "entries": [_entry(entry, month) for entry in part.entries],
        "total": [
            clock(sum(entry["counted_seconds"] for entry in part.entries)),
            clock(sum(entry["excluded_seconds"] for entry in part.entries)),
        ],
        "overlaps": [_overlap(pair) for pair in part.overlaps],
        "gates": [_gate(judged, part) for judged in part.gates if judged.rules],
        "unasked": "; ".join(judged.gate for judged in part.gates if not judged.rules),
        "blockers": [_finding(one) for one in part.findings if one["blocks"]],
        "unheld": _UNHELD.get(status, "nothing."),
        "warnings": [_finding(one) for one in part.findings if not one["blocks"]],
        "sums": list(_arithmetic(part, status)),
    }


def _says(part: Part, status: Status) -> str:
    """What the status means for this month."""
    match status:
        case Status.BILLABLE:
            return ""
        case Status.HELD if part.row["codes"]:
            return "Not billable until what holds the month back is settled."
        case Status.HELD:
            return "No code is earned, and something stands against the month."
        case Status.NOT_ENROLLED:
            return "Not billable: no enrolment with this practitioner."
        case Status.SHORT:
            return "The time earns no code."


def _entry(entry: Row, month: dt.date) -> Told:
    counts, lost = entry["counted_seconds"], entry["excluded_seconds"]
    notes = []
    if lost:
        notes.append(f"Not counted: {entry['why'] or 'no reason told'}.")
    notes += _clock_notes(entry, month)
    performer = entry["performer"]
    role = ROLE_WORDS[entry["role"]]
    return {
        "id": entry["entry_id"],
        "day": _short_day(entry["begun"]),
        "span": _span(entry),
        "mode": _MODES[entry["mode"]],
        "place": _place(entry["pos"]),
        "who": role if performer is None else f"{role} {performer}",
        "elements": ", ".join(one.replace("_", " ") for one in entry["elements"]) or "–",
        "counted": clock(counts),
        "lost": clock(lost),
        "notes": " ".join(notes),
        "grey": not counts,
    }


def _clock_notes(entry: Row, month: dt.date) -> Iterator[str]:
    """Why the length of an entry is not what its times look like."""
    begun, ended = entry["begun"], entry["ended"]
    seconds = int((ended - begun).total_seconds())
    first = dt.datetime.combine(month, dt.time())
    after = dt.datetime.combine(month_after(month), dt.time())
    if begun < first or ended > after:
        yield f"{clock(entry['month_seconds'])} of it is in this month."
    elif seconds != entry["month_seconds"]:
        yield f"Clocks changed: it lasted {clock(entry['month_seconds'])}."


def _span(entry: Row, begun: str = "begun", ended: str = "ended") -> str:
    """From when to when, to the second; a day later is told."""
    start, end = entry[begun], entry[ended]
    later = (end.date() - start.date()).days
    return f"{start:%H:%M:%S}–{end:%H:%M:%S}" + (f" (+{counted(later, 'day')})" if later else "")


def _short_day(moment: dt.date) -> str:
    return f"{_WEEKDAYS[moment.weekday()]} {day(moment).rpartition(' ')[0]}"


def _place(code: str | None) -> str:
    return "–" if code is None else f"{code} {place(code)}"


def _overlap(pair: Row) -> Told:
    def side(which: str) -> list[str]:
        begun = pair[f"{which}_begun"]
        span = _span(pair, f"{which}_begun", f"{which}_ended")
        return [pair[which], _program(pair[f"{which}_program"]), f"{_short_day(begun)} {span}"]

    return {
        "one": side("one"),
        "other": side("other"),
        "shared": clock(pair["overlap_seconds"]),
        "whose": "one patient" if pair["same_patient"] else "one person, two patients",
    }


def _gate(judged: Judged, part: Part) -> Told:
    lost = [
        f"{clock(part.row[name])} {words} not counted"
        for name, gate, words in _LOST
        if gate is judged.gate and part.row[name]
    ]
    return {
        "gate": f"{judged.gate[0].upper()}{judged.gate[1:]}",
        "record": "; ".join([_record(judged, part), *lost]),
        "state": judged.state.value,
        "rules": ", ".join(judged.rules),
    }


def _record(judged: Judged, part: Part) -> str:
    """What is on record of a gate."""
    row = part.row
    match judged.gate:
        case Gate.CONSENT:
            told = [_told(row["consent_on"]), row["consent_mode"], _covers(row["consent_covers"])]
            if row["consent_revoked_on"] is not None:
                told.append(f"revoked {day(row['consent_revoked_on'])}")
        case Gate.VISIT:
            told = _visit(row)
        case Gate.PAIN:
            months = row["pain_months"]
            lasted = "duration not told" if months is None else f"{months:g} months at enrolment"
            told = [lasted, row["pain_finding"] or "finding not told"]
        case Gate.CONDITIONS:
            told = [None if row["conditions"] is None else str(row["conditions"])]
        case Gate.PLAN:
            told = [_told(row["plan_on"])]
        case Gate.SCALE:
            told = [
                row["scale"],
                row["scale_score"] and f"score {row['scale_score']}",
                _told(row["scale_on"]),
            ]
        case Gate.DECISIONS:
            told = [row["complexity"], row["plan_on"] and f"plan of {day(row['plan_on'])}"]
        case Gate.DISCHARGE:
            told = [
                *(
                    f"{words} {day(row[name])}" if row[name] is not None else f"{words} not told"
                    for name, words in (
                        ("discharged_on", "discharge"),
                        ("contacted_on", "first contact"),
                        ("visited_on", "visit"),
                    )
                ),
                row["complexity"] or "complexity not told",
            ]
        case Gate.PLACES:
            told = [_by_place(part) or "no time logged"]
        case Gate.TELEHEALTH:
            told = [_from_afar(part)]
        case Gate.CONTACT:
            told = ["counted time with the patient" if row["contact"] else None]
        case Gate.PAYER:
            told = [row["payer"]]
    return ", ".join(one for one in told if one) or "nothing on record"


def _told(value: dt.date | None) -> str | None:
    return None if value is None else day(value)


def _covers(topics: list[str] | None) -> str:
    if topics is None:
        return "what it covers is not told"
    return f"covers {', '.join(topic.replace('_', ' ') for topic in topics)}" if topics else "covers nothing"


def _visit(row: Row) -> list[str | None]:
    if row["initiated_on"] is None:
        told: list[str | None] = []
    else:
        minutes, mode, pos = (row[f"initiated_{name}"] for name in ("minutes", "mode", "pos"))
        told = [
            day(row["initiated_on"]),
            "minutes not told" if minutes is None else f"{minutes:g} min",
            "manner not told" if mode is None else _MODES[mode],
            "place not told" if pos is None else _place(pos),
        ]
    prior = row["prior_months"]
    first = "not told whether a first month" if prior is None else "first month"
    return [*told, f"{counted(prior, 'month')} billed before" if prior else first]


def _by_place(part: Part) -> str | None:
    """The seconds logged by place."""
    seconds: Counter[str] = Counter()
    for entry in part.entries:
        here = _place(entry["pos"])
        if entry["pos"] is None:
            here = "no contact" if entry["mode"] == Mode.NO_PATIENT_CONTACT else "place not told"
        seconds[here] += entry["month_seconds"]
    return _listed(seconds)


def _from_afar(part: Part) -> str:
    """The seconds logged by means of telehealth."""
    seconds: Counter[str] = Counter()
    for entry in part.entries:
        if entry["mode"] in {Mode.VIDEO, Mode.AUDIO}:
            seconds[_MODES[entry["mode"]]] += entry["month_seconds"]
    return _listed(seconds) or "no time by video or audio"


def _listed(seconds: Mapping[str, int]) -> str | None:
    return ", ".join(f"{words} {clock(spent)}" for words, spent in seconds.items()) or None


def _finding(finding: Row) -> Told:
    return {
        "rule": finding["rule"],
        "outcome": finding["outcome"],
        "says": finding["message"] if finding["message"].endswith((".", "?")) else f"{finding['message']}.",
        "needs": "; ".join(finding["needs"] or ()),
    }


def _foot(authorities: Sequence[Authority]) -> list[list[Told]]:
    """The rules with the sections that were read, and the sources by number: two columns of one length."""
    numbers: dict[Cite, int] = {}
    lines = []
    for one in authorities:
        sections = []
        for cite in one.cites:
            number = numbers.setdefault(dataclasses.replace(cite, section="all"), len(numbers) + 1)
            sections.append(f"{cite.section} [{number}]")
        lines.append({"lead": one.name, "title": one.title, "text": f"{'; '.join(sections)}.", "url": ""})
    for cite, number in numbers.items():
        read = f"{cite.source} (read {day(cite.read)}, {cite.confidence})"
        lines.append({"lead": f"[{number}]", "title": "", "text": read, "url": cite.url})
    rows = [len(line["lead"] + line["title"] + line["text"]) // _FOOT_WIDTH + 1 for line in lines]
    middle = next((at for at in range(len(rows)) if 2 * sum(rows[:at]) >= sum(rows)), len(rows))
    return [lines[:middle], lines[middle:]]


def _arithmetic(part: Part, status: Status) -> Iterator[str]:
    """From seconds to units, line by line."""
    row = part.row
    if row["program"] == Program.TCM:
        yield from _transition(row)
        return
    if part.sums is None:
        yield "The programme has no codes in this month."
        return
    yield from _whose(part)
    yield from _steps(part.sums, "counted")
    if part.would is not None:
        yield "Were consent, visit, place and telehealth in order:"
        yield from _steps(part.would, "logged")
    yield from _limits(part)
    if row["met_on"] is not None:
        yield f"Units complete on {day(row['met_on'])}"
    if row["goal_code"] is not None and row["codes"] and part.would is None:
        at = clock(part.sums.seconds + row["goal_seconds"])
        yield f"Next unit: {row['goal_code']} at {at}, {clock(row['goal_seconds'])} more"
    if status is Status.NOT_ENROLLED:
        yield "Without an enrolment none of it is billable"


def _whose(part: Part) -> Iterator[str]:
    """Whose time counts, and why."""
    if part.sums is not None and part.sums.ladder.whose == OWN:
        yield f"Only the practitioner's own time counts towards {part.sums.ladder.first.code}"
    elif part.own is None:
        yield "The time of practitioner and staff counts together"
    else:
        own, least = part.own.seconds, part.own.ladder.first
        yield (
            f"{clock(own)} of the practitioner's own < {clock(least.seconds)} ({least.code}): "
            "the time of practitioner and staff counts together"
        )


def _steps(sums: Sums, what: str) -> Iterator[str]:
    """From `what` to units, and what is left."""
    ladder, seconds, first = sums.ladder, sums.seconds, sums.first
    if first is None:
        block = ladder.short or ladder.first
        short = clock(block.seconds - seconds)
        yield f"{clock(seconds)} {what} < {clock(block.seconds)} ({block.code}): no unit; {short} short"
        return
    if first is not ladder.first:
        yield f"{clock(seconds)} {what} < {clock(ladder.first.seconds)} ({ladder.first.code})"
    step, rest = sums.step, clock(sums.rest)
    left = "" if step is not None else " left"
    yield f"{clock(seconds)} {what} − {clock(first.seconds)} ({first.code} × 1) = {rest}{left}"
    if step is not None:
        capped = f", of which a month bears {step.most}" if sums.blocks > sums.units else ""
        blocks = counted(sums.blocks, "whole block")
        yield (
            f"{rest} ÷ {clock(step.seconds)} = {blocks}{capped} → "
            f"{step.code} × {sums.units}; {clock(sums.left)} left"
        )


def _limits(part: Part) -> Iterator[str]:
    """What the codes earned may come to at most."""
    for block, units in part.limits:
        told = [f"{block.most} a month"] if block.most < NO_LIMIT else []
        told.append(f"{block.edit} by Medicare's unit edit" if block.edit_known else "unit edit not known")
        over = block.edit_known and units > block.edit
        yield f"{block.code} × {units}{', over the limit' if over else ''}: at most {', '.join(told)}"


def _transition(row: Row) -> Iterator[str]:
    """Days in place of minutes."""
    if row["contact_by"] is not None:
        made = "not told" if row["contacted_on"] is None else day(row["contacted_on"])
        yield f"First contact due by {day(row['contact_by'])}, two workdays after discharge: {made}"
    if row["transition_days"] is not None:
        earned = row["transition_code"]
        yield (
            f"Visit on day {row['transition_days']} after discharge, decision making "
            f"{row['complexity'] or 'not told'} → {'no code' if earned is None else f'{earned} × 1'}"
        )
    yield "No minutes count towards it"
