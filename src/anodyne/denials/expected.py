"""What a payer should have allowed for each line, and paid, with the arithmetic step by step.

By the practice's contract with the payer, else for Medicare Part B by its fee schedule; of any other payer
nothing is known.  Reductions are Medicare's: where a contract is silent on them, what the payer allowed is
accepted with them or without.
"""

from typing import Final

import polars as pl

from anodyne.denials.arithmetic import NOTHING, ONE, arithmetic, in_words, texts, times, unknown
from anodyne.denials.factors import accepted, factored, habits, tried, with_practitioner
from anodyne.denials.localities import with_locality
from anodyne.denials.rates import CONTRACT, NATIONAL, Terms, with_place
from anodyne.denials.reductions import reduced
from anodyne.denials.remitted import DENIED, FIRST_PAYER, dollars, heard
from anodyne.model.frames import EXPECTED, checked
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference

_RESTATED: Final = ("code", "modifiers", "units")
"""What a payer may say otherwise than it was billed."""


def expected(
    remittance: Remittance, terms: Terms, reference: Reference, sent: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What each remitted line should have been allowed, as `frames.EXPECTED`, in the order of the lines.

    `sent` is what `remitted.submitted` gives: what was billed is known by it where the payer does not say.
    """
    return told(priced(remittance, terms, reference, sent))


def told(lines: pl.DataFrame) -> pl.DataFrame:
    """EXPECTED, of the lines that `priced` gives."""
    return checked(lines.select(pl.col(name).cast(kind) for name, kind in EXPECTED.items()), EXPECTED)


def priced(
    remittance: Remittance, terms: Terms, reference: Reference, sent: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The lines as `remitted.heard` gives them, with EXPECTED and what its arithmetic is made of."""
    lines = prepared(remittance, terms, reference, sent)
    return priced_by(lines, habits(lines), terms, reference)


def prepared(
    remittance: Remittance, terms: Terms, reference: Reference, sent: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The lines of `priced`, as far as they do not depend on how their payer reduces others."""
    lines = with_place(heard(remittance, reference, sent), reference)
    lines = with_locality(lines, terms, reference)
    lines = lines.with_columns(
        medicare=terms.is_medicare,
        counts=pl.col("stands") & pl.col("status").is_in([*FIRST_PAYER, DENIED]).fill_null(value=False),
    )
    taken_for = {f"{name}_told": pl.col(name) for name in _RESTATED}
    lines = lines.with_columns(**taken_for)
    lines = lines.with_columns(pl.col(f"billed_{name}").alias(name) for name in _RESTATED)
    lines = factored(lines, terms, reference)
    return tried(with_practitioner(reduced(lines), terms, reference))


def priced_by(lines: pl.DataFrame, known: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """What `priced` gives, of lines as `prepared` gives them and the `factors.habits` that are `known`."""
    lines = accepted(lines, known)
    lines = lines.with_columns(**arithmetic())
    lines = lines.with_columns(expected_cents=pl.when("counts").then("step_charge"))
    lines = lines.with_columns(unknown().alias("why"), steps=in_words())
    return _paid(_adjudicated(lines, terms, reference))


def _adjudicated(lines: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """Add `adjudicated_cents`: what should be allowed for the code and units that the payer took it for."""
    units = pl.col("units_told")
    lines = lines.with_columns(
        expected_cents=pl.when(pl.col("why").is_null()).then("expected_cents"),
        silent=(pl.col("kind") != NATIONAL)
        & (
            (pl.col("both_thousandths") != ONE)
            | (pl.col("reduction") != ONE)
            | (pl.col("modifier_thousandths") != ONE)
        ),
    )
    lines = lines.with_columns(
        sure=((pl.col("kind") == CONTRACT) | (pl.col("current") & pl.col("told_where"))) & ~pl.col("silent")
    )
    other = (pl.col("code_told") != pl.col("code")) | (units != pl.col("units"))
    other = other.fill_null(value=False) | (pl.col("said_rolled") > 0)
    restated = lines.filter(pl.col("counts") & other)
    if restated.is_empty():
        return lines.with_columns(adjudicated_cents="expected_cents")
    changed = restated.with_columns(
        code="code_told",
        modifiers=pl.when(pl.col("code_by") == "SVC06").then("modifiers_told").otherwise("modifiers"),
        units="units_told",
        by_units=pl.lit(value=False),
        cap_cents=pl.col("charge_cents") + pl.col("said_rolled"),
    )
    found = factored(changed, terms, reference).with_columns(**arithmetic()).with_columns(
        known=unknown().is_null()
    )  # fmt: skip
    cents = found.select(
        "remit_line_key", restated=pl.lit(value=True), taken_cents=pl.when("known").then("step_charge")
    )
    return (
        lines.join(cents, on="remit_line_key", how="left", maintain_order="left")
        .with_columns(
            adjudicated_cents=pl.when("restated").then("taken_cents").otherwise("expected_cents")
        )
        .drop("restated", "taken_cents")
    )  # fmt: skip


def _paid(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what the payer should have paid: less the patient's share, and what it keeps back by law."""
    due, allowed = pl.col("expected_cents"), pl.col("allowed_cents")
    coinsurance = pl.when(allowed > 0).then(
        (pl.col("said_coinsurance") * due * 2 + allowed) // (allowed * 2)
    )  # fmt: skip
    fixed = pl.col("said_share") - pl.col("said_coinsurance")
    payable = (due - fixed - coinsurance).clip(lower_bound=0)
    base = pl.col("paid_cents") + pl.col("said_sequestered")
    shown = pl.when(base > 0).then((pl.col("said_sequestered") * payable * 2 + base) // (base * 2))
    rate = pl.col("term_sequestration").fill_null(0)
    sequestered = pl.when("medicare").then(times(pl.col("payable_cents"), rate)).otherwise(
        shown.fill_null(0)
    )  # fmt: skip
    lines = lines.with_columns(share_cents=fixed + coinsurance, payable_cents=payable).with_columns(
        sequestered_cents=sequestered, kept_cents=pl.col("said_withheld") - pl.col("said_sequestered")
    )
    lines = lines.with_columns(
        expected_paid_cents=pl.col("payable_cents") - pl.col("sequestered_cents") - pl.col("kept_cents")
    )
    steps = [
        pl.when(pl.col("share_cents") != 0).then(
            pl.format("less the patient's share {} = {}", dollars("share_cents"), dollars("payable_cents"))
        ),
        pl.when(pl.col("sequestered_cents") != 0).then(
            pl.format("less sequestration {}", dollars("sequestered_cents"))
        ),
        pl.when(pl.col("kept_cents") != 0).then(
            pl.format("less what else is withheld {}", dollars("kept_cents"))
        ),
        pl.format("payment expected {}", dollars("expected_paid_cents")),
    ]
    known = pl.col("expected_paid_cents").is_not_null()
    return lines.with_columns(payment_steps=pl.when(known).then(texts(steps)).otherwise(NOTHING))
