"""The practice attacked: crossing practices, forged keys, strange bytes, and two at once."""

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from anodyne.app.practice import sending, tokens
from anodyne.app.practice.worklist_file import written
from anodyne.store.models import (
    Claim,
    Document,
    Finding,
    Membership,
    Note,
    Payer,
    Role,
    SavedFilter,
    Submission,
    SubmissionClaim,
    Task,
    Token,
    Trail,
)
from anodyne.store.scope import within
from tests.app.practice.test_importing import claim_file, one_claim
from tests.outward import AS_OF, MADE_AT, make_house, make_ready
from tests.practice import make_practice, make_user
from tests.web.served import signed_in, stranger

pytestmark = pytest.mark.usefixtures("database")
WORDS = ("SECRETIVE", "Foreign Exchange", "a note that nobody else reads", "FOREIGN-1", "FOREIGN-2")
"""Stand in the other practice alone."""


def patterns(some: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address of the pages."""
    for one in some:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern)


PAGES = tuple(
    sorted(told for told in patterns(get_resolver().url_patterns) if not told.startswith(("accounts", "api")))
)


class Foreign:
    """Another practice with one of everything, and the keys of all of it."""

    def __init__(self, root: Path) -> None:
        self.one = make_practice("Foreign Pain")
        self.house = make_house(self.one, root, "Foreign Exchange")
        self.chief = make_user(self.one.practice, "Other Chief", Role.ADMINISTRATOR)
        with within(self.one.practice.pk, self.one.user.pk):
            self.one.patient.last = "SECRETIVE"
            self.one.patient.save()
            sent, kept = make_ready(self.one, "FOREIGN-1", "FOREIGN-2")
            made = sending.batch([sent.pk], as_of=AS_OF, made_at=MADE_AT, user=self.one.user.pk)
            Note.objects.create(claim=kept, text="a note that nobody else reads", by=self.one.user)
            Task.objects.create(claim=kept, kind="other", title="SECRETIVE task", owner=self.one.user)
            SavedFilter.objects.create(user=self.one.user, name="SECRETIVE list", query={}, shared=True)
            member = Membership.objects.get(user=self.one.user)
            tokens.make(member, name="SECRETIVE token", scopes=["claims:read"], days=9)
            models: tuple[Any, ...] = (
                Claim, Finding, Task, SavedFilter, Token, Document, Payer, Membership
            )  # fmt: skip
            last = {model.objects.order_by("pk").values_list("pk", flat=True).last() for model in models}
            self.keys = sorted(
                {key for key in last if key} | {kept.pk, made.submissions[0].pk, self.house.pk}
            )
            self.workbook = written([kept.pk])
            self.before = Trail.objects.count()

    def unchanged(self) -> bool:
        with within(self.one.practice.pk, self.one.user.pk):
            return Trail.objects.count() == self.before


def filled(pattern: str, key: int) -> str:
    return "/" + re.sub(r"<(?:\w+:)?\w+>", str(key), pattern)


def every_field(key: int) -> dict[str, Any]:
    """What the forms of the pages ask for, each with `key` where a key is asked for."""
    named = ("payer", "clearinghouse", "without", "owner", "key", "way", "practice", "coverage", "facility",
             "billing", "rendering", "patient", "claim")  # fmt: skip
    return {
        **dict.fromkeys(named, str(key)),
        f"again-{key}": "again", "revision": "1", "reason": "because", "do": "assign", "query": "",
        "text": "x",
        "title": "x", "kind": "other", "name": "x", "outcome": "x", "claim_id": "FOREIGN-1", "q": "SECRETIVE",
        "code": "20553", "charge": "1", "units": "1", "served_on": "2026-11-17", "pointers": "A",
    }  # fmt: skip


@pytest.mark.parametrize("role", [None, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_no_page_shows_or_changes_anything_of_another_practice(role: Role | None, tmp_path: Path) -> None:
    theirs = Foreign(tmp_path)
    mine = make_practice("Mine")
    client = stranger() if role is None else signed_in(make_user(mine.practice, f"Me {role}", role))
    for pattern in PAGES:
        keys = theirs.keys if "<int:" in pattern else theirs.keys[:1]
        for key in keys:
            for answer in (
                client.get(filled(pattern, key), {"payer": key, "claim": key, "patient": key, "like": key}),
                client.post(filled(pattern, key), every_field(key)),
            ):
                assert answer.status_code < 500
                text = answer.content.decode("utf-8", "replace").replace('value="SECRETIVE"', "")
                told = text.replace("“SECRETIVE”", "")
                assert not [word for word in WORDS if word in told], (pattern, key)
    assert theirs.unchanged()


def test_a_workbook_of_another_practice_is_not_taken(tmp_path: Path) -> None:
    theirs = Foreign(tmp_path)
    client = signed_in(make_practice("Mine").user)
    answer = client.post("/claims/import", {"workbook": SimpleUploadedFile("w.xlsx", theirs.workbook)})
    assert answer.status_code == 422
    assert theirs.unchanged()


def test_people_see_only_who_works_in_the_practice_they_are_in() -> None:
    here, there = make_practice("Here"), make_practice("There")
    chief = make_user(here.practice, "Chief", Role.ADMINISTRATOR)
    other = Membership.objects.using("owner").create(
        user=chief, practice=there.practice, role=Role.ADMINISTRATOR
    )
    client = signed_in(chief)
    client.post("/practices", {"practice": here.practice.pk})
    assert client.get("/people").content.decode().count(chief.email) == 1
    assert client.get(f"/people/{other.pk}").status_code == 404
    assert client.get("/claims/").content.decode().count(f'<option value="{chief.pk}">') <= 2


@pytest.mark.parametrize("owner", ["foreign", "9" * 19, "0"])
def test_a_task_goes_to_nobody_of_elsewhere(owner: str) -> None:
    mine, theirs = make_practice("Mine"), make_practice("Theirs")
    client = signed_in(mine.user)
    with within(mine.practice.pk, mine.user.pk):
        claim = mine.claim()
    key = str(theirs.user.pk) if owner == "foreign" else owner
    told = {"kind": "other", "title": "Call", "owner": key}
    assert client.post(f"/claims/{claim.pk}/task/", told).status_code == 422
    client.post("/claims/bulk", {**told, "do": "task", "key": claim.pk, "query": ""})
    with within(mine.practice.pk):
        assert not Task.objects.exclude(owner=None).exists()


@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_a_text_that_the_database_cannot_hold_is_refused(text: str) -> None:
    mine = make_practice()
    client = signed_in(mine.user)
    with within(mine.practice.pk, mine.user.pk):
        claim = mine.claim()
    for address, told in {
        f"/claims/{claim.pk}/note/": {"text": text},
        f"/claims/{claim.pk}/task/1/done/": {"outcome": text},
        "/claims/keep": {"name": text, "query": ""},
        "/find": {"q": text},
    }.items():
        assert client.post(address, told).status_code == 400, address
    assert client.get("/claims/", {"after": text}).status_code == 400
    client.post("/claims/keep", {"name": "mine", "query": "other=%00&state=held"})
    with within(mine.practice.pk):
        assert SavedFilter.objects.get().query == {"state": ["held"]}


def test_a_number_of_any_length_is_no_failure() -> None:
    mine = make_practice()
    client = signed_in(mine.user)
    with within(mine.practice.pk, mine.user.pk):
        claim = mine.claim()
    for long in ("9" * 19, "9" * 5_000):
        undone = client.post(f"/claims/{claim.pk}/undo/", {"revision": long})
        assert undone.status_code == 409
        assert client.get(f"/claims/{claim.pk}/", {"edit": long}).status_code == 200
        made = client.post("/sending/make", {"clearinghouse": "1", "without": long, f"again-{long}": "why"})
        assert made.status_code in {302, 400, 422}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("lines/1", {"ndc_qty": float("nan")}),
        ("lines/1", {"units": float("inf")}),
        ("lines/1", {"note": "a\0b"}),
        ("lines/1", {"ndc": "\0"}),
        ("", {"facts": {"note": "a\0b"}}),
        ("lines/1", {"pos": "\0"}),
        ("lines/1", {"units": float("nan")}),
        ("notes", {"text": "\0"}),
        ("tasks", {"title": "a\0b"}),
        ("tasks", {"title": "a", "owner": 1 << 62}),
        ("lines/99999999999999999999", {"units": 1}),
        ("lines/1", {"ndc_qty": 1e400}),
        ("lines/1", {"pos": "x" * 999}),
        ("lines/1", {"rendering_npi": "x" * 99999}),
        ("lines/1", {"note": "\ud800"}),
    ],
)
def test_the_api_refuses_what_the_database_cannot_hold(place: str, value: dict[str, Any]) -> None:
    mine = make_practice()
    with within(mine.practice.pk, mine.user.pk):
        claim = mine.claim()
        member = Membership.objects.get(user=mine.user)
        token = tokens.make(member, name="tests", scopes=[*tokens.Scope], days=1)
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})
    post = place in {"notes", "tasks"}
    told = value if post else {"revision": 1, **value}
    address = f"/api/v1/claims/{claim.pk}" + (f"/{place}" if place else "")
    call = client.post if post else client.patch
    assert call(address, json.dumps(told), content_type="application/json").status_code == 422


@pytest.mark.parametrize("name", ["x" * 9_000, "../../x", "\u202e<b>"])
def test_the_name_of_a_file_is_only_shown(name: str) -> None:
    mine = make_practice()
    with within(mine.practice.pk, mine.user.pk):
        token = tokens.make(Membership.objects.get(user=mine.user), name="t", scopes=[*tokens.Scope], days=1)
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})
    answer = client.post(
        f"/api/v1/files/claims?{urlencode({'name': name})}",
        claim_file(one_claim("A1")),
        content_type="application/octet-stream",
    )
    assert answer.status_code == 200, answer.content


def workbook(*cells: tuple[int, int, str]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Claims")
    for row, column, text in cells:
        sheet.write_string(row, column, text)
    book.close()
    return made.getvalue()


def packed(book: bytes, **parts: bytes | None) -> bytes:
    """`book` with other parts in it; its sheet is `sheet`."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml", "ods": "content.xml"}
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        told = {name: old.read(name) for name in old.namelist()}
        told |= {names[part]: content for part, content in parts.items() if content is not None}
        for name, content in told.items():
            new.writestr(name, content)
    return made.getvalue()


FURTHEST = {
    "a cell in the last corner": workbook((0, 0, "number"), (1_048_575, 16_383, "x")),
    "a wide cell far down": workbook((0, 0, "number"), (5_000, 16_383, "x")),
    "a row far down, cells without a place": packed(
        workbook((0, 0, "number")),
        sheet=b"<worksheet><sheetData><row r='900000000'>"
        + b"<c><v>1</v></c>" * 99
        + b"</row></sheetData></worksheet>",
    ),
    "zeros": packed(workbook((0, 0, "number")), strings=b"\0" * (401 << 20)),
    "another kind of spreadsheet": packed(workbook((0, 0, "number")), ods=b"<x/>"),
}


@pytest.mark.parametrize("what", FURTHEST)
def test_a_small_workbook_that_would_be_large_in_memory_is_refused(what: str) -> None:
    client = signed_in(make_practice().user)
    answer = client.post("/imports/", {"file": SimpleUploadedFile("w.xlsx", FURTHEST[what])})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "sheet", [b"<worksheet><sheetData><row", b"", b"\0", b"<worksheet><sheetData><row r='a'/></sheetData>"]
)
def test_a_workbook_with_a_broken_sheet_is_refused(sheet: bytes) -> None:
    client = signed_in(make_practice().user)
    broken = packed(workbook((0, 0, "Claim")), sheet=sheet)
    for address, field in {"/claims/import": "workbook", "/imports/": "file"}.items():
        assert client.post(address, {field: SimpleUploadedFile("w.xlsx", broken)}).status_code == 422


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gives, all of them made at the same moment."""
    start = threading.Barrier(len(calls))

    def call(one: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return one()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call, one) for one in calls]]


def test_of_edits_of_one_revision_at_once_one_is_kept() -> None:
    mine = make_practice()
    with within(mine.practice.pk, mine.user.pk):
        claim = mine.claim()
    clients = [signed_in(mine.user) for _ in range(4)]
    told = {"served_on": "2026-11-17", "code": "20553", "units": "1", "pointers": "A", "revision": "1"}
    answers = at_once(
        *(
            partial(client.post, f"/claims/{claim.pk}/line/1/", {**told, "charge": str(100 + place)})
            for place, client in enumerate(clients)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    with within(mine.practice.pk):
        now = Claim.objects.get()
        kept = next(place for place, answer in enumerate(answers) if answer.status_code == 302)
        assert (now.revision, now.charge_cents) == (2, 100_00 + kept * 100)


def test_two_batches_at_once_send_each_claim_once(tmp_path: Path) -> None:
    mine = make_practice()
    house = make_house(mine, tmp_path)
    with within(mine.practice.pk, mine.user.pk):
        make_ready(mine, *(f"A{number}" for number in range(6)))
    clients = [signed_in(mine.user) for _ in range(3)]
    answers = at_once(
        *(partial(client.post, "/sending/make", {"clearinghouse": house.pk}) for client in clients)
    )
    assert {answer.status_code for answer in answers} == {302}
    with within(mine.practice.pk):
        assert SubmissionClaim.objects.count() == 6
        assert Submission.objects.count() == 1


def test_a_batch_and_edits_at_once_leave_a_file_that_says_what_the_claim_says(tmp_path: Path) -> None:
    mine = make_practice()
    house = make_house(mine, tmp_path)
    with within(mine.practice.pk, mine.user.pk):
        claims = make_ready(mine, "A1", "A2", "A3")
    batching, *editing = [signed_in(mine.user) for _ in range(4)]
    told = {"served_on": "2026-11-17", "code": "20553", "units": "1", "pointers": "A", "charge": "180"}
    answers = at_once(
        partial(batching.post, "/sending/make", {"clearinghouse": house.pk}),
        *(
            partial(client.post, f"/claims/{one.pk}/line/1/", {**told, "revision": one.revision})
            for client, one in zip(editing, claims, strict=True)
        ),
    )
    assert {answer.status_code for answer in answers} <= {302, 409, 422}
    with within(mine.practice.pk):
        for made in Submission.objects.select_related("document"):
            for row in made.claims.select_related("version__claim"):
                claim = row.version.claim
                assert f"CLM*{claim.claim_id}*{claim.charge_cents // 100}*".encode() in bytes(
                    made.document.content
                )


def test_the_same_file_twice_at_once_comes_in_once() -> None:
    mine = make_practice()
    data = claim_file(one_claim("A1"), one_claim("A2", day="20261015"))
    clients = [signed_in(mine.user) for _ in range(3)]
    answers = at_once(
        *(
            partial(client.post, "/imports/", {"file": SimpleUploadedFile("d.837", data)})
            for client in clients
        )
    )
    assert {answer.status_code for answer in answers} == {302}
    with within(mine.practice.pk):
        assert Claim.objects.count() == 2
        assert Document.objects.count() == 1


def test_many_actions_on_the_same_claims_at_once_end() -> None:
    mine = make_practice()
    with within(mine.practice.pk, mine.user.pk):
        claims = make_ready(mine, *(f"A{number}" for number in range(8)))
    keys = [claim.pk for claim in claims]
    clients = [signed_in(mine.user) for _ in range(4)]
    calls = [
        partial(
            client.post,
            "/claims/bulk",
            {"do": do, "key": some, "query": "", "day": "2026-12-01", "owner": "me"},
        )
        for client, do, some in zip(
            clients,
            ("follow_up", "assign", "recheck", "follow_up"),
            (keys, keys[::-1], keys[::-1], keys),
            strict=True,
        )
    ]
    assert {answer.status_code for answer in at_once(*calls)} == {302}


def test_a_claim_that_no_file_can_hold_is_named_so_that_the_others_leave(tmp_path: Path) -> None:
    mine = make_practice()
    house = make_house(mine, tmp_path)
    with within(mine.practice.pk, mine.user.pk):
        _, strange = make_ready(mine, "A1", "A2")
        version = strange.versions.get()
        version.facts["rendering_taxonomy"] = "208\x07P0014X"
        version.save()
    client = signed_in(mine.user)
    answer = client.post("/sending/make", {"clearinghouse": house.pk})
    assert answer.status_code == 422
    assert f'name="without" value="{strange.pk}"' in answer.content.decode()
    assert client.post("/sending/make", {"clearinghouse": house.pk, "without": strange.pk}).status_code == 302
