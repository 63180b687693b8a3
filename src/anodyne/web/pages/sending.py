"""What leaves and what is heard of it: batches, submissions, acknowledgements, clearinghouses."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anodyne.app.practice import answers, houses, outbox, sending
from anodyne.kernel.errors import BadFields
from anodyne.store.models import Role
from anodyne.web import jobs
from anodyne.web.access import for_roles, member, today, whole

_SENDERS: Final = (Role.BILLER, Role.CODER, Role.MANAGER, Role.ADMINISTRATOR)
_KEEPERS: Final = (Role.MANAGER, Role.ADMINISTRATOR)
_REASON: Final = "again-"
"""What the fields begin with that say why a claim goes a second time; then its key."""
_MOST_REASON: Final = 300


class HouseForm(forms.Form):
    """A clearinghouse."""

    name = forms.CharField(max_length=60, label="Name")
    receiver_name = forms.CharField(max_length=60, label="Receiver's name in the file (1000B)")
    receiver_id = forms.CharField(max_length=15, label="Receiver's id (ISA08)")
    receiver_qualifier = forms.CharField(max_length=2, initial="ZZ", label="Qualifier of the receiver's id")
    sender_qualifier = forms.CharField(max_length=2, initial="ZZ", label="Qualifier of our id")
    is_test = forms.BooleanField(
        required=False,
        initial=True,
        label="Files are tests",
        help_text="Taken off, they are for production (ISA15).",
    )
    carrier = forms.ChoiceField(
        choices=[("directory", "A folder"), ("sftp", "An SFTP server")], label="How files go"
    )
    address = forms.CharField(max_length=255, label="The folder, or the server (host or host:port)")
    outbox = forms.CharField(max_length=255, initial="outbound", label="Folder in it for our files")
    inbox = forms.CharField(max_length=255, initial="inbound", label="Folder in it for theirs")
    user_name = forms.CharField(
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        label="User on the server",
    )
    host_key = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="The server's public key",
        help_text="As ssh-ed25519 AAAA…, one a line; ask who runs it, by another way.",
    )
    secret = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        label="Password, or private key",
        help_text="It is kept outside of the database and never shown again.",
    )
    passphrase = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label="Passphrase of the key",
    )


class WayForm(forms.Form):
    """By which way a payer is reached."""

    payer = forms.IntegerField()
    way = forms.CharField(required=False, max_length=12)


class MatchForm(forms.Form):
    """Whose an answer is."""

    claim_id = forms.CharField(max_length=38, label="Claim")


@require_GET
@for_roles(*_SENDERS)
def overview(request: HttpRequest) -> HttpResponse:
    """What is ready, what was sent, and what was heard."""
    context = {
        "piles": outbox.piles(),
        "submissions": outbox.submissions(),
        "unmatched": len(answers.unmatched()),
        "acknowledgements": answers.acknowledgements(most=20),
        "keeps": member(request).role in _KEEPERS,
    }
    return render(request, "sending/overview.html", context)


@require_POST
@for_roles(*_SENDERS)
def make(request: HttpRequest) -> HttpResponse:
    """Make a batch of what is ready for one way out; what may not leave is told, and a person may say why."""
    house, payer = _key(request, "clearinghouse"), _key(request, "payer")
    without = [key for key in map(whole, request.POST.getlist("without")) if key is not None]
    again = {
        key: reason[:_MOST_REASON]
        for name in request.POST
        if name.startswith(_REASON)
        and (key := whole(name.removeprefix(_REASON))) is not None
        and (reason := request.POST.get(name, "").strip())
    }
    way: dict[str, Any] = {"house": house, "payer": payer, "without": without}
    try:
        made = sending.batch(
            as_of=today(request),
            made_at=timezone.now(),
            user=member(request).user_id,
            clearinghouse=house,
            paper_to=payer,
            without=without,
            again=again,
        )
    except sending.NotSent as error:
        way |= {"left": error.left, "submissions": (), "again": True}
        return render(request, "sending/left.html", way, status=422)
    if made.left:
        repeats = any(one.repeats for one in made.left)
        way |= {"left": made.left, "submissions": made.submissions, "again": repeats}
        return render(request, "sending/left.html", way)
    if not made.submissions:
        messages.warning(request, "Nothing is ready there any more.")
        return redirect("sending")
    return redirect("submission", made.submissions[0].pk)


def _key(request: HttpRequest, name: str) -> int | None:
    return whole(request.POST.get(name, ""))


@require_GET
@for_roles(*_SENDERS)
def submission(request: HttpRequest, key: int) -> HttpResponse:
    """A submission looked into: its claims, what the rules find, and the text of its file."""
    return render(request, "sending/submission.html", {"page": outbox.look(key)})


@require_GET
@for_roles(*_SENDERS)
def file(request: HttpRequest, key: int) -> HttpResponse:  # noqa: ARG001  every page takes its request
    """The file of a submission, to be kept elsewhere."""
    name, data, kind = outbox.file_of(key)
    return HttpResponse(
        data, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_POST
@for_roles(*_SENDERS)
def release(request: HttpRequest, key: int) -> HttpResponse:
    """Let a file leave."""
    sending.release(key, as_of=today(request))
    _hand_over(request, key)
    messages.success(request, "Released: it is handed over now.")
    return redirect("submission", key)


@require_POST
@for_roles(*_SENDERS)
def try_again(request: HttpRequest, key: int) -> HttpResponse:
    """Try at once to hand over what could not be handed over."""
    _hand_over(request, key)
    messages.success(request, "It is tried now.")
    return redirect("submission", key)


def _hand_over(request: HttpRequest, key: int) -> None:
    mine = member(request)
    keys = {"practice": mine.practice_id, "user": mine.user_id, "submission": key}
    jobs.at_once(jobs.hand_over, f"hand_over:{key}", **keys)


@require_POST
@for_roles(*_SENDERS)
def withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what has not left."""
    sending.withdraw(key)
    messages.success(request, "Taken back: its claims are ready again.")
    return redirect("sending")


@require_POST
@for_roles(*_SENDERS)
def mailed(request: HttpRequest, key: int) -> HttpResponse:
    """Write down that paper forms are in the mail."""
    sending.mailed(key)
    messages.success(request, "Mailed: its claims are sent.")
    return redirect("submission", key)


@require_GET
@for_roles(*_SENDERS)
def unmatched(request: HttpRequest) -> HttpResponse:
    """Answers of no claim that is known."""
    return render(request, "sending/unmatched.html", {"answers": answers.unmatched()})


@require_POST
@for_roles(*_SENDERS)
def match(request: HttpRequest, key: int) -> HttpResponse:
    """Say whose an answer is."""
    form = MatchForm(request.POST)
    if form.is_valid():
        answers.match_answer(key, form.cleaned_data["claim_id"], as_of=today(request))
        messages.success(request, f"It is told to claim {form.cleaned_data['claim_id']}.")
    else:
        messages.error(request, "say which claim it is of.")
    return redirect("unmatched")


@require_GET
@for_roles(*_KEEPERS)
def clearinghouses(request: HttpRequest) -> HttpResponse:
    """The clearinghouses, and how each payer is reached."""
    context = {"houses": houses.houses(), "payers": houses.payers(), "paper": houses.PAPER}
    return render(request, "sending/clearinghouses.html", context)


@require_http_methods(["GET", "POST"])
@for_roles(*_KEEPERS)
def clearinghouse(request: HttpRequest, key: int | None = None) -> HttpResponse:
    """A clearinghouse: a new one, or one to be changed."""
    house = None if key is None else houses.house_of(key)
    initial = None if house is None else {name: getattr(house.row, name) for name in houses.FIELDS}
    form = HouseForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        secret, passphrase = told.pop("secret").strip("\r\n"), told.pop("passphrase")
        try:
            row = houses.keep_house(told, key=key, secret=secret, passphrase=passphrase)
        except BadFields as error:
            for name, why in error.fields.items():
                form.add_error(name, why)
        else:
            messages.success(request, f"{row.name} is kept.")
            return redirect("clearinghouses")
    context = {"form": form, "house": house}
    return render(request, "sending/clearinghouse.html", context, status=422 if form.errors else 200)


@require_POST
@for_roles(*_KEEPERS)
def way(request: HttpRequest) -> HttpResponse:
    """Set by which way a payer is reached."""
    form = WayForm(request.POST)
    if form.is_valid():
        row = houses.set_way(form.cleaned_data["payer"], form.cleaned_data["way"])
        messages.success(request, f"{row.name} is reached that way from now on.")
    return redirect("clearinghouses")


@require_POST
@for_roles(*_SENDERS)
def pick_up(request: HttpRequest) -> HttpResponse:
    """Look at once into the mailboxes of all clearinghouses."""
    mine = member(request)
    for house in houses.houses():
        keys = {"practice": mine.practice_id, "user": mine.user_id, "clearinghouse": house.row.pk}
        jobs.soon(jobs.pick_up, f"pick_up:{house.row.pk}", **keys)
    messages.success(request, "Answers are fetched now; load this page again in a moment.")
    return redirect("sending")


urlpatterns = [
    path("sending/", overview, name="sending"),
    path("sending/make", make, name="sending_make"),
    path("sending/pick-up", pick_up, name="sending_pick_up"),
    path("sending/unmatched", unmatched, name="unmatched"),
    path("sending/unmatched/<int:key>", match, name="unmatched_match"),
    path("sending/clearinghouses", clearinghouses, name="clearinghouses"),
    path("sending/clearinghouses/way", way, name="payer_way"),
    path("sending/clearinghouses/new", clearinghouse, name="clearinghouse_new"),
    path("sending/clearinghouses/<int:key>", clearinghouse, name="clearinghouse"),
    path("sending/<int:key>", submission, name="submission"),
    path("sending/<int:key>/file", file, name="submission_file"),
    path("sending/<int:key>/release", release, name="submission_release"),
    path("sending/<int:key>/again", try_again, name="submission_again"),
    path("sending/<int:key>/withdraw", withdraw, name="submission_withdraw"),
    path("sending/<int:key>/mailed", mailed, name="submission_mailed"),
]
