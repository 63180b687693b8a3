"""`anodyne care`: a month of care management closed, followed, found and made into claims."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from anodyne.cli.days import day_of
from anodyne.cli.out import opened, refuse_overwriting
from anodyne.cli.outcomes import FOUND, limit_of
from anodyne.cli.page import page_for, printable
from anodyne.kernel.errors import BadRequest, BadTable
from anodyne.model.care import Served
from anodyne.model.outcome import Outcome

if TYPE_CHECKING:
    from anodyne.app.care_month import Month
    from anodyne.reference.policies import Policies

MOST_CELLS: Final = 20
"""How many bad cells are told on standard error; JSON has all."""
YEARS: Final = range(2000, 2101)
"""Those of which a log may tell."""


class Form(StrEnum):
    """How a month is told."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


_TIME = typer.Option(metavar="FILE", help="Time entries: CSV or Parquet, as docs/care.md says.")
_ENROLMENTS = typer.Option(metavar="FILE", help="Who is enrolled in what: CSV or Parquet.")
_ZONE = typer.Option(
    metavar="ZONE", help="Local time is that of this IANA zone.", show_default="each time as written"
)
_POLICIES = typer.Option(
    metavar="FILE", help="What a payer pays: a policy file, or a folder of them; repeatable."
)
_FORM = typer.Option(
    "--format", metavar="text|json|csv|xlsx", help="Text for people, JSON for programs, tables."
)
_OUTPUT = typer.Option(metavar="PATH", help="Where to write; - is standard output.")

app = typer.Typer(
    name="care",
    help="Care management: time to codes, each minute once, with the proof.",
    context_settings={"max_content_width": 100},
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command()
def close(
    *,
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The calendar month to close.")],
    time: Annotated[str, _TIME],
    enrolments: Annotated[str, _ENROLMENTS],
    zone: Annotated[str | None, _ZONE] = None,
    policies: Annotated[list[str] | None, _POLICIES] = None,
    choices: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Entries that a person marked as counting to several programmes: a choice is proposed.",
        ),
    ] = None,
    closed: Annotated[
        str | None,
        typer.Option(
            metavar="CLOSED.json", help="The month as it was closed: what changed since is told instead."
        ),
    ] = None,
    form: Annotated[Form, _FORM] = Form.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
    proof: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write one PDF page for each patient and practitioner into DIR."),
    ] = None,
    fail_on: Annotated[
        str, typer.Option(metavar="OUTCOME", help="Exit 1 from this outcome on; never is never.")
    ] = Outcome.DENY.value,
) -> None:
    """Close a month: what each patient's time earns, what holds it back, and which minutes count twice.

    With --closed nothing is closed again: what changed since is listed, for people to act on.

    Exit status: 0 nothing at or above --fail-on; 1 findings; 2 could not do what was asked.
    """
    limit = limit_of(fail_on)
    day = _month(month)
    _refuse_one_input_twice({"--time": time, "--enrolments": enrolments, "--choices": choices})
    refuse_overwriting(output, [time, enrolments, closed, choices, *(policies or ())])
    if closed is not None or form is not Form.JSON:
        _keep_closed(output)

    from anodyne.app.care import close as close_month  # noqa: PLC0415  frames are slow to import

    with _told(form, month, output):
        made = close_month(
            time, enrolments, day, choices=choices, zone=zone, policies=_policies(policies or ())
        )
    if closed is None:
        _refuse_silent_change(made, form, output)
        worst = made.worst()
        with opened(output) as out:
            _write(made, form, out, output)
    else:
        worst = _write_corrections(made, closed, form, output)
    if proof is not None:
        from anodyne.cli.care_proof import write_proofs  # noqa: PLC0415  only where it is asked for

        typer.echo(f"{write_proofs(made, Path(proof)):,} proofs in {proof}", err=True)
    if limit is not None and worst is not None and worst.rank <= limit.rank:
        raise typer.Exit(FOUND)


@app.command()
def status(
    *,
    time: Annotated[str, _TIME],
    enrolments: Annotated[str, _ENROLMENTS],
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Time up to the end of this day, YYYY-MM-DD.", show_default="today"),
    ] = None,
    zone: Annotated[str | None, _ZONE] = None,
    policies: Annotated[list[str] | None, _POLICIES] = None,
    form: Annotated[Form, _FORM] = Form.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Show the month under way: how far each patient is, what the next unit takes, what stands in the way."""
    day = _of_our_time(day_of(as_of, "--as-of"), "--as-of", "Write it YYYY-MM-DD, as 2026-10-14.")
    _refuse_one_input_twice({"--time": time, "--enrolments": enrolments})
    refuse_overwriting(output, [time, enrolments, *(policies or ())])
    _keep_closed(output)

    from anodyne.app.care import close as close_month  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import care_status  # noqa: PLC0415  the same

    with _told(form, f"{day:%Y-%m}", output, care_status.SCHEMA):
        made = close_month(time, enrolments, day, until=day, zone=zone, policies=_policies(policies or ()))
    with opened(output) as out:
        match form:
            case Form.TEXT:
                care_status.write_text(made, day, out, page_for(output))
            case Form.JSON:
                care_status.write_json(made, day, out)
            case Form.CSV:
                care_status.write_csv(made, out)
            case Form.XLSX:
                care_status.write_xlsx(made, out)


@app.command()
def find(
    *,
    history: Annotated[
        list[str], typer.Option(metavar="FILE", help="Claims already sent, 837P; repeat for several.")
    ],
    enrolments: Annotated[
        str | None, typer.Option(metavar="FILE", help="Who is enrolled already: they are not listed.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="As on this day, YYYY-MM-DD.", show_default="today"),
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months to look back.")] = 12,
    billed: Annotated[
        bool, typer.Option("--billed", help="List those too for whom G3002 was billed before.")
    ] = False,
    policies: Annotated[list[str] | None, _POLICIES] = None,
    form: Annotated[Form, _FORM] = Form.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
) -> None:
    """Find patients who likely qualify for chronic pain management and are not enrolled, with the reasons."""
    day = _of_our_time(day_of(as_of, "--as-of"), "--as-of", "Write it YYYY-MM-DD, as 2026-10-14.")
    refuse_overwriting(output, [*history, enrolments, *(policies or ())])

    from anodyne.app.care_find import find_patients  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import care_find  # noqa: PLC0415  the same
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same

    with _told(form, f"{day:%Y-%m}", output, care_find.SCHEMA), watched(history) as progress:
        found = find_patients(
            history,
            as_of=day,
            months=months,
            enrolments=enrolments,
            billed=billed,
            policies=_policies(policies or ()),
            progress=progress,
        )
    with opened(output) as out:
        care_find.write(found, form, out, page_for(output))


@app.command()
def claims(
    closed: Annotated[
        str, typer.Argument(metavar="CLOSED.json", help="The month, as `care close --format json` wrote it.")
    ],
    *,
    patients: Annotated[
        str, typer.Option(metavar="FILE", help="Who the patients are: CSV or Parquet, as docs/care.md says.")
    ],
    practice: Annotated[
        str, typer.Option(metavar="FILE", help="Who bills, who treats, what it costs: TOML.")
    ],
    output: Annotated[str, _OUTPUT],
    served: Annotated[
        Served,
        typer.Option(
            metavar="met|last-day",
            help="The day of service: when the units billed were complete, or the month's last.",
        ),
    ] = Served.MET,
    history: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Earlier claims, 837P; repeat for several.")
    ] = None,
    policies: Annotated[list[str] | None, _POLICIES] = None,
    control_number: Annotated[
        int | None,
        typer.Option(metavar="N", help="Of the interchange.", show_default="made of what the claims say"),
    ] = None,
    made_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Made, and checked, as at this time, YYYY-MM-DDTHH:MM.", show_default="now"
        ),
    ] = None,
    even_so: Annotated[
        bool, typer.Option("--even-so", help="Write claims that a check would reject or deny.")
    ] = False,
) -> None:
    """Make the billable part of a closed month into claims, 837P, and check them before they are written.

    Exit status: 0 written; 1 not written, findings stand against them; 2 could not do what was asked.
    """
    from anodyne.cli import care_claims  # noqa: PLC0415  frames are slow to import

    care_claims.run(
        closed,
        patients=patients,
        practice=practice,
        output=output,
        served=served,
        history=history or (),
        policies=_policies(policies or ()),
        control_number=control_number,
        made_at=made_at,
        even_so=even_so,
    )


@contextmanager
def _told(form: Form, month: str, output: str, schema: str | None = None) -> Iterator[None]:
    """Bad cells go to the JSON as well as to standard error, where every one has a line.

    A month that was closed stays where it is.
    """
    try:
        yield
    except BadTable as error:
        if form is Form.JSON:
            from anodyne.app.care_corrections import is_closed_month  # noqa: PLC0415  only where it is asked for
            from anodyne.cli import care_json  # noqa: PLC0415  the same

            if output == "-" or not is_closed_month(output):
                with opened(output) as out:
                    care_json.write_errors(month, error.cells, out, schema=schema or care_json.SCHEMA)
        for cell in error.cells[1:MOST_CELLS]:
            typer.echo(f"{cell.where}: {printable(cell.message)}. {printable(cell.next_step)}", err=True)
        raise


def _policies(paths: Sequence[str]) -> "Policies":
    from anodyne.app.home import data_home  # noqa: PLC0415  frames are slow to import
    from anodyne.reference.policy_files import load_policies  # noqa: PLC0415  the same

    return load_policies(paths, data_home())


def _write_corrections(made: "Month", closed: str, form: Form, output: str) -> Outcome | None:
    """Write what changed since the month was closed; the worst outcome of it."""
    from anodyne.app.care_corrections import corrected  # noqa: PLC0415  only where it is asked for
    from anodyne.cli import care_corrections  # noqa: PLC0415  the same

    found = corrected(made, closed)
    with opened(output) as out:
        match form:
            case Form.TEXT:
                care_corrections.write_text(found, out, page_for(output))
            case Form.JSON:
                care_corrections.write_json(found, out)
            case Form.CSV:
                care_corrections.write_csv(found, out)
            case Form.XLSX:
                care_corrections.write_xlsx(found, out)
    return min((one.outcome for one in found.corrections), key=lambda one: one.rank, default=None)


def _refuse_silent_change(made: "Month", form: Form, output: str) -> None:
    """A month that was closed into `output` is not closed otherwise over it."""
    from anodyne.app.care_corrections import corrected, is_closed_month  # noqa: PLC0415  frames are slow

    if form is not Form.JSON or output == "-" or not is_closed_month(output):
        return
    found = corrected(made, output, option="--output")
    changed = len(found.corrections)
    if changed:
        raise BadRequest(
            f"{output} holds the month as it was closed, and {changed} of its rows would change",
            where="--output",
            fix=f"List what changed with --closed {output}, or write to another file.",
        )


def _keep_closed(output: str) -> None:
    """A month that was closed into `output` is not written over by anything else."""
    if output == "-":
        return
    from anodyne.app.care_corrections import is_closed_month  # noqa: PLC0415  frames are slow to import

    if is_closed_month(output):
        raise BadRequest(
            f"{output} holds a month as it was closed", where="--output", fix="Write to another file."
        )


def _refuse_one_input_twice(inputs: Mapping[str, str | None]) -> None:
    given = [option for option, path in inputs.items() if path == "-"]
    if len(given) > 1:
        raise BadRequest(
            "standard input can be only one of the files",
            where=" and ".join(given),
            fix="Give the others by their paths.",
        )


def _write(closed: "Month", form: Form, out: BinaryIO, output: str) -> None:
    """Write `closed` to `out`; what a form needs is imported only for that form."""
    match form:
        case Form.JSON:
            from anodyne.cli import care_json  # noqa: PLC0415  only where it is asked for

            care_json.write(closed, out)
        case Form.TEXT:
            from anodyne.cli import care_text  # noqa: PLC0415  the same

            care_text.write(closed, out, page_for(output))
        case Form.CSV:
            from anodyne.cli import care_tables  # noqa: PLC0415  the same

            care_tables.write_csv(closed, out)
        case Form.XLSX:
            from anodyne.cli import care_tables  # noqa: PLC0415  the same

            care_tables.write_xlsx(closed, out)


def _month(text: str) -> dt.date:
    fix = "Write it YYYY-MM, as 2026-10."
    try:
        first = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        first = dt.date.min
    if f"{first:%Y-%m}" != text:
        raise BadRequest(f"{text} is not a month", where="--month", fix=fix)
    return _of_our_time(first, "--month", fix)


def _of_our_time(day: dt.date, option: str, fix: str) -> dt.date:
    if day.year not in YEARS:
        years = f"{YEARS.start} to {YEARS.stop - 1}"
        raise BadRequest(f"the year {day:%Y} is not of the years {years}", where=option, fix=fix)
    return day
