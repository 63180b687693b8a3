"""What a file says that corrections must not break."""

import io
from typing import Any

import pytest

from anodyne.x12.edits import EDITS
from anodyne.x12.survey import SOUND, survey
from anodyne.x12.windows import WINDOW_BYTES, windows
from tests.x12.interchanges import (
    NAME,
    PROVIDER,
    claim,
    file_of,
    group,
    interchange,
    line,
    simple,
    subscriber,
    transaction,
)

SIZES = (300, WINDOW_BYTES)
OTHER = ("SBR*S*18*******CI", "OI***Y***Y", "NM1*IL*1*DOE*PAT", "NM1*PR*2*OTHER*****PI*OTH1")


def told(data: bytes, size: int = WINDOW_BYTES) -> list[dict[str, Any]]:
    return survey(windows(io.BytesIO(data), name=NAME, size=size)).claims.to_dicts()


def miscounted(data: bytes, size: int = WINDOW_BYTES) -> list[tuple[int, int]]:
    return survey(windows(io.BytesIO(data), name=NAME, size=size)).miscounted.rows()


@pytest.mark.parametrize(
    ("own", "other", "of_line", "what"),
    [
        ((), (*OTHER[:1], "AMT*D*80", *OTHER[1:]), (), {"adjudicated": True}),
        ((), (*OTHER[:1], "CAS*CO*45*20", *OTHER[1:]), (), {"adjudicated": True}),
        ((), OTHER, ("SVD*OTH1*80*HC:62323**1",), {"adjudicated": True}),
        (("HCP*01*80",), (), (), {"priced": True}),
        ((), (), ("HCP*01*80",), {"priced": True}),
        ((), (), ("AMT*T*5",), {"taxed": True}),
        (("AMT*F5*25.5",), (), (), {"patient_paid_cents": 2550}),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_what_hangs_on_the_charges_of_a_claim_is_found(
    own: tuple[str, ...], other: tuple[str, ...], of_line: tuple[str, ...], what: dict[str, bool], size: int
) -> None:
    data = simple([*claim("A0"), *line(1)], [*claim("A1", *own), *other, *line(1, *of_line)])
    nothing = {"adjudicated": False, "priced": False, "taxed": False, "patient_paid_cents": 0}
    assert told(data, size) == [{"byte": data.index(b"CLM*A1"), **nothing, **what}]


def test_a_claim_that_another_payer_has_yet_to_see_hangs_on_nothing() -> None:
    assert told(simple([*claim("A0"), *OTHER, *line(1)])) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_transaction_that_counts_wrongly_or_never_ends_is_found(size: int) -> None:
    body = [*PROVIDER, *subscriber(), *claim(), *line()]
    good, bad = transaction(*body), [*transaction(*body)[:-1], "SE*99*0001"]
    length = len(good)
    assert miscounted(file_of(*body), size) == []
    assert miscounted(interchange(group(good, bad)), size) == [(3 + length, 2 + 2 * length)]
    assert miscounted(interchange(group([*good, "SE*5*0001"])), size) == []
    endless = transaction(*body)[:-1]
    assert miscounted(interchange(group(endless, good)), size) == [(3, 1 + length)]
    assert miscounted(interchange(group(endless)), size) == [(3, 1 + length)]


def test_empty_segments_may_be_counted_or_not() -> None:
    data = file_of(*PROVIDER, *subscriber(), *claim(), "", *line())
    count = int(data.split(b"~\nSE*")[1].split(b"*")[0])
    assert miscounted(data) == []
    assert miscounted(data.replace(b"SE*%d" % count, b"SE*%d" % (count - 1))) == []
    assert miscounted(data.replace(b"SE*%d" % count, b"SE*%d" % (count - 2))) == [(3, count + 2)]


def test_the_edits_that_leave_a_claim_in_shape_are_edits() -> None:
    assert EDITS.keys() >= SOUND
    assert not {"X12-BALANCE", "X12-LX", "X12-SEG-PLACE", "X12-ELM-TYPE", "X12-AMOUNT"} & SOUND
