"""How values are written on pages."""

from django import template

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
