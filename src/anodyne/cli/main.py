"""The commands, and the one place where a failure becomes a message and an exit status.

Status 0: nothing at or above `--fail-on`.  1: findings.  2: what was asked could not be done.
Frames and rules are imported inside the commands, so that `--help` answers at once.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from importlib.metadata import version as version_of
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final, NoReturn

import typer
from typer.exceptions import TyperException

from anodyne.cli import care, reference, remit, serve
from anodyne.cli.days import day_of
from anodyne.cli.out import opened, refuse_overwriting
from anodyne.cli.outcomes import FOUND, limit_of
from anodyne.cli.page import Page, page_for, printable
from anodyne.kernel.errors import AnodyneError, BadRequest
from anodyne.model.outcome import Outcome

if TYPE_CHECKING:
    from anodyne.app.check import Report
    from anodyne.app.fix import Fixed

FAILED: Final = 2
TRACE: Final = "ANODYNE_TRACEBACK"
TEST: Final = "test"
ENDINGS: Final = ("SIGTERM", "SIGHUP")
"""Signals that ask the command to end: what it wrote for itself goes first.  Not every system has both."""

app = typer.Typer(
    name="anodyne",
    help="Checks medical claims before they leave, with the authority for every finding.",
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(reference.app)
app.add_typer(care.app)
app.add_typer(remit.app)
app.command()(serve.serve)
app.command()(serve.demo)
app.command()(serve.backup)
app.command()(serve.restore)
app.add_typer(serve.practice)


class Format(StrEnum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    XLSX = "xlsx"


def run() -> None:
    """Run the command that the shell gave, and end with its status."""
    # A command makes many objects and little garbage: looking for it less often starts it a tenth sooner.
    gc.set_threshold(100_000, 20, 20)
    for name in ENDINGS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _ended)
    sys.exit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status.  A failure is one line on standard error, never a traceback.

    With the environment's ANODYNE_TRACEBACK set, a fault of the program itself is raised instead.
    """
    try:
        return app(list(arguments), prog_name="anodyne", standalone_mode=False) or 0
    except AnodyneError as error:
        failure = error
    except TyperException as error:
        failure = _misused(error)
    except Exception as error:
        if os.environ.get(TRACE):
            raise
        failure = _fault(error)
    if sys.stderr is not None:
        sys.stderr.write(f"anodyne: {printable(str(failure))}\n")
    return FAILED


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Start with what stands before a command's name."""
    if version:
        typer.echo(f"anodyne {version_of('anodyne')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(FAILED)


@app.command()
def check(
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    *,
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
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Judge as on this day, YYYY-MM-DD.", show_default="today"),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only these rules: ids or beginnings of ids, as INJ-01,DX."),
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="ID", help="All rules but these.")] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format",
            metavar="text|json|html|xlsx",
            help="Text for people, JSON for programs, a page for a browser, a worklist.",
        ),
    ] = Format.TEXT,
    output: Annotated[str, typer.Option(metavar="PATH", help="Where to write; - is standard output.")] = "-",
    corrected: Annotated[
        str | None,
        typer.Option(
            "--fix",
            metavar="OUT.837",
            help="Write a corrected copy of the one FILE: safe fixes only, none that bills more. "
            "What is told then is what was fixed, and what remains in the copy.",
        ),
    ] = None,
    fail_on: Annotated[
        str, typer.Option(metavar="OUTCOME", help="Exit 1 from this outcome on; never is never.")
    ] = Outcome.DENY.value,
) -> None:
    """Find what is wrong with the claims of 837P files, and say by whose authority.

    FILE is an 837P file; - is standard input. With --history and no FILE it is a dry run: what the rules
    would have held of the claims already sent, each judged as on its own day.

    Outcomes, worst first: reject, deny, audit, ask, missed.

    Exit status: 0 nothing at or above --fail-on; 1 findings; 2 could not do what was asked. With --fix it
    is that of the corrected copy.
    """
    dry_run = not files
    files, earlier = (history or [], []) if dry_run else (files or [], history or [])
    if not files:
        raise BadRequest(
            "no file is named",
            where="anodyne check",
            fix="Name a FILE of claims, 837P, or - for standard input.",
        )
    limit = limit_of(fail_on)
    day = day_of(as_of, "--as-of")
    _refuse_binary_at_a_terminal(form, output)
    chosen, left_out = _ids("--select", select), _ids("--ignore", ignore)
    refuse_overwriting(output, [*files, *earlier, *(policies or ())])
    if corrected is not None:
        if dry_run:
            raise BadRequest(
                "claims already sent are not corrected", where="--fix", fix="Name the FILE to correct."
            )
        _refuse_fixing(corrected, files, [*earlier, *(policies or ())], output)

    from anodyne.app.check import check as check_claims  # noqa: PLC0415  frames are slow to import
    from anodyne.app.home import data_home  # noqa: PLC0415  the same
    from anodyne.cli.progress import watched  # noqa: PLC0415  the same
    from anodyne.reference.policy_files import load_policies  # noqa: PLC0415  the same

    known = load_policies(policies or (), data_home())
    with opened(output) as out:
        with watched([*files, *earlier]) as progress:
            judged = partial(
                check_claims,
                history=earlier,
                as_of=day,
                select=chosen,
                ignore=left_out,
                policies=known,
                progress=progress,
            )
            if corrected is None:
                fixed, report = None, judged(files, dry_run=dry_run)
            else:
                from anodyne.app.fix import fix as fix_claims  # noqa: PLC0415  only where it is asked for

                with opened(corrected) as copy:
                    name = "standard output" if corrected == "-" else corrected
                    fixed = fix_claims(files[0], copy, name=name, **judged.keywords)
                report = fixed.report
        with report:
            worst = report.worst()
            _write(report, form, out, output, fixed)
    if limit is not None and worst is not None and worst.rank <= limit.rank:
        raise typer.Exit(FOUND)


@app.command()
def rule(
    wanted: Annotated[list[str] | None, typer.Argument(metavar="ID | test FILE", hidden=True)] = None,
    *,
    docs: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write the rule book into DIR, a page for each rule.")
    ] = None,
    policies: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Payers' policies for `test`; repeat for several."),
    ] = None,
) -> None:
    """List all rules, explain the one called ID, or test cases of your own.

    `anodyne rule test FILE…` judges the made-up claims of YAML files and says where what is found is not what
    they expect; exit status 1 where a case failed.
    """
    named = wanted or []
    if docs is not None:
        _write_rule_book(docs, named)
    elif named[:1] == [TEST]:
        _test_cases(named[1:], policies or [])
    else:
        _explain(named)


def _explain(named: Sequence[str]) -> None:
    from anodyne.app.catalogue import catalogue, versions  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import explain  # noqa: PLC0415  the same

    page = page_for("-")
    if named:
        text = b"\n".join(explain.one(versions(one), page) for one in named)
    else:
        text = explain.table((newest for newest, *_ in catalogue().values()), page)
    with opened("-") as out:
        out.write(text)


def _test_cases(paths: Sequence[str], policies: Sequence[str]) -> None:
    if not paths:
        raise BadRequest("no file of cases is named", where="anodyne rule test", fix="Name a YAML file.")

    from anodyne.app.own_cases import run_cases  # noqa: PLC0415  frames are slow to import
    from anodyne.cli import own_cases  # noqa: PLC0415  the same

    told = {path: run_cases(Path(path), policies=policies) for path in paths}
    with opened("-") as out:
        out.writelines(own_cases.text(path, cases, page_for("-")) for path, cases in told.items())
    if not all(case.passed for cases in told.values() for case in cases):
        raise typer.Exit(FOUND)


def _write_rule_book(folder: str, named: Sequence[str]) -> None:
    if named:
        raise BadRequest("--docs writes every rule", where="anodyne rule", fix="Leave out the ids.")

    from anodyne.cli import rule_book  # noqa: PLC0415  frames are slow to import

    typer.echo(f"{rule_book.write(Path(folder)):,} pages in {folder}")


def _ended(number: int, _frame: FrameType | None) -> NoReturn:
    """End as the shell expects of a signal, by way of all that cleans up; asking again changes nothing."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _write(report: "Report", form: Format, out: BinaryIO, output: str, fixed: "Fixed | None" = None) -> None:
    """Write `report` to `out`; what a form needs is imported only for that form.

    Of what was `fixed` a person reads before it, and on standard error where `out` is for no reader of text.
    """
    if fixed is not None:
        from anodyne.cli import fixes  # noqa: PLC0415  only where it is asked for

        if form in {Format.HTML, Format.XLSX} and sys.stderr is not None:
            fixes.write(fixed, sys.stderr.buffer, Page())
    match form:
        case Format.JSON:
            from anodyne.cli import as_json  # noqa: PLC0415  frames are slow to import

            as_json.write(report, out, [] if fixed is None else fixes.as_json(fixed))
        case Format.HTML:
            from anodyne.cli import as_html  # noqa: PLC0415  charts are slow to import

            as_html.write(report, out)
        case Format.XLSX:
            from anodyne.cli import as_xlsx  # noqa: PLC0415  only workbooks need it

            as_xlsx.write(report, out)
        case Format.TEXT:
            from anodyne.cli import as_text  # noqa: PLC0415  frames are slow to import

            if fixed is not None:
                fixes.write(fixed, out, page_for(output))
            as_text.write(report, out, page_for(output))


def _refuse_binary_at_a_terminal(form: Format, output: str) -> None:
    if form is Format.XLSX and output == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise BadRequest(
            "a workbook cannot be shown at a terminal",
            where="--format xlsx",
            fix="Name a file with --output, as --output claims.xlsx.",
        )


def _ids(option: str, given: Sequence[str] | None) -> tuple[str, ...]:
    ids = tuple(part.strip() for text in given or () for part in text.split(",") if part.strip())
    if given and not ids:
        raise BadRequest(
            "no rule is named", where=option, fix="Give ids, as INJ-01,NCCI; `anodyne rule` lists them."
        )
    return ids


def _refuse_fixing(corrected: str, files: Sequence[str], earlier: Sequence[str], output: str) -> None:
    if len(files) > 1:
        raise BadRequest(
            "one file is corrected at a time",
            where="--fix",
            fix="Give one FILE; the others of the day, where its claims count on them, with --history.",
        )
    path = Path(corrected)
    if corrected == output == "-" or (corrected != "-" and path.resolve() == Path(output).resolve()):
        raise BadRequest(
            "the corrected copy and the report would go to the same place",
            where="--fix",
            fix="Send one of them somewhere else: --fix OUT.837, --output PATH.",
        )
    refuse_overwriting(corrected, [*files, *earlier], option="--fix")


def _misused(error: TyperException) -> BadRequest:
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "anodyne"
    return BadRequest(error.format_message().rstrip("."), where=where, fix=f"See `{where} --help`.")


def _fault(error: Exception) -> AnodyneError:
    """A fault of the program by its kind and place alone: its own words might hold what was in the file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
        if trace
        else "an unknown place"
    )
    return AnodyneError(
        f"a fault in Anodyne itself, {type(error).__name__}: what was asked is not done",
        where=place,
        fix=f"Please report it; with {TRACE}=1 the same command shows more, which may name patients.",
    )
