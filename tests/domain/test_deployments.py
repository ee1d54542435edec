"""The order in which a deployment goes, and the failure rules, every row of them."""

from __future__ import annotations

from itertools import product

import pytest

from chalicelib.domain import deployments
from chalicelib.domain.blocks import Command, DockerFile, Image
from chalicelib.domain.configured_blocks import RepeatSchedule, RunOnce
from chalicelib.domain.variables import Variable
from tests.domain.examples import COMMIT, block, configuration, configured, deployment, run, snapshot

PRE, DEPLOY, POST = deployments.PHASES
NIGHTLY = RepeatSchedule(cron="0 3 * * *")
UNSUCCESSFUL = ["failed", "timed_out", "out_of_memory", "cancelled", "start_failed", "interrupted", "skipped"]


def job(hostname, phase=PRE, order=0, on_rollback=False):
    return snapshot(hostname, run=RunOnce(phase=phase, order=order, run_on_rollback=on_rollback))


def service(hostname):
    return snapshot(hostname, flavor="service")


def names(plan):
    return {phase: [[one.hostname for one in wave] for wave in waves] for phase, waves in plan.items() if waves}


# The plan.


def test_nothing_configured_is_three_empty_phases():
    assert deployments.plan([], rollback=False) == {PRE: [], DEPLOY: [], POST: []}


def test_jobs_of_one_order_are_a_wave_and_waves_go_by_order():
    plan = deployments.plan([job("c", order=2), job("b"), job("d", order=1), job("a")], rollback=False)
    assert names(plan) == {PRE: [["a", "b"], ["d"], ["c"]]}


def test_services_are_one_wave_between_the_jobs():
    plan = deployments.plan([service("web"), job("smoke", POST), job("migrate"), service("api")], rollback=False)
    assert names(plan) == {PRE: [["migrate"]], DEPLOY: [["api", "web"]], POST: [["smoke"]]}


def test_orders_of_the_two_phases_have_nothing_to_do_with_each_other():
    plan = deployments.plan([job("a", PRE, 5), job("b", POST, 5), job("c", POST, 1)], rollback=False)
    assert names(plan) == {PRE: [["a"]], POST: [["c"], ["b"]]}


def test_schedules_take_no_part():
    assert names(deployments.plan([snapshot("backup", run=NIGHTLY)], rollback=False)) == {}
    assert names(deployments.plan([snapshot("backup", run=NIGHTLY)], rollback=True)) == {}


def test_only_services_and_jobs_that_say_so_take_part_in_a_rollback():
    told = [job("a"), job("b", on_rollback=True), service("web"), job("c", POST), job("d", POST, on_rollback=True)]
    assert names(deployments.plan(told, rollback=True)) == {PRE: [["b"]], DEPLOY: [["web"]], POST: [["d"]]}


def test_the_phases_of_a_plan_are_in_order():
    assert list(deployments.plan([], rollback=False)) == ["pre_deployment", "deployment", "post_deployment"]


# The snapshot.


def test_a_docker_files_image_is_named_by_repository_and_tag():
    of = block(source=DockerFile())
    frozen = deployments.frozen(configured(), of, COMMIT, "1.dkr.ecr/kinto")
    repository, tag = frozen.image.rsplit(":", 1)
    assert (repository, len(tag)) == ("1.dkr.ecr/kinto", 40)


def test_without_a_commit_there_is_no_image_of_a_docker_file():
    assert deployments.frozen(configured(), block(source=DockerFile()), None, "r").image is None


def test_a_published_image_is_the_one_named():
    of = block(source=Image(image="alpine:3.20"), repository=None)
    frozen = deployments.frozen(configured(), of, None, "r")
    assert (frozen.image, frozen.commit) == ("alpine:3.20", None)


def test_a_command_has_no_image():
    frozen = deployments.frozen(configured(), block(source=Command(command="x")), COMMIT, "r")
    assert (frozen.image, frozen.commit) == (None, COMMIT)


def test_a_snapshot_knows_the_variables_of_block_and_environment_together():
    of = block(variables=(Variable("A", "1"), Variable("B", "2")), masked_values={"S": "1", "T": "1"})
    where = configured(
        configuration=configuration(variables=(Variable("B", "3"),)), masked_values={"T": "2"}
    )
    frozen = deployments.frozen(where, of, COMMIT, "r")
    assert frozen.variables == (Variable("A", "1"), Variable("B", "3"))
    assert frozen.masked_values == {"S": "1", "T": "2"}


@pytest.mark.parametrize(
    ("of", "trigger"),
    [
        (job("a"), PRE), (job("a", POST), POST), (service("a"), DEPLOY), (snapshot("a", run=NIGHTLY), None),
    ],
)  # fmt: skip
def test_a_snapshots_block_runs_in_its_phase(of, trigger):
    assert of.trigger == trigger


# Ids.


def test_an_id_is_the_environment_and_the_number():
    told = deployments.deployment_id("e" * 26, 42)
    assert deployments.address(told) == ("e" * 26, 42)


@pytest.mark.parametrize("text", ["", "x", "x-", "x-y", "-"])
def test_no_id_is_no_address(text):
    with pytest.raises(ValueError, match=r"unpack|invalid literal"):
        deployments.address(text)


def test_ids_sort_by_number():
    told = [deployments.deployment_id("e", number) for number in (9, 10, 100)]
    assert sorted(told) == told


# What stops a wave.

WAVES = {PRE: (("m1", "m2"), ("n",)), DEPLOY: (("web", "api"),), POST: (("smoke",), ("late",))}
ALL = [name for waves in WAVES.values() for wave in waves for name in wave]
RUNNING = deployment(waves=WAVES)


def runs(**statuses):
    """The runs of WAVES by id, succeeded unless said otherwise; "exit 3" is a failure with that code."""
    found = {}
    for name in ALL:
        status, _, code = statuses.get(name, "succeeded").partition(" ")
        found[name] = run(name, id=name, status="failed" if status == "exit" else status)
        if code:
            found[name] = run(name, id=name, status="failed", exit_code=int(code))
    return found


def test_all_runs_of_a_deployment_are_in_order():
    assert RUNNING.run_ids == ALL
    assert deployment().run_ids == []


def test_the_first_wave_may_always_run():
    told = runs(**dict.fromkeys(ALL, "failed"))
    assert deployments.failure(RUNNING, told, (PRE, 0)) is None


@pytest.mark.parametrize("before", [(PRE, 1), (DEPLOY, 0), (POST, 0), (POST, 1)])
def test_a_wave_may_run_where_all_before_it_succeeded(before):
    assert deployments.failure(RUNNING, runs(), before) is None


@pytest.mark.parametrize("status", UNSUCCESSFUL)
@pytest.mark.parametrize("before", [(PRE, 1), (DEPLOY, 0), (POST, 0), (POST, 1)])
def test_a_wave_must_not_run_where_one_before_it_did_not_succeed(status, before):
    told = deployments.failure(RUNNING, runs(m2=status), before)
    assert told == f"Pre-deployment job did not succeed: m2 ({status})"


def test_runs_of_the_wave_itself_and_later_ones_do_not_stop_it():
    told = runs(n="queued", web="queued", api="running", smoke="failed", late="queued")
    assert deployments.failure(RUNNING, told, (PRE, 1)) is None


@pytest.mark.parametrize("before", [(PRE, 0), (PRE, 1), (DEPLOY, 0)])
def test_no_wave_runs_where_the_image_of_a_later_one_could_not_be_built(before):
    told = deployments.failure(RUNNING, runs(web="start_failed", api="queued", smoke="queued"), before)
    assert told == "Service did not succeed: web (start_failed)"
    told = deployments.failure(RUNNING, runs(m1="skipped", m2="skipped", smoke="start_failed"), before)
    assert told == "Post-deployment job did not succeed: smoke (start_failed)"


def test_the_first_wave_that_failed_is_the_reason():
    told = runs(m1="exit 3", n="skipped", web="skipped")
    assert deployments.failure(RUNNING, told, (POST, 0)) == "Pre-deployment job did not succeed: m1 (exit code 3)"


def test_all_that_failed_in_a_wave_are_named():
    told = runs(web="exit 1", api="timed_out")
    expected = "Services did not succeed: web (exit code 1), api (timed_out)"
    assert deployments.failure(RUNNING, told, (POST, 0)) == expected


# The failure rules.


def ends(policy="keep", automatic=False, **statuses):
    return deployments.verdict(deployment(waves=WAVES, policy=policy, automatic=automatic), runs(**statuses))


@pytest.mark.parametrize("policy", ["keep", "fail", "rollback"])
def test_a_deployment_of_which_all_succeeded_is_deployed(policy):
    assert ends(policy) == deployments.Verdict("deployed", live=True)


@pytest.mark.parametrize("policy", ["keep", "fail", "rollback"])
def test_a_deployment_of_nothing_is_deployed(policy):
    assert deployments.verdict(deployment(policy=policy), {}) == deployments.Verdict("deployed", live=True)


@pytest.mark.parametrize(("policy", "status"), list(product(["keep", "fail", "rollback"], UNSUCCESSFUL[:-1])))
def test_a_pre_deployment_job_that_does_not_succeed_fails_the_deployment_and_nothing_is_live(policy, status):
    later = dict.fromkeys(("n", "web", "api", "smoke", "late"), "skipped")
    assert ends(policy, m1=status, **later) == deployments.Verdict(
        "failed", f"Pre-deployment job did not succeed: m1 ({status})"
    )


@pytest.mark.parametrize(("policy", "status"), list(product(["keep", "fail", "rollback"], UNSUCCESSFUL)))
def test_a_service_that_does_not_succeed_fails_the_deployment_and_those_that_changed_are_named(policy, status):
    assert ends(policy, web=status, smoke="skipped", late="skipped") == deployments.Verdict(
        "failed", f"Service did not succeed: web ({status}); changed: api"
    )


def test_where_no_service_changed_that_is_said():
    end = ends(web="exit 1", api="exit 2", smoke="skipped", late="skipped")
    told = "Services did not succeed: web (exit code 1), api (exit code 2); no service was changed"
    assert (end.status, end.reason, end.live) == ("failed", told, False)


@pytest.mark.parametrize("status", UNSUCCESSFUL)
def test_keep_keeps_what_is_deployed_when_a_post_deployment_job_does_not_succeed(status):
    assert ends("keep", smoke=status, late="skipped").status == "deployed_with_failures"
    assert ends("keep", smoke=status, late="skipped").live
    assert not ends("keep", smoke=status, late="skipped").roll_back


@pytest.mark.parametrize("status", UNSUCCESSFUL)
def test_fail_fails_the_deployment_whose_services_are_live(status):
    end = ends("fail", smoke=status, late="skipped")
    assert (end.status, end.live, end.roll_back) == ("failed", True, False)


@pytest.mark.parametrize("status", UNSUCCESSFUL)
def test_rollback_asks_for_a_rollback(status):
    end = ends("rollback", smoke=status, late="skipped")
    assert (end.status, end.live, end.roll_back) == ("failed", True, True)


def test_a_rollback_that_came_by_itself_asks_for_no_other():
    end = ends("rollback", automatic=True, smoke="failed")
    assert (end.status, end.roll_back) == ("failed", False)


@pytest.mark.parametrize("policy", ["keep", "fail", "rollback"])
def test_the_reason_names_what_failed_and_not_what_was_skipped_for_it(policy):
    assert ends(policy, smoke="exit 4", late="skipped").reason == (
        "Post-deployment job did not succeed: smoke (exit code 4)"
    )


def test_an_image_that_could_not_be_built_is_the_reason_though_all_before_it_was_skipped():
    skipped = dict.fromkeys(ALL, "skipped")
    told = deployments.Verdict("failed", "Service did not succeed: web (start_failed)")
    assert ends(**{**skipped, "web": "start_failed"}) == told
    told = deployments.Verdict("failed", "Post-deployment job did not succeed: smoke (start_failed)")
    assert ends(**{**skipped, "smoke": "start_failed"}) == told


def test_where_all_were_skipped_they_are_the_reason():
    assert ends(smoke="skipped", late="skipped").reason == (
        "Post-deployment jobs did not succeed: smoke (skipped), late (skipped)"
    )


def test_good_are_those_that_a_rollback_can_go_to():
    assert set(deployments.GOOD) == {"deployed", "deployed_with_failures"}
