"""From a time log to claims: what was closed is what is billed, and what stands against it is told."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import typer

from anodyne.cli import care_claims
from anodyne.cli.main import main
from anodyne.kernel.errors import AnodyneError
from anodyne.model.care import Served
from anodyne.reference.policy_files import shipped
from anodyne.x12.read import book_of, read_claims

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
PATIENTS, PRACTICE = EXAMPLES / "care_patients.csv", EXAMPLES / "care_practice.toml"
MADE_AT = "2026-11-03T09:30"
PRIVATE = ("PEPPERDINE", "WIDDERSHINS", "SUTTERFIELD", "1C29D38EF45", "1949", "THIMBLE", "G89.4", "LH-20417")


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str


class Command:
    """The command, as a test runs it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder, self._capture = folder, capture
        self.closed = folder / "closed.json"
        self.output = folder / "out.837"

    def close(self, time: Path = EXAMPLES / "care_time.csv") -> list[dict[str, Any]]:
        """Close October 2026; its results."""
        enrolments = EXAMPLES / "care_enrolments.csv"
        arguments = ["--month", "2026-10", "--time", str(time), "--enrolments", str(enrolments)]
        main(["care", "close", *arguments, "--format", "json"])
        self.closed.write_bytes(self._capture.readouterr().out)
        results: list[dict[str, Any]] = json.loads(self.closed.read_bytes())["results"]
        return results

    def __call__(self, **given: Any) -> Ran:
        asked: dict[str, Any] = {
            "patients": str(PATIENTS),
            "practice": str(PRACTICE),
            "output": str(self.output),
            "served": Served.MET,
            "history": (),
            "policies": shipped(),
            "control_number": None,
            "made_at": MADE_AT,
            "even_so": False,
        }
        status = 0
        try:
            care_claims.run(str(self.closed), **{**asked, **given})
        except typer.Exit as ended:
            status = ended.exit_code
        told = self._capture.readouterr()
        return Ran(status, told.out, told.err.decode())

    def refused(self, **given: Any) -> str:
        """Why it could not be done: with no word of a patient, and nothing written."""
        with pytest.raises(AnodyneError) as raised:
            self(**given)
        told = self._capture.readouterr()
        assert not told.out
        assert not self.output.exists()
        every = f"{raised.value}\n{told.err.decode()}"
        assert not [private for private in PRIVATE if private in every]
        return every


@pytest.fixture
def command(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    return Command(tmp_path, capfdbinary)


def earned(results: list[dict[str, Any]], status: str) -> list[tuple[Any, ...]]:
    return sorted(
        (result["practitioner"], dt.date.fromisoformat(result["met_on"]), code["code"], code["units"])
        for result in results
        if result["status"] == status
        for code in result["codes"]
    )


def billed(path: Path) -> list[dict[str, Any]]:
    return book_of(list(read_claims(path))).lines.to_dicts()


def test_what_is_billable_is_what_is_billed(command: Command) -> None:
    results = command.close()
    ran = command()
    assert (ran.status, ran.out) == (0, b"")
    lines = billed(command.output)
    assert (
        sorted((line["rendering_npi"], line["served_on"], line["code"], line["units"]) for line in lines)
        == earned(results, "billable")
        != []
    )
    assert earned(results, "held")
    prices = {"G3002": 125_00, "G3003": 45_50, "99490": 90_00, "99439": 70_00, "99470": 40_00}
    assert all(line["charge_cents"] == line["units"] * prices[line["code"]] for line in lines)
    assert f"${sum(line['charge_cents'] for line in lines) / 100:,.2f}" in ran.err


def test_a_check_of_the_file_finds_nothing(
    command: Command, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    command.close()
    command()
    assert main(["check", str(command.output), "--as-of", "2026-11-03"]) == 0
    assert "claims clean" in capfdbinary.readouterr().out.decode()


def test_the_same_month_gives_the_same_bytes(command: Command) -> None:
    command.close()
    command()
    first = command.output.read_bytes()
    command()
    assert command.output.read_bytes() == first
    ran = command(output="-")
    assert ran.out == first
    assert "standard output" in ran.err


def test_without_a_time_it_is_made_now(command: Command) -> None:
    command.close()
    command(made_at=None)
    today = dt.datetime.now().astimezone()
    day = command.output.read_text().split("*")[9]
    assert day in {f"{today:%y%m%d}", f"{today - dt.timedelta(minutes=5):%y%m%d}"}


def test_claims_sent_before_are_not_written(command: Command) -> None:
    command.close()
    command()
    sent = command.folder / "sent.837"
    command.output.rename(sent)
    ran = command(history=[str(sent)], made_at="2026-11-04T10:00")
    assert (ran.status, ran.out) == (1, b"")
    assert not command.output.exists()
    assert "P002           1234567893\n   deny    CPM-03a      line 1: G3002" in ran.err
    assert "Nothing is written: 7 findings against 5 claims with 8 lines" in " ".join(ran.err.split())
    assert not [private for private in PRIVATE if private in ran.err]


def test_claims_are_written_even_so(command: Command) -> None:
    command.close()
    command()
    sent = command.folder / "sent.837"
    command.output.rename(sent)
    ran = command(history=[str(sent)], made_at="2026-11-04T10:00", even_so=True)
    assert ran.status == 0
    assert len(billed(command.output)) == 8
    assert "with 7 findings against them" in " ".join(ran.err.split())


def test_what_only_may_be_wrong_is_told_and_written(command: Command) -> None:
    command.close()
    people = command.folder / "patients.csv"
    people.write_text(PATIENTS.read_text().replace("MB,G89.4,M96.1,I10,,", "MB,M96.1,G89.4,I10,,"))
    ran = command(patients=str(people))
    assert ran.status == 0
    assert command.output.exists()
    assert (
        "P006           1245319599\n   audit   DX-02        line 1: G3002 on line 1 manages pain" in ran.err
    )


def test_what_a_finding_asks_is_told(command: Command) -> None:
    command.close()
    told = json.loads(command.closed.read_bytes())
    for result in told["results"]:
        result["pos"] = "10"
    command.closed.write_text(json.dumps(told))
    ran = command()
    assert ran.status == 0
    assert "   ask     CPM-06       line 1: " in ran.err
    assert "           needs        " in ran.err


def test_the_envelope_is_given(command: Command) -> None:
    command.close()
    command(control_number=77)
    text = command.output.read_text()
    assert text.startswith("ISA*00*")
    assert "*261103*0930*^*00501*000000077*0*T*:~\nGS*HC*LHPP01*TRC001*20261103*0930*77*X*" in text


def test_what_is_missing_is_all_told(command: Command) -> None:
    command.close()
    people, own = command.folder / "patients.csv", command.folder / "practice.toml"
    rows = PATIENTS.read_text().splitlines(keepends=True)
    people.write_text("".join(row for row in rows if not row.startswith(("P002", "P006"))))
    own.write_text(PRACTICE.read_text().replace('99470 = "40.00"\n', ""))
    told = command.refused(patients=str(people), practice=str(own))
    assert f"{people} does not have P002, P006; {own} has no charge for 99470" in told


def test_every_bad_cell_is_told(command: Command) -> None:
    command.close()
    people = command.folder / "patients.csv"
    people.write_text(PATIENTS.read_text().replace("43130", "4313").replace("1949-06-12", "6/12/1949"))
    told = command.refused(patients=str(people))
    assert "the text is not a date (at" in told
    assert "row 2, column birth_date" in told
    assert "row 4, column zip: the text is not a ZIP code of five or nine digits. Write it" in told


def test_a_time_that_is_none(command: Command) -> None:
    command.close()
    assert "noon is not a day with a time (at --made-at)" in command.refused(made_at="noon")


@pytest.mark.parametrize("given", ["closed", "patients", "practice", "history"])
def test_what_claims_are_made_from_is_not_overwritten(command: Command, given: str) -> None:
    command.close()
    own = command.folder / "own"
    own.write_bytes({"patients": PATIENTS, "practice": PRACTICE}.get(given, command.closed).read_bytes())
    before = own.read_bytes()
    if given == "closed":
        command.closed = own
        more = {}
    else:
        more = {given: [str(own)] if given == "history" else str(own)}
    assert "would overwrite a file that is read" in command.refused(output=str(own), **more)
    assert own.read_bytes() == before


def test_a_month_with_bad_cells_is_no_month(command: Command) -> None:
    time = command.folder / "time.csv"
    time.write_text((EXAMPLES / "care_time.csv").read_text().replace("2026-10-06T09:40", "2026-10-06T08:40"))
    assert command.close(time) == []
    assert "the month was not closed" in command.refused()
