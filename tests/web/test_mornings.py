"""The morning of each role in a real browser: sign in, find, mend, send, see it accepted; what goes wrong.

ANODYNE_SHOTS=folder keeps pictures of what they see.
"""

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from anodyne.app.practice.mailboxes import keep_secret
from anodyne.store.models import ClaimState, Clearinghouse, Note, Task, User, Waiver
from anodyne.store.scope import within
from anodyne.web import jobs
from tests.app.practice.test_handing import run
from tests.database import Database
from tests.exchange.server import PASSWORD as SFTP_PASSWORD
from tests.exchange.server import USER as SFTP_USER
from tests.exchange.server import running, wire
from tests.faces.browser import needs_chromium
from tests.practice import PASSWORD
from tests.web.live import browsing, served, sign_in
from tests.web.morning import Morning, aside, make_morning, press, seen, shows, walk_to
from tests.web.test_jobs import KILLED, by_clock

pytestmark = [needs_chromium, pytest.mark.usefixtures("database")]


@pytest.fixture
def morning(database: object, tmp_path: Path) -> Morning:
    del database
    return make_morning(tmp_path / "exchange")


@pytest.fixture
def tab(morning: Morning) -> Iterator[Page]:
    del morning
    with served() as address, browsing(address) as page:
        yield page


def test_a_biller_mends_sends_and_sees_it_accepted_with_the_keyboard_alone(
    morning: Morning, tab: Page
) -> None:
    sign_in(tab, morning.people["biller"])
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()
    seen(tab, "biller-today")
    walk_to(tab, "INJ-01")
    press(tab, "Enter")
    tab.wait_for_url("**rule=INJ-01**")
    press(tab, "j", "Enter")
    expect(tab.get_by_role("heading", name="Claim M1")).to_be_visible()
    shows(tab, "Held")
    seen(tab, "biller-held")
    walk_to(tab, "INJ-01")
    press(tab, "f")
    expect(tab.locator(".diff del").first).to_contain_text("20552")
    shows(tab, "Ready")
    seen(tab, "biller-mended")
    press(tab, "g", "s")
    tab.wait_for_url("**/sending/")
    seen(tab, "biller-sending")
    press(tab, "b")
    tab.wait_for_url(re.compile(r"/sending/\d+"))
    expect(tab.get_by_role("heading", name="Batch 000000001 Made")).to_be_visible()
    seen(tab, "biller-batch")
    press(tab, "r")
    expect(tab.get_by_role("heading", name="Batch 000000001 Released")).to_be_visible()
    morning.work()
    (file,) = morning.files()
    tab.reload()
    expect(tab.get_by_role("heading", name="Batch 000000001 Handed")).to_be_visible()
    assert morning.answer() == [f"{file}.999", f"{file}.277"]
    press(tab, "/")
    tab.keyboard.type("M1")
    press(tab, "Enter")
    tab.wait_for_url("**/find")
    walk_to(tab, "M1")
    press(tab, "Enter")
    shows(tab, "Accepted")
    expect(tab.locator("#claim")).to_contain_text("accepted by payer")
    seen(tab, "biller-accepted")
    assert morning.answer() == []


def test_a_coder_mends_codes_and_lets_one_claim_go_with_a_reason(morning: Morning, tab: Page) -> None:
    sign_in(tab, morning.people["coder"])
    press(tab, "g", "c")
    tab.wait_for_url("**/claims/")
    tab.get_by_role("navigation", name="States").get_by_role("link", name="Held").click()
    tab.wait_for_url("**state=held**")
    seen(tab, "coder-held")
    walk_to(tab, "M3")
    press(tab, "Enter")
    expect(tab.locator(".finding")).to_contain_text("DX-07")
    press(tab, "c")
    field = tab.get_by_label("A", exact=True)
    expect(field).to_have_value("M54.5")
    seen(tab, "coder-edits")
    field.fill("M54.16")
    press(tab, "Enter")
    expect(tab.locator(".diagnoses")).to_contain_text("M54.16")
    shows(tab, "Ready")
    seen(tab, "coder-mended")
    tab.goto(f"/claims/{aside(morning.claim, 'M4').pk}/")
    walk_to(tab, "EM-12")
    press(tab, "w")
    tab.get_by_label("Why it may go all the same").fill("The note shows a visit of its own.")
    seen(tab, "coder-waives")
    press(tab, "Enter")
    expect(tab.locator("#messages, .messages").first).to_contain_text("Waived, with your name and reason")
    shows(tab, "Ready")
    expect(tab.locator(".finding.waived")).to_contain_text("Cory Coder: The note shows a visit of its own.")
    seen(tab, "coder-waived")
    assert aside(waivers, morning) == [("EM-12", "Cory Coder")]


def waivers(morning: Morning) -> list[tuple[str, str]]:
    with within(morning.practice):
        return [*Waiver.objects.values_list("rule", "by__name")]


def test_a_clinician_answers_a_question_and_changes_nothing(morning: Morning, tab: Page) -> None:
    sign_in(tab, morning.people["clinician"])
    expect(tab.locator("main")).to_contain_text("Was the visit of M4 separate?")
    seen(tab, "clinician-today")
    walk_to(tab, "Was the visit of M4 separate?")
    press(tab, "Enter")
    shows(tab, "Held")
    expect(tab.get_by_role("heading", name="Claim M4")).to_be_visible()
    for gone in ("Edit claim", "Add line", "Fix", "Waive", "Leave out"):
        assert tab.get_by_text(gone).count() == 0, gone
    press(tab, "n")
    tab.keyboard.type("Yes: the knee was looked at first, and on its own.")
    press(tab, "Enter")
    expect(tab.locator("#claim p", has_text="on its own.")).to_contain_text("Casey Clinician")
    tab.get_by_label("Outcome").fill("separate, see my note")
    press(tab, "Enter")
    expect(tab.locator("del")).to_have_text("Was the visit of M4 separate?")
    seen(tab, "clinician-answered")
    assert aside(worked, morning) == (1, 0)
    line = f"/claims/{aside(morning.claim, 'M4').pk}/line/1/drop/"
    refused = tab.evaluate(
        """async (address) => (await fetch(address, {method: "POST", headers: {"X-CSRFToken":
        document.querySelector("[name=csrfmiddlewaretoken]").value}})).status""",
        line,
    )
    assert refused == 403
    tab.goto("/sending/")
    expect(tab.locator("body")).not_to_contain_text("Make a batch")
    seen(tab, "clinician-refused")
    assert morning.state("M4") == ClaimState.HELD


def worked(morning: Morning) -> tuple[int, int]:
    """How many notes there are, and open tasks."""
    with within(morning.practice):
        return Note.objects.count(), Task.objects.filter(done_at=None).count()


def test_a_manager_looks_by_payer_gives_work_out_and_takes_it_as_a_workbook(
    morning: Morning, tab: Page
) -> None:
    sign_in(tab, morning.people["manager"])
    held = tab.locator(".figure.deny", has_text="Held")
    expect(held).to_contain_text("$1,315.00")
    seen(tab, "manager-today")
    press(tab, "g", "c")
    tab.wait_for_url("**/claims/")
    tab.get_by_role("form", name="Filters").get_by_label("Payer").select_option(label="MEDICARE PART B OHIO")
    tab.get_by_role("button", name="Show", exact=True).click()
    tab.wait_for_url("**payer=**")
    rows = tab.locator("[data-rows] tr")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="M3")).to_contain_text("$625.00")
    assert tab.locator("tbody").get_by_text("BUCKEYE").count() == 0
    seen(tab, "manager-payer")
    press(tab, "j", "x", "j", "x")
    tab.get_by_label("Owner", exact=True).last.select_option(label="Cory Coder")
    tab.get_by_role("button", name="Assign").click()
    expect(tab.locator("#messages, .messages").first).to_contain_text("2 claims given to Cory Coder")
    expect(tab.locator("tbody td", has_text="Cory Coder")).to_have_count(2)
    seen(tab, "manager-assigned")
    with tab.expect_download() as download:
        press(tab, "Shift+E")
    content = Path(download.value.path()).read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    told = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert sum(any(re.fullmatch(r"M[1-4]", cell) for cell in row) for row in told) == 4
    assert sum("cory.coder@example.test" in row for row in told) == 2


def test_an_administrator_lets_somebody_in_and_takes_them_off(morning: Morning, tab: Page) -> None:
    sign_in(tab, morning.people["administrator"])
    tab.goto("/people")
    tab.get_by_label("Name", exact=True).fill("Nova Newcomer")
    tab.get_by_label("E-mail address").fill("nova@example.test")
    tab.get_by_label("Role").select_option(label="Coder")
    seen(tab, "administrator-people")
    press(tab, "Enter")
    link = tab.locator("output").inner_text()
    seen(tab, "administrator-link")
    browser = tab.context.browser
    assert browser is not None
    theirs = browser.new_context(base_url=tab.url.partition("/people")[0]).new_page()
    theirs.goto(link)
    seen(theirs, "newcomer-password")
    for field in theirs.locator("input[type=password]").all():
        field.fill(PASSWORD)
    press(theirs, "Enter")
    expect(theirs.locator("input[type=password]")).to_have_count(0)
    seen(theirs, "newcomer-done")
    sign_in(theirs, aside(User.objects.get, email="nova@example.test"))
    expect(theirs.get_by_role("heading", name="Today")).to_be_visible()
    seen(theirs, "newcomer-today")
    tab.goto("/people")
    tab.get_by_role("link", name="Nova Newcomer").click()
    tab.get_by_label("Works here").uncheck()
    seen(tab, "administrator-person")
    tab.get_by_role("button", name="Keep").click()
    expect(tab.get_by_role("row", name="Nova Newcomer")).to_contain_text("taken off")
    theirs.goto("/claims/")
    expect(theirs.locator("body")).not_to_contain_text("M1")
    assert theirs.url.endswith("/practices")
    seen(theirs, "newcomer-taken-off")
    theirs.context.close()


def test_two_people_edit_one_claim_and_the_second_is_told(morning: Morning, tab: Page) -> None:
    sign_in(tab, morning.people["biller"])
    browser = tab.context.browser
    assert browser is not None
    other = browser.new_context(base_url=tab.url.rstrip("/")).new_page()
    sign_in(other, morning.people["coder"])
    at = f"/claims/{aside(morning.claim, 'M3').pk}/?edit=claim"
    for page, code in ((tab, "M54.16"), (other, "M54.51")):
        page.goto(at)
        page.get_by_label("A", exact=True).fill(code)
    tab.get_by_role("button", name="Keep", exact=True).first.click()
    expect(tab.locator(".diagnoses")).to_contain_text("M54.16")
    other.get_by_role("button", name="Keep", exact=True).first.click()
    expect(other.locator("body")).to_contain_text("somebody else changed this claim")
    expect(other.locator(".diagnoses")).to_contain_text("M54.16")
    seen(other, "second-is-told")
    other.context.close()
    assert aside(first_diagnosis, morning, "M3") == "M5416"


def first_diagnosis(morning: Morning, claim_id: str) -> str:
    with within(morning.practice):
        return str(morning.claim(claim_id).versions.get().facts["dx1"])


def released(tab: Page) -> str:
    """Make the first batch and release it; the page of the batch."""
    tab.goto("/sending/")
    press(tab, "b")
    tab.wait_for_url(re.compile(r"/sending/\d+$"))
    press(tab, "r")
    expect(tab.locator("h1")).to_contain_text("Released")
    return tab.url


def test_an_outage_is_shown_and_gone_once_the_server_answers_again(
    morning: Morning, tab: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))
    sign_in(tab, morning.people["biller"])
    with running(morning.root) as server:
        with wire(server.port) as gone:
            pass
        aside(by_sftp, morning, f"127.0.0.1:{gone.port}", server.host_key)
        batch = released(tab)
        morning.work()
        tab.reload()
        expect(tab.locator(".note .late")).to_contain_text("the server does not answer")
        seen(tab, "outage-batch")
        tab.goto("/sending/")
        expect(tab.locator("main")).to_contain_text("the server does not answer")
        seen(tab, "outage-sending")
        assert morning.files() == []
        aside(by_sftp, morning, f"127.0.0.1:{server.port}", server.host_key)
        morning.work()
        assert morning.files() == []
        tab.goto(batch)
        tab.get_by_role("button", name="Try again now").click()
        expect(tab.locator("#messages")).to_contain_text("It is tried now.")
        morning.work()
        tab.reload()
    expect(tab.locator("h1")).to_contain_text("Handed")
    expect(tab.locator("main")).not_to_contain_text("the server does not answer")
    assert len(morning.files()) == 1
    assert morning.state("M2") == ClaimState.SENT
    seen(tab, "outage-over")


def by_sftp(morning: Morning, address: str, key: str) -> None:
    with within(morning.practice):
        Clearinghouse.objects.update(
            carrier="sftp", address=address, user_name=SFTP_USER, host_key=key, secret_name="river"
        )
        keep_secret(Clearinghouse.objects.get(), SFTP_PASSWORD)


def test_a_worker_killed_in_the_middle_of_handing_over_does_it_once(
    morning: Morning, tab: Page, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(tab, morning.people["biller"])
    released(tab)
    assert run(database, KILLED, home=morning.root) == -signal.SIGKILL
    (file,) = (morning.root / "outbound").iterdir()
    before = file.stat().st_mtime_ns
    tab.reload()
    expect(tab.locator("h1")).to_contain_text("Released")
    expect(tab.locator(".note")).to_contain_text("Being handed over")
    seen(tab, "killed")
    monkeypatch.setattr(jobs, "STALLED_SECONDS", 0)
    aside(by_clock, jobs.take_up_stalled)
    morning.work()
    morning.work()
    tab.reload()
    expect(tab.locator("h1")).to_contain_text("Handed")
    assert morning.files() == [file.name]
    assert file.stat().st_mtime_ns == before
    assert morning.answer() == [f"{file.name}.999", f"{file.name}.277"]
    assert morning.state("M2") == ClaimState.ACCEPTED
