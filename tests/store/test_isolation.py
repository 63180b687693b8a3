"""No practice reads, changes, adds to or points at the rows of another, whatever the application asks."""

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from anodyne.app.practice.rounds import practices
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Claim, Coverage, Membership, Note, Patient, Practice, Task, Trail
from anodyne.store.scope import within
from anodyne.store.security import UNTRAILED, demand_bound, scoped
from tests.practice import make_practice, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("database")


def test_outside_of_a_practice_nothing_is_seen() -> None:
    one = make_practice()
    with within(one.practice.pk):
        one.claim()
        assert Claim.objects.count() == 1
    assert Claim.objects.count() == 0
    assert Practice.objects.count() == 0


def test_each_practice_sees_its_own_rows_alone() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk):
        claim = theirs.claim()
    with within(ours.practice.pk, ours.user.pk):
        assert not Claim.objects.filter(pk=claim.pk).exists()
        assert Claim.objects.filter(pk=claim.pk).update(charge_cents=1) == 0
        assert Claim.objects.filter(pk=claim.pk).delete() == (0, {})
        assert list(Patient.objects.values_list("pk", flat=True)) == [ours.patient.pk]
        assert list(Practice.objects.values_list("name", flat=True)) == ["Ours"]
    with within(theirs.practice.pk):
        assert Claim.objects.get().charge_cents == 17_500


def test_a_row_cannot_be_written_into_another_practice() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with pytest.raises(ProgrammingError, match="row-level security"), within(ours.practice.pk):
        Patient.objects.create(
            practice_id=theirs.practice.pk, number="X", last="X", birth_date="1960-01-01", sex="F"
        )
    with pytest.raises(ProgrammingError, match="row-level security"), within(ours.practice.pk):
        Patient.objects.update(practice_id=theirs.practice.pk)


def test_a_forged_key_of_another_practice_is_refused() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with pytest.raises(IntegrityError, match="_here"), within(ours.practice.pk):
        Coverage.objects.create(
            patient_id=theirs.patient.pk,
            payer=ours.payer,
            member_id="X",
            rank=2,
            period=DateRange(None, None),
        )
    with pytest.raises(IntegrityError, match="tasks_owner_id_here"), within(ours.practice.pk):
        Task.objects.create(kind="other", title="work of a stranger", owner_id=theirs.user.pk)


def test_nobody_joins_a_practice_by_themselves() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with pytest.raises(ProgrammingError, match="row-level security"), within(ours.practice.pk, ours.user.pk):
        Membership.objects.create(user=ours.user, practice=theirs.practice, role="administrator")
    with pytest.raises(ProgrammingError, match="permission denied"), within(ours.practice.pk, ours.user.pk):
        Practice.objects.create(name="A third")


def test_who_works_in_two_practices_may_see_both_names_before_choosing() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    Membership.objects.using("owner").create(user=ours.user, practice=theirs.practice, role="biller")
    with within(None, ours.user.pk):
        assert set(Practice.objects.values_list("name", flat=True)) == {"Ours", "Theirs"}
        assert Claim.objects.count() == 0


def test_the_practice_of_one_transaction_is_not_that_of_the_next() -> None:
    one = make_practice()
    with within(one.practice.pk):
        assert Patient.objects.exists()
    with transaction.atomic():
        assert not Patient.objects.exists()


def test_an_inner_scope_gives_way_to_the_outer_even_after_a_failure() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(ours.practice.pk, ours.user.pk):
        with within(theirs.practice.pk):
            assert Patient.objects.get().pk == theirs.patient.pk
        assert Patient.objects.get().pk == ours.patient.pk
        with pytest.raises(ZeroDivisionError), within(theirs.practice.pk):
            raise ZeroDivisionError
        assert Patient.objects.get().pk == ours.patient.pk


@pytest.mark.parametrize("model", scoped(), ids=lambda model: model._meta.db_table)
def test_every_table_of_a_practice_is_bound(model: type[Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = %s AND relkind = 'r'", [table])
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename = %s", [table])
        assert cursor.fetchone() == (4,)
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'anodyne_trail'",
            [table],
        )
        assert cursor.fetchone() == (0 if table in UNTRAILED else 1,)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE claims DISABLE ROW LEVEL SECURITY",
        "DROP POLICY seen ON claims",
        "ALTER TABLE claims DISABLE TRIGGER anodyne_trail",
        "SET ROLE postgres",
        "SET row_security = off; SELECT * FROM claims",
        "TRUNCATE claims CASCADE",
        "UPDATE trail SET after = NULL",
        "DELETE FROM trail",
        "INSERT INTO trail (at, table_name, action) VALUES (now(), 'claims', 'update')",
        "SELECT anodyne_trail()",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "COPY claims TO PROGRAM 'cat'",
        "DELETE FROM practices",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('store', 'x', now())",
    ],
)
def test_the_application_cannot_unbind_itself(statement: str) -> None:
    with (
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_only_a_bound_role_may_serve() -> None:
    demand_bound("default")
    with pytest.raises(BadRequest, match="superuser or the owner"):
        demand_bound("owner")


def test_a_change_leaves_who_before_and_after() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = one.claim()
        claim.charge_cents = 20_000
        claim.save(update_fields=["charge_cents"])
        made, changed = Trail.objects.filter(table="claims", row=claim.pk).order_by("id")
        assert (made.action, made.user_id, made.before) == ("insert", one.user.pk, None)
        assert made.after is not None
        assert made.after["charge_cents"] == 17_500
        assert (changed.action, changed.before, changed.after) == (
            "update", {"charge_cents": 17_500}, {"charge_cents": 20_000},
        )  # fmt: skip


def test_a_row_that_is_deleted_stays_in_the_trail_whole() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        task = Task.objects.create(kind="other", title="call the payer")
        key = task.pk
        task.delete()
        last = Trail.objects.filter(table="tasks", row=key).latest("id")
    assert (last.action, last.after) == ("delete", None)
    assert last.before is not None
    assert last.before["title"] == "call the payer"


def test_the_trail_of_another_practice_is_not_seen() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(ours.practice.pk):
        assert set(Trail.objects.values_list("practice_id", flat=True)) == {ours.practice.pk}
    del theirs


def test_a_change_of_a_password_is_trailed_without_it() -> None:
    one = make_practice()
    make_user(one.practice, "Sam Second")
    trail = Trail.objects.using("owner").filter(table="users")
    assert trail.exists()
    assert all("password" not in (row.after or {}) for row in trail)


def test_a_note_stays_as_it_was_written() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        note = Note.objects.create(claim=one.claim(), text="called", by=one.user)
        changes: list[Callable[[], object]] = [note.delete, lambda: Note.objects.update(text="never called")]
        for change in changes:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()


def test_jobs_learn_the_keys_of_all_practices_and_nothing_else() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    assert practices() == [ours.practice.pk, theirs.practice.pk]
    assert not Practice.objects.exists()


def test_the_application_signs_in_under_its_own_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("anodyne_app",)
