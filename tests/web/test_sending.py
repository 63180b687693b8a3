"""The pages of what leaves, as a biller and a manager use them, and who may not."""

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from procrastinate.contrib.django import app

from anodyne.app.practice.handing import receive
from anodyne.store.models import Claim, ClaimState, ClaimVersion, Clearinghouse, Note, Payer, Submission
from anodyne.store.scope import within
from anodyne.web import worker
from tests.app.practice.test_answers import BATCH, said
from tests.denials.acknowledged import claim_file
from tests.outward import AS_OF, make_sending
from tests.practice import Small, make_practice, make_user
from tests.web.served import signed_in

LATER = f"{dt.datetime.now(dt.UTC):%Y%m%d}"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def ready(tmp_path: Path) -> tuple[Small, Clearinghouse, Client]:
    one, house, _ = make_sending(tmp_path, "A1", "A2")
    return one, house, signed_in(one.user)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_batch_is_made_looked_into_released_and_handed_over(
    ready: tuple[Small, Clearinghouse, Client], tmp_path: Path
) -> None:
    one, house, client = ready
    page = text(client, "/sending/")
    assert "Riverbend Exchange" in page
    assert "$350.00" in page
    made = client.post("/sending/make", {"clearinghouse": house.pk})
    address = made.headers["Location"]
    page = text(client, address)
    assert "Batch 000000001" in page
    assert "CLM*A1*175*" in page
    assert "Nothing stands against these claims." in page
    file = client.get(f"{address}/file")
    name = f"SUB01-{one.practice.pk}-000000001.837"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert file.content.startswith(b"ISA*")
    assert client.post(f"{address}/release").status_code == 302
    worker.run(app, wait=False)
    assert "Handed over" in text(client, address)
    assert (tmp_path / "outbound" / name).exists()
    with within(one.practice.pk):
        assert set(Claim.objects.values_list("state", flat=True)) == {ClaimState.SENT}


def test_what_is_taken_back_is_ready_again(ready: tuple[Small, Clearinghouse, Client]) -> None:
    _, house, client = ready
    address = client.post("/sending/make", {"clearinghouse": house.pk}).headers["Location"]
    assert client.post(f"{address}/withdraw").status_code == 302
    assert "Make a batch" in text(client, "/sending/")
    again = client.post(f"{address}/withdraw")
    assert again.status_code == 422
    assert "cannot be taken back" in again.content.decode()


def test_claims_that_stay_are_told_with_their_reasons(ready: tuple[Small, Clearinghouse, Client]) -> None:
    one, house, client = ready
    with within(one.practice.pk):
        ClaimVersion.objects.filter(claim__claim_id="A2").update(checked_at=None)
    answer = client.post("/sending/make", {"clearinghouse": house.pk})
    page = answer.content.decode()
    assert "it was changed since it was checked" in page
    assert "1 claim stays here" in page
    assert "batch 000000001" in page
    assert client.get("/sending/").status_code == 200


def test_a_file_that_is_refused_is_told_and_nothing_is_done(
    ready: tuple[Small, Clearinghouse, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anodyne.app.practice import reread, sending  # noqa: PLC0415

    one, house, client = ready
    with within(one.practice.pk):
        key = Claim.objects.get(claim_id="A2").pk
    left = [reread.Left(key, "A2", ("LCD-1: too often",))]
    refusals = reread.refusals
    monkeypatch.setattr(
        sending,
        "refusals",
        lambda data, kept, keys, **more: (
            left if any(row.pk == key for row in keys.values()) else refusals(data, kept, keys, **more)
        ),
    )
    answer = client.post("/sending/make", {"clearinghouse": house.pk})
    assert answer.status_code == 422
    assert "No file is made" in answer.content.decode()
    assert "LCD-1: too often" in answer.content.decode()
    with within(one.practice.pk):
        assert not Submission.objects.exists()
    made = client.post("/sending/make", {"clearinghouse": house.pk, "without": key})
    assert made.status_code == 302
    with within(one.practice.pk):
        assert Submission.objects.get().claims.count() == 1
        assert not Note.objects.exists()


def test_answers_of_no_claim_are_given_to_one(ready: tuple[Small, Clearinghouse, Client]) -> None:
    one, house, client = ready
    client.post("/sending/make", {"clearinghouse": house.pk})
    stray = said("ZZ", "A3:21", action="U", on=LATER)
    data = claim_file(stray, batch=BATCH, on=LATER, received=LATER)
    receive(one.practice.pk, None, "1.277", data, as_of=AS_OF)
    assert "1 answer of no claim that is known" in text(client, "/sending/")
    page = text(client, "/sending/unmatched")
    assert "1.277, segment" in page
    key = page.partition('action="/sending/unmatched/')[2].partition('"')[0]
    assert client.post(f"/sending/unmatched/{key}", {"claim_id": "NOPE"}).status_code == 422
    assert client.post(f"/sending/unmatched/{key}", {"claim_id": "A1"}).status_code == 302
    assert "Every answer is of a claim that is known." in text(client, "/sending/unmatched")


def test_who_sees_no_claims_leave(ready: tuple[Small, Clearinghouse, Client]) -> None:
    one, house, client = ready
    clinician = signed_in(make_user(one.practice, "Cass Clinic", "clinician"))
    assert clinician.get("/sending/").status_code == 403
    assert clinician.post("/sending/make", {"clearinghouse": house.pk}).status_code == 403
    assert client.get("/sending/clearinghouses").status_code == 403


def test_another_practice_sees_and_releases_nothing_of_ours(
    ready: tuple[Small, Clearinghouse, Client],
) -> None:
    _, house, client = ready
    address = client.post("/sending/make", {"clearinghouse": house.pk}).headers["Location"]
    stranger = signed_in(make_practice("Theirs").user)
    for method, page in (("get", address), ("get", f"{address}/file"), ("post", f"{address}/release")):
        assert getattr(stranger, method)(page).status_code == 422
    assert "000000001" not in text(stranger, "/sending/")


FORM = {
    "name": "Second House", "receiver_name": "SECOND", "receiver_id": "S2", "receiver_qualifier": "ZZ",
    "sender_qualifier": "ZZ", "is_test": "on", "carrier": "sftp", "address": "sftp.example.test",
    "outbox": "out", "inbox": "in", "user_name": "us", "host_key": "ssh-ed25519 AAAA", "secret": "made-up",
    "passphrase": "",
}  # fmt: skip


def test_a_manager_keeps_clearinghouses_and_nobody_reads_the_secret(
    ready: tuple[Small, Clearinghouse, Client], home: Path
) -> None:
    one, _, _ = ready
    manager = signed_in(make_user(one.practice, "Max Manager", "manager"))
    assert manager.post("/sending/clearinghouses/new", FORM).status_code == 302
    with within(one.practice.pk):
        house = Clearinghouse.objects.get(name="Second House")
    page = f"/sending/clearinghouses/{house.pk}"
    assert "made-up" not in text(manager, page)
    assert (home / "mailboxes.toml").stat().st_mode & 0o077 == 0
    assert manager.post(page, {**FORM, "secret": "", "inbox": "theirs"}).status_code == 302
    moved = manager.post(page, {**FORM, "secret": "", "address": "elsewhere.example.test"})
    assert moved.status_code == 422
    assert "kept for this server and user alone" in moved.content.decode()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"carrier": "directory", "address": "/etc"}, "none that the practice may use"),
        ({"host_key": ""}, "public key"),
        ({"outbox": "../x"}, "the name of a folder"),
        ({"sender_qualifier": "!"}, "two letters or digits"),
        ({"name": "Riverbend Exchange"}, "another clearinghouse has it"),
        ({"secret": ""}, "give the password"),
    ],
)
def test_what_a_clearinghouse_cannot_be(
    ready: tuple[Small, Clearinghouse, Client], home: Path, changed: dict[str, str], says: str
) -> None:
    assert home
    manager = signed_in(make_user(ready[0].practice, "Max Manager", "manager"))
    answer = manager.post("/sending/clearinghouses/new", {**FORM, **changed})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_payer_goes_on_paper(ready: tuple[Small, Clearinghouse, Client]) -> None:
    one, house, client = ready
    manager = signed_in(make_user(one.practice, "Max Manager", "manager"))
    assert "MEDICARE PART B OHIO" in text(manager, "/sending/clearinghouses")
    manager.post("/sending/clearinghouses/way", {"payer": one.payer.pk, "way": "paper"})
    with within(one.practice.pk):
        row = Payer.objects.get()
        assert (row.on_paper, row.clearinghouse) == (True, None)
    page = text(client, "/sending/")
    assert "Make forms" in page
    made = client.post("/sending/make", {"payer": one.payer.pk})
    assert made.status_code == 302, made.content.decode()
    address = made.headers["Location"]
    assert client.post(f"{address}/mailed").status_code == 302
    assert "Handed over" in text(client, address)
    manager.post("/sending/clearinghouses/way", {"payer": one.payer.pk, "way": str(house.pk)})
    assert manager.post("/sending/clearinghouses/way", {"payer": 0, "way": "7"}).status_code == 422


def test_answers_are_fetched_when_somebody_asks(
    ready: tuple[Small, Clearinghouse, Client], tmp_path: Path
) -> None:
    _, _, client = ready
    (tmp_path / "inbound" / "note.txt").write_bytes(b"hello")
    assert client.post("/sending/pick-up").status_code == 302
    worker.run(app, wait=False)
    assert client.get("/sending/").status_code == 200
