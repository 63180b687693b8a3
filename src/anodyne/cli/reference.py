"""`anodyne reference`: what reference data is in force, and loading publishers' files."""

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anodyne.cli.days import day_of
from anodyne.cli.out import opened
from anodyne.cli.page import page_for

if TYPE_CHECKING:
    from anodyne.reference.loading import LeftOut


DAMAGED: Final = 1
"""The exit status where what was loaded is no longer what it was."""


class Told(StrEnum):
    """How the state of reference data is told."""

    TEXT = "text"
    JSON = "json"


_AS_OF = typer.Option(metavar="DATE", help="As on this day, YYYY-MM-DD.", show_default="today")
_FORM = typer.Option("--format", metavar="text|json", help="Text for people, JSON for programs.")

app = typer.Typer(
    name="reference",
    help="Reference data: what is in force, loading it, and what an edition changes.",
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Show what is in force where no command is named."""
    if context.invoked_subcommand is None:
        _status(day_of(None, "--as-of"), Told.TEXT, verify=False)


@app.command()
def status(
    *,
    as_of: Annotated[str | None, _AS_OF] = None,
    form: Annotated[Told, _FORM] = Told.TEXT,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read all that was loaded and compare its checksums; slow.")
    ] = False,
) -> None:
    """Show which edition of each table is in force, since when a newer one is due, and what is missing."""
    _status(day_of(as_of, "--as-of"), form, verify=verify)


def _status(as_of: dt.date, form: Told, *, verify: bool) -> None:
    from anodyne.app.home import data_home  # noqa: PLC0415  frames are slow to import
    from anodyne.app.reference import faults, standings  # noqa: PLC0415  the same
    from anodyne.cli import standing  # noqa: PLC0415  the same

    home = data_home()
    told = standings(home, as_of)
    damaged = faults(home, verify=verify)
    with opened("-") as out:
        if form is Told.JSON:
            out.write(standing.as_json(told, as_of, home, damaged))
        else:
            out.write(standing.as_text(told, as_of, home, page_for("-"), damaged).encode())
    if damaged:
        raise typer.Exit(DAMAGED)


@app.command()
def load(
    files: Annotated[list[str], typer.Argument(metavar="FILE", hidden=True)],
    *,
    start: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="First day in force, where the file does not tell it."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take other rows in place of those loaded for the same period.")
    ] = False,
) -> None:
    """Load publishers' files as downloaded: a zip, or the file inside; all of them or none.

    FILE is a table of NCCI (procedure-to-procedure edits for practitioners, in all their parts; MUE for
    practitioner services; add-on codes), of the Medicare physician fee schedule (PPRRVU, GPCI, or the zip of
    both), of ICD-10-CM (order file, tabular list or code list), HCPCS Level II, the articles of the Medicare
    Coverage Database, the diagnoses of NCD 30.3.3, places of service, claim adjustment codes, or a list of
    codes of your own.  What is in it decides what it is.
    """
    from anodyne.app.home import data_home  # noqa: PLC0415  frames are slow to import
    from anodyne.app.reference import load_files  # noqa: PLC0415  the same
    from anodyne.cli import standing  # noqa: PLC0415  the same
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    first = day_of(start, "--start") if start is not None else None
    left_out: list[LeftOut] = []
    with watched(files, then="keeping") as progress:
        kept = load_files(
            files,
            home=data_home(),
            start=first,
            replace=replace,
            progress=progress,
            left_out=left_out.append,
        )
    with opened("-") as out:
        out.write(standing.loaded(kept, left_out, page_for("-")).encode())


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", hidden=True)],
    new: Annotated[str, typer.Argument(metavar="NEW", hidden=True)],
    *,
    claims: Annotated[list[str], typer.Option(metavar="FILE", help="Your claims, 837P; repeat for several.")],
    history: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Earlier claims, counted and not judged; repeat for several."),
    ] = None,
    policies: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="What a payer wants: a policy file, or a folder of them; repeatable."
        ),
    ] = None,
    as_of: Annotated[str | None, _AS_OF] = None,
    form: Annotated[Told, _FORM] = Told.TEXT,
) -> None:
    """Say what the editions of NEW change for your own claims, against those of OLD.

    OLD and NEW name an edition, as ptp@2026-10-01; a day, for all that is in force on it; or a publisher's
    file, loaded for this once. The claims are judged twice, as if each edition were in force on their days.
    """
    day = day_of(as_of, "--as-of")

    from anodyne.app.compare import compare  # noqa: PLC0415  frames are slow to import
    from anodyne.app.home import data_home  # noqa: PLC0415  the same
    from anodyne.cli import comparison  # noqa: PLC0415  the same
    from anodyne.reference.policy_files import load_policies  # noqa: PLC0415  the same

    home = data_home()
    found = compare(
        old,
        new,
        claims,
        home=home,
        history=history or [],
        as_of=day,
        policies=load_policies(policies or (), home),
    )
    with opened("-") as out:
        if form is Told.JSON:
            out.write(comparison.as_json(found))
        else:
            out.write(comparison.as_text(found, page_for("-")).encode())
