"""Measurements as plain text."""

from collections.abc import Sequence

Row = Sequence[str]


def aligned(head: Row, rows: Sequence[Row], *, words: int) -> str:
    """`rows` under `head` in columns: the first `words` of them flush left, the others flush right."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]

    def line(row: Row) -> str:
        cells = (
            cell.ljust(width) if n < words else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join([line(head), line(["-" * width for width in widths]), *map(line, rows)])


def seconds(value: float) -> str:
    """Three decimals under ten seconds, one from there."""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def ratio(value: float) -> str:
    """`23×`, with a decimal under ten."""
    return f"{value:.1f}×" if value < 10 else f"{value:,.0f}×"
