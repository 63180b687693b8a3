"""How values are written on pages."""

from django import template
from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.app.practice.registry_rows import days_typed, phone_typed, zip_typed
from anodyne.kernel.money import dollars
from anodyne.model.frames import MODIFIERS
from anodyne.store.models import ClaimState, Line

register = template.Library()


@register.filter
def cents(value: int | None) -> str:
    """Whole cents as dollars; nothing for what is not told."""
    return "" if value is None else dollars(value)


@register.filter
def standing(state: str) -> str:
    """A state of claims in words.

    >>> standing("partly_paid")
    'Partly Paid'
    """
    return str(ClaimState(state).label)


@register.filter
def modifiers(line: Line) -> list[str]:
    """The modifiers of a service line that are there."""
    return [told for told in (getattr(line, name) for name in MODIFIERS) if told]


@register.filter
def phone(digits: str) -> str:
    """A telephone number as people write it."""
    return phone_typed(digits)


@register.filter(name="zip")
def zip_code(digits: str) -> str:
    """A ZIP as people write it."""
    return zip_typed(digits)


@register.filter
def days(period: DateRange) -> str:
    """The first and last day of a period."""
    told = days_typed(period)
    since, until = told["since"] or "not known when", told["until"]
    return f"{since} – {until}" if until else f"since {since}"
