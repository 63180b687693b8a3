"""A month of care management in words: programmes, spans of time, codes."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from anodyne.kernel.money import dollars

PROGRAMS: Final = MappingProxyType(
    {
        "cpm": "chronic pain",
        "ccm": "chronic care",
        "complex_ccm": "complex chronic care",
        "pcm": "principal care",
        "rpm": "remote physiologic",
        "rtm": "remote therapeutic",
        "bhi": "behavioral health",
        "tcm": "transitional care",
    }
)


def clock(seconds: int) -> str:
    """Seconds as minutes and seconds.

    >>> clock(4_500), clock(1_799), clock(0), clock(6_000)
    ('75:00', '29:59', '0:00', '100:00')
    """
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}"


def codes(earned: Iterable[Mapping[str, Any]]) -> str:
    """Codes with their units.

    >>> codes([{"code": "G3002", "units": 1}, {"code": "G3003", "units": 3}]), codes([])
    ('G3002, G3003 ×3', '')
    """
    return ", ".join(f"{one['code']} ×{one['units']}" if one["units"] > 1 else one["code"] for one in earned)


def money(cents: int | None) -> str:
    """An amount; a dash where it is not known."""
    return "–" if cents is None else dollars(cents)
