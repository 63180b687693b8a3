"""Anodyne's reader, called as the program itself calls it; runs in the project's environment."""

from stopwatch import Work, clocked


def reading() -> Work:
    """Bytes to every column of claims and lines, whole file in one book; no structure checked."""
    from anodyne.model.book import Book  # noqa: PLC0415 (off the clock)
    from anodyne.x12.read import read_book  # noqa: PLC0415

    def count(book: Book) -> tuple[int, int]:
        return len(book.claims), len(book.lines)

    return Work(read_book, count)


if __name__ == "__main__":
    clocked({"reading": reading})
