import { expect, test } from "vitest";

import { heights, summary, took } from "./strip";

const run = (status: "succeeded" | "failed" | "missed" | "skipped" | "running", started: string | null = null, finished: string | null = null) => ({
  status, started_at: started, finished_at: finished,
});

test("the summary counts each state, good ones first", () => {
  expect(summary([run("missed"), run("succeeded"), run("failed"), run("succeeded"), run("failed")])).toBe("2 succeeded, 2 failed, 1 missed");
  expect(summary([])).toBe("");
});

test("a run has taken the time between its start and its end, or until now", () => {
  const [start, end] = ["2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"];
  expect(took(run("succeeded", start, end), 0)).toBe(90_000);
  expect(took(run("running", start), Date.parse(end))).toBe(90_000);
  expect(took(run("skipped"), 0)).toBeNull();
});

test("a clock that lags behind the server's makes no negative durations", () => {
  expect(took(run("running", "2026-01-01T00:00:10Z"), Date.parse("2026-01-01T00:00:00Z"))).toBe(0);
});

test("bars are as high as runs are long, and what never ran has none", () => {
  const start = "2026-01-01T00:00:00Z";
  const found = heights([run("succeeded", start, "2026-01-01T00:00:01Z"), run("failed", start, "2026-01-01T01:00:00Z"), run("missed")], 0);
  expect(found[1]).toBe(1);
  expect(found[0]).toBeGreaterThan(0.4);
  expect(found[0]).toBeLessThan(0.6);
  expect(found[2]).toBeNull();
});

test("runs that all took no time are alike", () => {
  const start = "2026-01-01T00:00:00Z";
  expect(heights([run("succeeded", start, start), run("succeeded", start, start)], 0)).toEqual([0.7, 0.7]);
});
