"""Who an administrator lets in, and what they may never do."""

import re

import pytest
from django.test import Client

from anodyne.app.practice import people
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Membership, Role, User
from anodyne.store.scope import within
from tests.practice import PASSWORD, Small, make_practice, make_user
from tests.web.served import signed_in, stranger
from tests.web.test_sign_in import with_totp

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one(database: object) -> Small:
    del database
    return make_practice()


@pytest.fixture
def chief(one: Small) -> User:
    return make_user(one.practice, "Ada Admin", Role.ADMINISTRATOR)


def of(user: User) -> Membership:
    return Membership.objects.using("owner").get(user=user)


def change(client: Client, member: Membership, **told: object) -> int:
    form = {"role": member.role, "active": "on", **told}
    return client.post(
        f"/people/{member.pk}", {name: value for name, value in form.items() if value}
    ).status_code


def test_only_an_administrator_sees_the_page(one: Small, chief: User) -> None:
    assert signed_in(one.user).get("/people").status_code == 403
    assert one.user.email in signed_in(chief).get("/people").content.decode()


def test_somebody_new_gets_a_link_that_is_shown_once_and_works_once(one: Small, chief: User) -> None:
    client = signed_in(chief)
    told = {"name": "New Comer", "email": "New.Comer@Example.test", "role": "coder"}
    shown = client.post("/people", told, follow=True).content.decode()
    found = re.search(r"<output>http://localhost(\S+)</output>", shown)
    assert found is not None
    assert "<output>" not in client.get("/people").content.decode()
    guest = stranger()
    form = guest.get(found[1], follow=True)
    place = form.redirect_chain[-1][0]
    chosen = guest.post(place, {"password1": PASSWORD, "password2": PASSWORD})
    assert chosen.status_code == 302, chosen.content.decode()
    assert "no longer works" in stranger().get(found[1], follow=True).content.decode()
    user = User.objects.get(email__iexact="new.comer@example.test")
    assert of(user).role == "coder"
    assert one.practice.name in signed_in(user).get("/").content.decode()


def test_who_has_an_account_gets_no_link(chief: User) -> None:
    other = make_practice("Theirs")
    client = signed_in(chief)
    told = {"name": "Whoever", "email": other.user.email.upper(), "role": "biller"}
    shown = client.post("/people", told, follow=True).content.decode()
    assert "<output>" not in shown
    assert "have an account already" in shown
    member = Membership.objects.using("owner").get(user=other.user, practice__name="Lakeside Pain")
    assert client.post(f"/people/{member.pk}/link").status_code == 404
    assert client.post(f"/people/{member.pk}/forget").status_code == 404
    assert "works in another practice too" in client.get(f"/people/{member.pk}").content.decode()


def test_nobody_is_added_twice(one: Small, chief: User) -> None:
    told = {"name": "Robin", "email": one.user.email, "role": "biller"}
    answer = signed_in(chief).post("/people", told)
    assert answer.status_code == 422
    assert "on the list already" in answer.content.decode()


def test_one_person_never_posts_and_approves(one: Small, chief: User) -> None:
    client, member = signed_in(chief), of(one.user)
    assert change(client, member, may_post="on", may_approve_write_offs="on") == 422
    assert change(client, member, may_post="on") == 302
    assert change(client, member, may_approve_write_offs="on") == 302
    after = of(one.user)
    assert (after.may_post, after.may_approve_write_offs) == (False, True)


def test_who_is_taken_off_sees_nothing_from_their_next_request_on(one: Small, chief: User) -> None:
    worker = signed_in(one.user)
    assert worker.get("/").status_code == 200
    assert change(signed_in(chief), of(one.user), active="") == 302
    assert worker.get("/").headers["Location"] == "/practices"


def test_the_last_administrator_stays(chief: User) -> None:
    client, member = signed_in(chief), of(chief)
    assert change(client, member, role="biller") == 422
    assert change(client, member, active="") == 422
    second = make_user(member.practice, "Bea Second", Role.ADMINISTRATOR)
    assert change(client, member, role="biller") == 302
    assert of(second).role == "administrator"
    assert client.get("/people").status_code == 403


def test_a_lost_second_factor_is_removed(one: Small, chief: User) -> None:
    with_totp(one.user)
    client = signed_in(chief)
    assert "Remove second factor" in client.get(f"/people/{of(one.user).pk}").content.decode()
    client.post(f"/people/{of(one.user).pk}/forget")
    assert "Remove second factor" not in client.get(f"/people/{of(one.user).pk}").content.decode()


def test_members_of_another_practice_are_not_there(chief: User) -> None:
    other = make_practice("Theirs")
    assert signed_in(chief).get(f"/people/{of(other.user).pk}").status_code == 404


def test_the_use_case_itself_refuses(one: Small) -> None:
    with within(one.practice.pk, one.user.pk), pytest.raises(BadRequest, match="already"):
        people.invite(one.practice.pk, one.user.email, "x", Role.BILLER)
