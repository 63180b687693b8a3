"""Make the parts of the pages that are read off the code and off a check of the examples.

    python tools/make_docs.py            write them
    python tools/make_docs.py --check    exit 1 where a page is stale

A part stands in its page between `<!-- made by tools/make_docs.py: NAME -->` and `<!-- made until here -->`.
"""

import argparse
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import chdir
from functools import cache
from pathlib import Path
from textwrap import indent

from anodyne.app.care import close
from anodyne.app.check import Report, check
from anodyne.cli import as_json, as_text, care_text, rule_book
from anodyne.cli.page import Page
from anodyne.model.frames import ADJUDICATIONS, CLAIMS, LINES, OTHER_PAYERS, Schema
from anodyne.reference.policies import VALUES, Wanted
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import load
from anodyne.rules.discover import all_rules
from anodyne.rules.views import FACTS
from anodyne.x12 import professional
from anodyne.x12.columns import last_day
from anodyne.x12.guide import Column

ROOT = Path(__file__).parents[1]
PAGES = ("CONTRIBUTING.md", "README.md", "docs/policies.md", "docs/reading-837p.md")
RULE_BOOK = "docs/rules"

PART = re.compile(
    r"^(?P<indent> *)(?P<begin><!-- made by tools/make_docs\.py: (?P<name>\w+) -->\n).*?"
    r" *(?P<end><!-- made until here -->)",
    re.DOTALL | re.MULTILINE,
)
TIMED = re.compile(r" +(checked by \d+ rules) in \d[\d.,]* \w+")

MADE_WHEN_READ = {
    "claim_key": "a number made when the file is read",
    "line_key": "a number made when the file is read",
    "judged": "true for a claim that is checked, false for one of `--history`",
    "file": "the path as given",
    "other_payer_key": "a number made when the file is read",
    "adjudication_key": "a number made when the file is read",
    "segment": "the number of the segment that begins it (CLM, LX, SBR or SVD) among the file's segments, "
    "the first ISA being 1",
    "byte": "the offset in the file at which that segment begins",
    "patient": "a number made of member id and birth date, and of a dependent's first name; "
    "a claim without a member id has a number of its own",
}
"""Columns that are read from no element."""

OF_PATIENT = {
    "relationship": ("subscriber_relationship", "patient_relationship"),
    "birth_date": ("subscriber_birth", "patient_birth"),
    "sex": ("subscriber_sex", "patient_sex"),
}
"""Columns read at the subscriber, or at a dependent who is the patient."""

FIRST_OF = {
    "property_claim": ("patient_property_claim", "subscriber_property_claim"),
    "state": ("facility_state", "billing_state"),
    "zip": ("facility_zip", "billing_zip"),
    "pos": ("line_pos", "claim's `pos`"),
    "rendering_npi": ("line_rendering_npi", "claim's `rendering_npi`"),
    "rendering_taxonomy": (
        "line_rendering_taxonomy",
        "claim's `rendering_taxonomy` where the line names no rendering provider",
    ),
    "auth_number": ("line_auth_number", "claim's `auth_number`"),
    "clia": ("line_clia", "claim's `clia`"),
}
"""Columns that take the first place that is filled: a column read, or the claim's own."""

READ_FOR_PATIENT = ("patient_first_name",)
"""What is read for the patient's number alone."""

CARE_MONTH = dt.date(2026, 10, 1)
SHOWN = ("LH1006", "LH1008", "LH1035")
"""The claims of the example that the README shows."""

POLICY_TO_START_FROM = "examples/policies/irongate.toml"
COVERAGE = "_lcd"
"""How the names of values end that say whether a coverage policy binds."""

RULE_TO_START_FROM = "src/anodyne/rules/library/imaging/inside"


def columns_of_claims() -> str:
    """The columns of a claim and where each is read."""
    return _columns(CLAIMS, professional.CLAIM_COLUMNS)


def columns_of_lines() -> str:
    """The columns of a service line and where each is read."""
    return _columns(LINES, professional.LINE_COLUMNS)


def columns_of_other_payers() -> str:
    """The columns of a claim's other payer and where each is read."""
    return _columns(OTHER_PAYERS, professional.OTHER_PAYER_COLUMNS)


def columns_of_adjudications() -> str:
    """The columns of what another payer decided of a line and where each is read."""
    return _columns(ADJUDICATIONS, professional.ADJUDICATION_COLUMNS)


def text_excerpt() -> str:
    """What a person reads of the example: some of its claims, and the summary."""
    with _example() as report:
        out = io.BytesIO()
        as_text.write(report, out, Page())
    blocks = out.getvalue().decode().strip().split("\n\n")
    shown = [block for block in blocks if block.startswith(SHOWN)]
    if len(shown) != len(SHOWN):
        raise ValueError(f"the example shows {len(shown)} of the claims {SHOWN}")
    return "```\n" + "\n\n".join([blocks[0], *shown, "…", blocks[-1]]) + "\n```\n"


def care_excerpt() -> str:
    """What a person reads of the example month."""
    folder = ROOT / "examples"
    time, enrolments = str(folder / "care_time.csv"), str(folder / "care_enrolments.csv")
    closed = close(time, enrolments, CARE_MONTH, reference=load(), policies=shipped())
    out = io.BytesIO()
    care_text.write(closed, out, Page())
    return f"```\n{out.getvalue().decode().strip()}\n```\n"


def json_excerpt() -> str:
    """What a program reads of the example: one finding, and the summary without its editions."""
    with _example() as report:
        out = io.BytesIO()
        as_json.write(report, out)
    told = json.loads(out.getvalue())
    finding = next(found for found in told["findings"] if found["claim"] == SHOWN[1] and found["line"])
    summary = {name: value for name, value in told["summary"].items() if name != "editions"}
    head = {name: told[name] for name in ("schema", "as_of", "files")}
    return "\n".join(
        [
            "```json",
            f"{{{_members(head, ' ')},",
            f' "findings": [\n  {{{_members(finding, "   ")}}}, …],',
            f' "summary": {{{_members(summary, "  ")}, "editions": […]}}}}',
            "```\n",
        ]
    )


def rule_cases() -> str:
    """The case sheet of a rule to start from."""
    return _file("yaml", f"{RULE_TO_START_FROM}.yaml")


def rule_code() -> str:
    """A rule to start from."""
    return _file("python", f"{RULE_TO_START_FROM}.py")


def policy_example() -> str:
    """A payer's policy to start from."""
    return _file("toml", POLICY_TO_START_FROM)


def policy_values() -> str:
    """Every value that a policy may hold, and the rules that rest on it."""
    resting: dict[str, set[str]] = {name: set() for name in VALUES}
    for rule in all_rules().values():
        for value in (value for name in rule.reads() for value in FACTS[rule.view][name].values):
            resting[value].add(rule.id)
    rows = [
        (f"`{name}`", _sort_of_value(wanted), wanted.says, ", ".join(sorted(resting[name])))
        for name, wanted in sorted(VALUES.items())
    ]
    return f"{len(rows)} values.\n\n{_table(('value', 'is', 'says', 'rules that rest on it'), rows)}"


def policies_that_ship() -> str:
    """The policies that ship: whom each speaks for, and the coverage policies it names."""
    rows = []
    for policy in sorted(shipped().policies, key=lambda one: one.title):
        match = "; ".join(f"{column} {', '.join(sorted(texts))}" for column, texts in policy.match.items())
        binding = [value for value in policy.values if value.name.endswith(COVERAGE)]
        topics = [
            f"{value.name.removesuffix(COVERAGE).replace('_', ' ')} "
            f"{value.cite.removeprefix('lcd-').upper()} from {value.span.start}"
            for value in binding
        ]
        others = len(policy.values) - len(binding)
        rows.append((policy.title, match, "<br>".join([*topics, f"and {others} more values"])))
    return _table(("policy", "speaks for", "says"), rows)


PARTS: Mapping[str, Callable[[], str]] = {
    maker.__name__: maker
    for maker in (
        columns_of_claims,
        columns_of_lines,
        columns_of_other_payers,
        columns_of_adjudications,
        rule_cases,
        rule_code,
        policy_example,
        policy_values,
        policies_that_ship,
        text_excerpt,
        care_excerpt,
        json_excerpt,
    )
}


def refreshed(page: str) -> str:
    """`page` with each made part as it should be now; KeyError for a part that nothing makes."""

    def made(part: re.Match[str]) -> str:
        text = indent(_made(part["name"]), part["indent"])
        return f"{part['indent']}{part['begin']}\n{text}\n{part['indent']}{part['end']}"

    return PART.sub(made, page)


def stale(root: Path = ROOT) -> list[str]:
    """The pages under `root` that are not as they should be; the seconds of a check aside."""
    texts = {name: (root / name).read_text(encoding="utf-8") for name in PAGES}
    wrong = [name for name, text in texts.items() if _untimed(text) != _untimed(refreshed(text))]
    return [*wrong, *(f"{RULE_BOOK}/{name}" for name in rule_book.stale(root / RULE_BOOK))]


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pages; 1 where a check finds a stale one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    wrong = stale()
    if not parser.parse_args(arguments).check:
        for name in set(wrong) & set(PAGES):
            page = ROOT / name
            page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
        rule_book.write(ROOT / RULE_BOOK)
        return 0
    for name in wrong:
        print(f"stale: {name}")
    return 1 if wrong else 0


@cache
def _made(name: str) -> str:
    return PARTS[name]()


def _untimed(page: str) -> str:
    return TIMED.sub(r" \1", page)


def _example() -> Report:
    with chdir(ROOT):
        return check(
            ["examples/day.837"],
            history=["examples/history.837"],
            as_of=dt.date(2026, 11, 21),
            reference=load(),
        )


def _sort_of_value(wanted: Wanted) -> str:
    if wanted.options:
        return " or ".join(f"`{option}`" for option in wanted.options)
    return {bool: "`true` or `false`", int: f"a number, at least {wanted.least}", str: "a text"}.get(
        wanted.kind, "a list of texts"
    )


def _file(language: str, path: str) -> str:
    return f"```{language}\n{(ROOT / path).read_text(encoding='utf-8')}```\n"


def _columns(schema: Schema, columns: Sequence[Column]) -> str:
    """A row for each column of `schema`; ValueError where one is read from nowhere, or read for nothing."""
    read = {column.name: column for column in columns}
    used: set[str] = set(READ_FOR_PATIENT) & set(read)
    rows = []
    for name in schema:
        if name in read:
            used.add(name)
            places = [_place(read[name])]
        elif name in OF_PATIENT:
            used.update(OF_PATIENT[name])
            own, dependents = (_place(read[one]) for one in OF_PATIENT[name])
            places = [f"{own}; for a dependent {dependents}"]
        elif name in FIRST_OF:
            used.update(set(FIRST_OF[name]) & set(read))
            places = [_place(read[one]) if one in read else f"the {one}" for one in FIRST_OF[name]]
        else:
            places = [MADE_WHEN_READ.get(name, "")]
        rows.append((f"`{name}`", "; else ".join(places)))
    lost = sorted({*(name.strip("`") for name, place in rows if not place), *(set(read) - used)})
    if lost:
        raise ValueError(f"columns read from nowhere, or for nothing: {lost}")
    return _table(("column", "read from"), rows)


def _place(column: Column) -> str:
    source = column.source
    part = f"-{column.component}" if column.component is not None else ""
    place = f"{' or '.join(source.loops)} {source.segment}{column.element:02d}{part}"
    wanted = []
    if source.qualifiers:
        first = "01" if column.component is None else "01-1"
        wanted.append(f"{source.segment}{first} is {' or '.join(source.qualifiers)}")
    if source.unless is not None:
        wanted.append(f"{source.segment}{source.unless:02d} is empty")
    if column.when is not None:
        wanted.append(f"{source.segment}{column.when[0]:02d} is {column.when[1]}")
    if column.read is last_day:
        place += " (of a range the last day)"
    return f"{place}, where {' and '.join(wanted)}" if wanted else place


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def row(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

    return "\n".join([row(heads), row("---" for _ in heads), *map(row, rows), ""])


def _members(values: Mapping[str, object], margin: str) -> str:
    def told(value: object) -> str:
        if isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict):
            between = f"\n{margin}  "
            return f"[{between}{f',{between}'.join(map(told, value))}]"
        return json.dumps(value, ensure_ascii=False)

    return f",\n{margin}".join(f"{json.dumps(name)}: {told(value)}" for name, value in values.items())


if __name__ == "__main__":
    sys.exit(main())
