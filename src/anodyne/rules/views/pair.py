"""The `pair` view: two lines that a procedure-to-procedure edit names, judged at the one that is not paid."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, pairs_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, once_for_each, place_of
from anodyne.rules.views.covered_alone import COVERED_ALONE_FACTS, COVERED_ALONE_POLICY, with_covered_alone
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier, policy_facts
from anodyne.rules.views.visit import APART, VISIT_PAIR_FACTS, with_visit_pairs

_OF_MODIFIERS: Final = ("mod_25", "apart", "only_25", "only_57", "side", "bypasses", "separates")
_OF_LINE: Final = (
    "line",
    "code",
    "kind",
    "group",
    "level",
    "global_days",
    "bilateral",
    *_OF_MODIFIERS,
)
"""What a pair says of each of its lines: of the other one under a name that begins with paid_."""

_OF_OTHER_RULES: Final = ("kind", "group", "paid_kind", "paid_group", "visit_needs")
"""The columns by which rules of their own know a pair."""
_SIDES: Final = ("LT", "RT")
_POLICY: Final = policy_facts("payer_ncci_edits")

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code of the column 2 line, the one that is not paid"),
    "charge_cents": Fact(pl.Int64, "its charge in cents"),
    "kind": Fact(pl.String, "what sort of service it is"),
    "group": Fact(pl.String, "its family of codes"),
    "level": Fact(pl.String, "its level"),
    "mod_25": Fact(pl.Boolean, "whether it carries modifier 25"),
    "paid_place": Fact(
        pl.String, "where the column 1 line is, the one that is paid: its number, or another claim"
    ),
    "paid_code": Fact(pl.String, "its procedure code"),
    "paid_kind": Fact(pl.String, "what sort of service it is"),
    "paid_group": Fact(pl.String, "its family of codes"),
    "paid_level": Fact(pl.String, "its level"),
    "indicator": Fact(
        pl.Int8, "0: no modifier helps; 1: a modifier may, where the services are truly separate"
    ),
    "bypassed": Fact(pl.Boolean, "whether either line carries a modifier that the edits accept"),
    "same_side": Fact(pl.Boolean, "whether all that separates the lines is one side that both of them name"),
    "lone_side": Fact(
        pl.Boolean, "whether all that separates them is a side that one of them names and the other does not"
    ),
    "side": Fact(pl.String, "the one side that the line names: LT or RT"),
    "paid_side": Fact(pl.String, "the one side that the other line names"),
    "both_sided": Fact(pl.Boolean, "whether the codes of both lines are of something that has two sides"),
    "first_for_line": Fact(
        pl.Boolean,
        "whether this is the first edit on the line: those no modifier lifts, those not lifted, those that a "
        "side alone lifts, the rest",
    ),
    **VISIT_PAIR_FACTS,
    **COVERED_ALONE_FACTS,
    "billed_before": Fact(
        pl.Boolean,
        "whether the unpaid line is of an earlier claim and the paid one is being checked: the row then "
        "stands at the paid line, and has neither kinds nor groups, as no other rule speaks of it",
    ),
    "told_apart": Fact(
        pl.Boolean,
        "for a pair billed before: whether a modifier tells the two apart: 24, 25, 27 or 57 a visit; one "
        "that is no side imaging; any that the edits accept the rest, but not the same side on both",
    ),
    "own_rule": Fact(
        pl.Boolean, "whether the pair is the business of a rule of its own, not of the general ones"
    ),
    **_POLICY,
}


def pair_view(described: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """One row for each two lines of one encounter that an edit in force names, in the columns of FACTS.

    The lines of `described` have the facts of codes and guidance.
    """
    edits = _edits(described, reference)
    if edits.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    sides = described.select(
        *(name for name in _OF_LINE if name not in _OF_MODIFIERS),
        paid_key="line_key",
        claim="claim_key",
        under_check="judged",
        guidance_told=pl.col("guidance_home").is_null()
        & (pl.col("imaged_code").is_not_null() | (pl.col("guidance") & ~pl.col("guidance_primary_of_day"))),
    ).hstack(once_for_each(described, MODIFIERS, lambda rows: _of_modifiers(rows, reference)))
    edits = _in_order(edits, sides)
    paid = sides.select("paid_key", **{f"paid_{name}": name for name in ("claim", "under_check", *_OF_LINE)})
    judged = sides.select("guidance_told", *_OF_LINE).hstack(
        described.select(
            *PLACE_FACTS, *_POLICY, *COVERED_ALONE_POLICY, "charge_cents", "encounter", "imaging_paid"
        )
    )
    pairs = edits.drop("row", "paid_row").hstack(judged[edits["row"]]).hstack(paid[edits["paid_row"]])
    return (
        pairs.with_columns(
            own_rule=pl.col("guidance_told") | _own_rule(),
            bypassed=pl.col("bypasses") | pl.col("paid_bypasses"),
            same_side=(pl.col("side") == pl.col("paid_side")).fill_null(value=False) & ~_separates(),
            lone_side=(pl.col("bypasses") ^ pl.col("paid_bypasses"))
            & ~pl.col("separates")
            & ~pl.col("paid_separates"),
            both_sided=((pl.col("bilateral") == 1) & (pl.col("paid_bilateral") == 1)).fill_null(value=False),
            paid_place=place_of("paid_line", pl.col("paid_claim") == pl.col("claim_key")),
        )
        .pipe(with_visit_pairs)
        .pipe(with_covered_alone)
        .pipe(_with_billed_before, described)
        .pipe(laid_by, FACTS)
    )


def _with_billed_before(pairs: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with `billed_before`, and once more each whose unpaid line alone is of an earlier claim.

    Where an earlier claim has the paid code too, the pair was made then and is not told again.  A further
    block of care management, and imaging that the payer pays, are left out.  Of several pairs of one line the
    first that nothing lifts is told.
    """
    pairs = pairs.with_columns(billed_before=pl.lit(value=False), told_apart=pl.lit(None, pl.Boolean))
    before = pairs.filter(
        ~pl.col("judged") & pl.col("paid_under_check") & ~pl.col("imaging_paid") & ~_further_time()
    )
    if before.is_empty():
        return pairs
    met = described.filter(~pl.col("judged")).select("encounter", paid_code="code")
    before = before.join(met, on=["encounter", "paid_code"], how="anti")
    by_side_alone = pl.col("same_side") | (pl.col("guidance_told") & ~_separates())
    before = (
        before.with_columns(told_apart=pl.coalesce("visit_set_apart", pl.col("bypassed") & ~by_side_alone))
        .sort((pl.col("indicator") == 1) & pl.col("told_apart"), "indicator", "paid_key", "line_key")
        .unique("paid_key", keep="first", maintain_order=True)
        .unique("line_key", keep="first", maintain_order=True)
    )
    told = before.with_columns(pl.lit(None, pl.String).alias(name) for name in _OF_OTHER_RULES).with_columns(
        judged=True,
        billed_before=True,
        own_rule=True,
        first_for_line=False,
        first_for_visit=False,
        claim_key="paid_claim",
        line_key="paid_key",
    )
    return pl.concat([pairs, told])


def _separates() -> pl.Expr:
    """Whether either line carries a modifier other than a side that the edits accept."""
    return pl.col("separates") | pl.col("paid_separates")


def _further_time() -> pl.Expr:
    """Whether either is a further block of care management: it goes with its first block."""
    care = (pl.col("kind") == "care") & (pl.col("paid_kind") == "care")
    further = pl.col("level").eq_missing("next") | pl.col("paid_level").eq_missing("next")
    return care.fill_null(value=False) & further


def _edits(described: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Each edit in force, by the rows of its lines in `described`: `row` is the one that is not paid.

    Of paid lines that are alike in code and modifiers the first stands for all, or a day of many lines would
    have as many edits as lines squared.
    """
    lines = (
        described.select("encounter", "day", "code", *MODIFIERS)
        .with_row_index("row")
        .filter(
            pl.col("code").is_not_null() & pl.col("day").is_not_null() & pl.col("encounter").is_duplicated()
        )
    )
    others = lines.unique(["encounter", "code", *MODIFIERS], keep="first", maintain_order=True)
    others = others.select("encounter", paid_row="row", paid_code="code")
    both = (
        lines.drop(MODIFIERS)
        .join(others, on="encounter", how="inner")
        .filter(pl.col("code") != pl.col("paid_code"))
    )
    indicators = once_for_each(
        both,
        ("paid_code", "code", "day"),
        lambda asked: pairs_in_force(
            asked.select(code_1="paid_code", code_2="code", served_on="day"), reference
        ).select("indicator"),
    )
    return both.select("row", "paid_row").hstack(indicators).filter(pl.col("indicator").is_in([0, 1]))


def _of_modifiers(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The columns of _OF_MODIFIERS of lines with these modifiers."""
    left, right = has_modifier("LT"), has_modifier("RT")
    bypasses = reference.table("modifiers").filter("ncci_bypass")["modifier"].unique().to_list()
    return rows.select(
        mod_25=has_modifier("25"),
        apart=has_modifier(*APART),
        only_25=has_modifier("25") & ~has_modifier("24", "27", "57"),
        only_57=has_modifier("57") & ~has_modifier("24", "25", "27"),
        side=pl.when(left & ~right).then(pl.lit("LT")).when(right & ~left).then(pl.lit("RT")),
        bypasses=has_modifier(*bypasses),
        separates=has_modifier(*(modifier for modifier in bypasses if modifier not in _SIDES)),
    )


def _in_order(edits: pl.DataFrame, sides: pl.DataFrame) -> pl.DataFrame:
    """`edits` in the order in which they are told, with `first_for_line`."""
    row, paid = edits["row"], edits["paid_row"]
    bypassed = sides["bypasses"][row] | sides["bypasses"][paid]
    separated = sides["separates"][row] | sides["separates"][paid]
    separated |= (sides["side"][row] != sides["side"][paid]).fill_null(value=False)
    return (
        edits.with_columns(
            sides["paid_key"][paid],
            lifted=(edits["indicator"] == 1)
            * (bypassed.cast(pl.Int8) + (bypassed & separated).cast(pl.Int8)),
            visit_paid=sides["kind"][paid].eq_missing("visit"),
        )
        .sort("lifted", "indicator", "visit_paid", "paid_key", "row")
        .select("row", "paid_row", "indicator", first_for_line=pl.col("row").is_first_distinct())
    )


def _own_rule() -> pl.Expr:
    """Whether the pair is of visits, monthly care, trigger points, needling, joints, or local anaesthetic."""

    def groups(paid: tuple[str, ...], other: tuple[str, ...]) -> pl.Expr:
        return pl.col("paid_group").is_in(paid) & pl.col("group").is_in(other)

    return pl.any_horizontal(
        test.fill_null(value=False)
        for test in (
            (pl.col("kind") == "visit") & (pl.col("paid_kind") == "visit"),
            (pl.col("kind") == "visit") & (pl.col("indicator") == 1),
            (pl.col("paid_kind") == "visit") & (pl.col("indicator") == 1),
            (pl.col("kind") == "care") & (pl.col("paid_kind") == "care"),
            groups(("trigger_point",), ("trigger_point", "dry_needling")),
            groups(("dry_needling",), ("dry_needling", "acupuncture")),
            groups(("joint_us",), ("joint",)),
            (pl.col("group") == "anaesthetic") & (pl.col("paid_kind") == "procedure"),
        )
    )
