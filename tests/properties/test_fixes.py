"""Whatever the claims and however a file is dressed: a corrected copy is right, and else the same."""

import datetime as dt
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.app.check import check
from anodyne.app.fix import Fixed, fix
from anodyne.model.book import Book
from anodyne.x12.splice import Edit, splice
from anodyne.x12.windows import windows
from tests.claims import AS_OF, DAY, Claim, Line, file_of, reference
from tests.properties.test_round_trip import rejoined
from tests.x12.interchanges import NAME, PLAIN, Dress, read

CODES = (
    *("20552", "20553", "20560", "20561", "20610", "20611", "62321", "62323", "64483", "64490", "64493"),
    *("76942", "77002", "77003", "64405", "64445", "64451", "99213", "99214", "G3002", "G3003", "J1030"),
)
lines = st.builds(
    Line,
    st.sampled_from(CODES),
    st.sampled_from([(), (), (), ("59",), ("25",), ("RT",), ("LT",), ("50",), ("RT", "59")]),
    units=st.sampled_from([1, 1, 1, 2, 3]),
    charge=st.sampled_from([60_00, 175_50, 1_200_06]),
)
made_up = st.builds(
    Claim,
    st.lists(lines, min_size=1, max_size=5),
    payer=st.sampled_from(["medicare", "medicare", "commercial", "workers"]),
    patient=st.integers(1, 2),
    on=st.sampled_from([DAY, DAY, DAY - dt.timedelta(days=1)]),
    frequency=st.sampled_from(["1", "1", "7"]),
    original=st.just("ORIG"),
)
dresses = st.builds(
    Dress,
    element=st.sampled_from("*|"),
    component=st.sampled_from(":>"),
    repetition=st.just("^"),
    terminator=st.sampled_from(["~", "!", "\n", "\r\n"]),
    after=st.sampled_from(["", "\n", "\r\n", " \n"]),
)
Finding = tuple[str, str, str | None, int | None]
Checked = Counter[Finding]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file of one interchange or two, dressed, perhaps wrapped, perhaps damaged; and a history."""
    count = iter(range(1, 99))
    pieces = []
    for number in range(draw(st.integers(1, 2))):
        claims = [
            Claim(**{**vars(claim), "id": f"C{next(count)}"})
            for claim in draw(st.lists(made_up, min_size=1, max_size=4))
        ]
        plain = file_of(*claims).decode()
        if draw(st.integers(0, 5)) == 0:
            old, new = draw(
                st.sampled_from(
                    [("LX*2", "LX*3"), ("SE*", "SE*9"), ("*UN*1", "*UN*X"), ("CLM*C1*", "CLM*C1*9")]
                )
            )
            plain = plain.replace(old, new)
        plain = plain.replace("000000001", f"00000000{number + 1}").replace("*1*X*", f"*{number + 1}*X*")
        plain = plain.replace("GE*1*1~", f"GE*1*{number + 1}~")
        dress = draw(st.one_of(st.just(PLAIN), dresses))
        piece = "".join(dress.put_on(segment) for segment in plain.removesuffix("~\n").split("~\n"))
        pieces.append(piece.encode())
    data = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\r\n "])) + b"".join(pieces)
    if draw(st.booleans()) and len(pieces) == 1 and not re.search(rb"[\r\n]", data):
        data = b"\n".join(data[at : at + 80] for at in range(0, len(data), 80))
    elif draw(st.integers(0, 3)) == 0:
        data = data.rstrip(b"\r\n ~!") if draw(st.booleans()) else data + b"\r\n\x1a"
    earlier = draw(st.lists(made_up, max_size=2))
    return data, file_of(
        *(Claim(**{**vars(c), "id": f"H{n}"}) for n, c in enumerate(earlier))
    ) if earlier else b""


@settings(deadline=None, max_examples=12)
@given(files())
def test_a_corrected_copy_is_right_and_little_else_than_what_was_given(given_: tuple[bytes, bytes]) -> None:
    data, history = given_
    with tempfile.TemporaryDirectory() as folder:
        path, old, copied = (Path(folder) / name for name in ("given.837", "history.837", "copy.837"))
        path.write_bytes(data)
        old.write_bytes(history)
        earlier = [str(old)] if history else []
        copy, told, remaining = made(path, earlier)
        copied.write_bytes(copy)
        before = checked(path, earlier)
        after = checked(copied, earlier)
        again, told_again, _ = made(copied, earlier)

    assert remaining == after
    check_findings(data, told, before, after)
    check_charges(read(data), read(copy), told)
    check_bytes(data, copy, told)
    assert again == copy
    assert told_again.claims == ()
    assert [left[:7] for left in told_again.left] == [left[:7] for left in renumbered(data, told)]


CROWDED = ("20552", "20553", "20560", "20561", "64405", "64418", "64451", "64483", "0213T", "22514", "77002")
crowded = st.lists(
    st.builds(
        Claim,
        st.lists(
            st.builds(Line, st.sampled_from(CROWDED), st.sampled_from([(), (), ("59",), ("RT",)])),
            min_size=1,
            max_size=4,
        ),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=12)
@given(crowded)
def test_each_line_that_was_left_out_would_be_found_again(some: list[Claim]) -> None:
    """Put back alone into the corrected copy; and where all is corrected, nothing more is."""
    data = file_of(*(Claim(**{**vars(claim), "id": f"C{n}"}) for n, claim in enumerate(some)))
    with tempfile.TemporaryDirectory() as folder:
        path, copied = Path(folder) / "given.837", Path(folder) / "copy.837"
        path.write_bytes(data)
        copy, told, _ = made(path, [])
        copied.write_bytes(copy)
        assert made(copied, [])[0] == copy
        edits = {(claim, line): edit for claim, line, edit in edits_of(data, told)}
        for claim in told.claims:
            for line in claim.lines:
                if line.after is not None:
                    continue
                others = [edit for of, edit in edits.items() if of != (claim.claim, line.line)]
                copied.write_bytes(b"".join(splice(windows(io.BytesIO(data), name=NAME), others)))
                above = {number for number in gone(told)[claim.claim] if number < (line.line or 0)}
                number = (line.line or 0) - len(above)
                found = {(rule, of, at) for rule, _, of, at in checked(copied, [])}
                assert found & {(rule, claim.claim, number) for rule in line.rules}


def edits_of(data: bytes, told: Fixed) -> Iterator[tuple[str | None, int | None, Edit]]:
    """What was fixed, line by line, as the file is written."""
    book = read(data)
    named = book.lines.join(book.claims.select("claim_key", "claim_id"), on="claim_key")
    at = {(claim, line): byte for claim, line, byte in named.select("claim_id", "line", "byte").iter_rows()}
    for claim in told.claims:
        for line in claim.lines:
            values = line.after and {
                name: "" if value is None else value
                for name, value in line.after.items()
                if value != line.before[name]
            }
            yield claim.claim, line.line, Edit(at[claim.claim, line.line], values)


def made(path: Path, history: list[str]) -> tuple[bytes, Fixed, Checked]:
    out = io.BytesIO()
    told = fix(str(path), out, name="copy.837", history=history, as_of=AS_OF, reference=reference())
    with told.report as report:
        return out.getvalue(), told, counted(list(report.findings()))


def checked(path: Path, history: list[str]) -> Checked:
    with check([str(path)], history=history, as_of=AS_OF, reference=reference()) as report:
        return counted(list(report.findings()))


def counted(findings: list[pl.DataFrame]) -> Checked:
    rows = pl.concat(findings).select("rule", "outcome", "claim", "line")
    return Counter((rule, outcome, claim, line) for rule, outcome, claim, line in rows.iter_rows())


def gone(told: Fixed) -> Mapping[str | None, set[int]]:
    """By claim, the lines that were left out."""
    return {
        claim.claim: {line.line or 0 for line in claim.lines if line.after is None} for claim in told.claims
    }


def check_findings(data: bytes, told: Fixed, before: Checked, after: Checked) -> None:
    """Nothing new is found in the copy, and nothing that was fixed."""
    number = numbers_after(data, told)
    moved: Checked = Counter()
    for (rule, outcome, claim, line), count in before.items():
        now = line if line is None else number.get((claim, line))
        if line is None or now is not None:
            moved[rule, outcome, claim, now] += count
    for one in told.claims:
        for fixed in one.lines:
            for rule in fixed.rules:
                now = number.get((one.claim, fixed.line or 0))
                moved[rule, "deny", one.claim, now] = 0
    assert not after - moved


def numbers_after(data: bytes, told: Fixed) -> Mapping[tuple[str | None, int], int]:
    """For each line that stays, by claim and number, its number in the copy."""
    dropped = gone(told)
    book = read(data)
    named = book.lines.join(book.claims.select("claim_key", "claim_id"), on="claim_key")
    number = {}
    for claim_id, line in named.select("claim_id", "line").iter_rows():
        lost = dropped.get(claim_id, set())
        if line is not None and line not in lost:
            number[claim_id, line] = line - sum(other < line for other in lost)
    return number


def renumbered(data: bytes, told: Fixed) -> list[tuple[object, ...]]:
    number = numbers_after(data, told)
    return [tuple(left._replace(line=number.get((left.claim, left.line or 0)))) for left in told.left]


def check_charges(before: Book, after: Book, told: Fixed) -> None:
    """No charge rises; each claim that was fixed charges what its lines come to; and no claim is empty."""
    assert after.claims["claim_id"].to_list() == before.claims["claim_id"].to_list()
    fixed = {claim.claim: claim for claim in told.claims}
    sums = dict(after.lines.group_by("claim_key").agg(pl.col("charge_cents").sum()).iter_rows())
    pairs = zip(before.claims.iter_rows(named=True), after.claims.iter_rows(named=True), strict=True)
    for old, new in pairs:
        assert {**old, "charge_cents": 0, "byte": 0, "segment": 0, "patient": 0} == {
            **new, "charge_cents": 0, "byte": 0, "segment": 0, "patient": 0
        }  # fmt: skip
        if new["claim_id"] in fixed:
            one = fixed[new["claim_id"]]
            assert (old["charge_cents"], new["charge_cents"]) == (one.before_cents, one.after_cents)
            assert sums[new["claim_key"]] == new["charge_cents"] <= old["charge_cents"]
        else:
            assert new["charge_cents"] == old["charge_cents"]
    assert told.removed_cents == sum(one.before_cents - one.after_cents for one in told.claims)


def check_bytes(data: bytes, copy: bytes, told: Fixed) -> None:
    """Segment by segment the copy is the file, but for lines left out and what follows from them."""
    kept = iter(segments(copy))
    dropped = gone(told)
    claim_id, inside = "", False
    changed = set()
    for old in segments(data):
        parts = re.split(rb"[*|]", old)
        if parts[0] in {b"CLM", b"HL", b"SE"}:
            claim_id, inside = parts[1].decode(), False
        if parts[0] == b"LX":
            inside = int(parts[1]) in dropped.get(claim_id, set())
        if inside:
            continue
        new = next(kept)
        if new != old:
            changed.add((parts[0], claim_id))
            assert parts[0] in {b"CLM", b"LX", b"SV1", b"SE"}
            assert [
                n for n, (a, b) in enumerate(zip(parts, re.split(rb"[*|]", new), strict=True)) if a != b
            ] in (
                [[2]] if parts[0] == b"CLM" else [[1]] if parts[0] in {b"LX", b"SE"} else [[2, 4], [4], [2]]
            )
    assert next(kept, None) is None
    assert {claim for name, claim in changed if name == b"CLM"} <= {claim.claim for claim in told.claims}
    if not told.claims:
        assert copy == data
    breaks = partial(re.findall, rb"[~!][\r\n ]*")
    assert set(breaks(copy)) <= set(breaks(data))


def segments(data: bytes) -> list[bytes]:
    found = windows(io.BytesIO(data), name=NAME)
    return [segment for window in found for segment in rejoined(window)]
