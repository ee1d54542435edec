from __future__ import annotations

import time

import pytest

from tests.conftest import LocalStack

pytestmark = pytest.mark.processes

ENVIRONMENT = "/projects/shop/environments/default"
PATIENCE_SECONDS = 60


class Show(LocalStack):
    """A stack with the demo."""

    usual = ("--port=0", "--clock=manual")

    def until_told(self, text, times=1):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.output.read_text().count(text) < times:
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.001)


@pytest.fixture
def show(tmp_path):
    show = Show(tmp_path / "state")
    yield show
    show.kill()


@pytest.mark.ci
def test_a_demo_that_is_killed_goes_on_where_it_stopped(show):
    for step in ("The demo: a small shop", "repository ", "back-up     REPEATS EVERY MINUTE", "migrate     running"):
        show.start(wait=False)
        show.until_told(step)
        show.kill()
    show.start()
    show.until_told("Try next")
    environment = show.request("GET", ENVIRONMENT)[2]
    assert (environment["status"], len(environment["blocks"])) == ("deployed", 4)
    assert environment["current"]["number"] == environment["latest"]["number"]
    told = [one["status"] for one in show.request("GET", f"{ENVIRONMENT}/deployments")[2]["items"]]
    assert told[0] == "deployed"
    assert set(told[1:]) == {"failed"}

    assert show.terminate() == 0
    show.start()
    show.until_told("The demo goes on: shop/default is deployed")
    assert show.request("GET", ENVIRONMENT)[2]["latest"]["number"] == len(told)

    assert show.request("POST", f"{ENVIRONMENT}/shutdown")[0] == 200
    assert show.terminate() == 0
    show.start()
    show.until_told("The demo goes on: shop/default is shutdown")
    assert show.request("DELETE", "/projects/shop")[0] == 204
    assert show.terminate() == 0
    show.start()
    show.until_told("The demo was removed")
    assert show.request("GET", "/projects/shop")[0] == 404
