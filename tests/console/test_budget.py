"""What the first view costs: one page, one script, one style sheet, and few bytes."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from chalicelib.api.console import KINDS

BUILT = Path(__file__).parents[2] / "chalicelib" / "console"
# Of JavaScript and CSS together, as they are sent.
MOST = 100 * 1024


@pytest.fixture(scope="module")
def built(built_console):
    return [path for path in built_console.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_one_page_one_script_one_style_sheet(built):
    kinds = sorted(path.suffix for path in built if path.suffix != ".svg")
    assert kinds == [".css", ".html", ".js"]


def test_script_and_style_are_small(built):
    sizes = {p.name: len(gzip.compress(p.read_bytes(), 6)) for p in built if p.suffix in (".js", ".css")}
    print(f"{sizes}: {sum(sizes.values()):,} of {MOST:,} bytes")
    assert sum(sizes.values()) <= MOST


def test_everything_that_is_built_is_served_and_named_after_its_content(built):
    for path in built:
        assert path.suffix in KINDS, path.name
        if path.name != "index.html":
            assert path.parent == BUILT / "assets"
            assert re.fullmatch(r"[\w.]+-[\w-]{8}\.\w+", path.name), path.name


def test_the_page_asks_for_nothing_but_its_own_relative_files(built):
    text = (BUILT / "index.html").read_text()
    asked = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert len(asked) == 3
    for address in asked:
        assert address.startswith("./assets/")
        assert (BUILT / address).is_file()
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*src=)", text)
