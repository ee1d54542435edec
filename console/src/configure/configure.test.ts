import { expect, test } from "vitest";

import { added, type Block, body, type Configured, differ, present } from "./form";
import { freeHostname } from "./hostnames";
import { words } from "./labels";
import { machine, megabytes, span, waits } from "./limits";

const JOB = {
  internal_name: "backup", flavor: "job", repository: { url: "https://git.example/shop.git", branch: "trunk", source_folder: "", token: null },
} as unknown as Block;
const IMAGE = { ...JOB, repository: null } as Block;
const SERVICE = { ...JOB, flavor: "service" } as Block;

function configured(changes: Partial<Configured>): Configured {
  return {
    hostname: "backup", block: "backup", flavor: "job", ref: { branch: "trunk" }, run: null, variables: [],
    memory_mb: 256, timeout_seconds: 900, retries: { count: 2, backoff_seconds: 30 }, ...changes,
  } as Configured;
}

test("what is added untouched is what the API takes where nothing is said, at the block's branch", () => {
  expect(body(added(JOB, "backup"), JOB)).toEqual({
    block: "backup",
    ref: { branch: "trunk" },
    run: { mode: "run_once", phase: "pre_deployment", order: 0, run_on_rollback: false },
    variables: [],
    memory_mb: 128,
    timeout_seconds: 300,
    retries: { count: 0, backoff_seconds: 10 },
  });
});

test("what is configured comes back as it was", () => {
  const run = { mode: "repeat_schedule", cron: "5 4 * * *", timezone: "Asia/Tokyo", overlap: "queue", catch_up: "last" } as const;
  const variables = [{ name: "KEY", value: null, masked: true, required: true }];
  const there = configured({ ref: { tag: "v1", branch: null, commit: null }, run, variables });
  expect(body(present(there, JOB), JOB)).toEqual({
    block: "backup", ref: { tag: "v1" }, run, variables, memory_mb: 256, timeout_seconds: 900, retries: { count: 2, backoff_seconds: 30 },
  });
});

test("a job that runs once keeps its phase, order and rollback", () => {
  const run = { mode: "run_once", phase: "post_deployment", order: 3, run_on_rollback: true } as const;
  expect(body(present(configured({ run }), JOB), JOB).run).toEqual(run);
});

test("a manual job has nothing else in its run mode, and keeps what the other tabs hold", () => {
  const form = present(configured({ run: { mode: "manual" } }), JOB);
  expect(body(form, JOB).run).toEqual({ mode: "manual" });
  expect(form.schedule.cron).toBe("* * * * *");
});

test("what was typed on the other tab is kept but not sent", () => {
  const form = added(JOB, "backup");
  form.schedule.cron = " 0 8 * * 1 ";
  form.once.order = 7;
  expect(body({ ...form, mode: "run_once" }, JOB).run).toMatchObject({ mode: "run_once", order: 7 });
  expect(body({ ...form, mode: "repeat_schedule" }, JOB).run).toMatchObject({ mode: "repeat_schedule", cron: "0 8 * * 1" });
});

test("an image has no ref, a service no run mode", () => {
  expect(body(added(IMAGE, "backup"), IMAGE).ref).toBeNull();
  expect(body(added(SERVICE, "web"), SERVICE).run).toBeNull();
});

test("an emptied number is sent as none, for the server to say what to write", () => {
  expect(body({ ...added(JOB, "backup"), memoryMb: null }, JOB).memory_mb).toBeNull();
});

test("a form differs once something was typed, and no more when it was taken back", () => {
  const form = added(JOB, "backup");
  expect(differ(form, { ...form, refName: "main" })).toBe(true);
  expect(differ(form, added(JOB, "backup"))).toBe(false);
});

test("a block gets its own name as hostname, and the next free number from the second time on", () => {
  expect(freeHostname("backup", [])).toBe("backup");
  expect(freeHostname("backup", ["backup"])).toBe("backup-2");
  expect(freeHostname("backup", ["backup", "backup-2", "backup-4"])).toBe("backup-3");
});

test("a numbered hostname keeps to 48 characters", () => {
  const name = `${"a".repeat(45)}-bc`;
  expect(freeHostname(name, [name])).toBe(`${"a".repeat(45)}-2`);
});

test("a configuration is told in words where another person changed it", () => {
  expect(words("pre_deployment", "run.phase")).toBe("Pre-Deployment");
  expect(words(512, "memory_mb")).toBe("512 MB");
  expect(words(90, "retries.backoff_seconds")).toBe("90 seconds");
  expect(words("main", "ref.branch")).toBe("main");
});

test("limits are said in the largest whole unit", () => {
  expect([90, 300, 3600, 7200, 5400, 86400].map(span)).toEqual(["90 seconds", "5 minutes", "1 hour", "2 hours", "90 minutes", "24 hours"]);
  expect([128, 1024, 1536, 147456].map(megabytes)).toEqual(["128 MB", "1 GB", "1.5 GB", "144 GB"]);
});

test("the machine is the smallest that holds the memory", () => {
  expect([128, 3072, 3073, 15360, 73728, 147456, 147457].map(machine)).toEqual(["SMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE", null]);
});

test("waits double, up to an hour", () => {
  expect(waits(4, 1000)).toEqual([1000, 2000, 3600, 3600]);
  expect(waits(0, 10)).toEqual([]);
});
