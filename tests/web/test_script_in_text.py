"""Text that comes in with files and forms is shown as text, in a real browser."""

import pytest

from anodyne.store.models import Clearinghouse, Finding, Note, Role, SavedFilter, Task, Waiver
from anodyne.store.scope import within
from tests.app.practice.test_checking import both
from tests.faces.browser import needs_chromium
from tests.outward import AS_OF
from tests.practice import make_practice, make_user
from tests.web.live import browsing, served, sign_in

SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>\"'>{{1}}"


@needs_chromium
@pytest.mark.usefixtures("database")
def test_text_is_never_script() -> None:
    one = make_practice(SCRIPT[:60])
    chief = make_user(one.practice, "Chief", Role.ADMINISTRATOR)
    with within(one.practice.pk, one.user.pk):
        for row in (one.patient, one.provider):
            row.last = row.first = SCRIPT[:35]
            row.save()
        for named in (one.payer, one.billing, one.facility):
            named.name = SCRIPT[:60]
            named.save()
        Clearinghouse.objects.create(
            name=SCRIPT[:60], receiver_name="R", receiver_id="R", carrier="directory", address=SCRIPT
        )
        claim = both(one)
        Note.objects.create(claim=claim, text=SCRIPT, by=one.user)
        for more in ({"claim": claim}, {"patient": one.patient}):
            Task.objects.create(kind="other", title=SCRIPT, owner=one.user, due_on=AS_OF, **more)
        finding = Finding.objects.first()
        assert finding is not None
        Waiver.objects.create(claim=claim, rule=finding.rule, reason=SCRIPT, by=one.user)
        Finding.objects.update(message=SCRIPT, needs=[SCRIPT])
        SavedFilter.objects.create(user=chief, name=SCRIPT[:60], query={})
    at = f"/claims/{claim.pk}/"
    pages = (
        "/", "/claims/", at, f"{at}?edit=1", f"{at}?edit=claim", "/find", "/charges/", "/sending/",
        "/sending/clearinghouses", "/people", "/imports/", "/tokens/",
        "/practices", "/help", "/sending/unmatched",
    )  # fmt: skip
    with served() as address, browsing(address) as tab:
        said: list[str] = []
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        sign_in(tab, chief)
        seen = 0
        for page in pages:
            tab.goto(page)
            assert tab.locator("img[src=x], script:not([src]):not([type='application/json'])").count() == 0, (
                page
            )
            seen += SCRIPT[:20] in tab.inner_text("body")
        assert seen > 5
        tab.goto("/find")
        tab.fill("input[name=q]", SCRIPT[:4])
        tab.keyboard.press("Enter")
        assert tab.locator("img[src=x]").count() == 0
        assert said == []
