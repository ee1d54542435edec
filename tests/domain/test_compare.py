from __future__ import annotations

import json

import msgspec
import pytest

from chalicelib.domain.blocks import Command, DockerFile, Image
from chalicelib.domain.compare import BlockChange, Changes, FieldChange, changes
from chalicelib.domain.configured_blocks import Ref, RepeatSchedule, Retries, RunOnce
from chalicelib.domain.variables import Variable
from tests.domain.examples import COMMIT, REPOSITORY, configuration, snapshot

OTHER = COMMIT[::-1]


def told(found):
    return {(field.field): (field.old, field.new) for change in found for field in change.fields}


def configured(**fields):
    return snapshot(configuration=configuration(block="migrate", **fields))


def test_the_same_is_no_change():
    assert changes([snapshot()], [snapshot()]) == Changes()
    assert changes([], []) == Changes()


def test_what_is_new_is_told_with_all_it_has():
    (added,) = changes([], [snapshot()]).added
    assert (added.hostname, added.block) == ("migrate", "migrate")
    assert told([added]) == {
        "repository.url": (None, REPOSITORY.url),
        "repository.branch": (None, "main"),
        "repository.source_folder": (None, ""),
        "source.type": (None, "command"),
        "source.command": (None, "sh migrate.sh"),
        "memory_mb": (None, 128),
        "timeout_seconds": (None, 300),
        "retries.count": (None, 0),
        "retries.backoff_seconds": (None, 10),
        "commit": (None, COMMIT),
    }


def test_what_is_gone_is_told_with_all_it_had():
    found = changes([snapshot()], [])
    assert (found.added, found.changed) == ((), ())
    assert told(found.removed)["commit"] == (COMMIT, None)


def test_added_changed_and_removed_are_each_by_hostname():
    live = [snapshot("x"), snapshot("b"), snapshot("a")]
    wanted = [snapshot("d"), snapshot("c"), snapshot("b", commit=OTHER), snapshot("a", commit=OTHER)]
    found = changes(live, wanted)
    assert [[change.hostname for change in part] for part in (found.added, found.changed, found.removed)] == [
        ["c", "d"], ["a", "b"], ["x"],
    ]  # fmt: skip


def test_a_hostname_made_again_is_removed_and_added():
    found = changes([snapshot(uid="old")], [snapshot(uid="new")])
    assert [change.hostname for change in found.removed + found.added] == ["migrate", "migrate"]
    assert found.changed == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (snapshot(), snapshot(commit=OTHER), {"commit": (COMMIT, OTHER)}),
        (snapshot(), snapshot(commit=None), {"commit": (COMMIT, None)}),
        (
            configured(ref=Ref(branch="main")),
            configured(ref=Ref(tag="v1")),
            {"ref.branch": ("main", None), "ref.tag": (None, "v1")},
        ),
        (configured(), configured(memory_mb=256), {"memory_mb": (128, 256)}),
        (configured(), configured(retries=Retries(count=2)), {"retries.count": (0, 2)}),
        (configured(run=RunOnce()), configured(run=RunOnce(order=3)), {"run.order": (0, 3)}),
        (
            configured(run=RunOnce()),
            configured(run=RepeatSchedule(cron="0 8 * * *")),
            {
                "run.mode": ("run_once", "repeat_schedule"), "run.phase": ("pre_deployment", None),
                "run.order": (0, None), "run.run_on_rollback": (False, None), "run.cron": (None, "0 8 * * *"),
                "run.timezone": (None, "UTC"), "run.overlap": (None, "skip"), "run.catch_up": (None, "none"),
            },
        ),
        (
            snapshot(source=Command(command="a")),
            snapshot(source=Command(command="b", build="make")),
            {"source.command": ("a", "b"), "source.build": (None, "make")},
        ),
        (
            snapshot(source=DockerFile(), image="r:1"),
            snapshot(source=DockerFile(dockerfile="D"), image="r:2"),
            {"source.dockerfile": ("Dockerfile", "D"), "image": ("r:1", "r:2")},
        ),
        (
            snapshot(source=Image(image="a:1"), image="a:1"),
            snapshot(source=Image(image="a:2"), image="a:2"),
            {"source.image": ("a:1", "a:2"), "image": ("a:1", "a:2")},
        ),
    ],
)  # fmt: skip
def test_each_field_that_differs_is_told_from_what_to_what(before, after, expected):
    found = changes([before], [after])
    assert told(found.changed) == expected
    assert (found.added, found.removed) == ((), ())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([Variable("A", "1")], [Variable("A", "2")], {"variables.A": ("1", "2")}),
        ([Variable("A", "1")], [], {"variables.A": ("1", None)}),
        ([], [Variable("A", "")], {"variables.A": (None, "")}),
        ([Variable("A", "1")], [Variable("A", masked=True)], {"variables.A": ("1", "(masked)")}),
        ([Variable("A", "1")], [Variable("A", "1", required=True)], {}),
    ],
)
def test_variables_are_compared_by_name_and_value(before, after, expected):
    found = changes([configured(variables=tuple(before))], [configured(variables=tuple(after))])
    assert told(found.changed) == expected


def masked(stamp):
    return msgspec.structs.replace(
        configured(variables=(Variable("S", masked=True),)), masked_values={"S": stamp} if stamp else {}
    )


@pytest.mark.parametrize(
    ("before", "after", "differs"), [("1", "1", False), ("1", "2", True), (None, "1", True), (None, None, False)]
)
def test_of_a_masked_variable_it_is_told_only_whether_it_changed(before, after, differs):
    found = changes([masked(before)], [masked(after)])
    assert told(found.changed) == ({"variables.S": ("(masked)", "(masked)")} if differs else {})


def test_a_variable_that_looks_like_the_mask_is_no_secret():
    live, wanted = configured(variables=(Variable("A", "masked"),)), configured(variables=(Variable("A", "x"),))
    assert told(changes([live], [wanted]).changed) == {"variables.A": ("masked", "x")}


def test_changes_are_told_as_from_and_to():
    assert msgspec.to_builtins(FieldChange("commit", "a", "b")) == {"field": "commit", "from": "a", "to": "b"}
    assert msgspec.to_builtins(BlockChange("web", "shop", ())) == {"hostname": "web", "block": "shop", "fields": ()}


def test_what_could_not_be_told_is_a_warning():
    assert changes([], [], ["web: there is no branch main"]).warnings == ("web: there is no branch main",)


def test_of_a_long_variable_its_beginning_is_told_and_that_it_differs():
    def having(value):
        return configured(variables=(Variable("A", value),))

    (found,) = changes([having("x" * 3000)], [having("x" * 2999 + "y")]).changed
    old, new = told([found])["variables.A"]
    assert old != new
    assert old.startswith("x" * 128 + "… (3000 characters, SHA-256 ")
    assert len(new) < 192


def test_all_that_fifty_blocks_may_change_fits_into_one_answer():
    """In the letter of which escaping twice, as JSON in JSON, makes most."""

    def side(letter):
        values = tuple(Variable(f"V{n:03}".ljust(128, "_"), letter + '"' * 511) for n in range(64))
        command = Command(command=letter + '"' * 4095, build=letter + '"' * 4095)
        block = msgspec.structs.replace(snapshot().block, source=command)
        environment = [configured(variables=values) for _ in range(50)]
        return [
            msgspec.structs.replace(one, uid=f"{n}", hostname=f"job-{n:02}".ljust(48, "x"), block=block)
            for n, one in enumerate(environment)
        ]

    body = msgspec.json.encode(changes(side("a"), side("b"))).decode()
    assert body.count('"from"') == 50 * (64 + 2)
    assert len(json.dumps({"body": body})) < 6_000_000
