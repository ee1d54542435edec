"""kill -9 at random instants under a load of edits, deployments, runs and ticks; then all must be as it was told."""

from __future__ import annotations

import os
import random

import pytest

from tests.deployments.kills import Proof

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("kills", "clock"),
    [
        pytest.param(8, "manual", marks=pytest.mark.ci),
        pytest.param(20, "real", marks=pytest.mark.exhaustive),
        pytest.param(200, "manual", marks=pytest.mark.exhaustive),
    ],
)
def test_kills_under_load_lose_nothing(tmp_path, kills, clock):
    seed = int(os.environ.get("KINTO_SEED") or random.randrange(10**9))
    print(f"KINTO_SEED={seed}")
    counts = Proof(tmp_path, seed, clock).kill(kills)
    print(dict(counts))
    assert {"acknowledged writes", "deployments", "runs by hand", "ticks"} <= counts.keys()
