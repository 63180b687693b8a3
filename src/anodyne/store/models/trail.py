"""The trail: every change of every row, written by the database itself."""

from typing import ClassVar

from django.db import models


class Trail(models.Model):
    """One change of one row.  The application can read the rows of its practice, and can write none."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    practice = models.ForeignKey("store.Practice", on_delete=models.DO_NOTHING, null=True, related_name="+")
    user = models.ForeignKey(
        "store.User", on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    """Who; null for the program itself."""
    table = models.CharField(max_length=63, db_column="table_name")
    row = models.BigIntegerField(null=True, db_column="row_key")
    action = models.CharField(max_length=6)
    """insert, update or delete."""
    before = models.JSONField(null=True)
    """Of an update only the columns that changed; of a row that is deleted, all."""
    after = models.JSONField(null=True)

    class Meta:
        """Read by row, or by time."""

        db_table = "trail"
        indexes: ClassVar = [
            models.Index(fields=["practice", "table", "row", "id"], name="trail_by_row"),
            models.Index(fields=["practice", "-at"], name="trail_by_time"),
        ]
