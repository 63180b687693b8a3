"""The files of a simulation as the real commands read them, against its books."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.care import close
from anodyne.app.check import check
from anodyne.app.remit_check import Posting
from anodyne.app.remit_statuses import StatusReport, remit_statuses
from anodyne.app.remit_work import Worked, work_files
from anodyne.model.outcome import Outcome
from anodyne.reference.policy_files import load_policies
from anodyne.simulator.files import UNSENT, Composer, files, write_files
from anodyne.simulator.simulate import Simulated, simulate
from tests.claims import reference

AS_OF = dt.date(2026, 11, 21)
SERIOUS = [Outcome.REJECT.value, Outcome.DENY.value]


@dataclass(frozen=True)
class Written:
    made: Simulated
    folder: Path

    def paths(self, kind: str) -> list[str]:
        return [str(path) for path in sorted((self.folder / kind).iterdir())]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    made = simulate(11, 220, AS_OF, reference=reference())
    folder = tmp_path_factory.mktemp("simulated")
    write_files(made, folder)
    return Written(made, folder)


@pytest.fixture(scope="module")
def statuses(written: Written) -> StatusReport:
    answers = [*written.paths("999"), *written.paths("277")]
    return remit_statuses(answers, claims=written.paths("837"), reference=reference())


@pytest.fixture(scope="module")
def worked(written: Written) -> Worked:
    return work_files(
        written.paths("835"),
        claims=written.paths("837"),
        contracts=str(written.folder / "contracts.csv"),
        limits=str(written.folder / "limits.csv"),
        acknowledgements=[*written.paths("999"), *written.paths("277")],
        as_of=AS_OF,
        reference=reference(),
    )


def found_in(path: Path, folder: Path, *, dry_run: bool) -> pl.DataFrame:
    policies = load_policies([folder / "policies"])
    with check([str(path)], as_of=AS_OF, policies=policies, reference=reference(), dry_run=dry_run) as report:
        return pl.concat(report.findings())


def year_of(made: Simulated, folder: Path) -> Path:
    """One file with every claim once."""
    path = folder / "year.837"
    path.write_bytes(Composer(made).file(range(len(made.claims)), made.as_of, 900_000_001))
    return path


def test_the_same_arguments_give_the_same_bytes() -> None:
    one, other = (simulate(3, 12, AS_OF, reference=reference()) for _ in range(2))
    assert list(files(one)) == list(files(other))


def test_bytes_do_not_hang_on_the_process() -> None:
    code = (
        "import datetime as dt, hashlib\n"
        "from anodyne.simulator.files import files\n"
        "from anodyne.simulator.simulate import simulate\n"
        "made = hashlib.sha256(b''.join(data for _, data in files(simulate(3, 8, dt.date(2026, 11, 21)))))\n"
        "print(made.hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_every_claim_that_was_sent_stands_in_the_file_of_its_day(written: Written) -> None:
    made = written.made
    for file, some in made.submissions.group_by("file"):
        text = (written.folder / str(file[0])).read_text()
        assert text.count("\nCLM*") == len(some)
    unsent = made.truth.filter(pl.col("state").is_in(["held", "ready"]))
    assert (written.folder / UNSENT).read_text().count("\nCLM*") == len(unsent)


@pytest.mark.parametrize(
    ("seed", "as_of"), [(11, AS_OF), (12, dt.date(2026, 6, 1)), (13, dt.date(2025, 9, 15))]
)
def test_clean_claims_have_no_serious_finding_and_planted_ones_theirs(
    seed: int, as_of: dt.date, written: Written, tmp_path: Path
) -> None:
    made = simulate(seed, 400, as_of, reference=reference())
    found = found_in(year_of(made, tmp_path), written.folder, dry_run=True)
    assert not found["rule"].str.starts_with("X12-").any()
    serious = found.filter(pl.col("outcome").is_in(SERIOUS))
    clean = made.truth.filter(pl.col("fault").is_null())
    assert serious.join(clean, left_on="claim", right_on="claim_id", how="semi").is_empty()
    # A claim that another replaced is no longer judged, and no claim is late in a dry run.
    planted = made.truth.filter(
        pl.col("rule").is_not_null() & (pl.col("state") != "replaced") & (pl.col("fault") != "filing")
    )
    missed = planted.join(found, left_on=["claim_id", "rule"], right_on=["claim", "rule"], how="anti")
    assert len(planted)
    assert missed.is_empty(), missed.select("claim_id", "rule")


def test_a_planted_fault_is_what_is_found_and_nothing_else(written: Written, tmp_path: Path) -> None:
    made = written.made
    found = found_in(year_of(made, tmp_path), written.folder, dry_run=True)
    serious = found.filter(pl.col("outcome").is_in(SERIOUS)).unique(["claim", "rule"])
    told = made.truth.drop_nulls("rule").select("claim_id", planted="rule")
    other = serious.join(told, left_on=["claim", "rule"], right_on=["claim_id", "planted"], how="anti")
    assert other.is_empty(), other.select("claim", "rule", "message")


def test_what_lies_about_is_told_by_its_limit(written: Written) -> None:
    found = found_in(written.folder / UNSENT, written.folder, dry_run=False)
    late = written.made.truth.filter((pl.col("fault") == "filing") & pl.col("rule").is_not_null())
    assert len(late)
    assert late.join(found, left_on=["claim_id", "rule"], right_on=["claim", "rule"], how="anti").is_empty()


def test_acknowledgements_say_what_the_books_say(written: Written, statuses: StatusReport) -> None:
    assert statuses.strays.is_empty()
    last = written.made.submissions.unique(["claim_id"], keep="last", maintain_order=True)
    stands = statuses.standings.sort("sent_file").unique("claim_id", keep="last", maintain_order=True)
    both = last.join(stands, on="claim_id")
    assert len(both) == len(last)
    says = {"accepted": "accepted", "rejected": "rejected", "refused": "rejected"}
    told = both.filter(pl.col("answer").is_in(list(says)))
    assert (told["answer"].replace(says) == told["standing"]).all()
    silent = both.filter(~pl.col("answer").is_in(list(says)))
    assert set(silent["standing"]) <= {"received", "unanswered"}


def test_every_remittance_balances_and_posts(written: Written, worked: Worked) -> None:
    checked = worked.checked
    assert checked.all_hold
    assert checked.broken.is_empty()
    assert set(checked.payments["posting"]) <= {Posting.POSTS.value, Posting.EMPTY.value}
    assert len(checked.payments) == len(written.made.payments)
    assert checked.payments["amount_cents"].sum() == written.made.payments["amount_cents"].sum()


def test_the_ledger_of_the_remittances_is_that_of_the_books(written: Written, worked: Worked) -> None:
    balances = {
        account: (debit or 0) - (credit or 0)
        for account, debit, credit in worked.checked.accounts.select(
            "account", "debit_cents", "credit_cents"
        ).iter_rows()
    }
    paid = written.made.payments
    assert balances["cash"] == paid["amount_cents"].sum()
    assert -balances["interest"] == paid["interest_cents"].sum()
    assert balances["take_back"] == paid["taken_back_cents"].sum()


def lost(made: Simulated) -> set[str]:
    """Claims that never came, and were sent again if at all: two that were sent fit what is told of them."""
    return set(made.submissions.filter(pl.col("answer") == "none")["claim_id"])


def test_every_remitted_claim_is_matched_but_where_it_was_sent_twice(
    worked: Worked, written: Written
) -> None:
    claims = worked.matches.quarantine.join(worked.remittance.remits, on="remit_key")["claim_id"]
    assert set(claims) <= lost(written.made)


def decided(made: Simulated) -> pl.DataFrame:
    """Claims whose first decision stands, and that were sent once."""
    final = (
        made.remitted.filter(pl.col("kind") != "second").group_by("claim_id").len().filter(pl.col("len") == 1)
    )
    once = ~pl.col("claim_id").is_in(list(lost(made)))
    return made.truth.join(final, on="claim_id", how="semi").filter(once)


def test_what_should_be_allowed_is_what_the_books_say(written: Written, worked: Worked) -> None:
    by_claim = (
        worked.expected.join(worked.remittance.remits, on="remit_key")
        .filter(pl.col("status") != "2")
        .group_by("claim_id")
        .agg(pl.col("expected_cents").sum(), known=pl.col("expected_cents").is_not_null().all())
        .filter("known")
    )
    # The books price what should have been billed, the commands what was.
    right = decided(written.made).filter(
        ~pl.col("fault").fill_null("").is_in(["bundling", "complexity", "units", "new_patient", "duplicate"])
    )
    both = right.join(by_claim, on="claim_id", suffix="_told")
    assert len(both) > len(right) / 2
    wrong = both.filter(pl.col("expected_cents") != pl.col("expected_cents_told"))
    assert wrong.is_empty(), wrong.select("claim_id", "payer", "expected_cents", "expected_cents_told")


def test_what_was_paid_for_less_is_found_and_no_other(written: Written, worked: Worked) -> None:
    told = worked.downcodes.join(worked.remittance.remits, on="remit_key")["claim_id"]
    planted = decided(written.made).filter(pl.col("verdict") == "underpaid")["claim_id"]
    assert len(planted)
    # Who rendered a claim that was lost and sent again is not known to the commands, which match neither.
    assert set(planted) == set(told) - lost(written.made)


def test_denials_are_those_of_the_books(written: Written, worked: Worked) -> None:
    remits = worked.remittance.remits.select("remit_key", "status")
    told = worked.determinations.join(remits, on="remit_key").filter(pl.col("what") != "cut")
    planted = decided(written.made).filter(pl.col("verdict").is_in(["denied", "partly_denied"]))
    by_claim = set(told.filter(pl.col("action") != "dispute_underpayment")["claim_id"])
    assert set(planted["claim_id"]) == by_claim - lost(written.made)


def test_deadlines_are_those_of_the_books(written: Written, worked: Worked) -> None:
    told = worked.determinations.select("claim_id", "deadline", "route").unique()
    open_ = decided(written.made).filter(
        pl.col("state").is_in(["denied", "partly_denied", "underpaid"])
        & pl.col("route").is_in(["appeal", "dispute"])
    )
    both = open_.join(told, on="claim_id", suffix="_told")
    assert set(both["claim_id"]) == set(open_["claim_id"])
    assert (both["deadline"] == both["deadline_told"]).all()


def test_months_of_care_close_to_what_was_billed(written: Written) -> None:
    made, folder = written.made, written.folder
    policies = load_policies([folder / "policies"])
    time, enrolments = (str(folder / f"care_{name}.csv") for name in ("time", "enrolments"))
    billed = set(_billed(made))
    assert billed
    for month in {day for _, day, _, _ in billed}:
        closed = close(time, enrolments, month, reference=reference(), policies=policies)
        told = {
            (patient, month, code["code"], code["units"])
            for patient, codes in closed.results.select("patient", "codes").iter_rows()
            for code in codes
        }
        assert {row for row in billed if row[1] == month} == told
        assert closed.conflicts.is_empty()


def _billed(made: Simulated) -> Iterator[tuple[str, dt.date, str, int]]:
    months = made.encounters.filter(pl.col("kind") == "month").join(made.charges, on="encounter")
    for patient, day, code, units in months.select("patient", "served_on", "code", "units").iter_rows():
        yield patient, day.replace(day=1), code, units


def test_frames_are_written_as_they_are(written: Written) -> None:
    truth = pl.read_csv(written.folder / "frames" / "truth.csv", infer_schema_length=None)
    assert truth["claim_id"].to_list() == written.made.truth["claim_id"].to_list()
