"""Blocks, projects, environments, deployments, tokens: what people said, and what each read costs."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from chalicelib.domain.blocks import DockerFile
from chalicelib.domain.configured_blocks import RepeatSchedule
from chalicelib.domain.tokens import Token
from chalicelib.store import blocks, configured_blocks, deployments, projects, secrets, tokens
from chalicelib.store.table import Raced, commit
from tests.domain import examples
from tests.domain.examples import NOW

replace = msgspec.structs.replace


def name(uid, letter="n"):
    return f"{letter}{uid}"


# Blocks.


def block(uid):
    one = examples.block(uid=uid, internal_name=name(uid))
    commit(blocks.create(one))
    return blocks.get(one.internal_name)


def test_a_name_is_taken_once(uid):
    block(uid)
    with pytest.raises(Raced):
        commit(blocks.create(examples.block(uid="other", internal_name=name(uid))))


def test_a_change_of_a_block_keeps_where_it_is_used(uid):
    one = block(uid)
    commit(*blocks.use(one, "shop/dev/web"))
    commit(blocks.replace(replace(one, name="New")))
    changed = blocks.get(one.internal_name)
    assert (changed.name, changed.version) == ("New", 2)
    with pytest.raises(Raced):
        commit(blocks.delete(changed))


def test_a_change_from_another_version_is_refused(uid):
    one = block(uid)
    commit(blocks.replace(one))
    with pytest.raises(Raced):
        commit(blocks.replace(one))


def test_a_block_is_deleted_only_where_it_is_used_nowhere(uid):
    one = block(uid)
    commit(*blocks.use(one, "shop/dev/web"))
    commit(*blocks.use(one, "shop/dev/api"))
    assert [item.sk for item in blocks.uses(one, 10).items] == ["shop/dev/api", "shop/dev/web"]
    for place in ("shop/dev/web", "shop/dev/api"):
        with pytest.raises(Raced):
            commit(blocks.delete(one))
        commit(*blocks.disuse(one.internal_name, one.uid, place))
    commit(blocks.delete(one))
    assert blocks.get(one.internal_name) is None


def test_a_place_uses_a_block_once(uid):
    one = block(uid)
    commit(*blocks.use(one, "shop/dev/web"))
    with pytest.raises(Raced):
        commit(*blocks.use(one, "shop/dev/web"))


def used_outside(one, projects, limit=10):
    return blocks.uses_outside(one, projects, limit)


def test_uses_outside_of_some_projects_are_found(uid):
    one = block(uid)
    assert used_outside(one, []) == []
    places = ["a-b/dev/job", "ab/dev/job", "shop/dev/api", "shop/dev/web", "shop-2/dev/web", "shop0/dev/web", "zz/a/b"]
    for place in places:
        commit(*blocks.use(one, place))
    assert blocks.use_count(one) == len(places)
    assert used_outside(one, ["shop"]) == [place for place in sorted(places) if not place.startswith("shop/")]
    assert used_outside(one, ["shop", "shop-2", "shop0", "ab", "zz", "nowhere"]) == ["a-b/dev/job"]
    assert used_outside(one, ["shop", "shop-2", "shop0", "ab", "a-b", "zz"]) == []
    assert used_outside(one, []) == sorted(places)
    assert used_outside(one, [], limit=2) == sorted(places)[:3]


def test_a_block_that_was_changed_since_is_not_used(uid):
    one = block(uid)
    commit(blocks.replace(replace(one, projects={"shop": "p"})))
    with pytest.raises(Raced):
        commit(*blocks.use(one, "other/dev/web"))


def test_a_change_may_hold_to_the_number_of_uses(uid):
    one = block(uid)
    commit(*blocks.use(one, "shop/dev/web"))
    with pytest.raises(Raced):
        commit(blocks.replace(one, 0))
    commit(blocks.replace(one, 1))


def test_a_namesake_of_a_block_that_was_deleted_is_not_used_in_its_place(uid):
    one = block(uid)
    commit(blocks.delete(one))
    commit(blocks.create(examples.block(uid="z" * 26, internal_name=name(uid))))
    with pytest.raises(Raced):
        commit(*blocks.use(one, "shop/dev/web"))


def test_using_and_deleting_at_once_leaves_no_use_of_what_is_gone(uid, at_once):
    one = block(uid)
    used, deleted = at_once(lambda: commit(*blocks.use(one, "shop/dev/web")), lambda: commit(blocks.delete(one)))
    assert [used, deleted].count(None) == 1
    assert (blocks.get(one.internal_name) is None) is (deleted is None)
    assert bool(blocks.uses(one, 1).items) is (used is None)


def test_a_page_of_blocks_is_one_query(embedded, uid):
    block(uid)
    with embedded.requests() as made:
        found, _ = blocks.page(100, None)
    assert name(uid) in [one.internal_name for one in found]
    assert made == ["Query"]


# Projects and environments.


def project(uid):
    one = examples.project(uid=uid, internal_name=name(uid))
    commit(projects.create(one))
    return projects.get(one.internal_name)


def environment(uid, **told):
    one = examples.environment(uid=uid, project_uid=uid, **told)
    commit(projects.create_environment(one))
    return projects.environment_by_uid(uid, one.internal_name)


def test_a_project_and_its_environments_are_found_by_name(uid):
    one = project(uid)
    for told in ("prod", "dev"):
        environment(uid, internal_name=told)
    assert [found.internal_name for found in projects.environments(one)] == ["dev", "prod"]
    assert projects.environment(one, "dev").internal_name == "dev"
    assert projects.environment(one, "none") is None


def test_environments_of_another_project_are_not_its_own(uid):
    environment(uid + "x")
    assert projects.environments(project(uid)) == []


def test_a_project_of_the_same_name_inherits_nothing(uid):
    one = project(uid)
    environment(uid)
    commit(projects.delete(one))
    commit(projects.create(examples.project(uid=f"{uid[1:]}z", internal_name=name(uid))))
    assert projects.environments(projects.get(name(uid))) == []


def test_of_two_that_lock_an_environment_at_once_one_does(uid, at_once):
    present = environment(uid)

    def lock(number):
        return lambda: commit(projects.replace_environment(replace(present, active=number)))

    answers = at_once(*(lock(number) for number in range(1, 7)))
    won = [number for number, answer in enumerate(answers, 1) if answer is None]
    assert [projects.environment_by_uid(uid, "dev").active] == won


def test_an_environment_that_changed_is_not_deleted(uid):
    present = environment(uid)
    commit(projects.replace_environment(present))
    with pytest.raises(Raced):
        commit(projects.delete_environment(present))


# Configured blocks.


def configured(uid, hostname="web", **told):
    one = examples.configured(uid=f"{uid}{hostname}", environment_uid=uid, hostname=hostname, **told)
    commit(configured_blocks.create(one))
    return configured_blocks.get(uid, hostname)


def test_all_of_an_environment_are_one_query(embedded, uid):
    for number in range(50):
        configured(uid, f"h{number:02}")
    with embedded.requests() as made:
        found = configured_blocks.all_of(uid)
    assert [one.hostname for one in found] == [f"h{number:02}" for number in range(50)]
    assert made == ["Query"]


def test_what_the_product_notes_leaves_peoples_version_as_it_is(uid):
    one = configured(uid)
    commit(configured_blocks.amend(replace(one, rules=("r",))))
    found = configured_blocks.get(uid, "web")
    assert (found.rules, found.version) == (("r",), 1)
    commit(configured_blocks.replace(replace(found, rules=())))
    assert configured_blocks.get(uid, "web").version == 2


def test_a_note_on_a_version_that_is_no_longer_present_is_refused(uid):
    one = configured(uid)
    commit(configured_blocks.replace(one))
    with pytest.raises(Raced):
        commit(configured_blocks.amend(replace(one, rules=("r",))))


# Deployments and snapshots.


def deployment(uid, number, **told):
    told = {"id": f"{uid}-{number:08d}", "number": number, "environment_uid": uid} | told
    commit(deployments.create(examples.deployment(**told)))


def test_deployments_are_newest_first_and_a_page_is_one_query(embedded, uid):
    for number in (1, 2, 9, 10, 11):
        deployment(uid, number)
    with embedded.requests() as made:
        first, after = deployments.page(uid, NOW, 3, None)
        second, end = deployments.page(uid, NOW, 3, after)
    assert [one.number for one in first + second] == [11, 10, 9, 2, 1]
    assert (made, end) == (["Query", "Query"], None)


def test_a_deployment_is_found_by_its_id(uid):
    deployment(uid, 3)
    assert deployments.get(f"{uid}-00000003").number == 3
    assert [one.number for one in deployments.by_numbers(uid, [3, 4])] == [3]


@pytest.mark.parametrize("text", ["", "x", "x-y", "-", "-1", "x-"])
def test_text_that_is_no_deployments_id_names_none(text):
    assert deployments.get(text) is None


def test_a_number_is_given_once(uid):
    deployment(uid, 1)
    with pytest.raises(Raced):
        deployment(uid, 1)


def test_a_snapshot_is_an_item_for_each_hostname_and_is_read_with_one_query(embedded, uid):
    for number in range(50):
        commit(deployments.put_snapshot(uid, 1, examples.snapshot(f"h{number:02}")))
    commit(deployments.put_snapshot(uid, 2, examples.snapshot("other")))
    with embedded.requests() as made:
        found = deployments.snapshot(uid, 1)
    assert [one.hostname for one in found] == [f"h{number:02}" for number in range(50)]
    assert made == ["Query"]
    assert deployments.snapshot_block(uid, 2, "other").hostname == "other"
    assert deployments.snapshot_block(uid, 2, "h01") is None


def test_a_snapshot_comes_back_as_it_was(uid):
    one = examples.snapshot("web", source=DockerFile(), run=RepeatSchedule(cron="0 8 * * 1"), masked_values={"S": "1"})
    commit(deployments.put_snapshot(uid, 1, one))
    assert deployments.snapshot(uid, 1) == [one]


def test_what_was_deployed_before_can_be_written_again_while_it_is_prepared(uid):
    for _ in range(2):
        commit(deployments.put_snapshot(uid, 1, examples.snapshot("web")))
    assert len(deployments.snapshot(uid, 1)) == 1


# Secrets and tokens.


def test_secrets_are_one_row_of_their_owner(uid):
    assert secrets.get(uid) == {}
    commit(secrets.put(uid, {"A": ("AAAA", "BBBB")}))
    commit(secrets.put(uid, {"B": ("CCCC",)}))
    assert secrets.get(uid) == {"B": ("CCCC",)}
    commit(secrets.put(uid, {}))
    assert secrets.get(uid) == {}


def a_token(uid, name="ci"):
    return Token(id=uid[-12:], name=name, role="viewer", digest="d", created_at=NOW, created_by="ada")


def test_a_token_is_there_until_it_is_deleted(uid):
    token = a_token(uid)
    commit(tokens.create(token))
    assert tokens.get(token.id) == msgspec.structs.replace(token, version=1)
    with pytest.raises(Raced):
        commit(tokens.create(a_token(uid, "other")))
    commit(tokens.delete(token))
    assert tokens.get(token.id) is None
    with pytest.raises(Raced):
        commit(tokens.delete(token))


def test_the_use_of_a_token_is_noted_once_in_a_while(uid):
    token, minute = a_token(uid), timedelta(minutes=1)
    commit(tokens.create(token))
    commit(tokens.use(token.id, NOW, minute))
    with pytest.raises(Raced):
        commit(tokens.use(token.id, NOW + minute / 2, minute))
    assert tokens.get(token.id).last_used_at == NOW
    commit(tokens.use(token.id, NOW + minute, minute))
    assert tokens.get(token.id).last_used_at == NOW + minute


def test_using_a_token_that_was_deleted_does_not_bring_it_back(uid):
    with pytest.raises(Raced):
        commit(tokens.use(uid[-12:], NOW, timedelta(minutes=1)))
    assert tokens.get(uid[-12:]) is None
