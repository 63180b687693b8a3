"""`anodyne remit`: what payers sent back, read and told."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from anodyne.cli.days import day_of
from anodyne.cli.out import opened, refuse_overwriting
from anodyne.cli.outcomes import FOUND
from anodyne.cli.page import page_for, printable
from anodyne.kernel.errors import BadRequest

if TYPE_CHECKING:
    from anodyne.app.remit_read import NotRead, RemitsRead
    from anodyne.app.remit_work import Worked

FAILED: Final = 2


class Form(StrEnum):
    """How a remittance is told."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class Told(StrEnum):
    """How what holds, or where claims stand, is told."""

    TEXT = "text"
    JSON = "json"


class WorkForm(StrEnum):
    """How a worklist is told."""

    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"


_FORM = typer.Option(
    "--format", metavar="text|json|csv|xlsx", help="Text for people, JSON for programs, tables."
)
_TOLD = typer.Option("--format", metavar="text|json", help="Text for people, JSON for programs.")
_WORK_FORM = typer.Option(
    "--format", metavar="text|json|xlsx", help="A worklist for people, JSON for programs, a workbook."
)


class LetterForm(StrEnum):
    """As what letters are written."""

    BOTH = "both"
    DOCX = "docx"
    PDF = "pdf"


class TrendForm(StrEnum):
    """How trends are told."""

    HTML = "html"
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


_CLAIMS = typer.Option(
    "--claims", metavar="FILE", help="837P claims that were sent; again for several files."
)
_CONTRACTS = typer.Option(metavar="FILE", help="What payers should allow: CSV or Parquet.")
_LIMITS = typer.Option(
    metavar="FILE", help="In how many days payers other than Medicare may be asked: CSV or Parquet."
)
_ACKS = typer.Option(
    "--acks", metavar="FILE", help="Acknowledgements of the claims, 999 or 277CA; again for several files."
)
_LOCALITY = typer.Option(
    "--locality",
    metavar="MAC-LOCALITY",
    help="Where you work for Medicare: contractor and locality, as 05302-01; again for several.",
)
_AS_OF = typer.Option(
    metavar="DAY", help="The day to count deadlines from, YYYY-MM-DD; today where left out."
)
_OUTPUT = typer.Option(metavar="PATH", help="Where to write; - is standard output.")

app = typer.Typer(
    name="remit",
    help="Remittances: what payers paid, denied and took back.",
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def start() -> None:
    """Remittances: what payers paid, denied and took back."""


@app.command()
def read(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    form: Annotated[Form, _FORM] = Form.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Read remittances: each payment, claim and line, what was adjusted and why, and whether it adds up.

    FILE is an 835 file; - is standard input. A file given twice counts once. One that cannot be read is told
    of, and the others are read.

    Exit status: 0 all were read; 2 one could not be, or what was asked could not be done.
    """
    paths = _named(files, "anodyne remit read")
    _refuse_binary_at_a_terminal(form is Form.XLSX, output)
    refuse_overwriting(output, paths)

    from anodyne.app.remit_read import read_files  # noqa: PLC0415  frames are slow to import
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    with opened(output) as out:
        with watched(paths, then="writing") as progress:
            found = read_files(paths, progress=progress)
        with found:
            _write(found, form, out, output)
    _tell(found.damaged)
    if found.errors:
        _tell(found.errors)
        raise typer.Exit(FAILED)


@app.command()
def check(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    form: Annotated[Told, _TOLD] = Told.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Check that remittances add up: what does not and where, and what could be posted.

    FILE is an 835 file; - is standard input. A payment told twice counts once.

    Exit status: 0 all adds up; 1 something does not; 2 a file could not be read, or what was asked could not
    be done.
    """
    paths = _named(files, "anodyne remit check")
    refuse_overwriting(output, paths)

    from anodyne.cli import remit_check  # noqa: PLC0415  frames are slow to import

    found, status = remit_check.run(paths, form.value, output)
    _tell((*found.read.errors, *found.read.damaged))
    raise typer.Exit(status)


@app.command()
def status(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    claims: Annotated[list[str] | None, _CLAIMS] = None,
    form: Annotated[Told, _TOLD] = Told.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Say where claims that were sent stand by their acknowledgements, and what proves they were filed.

    FILE is a 999, 997 or 277CA file; - is standard input. The claims that were sent are named with --claims.

    Exit status: 0 it was told; 1 a claim was rejected or not found, or an answer is of nothing that was sent;
    2 what was asked could not be done.
    """
    paths = _named(files, "anodyne remit status", "acknowledgements, 999 or 277CA")
    refuse_overwriting(output, [*paths, *(claims or [])])

    from anodyne.app.remit_statuses import remit_statuses  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import remit_statuses as face  # noqa: PLC0415  the same
    from anodyne.denials.status_words import Verdict  # noqa: PLC0415  the same

    with opened(output) as out:
        report = remit_statuses(paths, claims=claims or [])
        if form is Told.JSON:
            face.write_json(report, out)
        else:
            face.write_text(report, out, page_for(output))
    bad = report.standings["standing"].is_in([Verdict.REJECTED.value, Verdict.NOT_FOUND.value])
    raise typer.Exit(FOUND if bad.any() or len(report.strays) else 0)


@app.command()
def work(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    claims: Annotated[list[str] | None, _CLAIMS] = None,
    contracts: Annotated[str | None, _CONTRACTS] = None,
    limits: Annotated[str | None, _LIMITS] = None,
    acks: Annotated[list[str] | None, _ACKS] = None,
    locality: Annotated[list[str] | None, _LOCALITY] = None,
    as_of: Annotated[str | None, _AS_OF] = None,
    form: Annotated[WorkForm, _WORK_FORM] = WorkForm.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Make a worklist of remittances: what was denied or underpaid, what to do, by when, most urgent first.

    FILE is an 835 file; - is standard input. Payments that do not add up are held: none of their claims is
    worked. With --claims, what matches nothing that was sent is listed apart. A file given twice counts once.

    Exit status: 0 there is nothing to do; 1 there is something; 2 a file could not be read, or what was asked
    could not be done.
    """
    paths = _named(files, "anodyne remit work")
    day = day_of(as_of, "--as-of")
    _refuse_binary_at_a_terminal(form is WorkForm.XLSX, output)
    refuse_overwriting(output, [*paths, *(claims or []), *(acks or []), contracts, limits])

    from anodyne.app.remit_work import work_files  # noqa: PLC0415  frames are slow to import
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    with opened(output) as out:
        with watched(paths, then="working") as progress:
            found = work_files(
                paths,
                claims=claims or [],
                contracts=contracts,
                limits=limits,
                acknowledgements=acks or [],
                localities=locality or [],
                as_of=day,
                progress=progress,
            )
        with found:
            _write_work(found, form, out, output)
    _tell((*found.read.errors, *found.read.damaged))
    if found.read.errors:
        raise typer.Exit(FAILED)
    raise typer.Exit(FOUND if found.anything else 0)


@app.command()
def letters(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    output: Annotated[str, typer.Option(metavar="DIR", help="The folder to write the letters into.")],
    claims: Annotated[list[str] | None, _CLAIMS] = None,
    contracts: Annotated[str | None, _CONTRACTS] = None,
    limits: Annotated[str | None, _LIMITS] = None,
    acks: Annotated[list[str] | None, _ACKS] = None,
    locality: Annotated[list[str] | None, _LOCALITY] = None,
    as_of: Annotated[str | None, _AS_OF] = None,
    form: Annotated[
        LetterForm, typer.Option("--form", metavar="both|docx|pdf", help="As what letters are written.")
    ] = LetterForm.BOTH,
    practice: Annotated[str, typer.Option(metavar="NAME", help="The practice that writes.")] = "",
) -> None:
    """Write the letters that remittances call for: appeals, and disputes of what was paid too little.

    FILE is an 835 file. Every sentence rests on a record or a rule; what is missing stays a marked gap, and
    letters.txt lists it.

    Exit status: 0 written; 2 a file could not be read, or what was asked could not be done.
    """
    paths = _named(files, "anodyne remit letters")
    day = day_of(as_of, "--as-of")

    from anodyne.app.remit_work import work_files  # noqa: PLC0415  frames are slow to import
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same
    from anodyne.cli.remit_letters import write_letters  # noqa: PLC0415  the same

    with watched(paths, then="writing") as progress:
        found = work_files(
            paths,
            claims=claims or [],
            contracts=contracts,
            limits=limits,
            acknowledgements=acks or [],
            localities=locality or [],
            as_of=day,
            progress=progress,
        )
    with found:
        count = write_letters(found, Path(output), day, form.value, practice)
    typer.echo(f"{count:,} letters in {output}; letters.txt tells what is missing")
    _tell((*found.read.errors, *found.read.damaged))
    if found.read.errors:
        raise typer.Exit(FAILED)


@app.command()
def trends(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
    claims: Annotated[list[str] | None, _CLAIMS] = None,
    contracts: Annotated[str | None, _CONTRACTS] = None,
    locality: Annotated[list[str] | None, _LOCALITY] = None,
    as_of: Annotated[str | None, _AS_OF] = None,
    form: Annotated[
        TrendForm,
        typer.Option(
            "--format",
            metavar="html|text|json|csv",
            help="A page with charts, text, JSON for programs, a table of weeks.",
        ),
    ] = TrendForm.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Show what changed over many remittances: denials by payer, service and week, and levels paid lower.

    FILE is an 835 file; name many.

    Exit status: 0 nothing changed; 1 something did; 2 a file could not be read, or what was asked could not
    be done.
    """
    paths = _named(files, "anodyne remit trends")
    day = day_of(as_of, "--as-of")
    refuse_overwriting(output, [*paths, *(claims or []), contracts])

    from anodyne.app.remit_trends import remit_trends  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import remit_trends as face  # noqa: PLC0415  the same
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    with watched(paths, then="comparing") as progress:
        found = remit_trends(
            paths,
            claims=claims or [],
            contracts=contracts,
            localities=locality or [],
            as_of=day,
            progress=progress,
        )
    with opened(output) as out:
        face.write(found, form.value, out, page_for(output))
    _tell(found.errors)
    if found.errors:
        raise typer.Exit(FAILED)
    raise typer.Exit(FOUND if len(found.changes) or len(found.lowered) else 0)


def _named(files: list[str] | None, command: str, what: str = "remittances, 835") -> list[str]:
    """The files that are named; BadRequest where there is none."""
    if not files:
        raise BadRequest(
            "no file is named", where=command, fix=f"Name a FILE of {what}, or - for standard input."
        )
    return files


def _write(found: "RemitsRead", form: Form, out: BinaryIO, output: str) -> None:
    """Write `found` to `out`; what a form needs is imported only for that form."""
    match form:
        case Form.JSON:
            from anodyne.cli import remit_json  # noqa: PLC0415  only where it is asked for

            remit_json.write(found, out)
        case Form.TEXT:
            from anodyne.cli import remit_text  # noqa: PLC0415  the same

            remit_text.write(found, out, page_for(output))
        case Form.CSV:
            from anodyne.cli import remit_tables  # noqa: PLC0415  the same

            remit_tables.write_csv(found, out)
        case Form.XLSX:
            from anodyne.cli import remit_tables  # noqa: PLC0415  the same

            remit_tables.write_xlsx(found, out)


def _write_work(found: "Worked", form: WorkForm, out: BinaryIO, output: str) -> None:
    match form:
        case WorkForm.JSON:
            from anodyne.cli import remit_work_json  # noqa: PLC0415  only where it is asked for

            remit_work_json.write(found, out)
        case WorkForm.TEXT:
            from anodyne.cli import remit_work_text  # noqa: PLC0415  the same

            remit_work_text.write(found, out, page_for(output))
        case WorkForm.XLSX:
            from anodyne.cli import remit_work_xlsx  # noqa: PLC0415  the same

            remit_work_xlsx.write(found, out)


def _tell(errors: Sequence["NotRead"]) -> None:
    """Say on standard error which files were not read, as every failure is said."""
    for error in errors:
        text = f"anodyne: {error.code} {error.message} (at {error.where}). {error.next_step}"
        typer.echo(printable(text), err=True)


def _refuse_binary_at_a_terminal(binary: bool, output: str) -> None:
    if binary and output == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise BadRequest(
            "a workbook cannot be shown at a terminal",
            where="--format xlsx",
            fix="Name a file with --output, as --output remits.xlsx.",
        )
