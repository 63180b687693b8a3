"""A closed month written as claims, and what a check finds in them told beside it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import typer

from anodyne.app.care_claims import MonthlyClaims, compose_month
from anodyne.app.words import counted
from anodyne.cli.out import opened, refuse_overwriting
from anodyne.cli.outcomes import FOUND
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.kernel.errors import BadRequest, BadTable
from anodyne.kernel.money import dollars
from anodyne.model.care import Served
from anodyne.reference.policies import Policies

MOST_CELLS: Final = 20
"""How many bad cells are told."""
_WHO: Final = 14
_OUTCOME_AT: Final = 3
_RULE_AT: Final = 11
_MESSAGE_AT: Final = 24


def run(
    closed: str,
    *,
    patients: str,
    practice: str,
    output: str,
    served: Served,
    history: Sequence[str],
    policies: Policies,
    control_number: int | None,
    made_at: str | None,
    even_so: bool,
) -> None:
    """Write the claims of the month at `closed` to `output`, and on standard error what was found in them.

    Where a finding stands against them nothing is written, unless `even_so`, and the command ends with FOUND.
    """
    refuse_overwriting(output, (closed, patients, practice, *history))
    try:
        made = compose_month(
            closed,
            patients,
            practice,
            served=served,
            made_at=_moment(made_at),
            control_number=control_number,
            history=history,
            policies=policies,
        )
    except BadTable as error:
        for cell in error.cells[1:MOST_CELLS]:
            typer.echo(f"{cell.where}: {printable(cell.message)}. {printable(cell.next_step)}", err=True)
        raise
    held = not made.against().is_empty() and not even_so
    if not held:
        with opened(output) as out:
            out.write(made.data)
    typer.echo("".join(_told(made, output, held=held, page=Page())), err=True, nl=False)
    if held:
        raise typer.Exit(FOUND)


def _moment(text: str | None) -> dt.datetime:
    """The moment that `text` tells, on the clock it is written by; now where it is None."""
    if text is None:
        return dt.datetime.now().astimezone().replace(tzinfo=None)
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise BadRequest(
            f"{text} is not a day with a time",
            where="--made-at",
            fix="Write it YYYY-MM-DDTHH:MM, as 2026-11-02T09:30.",
        ) from None


def _told(made: MonthlyClaims, output: str, *, held: bool, page: Page) -> Iterator[str]:
    for (patient, practitioner), rows in made.findings.group_by(
        "patient", "practitioner", maintain_order=True
    ):
        yield f"{shortened(printable(str(patient)), _WHO):<{_WHO + 1}}{practitioner}\n"
        for row in rows.iter_rows(named=True):
            head = f"{'':{_OUTCOME_AT}}{row['outcome']:<{_RULE_AT - _OUTCOME_AT}}{row['rule']}"
            line = "" if row["line"] is None else f"line {row['line']}: "
            yield entry(head, printable(line + row["message"]), _MESSAGE_AT, page)
            if row["needs"]:
                yield entry(f"{'':{_RULE_AT}}needs", printable("; ".join(row["needs"])), _MESSAGE_AT, page)
    yield entry("", _summary(made, output, held=held), 0, page)


def _summary(made: MonthlyClaims, output: str, *, held: bool) -> str:
    told = made.told
    size = (
        f"{counted(len(told), 'claim')} with {counted(int(told['lines'].sum()), 'line')} of "
        f"{made.month:%B %Y}, {dollars(int(told['charge_cents'].sum()))}"
    )
    against = counted(len(made.against()), "finding")
    if held:
        return (
            f"Nothing is written: {against} against {size}. Mend what it is about, or write the claims with "
            "--even-so. `anodyne rule ID` explains a rule."
        )
    place = "standard output" if output == "-" else printable(output)
    all_the_same = f", with {against} against them" if len(made.against()) else ""
    return f"{size}: {place}, interchange {made.control_number:09}{all_the_same}."
