import { expect, test } from "vitest";

import { commits, type Deployment, ending, failed, mentions, phases, preparing, reasonOf, type Run, together, waves } from "./progress";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 8, 0, seconds)).toISOString();

function run(hostname: string, told: Partial<Run> = {}): Run {
  return {
    id: hostname, project: "shop", environment: "dev", hostname, block: hostname, trigger: "pre_deployment", order: 0,
    status: "succeeded", reason: null, exit_code: 0, by: "ada", because: null, command: null, variables: [],
    deployment: 3, commit: null, image: null, scheduled_at: null, created_at: at(1), started_at: at(2),
    finished_at: at(3), attempts: [], version: 1, ...told,
  };
}

function deployment(runs: Partial<Deployment["phases"]>, told: Partial<Deployment> = {}): Deployment {
  return {
    number: 3, project: "shop", environment: "dev", kind: "deploy", rollback_of: null, automatic: false, status: "running", reason: null,
    started_at: at(0), finished_at: null, by: "ada", version: 1,
    phases: { pre_deployment: [], deployment: [], post_deployment: [], ...runs },
    changes: { added: [], changed: [], removed: [], warnings: [] }, ...told,
  };
}

test("runs of the same order are a wave, those of services one", () => {
  const found = waves([run("a"), run("b"), run("c", { order: 5 })]);
  expect(found.map((wave) => [wave.order, wave.runs.map((one) => one.hostname)])).toEqual([[0, ["a", "b"]], [5, ["c"]]]);
  expect(waves([run("api", { order: null }), run("web", { order: null })])).toHaveLength(1);
  expect(waves([])).toEqual([]);
});

test("a phase goes on while one of its runs does, and then is as bad as the worst", () => {
  expect(together([])).toBeNull();
  expect(together(["queued", "queued"])).toBe("queued");
  expect(together(["succeeded", "queued"])).toBe("running");
  expect(together(["failed", "running"])).toBe("running");
  expect(together(["succeeded", "skipped", "timed_out"])).toBe("timed_out");
  expect(together(["succeeded", "skipped", "cancelled"])).toBe("cancelled");
  expect(together(["succeeded", "skipped"])).toBe("skipped");
  expect(together(["succeeded", "succeeded"])).toBe("succeeded");
});

test("a phase lasts from its first start to its last end, which skipped runs don't have", () => {
  const skipped = run("late", { status: "skipped", started_at: null, finished_at: at(50) });
  const [before, services] = phases(deployment({ pre_deployment: [run("b", { started_at: at(4), finished_at: at(9) }), run("a"), skipped] }));
  expect([before!.from, before!.to]).toEqual([at(2), at(9)]);
  expect([services!.status, services!.from, services!.to]).toEqual([null, null, null]);
  const [going] = phases(deployment({ pre_deployment: [run("a"), run("b", { status: "running", finished_at: null })] }));
  expect([going!.from, going!.to]).toEqual([at(2), null]);
});

test("what failed first comes first, whatever its phase; what was skipped or cancelled did not fail", () => {
  const found = failed(deployment({
    pre_deployment: [run("late", { status: "timed_out", finished_at: at(9) }), run("first", { status: "failed", finished_at: at(4) })],
    deployment: [run("web", { status: "skipped" }), run("api", { status: "cancelled" }), run("db", { status: "start_failed", finished_at: at(6) })],
  }));
  expect(found.map((one) => one.hostname)).toEqual(["first", "db", "late"]);
});

test("the end of a deployment is one sentence with what failed", () => {
  const migrate = run("migrate", { status: "failed", exit_code: 3 });
  const of = (status: Deployment["status"], told: Partial<Deployment> = {}, runs: Run[] = [migrate]) =>
    ending(deployment({ pre_deployment: runs }, { status, ...told }));
  expect(of("failed")).toBe("Deployment 3 failed: migrate, exit code 3");
  expect(of("deployed_with_failures", {}, [run("smoke", { status: "timed_out" })])).toBe("Deployment 3 is deployed with failures: smoke, timed out");
  expect(of("failed", { reason: "web: no branch main" }, [])).toBe("Deployment 3 failed: web: no branch main");
  expect(of("deployed", {}, [])).toBe("Deployment 3 is deployed");
  expect(of("cancelled")).toBe("Deployment 3 was cancelled");
});

test("a reason that only repeats the exit code is not told twice", () => {
  const ended = { status: "failed", exit_code: 3 } as const;
  expect(reasonOf(run("a", { ...ended, reason: "It ended with exit code 3." }))).toBeNull();
  expect(reasonOf(run("a", { ...ended, reason: "It ended with exit code 3, sent by its own kill." }))).toBe("It ended with exit code 3, sent by its own kill.");
});

test("commits are told once, with the hostnames that are at them", () => {
  const found = commits(deployment({ pre_deployment: [run("a", { commit: "c1" }), run("b", { commit: "c2" })], deployment: [run("web", { commit: "c1" }), run("db")] }));
  expect(found).toEqual([["c1", ["a", "web"]], ["c2", ["b"]]]);
});

test("it prepares until something begins, and may build images only for what has a commit and an image", () => {
  const waiting = { status: "queued", started_at: null, finished_at: null } as const;
  const attempt = { number: 1, status: "queued", reason: null, exit_code: null, started_at: null, finished_at: null } as const;
  expect(preparing(deployment({}))).toMatch(/commit/);
  expect(preparing(deployment({ deployment: [run("web", { ...waiting, attempts: [attempt] })] }))).toBeNull();
  const built = run("web", { ...waiting, attempts: [attempt], commit: "c", image: "i" });
  expect(preparing(deployment({ deployment: [built] }))).toMatch(/images/);
  expect(preparing(deployment({ pre_deployment: [run("a")], deployment: [built] }))).toBeNull();
  expect(preparing(deployment({}, { status: "failed" }))).toBeNull();
});

test("deployments that a reason names can be linked", () => {
  expect(mentions("bad; rolling back to deployment 1 by deployment 12")).toEqual(["bad; rolling back to ", "1", " by ", "12", ""]);
  expect(mentions("nothing")).toEqual(["nothing"]);
});
