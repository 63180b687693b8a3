"""Anodyne: the open revenue-cycle system for pain medicine.

    import anodyne
    for finding in anodyne.check("day.837"):
        print(finding.claim, finding.rule, finding.message)

docs/library.md shows the rest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anodyne.app.library import Finding, Findings, check

__all__ = ["Finding", "Findings", "check"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the library offers
    """What the library offers, imported when it is first asked for: frames are slow to import."""
    if name in __all__:
        from anodyne.app import library  # noqa: PLC0415  see above

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
