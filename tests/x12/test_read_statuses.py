"""Acknowledgements: every file of the corpus against a plain count, and made-up ones for what it lacks."""

import datetime as dt
import io
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import AnodyneError, Truncated, UnreadableFile, WrongKind
from anodyne.model.frames import ACKNOWLEDGEMENTS, CLAIM_STATUSES
from anodyne.x12.read_statuses import StatusKeys, StatusPart, read_status_stream, read_statuses
from tests.claims import Claim, Line, file_of
from tests.denials.acknowledged import Status, claim_file, file_file, whole
from tests.x12.test_corpus import CORPUS, segments

KINDS = ("999", "997", "277CA")
FILES = sorted(path for kind in KINDS for path in (CORPUS / kind).glob("*")) if CORPUS.is_dir() else []
OTHERS = sorted(path for kind in ("277", "ta1", "835", "837P") for path in (CORPUS / kind).glob("*"))
READ = 13
"""How many of them are whole, readable 5010 acknowledgements; one is cut off, one of 4010."""

without_corpus = pytest.mark.skipif(
    not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}"
)


def read(data: bytes, size: int = 1 << 20, keys: StatusKeys | None = None) -> StatusPart:
    """All that `data` says."""
    parts = list(read_status_stream(io.BytesIO(data), name="f", size=size, keys=keys or StatusKeys()))
    return StatusPart(
        pl.concat([part.acknowledgements for part in parts]),
        pl.concat([part.statuses for part in parts]),
        b"".join(part.raw for part in parts),
    )


def component(data: bytes) -> str:
    text = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return text.split(text[3])[16][0]


@pytest.mark.corpus
@without_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_real_file_says_what_a_plain_count_says(path: Path) -> None:
    data = path.read_bytes()
    try:
        part = read(data)
    except AnodyneError as error:
        assert re.fullmatch(r"f, segment \d+, byte \d+", error.where)  # noqa: PT017
        assert isinstance(error, Truncated) or "4010" in str(error)  # noqa: PT017
        return
    assert part.raw == data
    found = segments(data)
    mark = component(data)
    said = [e for e in found if e[0] in {"AK9", "IK5", "AK5", "IK3", "AK3", "IK4", "AK4"}]
    acks = part.acknowledgements
    assert len(acks) == len(said)
    verdicts = [e[1] for e in said if e[0] in {"AK9", "IK5", "AK5"}]
    assert acks["verdict"].drop_nulls().to_list() == verdicts
    places = [int(e[2]) for e in said if e[0] in {"IK3", "AK3"}]
    assert acks.filter(level="segment")["sent_position"].to_list() == places
    errors = Counter(e[4] for e in said if e[0] in {"IK3", "AK3"}) + Counter(
        e[3] for e in said if e[0] in {"IK4", "AK4"}
    )
    small = acks.filter(pl.col("level").is_in(["segment", "element"]))
    assert Counter(small["errors"].explode().to_list()) == errors
    sent = [e[2] for e in found if e[0] == "AK2"]
    assert acks.filter(level="transaction")["sent_control"].to_list() == sent

    stc = [e for e in found if e[0] == "STC"]
    statuses = part.statuses
    codes = [e[n].split(mark) for e in stc for n in (1, 10, 11) if len(e) > n and e[n]]
    assert statuses["category"].to_list() == [code[0] for code in codes]
    assert statuses["status"].to_list() == [code[1] for code in codes]
    assert statuses["entity"].fill_null("").to_list() == [(*code, "")[2] for code in codes]
    charges = sum(round(float(e[4]) * 100) for e in stc if len(e) > 4 and e[4])
    assert statuses.filter(place=1)["charge_cents"].sum() == charges
    traces = [
        (e[2], number)
        for number, e in enumerate(found, 1)
        if e[0] == "TRN" and [x for x in found[:number] if x[0] == "HL"][-1][3] == "PT"
    ]
    named = statuses.drop_nulls("claim_segment").unique("claim_segment", maintain_order=True)
    assert list(named.select("claim_id", "claim_segment").iter_rows()) == traces


@pytest.mark.corpus
@without_corpus
def test_most_files_of_the_corpus_are_read() -> None:
    read_well = 0
    for path in FILES:
        try:
            read(path.read_bytes())
        except UnreadableFile:
            continue
        read_well += 1
    assert read_well == READ
    assert len(FILES) == READ + 2


@pytest.mark.corpus
@without_corpus
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_another_kind_is_refused_with_its_place(path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(path.read_bytes())
    assert re.fullmatch(r"f, segment \d+, byte \d+", caught.value.where)


def test_a_claim_acknowledgement_says_all_of_its_levels() -> None:
    line = ("SVC*HC:20553*75", "STC*A7:454*20261123*U*75******A7:507", "REF*FJ*L2", "DTP*472*D8*20261015")
    data = claim_file(
        Status("A1", ["A7:562:85", "A3:21"], "U", lines=line),
        Status("A2", control="PCN2", member="M2"),
        totals=("QTY*90*1", "QTY*AA*1", "AMT*YU*100", "AMT*YY*100"),
        provider=("TRN*1*0", "STC*A1:19:85**WQ*200", "QTY*QA*1", "QTY*QC*1"),
    )
    rows = read(data).statuses
    assert rows["level"].to_list() == ["batch", "provider", *("claim",) * 2, *("line",) * 2, "claim"]
    batch = rows.row(0, named=True)
    assert (batch["batch"], batch["accepted_count"], batch["rejected_cents"]) == ("1", 1, 100_00)
    assert (batch["source_kind"], batch["source_id"], batch["source_name"]) == ("PR", "S1", "MADE UP PLAN")
    assert (batch["received_on"], batch["processed_on"]) == (dt.date(2026, 11, 22), dt.date(2026, 11, 23))
    assert rows["accepted_count"].to_list() == [1, 1, *(None,) * 5]
    assert rows["rejected_cents"].to_list() == [100_00, *(None,) * 6]
    assert set(rows["billing_npi"].to_list()[1:]) == {"1000000418"}
    assert batch["billing_npi"] is None
    assert rows["claim_id"].to_list() == [None, None, "A1", "A1", "A1", "A1", "A2"]
    assert rows["payer_control"].to_list() == [*(None,) * 6, "PCN2"]
    of_line = rows.filter(level="line")
    assert of_line["line_control"].to_list() == ["L2", "L2"]
    assert of_line["code"].to_list() == ["20553", "20553"]
    assert of_line["place"].to_list() == [1, 2]
    assert of_line["status"].to_list() == ["454", "507"]
    assert of_line["served_on"].to_list() == [dt.date(2026, 10, 15)] * 2
    assert rows.filter(level="claim")["served_on"].to_list() == [dt.date(2026, 10, 14)] * 3
    assert rows["status_key"].to_list() == list(range(7))


def test_a_file_acknowledgement_says_what_is_wrong_and_where() -> None:
    data = file_file(
        "AK2*837*0001*005010X222A1",
        "IK3*CLM*19*2300*8",
        "CTX*CLM01:A1",
        "IK4*5:1*1331*7*DOE",
        "IK4*2*782*1",
        "IK5*R*5*I5",
        "AK2*837*0002",
        "IK5*A",
        "AK9*P*2*2*1*5",
    )
    part = read(data)
    rows = part.acknowledgements
    assert rows["level"].to_list() == ["segment", "element", "element", *("transaction",) * 2, "group"]
    assert rows["errors"].to_list() == [["8"], ["7"], ["1"], ["5", "I5"], [], ["5"]]
    assert rows["sent_element"].to_list() == [None, 5, 2, None, None, None]
    assert rows["sent_component"].to_list() == [None, 1, None, None, None, None]
    assert rows["sent_position"].to_list() == [19, 19, 19, None, None, None]
    assert rows["sent_loop"].to_list() == ["2300"] * 3 + [None] * 3
    assert rows["claim_id"].to_list() == ["A1"] * 3 + [None] * 3
    assert rows["sent_control"].to_list() == ["0001"] * 4 + ["0002", None]
    assert rows["sent_version"].to_list() == ["005010X222A1"] * 6
    last = rows.row(5, named=True)
    assert (last["included"], last["received"], last["accepted"], last["verdict"]) == (2, 2, 1, "P")
    assert "DOE" not in str(part.acknowledgements.rows())
    assert (rows.schema, part.statuses.schema) == (dict(ACKNOWLEDGEMENTS), dict(CLAIM_STATUSES))


@pytest.mark.parametrize("size", [64, 300, 2_000])
def test_files_of_both_kinds_in_a_row_say_the_same_in_windows_of_any_size(size: int) -> None:
    one = claim_file(Status("A1"), Status("A2"))
    other = file_file("AK2*837*0001", "IK3*CLM*19**8", "IK5*R*5", "AK9*R*1*1*0")
    data = one + other + one.replace(b"*", b"|").replace(b":", b"^") + other
    keys = StatusKeys(7, 70)
    every = read(data, keys=keys)
    cut = read(data, size, keys)
    assert cut.acknowledgements.equals(every.acknowledgements)
    assert cut.statuses.equals(every.statuses)
    assert cut.raw == every.raw == data
    assert every.acknowledgements["acknowledgement_key"].to_list() == list(range(7, 13))
    assert every.statuses["status_key"].to_list() == list(range(70, 76))
    places = {(row["segment"], row["byte"]) for row in every.statuses.iter_rows(named=True)}
    for number, byte in places:
        assert data[byte : byte + 3] == b"STC"
        assert data[:byte].count(b"~") == number - 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (file_of(Claim([Line("99213")])), "claims (837): give them with --claims"),
        (
            whole("HN", "277", "005010X212", ["BHT*0010*08*1*20261123*1200*DG"], "20261123"),
            "answers an inquiry",
        ),
        (whole("FA", "997", "004010", ["AK1*HC*1"], "20261123"), "version 4010"),
        (whole("HN", "999", "005010X214", ["AK1*HC*1"], "20261123"), "transaction 999"),
    ],
    ids=["claims", "status response", "4010", "kinds that do not go together"],
)
def test_another_kind_is_called_by_its_name(data: bytes, says: str) -> None:
    with pytest.raises(WrongKind, match=re.escape(says)) as caught:
        read(data)
    assert "999, 997 or 277CA" in caught.value.fix


def test_an_envelope_without_a_transaction_is_refused() -> None:
    data = claim_file(Status("A1"))
    bare = data[: data.index(b"GS*")] + data[data.index(b"IEA*") :]
    with pytest.raises(WrongKind, match="holds no transaction"):
        read(bare)
    alone = bare.replace(b"IEA*1", b"TA1*000000009*261123*1200*A*000~\nIEA*0")
    with pytest.raises(WrongKind, match="holds a TA1"):
        read(alone)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        list(read_statuses(tmp_path / "none.277"))
