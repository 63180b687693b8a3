"""Names and addresses of a claim file: whose they are, and that nothing shows them."""

import io
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anodyne.kernel.errors import AnodyneError, Truncated, WrongKind
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.read_parties import PARTIES, PRACTITIONERS, Who, read_parties_stream
from anodyne.x12.windows import WINDOW_BYTES
from tests.x12 import interchanges as made
from tests.x12.test_corpus import CORPUS, FILES, segments


def who(data: bytes, size: int = WINDOW_BYTES) -> Who:
    parts = list(read_parties_stream(io.BytesIO(data), name=made.NAME, size=size))
    return Who(pl.concat(p.parties for p in parts), pl.concat(p.practitioners for p in parts))


def party(data: bytes) -> dict[str, Any]:
    found = who(data).parties
    assert len(found) == 1
    return found.row(0, named=True)


def test_a_subscriber_who_is_the_patient() -> None:
    row = party(made.simple(made.claim(), made.line()))
    assert not row["dependent"]
    assert (row["patient_last"], row["patient_first"], row["patient_street"]) == ("DOE", "PAT", "1 ELM ST")
    assert (row["patient_city"], row["patient_state"], row["patient_zip"]) == ("PARMA", "OH", "44129")
    assert (row["subscriber_last"], row["subscriber_kind"], row["subscriber_sex"]) == ("DOE", "1", "F")
    assert str(row["subscriber_birth_date"]) == "1950-01-01"
    assert (row["payer_name"], row["payer_id"]) == ("OHIO PART B", "15202")
    assert row["billing_last"] == "MADE UP PAIN CLINIC"
    assert (row["billing_npi"], row["billing_kind"]) == (made.BILLING_1, "2")
    assert (row["billing_tax_id"], row["billing_tax_id_kind"]) == ("310000001", "EI")
    assert row["billing_street"] == "100 MAIN ST"
    assert row["billing_phone"] is None
    assert row["facility_name"] is None


def test_a_dependent_is_the_patient_and_the_subscriber_stays_beside() -> None:
    body = [*made.PROVIDER, *made.subscriber(own=False), *made.dependent("ANN"), *made.claim(), *made.line()]
    row = party(made.file_of(*body))
    assert row["dependent"]
    assert (row["patient_last"], row["patient_first"]) == ("DOE", "ANN")
    assert row["subscriber_first"] == "PAT"


def test_a_claim_after_a_dependent_under_its_own_subscriber_is_not_the_dependents() -> None:
    body = [
        *made.PROVIDER, *made.subscriber("M1", own=False), *made.dependent("ANN"),
        *made.claim("A1"), *made.line(),
        *made.subscriber("M2", level=4), *made.claim("A2"), *made.line(),
    ]  # fmt: skip
    found = who(made.file_of(*body)).parties
    assert made.told(found, "claim_key", "dependent", "patient_first") == [
        (0, True, "ANN"),
        (1, False, "PAT"),
    ]


@pytest.mark.parametrize(
    ("call", "phone"),
    [
        ("PER*IC*PAT EXAMPLE*TE*2165550100", "2165550100"),
        ("PER*IC*PAT EXAMPLE*EM*A@EXAMPLE.TEST*TE*2165550101*EX*12", "2165550101"),
        ("PER*IC*PAT EXAMPLE*FX*2165550109*EM*A@EXAMPLE.TEST*TE*2165550102", "2165550102"),
        ("PER*IC*PAT EXAMPLE*FX*2165550109", None),
    ],
)
def test_the_billing_providers_telephone(call: str, phone: str | None) -> None:
    body = [*made.PROVIDER, call, *made.subscriber(), *made.claim(), *made.line()]
    assert party(made.file_of(*body))["billing_phone"] == phone


def test_a_person_who_bills_with_their_own_number_and_is_paid_elsewhere() -> None:
    provider = [
        "HL*1**20*1", f"NM1*85*1*ROE*SAM*Q**JR*XX*{made.ROE}",
        "N3*5 OAK ST*STE 4", "N4*COLUMBUS*OH*432150001",
        "REF*SY*123456789", "NM1*87*2", "N3*PO BOX 9", "N4*DAYTON*OH*454010009",
    ]  # fmt: skip
    row = party(made.file_of(*provider, *made.subscriber(), *made.claim(), *made.line()))
    assert [row[f"billing_{name}"] for name in ("kind", "last", "first", "middle", "suffix")] == [
        "1", "ROE", "SAM", "Q", "JR",
    ]  # fmt: skip
    assert (row["billing_tax_id"], row["billing_tax_id_kind"]) == ("123456789", "SY")
    assert (row["billing_street"], row["billing_street_more"]) == ("5 OAK ST", "STE 4")
    assert (row["pay_to_street"], row["pay_to_city"], row["pay_to_zip"]) == (
        "PO BOX 9",
        "DAYTON",
        "454010009",
    )


def test_practitioners_of_a_claim_and_of_its_lines_with_their_taxonomy() -> None:
    body = [
        "CLM*A1*100***11:B:1*Y*A*Y*Y", "HI*ABK:M5416",
        f"NM1*DN*1*REFERRER*RAY****XX*{made.POE}",
        f"NM1*82*1*ROE*SAM****XX*{made.ROE}", "PRV*PE*PXC*208VP0014X",
        f"NM1*77*2*LAKE SURGERY*****XX*{made.FACILITY}", "N3*9 LAKE RD", "N4*PARMA*OH*441290001",
        "NM1*DQ*1*WATCHER*WYN",
        *made.line(1),
        *made.line(2), f"NM1*82*1*OTHER*OLA****XX*{made.POE}", "PRV*PE*PXC*363LF0000X",
    ]  # fmt: skip
    found = who(made.simple(body))
    told = made.told(found.practitioners, "claim_key", "role", "npi", "last", "taxonomy")
    assert told == [
        (0, "referring", made.POE, "REFERRER", None),
        (0, "rendering", made.ROE, "ROE", "208VP0014X"),
        (0, "supervising", None, "WATCHER", None),
        (0, "rendering", made.POE, "OTHER", "363LF0000X"),
    ]
    row = found.parties.row(0, named=True)
    assert (row["facility_name"], row["facility_npi"]) == ("LAKE SURGERY", made.FACILITY)
    assert (row["facility_street"], row["facility_zip"]) == ("9 LAKE RD", "441290001")


@pytest.mark.parametrize("size", [256, 3_000, WINDOW_BYTES])
def test_windows_of_any_size_say_the_same_under_the_same_keys(size: int) -> None:
    body = [
        segment
        for n in range(1, 40)
        for segment in [*made.subscriber(f"M{n}", level=n + 1), *made.claim(f"A{n}"), *made.line()]
    ]
    data = made.file_of(*made.PROVIDER, *body)
    found, whole = who(data, size), who(data)
    assert found.parties.equals(whole.parties)
    assert found.practitioners.equals(whole.practitioners)
    claims = book_of(list(read_stream(io.BytesIO(data), name=made.NAME, size=size))).claims
    assert claims["claim_key"].to_list() == found.parties["claim_key"].to_list()


def test_keys_count_on() -> None:
    data = made.simple(made.claim(), made.line())
    (part,) = read_parties_stream(io.BytesIO(data), name=made.NAME, claim_key=7)
    assert part.parties["claim_key"].to_list() == part.practitioners["claim_key"].to_list() == [7]


def test_what_is_no_claim_file_is_refused_and_no_name_is_shown() -> None:
    data = made.simple(made.claim(), made.line())
    with pytest.raises(Truncated) as caught:
        who(data[: data.index(b"DMG") + 2])
    assert "DOE" not in str(caught.value)
    with pytest.raises(WrongKind):
        who(data.replace(b"GS*HC", b"GS*HP"))
    assert "DOE" not in repr(next(read_parties_stream(io.BytesIO(data), name=made.NAME)))


def test_frames_without_claims_have_their_columns() -> None:
    found = who(made.file_of(*made.PROVIDER, *made.subscriber()))
    assert found.parties.schema == pl.Schema(PARTIES)
    assert found.practitioners.schema == pl.Schema(PRACTITIONERS)


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}")
@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "837P"], ids=lambda path: path.name)
def test_real_files_have_a_row_a_claim_with_the_names_that_stand_there(path: Path) -> None:
    data = path.read_bytes()
    try:
        book = book_of(list(read_stream(io.BytesIO(data), name=made.NAME)))
    except AnodyneError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            who(data)
        return
    found = who(data)
    assert found.parties["claim_key"].to_list() == book.claims["claim_key"].to_list()
    patients: list[str | None] = []
    above: dict[str, str] = {}
    level = ""
    for elements in segments(data):
        if elements[0] in ("ISA", "HL"):
            level = elements[3] if elements[0] == "HL" else ""
            above = {name: last for name, last in above.items() if level == "23" and name == "IL"}
        if elements[0] == "CLM":
            patients.append(above.get("QC", above.get("IL")) or None)
            level = "claim"
        if elements[0] == "NM1" and (elements[1], level) in {("IL", "22"), ("QC", "23")}:
            above[elements[1]] = elements[3]
    assert found.parties["patient_last"].to_list() == patients
