"""What THREATS.md names as proof is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "THREATS.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT)))


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_is_named_is_there(named):
    path, _, name = named.partition("::")
    assert (ROOT / path).exists(), f"{path} is not there"
    assert not name or re.search(rf"^def {re.escape(name)}\(", (ROOT / path).read_text(), re.MULTILINE), named


def test_every_threat_has_a_test_or_says_that_it_has_none():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| who |", "| ---"))]
    assert rows
    for row in rows:
        *_, shown, _ = row.split(" | ") if row.endswith(" | ") else (*row.removesuffix(" |").split(" | "), "")
        assert "`tests/" in shown or "by reading" in shown, row
