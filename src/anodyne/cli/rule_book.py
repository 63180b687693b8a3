"""The rule book as pages: one for each rule, and an index by family, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final

from anodyne.app import words
from anodyne.app.catalogue import Entry, catalogue
from anodyne.kernel.errors import BadRequest

INDEX: Final = "README.md"
FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CPM": "Chronic pain management",
        "CM": "Care management",
        "EM": "Visits",
        "INJ": "Injections, procedures and drugs",
        "LCD": "Coverage by Medicare's contractors",
        "NCCI": "Pairs and units",
        "MOD": "Modifiers",
        "TEL": "Telehealth",
        "POS": "Places of service",
        "DX": "Diagnoses",
        "CODE": "Codes by date",
        "DUP": "Duplicates",
        "TF": "Filing and correcting",
        "PA": "Prior authorisation",
        "WC": "Workers' compensation and no-fault",
        "X12": "The form of the file",
    }
)
"""What the rules of a family are about, by what their ids begin with, in the order of the index."""


def pages() -> dict[str, str]:
    """Every page by its file name."""
    known = catalogue()
    return {INDEX: _index(known), **{f"{id_}.md": _page(versions) for id_, versions in known.items()}}


def write(folder: Path) -> int:
    """Write every page into `folder`, and take away pages of rules that are no more; how many pages.

    A file that is not a page of the rule book is left alone.  Raises BadRequest where it cannot be written.
    """
    made = pages()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale(folder):
            if name in made:
                (folder / name).write_text(made[name], encoding="utf-8")
            else:
                (folder / name).unlink()
    except OSError as error:
        raise BadRequest(
            f"the rule book cannot be written: {error.strerror}",
            where=str(folder),
            fix="Name a folder that you may write to.",
        ) from error
    return len(made)


def stale(folder: Path) -> list[str]:
    """The names of pages in `folder` that are missing, differ from what they should be, or are no more."""
    made = pages()
    wrong = [name for name, text in made.items() if not _says(folder / name, text)]
    rules = (path for path in folder.glob("*-*.md") if path.name not in made)
    return sorted([*wrong, *(path.name for path in rules if path.read_text("utf-8").startswith("# "))])


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _index(known: Mapping[str, Sequence[Entry]]) -> str:
    order = list(FAMILIES)
    newest = sorted((some[0] for some in known.values()), key=lambda e: (order.index(_family(e)), e.id))
    head = files("anodyne.cli").joinpath("pages", "rule_book.md").read_text("utf-8")
    parts = [head.format(rules=words.counted(len(newest), "rule"))]
    for family, rules in groupby(newest, _family):
        rows = [f"| [{e.id}]({e.id}.md) | `{e.outcome}` | {_cell(e.title)} |\n" for e in rules]
        parts.append(f"## {FAMILIES[family]}\n\n| id | outcome | title |\n|---|---|---|\n{''.join(rows)}")
    return "\n".join(parts)


def _family(entry: Entry) -> str:
    return entry.id.partition("-")[0]


def _page(versions: Sequence[Entry]) -> str:
    return "\n".join("\n".join(_told(version)) for version in versions)


def _told(known: Entry) -> Iterator[str]:
    yield f"# {known.id}: {known.title}\n"
    if known.statement:
        yield f"{known.statement}\n"
    yield f"- **outcome**: `{known.outcome}`: {words.PREDICTS[known.outcome]}"
    yield f"- **looks at**: {words.SUBJECTS.get(known.view, known.view)}, {words.PAYERS[known.payers]}"
    if known.values():
        yield f"- **of the payer's policy**: {', '.join(f'`{value}`' for value in known.values())}"
    if known.in_force is not None:
        last = "" if known.in_force.last is None else f" to {words.day(known.in_force.last)}"
        yield f"- **in force**: for services from {words.day(known.in_force.start)}{last}"
    yield ""
    yield "## Authority\n"
    for cite in known.cites:
        source = f"[{cite.source}]({cite.url})" if cite.url else cite.source
        yield (
            f"- {source}: {cite.section} (read {words.day(cite.read)}; {cite.confidence}: "
            f"{words.CONFIDENCE[cite.confidence]})"
        )
    yield ""
    cases = known.cases()
    if cases:
        yield "## Cases\n"
        yield "| case | brings | says |"
        yield "|---|---|---|"
        for case in cases:
            yield f"| {_cell(case.name)} | {words.EXPECTS[case.expect]} | {_cell(case.says or '')} |"
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
