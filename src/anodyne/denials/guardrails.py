"""What no decision may do: appeal where there is no appeal, or bill whom nobody may bill.

Guardrails hold whatever the decision table says, known codes or not.  They are applied in the order of their
rank, each to what the ones before it left.
"""

from typing import Final

import polars as pl

from anodyne.model.denials import ACTION_WORDS, ANY, Action, Owner
from anodyne.reference.tables import Reference

_MINDED: Final = (Action.CORRECT_AND_RESEND.value,)
"""Actions whose next step stays true however they are sent."""
_OWNER: Final = {
    Action.WRITE_OFF_WITH_APPROVAL.value: Owner.MANAGER.value,
    Action.BILL_OTHER_PAYER.value: Owner.BILLER.value,
}
"""Whose work it becomes where a guardrail puts another action in place."""
_TEXTS: Final = pl.List(pl.String)


def guarded(cases: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`cases` with `action`, `appealable`, `owner` and `next` as the guardrails leave them.

    Adds `guardrails` (their names), `guards` (what they say), `guard_codes` and `guard_cites`.
    """
    none = pl.lit([], _TEXTS)
    rows = cases.with_columns(guardrails=none, guards=none, guard_codes=none, guard_cites=none)
    table = reference.table("denial_guardrails").sort("rank", maintain_order=True)
    for rail in table.iter_rows(named=True):
        held = rows.select(_fits(rail)).to_series()
        if held.any():
            barred = held & (rows["action"] == rail["bars"])
            rows = rows.with_columns(_after(rail, pl.lit(held), pl.lit(barred)))
    told = reference.table("denial_alerts").filter(appealable="yes").select("remark", "from", "until")
    for remark, start, until in told.iter_rows():
        may = pl.col("remarks").list.contains(remark) & _live(start, until)
        rows = rows.with_columns(
            appealable=pl.when(may & (pl.col("appealable") == "unknown"))
            .then(pl.lit("yes"))
            .otherwise("appealable")
        )
    return rows


def _fits(rail: dict[str, object]) -> pl.Expr:
    fits = _live(rail["from"], rail["until"])
    for name in ("reason", "group"):
        if rail[name] != ANY:
            fits &= pl.col(name) == rail[name]
    for name, among in (("remark", "remarks"), ("fact", "facts")):
        if rail[name] != ANY:
            fits &= pl.col(among).list.contains(pl.lit(rail[name]))
    return fits.fill_null(value=False)


def _live(start: object, until: object) -> pl.Expr:
    """Whether a row holds on the day of the remittance; where that is not known, whether it still holds."""
    day = pl.col("noticed_on")
    began = (day >= pl.lit(start)).fill_null(value=True)
    return began if until is None else began & (day < pl.lit(until)).fill_null(value=False)


def _after(rail: dict[str, object], held: pl.Expr, barred: pl.Expr) -> list[pl.Expr]:
    instead = str(rail["instead"])
    speaks = barred | (held & pl.lit(rail["appealable"] is not None))
    speaks &= ~pl.col("guardrails").list.contains(pl.lit(rail["name"]))
    code = pl.lit(rail["remark"] if rail["remark"] != ANY else None, pl.String)
    says = pl.concat_str(code + ": ", pl.lit(rail["says"]), ignore_nulls=True)
    changed = [
        _where(barred, "action", pl.lit(instead)),
        _where(speaks, "guardrails", _more("guardrails", pl.lit(rail["name"]))),
        _where(speaks, "guards", _more("guards", says)),
        _where(speaks, "guard_codes", _more("guard_codes", code)),
        _where(speaks, "guard_cites", _more("guard_cites", pl.lit(rail["cite"]))),
    ]
    if instead in _OWNER:
        changed.append(_where(barred, "owner", pl.lit(_OWNER[instead])))
    if rail["bars"] not in _MINDED:
        changed.append(_where(barred, "next", pl.lit(ACTION_WORDS[instead])))
    if rail["appealable"] is not None:
        changed.append(_where(held, "appealable", pl.lit(rail["appealable"])))
    return changed


def _where(rows: pl.Expr, name: str, value: pl.Expr) -> pl.Expr:
    return pl.when(rows).then(value).otherwise(pl.col(name)).alias(name)


def _more(name: str, value: pl.Expr) -> pl.Expr:
    return pl.concat_list(pl.col(name), value).list.drop_nulls()
