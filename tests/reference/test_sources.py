"""The list of sources."""

from pathlib import Path

import pytest

from anodyne.kernel.errors import BadReference
from anodyne.reference.sources import read_sources, source, sources

GOOD = '[a-b]\ntitle = "A"\nurl = "https://example.org/"\nread = 2026-11-21\nconfidence = "verified"\n'


def written(path: Path, text: str) -> Path:
    file = path / "sources.toml"
    file.write_text(text)
    return file


def test_every_source_makes_a_citation() -> None:
    for listed in sources().values():
        cite = listed.cite("the whole")
        assert (cite.source, cite.url, cite.read) == (listed.title, listed.url, listed.read)


def test_ids_are_lower_kebab_case() -> None:
    assert all(
        name == name.lower() and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        for name in sources()
    )


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(BadReference, match="no source nowhere"):
        source("nowhere")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + 'colour = "red"\n', "has the keys"),
        (GOOD.replace('title = "A"\n', ""), "has the keys"),
        (GOOD.replace("verified", "sure"), "confidence is one of"),
        (GOOD.replace("https://example.org/", ""), "has an address"),
        (GOOD.replace("https", "http"), "has an address"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadReference, match=says):
        read_sources(written(tmp_path, text))


def test_what_is_known_needs_no_address(tmp_path: Path) -> None:
    text = GOOD.replace("https://example.org/", "").replace("verified", "known")
    assert read_sources(written(tmp_path, text))["a-b"].confidence == "known"
