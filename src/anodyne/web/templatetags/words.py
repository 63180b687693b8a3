"""How values are written on pages."""

from django import template

from anodyne.kernel.money import dollars

register = template.Library()


@register.filter
def cents(value: int | None) -> str:
    """Whole cents as dollars; nothing for what is not told."""
    return "" if value is None else dollars(value)
