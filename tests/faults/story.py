"""A story in steps, each one API call or one invocation of a function, that together use everything that writes."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta

from chalicelib.aws import keys

START = datetime(2026, 11, 22, 8, 0, 30, tzinfo=UTC)
SHOP = "/projects/shop"
DEFAULT = f"{SHOP}/environments/default"
STAGING = f"{SHOP}/environments/staging"
MASKED = [{"name": "KEY", "value": "s3cret-s3cret", "masked": True}]
STEPS = []


class Unavailable(Exception):
    """The caller is told to try again."""


def step(work):
    """The next step of the story."""
    STEPS.append(work)
    return work


def other_each_time(work):
    """What makes another thing each time it is asked, so that an answer that is lost leaves one that nobody has."""
    work.other_each_time = True
    return work


class Story:
    """What a step uses; `memory` is what steps remember for later ones."""

    def __init__(self, gateway, app, world, repository):
        self.gateway, self.app, self.world, self.repository = gateway, app, world, repository
        self.token, self.now, self.memory = None, START, {}
        self.number = self.points = 0
        self.beginning = None

    def keep(self):
        """Where the story is, to come back to."""
        return self.number, self.now, copy.deepcopy(self.memory), self.world.keep()

    def back(self, kept):
        self.number, self.now, memory, world = kept
        self.memory = copy.deepcopy(memory)
        self.world.back(world)
        keys.derived.cache_clear()

    def go_to(self, number):
        """Everything before this step has happened, undisturbed."""
        self.beginning = self.beginning or self.keep()
        if number < self.number:
            self.back(self.beginning)
        while self.number < number:
            STEPS[self.number](self)
            self.number += 1

    def undisturbed(self, work):
        """The names of the AWS calls of a step in a new process, and its answer."""
        keys.derived.cache_clear()
        with self.injector.work():
            answer = work(self)
        return self.injector.calls, answer

    def look_after(self):
        """The watchdog, twice, as at the start of a stack: it looks at what is not overdue too."""
        self.invoke("watchdog", {"everything": True})
        self.invoke("watchdog", {"everything": True})
        return self.world.told()

    def went(self, number, points):
        """This step is done, and so many faults of it were tried."""
        self.number = number + 1
        self.points += points

    def ask(self, method, path, body=None):
        """The answer; Unavailable where the server says that it will pass. The same step sends the same key."""
        from infra.local.answers import Request

        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        if method == "POST":
            headers["idempotency-key"] = f"step-{self.number}"
        sent = b"" if body is None else json.dumps(body).encode()
        answer = self.gateway(Request(method, path, headers, sent))
        told = json.loads(answer.body) if answer.body else None
        if answer.status == 503:
            assert dict(answer.headers).get("Retry-After"), answer
            raise Unavailable(told["detail"])
        return answer.status, told

    def invoke(self, function, event):
        """What the function returns."""
        return self.app.handler_map[function](json.loads(json.dumps(event)), _Context(function))

    def ended(self, machine, name, status):
        """What the rule on the end of executions invokes."""
        arn = next(one.arn for one in self.world.machines.state_machines if machine in one.arn)
        return self.invoke("execution_ended", {"detail": {"stateMachineArn": arn, "name": name, "status": status}})

    def execution(self, machine):
        """The last started execution of a machine."""
        return [name for of, name in self.world.executions() if machine in of][-1]

    def runs(self, number):
        """The runs of a deployment by hostname."""
        phases = self.ask("GET", f"{DEFAULT}/deployments/{number}")[1]["phases"]
        return {run["hostname"]: run["id"] for runs in phases.values() for run in runs}

    def build(self, run_id, request, outcome="succeeded", exit_code="0"):
        """A build as the state machine starts it, ended in the emulator as it would end; its id."""
        backend = self.world.codebuild
        build = backend.start_build(request["ProjectName"])
        told = {"KINTO_STAGE": "run", "KINTO_OUTCOME": outcome, "KINTO_EXIT_CODE": exit_code, "KINTO_REASON": "",
                "KINTO_STARTED_AT": "2026-11-22T08:00:31Z", "KINTO_FINISHED_AT": "2026-11-22T08:00:33Z"}  # fmt: skip
        build["exportedEnvironmentVariables"] = [{"name": name, "value": value} for name, value in told.items()]
        return build["id"]


class _Context:
    memory_limit_in_mb = 1024
    client_context = None

    def __init__(self, name):
        # AWS retries an asynchronous invocation under the same id.
        self.function_name, self.aws_request_id = name, "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self):
        return 300_000


@step
def creates_a_project(story):
    return story.ask("POST", "/projects", {"name": "Shop"})


@step
def adds_an_environment(story):
    return story.ask("POST", f"{SHOP}/environments", {"name": "Staging"})


@step
def changes_the_project(story):
    return story.ask("PATCH", SHOP, {"description": "what sells"})


@step
def changes_the_environment(story):
    return story.ask("PATCH", DEFAULT, {"on_post_deployment_failure": "rollback"})


def _block(story, name, flavor="job", **more):
    source = {"type": "command", "command": f"echo {name}"}
    repository = {"url": story.repository.url, "branch": "main"}
    body = {"name": name, "flavor": flavor, "source": source, "repository": repository, **more}
    return story.ask("POST", "/blocks", body)


@step
def creates_a_job(story):
    return _block(story, "migrate", variables=[{"name": "TOKEN", "value": "default-secret", "masked": True}])


@step
def creates_a_service(story):
    return _block(story, "web", flavor="service")


@step
def creates_another_job(story):
    return _block(story, "report")


@step
def creates_a_third_job(story):
    return _block(story, "smoke-test")


@step
def changes_a_block(story):
    return story.ask("PATCH", "/blocks/report", {"name": "The report"})


@step
def keeps_a_credential(story):
    return story.ask("PUT", "/credentials/git.example.org", {"secret": "git-token-git-token"})


@step
def configures_a_job_before_the_deployment(story):
    return story.ask("PUT", f"{DEFAULT}/blocks/migrate", {"block": "migrate", "variables": MASKED})


@step
def configures_a_job_after_the_deployment(story):
    run = {"mode": "run_once", "phase": "post_deployment"}
    return story.ask("PUT", f"{DEFAULT}/blocks/smoke-test", {"block": "smoke-test", "run": run})


@step
def configures_a_service(story):
    return story.ask("PUT", f"{DEFAULT}/blocks/web", {"block": "web"})


@step
def configures_a_schedule(story):
    run = {"mode": "repeat_schedule", "cron": "*/5 * * * *", "overlap": "queue", "catch_up": "last"}
    return story.ask("PUT", f"{DEFAULT}/blocks/report", {"block": "report", "run": run})


@step
def changes_the_schedule(story):
    run = {"mode": "repeat_schedule", "cron": "*/2 * * * *", "overlap": "queue", "catch_up": "last"}
    return story.ask("PUT", f"{DEFAULT}/blocks/report", {"block": "report", "run": run, "variables": MASKED})


@step
def pauses_it(story):
    return story.ask("POST", f"{DEFAULT}/blocks/report/pause", {"reason": "a rest"})


@step
def resumes_it(story):
    return story.ask("POST", f"{DEFAULT}/blocks/report/resume")


def _deployment(number, failing=None):
    """The steps of a whole deployment, as its state machine calls them."""

    def starts(story):
        return story.ask("POST", f"{DEFAULT}/deployments")

    def prepares(story):
        story.memory["deployment"] = story.execution("deployment")
        return story.invoke("prepare", {"deployment_id": story.memory["deployment"]})

    def opens(phase):
        def opens_the_wave(story):
            event = {"deployment_id": story.memory["deployment"], "phase": phase, "wave": 0}
            return story.invoke("open_wave", event)

        opens_the_wave.__name__ = f"opens_the_wave_of_{phase}"
        return opens_the_wave

    def completes(story):
        return story.invoke("complete", {"deployment_id": story.memory["deployment"]})

    steps = [starts, prepares, opens("pre_deployment"), *_run("migrate", number, failing == "migrate")]
    steps += [opens("deployment")]
    if failing != "migrate":
        steps += _run("web", number)
        steps += [opens("post_deployment"), *_run("smoke-test", number, failing == "smoke-test")]
    steps += [completes]
    for one in steps:
        one.__name__ = f"deployment_{number}_{one.__name__}"
        step(one)


def _run(hostname, number=None, fails=False):
    """The steps of one run, as its state machine calls them."""

    def begins(story):
        story.memory["run"] = story.runs(number)[hostname] if number else story.execution("job-run")
        answer = story.invoke("begin", {"run_id": story.memory["run"]})
        story.memory["request"] = answer.get("run")
        return answer["next"]

    def is_seen_to_begin(story):
        run, request = story.memory["run"], story.memory["request"]
        build = story.memory.get(f"build of {run}")
        if build is None:
            outcome = ("failed", "3") if fails else ("succeeded", "0")
            build = story.memory[f"build of {run}"] = story.build(run, request, *outcome)
        environment = {"environment-variables": [{"name": "KINTO_RUN_ID", "value": run}]}
        arn = f"arn:aws:codebuild:us-east-1:123456789012:build/{build}"
        detail = {"build-id": arn, "project-name": request["ProjectName"], "build-status": "IN_PROGRESS",
                  "additional-information": {"environment": environment}}  # fmt: skip
        return story.invoke("build_began", {"detail": detail})

    def finishes(story):
        run = story.memory["run"]
        result = {"build_id": story.memory[f"build of {run}"]}
        return story.invoke("finish", {"run_id": run, "stage": "run", "result": result})

    steps = [begins, is_seen_to_begin, finishes]
    for one in steps:
        one.__name__ = f"{hostname}_{one.__name__}"
    return steps


def _steps(steps, prefix):
    for one in steps:
        one.__name__ = f"{prefix}_{one.__name__}"
        step(one)


_deployment(1)
_deployment(2, failing="smoke-test")


@step
def the_rollback_that_follows_is_lost(story):
    return story.ended("deployment", story.execution("deployment"), "TIMED_OUT")


def _tick(minute):
    def ticks(story):
        schedule = story.memory.get("schedule") or _schedule(story)
        story.memory["schedule"] = schedule
        return story.invoke("tick", {"schedule": schedule, "time": f"2026-11-22T08:{minute:02d}:00Z"})

    ticks.__name__ = f"ticks_at_{minute:02d}"
    return ticks


def _schedule(story):
    targets = [target for rule in story.world.rules().values() for target in rule.targets]
    (template,) = {target["InputTransformer"]["InputTemplate"] for target in targets if "schedule" in str(target)}
    return template.split('"schedule":')[1].split('"')[1]


step(_tick(2))
_first = _run("report")
_steps(_first[:2], "tick_1")
step(_tick(4))  # waits in the queue
_steps(_first[2:], "tick_1")
_steps(_run("report"), "tick_2")


@step
def runs_it_now(story):
    return story.ask("POST", f"{DEFAULT}/blocks/report/runs", {"reason": "to see", "command": "echo now"})


_steps(_run("report")[:2], "by_hand")


@step
def cancels_it(story):
    return story.ask("POST", f"/runs/{story.memory['run']}/cancel")


@step
def its_execution_has_ended(story):
    return story.ended("job-run", story.memory["run"], "ABORTED")


_deployment(4, failing="migrate")


@step
def starts_a_fifth_deployment(story):
    return story.ask("POST", f"{DEFAULT}/deployments")


@step
def cancels_the_deployment(story):
    return story.ask("POST", f"{DEFAULT}/deployments/5/cancel")


@step
def the_execution_of_the_deployment_has_ended(story):
    return story.ended("deployment", story.execution("deployment"), "ABORTED")


@step
def rolls_back(story):
    return story.ask("POST", f"{DEFAULT}/deployments/1/rollback")


@step
def the_rollback_is_prepared(story):
    story.memory["deployment"] = story.execution("deployment")
    return story.invoke("prepare", {"deployment_id": story.memory["deployment"]})


@step
def the_rollback_is_lost(story):
    return story.ended("deployment", story.memory["deployment"], "TIMED_OUT")


@step
def the_watchdog_accounts_for_missed_ticks(story):
    story.now = START + timedelta(minutes=40)
    return story.invoke("watchdog", {})


@step
def a_rule_was_deleted_by_hand_and_is_put_back(story):
    rules = story.world.rules()
    for name in [name for name, rule in rules.items() if "schedule" in str(rule.targets)]:
        del rules[name]
    return story.invoke("reconcile", {})


@step
def shuts_down(story):
    return story.ask("POST", f"{DEFAULT}/shutdown")


@step
@other_each_time
def makes_a_token(story):
    return story.invoke("mint_token", {"name": "ci", "role": "deployer"}) and None


@step
def takes_a_block_out(story):
    return story.ask("DELETE", f"{DEFAULT}/blocks/web")


@step
def deletes_an_environment(story):
    return story.ask("DELETE", STAGING)


@step
def forgets_the_credential(story):
    return story.ask("DELETE", "/credentials/git.example.org")


@step
def deletes_the_block(story):
    return story.ask("DELETE", "/blocks/web")
