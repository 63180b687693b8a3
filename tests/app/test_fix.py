"""Corrected copies of whole files: what is fixed, what is left and why, and that the copy proves it."""

import datetime as dt
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from anodyne.app import fix as module
from anodyne.app.check import Report, check
from anodyne.app.fix import Fixed, fix
from anodyne.kernel.errors import BadRequest, NotX12, UnreadableFile
from anodyne.rules.discover import claim_rules
from anodyne.rules.rule import Rule, Set
from anodyne.x12.segments import Segments
from anodyne.x12.splice import SETTABLE, Edit, splice
from tests.claims import AS_OF, Claim, Line, file_of, reference
from tests.faces import small_day

TWICE = [Line("20553", charge=175_00), Line("20552", charge=140_00)]
"""INJ-01 drops the second line."""
THREE_UNITS = [Line("20553", units=3, charge=525_00)]
"""INJ-01a makes it one."""
OTHER_PAYER = ("SBR*S*18*******CI", "OI***Y***Y", "NM1*IL*1*DOE*PAT****MI*X1", "NM1*PR*2*OTHER*****PI*OTH1")


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return tmp_path / "day.837"


def fixed(
    path: Path | str, data: bytes | None = None, **options: object
) -> tuple[bytes, Fixed, set[tuple[str, str | None, int | None]]]:
    """The copy, what was told of it, and the findings that remain in it."""
    if data is not None:
        Path(path).write_bytes(data)
    out = io.BytesIO()
    told = fix(str(path), out, name="OUT.837", as_of=AS_OF, reference=reference(), **options)  # type: ignore[arg-type]
    with told.report as report:
        return out.getvalue(), told, found(report)


def found(report: Report) -> set[tuple[str, str | None, int | None]]:
    return {row for part in report.findings() for row in part.select("rule", "claim", "line").iter_rows()}


def in_copy(path: Path, **options: object) -> set[tuple[str, str | None, int | None]]:
    with check([str(path)], as_of=AS_OF, reference=reference(), **options) as report:  # type: ignore[arg-type]
        return found(report)


def test_what_is_fixed_is_no_longer_found_and_the_rest_still_is(given: Path) -> None:
    data = file_of(
        Claim(TWICE, id="ONE"), Claim(THREE_UNITS, id="TWO", patient=2), Claim([Line("99213")], patient=3)
    )
    copy, told, remaining = fixed(given, data)
    assert [(c.claim, c.before_cents, c.after_cents) for c in told.claims] == [
        ("ONE", 315_00, 175_00),
        ("TWO", 525_00, 175_00),
    ]
    one, two = (line for claim in told.claims for line in claim.lines)
    assert (one.line, one.rules, one.after) == (2, ("INJ-01",), None)
    assert (one.before["code"], one.before["charge_cents"]) == ("20552", 140_00)
    assert two.rules == ("INJ-01a",)
    assert two.after is not None
    assert (two.before["units"], two.after["units"], two.after["charge_cents"]) == (3, 1, 175_00)
    assert (told.removed_cents, told.left) == (490_00, ())
    assert not {rule for rule, _, _ in remaining} & {"INJ-01", "INJ-01a"}
    assert remaining <= in_copy(given)
    expected = data.replace(b"CLM*ONE*315*", b"CLM*ONE*175*").replace(b"CLM*TWO*525*", b"CLM*TWO*175*")
    expected = expected.replace(b"LX*2~\nSV1*HC:20552*140*UN*1***1~\nDTP*472*D8*20261014~\nREF*6R*L2~\n", b"")
    expected = expected.replace(b"HC:20553*525*UN*3", b"HC:20553*175*UN*1")
    count = int(re.findall(rb"SE\*(\d+)\*", data)[0])
    assert copy == expected.replace(b"SE*%d*" % count, b"SE*%d*" % (count - 4))


def test_the_copy_of_a_copy_is_the_same(given: Path) -> None:
    first, _, _ = fixed(given, small_day.several())
    again, told, _ = fixed(given, first)
    assert again == first
    assert told.claims == ()


def test_a_file_with_nothing_to_fix_is_copied_as_it_is(given: Path) -> None:
    data = small_day.clean()
    copy, told, _ = fixed(given, data)
    assert copy == data
    assert (told.claims, told.left, told.removed_cents) == ((), (), 0)
    assert [file.path for file in told.report.files] == ["OUT.837"]


def test_only_selected_rules_are_fixed_and_told(given: Path) -> None:
    data = file_of(Claim(TWICE, id="ONE"), Claim(THREE_UNITS, id="TWO", patient=2))
    _, told, remaining = fixed(given, data, select=["INJ-01a"])
    assert [claim.claim for claim in told.claims] == ["TWO"]
    assert remaining == set()
    _, told, remaining = fixed(given, data, ignore=["INJ-01a"])
    assert [claim.claim for claim in told.claims] == ["ONE"]
    assert not {rule for rule, _, _ in remaining} & {"INJ-01", "INJ-01a"}


def test_a_claim_out_of_order_is_left_alone_though_only_its_rules_are_selected(given: Path) -> None:
    data = file_of(Claim(TWICE)).replace(b"CLM*A100*315*", b"CLM*A100*316*")
    copy, told, _ = fixed(given, data, select=["INJ-01"])
    assert copy == data
    (left,) = told.left
    assert (left.claim, left.line, left.rules, left.fixes) == ("A100", 2, ("INJ-01",), ('{"drop": true}',))
    assert left.why == "the claim is not in order (X12-BALANCE): that first"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"LX*2", b"LX*3", "the claim is not in order (X12-LX)"),
        (b"REF*6R*L1~\n", b"REF*6R*L1~\nZZZ*1~\n", "the claim is not in order (X12-SEG-UNKNOWN)"),
        (b"LX*2~\nSV1*HC:20552", b"LX*2~\nSV1*HC:20552:5", "the line will be rejected (X12-MODIFIER)"),
        (b"SE*", b"SE*9", "the transaction does not count its segments rightly (X12-COUNT)"),
    ],
)
def test_what_is_damaged_where_a_fix_would_stand_is_left_alone(
    given: Path, old: bytes, new: bytes, why: str
) -> None:
    data = file_of(Claim(TWICE)).replace(old, new)
    copy, told, _ = fixed(given, data)
    assert copy == data
    assert [left.why for left in told.left] == [f"{why}: that first"]


def test_what_is_damaged_elsewhere_does_no_harm(given: Path) -> None:
    """A wrong NPI, another claim out of order, and an earlier transaction that counts wrongly."""
    bad, good = Claim(TWICE, id="BAD"), Claim(TWICE, id="GOOD", patient=2)
    data = file_of(bad, good).replace(b"CLM*BAD*315*", b"CLM*BAD*316*")
    _, told, _ = fixed(given, data)
    assert [claim.claim for claim in told.claims] == ["GOOD"]
    _, told, _ = fixed(given, file_of(Claim(TWICE, rendering="1234567890")))
    assert [claim.claim for claim in told.claims] == ["A100"]
    first = file_of(Claim(TWICE, id="BAD")).replace(b"SE*", b"SE*9")
    second = (
        file_of(good)
        .replace(b"000000001", b"000000002")
        .replace(b"*1*X*", b"*2*X*")
        .replace(b"GE*1*1", b"GE*1*2")
    )
    _, told, _ = fixed(given, first + second)
    assert [claim.claim for claim in told.claims] == ["GOOD"]


def test_units_are_mended_though_the_transaction_counts_wrongly(given: Path) -> None:
    _, told, _ = fixed(given, file_of(Claim(THREE_UNITS)).replace(b"SE*", b"SE*9"))
    assert [claim.after_cents for claim in told.claims] == [175_00]


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (
            (OTHER_PAYER[0], "AMT*D*315", *OTHER_PAYER[1:], "DTP*573*D8*20261101"),
            "an earlier payer's payments and adjustments",
        ),
        ((), None),
    ],
)
def test_a_claim_that_another_payer_has_paid_is_left_alone(
    given: Path, own: tuple[str, ...], why: str | None
) -> None:
    other = own or OTHER_PAYER
    data = file_of(Claim(TWICE)).replace(b"LX*1~", "~\n".join((*other, "LX*1~")).encode())
    data = re.sub(rb"SE\*(\d+)", lambda m: b"SE*%d" % (int(m[1]) + len(other)), data)
    _, told, remaining = fixed(given, data)
    assert not {rule for rule, _, _ in remaining if rule.startswith("X12-BALANCE")}
    assert [left.why[: len(why or "")] for left in told.left] == ([] if why is None else [why])
    assert len(told.claims) == (1 if why is None else 0)


def test_history_counts_in_what_is_fixed_as_in_a_check(given: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.837"
    history.write_bytes(file_of(Claim([Line("20553", charge=175_00)], id="OLD")))
    data = file_of(Claim([Line("20552", charge=140_00), Line("99213", ("25",))], id="NEW"))
    _, told, _ = fixed(given, data)
    assert told.claims == ()
    _, told, remaining = fixed(given, data, history=[str(history)])
    assert [claim.claim for claim in told.claims] == ["NEW"]
    assert "INJ-01" not in {rule for rule, _, _ in remaining}


def test_standard_input_is_fixed_too(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = file_of(Claim(TWICE))
    expected, _, _ = fixed(given, data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    copy, told, _ = fixed("-")
    assert copy == expected
    assert len(told.claims) == 1


def test_an_error_of_standard_input_names_it_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no claims")))
    with pytest.raises(NotX12) as error:
        fixed("-")
    assert error.value.where == "-, segment 1, byte 0"


def test_an_input_that_cannot_be_read_writes_nothing(given: Path) -> None:
    out = io.BytesIO()
    given.write_bytes(b"no claims")
    with pytest.raises(NotX12, match=re.escape(str(given))):
        fix(str(given), out, name="OUT.837", as_of=AS_OF)
    with pytest.raises(UnreadableFile):
        fix(str(given.with_name("absent.837")), out, name="OUT.837", as_of=AS_OF)
    with pytest.raises(BadRequest):
        fix(str(given), out, name="OUT.837", as_of=AS_OF, select=["NO-SUCH"])
    assert out.getvalue() == b""


def test_what_only_the_copy_shows_is_taken_back(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a correction spliced wrongly, the check of the copy would find it, and it would not be made."""

    def wrong(*_: object) -> Iterator[bytes]:
        spoilt = data.replace(b"CLM*ONE*315*", b"CLM*ONE*300*")
        yield spoilt if work else data
        work.clear()

    work = [1]
    data = file_of(Claim(TWICE, id="ONE"))
    monkeypatch.setattr(module, "splice", wrong)
    copy, told, _ = fixed(given, data)
    assert copy == data
    assert told.claims == ()
    (left,) = told.left
    assert left.why == "the corrected copy brought INJ-01, X12-BALANCE; which is right is for a person"


def test_what_the_copy_shows_of_another_patient_takes_every_fix_back(
    given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then which correction was spliced there."""

    def wrong(file_windows: Iterator[Segments], edits: list[Edit]) -> Iterator[bytes]:
        whole = b"".join(splice(file_windows, edits))
        yield whole.replace(b"CLM*OTHER*120*", b"CLM*OTHER*121*") if edits else whole

    data = file_of(
        Claim(TWICE, id="ONE"),
        Claim(THREE_UNITS, id="TWO", patient=2),
        Claim([Line("99213", charge=120_00)], id="OTHER", patient=3),
    )
    monkeypatch.setattr(module, "splice", wrong)
    copy, told, _ = fixed(given, data)
    assert copy == data
    assert told.claims == ()
    assert [left.claim for left in told.left] == ["ONE", "TWO"]
    why = "the corrected copy brought X12-BALANCE; which is right is for a person"
    assert {left.why for left in told.left} == {why}


def test_many_claims_are_fixed_as_few_are(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where claims are written to disk between being read and judged."""
    claims = [
        Claim(TWICE if n % 3 else THREE_UNITS, id=f"C{n}", patient=n % 11, on=_day(n)) for n in range(60)
    ]
    data = file_of(*claims)
    expected, few, _ = fixed(given, data)
    monkeypatch.setattr("anodyne.app.spool.BATCH_CLAIMS", 7)
    monkeypatch.setattr("anodyne.app.spool.BOOK_CLAIMS", 5)
    monkeypatch.setattr("anodyne.app.spool.Spool.__init__.__defaults__", (7,))
    copy, many, _ = fixed(given, data)
    assert copy == expected
    assert many.claims == few.claims
    assert len(many.claims) == 60


def _day(n: int) -> dt.date:
    return dt.date(2026, 1, 5) + dt.timedelta(days=n)


@pytest.mark.parametrize("rule", claim_rules().values(), ids=list(claim_rules()))
def test_a_rule_sets_only_what_a_file_can_be_written_with(rule: Rule) -> None:
    if isinstance(rule.check.fix, Set):
        assert rule.check.fix.values.keys() <= SETTABLE.keys()


def test_no_rule_offers_a_fix_for_what_is_no_line(given: Path) -> None:
    given.write_bytes(small_day.several())
    with check([str(given)], as_of=AS_OF, reference=reference()) as report:
        for part in report.findings():
            assert part.filter(pl.col("fix").is_not_null())["line_key"].null_count() == 0
