"""A trailer counts only when it is punctuated as its header says."""

import io

import pytest

from anodyne.kernel.errors import Truncated
from anodyne.x12.read import read_stream
from tests.claims import Claim, Line, file_of


def test_a_trailer_with_another_separator_does_not_close_the_interchange() -> None:
    data = file_of(Claim([Line("20553")]), Claim([Line("20553")], id="A2", patient=2))
    half = len(data) // 2
    changed = data[:half] + data[half:].replace(b"*", b"|")
    with pytest.raises(Truncated, match="no IEA"):
        list(read_stream(io.BytesIO(changed), name="half.837"))
