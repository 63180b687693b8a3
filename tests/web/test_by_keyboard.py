"""A morning by the keyboard alone, in a real browser."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from anodyne.store.models import Claim, SavedFilter, User
from anodyne.store.scope import within
from tests.faces.browser import faults, needs_chromium
from tests.practice import PASSWORD, Small, make_practice, make_user
from tests.web.busy import fill
from tests.web.live import browsing, served, sign_in
from tests.web.test_sign_in import code_of, with_totp

pytestmark = [needs_chromium, pytest.mark.usefixtures("database")]


@pytest.fixture
def one(database: object) -> Small:
    del database
    small = make_practice(time_zone="UTC")
    with within(small.practice.pk, small.user.pk):
        fill(small, 60, today=dt.datetime.now(dt.UTC).date())
    return small


def press(tab: Page, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def now(tab: Page) -> str:
    """The claim of the row that has the focus."""
    found = tab.evaluate("document.activeElement.closest('tr')?.querySelector('a[data-open]')?.textContent")
    return str(found)


def test_rows_are_walked_chosen_given_and_given_back(one: Small) -> None:
    with served() as address, browsing(address) as tab:
        sign_in(tab, one.user)
        press(tab, "g", "c")
        tab.wait_for_url("**/claims/")
        ids = tab.locator("[data-rows] a[data-open]").all_inner_texts()
        expect(tab.locator("#bulk")).to_be_hidden()
        press(tab, "j")
        assert now(tab) == ids[0]
        press(tab, "j", "j", "k")
        assert now(tab) == ids[1]
        press(tab, "End")
        assert now(tab) == ids[-1]
        press(tab, "Home", "x", "j", "j", "Shift+X")
        expect(tab.locator("#chosen")).to_have_text("3 selected")
        assert tab.locator('tr[aria-selected="true"]').count() == 3
        press(tab, "x")
        expect(tab.locator("#chosen")).to_have_text("2 selected")
        press(tab, "a", "Tab", "Enter")
        expect(tab.locator("#messages")).to_contain_text("2 claims given to Robin Lakeside Pain")
        assert tab.locator("td", has_text="Robin Lakeside Pain").count() == 2
        assert faults(tab) == []
        press(tab, "u")
        expect(tab.locator("#messages")).to_contain_text("Undone for 2 claims")
        press(tab, "*")
        expect(tab.locator("#chosen")).to_have_text("50 selected")
        press(tab, "n")
        tab.wait_for_url("**after=**")
        assert tab.locator("[data-rows] a[data-open]").count() == 10
        press(tab, "p")
        tab.wait_for_url("**before=**")
        assert tab.locator("[data-rows] a[data-open]").all_inner_texts() == ids
        press(tab, "j", "j")
        opened = tab.locator(f"a[data-open]:text-is('{ids[1]}')").get_attribute("href")
        press(tab, "Enter")
        tab.wait_for_url(f"**{opened}")
        tab.go_back()
        tab.wait_for_url("**before=**")
        expect(tab.locator("tr:focus a[data-open]")).to_have_text(ids[1])
        press(tab, "j")
        assert now(tab) == ids[2]
    with within(one.practice.pk):
        assert not Claim.objects.exclude(owner=None).exists()


def test_no_key_does_anything_while_one_types(one: Small) -> None:
    with served() as address, browsing(address) as tab:
        sign_in(tab, one.user)
        press(tab, "/")
        expect(tab.locator("#find")).to_be_focused()
        tab.keyboard.type("gc?jx ")
        expect(tab.locator("#find")).to_have_value("gc?jx ")
        expect(tab.locator("#keys")).to_be_hidden()
        press(tab, "Escape", "?")
        expect(tab.locator("#keys")).to_be_visible()
        press(tab, "g", "c", "Escape")
        expect(tab.locator("#keys")).to_be_hidden()
        assert tab.url.endswith("/")
        press(tab, "/")
        tab.keyboard.press("Control+A")
        tab.keyboard.type("lh1000")
        press(tab, "Enter")
        tab.wait_for_url("**/find")
        expect(tab.locator("[data-rows]").first).to_contain_text("LH1000")
        assert faults(tab) == []


def test_every_key_of_the_sheet_is_one_that_is_bound_and_the_other_way_round(one: Small) -> None:
    with served() as address, browsing(address) as tab:
        sign_in(tab, one.user)
        tab.goto("/claims/")
        press(tab, "?")
        shown = {cell.strip() for cell in tab.locator("#keys dt").all_inner_texts()}
        own = tab.eval_on_selector_all("[data-key]", "all => all.map((one) => one.dataset.key)")
        assert {"j", "k", "x", "Enter", "/", "?", "g t", "g c", "g f"} | set(own) <= shown


def test_a_list_is_kept_and_opened_again(one: Small) -> None:
    with served() as address, browsing(address) as tab:
        sign_in(tab, one.user)
        tab.goto("/claims/?state=held&sort=risk")
        press(tab, "v")
        tab.keyboard.press("Tab")
        expect(tab.get_by_label("Keep this list as")).to_be_focused()
        tab.keyboard.type("Held, dearest first")
        press(tab, "Enter")
        expect(tab.locator("#messages")).to_contain_text("is kept")
        tab.goto("/claims/")
        press(tab, "v", "Tab")
        assert tab.evaluate("document.activeElement.textContent") == "Held, dearest first"
        press(tab, "Enter")
        tab.wait_for_url("**state=held**")
        expect(tab.locator("tbody .state").first).to_have_text("Held")
    with within(one.practice.pk):
        assert SavedFilter.objects.count() == 1


def test_signing_in_with_a_second_factor(one: Small) -> None:
    secret = with_totp(one.user)
    with served() as address, browsing(address) as tab:
        tab.goto("/accounts/login/")
        expect(tab.get_by_label("Email")).to_be_focused()
        tab.keyboard.type(one.user.email)
        tab.keyboard.press("Tab")
        tab.keyboard.type(PASSWORD)
        press(tab, "Enter")
        tab.wait_for_url("**/2fa/authenticate/")
        assert faults(tab) == []
        tab.locator("input[name=code]").first.focus()
        tab.keyboard.type(code_of(secret))
        press(tab, "Enter")
        expect(tab.get_by_role("heading", name="Today")).to_be_visible()


def test_a_second_factor_is_set_up_where_the_practice_asks_for_it() -> None:
    practice = make_practice(time_zone="UTC", second_factor_required=True).practice
    user: User = make_user(practice, "New Biller")
    with served() as address, browsing(address) as tab:
        tab.goto("/accounts/login/")
        expect(tab.get_by_label("Email")).to_be_focused()
        tab.keyboard.type(user.email)
        tab.keyboard.press("Tab")
        tab.keyboard.type(PASSWORD)
        press(tab, "Enter")
        tab.wait_for_url("**/2fa/")
        expect(tab.locator("#messages")).to_contain_text("asks for a second factor")
        tab.goto("/accounts/2fa/totp/activate/")
        tab.get_by_label("Password").fill(PASSWORD)
        press(tab, "Enter")
        tab.wait_for_url("**/totp/activate/")
        picture = tab.locator("img.qr")
        assert picture.evaluate("image => image.naturalWidth > 0")
        assert faults(tab) == []
        tab.locator("input[name=code]").fill(code_of(tab.get_by_label("Authenticator secret").input_value()))
        press(tab, "Enter")
        tab.wait_for_url("**/recovery-codes/**")
        assert faults(tab) == []
        tab.goto("/")
        expect(tab.get_by_role("heading", name="Today")).to_be_visible()


def test_a_passkey_is_added_and_signs_in(one: Small) -> None:
    with served() as address, browsing(address.replace("127.0.0.1", "localhost")) as tab:
        devices = tab.context.new_cdp_session(tab)
        devices.send("WebAuthn.enable")
        told = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True}  # fmt: skip
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": told})
        sign_in(tab, one.user)
        tab.goto("/accounts/2fa/webauthn/add/")
        tab.get_by_label("Password").fill(PASSWORD)
        press(tab, "Enter")
        tab.wait_for_url("**/webauthn/add/")
        assert faults(tab) == []
        tab.get_by_label("Passwordless").check()
        tab.get_by_role("button", name="Add").click()
        tab.wait_for_url(lambda url: not url.endswith("/add/"))
        tab.context.clear_cookies()
        tab.goto("/accounts/login/")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_role("heading", name="Today")).to_be_visible()
