"""`anodyne remit`: what payers sent back, read and told."""

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from anodyne.cli.out import opened
from anodyne.cli.page import page_for, printable
from anodyne.kernel.errors import BadRequest

if TYPE_CHECKING:
    from anodyne.app.remit_read import NotRead, RemitsRead

FAILED: Final = 2


class Form(StrEnum):
    """How a remittance is told."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


_FORM = typer.Option(
    "--format", metavar="text|json|csv|xlsx", help="Text for people, JSON for programs, tables."
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
    paths = files or []
    if not paths:
        raise BadRequest(
            "no file is named",
            where="anodyne remit read",
            fix="Name a FILE of remittances, 835, or - for standard input.",
        )
    _refuse_binary_at_a_terminal(form, output)
    _refuse_overwriting(output, paths)

    from anodyne.app.remit_read import read_files  # noqa: PLC0415  frames are slow to import
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    with opened(output) as out:
        with watched(paths, then="writing") as progress:
            found = read_files(paths, progress=progress)
        _write(found, form, out, output)
    if found.errors:
        _tell(found.errors)
        raise typer.Exit(FAILED)


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


def _tell(errors: Sequence["NotRead"]) -> None:
    """Say on standard error which files were not read, as every failure is said."""
    for error in errors:
        text = f"anodyne: {error.code} {error.message} (at {error.where}). {error.next_step}"
        typer.echo(printable(text), err=True)


def _refuse_binary_at_a_terminal(form: Form, output: str) -> None:
    if form is Form.XLSX and output == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise BadRequest(
            "a workbook cannot be shown at a terminal",
            where="--format xlsx",
            fix="Name a file with --output, as --output remits.xlsx.",
        )


def _refuse_overwriting(output: str, inputs: Sequence[str]) -> None:
    path = Path(output)
    if output != "-" and path.is_file() and any(Path(p).is_file() and path.samefile(p) for p in inputs):
        raise BadRequest(
            "the report would overwrite the remittance", where="--output", fix="Write it somewhere else."
        )
