"""`anodyne care`: a month of care management closed, followed, found and made into claims."""

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from anodyne.cli.days import day_of
from anodyne.cli.out import opened
from anodyne.cli.outcomes import FOUND, limit_of
from anodyne.cli.page import page_for
from anodyne.kernel.errors import BadRequest, BadTable
from anodyne.model.outcome import Outcome

if TYPE_CHECKING:
    from anodyne.app.care import Month


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
    form: Annotated[Form, _FORM] = Form.TEXT,
    output: Annotated[str, _OUTPUT] = "-",
    fail_on: Annotated[
        str, typer.Option(metavar="OUTCOME", help="Exit 1 from this outcome on; never is never.")
    ] = Outcome.DENY.value,
) -> None:
    """Close a month: what each patient's time earns, what holds it back, and which minutes count twice.

    Exit status: 0 nothing at or above --fail-on; 1 findings; 2 could not do what was asked.
    """
    limit = limit_of(fail_on)
    day = _month(month)

    from anodyne.app.care import close as close_month  # noqa: PLC0415  frames are slow to import
    from anodyne.app.home import data_home  # noqa: PLC0415  the same
    from anodyne.reference.policy_files import load_policies  # noqa: PLC0415  the same

    known = load_policies(policies or (), data_home())
    with opened(output) as out:
        try:
            closed = close_month(time, enrolments, day, zone=zone, policies=known)
        except BadTable as error:
            if form is Form.JSON:
                _write_errors(month, error, out)
            raise
        _write(closed, form, out, output)
    worst = closed.worst()
    if limit is not None and worst is not None and worst.rank <= limit.rank:
        raise typer.Exit(FOUND)


def _write(closed: "Month", form: Form, out: BinaryIO, output: str) -> None:
    match form:
        case Form.JSON:
            from anodyne.cli import care_json  # noqa: PLC0415  only where it is asked for

            care_json.write(closed, out)
        case _:
            raise NotImplementedError


def _write_errors(month: str, error: BadTable, out: BinaryIO) -> None:
    from anodyne.cli import care_json  # noqa: PLC0415  only where it is asked for

    care_json.write_errors(month, error.cells, out)


def _month(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise BadRequest(
            f"{text} is not a month", where="--month", fix="Write it YYYY-MM, as 2026-10."
        ) from None
