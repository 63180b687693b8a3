"""Laws of the ledger, whatever payers say: no cent is lost, made, or told twice."""

import dataclasses
import datetime as dt
import itertools
import random
from collections.abc import Sequence

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import entries, post
from anodyne.ledger.reports import ageing, history, standing, trial_balance, up_to
from anodyne.ledger.transfers import settled
from tests.ledger.made import (
    PAID,
    Cas,
    Claim,
    Line,
    Payment,
    Plb,
    balances_of,
    frames,
    nothing,
    posted,
    reference,
)

LAW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NEVER_LESS = [Account.DENIED, Account.PATIENT, Account.OTHER_PAYER, Account.RECEIVABLE]
REASONS = ("CO-45", "CO-253", "PR-1", "PR-2", "PR-96", "CO-50", "CO-97", "OA-18", "PI-16", "CO-104")


@st.composite
def shared(draw: st.DrawFn, cents: int, reasons: Sequence[str] = REASONS) -> tuple[int, list[Cas]]:
    """What is paid of `cents`, and the adjustments that explain the rest."""
    parts = draw(st.lists(st.integers(0, cents), max_size=3).map(sorted))
    edges = [0, *parts, cents]
    sizes = [end - start for start, end in itertools.pairwise(edges)]
    return sizes[0], [(draw(st.sampled_from(reasons)), size) for size in sizes[1:]]


@st.composite
def adjudications(draw: st.DrawFn, charges: Sequence[int]) -> list[Line]:
    if draw(st.integers(0, 3)) == 0:
        return [Line(charge, 0, [(draw(st.sampled_from(["CO-16", "OA-18"])), charge)]) for charge in charges]
    told = ((charge, draw(shared(charge))) for charge in charges)
    return [Line(charge, paid, cas) for charge, (paid, cas) in told]


@st.composite
def stories(draw: st.DrawFn) -> list[Payment]:
    """Payments that tell of a few claims: paid, denied, sent again, reversed, corrected, paid by another."""
    payments: list[Payment] = []
    traces = itertools.count(1)
    for name in draw(st.lists(st.sampled_from(["C1", "C2", "C3"]), min_size=1, max_size=3, unique=True)):
        charges = draw(st.lists(st.integers(1, 500_00), min_size=1, max_size=2))
        standing_claims: list[Claim] = []
        day = PAID
        for number in range(draw(st.integers(1, 4))):
            day += dt.timedelta(days=draw(st.integers(0, 40)))
            kind = draw(st.sampled_from(["tell", "tell", "reverse", "correct", "other"]))
            told: list[Claim] = []
            if kind in {"reverse", "correct"} and standing_claims:
                told.append(standing_claims.pop().reversed())
            if kind in {"tell", "correct"}:
                claim = Claim(draw(adjudications(charges)), id=name, control=f"{name}ICN{number}")
                standing_claims.append(claim)
                told.append(claim)
            if kind == "other":
                told.append(Claim([draw(as_second(charge)) for charge in charges], id=name, status="2"))
            plb = draw(
                st.lists(
                    st.builds(
                        Plb,
                        st.sampled_from(["WO", "FB", "L6", "CS"]),
                        st.integers(-99, 99),
                        st.sampled_from([None, f"{name}ICN0", "REF1"]),
                    ),
                    max_size=2,
                )
            )
            payments.append(
                Payment(told, plb, trace=f"T{next(traces)}", payer="P2" if kind == "other" else "P1", on=day)
            )
    return payments


@st.composite
def as_second(draw: st.DrawFn, charge: int) -> Line:
    prior = draw(st.integers(0, charge))
    paid, cas = draw(shared(charge - prior, ("CO-45", "PR-2", "CO-50")))
    return Line(charge, paid, [("OA-23", prior), *cas])


def cents(rows: pl.DataFrame) -> int:
    return int(rows["cents"].sum())


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(pl.all(), nulls_last=True)


def days_of(rows: pl.DataFrame) -> list[dt.date]:
    return sorted(rows["day"].drop_nulls().unique())


@LAW
@given(stories())
def test_every_cent_is_in_exactly_one_account_on_every_day(payments: list[Payment]) -> None:
    made = posted(*payments)
    assert (made.group_by("entry").agg(pl.col("cents").sum())["cents"] == 0).all()
    assert balances_of(made).get("cash", 0) == sum(payment.all_paid() for payment in payments)
    rows = settled(made)
    assert (
        rows.filter(pl.col("kind") != "transfer")
        .drop("claim", "payer_control", "served_on", "charge_cents")
        .equals(made.drop("claim", "payer_control", "served_on", "charge_cents"))
    )
    places = [account.value for account in Account if account is not Account.CHARGES]
    for day in days_of(rows):
        balance = trial_balance(rows, day)
        assert balance["debit_cents"].sum() == balance["credit_cents"].sum()
        claims = standing(rows, day)
        assert (claims.select(pl.sum_horizontal(places)).to_series() == claims["charged_cents"]).all()
        for account in NEVER_LESS:
            assert (claims[account.value] >= 0).all(), (day, account)
        told_cents = claims.filter(
            (pl.col("charged_cents") != 0) & (pl.col("charged_cents") != pl.col("charge_cents"))
        )
        assert told_cents.is_empty()


@LAW
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_posting_does_not_matter(payments: list[Payment], order: random.Random) -> None:
    whole = posted(*payments)
    shuffled = list(payments)
    order.shuffle(shuffled)
    ledger = nothing()
    for payment in shuffled:
        ledger = post(ledger, posted(payment)).entries
    assert in_order(ledger).equals(in_order(whole))
    assert in_order(settled(ledger)).equals(in_order(settled(whole)))


@LAW
@given(stories(), st.data())
def test_posting_twice_and_files_that_overlap_change_nothing(
    payments: list[Payment], data: st.DataObject
) -> None:
    ledger = post(nothing(), posted(*payments)).entries
    some = data.draw(st.lists(st.sampled_from(payments), max_size=4))
    again = entries(frames(*some, file="again.835"), reference=reference())
    twice = post(ledger, again)
    assert twice.entries.equals(ledger)
    assert twice.held.is_empty()
    first, second = payments[: len(payments) // 2 + 1], payments[len(payments) // 2 :]
    halves = post(post(nothing(), posted(*first)).entries, posted(*second)).entries
    assert in_order(halves).equals(in_order(ledger))


@LAW
@given(stories())
def test_a_day_is_told_alike_before_and_after_what_follows(payments: list[Payment]) -> None:
    made = posted(*payments)
    for day in days_of(made):
        then = settled(up_to(made, day))
        assert balances_of(then) == balances_of(up_to(settled(made), day))


@LAW
@given(stories(), adjudications([300_00, 200_00]), st.sampled_from(["same", "CR"]))
def test_a_reversal_restores_every_balance(payments: list[Payment], lines: list[Line], groups: str) -> None:
    claim = Claim(lines, id="C1", control="X1")
    back = claim.reversed()
    if groups == "CR":
        back = dataclasses.replace(
            back,
            lines=[
                dataclasses.replace(line, cas=[(f"CR-{name[3:]}", size) for name, size in line.cas])
                for line in back.lines
            ],
        )
    later = PAID + dt.timedelta(days=400)
    both = Payment([claim], trace="X1", payer="PX"), Payment([back], trace="X2", payer="PX", on=later)
    whole = settled(posted(*payments, *both))
    assert balances_of(whole) == balances_of(settled(posted(*payments)))


@FEW
@given(
    stories(),
    st.integers(0, 99),
    st.integers(-50, 50).filter(bool),
    st.sampled_from(["payment", "claim", "line"]),
)
def test_an_unbalanced_payment_posts_nothing(
    payments: list[Payment], which: int, off: int, where: str
) -> None:
    place = which % len(payments)
    wrong, others = payments[place], [*payments[:place], *payments[place + 1 :]]
    broken = Payment(**{**vars(wrong), "amount": wrong.all_paid() + off})
    if where == "claim" and wrong.claims:
        first, *more = wrong.claims
        moved = dataclasses.replace(first, paid=first.all_paid() + off)
        broken = dataclasses.replace(wrong, claims=[moved, *more])
    if where == "line" and wrong.claims:
        first, *more = wrong.claims
        lines = [
            dataclasses.replace(first.lines[0], cas=[*first.lines[0].cas, ("CO-45", off)]),
            *first.lines[1:],
        ]
        broken = dataclasses.replace(
            wrong, claims=[dataclasses.replace(first, lines=lines, paid=first.all_paid()), *more]
        )
    assert posted(broken, *others).equals(posted(*others)) or not (wrong.claims or wrong.plb)


@FEW
@given(stories())
def test_reports_tell_of_the_same_cents(payments: list[Payment]) -> None:
    rows = settled(posted(*payments))
    day = max(days_of(rows), default=PAID)
    claims = standing(rows, day)
    open_cents = {
        name: int(claims[name].sum()) for name in ("denied", "patient", "other_payer", "take_back", "excess")
    }
    for since in ("served", "posted"):
        aged = ageing(rows, day, since=since).group_by("account").agg(pl.col("cents").sum())  # type: ignore[arg-type]
        assert dict(aged.iter_rows()) == {
            name: total for name, total in open_cents.items() if total or name in aged["account"]
        }
    told = history(rows)
    last = told.group_by("claim", pl.col("charge_cents").abs(), maintain_order=True).last()
    assert last["patient_open_cents"].sum() == open_cents["patient"]
    assert last["payer_open_cents"].sum() == sum(open_cents.values()) - open_cents["patient"]
