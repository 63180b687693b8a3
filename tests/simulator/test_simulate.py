"""The frames of a simulation: the same for the same seed, and holding together to the cent."""

import datetime as dt
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.kernel.errors import BadRequest
from anodyne.kernel.npi import is_npi
from anodyne.simulator.life import State
from anodyne.simulator.simulate import Simulated, last_day, simulate
from tests.claims import reference

AS_OF = dt.date(2026, 11, 21)


@cache
def year(seed: int = 7, patients: int = 400, as_of: dt.date = AS_OF) -> Simulated:
    return simulate(seed, patients, as_of, reference=reference())


def frames(simulated: Simulated) -> dict[str, pl.DataFrame]:
    told = {name: getattr(simulated, name) for name in Simulated.__dataclass_fields__}
    return {name: frame for name, frame in told.items() if isinstance(frame, pl.DataFrame)}


def test_the_same_arguments_give_the_same_frames() -> None:
    one, other = (simulate(3, 25, AS_OF, reference=reference()) for _ in range(2))
    assert all(frame.equals(frames(other)[name]) for name, frame in frames(one).items())


def test_another_seed_gives_another_year() -> None:
    assert not year(3, 25).claims.equals(year(4, 25).claims)


def test_a_patient_is_the_same_whatever_the_number_of_others() -> None:
    few, many = year(5, 30), year(5, 60)
    for name in (
        "patients",
        "coverages",
        "appointments",
        "encounters",
        "charges",
        "authorisations",
        "accounts",
    ):
        some = frames(few)[name]
        # When the day is full an appointment waits for others: its hour is not the patient's own.
        some, more = (frame.drop("starts_at", strict=False) for frame in (some, frames(many)[name]))
        assert more.head(len(some)).equals(some), name
    alike = few.truth.columns
    assert many.truth.head(len(few.truth)).select(alike).equals(few.truth.select(alike))


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32),
    patients=st.integers(1, 12),
    as_of=st.dates(dt.date(2025, 7, 1), dt.date(2026, 12, 31)),
)
def test_cents_are_kept_whatever_the_seed_and_the_day(seed: int, patients: int, as_of: dt.date) -> None:
    made = simulate(seed, patients, as_of, reference=reference())
    keeps_cents(made.accounts)
    assert (made.payments["amount_cents"] >= 0).all()


@pytest.mark.parametrize("patients", [0, -1, 1_000_000])
def test_a_number_of_patients_that_cannot_be_is_refused(patients: int) -> None:
    with pytest.raises(BadRequest, match="patients"):
        simulate(1, patients, AS_OF, reference=reference())


@pytest.mark.parametrize("as_of", [dt.date(2024, 3, 1), dt.date(2031, 3, 1)])
def test_a_year_that_nothing_prices_is_refused(as_of: dt.date) -> None:
    with pytest.raises(BadRequest, match="nothing tells what Medicare allows"):
        simulate(1, 5, as_of, reference=reference())


def test_the_last_day_can_be_simulated_and_the_next_cannot() -> None:
    last = last_day(reference())
    assert last is not None
    assert len(simulate(1, 3, last, reference=reference()).patients) == 3
    with pytest.raises(BadRequest):
        simulate(1, 3, last + dt.timedelta(days=1), reference=reference())


def test_what_is_late_is_told() -> None:
    truth = year().truth
    assert truth.filter(pl.col("late_days") >= 30).height > 0
    assert truth.filter(pl.col("late_days").is_null() != pl.col("first_verdict").is_null()).is_empty()


def test_one_patient_is_enough() -> None:
    assert len(year(1, 1).patients) == 1


def test_every_cent_of_every_charge_is_somewhere() -> None:
    keeps_cents(year().accounts)


def keeps_cents(accounts: pl.DataFrame) -> None:
    parts = [name for name in accounts.columns if name.endswith("_cents") and name != "charge_cents"]
    assert (accounts["charge_cents"] == accounts.select(pl.sum_horizontal(parts)).to_series()).all()
    assert all((accounts[name] >= 0).all() for name in parts)


def test_totals_are_those_of_the_accounts() -> None:
    made = year()
    for name in made.accounts.columns[2:]:
        assert made.totals[name].sum() == made.accounts[name].sum()
    assert made.totals["claims"].sum() == len(made.claims)


def test_accounts_hold_what_payments_brought() -> None:
    made = year()
    of_payers = made.payments.filter(pl.col("payer") != "supplement")
    brought = of_payers.select(pl.col("claims_cents").sum() - pl.col("taken_back_cents").sum()).item()
    assert made.accounts["payer_paid_cents"].sum() == brought
    supplement = made.payments.filter(pl.col("payer") == "supplement")
    assert made.accounts["second_paid_cents"].sum() == supplement["claims_cents"].sum()
    assert made.accounts["patient_paid_cents"].sum() == made.patient_payments["cents"].sum()
    assert made.accounts["written_off_cents"].sum() == made.write_offs["cents"].sum()
    assert made.write_offs["written_off_on"].is_not_null().all()


def test_a_payment_is_its_claims_and_what_stands_beside_them() -> None:
    paid = year().payments
    assert (paid["amount_cents"] >= 0).all()
    due = pl.col("claims_cents") + pl.col("interest_cents") - pl.col("taken_back_cents")
    carried = pl.col("carried_on_cents") - pl.col("carried_in_cents")
    assert paid.filter(pl.col("amount_cents") != due + carried).is_empty()


def test_every_state_a_claim_can_have_is_there() -> None:
    assert set(year().truth["state"]) == {state.value for state in State}


def test_every_fault_of_the_shares_is_there() -> None:
    made = year()
    assert set(made.truth["fault"].drop_nulls()) == set(made.world.shares["faults"])


def test_there_is_work_of_every_kind_some_of_it_overdue() -> None:
    tasks = year().tasks
    assert set(tasks["kind"]) == set(year().world.tasks)
    assert tasks["overdue"].any()
    assert not tasks["overdue"].all()
    assert (tasks["overdue"] == (tasks["due_on"] < AS_OF)).all()
    assert set(tasks["user"]) <= set(year().users["user"])


def test_names_of_persons_stand_with_patients_and_users_alone() -> None:
    made = year(7, 60)
    names = {*made.patients["last"], *made.users["last"]}
    names |= {name.upper() for name in names}
    for name, frame in frames(made).items():
        if name not in {"patients", "users"}:
            texts = frame.select(pl.col(pl.String)).unpivot()["value"].drop_nulls().unique()
            assert not names & set(texts), name


def test_every_npi_has_its_check_digit() -> None:
    made = year(7, 60)
    given = {*made.sites["npi"], *made.providers["npi"], *made.encounters["npi"]}
    given |= set(made.claims["facility_npi"].drop_nulls())
    assert all(map(is_npi, given))


def test_no_two_patients_have_one_member_id() -> None:
    first = year(7, 1_000).coverages
    assert first.select("payer", "member_id").is_unique().all()


def test_nothing_is_dated_after_the_day_but_what_is_booked_or_due() -> None:
    made = year()
    assert (made.lines["served_on"] <= AS_OF).all()
    assert (made.submissions["sent_on"] <= AS_OF).all()
    assert (made.payments["paid_on"] <= AS_OF).all()
    booked = made.appointments.filter(pl.col("starts_at").dt.date() > AS_OF)
    assert len(booked)
    assert set(booked["status"]) == {"booked"}


def test_nobody_has_two_appointments_at_once() -> None:
    ordered = year().appointments.sort("provider", "starts_at")
    ends = pl.col("starts_at") + pl.duration(minutes="minutes")
    early = pl.col("starts_at") < ends.shift().over("provider")
    assert not ordered.select(early.any()).item()


def test_a_claim_is_what_it_was_coded_as() -> None:
    made = year()
    totals = made.lines.group_by("claim_key").agg(pl.col("charge_cents").sum())
    both = made.claims.join(totals, on="claim_key", suffix="_of_lines")
    assert len(both) == len(made.claims)
    assert (both["charge_cents"] == both["charge_cents_of_lines"]).all()


def test_a_payer_is_asked_before_what_it_wants_asked_for() -> None:
    asked = year().authorisations
    approved = asked.filter(pl.col("status") == "approved")
    assert (approved["from"] < approved["until"]).all()
    assert asked.filter(pl.col("status") == "asked")["number"].is_null().all()
    assert (approved["number"].str.len_chars() == 14).all()


def test_a_deadline_is_where_something_may_be_asked() -> None:
    truth = year().truth
    open_ = truth.filter(pl.col("state").is_in(["denied", "partly_denied", "underpaid", "records"]))
    by_medicare = pl.col("payer") == "medicare"
    told = open_.filter(pl.col("route").is_not_null() & ~(by_medicare & (pl.col("route") == "corrected")))
    assert len(told)
    assert told["deadline"].is_not_null().all()
    assert (told["deadline"] > told["noticed_on"]).all()
    assert truth.filter(pl.col("route").is_null())["deadline"].is_null().all()


def test_underpaid_is_less_than_expected_and_paid_is_not() -> None:
    truth = year().truth
    short = pl.col("allowed_cents") < pl.col("expected_cents")
    assert truth.filter(pl.col("state") == "underpaid").select(short.all()).item()
    assert (
        not truth.filter((pl.col("verdict") == "paid") & (pl.col("fault") != "duplicate"))
        .select(short.any())
        .item()
    )


def test_work_grows_with_the_patients() -> None:
    few, many = len(year(9, 100).claims), len(year(9, 400).claims)
    assert 3 * few < many < 5 * few
