"""What every row of a practice has."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.expressions import Func

from anodyne.store.scope import CurrentPractice


class Scoped(models.Model):
    """A row of one practice: the one of the transaction in which it is written."""

    practice = models.ForeignKey(
        "store.Practice",
        on_delete=models.PROTECT,
        related_name="+",
        db_default=CurrentPractice(),
        editable=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """No table of its own."""

        abstract = True


class OneKey(Func):
    """A key as the range of itself alone, so that PostgreSQL can compare it in a constraint of ranges."""

    template = "int8range(%(expressions)s, %(expressions)s, '[]')"
    arity = 1


def never_together(name: str, *keys: str, period: str = "period") -> ExclusionConstraint:
    """The constraint that no two rows alike in `keys` have days in common."""
    alike: list[tuple[Any, str]] = [(OneKey(models.F(key)), RangeOperators.OVERLAPS) for key in keys]
    return ExclusionConstraint(name=name, expressions=[*alike, (period, RangeOperators.OVERLAPS)])


def at_least(name: str, field: str, least: int = 0) -> models.CheckConstraint:
    """The constraint that `field` is not less than `least`."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__gte": least}))


def one_of(name: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """The constraint that `field` is one of `choices`."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__in": choices.values}))
