"""What the database itself enforces: whose rows are whose, what the application may write, and the trail.

`secure` is run by the owner of the tables after every migration.  The application signs in as another role,
which is neither their owner nor a superuser, so that it is bound by all of this.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db import connections, models

from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Membership, Practice, User
from anodyne.store.models.scoped import Scoped
from anodyne.store.roles import APPLICATION
from anodyne.store.scope import PRACTICE, USER

UNTRAILED: Final = frozenset({"findings", "trail"})
"""Findings follow from a version and the tables it was judged by; both are kept."""
WRITTEN_ONCE: Final = frozenset({"notes", "documents", "answers", "acknowledgements", "submission_claims"})
"""What the application may add to and never delete."""
NEVER_CHANGED: Final = frozenset({"notes", "documents", "answers"})
_HIDDEN: Final = ("content", "password", "digest")
"""Columns whose values no trail repeats."""
_PRACTICE: Final = f"NULLIF(current_setting('{PRACTICE}', true), '')::bigint"
_USER: Final = f"NULLIF(current_setting('{USER}', true), '')::bigint"

_TRAIL: Final = f"""
CREATE OR REPLACE FUNCTION anodyne_trail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - ARRAY{list(_HIDDEN)!r} END;
    now_is jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - ARRAY{list(_HIDDEN)!r} END;
    of_row jsonb := coalesce(now_is, was);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT coalesce(jsonb_object_agg(key, value), '{{}}') INTO now_is
            FROM jsonb_each(now_is) WHERE value IS DISTINCT FROM was -> key;
        SELECT coalesce(jsonb_object_agg(key, value), '{{}}') INTO was
            FROM jsonb_each(was) WHERE now_is ? key;
        IF now_is = '{{}}' AND to_jsonb(OLD) = to_jsonb(NEW) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO trail (at, practice_id, user_id, table_name, row_key, action, before, after) VALUES (
        clock_timestamp(),
        CASE TG_TABLE_NAME WHEN 'practices' THEN (of_row ->> 'id')::bigint
            ELSE (of_row ->> 'practice_id')::bigint END,
        {_USER}, TG_TABLE_NAME, (of_row ->> 'id')::bigint, lower(TG_OP), was, now_is);
    RETURN NULL;
END $$;
"""
_CLOSED: Final = """
CREATE OR REPLACE FUNCTION anodyne_closed_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a version that was closed never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION anodyne_closed_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_version bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF EXISTS (SELECT FROM claim_versions WHERE id = of_version AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the lines of a version that was closed never change'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

_PRACTICES: Final = """
CREATE OR REPLACE FUNCTION anodyne_practices() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT id FROM practices ORDER BY id';
"""
"""The keys of all practices, and nothing else of them: jobs do their rounds by it."""


def scoped() -> list[type[models.Model]]:
    """The tables whose rows belong to one practice."""
    return [model for model in apps.get_app_config("store").get_models() if issubclass(model, Scoped)]


def secure(using: str = "owner") -> None:
    """Bind the application to one practice at a time, and every change to the trail; idempotent."""
    with connections[using].cursor() as cursor:
        for statement in _statements():
            cursor.execute(statement)


def _statements() -> Iterator[str]:
    yield _TRAIL
    yield _CLOSED
    yield _PRACTICES
    yield f"GRANT USAGE ON SCHEMA public TO {APPLICATION}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON trail, django_migrations FROM {APPLICATION}"
    yield f"REVOKE INSERT, DELETE ON practices FROM {APPLICATION}"
    yield f"REVOKE DELETE ON users, memberships FROM {APPLICATION}"
    for function in ("anodyne_trail", "anodyne_closed_version", "anodyne_closed_line"):
        yield f"REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC"
    yield "REVOKE EXECUTE ON FUNCTION anodyne_practices() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION anodyne_practices() TO {APPLICATION}"
    for name in sorted(WRITTEN_ONCE):
        yield f"REVOKE DELETE ON {name} FROM {APPLICATION}"
    for name in sorted(NEVER_CHANGED):
        yield f"REVOKE UPDATE ON {name} FROM {APPLICATION}"
    own = f"practice_id = {_PRACTICE}"
    mine = f"user_id = {_USER}"
    this = f"id = {_PRACTICE}"
    entered = f"id IN (SELECT practice_id FROM memberships WHERE {mine})"
    yield from _policies("practices", see=f"{this} OR {entered}", write=this)
    yield from _policies("memberships", see=f"{own} OR {mine}", write=own)
    yield from _policies("trail", see=own, write="false")
    for model in scoped():
        yield from _policies(table_of(model), see=own, write=own)
    trailed: list[type[models.Model]] = [User, Membership, Practice, *scoped()]
    for name in map(table_of, trailed):
        if name not in UNTRAILED:
            yield from _trigger(name, "trail", "AFTER INSERT OR UPDATE OR DELETE", "anodyne_trail")
    yield from _trigger("claim_versions", "closed", "BEFORE UPDATE OR DELETE", "anodyne_closed_version")
    yield from _trigger("lines", "closed", "BEFORE INSERT OR UPDATE OR DELETE", "anodyne_closed_line")
    yield from _same_practice()


def table_of(model: type[models.Model]) -> str:
    """The name of the table of `model`."""
    return model._meta.db_table


def _policies(table: str, *, see: str, write: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    for name, clause in {
        "seen": f"FOR SELECT USING ({see})",
        "added": f"FOR INSERT WITH CHECK ({write})",
        "changed": f"FOR UPDATE USING ({write}) WITH CHECK ({write})",
        "deleted": f"FOR DELETE USING ({write})",
    }.items():
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY {name} ON {table} {clause}"


def _trigger(table: str, name: str, when: str, function: str) -> Iterator[str]:
    trigger = f"CREATE OR REPLACE TRIGGER anodyne_{name} {when} ON {table}"
    yield f"{trigger} FOR EACH ROW EXECUTE FUNCTION {function}()"


def _same_practice() -> Iterator[str]:
    """That a row names only rows of its own practice, and only people who work there."""
    for model in scoped():
        table = model._meta.db_table
        yield f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_in_practice ON {table} (practice_id, id)"
    for model in scoped():
        for field in model._meta.local_concrete_fields:
            target = _target(field)
            if target is not None:
                name = f"{table_of(model)}_{field.column}_here"
                yield f"""
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = '{name}') THEN
                        ALTER TABLE {table_of(model)} ADD CONSTRAINT {name}
                        FOREIGN KEY (practice_id, {field.column}) REFERENCES {target}
                        DEFERRABLE INITIALLY DEFERRED;
                    END IF;
                END $$"""


def _target(field: "models.Field[Any, Any]") -> str | None:
    """What a reference must also hold of, where it is one to a row of a practice."""
    if not isinstance(field, models.ForeignKey) or field.name == "practice":
        return None
    to = field.related_model
    if to is User:
        return f"{table_of(Membership)} (practice_id, user_id)"
    return f"{table_of(to)} (practice_id, id)" if issubclass(to, Scoped) else None


def demand_bound(using: str = "default") -> None:
    """Raise BadRequest where the role of `using` would not be bound by the policies."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS ("
            " SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r' AND relname = 'claims')"
            " FROM pg_roles WHERE rolname = current_user"
        )
        unbound = cursor.fetchone()[0]
    if unbound:
        raise BadRequest(
            "the application would sign in as a superuser or the owner of the tables, whom no policy binds",
            where="the database",
            fix=f"Let it sign in as {APPLICATION}, which `anodyne serve` makes.",
        )
