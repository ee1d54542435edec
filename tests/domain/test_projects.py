from __future__ import annotations

import pytest

from tests.domain.examples import environment


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, "not_deployed"),
        ({"active": 1, "latest": 1, "latest_status": "running"}, "running"),
        ({"latest": 1, "latest_status": "deployed"}, "deployed"),
        ({"latest": 1, "latest_status": "deployed_with_failures"}, "deployed_with_failures"),
        ({"latest": 2, "latest_status": "failed", "current": 1}, "failed"),
        ({"latest": 1, "latest_status": "cancelled"}, "cancelled"),
        ({"shutdown": True}, "shutdown"),
        ({"shutdown": True, "latest": 1, "latest_status": "deployed"}, "shutdown"),
        ({"shutdown": True, "active": 2, "latest_status": "running"}, "running"),
    ],
)
def test_an_environments_status_is_that_of_its_latest_deployment_unless_it_rests(told, status):
    assert environment(**told).status == status
