"""The JSON API: for whom a token speaks, how far, and that it does what the pages do."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from anodyne.app.practice import tokens
from anodyne.kernel.errors import BadFields
from anodyne.store.models import Claim, Finding, Membership, Note, Task, Token
from anodyne.store.scope import within
from anodyne.web.wsgi import application
from tests.app.practice.test_checking import both
from tests.database import Database
from tests.practice import Small, make_practice, make_user
from tests.web.served import signed_in

EVERY = tuple(tokens.Scope)


def token_of(one: Small, *scopes: str, days: int = 1) -> str:
    """A token of the practice's biller."""
    with within(one.practice.pk, one.user.pk):
        member = Membership.objects.get(user=one.user)
        return tokens.make(member, name="tests", scopes=scopes or EVERY, days=days)


class Program:
    """A program that calls the API with a token."""

    def __init__(self, token: str) -> None:
        self.client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, status: int = 200) -> Any:
        return self._told(self.client.get(f"/api/v1/{path}"), status)

    def send(self, method: str, path: str, told: object, status: int = 200) -> Any:
        call = getattr(self.client, method)
        return self._told(call(f"/api/v1/{path}", json.dumps(told), content_type="application/json"), status)

    def _told(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer.json() if answer.content else None


@pytest.fixture
def one(database: Database) -> Small:  # noqa: ARG001  the database is empty
    return make_practice()


def held(one: Small) -> Claim:
    with within(one.practice.pk, one.user.pk):
        return both(one)


def test_claims_are_listed_page_by_page_and_read_whole(one: Small) -> None:
    claim = held(one)
    with within(one.practice.pk, one.user.pk):
        one.claim("A2")
    program = Program(token_of(one))
    first = program.get("claims?limit=1")
    second = program.get(f"claims?limit=1&after={first['after']}")
    assert {row["claim_id"] for page in (first, second) for row in page["claims"]} == {"A1", "A2"}
    told = program.get(f"claims/{claim.pk}")
    assert (told["state"], told["at_risk_cents"], len(told["lines"])) == ("held", 14_000, 2)
    assert [(one["rule"], one["fix"], one["fix_in_words"]) for one in told["findings"]] == [
        ("INJ-01", {"drop": True}, "drop line 2")
    ]
    assert told["findings"][0]["cites"][0]["source"]


def test_a_claim_is_mended_as_on_its_page(one: Small) -> None:
    claim = held(one)
    program = Program(token_of(one))
    finding = program.get(f"claims/{claim.pk}")["findings"][0]["key"]
    told = program.send("post", f"claims/{claim.pk}/findings/{finding}/fix", {"revision": 1})
    assert (told["state"], told["findings"], told["revision"]) == ("ready", [], 2)
    told = program.send("patch", f"claims/{claim.pk}/lines/1", {"revision": 2, "units": 2})
    assert [one["rule"] for one in told["findings"]] == ["INJ-01a"]
    told = program.send("post", f"claims/{claim.pk}/undo", {"revision": 3})
    assert told["lines"][0]["units"] == 1
    told = program.send("patch", f"claims/{claim.pk}", {"revision": 4, "facts": {"dx2": "G89.4"}})
    assert told["facts"]["dx2"] == "G894"
    program.send("post", f"claims/{claim.pk}/notes", {"text": "called"}, 204)
    program.send("post", f"claims/{claim.pk}/tasks", {"title": "call again"}, 204)
    with within(one.practice.pk):
        assert Note.objects.get().by == one.user
        assert Task.objects.get().title == "call again"


def test_what_is_wrong_is_told_with_what_to_do(one: Small) -> None:
    claim = held(one)
    program = Program(token_of(one))
    told = program.send("patch", f"claims/{claim.pk}/lines/1", {"revision": 1, "code": "1"}, 422)
    assert (told["code"], list(told["fields"])) == ("ANO-402", ["code"])
    told = program.send("patch", f"claims/{claim.pk}/lines/1", {"revision": 9, "units": 2}, 409)
    assert "somebody else changed" in told["what"]
    program.send("patch", f"claims/{claim.pk}/lines/1", {"revision": 1, "nonsense": 2}, 422)
    program.get(f"claims/{claim.pk + 1}", 422)
    program.get("claims?sort=nonsense", 422)


def test_a_token_does_what_its_scopes_allow_and_no_more(one: Small) -> None:
    claim = held(one)
    reads = Program(token_of(one, tokens.Scope.READ))
    reads.get("claims")
    told = reads.send("post", f"claims/{claim.pk}/undo", {"revision": 1}, 403)
    assert "claims:write" in told["what"]
    Program(token_of(one, tokens.Scope.WORK)).get("claims", 403)


def test_a_token_ends_by_its_day_by_hand_and_with_its_user(one: Small) -> None:
    token = token_of(one)
    program = Program(token)
    program.get("claims")
    with within(one.practice.pk, one.user.pk):
        Token.objects.update(expires_at=timezone.now())
    program.get("claims", 401)
    with within(one.practice.pk, one.user.pk):
        Token.objects.update(expires_at=timezone.now() + dt.timedelta(1))
        program.get("claims")
        tokens.revoke(Token.objects.get().pk, one.user)
    program.get("claims", 401)
    with within(one.practice.pk, one.user.pk):
        Token.objects.update(revoked_at=None)
        Membership.objects.update(is_active=False)
    program.get("claims", 401)


@pytest.mark.parametrize(
    "token",
    ["", "x", "anodyne__x", "anodyne_1_", "anodyne_1_x", "anodyne_9999999999999999999999_x", "anodyne_-1_x"],
)
def test_what_is_no_token_opens_nothing(one: Small, token: str) -> None:
    assert one.practice.pk
    Program(token).get("claims", 401)


def test_a_token_of_one_practice_sees_nothing_of_another(one: Small) -> None:
    claim = held(one)
    other = make_practice("Theirs")
    program = Program(token_of(other))
    assert program.get("claims")["claims"] == []
    program.get(f"claims/{claim.pk}", 422)
    with within(one.practice.pk):
        finding = Finding.objects.get().pk
    program.send("post", f"claims/{claim.pk}/findings/{finding}/fix", {"revision": 1}, 422)
    program.send("post", f"claims/{claim.pk}/notes", {"text": "x"}, 422)
    mixed = token_of(other).replace(f"_{other.practice.pk}_", f"_{one.practice.pk}_", 1)
    Program(mixed).get("claims", 401)


def test_a_clinician_makes_no_token_that_changes_claims(one: Small) -> None:
    user = make_user(one.practice, "Casey Clinician", "clinician")
    with within(one.practice.pk, user.pk):
        member = Membership.objects.get(user=user)
        with pytest.raises(BadFields, match="your role"):
            tokens.make(member, name="x", scopes=[tokens.Scope.WRITE], days=1)
        wrongs: tuple[dict[str, Any], ...] = (
            {"name": " "},
            {"scopes": []},
            {"scopes": ["all"]},
            {"days": 0},
            {"days": 367},
        )
        for wrong in wrongs:
            told: dict[str, Any] = {"name": "x", "scopes": [tokens.Scope.READ], "days": 1, **wrong}
            with pytest.raises(BadFields):
                tokens.make(member, **told)


def test_a_token_is_shown_once_and_ended_on_its_page(one: Small) -> None:
    client = signed_in(one.user)
    client.post("/tokens/", {"name": "our sheet", "scopes": ["claims:read"], "days": "30"})
    text = client.get("/tokens/").content.decode()
    assert f"anodyne_{one.practice.pk}_" in text
    assert f"anodyne_{one.practice.pk}_" not in client.get("/tokens/").content.decode()
    with within(one.practice.pk, one.user.pk):
        token = Token.objects.get()
    assert len(token.digest) == 64
    client.post(f"/tokens/{token.pk}/end/")
    assert "None yet" in client.get("/tokens/").content.decode()


def test_a_file_is_judged_and_not_kept_or_brought_in_once(one: Small) -> None:
    program = Program(token_of(one))
    data = Path("examples/day.837").read_bytes()
    answer = program.client.post("/api/v1/check", data, content_type="application/octet-stream")
    assert (answer.status_code, answer.json()["claims"]) == (200, 80)
    with within(one.practice.pk):
        assert not Claim.objects.exists()
    for again in (False, True):
        answer = program.client.post(
            "/api/v1/files/claims?name=day.837", data, content_type="application/octet-stream"
        )
        assert (answer.status_code, answer.json()["again"]) == (200, again)
    with within(one.practice.pk):
        assert Claim.objects.count() == len(answer.json()["claims"]) or answer.json()["again"]
    broken = program.client.post(
        "/api/v1/files/claims", data[:5_000], content_type="application/octet-stream"
    )
    assert broken.status_code == 422
    assert "segment" in broken.json()["where"]
    nothing = program.client.post("/api/v1/check", b"", content_type="application/octet-stream")
    assert nothing.json()["what"] == "nothing was sent"


def test_it_does_what_it_says_of_itself(one: Small) -> None:
    held(one)
    token = token_of(one)
    config = SchemathesisConfig.from_dict({"generation": {"mode": "all"}})
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, config=config, headers=headers
    )
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=15, suppress_health_check=list(HealthCheck), database=None)
        def keeps_its_word(case: Any) -> None:
            case.call_and_validate(headers=headers, excluded_checks=[ignored_auth, positive_data_acceptance])

        keeps_its_word()
