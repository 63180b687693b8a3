"""A file of claims comes in once, whole or not at all, and overwrites nothing that is known."""

import datetime as dt
import hashlib
import random
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.utils import timezone

from anodyne.app.practice.importing import import_claims
from anodyne.app.practice.intake import CameIn, shown_name, taken_in
from anodyne.kernel.errors import AnodyneError, Truncated, UnreadableFile, WrongKind
from anodyne.model.frames import CLAIMS, LINES
from anodyne.store.books import shelf
from anodyne.store.models import (
    BillingProvider,
    Claim,
    ClaimState,
    Coverage,
    Document,
    Facility,
    Finding,
    Line,
    Patient,
    Payer,
    Provider,
    Task,
    Trail,
)
from anodyne.store.scope import within
from tests.practice import Small, make_practice
from tests.x12 import interchanges as made
from tests.x12.test_corpus import CORPUS, FILES, segments

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)
OWN = ("claim_key", "judged", "file", "segment", "byte", "patient")
PLACED = ("claim_key", "line_key", "segment", "byte")
ALL = (BillingProvider, Claim, Coverage, Document, Facility, Line, Patient, Payer, Provider, Task)


def take(one: Small, data: bytes, name: str = "day.837", **more: Any) -> CameIn:
    with within(one.practice.pk, one.user.pk):
        return import_claims(data, name, user=one.user, as_of=TODAY, **more)


def claim_file(*claims: list[str], member: str = "M1", **more: Any) -> bytes:
    body = [segment for each in claims for segment in each]
    return made.file_of(*made.PROVIDER, *made.subscriber(member, **more), *body)


def one_claim(
    claim_id: str = "A1", *, charge: str = "100", day: str = "20261014", own: str = ""
) -> list[str]:
    return [
        *made.claim(claim_id, *([own] if own else []), charge=charge),
        *made.line(1, charge=charge, day=f"D8*{day}"),
    ]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in ALL}


def test_a_claim_comes_in_with_everybody_in_it() -> None:
    one = make_practice()
    came = take(one, claim_file(one_claim(own="REF*EA*77")))
    assert (came.again, came.counts["claims"], came.counts["lines"]) == (False, 1, 1)
    assert came.counts["charge_cents"] == 100_00
    assert came.told == ()
    with within(one.practice.pk, one.user.pk):
        claim = Claim.objects.get(pk__in=came.claims)
        assert (claim.claim_id, claim.rank, claim.charge_cents) == ("A1", "P", 100_00)
        assert claim.served_on == claim.served_to == dt.date(2026, 10, 14)
        patient = claim.patient
        assert (patient.last, patient.first, patient.sex) == ("DOE", "PAT", "F")
        assert (patient.number, patient.medical_record) == ("77", "77")
        assert (patient.street, patient.city, patient.zip) == ("1 ELM ST", "PARMA", "44129")
        assert claim.coverage is not None
        assert (claim.coverage.member_id, claim.coverage.group_number) == ("M1", "GRP7")
        assert claim.coverage.period.lower == dt.date(2026, 10, 14)
        assert claim.coverage.period.upper is None
        assert (claim.billing.name, claim.billing.tax_id) == ("MADE UP PAIN CLINIC", "310000001")
        assert claim.facility is None
        assert Provider.objects.get(npi=made.ROE).last == "ROE"
        # The payer was known by its id: its name here stays.
        assert claim.payer.name == "MEDICARE PART B OHIO"
        document = Document.objects.get()
        assert (document.kind, document.name, document.by_id) == ("837P", "day.837", one.user.pk)


def test_what_came_in_is_judged_at_once() -> None:
    one = make_practice()
    take(one, claim_file(one_claim()))
    with within(one.practice.pk):
        claim = Claim.objects.get(claim_id="A1")
        assert claim.versions.get().checked_at is not None
        assert claim.state in (ClaimState.HELD, ClaimState.READY)
        assert Finding.objects.exists()


def test_the_same_bytes_again_do_nothing_more() -> None:
    one = make_practice()
    data = claim_file(one_claim())
    first = take(one, data)
    with within(one.practice.pk):
        before, trail = counts(), Trail.objects.count()
    again = take(one, data, "another name.837")
    assert (again.again, again.document, again.counts) == (True, first.document, first.counts)
    with within(one.practice.pk):
        assert counts() == before
        assert Trail.objects.count() == trail


def test_another_file_with_the_same_claim_skips_it() -> None:
    one = make_practice()
    take(one, claim_file(one_claim("A1")))
    came = take(one, claim_file(one_claim("A1"), one_claim("A2")))
    assert (came.counts["claims"], came.counts["known"], came.told) == (1, 1, ())
    with within(one.practice.pk):
        assert Claim.objects.count() == 2
        assert Patient.objects.filter(last="DOE").count() == 1


def test_a_claim_that_says_something_else_is_left_for_a_person() -> None:
    one = make_practice()
    first = take(one, claim_file(one_claim("A1")))
    came = take(one, claim_file(one_claim("A1", charge="120")))
    assert (came.counts["claims"], came.counts["known"]) == (0, 0)
    (told,) = came.told
    assert (told.item, told.taken, told.claim) == ("claim A1", False, first.claims[0])
    assert "segment" in told.place
    with within(one.practice.pk):
        assert Claim.objects.get().charge_cents == 100_00
        task = Task.objects.get()
        assert task.title == "1 of the claims in day.837 wait for a person"
        kept = taken_in(came.document)
        assert kept is not None
        assert kept[0].told == came.told


def test_one_id_twice_in_a_file() -> None:
    one = make_practice()
    came = take(one, claim_file(one_claim("A1"), one_claim("A1"), one_claim("A1", charge="90")))
    assert (came.counts["claims"], came.counts["known"], len(came.told)) == (1, 1, 1)
    assert "earlier claim of the file" in came.told[0].why


def test_the_same_id_for_a_later_payer_is_another_claim() -> None:
    one = make_practice()
    second = [
        segment.replace("SBR*P", "SBR*S").replace("15202", "CDR01")
        for segment in made.subscriber("X9", level=3)
    ]
    data = made.file_of(*made.PROVIDER, *made.subscriber("M1"), *one_claim("A1"), *second, *one_claim("A1"))
    came = take(one, data)
    with within(one.practice.pk):
        assert came.counts["claims"] == 2
        assert set(Claim.objects.values_list("claim_id", "rank")) == {("A1", "P"), ("A1", "S")}
        assert set(Coverage.objects.filter(member_id="X9").values_list("rank", flat=True)) == {2}


OTHER = ["SBR*{}*18*******CI", "OI***Y***Y", "NM1*IL*1*DOE*PAT****MI*X1", "NM1*PR*2*CEDAR*****PI*CDR01"]


def with_other(rank: str) -> list[str]:
    """A claim that names a payer of `rank` besides the one it goes to."""
    return [*made.claim("A1"), *(segment.format(rank) for segment in OTHER), *made.line()]


def test_a_claim_to_be_sent_that_names_a_further_payer_is_told() -> None:
    one = make_practice()
    came = take(one, claim_file(with_other("S")))
    assert (came.counts["claims"], [told.taken for told in came.told]) == (1, [True])
    assert "further payer" in came.told[0].why


def test_a_claim_to_a_later_payer_comes_in_only_as_sent() -> None:
    one = make_practice()
    later = claim_file(with_other("P")).replace(b"SBR*P*18*GRP7", b"SBR*S*18*GRP7")
    came = take(one, later)
    assert (came.counts["claims"], [told.taken for told in came.told]) == (0, [False])
    assert "later payer" in came.told[0].why
    sent = take(one, later + b"\n", sent_at=timezone.now())
    assert (sent.counts["claims"], sent.told) == (1, ())


def test_claims_sent_elsewhere_come_as_sent_and_never_change() -> None:
    one = make_practice()
    sent = timezone.now() - dt.timedelta(days=3)
    take(one, claim_file(one_claim(own="REF*F8*ICN1")), sent_at=sent)
    with within(one.practice.pk):
        claim = Claim.objects.get()
        assert (claim.state, claim.sent_at, claim.payer_control) == ("sent", sent, "ICN1")
        assert claim.versions.get().closed_at == sent
        assert not Finding.objects.exists()


@pytest.mark.parametrize("kept", [200, 700, -20])
def test_of_a_file_that_is_cut_nothing_stays(kept: int) -> None:
    one = make_practice()
    with within(one.practice.pk):
        before = counts()
    data = claim_file(*(one_claim(f"A{n}") for n in range(30)))
    with pytest.raises(Truncated) as caught:
        take(one, data[:kept], "../DOE.837")
    assert caught.value.place is not None
    assert caught.value.place.file == "DOE.837"
    with within(one.practice.pk):
        assert counts() == before
    assert take(one, data).counts["claims"] == 30


def test_what_is_no_claim_file_is_refused() -> None:
    one = make_practice()
    with pytest.raises(WrongKind):
        take(one, claim_file(one_claim()).replace(b"GS*HC", b"GS*HP"))
    for data in (b"", b"patient,last\n", b"\0" * 300):
        with pytest.raises(AnodyneError):
            take(one, data)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("CLM*A1*", "CLM**", "it has no id"),
        ("PI*15202", "PI*", "it has no payer id"),
        (f"XX*{made.BILLING_1}", "*", "it has no NPI of the billing provider"),
        ("IL*1*DOE", "IL*1*", "it has no name of the patient"),
        ("D8*19500101", "D8*1950", "its patient has no birth date"),
        ("SBR*P", "SBR*A", "its payer is neither the first, second nor third"),
        ("CLM*A1*100", "CLM*A1*-5", "its charge is less than nothing"),
        ("CLM*A1*100", "CLM*A1*1E5", "it has no charge"),
        ("LX*1", "LX*X", "its lines are not numbered one by one"),
        ("LX*1", "LX*99999", "its lines are not numbered one by one"),
        ("HC:62323", "HC:", "line 1 has no code"),
        ("*100*UN", "*-100*UN", "line 1 has no charge"),
        ("DTP*472*D8*20261014", "DTP*472*D8*2026", "no line has a day of service"),
        ("DOE*PAT", f"DOE*{'P' * 36}", "it holds a value that is longer than a claim may hold (first)"),
        ("OHIO PART B", "O" * 61, "it holds a value that is longer than a claim may hold (name)"),
        ("ROE*SAM", "ROE*SAM" + "S" * 40, "it holds a value that is longer than a claim may hold (first)"),
        ("DOE*PAT", "DOE*PAT\0", "it holds a value that is longer than a claim may hold (patient_first)"),
        ("HC:62323", "HC:62323:LTRT", "line 1 holds a value that is longer than a claim may hold"),
        ("HC:62323", "HC:62323:\0", "line 1 holds a value that is longer than a claim may hold"),
    ],
)
def test_a_claim_that_cannot_be_kept_is_told_and_the_others_come_in(old: str, new: str, why: str) -> None:
    one = make_practice()

    def written(*body: str) -> str:
        return "".join(map(made.PLAIN.put_on, body))

    bad = written(*made.PROVIDER, *made.subscriber("M1"), *one_claim("A1"))
    good = written(*made.PROVIDER, *made.subscriber("M2", level=3), *one_claim("B1"))
    whole = made.file_of(*made.PROVIDER, *made.subscriber("M1"), *one_claim("A1")).decode()
    assert bad in whole
    assert old in bad
    came = take(one, whole.replace(bad, bad.replace(old, new, 1) + good).encode())
    assert [told.why for told in came.told] == [why]
    with within(one.practice.pk):
        assert list(Claim.objects.values_list("claim_id", flat=True)) == ["B1"]


class TestPatients:
    """Who is who: member id and birth date, else the number; a name alone is nobody."""

    def take(self, one: Small, *parts: list[str]) -> CameIn:
        return take(one, made.file_of(*made.PROVIDER, *(segment for part in parts for segment in part)))

    def test_a_known_patient_by_member_id_and_birth_date_whatever_the_name(self) -> None:
        one = make_practice()
        who = [
            segment.replace("19500101", "19500402").replace("DOE*PAT", "SAMPLE*ALEXANDRA")
            for segment in made.subscriber("1eg4te5mk72")
        ]
        came = self.take(one, who, one_claim())
        with within(one.practice.pk):
            assert Claim.objects.get().patient_id == one.patient.pk
            assert Patient.objects.get().first == "ALEX"
            assert Claim.objects.get().coverage_id is None
        assert came.told[0].taken

    def test_the_same_name_and_birth_date_are_not_enough(self) -> None:
        one = make_practice()
        who = [
            segment.replace("19500101", "19500402").replace("DOE*PAT", "SAMPLE*ALEX")
            for segment in made.subscriber("ANOTHER")
        ]
        self.take(one, who, one_claim())
        with within(one.practice.pk):
            assert Patient.objects.count() == 2

    def test_by_the_practices_number_and_birth_date(self) -> None:
        one = make_practice()
        who = made.subscriber("ANOTHER", birth="19500402")
        came = self.take(one, who, one_claim(own="REF*EA*P1"))
        with within(one.practice.pk):
            assert Claim.objects.get().patient_id == one.patient.pk
            assert Claim.objects.get().coverage_id is None
        assert came.told[0].why.startswith("it goes to another payer or member id")

    def test_a_number_with_another_birth_date_is_for_a_person(self) -> None:
        one = make_practice()
        came = self.take(one, made.subscriber("ANOTHER"), one_claim(own="REF*EA*P1"))
        assert came.counts["claims"] == 0
        assert "another birth date" in came.told[0].why

    def test_one_record_number_under_two_member_ids_of_a_file_is_one_person(self) -> None:
        one = make_practice()
        self.take(
            one,
            made.subscriber("M1"), one_claim("A1", own="REF*EA*77"),
            made.subscriber("M2", level=3), one_claim("A2", day="20261101", own="REF*EA*77"),
            made.subscriber("M3", level=4, birth="19510101"), one_claim("A3", own="REF*EA*77"),
        )  # fmt: skip
        with within(one.practice.pk):
            a1, a2 = Claim.objects.order_by("claim_id")
            assert a1.patient_id == a2.patient_id
            assert a1.coverage is not None
            assert a2.coverage is not None
            assert a1.coverage.period.upper == a2.coverage.period.lower == dt.date(2026, 11, 1)

    def test_twins_under_one_member_id_are_two(self) -> None:
        one = make_practice()
        parts = [made.subscriber("M1", own=False)]
        for n, first in enumerate(("ANN", "BEN", "ANN")):
            parts += [made.dependent(first, level=n + 3), one_claim(f"A{n}")]
        self.take(one, *parts)
        self.take(one, made.subscriber("M1", own=False), made.dependent("CAL"), one_claim("A3"))
        self.take(one, made.subscriber("M1", own=False), made.dependent("BEN"), one_claim("A4"))
        with within(one.practice.pk):
            names = dict(Claim.objects.values_list("claim_id", "patient__first"))
            assert names == {"A0": "ANN", "A1": "BEN", "A2": "ANN", "A3": "CAL", "A4": "BEN"}
            assert Patient.objects.filter(first__in=["ANN", "BEN", "CAL"]).count() == 3
            coverage = Coverage.objects.filter(patient__first="BEN").get()
            assert (coverage.relationship, coverage.subscriber_first) == ("19", "PAT")
            assert coverage.subscriber_birth_date == dt.date(1950, 1, 1)

    def test_without_a_member_id_the_claim_has_a_patient_of_its_own(self) -> None:
        one = make_practice()
        who = [segment.replace("*MI*M1", "") for segment in made.subscriber()]
        came = self.take(one, who, one_claim("A1"), one_claim("A2"))
        assert came.counts["claims"] == 2
        assert [told.why for told in came.told] == ["it names no member id"] * 2
        with within(one.practice.pk):
            assert len(set(Claim.objects.values_list("patient_id", flat=True))) == 2


class TestCoverage:
    """Payers follow one another; what is known is never moved."""

    def periods(self, one: Small) -> list[tuple[str, Any, Any]]:
        with within(one.practice.pk):
            found = Coverage.objects.exclude(pk=one.coverage.pk).order_by("period")
            return [(c.member_id, c.period.lower, c.period.upper) for c in found]

    def claims(self, *told: tuple[str, str, str]) -> bytes:
        """Claims of one person (by record number): id, member id and day."""
        body = []
        for n, (claim_id, member, day) in enumerate(told):
            body += [*made.subscriber(member, level=n + 2), *one_claim(claim_id, day=day, own="REF*EA*77")]
        return made.file_of(*made.PROVIDER, *body)

    def test_one_ends_where_the_next_begins(self) -> None:
        one = make_practice()
        came = take(one, self.claims(
            ("A1", "M1", "20260105"), ("A3", "M2", "20260701"),
            ("A2", "M1", "20260620"), ("A4", "M2", "20260901"),
        ))  # fmt: skip
        assert came.told == ()
        assert self.periods(one) == [
            ("M1", dt.date(2026, 1, 5), dt.date(2026, 7, 1)), ("M2", dt.date(2026, 7, 1), None),
        ]  # fmt: skip

    def test_back_and_forth_keeps_the_first_and_tells_the_others(self) -> None:
        one = make_practice()
        came = take(one, self.claims(
            ("A1", "M1", "20260105"), ("A2", "M2", "20260201"), ("A3", "M1", "20260301"),
        ))  # fmt: skip
        assert self.periods(one) == [("M1", dt.date(2026, 1, 5), None)]
        assert [told.item for told in came.told] == ["claim A2"]

    def test_earlier_days_in_a_later_file_fill_the_gap(self) -> None:
        one = make_practice()
        take(one, self.claims(("A1", "M1", "20260601")))
        came = take(one, self.claims(("A2", "M1", "20260101")))
        assert came.told == ()
        assert self.periods(one) == [
            ("M1", dt.date(2026, 1, 1), dt.date(2026, 6, 1)), ("M1", dt.date(2026, 6, 1), None),
        ]  # fmt: skip

    def test_what_is_known_is_not_closed(self) -> None:
        one = make_practice()
        take(one, self.claims(("A1", "M1", "20260101")))
        came = take(one, self.claims(("A2", "M2", "20260601")))
        assert self.periods(one) == [("M1", dt.date(2026, 1, 1), None)]
        assert [told.taken for told in came.told] == [True]


def test_places_of_service_are_told_apart_by_their_code() -> None:
    one = make_practice()
    site = [f"NM1*77*2*LAKE CENTRE*****XX*{made.FACILITY}", "N3*9 LAKE RD", "N4*PARMA*OH*441290001"]
    claims = [
        [*made.claim(f"A{n}"), *site, *made.line()] if n < 2 else
        [s.replace("11:B", "22:B") for s in [*made.claim(f"A{n}"), *site, *made.line()]]
        for n in range(3)
    ]  # fmt: skip
    take(one, claim_file(*claims))
    with within(one.practice.pk):
        found = Facility.objects.filter(npi=made.FACILITY).order_by("name")
        assert [(f.name, f.pos) for f in found] == [("LAKE CENTRE", "11"), ("LAKE CENTRE (2)", "22")]


def test_another_practice_takes_in_the_same_file_and_neither_sees_the_other() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    data = claim_file(one_claim())
    first, second = take(ours, data), take(theirs, data)
    assert (first.again, second.again) == (False, False)
    for one, came, other in ((ours, first, second), (theirs, second, first)):
        with within(one.practice.pk, one.user.pk):
            assert list(Claim.objects.values_list("pk", flat=True)) == list(came.claims)
            assert taken_in(other.document) is None


def test_a_file_that_left_from_here_is_not_taken_in() -> None:
    one = make_practice()
    data = claim_file(one_claim())
    with within(one.practice.pk):
        Document.objects.create(
            kind="837P", name="out.837", sha256=hashlib.sha256(data).hexdigest(), size=len(data), content=data
        )
    with pytest.raises(UnreadableFile, match="made here"):
        take(one, data)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_comes_in_or_is_refused_and_never_breaks(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  made-up damage
    one = make_practice()
    data = bytearray(claim_file(one_claim("A1", own="REF*EA*77"), with_other("S"), one_claim("A2")))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(106, len(data))
        bad = bytes(rng.choice(b"*:~^\n09AZ ,\x00\xff\xe9") for _ in range(rng.choice((1, 3, 80))))
        data[at : at + rng.choice((0, 1, 12))] = bad
    sent = rng.choice((None, timezone.now()))
    try:
        came = take(one, bytes(data), sent_at=sent)
    except AnodyneError:
        return
    with within(one.practice.pk):
        assert Claim.objects.count() == came.counts["claims"]
        assert sum(Claim.objects.values_list("charge_cents", flat=True)) == came.counts["charge_cents"]


def test_the_name_of_a_file_is_not_trusted() -> None:
    assert shown_name("a/../../b\n<script>.837") == "b�<script>.837"
    assert len(shown_name("x" * 5_000)) == 120


def test_a_round_trip_equals_the_frames_of_the_file() -> None:
    data = Path("examples/day.837").read_bytes()
    given = made.read(data)
    one = make_practice()
    came = take(one, data, sent_at=timezone.now())
    left = {told.item.removeprefix("claim "): told.why for told in came.told if not told.taken}
    assert [why.split(",")[0] for why in left.values()] == ["it corrects or voids a claim"]
    claims = given.claims.filter(~pl.col("claim_id").is_in(list(left)))
    with within(one.practice.pk):
        order = {claim_id: n for n, claim_id in enumerate(claims["claim_id"])}
        rows = Claim.objects.filter(pk__in=came.claims).prefetch_related("versions")
        kept = shelf([c.versions.get().pk for c in sorted(rows, key=lambda c: order[c.claim_id])])
    assert kept.claims.drop(OWN).equals(claims.select(*CLAIMS).drop(OWN))
    lines = given.lines.join(claims, on="claim_key", how="semi")
    assert kept.lines.drop(PLACED).equals(lines.select(*LINES).drop(PLACED))
    people = claims.select("claim_id", file="patient")
    told = kept.claims.select("claim_id", here="patient").join(people, on="claim_id")
    assert told["here"].n_unique() == told["file"].n_unique() == told.select("here", "file").unique().height


def test_a_correction_sent_without_the_payers_number_is_told() -> None:
    one = make_practice()
    data = claim_file(one_claim()).replace(b"11:B:1", b"11:B:7")
    came = take(one, data, sent_at=timezone.now())
    assert (came.counts["claims"], "payer's number" in came.told[0].why) == (0, True)
    assert take(one, data + b"\n").counts["claims"] == 1


def test_a_thousand_claims_in_a_few_seconds() -> None:
    one = make_practice()
    body = [
        segment
        for n in range(1_000)
        for segment in [*made.subscriber(f"M{n // 2}", level=n + 2), *one_claim(f"A{n}")]
    ]
    data = made.file_of(*made.PROVIDER, *body)
    began = time.perf_counter()
    came = take(one, data)
    took = time.perf_counter() - began
    assert (came.counts["claims"], came.counts["patients"]) == (1_000, 500)
    assert took < 20, took


@pytest.mark.corpus
@pytest.mark.skipif(not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}")
@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "837P"], ids=lambda path: path.name)
def test_real_files_come_in_to_the_last_cent_or_tell_why(path: Path) -> None:
    one = make_practice()
    data = path.read_bytes()
    try:
        given = made.read(data)
    except AnodyneError as error:
        with pytest.raises(type(error)):
            take(one, data)
        return
    came = take(one, data)
    found = segments(data)
    assert came.counts["claims"] + came.counts["known"] + sum(not t.taken for t in came.told) == sum(
        elements[0] == "CLM" for elements in found
    )
    assert take(one, data).again
    with within(one.practice.pk):
        ours = Claim.objects.filter(pk__in=came.claims)
        ids = {(claim.claim_id, claim.rank) for claim in ours}
        plain = {"lines": 0, "cents": 0}
        inside, seen, rank = False, set(), ""
        for elements in found:
            if elements[0] == "SBR" and not inside:
                rank = elements[1]
            if elements[0] in ("HL", "SE"):
                inside = False
            if elements[0] == "CLM":
                key = elements[1], rank
                counted = key in ids and key not in seen
                seen.add(key)
                inside = True
                if counted:
                    plain["cents"] += round(float(elements[2]) * 100)
            plain["lines"] += elements[0] == "LX" and inside and counted
        assert Line.objects.filter(version__claim__in=ours).count() == plain["lines"]
        assert sum(ours.values_list("charge_cents", flat=True)) == plain["cents"]
        if not came.told and not came.counts["known"]:
            order = {key: n for n, key in enumerate(given.claims.select("claim_id", "payer_rank").rows())}
            rows = sorted(ours.prefetch_related("versions"), key=lambda c: order[c.claim_id, c.rank])
            kept = shelf([claim.versions.get().pk for claim in rows])
            by = kept.claims.drop(OWN).sort("claim_id", "payer_rank")
            assert by.equals(given.claims.select(*CLAIMS).drop(OWN).sort("claim_id", "payer_rank"))
            assert kept.lines["charge_cents"].sum() == given.lines["charge_cents"].sum()
            assert isinstance(kept.lines, pl.DataFrame)
