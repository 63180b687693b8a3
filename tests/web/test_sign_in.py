"""Who comes in, how, and what they then see."""

import runpy
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time

import anodyne.web
from anodyne.store.models import Membership, User
from tests.practice import PASSWORD, make_practice
from tests.web.served import signed_in, stranger

pytestmark = pytest.mark.usefixtures("database")


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def with_totp(user: User) -> str:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)
    return secret


def test_nobody_sees_a_page_without_signing_in() -> None:
    answer = stranger().get("/claims/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=%2Fclaims%2F")


def test_who_signs_in_sees_their_practice() -> None:
    one = make_practice()
    text = signed_in(one.user).get("/").content.decode()
    assert "Lakeside Pain" in text
    assert one.user.name in text


def test_a_wrong_password_is_told_without_saying_who_exists() -> None:
    one = make_practice()
    client = stranger()
    known = client.post("/accounts/login/", {"login": one.user.email, "password": "x" * 12})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.test", "password": "x" * 12})
    assert known.status_code == unknown.status_code == 200
    said = "e-mail address and/or password"
    assert ("not correct" in known.content.decode()) == ("not correct" in unknown.content.decode()), said


def test_a_second_factor_is_demanded_where_the_practice_says_so() -> None:
    one = make_practice(second_factor_required=True)
    answer = signed_in(one.user).get("/claims/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/")


def test_with_a_second_factor_the_password_alone_is_not_enough() -> None:
    one = make_practice(second_factor_required=True)
    secret = with_totp(one.user)
    client = signed_in(one.user)
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    right = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert (right.status_code, right.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_too_many_wrong_passwords_close_the_door_for_a_while() -> None:
    one = make_practice()
    client = stranger()
    for _ in range(5):
        client.post("/accounts/login/", {"login": one.user.email, "password": "not it at all"})
    shut = client.post("/accounts/login/", {"login": one.user.email, "password": PASSWORD})
    assert "Too many failed login attempts" in shut.content.decode()
    assert client.get("/").status_code == 302


def test_a_flood_of_sign_ins_from_one_place_is_stopped() -> None:
    make_practice()
    client = stranger()
    told = [
        client.post(
            "/accounts/login/", {"login": f"nobody{at}@example.test", "password": "x" * 12}
        ).status_code
        for at in range(31)
    ]
    assert told[-1] in {200, 429}
    last = client.post("/accounts/login/", {"login": "other@example.test", "password": "x" * 12})
    assert "Too many" in last.content.decode()


def test_a_session_ends_after_the_minutes_of_the_practice() -> None:
    one = make_practice(session_minutes=7)
    client = signed_in(one.user)
    client.get("/")
    assert client.session.get_expiry_age() == 7 * 60


def test_who_works_in_two_practices_chooses_one() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    Membership.objects.using("owner").create(user=ours.user, practice=theirs.practice, role="biller")
    client = signed_in(ours.user)
    assert client.get("/").headers["Location"] == "/practices"
    text = client.get("/practices").content.decode()
    assert "Ours" in text
    assert "Theirs" in text
    assert client.post("/practices", {"practice": theirs.practice.pk}).headers["Location"] == "/"
    assert "<small>Theirs</small>" in client.get("/").content.decode()


def test_a_practice_of_others_cannot_be_chosen() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    client = signed_in(ours.user)
    assert client.post("/practices", {"practice": theirs.practice.pk}).status_code == 404
    assert "<small>Ours</small>" in client.get("/").content.decode()


def test_who_is_in_no_practice_is_told_what_to_do() -> None:
    one = make_practice()
    Membership.objects.using("owner").filter(user=one.user).update(is_active=False)
    client = signed_in(one.user)
    answer = client.get("/", follow=True)
    assert "Ask an administrator" in answer.content.decode()


def test_a_partial_update_of_a_session_that_ended_leads_to_signing_in() -> None:
    answer = stranger().get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"][:16]) == (204, "/accounts/login/")


PAGES = ("login/", "2fa/", "password/change/", "logout/", "2fa/totp/activate/", "2fa/webauthn/add/",
         "2fa/webauthn/", "password/reset/", "reauthenticate/")  # fmt: skip
CONFIRMED = {"2fa/totp/activate/", "2fa/webauthn/add/"}
"""What is opened only just after the password was told again."""


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_an_account_are_in_our_look_and_run_nothing_inline(page: str) -> None:
    one = make_practice()
    client = stranger() if page in {"login/", "password/reset/"} else signed_in(one.user)
    if page in CONFIRMED:
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(f"/accounts/{page}")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "anodyne/anodyne.css" in text
    assert "sign up" not in text.lower()
    assert " onclick=" not in text
    assert " style=" not in text
    for piece in text.split("<script")[1:]:
        assert " src=" in piece.split(">")[0] or 'type="application/json"' in piece.split(">")[0]


def test_nobody_signs_up_by_themselves() -> None:
    answer = stranger().post("/accounts/signup/", {"email": "new@example.test", "password1": PASSWORD})
    assert not User.objects.filter(email="new@example.test").exists()
    assert answer.status_code in {200, 404}


def test_every_answer_has_the_headers_that_keep_others_out() -> None:
    one = make_practice()
    for client, page in ((stranger(), "/accounts/login/"), (signed_in(one.user), "/")):
        headers = client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store" or "no-store" in headers["Cache-Control"]


def test_the_health_page_answers_without_signing_in() -> None:
    answer = stranger().get("/health")
    assert (answer.status_code, answer.json()) == (200, {"database": "answers"})


def test_nobody_changes_their_address_by_themselves() -> None:
    one = make_practice()
    client = signed_in(one.user)
    assert client.post("/accounts/email/", {"action_add": "", "email": "new@example.test"}).status_code == 404


def test_behind_https_cookies_are_for_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings() -> dict[str, object]:
        return runpy.run_path(str(Path(anodyne.web.__file__).with_name("settings.py")))

    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    monkeypatch.delenv("ANODYNE_HTTPS", raising=False)
    assert [settings()[name] for name in names] == [False, False]
    monkeypatch.setenv("ANODYNE_HTTPS", "1")
    told = settings()
    assert [told[name] for name in (*names, "SESSION_COOKIE_HTTPONLY")] == [True, True, True]
    assert told["SECURE_HSTS_SECONDS"] == 31_536_000
