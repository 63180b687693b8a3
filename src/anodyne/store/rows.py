"""Many rows changed by one statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db import connection, models
from psycopg import sql


def write_columns(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """Write the fields `names` of `rows`, which are of one table, as they now are in memory.

    One statement, whose cost grows with the rows; `bulk_update` makes an expression of each value.
    """
    if not rows:
        return
    table = rows[0]._meta
    columns = [
        _Column.of(field) for field in table.concrete_fields if field.primary_key or field.name in names
    ]
    key = next(column.name for column in columns if column.is_key)
    given = [
        [column.field.get_db_prep_save(getattr(row, column.attribute), connection) for row in rows]
        for column in columns
    ]
    query = sql.SQL(
        "UPDATE {table} SET {sets} FROM unnest({arrays}) AS given ({names}) WHERE {table}.{key} = given.{key}"
    )
    statement = query.format(
        table=sql.Identifier(table.db_table),
        sets=sql.SQL(", ").join(
            sql.SQL("{0} = given.{0}").format(column.name) for column in columns if not column.is_key
        ),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(column.kind) for column in columns),
        names=sql.SQL(", ").join(column.name for column in columns),
        key=key,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


@dataclass(frozen=True, slots=True)
class _Column:
    """A field as its column."""

    field: "models.Field[Any, Any]"
    attribute: str
    name: sql.Identifier
    kind: sql.SQL
    is_key: bool

    @classmethod
    def of(cls, field: "models.Field[Any, Any]") -> Self:
        kind = (field.rel_db_type(connection) or "").partition("(")[0]
        return cls(
            field,
            field.attname,
            sql.Identifier(field.column or field.attname),
            sql.SQL(kind),
            field.primary_key,
        )
