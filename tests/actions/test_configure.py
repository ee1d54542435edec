"""Configuring blocks, on the laptop's AWS."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.actions import blocks, configure, projects
from chalicelib.call import Call
from chalicelib.domain.blocks import Command, Repository
from chalicelib.domain.configured_blocks import Configuration
from chalicelib.store import configured_blocks
from chalicelib.store import projects as stored
from tests.domain import examples


@pytest.fixture(scope="module")
def call(embed):
    names = (f"{number:026}" for number in range(1000))
    return Call(examples.NOW, "ada", "admin", embed("Table", "Key", "KeyAlias").settings, lambda: next(names))


def test_many_may_add_blocks_to_an_environment_at_once(call):
    source, repository = Command(command="true"), Repository(url="https://git.example.org/shop")
    blocks.create(
        call, name="job", internal_name="job", flavor="job", repository=repository, source=source, values=()
    )
    projects.create(call, name="shop", internal_name="shop", description="", environment="dev")
    environment = stored.environment(stored.get("shop"), "dev")
    hostnames = [f"job-{number}" for number in range(12)]

    def add(hostname):
        return configure.put(call, environment, hostname, Configuration(block="job"), None)

    with ThreadPoolExecutor(6) as pool:
        assert {added.hostname for added in pool.map(add, hostnames)} == set(hostnames)
    assert {one.hostname for one in configured_blocks.all_of(environment.uid)} == set(hostnames)
    assert stored.environment(stored.get("shop"), "dev").blocks == 12
