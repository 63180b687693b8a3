"""Corrected lines spliced into files in any dress: what changes, what must follow, and what stays."""

import io
from collections.abc import Sequence

import pytest

from anodyne.kernel.errors import BadRule
from anodyne.x12.splice import SETTABLE, Edit, splice
from anodyne.x12.windows import WINDOW_BYTES, windows
from tests.x12.interchanges import (
    NAME,
    PLAIN,
    PROVIDER,
    Dress,
    claim,
    file_of,
    group,
    interchange,
    line,
    read,
    simple,
    subscriber,
    transaction,
)
from tests.x12.test_windows import wrapped

SIZES = (300, 2_000, WINDOW_BYTES)
DRESSES = {
    "plain": PLAIN,
    "no line breaks": Dress(after=""),
    "lines of another system": Dress(after="\r\n"),
    "a terminator of one's own": Dress("|", "^", "}", "!", ""),
    "by line": Dress(terminator="\n", after=""),
    "by line of another system": Dress(terminator="\r\n", after=""),
    "blanks between": Dress(after=" \n\n"),
}
in_any_dress = pytest.mark.parametrize("dress", DRESSES.values(), ids=list(DRESSES))


def spliced(data: bytes, edits: Sequence[Edit], size: int = WINDOW_BYTES) -> bytes:
    return b"".join(splice(windows(io.BytesIO(data), name=NAME, size=size), edits))


def of_line(data: bytes, place: int, values: dict[str, str | int | float] | None) -> Edit:
    """The edit of the line that is the file's `place`th, from 0."""
    return Edit(read(data).lines["byte"][place], values)


def three(*charges: str, dress: Dress = PLAIN, dx: str = "ABK:M5416") -> bytes:
    lines = [segment for n, charge in enumerate(charges, 1) for segment in line(n, charge=charge)]
    total = sum(float(charge) for charge in charges)
    return simple([*claim(charge=f"{total:g}", dx=dx), *lines], dress=dress)


@in_any_dress
@pytest.mark.parametrize("size", SIZES)
def test_a_line_left_out_takes_its_segments_and_corrects_total_numbers_and_count(
    dress: Dress, size: int
) -> None:
    data = three("10", "20", "30", dress=dress)
    expected = simple(
        [
            *claim(charge="40"),
            *line(1, charge="10"),
            *line(2, charge="30"),
        ],
        dress=dress,
    )
    assert spliced(data, [of_line(data, 1, None)], size) == expected


@in_any_dress
def test_the_last_line_leaves_the_numbers_before_it_alone(dress: Dress) -> None:
    data = three("10", "20.5", dress=dress)
    expected = simple([*claim(charge="10"), *line(1, charge="10")], dress=dress)
    assert spliced(data, [of_line(data, 1, None)]) == expected


@in_any_dress
@pytest.mark.parametrize("size", SIZES)
def test_values_change_where_they_stand_and_nothing_else(dress: Dress, size: int) -> None:
    data = three("10", "60", dress=dress)
    old, new = ("SV1*HC:62323*60*UN*1***1", "SV1*HC:62323*20*UN*1***1")
    mended = data.replace(dress.put_on(old).encode(), dress.put_on(new).encode())
    mended = mended.replace(
        dress.put_on("CLM*A1*70*")[:10].encode(), dress.put_on("CLM*A1*30*")[:10].encode()
    )
    assert spliced(data, [of_line(data, 1, {"charge_cents": 20_00})], size) == mended


def test_a_file_without_edits_is_the_same_file() -> None:
    data = three("10", "20")
    assert spliced(data, [], 300) == data


@pytest.mark.parametrize(
    ("values", "before", "after"),
    [
        ({"units": 1}, "SV1*HC:62323*100*UN*3***1", "SV1*HC:62323*100*UN*1***1"),
        ({"units": 2.5}, "SV1*HC:62323*100*UN*3***1", "SV1*HC:62323*100*UN*2.5***1"),
        ({"charge_cents": 9050}, "SV1*HC:62323*100*UN*1***1", "SV1*HC:62323*90.5*UN*1***1"),
        ({"charge_cents": 9050}, "SV1*HC:62323*100.00*UN*1***1", "SV1*HC:62323*90.50*UN*1***1"),
        ({"charge_cents": 0}, "SV1*HC:62323*100.00*UN*1***1", "SV1*HC:62323*0.00*UN*1***1"),
        ({"code": "62322"}, "SV1*HC:62323:59*100*UN*1***1", "SV1*HC:62322:59*100*UN*1***1"),
        ({"mod1": "50"}, "SV1*HC:62323*100*UN*1***1", "SV1*HC:62323:50*100*UN*1***1"),
        ({"mod2": "KX"}, "SV1*HC:62323:RT*100*UN*1***1", "SV1*HC:62323:RT:KX*100*UN*1***1"),
        ({"mod1": "50", "mod2": ""}, "SV1*HC:62323:RT:LT*100*UN*1***1", "SV1*HC:62323:50*100*UN*1***1"),
        ({"mod1": ""}, "SV1*HC:62323:RT:LT*100*UN*1***1", "SV1*HC:62323:LT*100*UN*1***1"),
        ({"mod1": ""}, "SV1*HC:62323:RT*100*UN*1***1", "SV1*HC:62323*100*UN*1***1"),
        ({"mod1": ""}, "SV1*HC:62323:RT:::LT:WORDS*9*UN*1***1", "SV1*HC:62323:LT::::WORDS*9*UN*1***1"),
        ({"pos": "24"}, "SV1*HC:62323*100*UN*1***1", "SV1*HC:62323*100*UN*1*24**1"),
        ({"pos": ""}, "SV1*HC:62323*100*UN*1*24**1", "SV1*HC:62323*100*UN*1***1"),
        ({"dx_pointers": "2:1"}, "SV1*HC:62323*100*UN*1***1", "SV1*HC:62323*100*UN*1***2:1"),
        ({"emergency": "Y"}, "SV1*HC:62323*100*UN*1***1", "SV1*HC:62323*100*UN*1***1**Y"),
        ({"emergency": ""}, "SV1*HC:62323*100*UN*1***1**Y", "SV1*HC:62323*100*UN*1***1"),
        ({"unit_basis": "MJ", "units": 15}, "SV1*HC:62323*100*UN*3***1", "SV1*HC:62323*100*MJ*15***1"),
    ],
)
@pytest.mark.parametrize("dress", [PLAIN, DRESSES["a terminator of one's own"]])
def test_each_column_is_written_as_the_file_writes_it(
    values: dict[str, str | int | float], before: str, after: str, dress: Dress
) -> None:
    _, _, charge, *_ = before.split("*")
    _, _, total, *_ = after.split("*")

    def written(service: str, amount: str) -> bytes:
        lines = ["LX*1", service, "DTP*472*D8*20261014"]
        return simple([*claim(charge=amount), *lines], dress=dress)

    data = written(before, charge)
    assert spliced(data, [of_line(data, 0, values)]) == written(after, total)


def test_drug_and_note_are_written_into_their_own_segments() -> None:
    def written(ndc: str, quantity: str, note: str) -> bytes:
        own = [f"NTE*ADD*{note}", f"LIN**N4*{ndc}", f"CTP****{quantity}*ML"]
        return simple([*claim(), *line(1, *own)])

    data = written("00000000001", "2", "ONE")
    edit = of_line(data, 0, {"ndc": "00000000002", "ndc_qty": 0.125, "note": "TWO"})
    assert spliced(data, [edit]) == written("00000000002", "0.125", "TWO")


def test_leading_noughts_of_numbers_stay() -> None:
    data = three("10", "20", "30").replace(b"LX*", b"LX*00").replace(b"SE*", b"SE*0000")
    mended = spliced(data, [of_line(data, 0, None)])
    assert b"LX*001~\nSV1*HC:62323*20" in mended
    assert b"LX*002~\nSV1*HC:62323*30" in mended
    count = int(data.split(b"~\nSE*")[1].split(b"*")[0])
    assert b"SE*%06d*" % count in data
    assert b"SE*%06d*" % (count - 3) in mended


@pytest.mark.parametrize("size", SIZES)
def test_each_transaction_counts_its_own_segments(size: int) -> None:
    def body(*charges: str) -> list[str]:
        lines = [segment for n, charge in enumerate(charges, 1) for segment in line(n, charge=charge)]
        return [*PROVIDER, *subscriber(), *claim(charge=str(sum(map(int, charges)))), *lines]

    def whole(first: Sequence[str], second: Sequence[str], third: Sequence[str]) -> bytes:
        one = interchange(group(transaction(*body(*first)), transaction(*body(*second), control="0002")))
        other = Dress("|", ">", "}", "'", "\r\n")
        return one + interchange(group(transaction(*body(*third)), control=2), number=2, dress=other)

    data = whole(["1", "2", "3"], ["4", "5"], ["6", "7", "8"])
    edits = [of_line(data, place, None) for place in (7, 0, 2, 6)]
    assert spliced(data, edits, size) == whole(["2"], ["4", "5"], ["6"])


def test_a_wrapped_file_keeps_its_other_line_breaks() -> None:
    data = wrapped(three("10", "20", "30", dress=Dress(after="")), 40)
    mended = spliced(data, [of_line(data, 1, None), of_line(data, 2, {"units": 0.5})])
    unwrapped = three("10", "20", "30", dress=Dress(after=""))
    expected = spliced(unwrapped, [of_line(unwrapped, 1, None), of_line(unwrapped, 2, {"units": 0.5})])
    assert mended.replace(b"\n", b"") == expected
    before = data[: data.index(b"CLM")]
    assert mended.startswith(before)
    assert data.count(b"\n") - mended.count(b"\n") <= 4


def test_what_no_file_is_written_with_is_refused() -> None:
    data = three("10")
    with pytest.raises(BadRule, match="sets served_on"):
        spliced(data, [of_line(data, 0, {"served_on": "20260101"})])
    with pytest.raises(BadRule, match="without NTE"):
        spliced(data, [of_line(data, 0, {"note": "WORDS"})])
    with pytest.raises(BadRule, match="punctuates"):
        spliced(data, [of_line(data, 0, {"mod1": "5*"})])
    with pytest.raises(ValueError, match="no line starts"):
        spliced(data, [Edit(3, None)])


def test_every_column_that_can_be_set_is_a_column_of_a_line() -> None:
    assert set(SETTABLE) <= set(read(three("10")).lines.columns)


def test_a_file_of_one_transaction_far_away_is_counted() -> None:
    """The trailer stands many windows after the line that was left out."""
    lines = [*claim("A0", charge="3"), *line(1, charge="1"), *line(2, charge="2")]
    more = [segment for n in range(40) for segment in (*claim(f"B{n}"), *line(1))]
    data = file_of(*PROVIDER, *subscriber(), *lines, *more)
    fewer = [*claim("A0", charge="2"), *line(1, charge="2")]
    assert spliced(data, [of_line(data, 0, None)], 300) == file_of(*PROVIDER, *subscriber(), *fewer, *more)
