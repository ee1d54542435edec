"""Points at which a stack is killed: each brings a project there, and answers what becomes of its deployment."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sqlite3
import threading
import time

from tests.conftest import PRIVATE_HOST
from tests.deployments.conftest import GOING, PATIENCE_SECONDS, Project, by_hostname, until

# A process in a session of its own beside the job's: nothing but the stack itself would ever end them.
STAYS = (
    "[ -e $TRACE.calm ] || {{ (setsid sh -c 'sleep 300; :' {mark} &); echo begun $KINTO_BLOCK >> $TRACE; "
    "sh -c 'sleep 300; :' {mark}; }}"
)


class Mortal(Project):
    """A project that remembers what was acknowledged: resources with their content, runs and deployments."""

    def __init__(self, stack, repository, folder, policy=None):
        super().__init__(stack, repository, folder, policy)
        self.told, self.begun, self.silent = {}, [], None

    def block(self, *arguments, **more):
        name = super().block(*arguments, **more)
        self.told[f"/blocks/{name}"] = self.get(f"/blocks/{name}")
        return name

    def configure(self, hostname, *arguments, **configuration):
        answer = super().configure(hostname, *arguments, **configuration)
        self.told[f"{self.environment}/blocks/{hostname}"] = answer
        return answer

    def start(self, **headers):
        number = super().start(**headers)
        self.begun.append(f"{self.environment}/deployments/{number}")
        return number

    def run(self, hostname, **body):
        run_id = super().run(hostname, **body)
        self.begun.append(f"/runs/{run_id}")
        return run_id

    def stays(self):
        """The command of a job that goes on until it is killed, unless the project is calm."""
        return STAYS.format(mark=self.name)

    def begin(self, block="migrate"):
        """Starts a deployment, and waits for the job that stays."""
        number = self.start()
        self.wait_for(f"begun {block}-{self.name}")
        return number

    def calm(self):
        """From now on nothing stays, and nobody keeps the stack waiting."""
        self.trace.with_name(f"{self.trace.name}.calm").touch()
        if self.silent:
            self.silent.close()

    def deployments(self):
        return self.get(f"{self.environment}/deployments?limit=100")["items"]

    def all_runs(self):
        hostnames = [one["hostname"] for one in self.get(self.environment)["blocks"]]
        return [run for hostname in hostnames for run in self.runs(hostname)]

    def unsettled(self):
        return [one for one in self.deployments() + self.all_runs() if one["status"] in GOING]


def in_order(project, **commands):
    """A job before, a service and a job after; some of them with another command."""
    for add, hostname in ((project.before, "migrate"), (project.service, "web"), (project.after, "smoke")):
        add(hostname, commands.get(hostname, f"echo {hostname} >> $TRACE"))


def beside(ask, *arguments):
    """Sends a request whose answer the kill may cut off."""

    def send():
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(*arguments)

    threading.Thread(target=send, daemon=True).start()


def written(stack, *texts):
    """Looks almost without a pause until the database has a row with all of these texts."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not stored(stack, *texts):
        assert time.monotonic() < deadline, f"{texts} was never written"
        time.sleep(0.001)


def stored(stack, *texts):
    try:
        return stack.stored(*texts)
    except sqlite3.OperationalError:  # it is not there yet, or being recovered
        return []


def while_it_prepares(project):
    in_order(project)
    project.silent = socket.create_server((PRIVATE_HOST, 0))
    project.silent.settimeout(PATIENCE_SECONDS)
    url = f"https://{PRIVATE_HOST}:{project.silent.getsockname()[1]}/repository"
    block = project.block("api", {"type": "command", "command": "true"}, "service", {"url": url})
    project.configure("api", block)
    project.start()
    project.silent.accept()[0].close()


def while_it_lays_out_its_runs(project):
    for number in range(10):
        project.before(f"job-{number}", "true")
    beside(project.start)
    written(project.stack, project.name, "#queued")


def during_a_pre_deployment_job(project):
    in_order(project, migrate=project.stays())
    project.before("later", "echo later >> $TRACE", order=1)
    project.begin()
    return {"migrate": "interrupted", "later": "skipped", "web": "skipped", "smoke": "skipped"}


def between_waves(project):
    in_order(project)
    project.before("later", "echo later >> $TRACE", order=1)
    project.start()
    written(project.stack, project.name, "migrate", "#succeeded")


def while_it_waits_for_a_lock(project):
    in_order(project, migrate=project.stays())
    project.run("migrate")
    project.wait_for(f"begun migrate-{project.name}")
    number = project.start()
    until(lambda: "overlap" in (by_hostname(project.deployment(number)).get("migrate", {}).get("reason") or ""))
    return {"migrate": "skipped", "web": "skipped", "smoke": "skipped"}


def during_a_deploy_command(project):
    in_order(project, web=project.stays())
    project.begin("web")
    return {"migrate": "succeeded", "web": "interrupted", "smoke": "skipped"}


def during_a_post_deployment_job(project):
    in_order(project, smoke=project.stays())
    project.begin("smoke")
    return {"migrate": "succeeded", "web": "succeeded", "smoke": "interrupted"}


def before_it_is_complete(project):
    in_order(project)
    project.start()
    written(project.stack, project.name, "smoke", "#succeeded")
    return {"migrate": "succeeded", "web": "succeeded", "smoke": "succeeded"}


def during_a_retry_back_off(project):
    in_order(project)
    project.before("flaky", "[ -e $TRACE.calm ]", order=1, retries={"count": 3, "backoff_seconds": 3000})
    number = project.start()
    until(lambda: by_hostname(project.deployment(number)).get("flaky", {}).get("reason"))
    return {"migrate": "succeeded", "flaky": "interrupted", "web": "skipped", "smoke": "skipped"}


def during_a_manual_run(project):
    in_order(project, migrate=project.stays())
    project.run("migrate")
    project.wait_for(f"begun migrate-{project.name}")


def when_a_manual_run_was_acknowledged(project):
    in_order(project)
    project.run("migrate")


def when_a_deployment_was_acknowledged(project):
    in_order(project)
    project.start()


def during_a_scheduled_run_behind_which_another_waits(project):
    in_order(project)
    project.scheduled("backup", project.stays(), overlap="queue")
    project.stack.advance(60, wait=False)
    project.wait_for(f"begun backup-{project.name}")
    project.stack.advance(60, wait=False)
    assert [run["status"] for run in project.runs("backup")] == ["queued", "running"]


def while_it_is_cancelled(project):
    in_order(project, migrate=project.stays())
    number = project.begin()
    beside(project.ask, "POST", f"{project.environment}/deployments/{number}/cancel")
    written(project.stack, project.name, 'cancelled_by\\":\\"')
    return {"migrate": "cancelled", "web": "skipped", "smoke": "skipped"}


def during_a_rollback(project):
    in_order(project, web=f"[ $KINTO_DEPLOYMENT = 1 ] || {project.stays()}")
    project.ended(project.start())
    project.post(f"{project.environment}/deployments/1/rollback")
    project.begun.append(f"{project.environment}/deployments/2")
    project.wait_for(f"begun web-{project.name}")
    return {"web": "interrupted"}


ALL = (
    while_it_prepares,
    while_it_lays_out_its_runs,
    during_a_pre_deployment_job,
    between_waves,
    while_it_waits_for_a_lock,
    during_a_deploy_command,
    during_a_post_deployment_job,
    before_it_is_complete,
    during_a_retry_back_off,
    during_a_manual_run,
    when_a_manual_run_was_acknowledged,
    when_a_deployment_was_acknowledged,
    during_a_scheduled_run_behind_which_another_waits,
    while_it_is_cancelled,
    during_a_rollback,
)
# Those that stay where they are, so that one kill meets all of them, and those that must come right before it.
AT_ONCE = (
    during_a_pre_deployment_job,
    during_a_deploy_command,
    during_a_post_deployment_job,
    during_a_retry_back_off,
    during_a_scheduled_run_behind_which_another_waits,
    when_a_manual_run_was_acknowledged,
    when_a_deployment_was_acknowledged,
)
