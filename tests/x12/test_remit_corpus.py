"""Real remittances that others made, against an independent count: plain splitting, a loop, and Decimal."""

import datetime as dt
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from anodyne.kernel.errors import AnodyneError
from anodyne.model.remittance import SCHEMAS
from anodyne.x12.read_remits import read_remit_stream
from tests.x12.interchanges import told
from tests.x12.remittances import read, same
from tests.x12.test_corpus import CORPUS, segments

FILES = sorted(path for path in (CORPUS / "835").glob("*") if path.is_file()) if CORPUS.is_dir() else []
OTHERS = sorted(path for path in CORPUS.glob("*/*") if path.is_file() and path.parent.name != "835")
REFUSED = {
    # 4010
    "Inteligenz+X12Parser___835___4010__Example1_GripElements.txt",
    "apimeister+x12-types___835_test__parse_835_01.x12",
    "azoner+pyx12__x12testdata__835id.x12",
    "azoner+pyx12__x12testdata__bad_header_looping.x12",
    # no interchange header where the file begins
    "clawdgeorge-prog+x12-parser__external-test-files__jobisez_sample_835.edi",
    "clawdgeorge-prog+x12-parser__tests__fixtures__sample_835_shifted_elements.edi",
    "freemed+remitt__src__main__webapp__testHarness.jsp",
    "kputnam+stupidedi__X221_HP835_Health_Care_Claim_Payment_Advice__case__2.edi",
    "kputnam+stupidedi__X221_HP835_Health_Care_Claim_Payment_Advice__case__3a.edi",
    "kputnam+stupidedi__notes__split.edi",
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}"),
]

Row = tuple[object, ...]


@dataclass
class Count:
    """All that a file says, in its order; None for what is not there or is no amount."""

    payments: list[list[object]] = field(default_factory=list)
    """Trace, amount, method and day."""
    claims: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    adjustments: list[Row] = field(default_factory=list)
    remarks: list[Row] = field(default_factory=list)
    amounts: list[Row] = field(default_factory=list)
    provider_adjustments: list[Row] = field(default_factory=list)


def count(data: bytes) -> Count:
    found = Count()
    component = component_of(data)
    line: int | None = None
    for elements in segments(data):

        def at(place: int, elements: list[str] = elements) -> str | None:
            return elements[place] or None if place < len(elements) else None

        match elements[0]:
            case "ST":
                found.payments.append([None] * 4)
            case "BPR" if found.payments:
                found.payments[-1][1:] = cents(at(2)), at(4), day(at(16))
            case "TRN" if found.payments:
                found.payments[-1][0] = at(2)
            case "CLP":
                found.claims.append(
                    (len(found.payments) - 1, at(1), at(2), cents(at(3)), cents(at(4)), cents(at(5)), at(7))
                )
                line = None
            case "SVC":
                line = len(found.lines)
                given = [part or None for part in [*(at(1) or "").split(component), *[""] * 6][:6]]
                sent = [part or None for part in [*(at(6) or "").split(component), *[""] * 6][:6]]
                units = 1.0 if at(5) is None else number(at(5))
                money = (cents(at(2)), cents(at(3)))
                found.lines.append((len(found.claims) - 1, *given, *money, units, sent[1], number(at(7))))
            case "CAS":
                for place in range(2, len(elements), 3):
                    told_of = at(place), cents(at(place + 1)), number(at(place + 2))
                    if any(at(n) for n in range(place, place + 3)):
                        found.adjustments.append((len(found.claims) - 1, line, at(1), *told_of))
            case "LQ" if at(2):
                found.remarks.append((len(found.claims) - 1, line, at(2)))
            case "MIA":
                codes = [at(n) for n in (5, 20, 21, 22, 23) if at(n)]
                found.remarks += [(len(found.claims) - 1, None, code) for code in codes]
            case "MOA":
                codes = [at(n) for n in (3, 4, 5, 6, 7) if at(n)]
                found.remarks += [(len(found.claims) - 1, None, code) for code in codes]
            case "AMT":
                found.amounts.append((len(found.claims) - 1, line, at(1), cents(at(2))))
            case "PLB":
                for place in range(3, len(elements), 2):
                    if at(place) or at(place + 1):
                        reason, *rest = (at(place) or "").split(component)
                        reference = rest[0] if rest else ""
                        parts = reason or None, reference or None, cents(at(place + 1))
                        found.provider_adjustments.append((len(found.payments) - 1, at(1), *parts))
    return found


def component_of(data: bytes) -> str:
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    header = re.match(
        rf"ISA(?:{re.escape(text[3])}[^{re.escape(text[3])}]*){{15}}{re.escape(text[3])}(.)", text
    )
    assert header is not None
    return header[1]


def cents(text: str | None) -> int | None:
    value = decimal(text)
    return None if value is None or value * 100 != int(value * 100) else int(value * 100)


def number(text: str | None) -> float | None:
    value = decimal(text)
    return None if value is None else float(value)


def decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return None


def control_of(found: list[list[str]]) -> list[str]:
    return [elements[2] for elements in found if elements[0] == "ST"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_claim_line_cent_adjustment_and_remark_is_read(path: Path) -> None:
    data = path.read_bytes()
    if path.name in REFUSED:
        with pytest.raises(AnodyneError) as caught:
            read(data, name=path.name)
        assert caught.value.place is not None
        assert caught.value.place.file == path.name
        assert caught.value.fix
        return
    found, wanted = read(data, name=path.name), count(data)
    assert found.payments["control"].to_list() == control_of(segments(data))
    of_payment = ("trace", "amount_cents", "method", "paid_on")
    assert told(found.payments, *of_payment) == [*map(tuple, wanted.payments)]
    of_claim = (
        "payment_key",
        "claim_id",
        "status",
        "charge_cents",
        "paid_cents",
        "patient_cents",
        "payer_control",
    )
    assert told(found.remits, *of_claim) == wanted.claims
    composite = ("code_system", "code", "mod1", "mod2", "mod3", "mod4")
    money = ("charge_cents", "paid_cents", "units", "submitted_code", "submitted_units")
    assert told(found.lines, "remit_key", *composite, *money) == wanted.lines
    of_reason = ("remit_key", "remit_line_key", "group", "reason", "cents", "units")
    assert told(found.adjustments, *of_reason) == wanted.adjustments
    assert told(found.remarks, "remit_key", "remit_line_key", "code") == wanted.remarks
    assert told(found.amounts, "remit_key", "remit_line_key", "qualifier", "cents") == wanted.amounts
    of_provider = ("payment_key", "provider", "reason", "reference", "cents")
    assert told(found.provider_adjustments, *of_provider) == wanted.provider_adjustments


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name not in REFUSED], ids=lambda path: path.name
)
def test_every_row_knows_its_place(path: Path) -> None:
    data = path.read_bytes()
    places = [
        (number, elements[0])
        for number, elements in enumerate(segments(data), start=1)
        if elements[0] in {"ST", "CLP", "SVC"}
    ]
    found = read(data, name=path.name)
    for mark, frame in (("ST", found.payments), ("CLP", found.remits), ("SVC", found.lines)):
        assert frame["segment"].to_list() == [segment for segment, name in places if name == mark]
        assert all(data[byte:].startswith(mark.encode()) for byte in frame["byte"])


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name not in REFUSED], ids=lambda path: path.name
)
@pytest.mark.parametrize("size", [256, 1_000])
def test_a_real_remittance_says_the_same_in_windows_of_any_size(path: Path, size: int) -> None:
    data = path.read_bytes()
    parts = list(read_remit_stream(io.BytesIO(data), name=path.name, size=size))
    assert b"".join(part.raw for part in parts) == data
    assert same(read(data, size, path.name), read(data, name=path.name))


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_no_remittance_is_refused(path: Path) -> None:
    data = path.read_bytes()
    try:
        found = read(data, name=path.name)
    except AnodyneError as error:
        assert error.place is not None  # noqa: PT017
        return
    # Some lie in a folder of another kind.
    assert {elements[1] for elements in segments(data) if elements[0] == "ST"} == {"835"}
    assert sum(len(getattr(found, name)) for name in SCHEMAS)
