"""The product in this process, on an emulator whose executions stand still: the tests make each of their steps."""

from __future__ import annotations

import os

import pytest
from moto.core.config import default_user_config

from tests.deployments.conftest import Repository
from tests.faults.injector import Injector, no_waiting
from tests.faults.story import Story
from tests.faults.world import World


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The story, before its first step; `story.injector` is what makes AWS calls fail."""
    from chalicelib import edge
    from infra import template
    from infra.local import stack
    from infra.local.persistence import ACCOUNT, REGION
    from tests.conftest import Embedded

    embedded = Embedded()
    embedded._aws.start()
    default_user_config["stepfunctions"]["execute_state_machine"] = False
    os.environ.update(stack.create(template.load(), REGION, ACCOUNT))
    embedded._forget()
    assert edge.settings().table
    # Before any client is made: they take over the session's listeners.
    injector = Injector(embedded._item._get_connection().connection.session)
    import app
    from infra.local.web import gateway

    repository = Repository(tmp_path_factory.mktemp("faults") / "repository")
    made = Story(gateway(app.app), app.app, World(embedded.database), repository)
    made.injector = injector
    app.use_clock(lambda: made.now)
    made.token = made.invoke("mint_token", {"name": "admin", "role": "admin"})["secret"]
    with no_waiting():
        yield made
    embedded.stop()
