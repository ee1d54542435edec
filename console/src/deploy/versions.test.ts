import { expect, test } from "vitest";

import { isEmpty, label, rows, unset } from "./versions";

const change = (...fields: [field: string, from: unknown, to: unknown][]) => ({
  hostname: "web", block: "web", fields: fields.map(([field, from, to]) => ({ field, from, to })),
});
const only = (field: string, from: unknown, to: unknown) => rows(change([field, from, to]))[0];

test("the commit comes first, shortened", () => {
  const found = rows(change(["source.command", "a", "b"], ["commit", "0123456789abcdef", "fedcba9876543210"]));
  expect(found.map((row) => [row.label, row.before, row.after])).toEqual([
    ["Commit", "0123456", "fedcba9"], ["Command", "a", "b"],
  ]);
});

test("what was not there, or will not be, is null and never the word", () => {
  expect(only("timeout_seconds", null, 300)).toMatchObject({ label: "Timeout", before: null, after: "300 s" });
  expect(only("memory_mb", 128, null)).toMatchObject({ before: "128 MB", after: null });
});

test("values are told in the words of the forms", () => {
  expect(only("run.phase", "pre_deployment", "post_deployment")).toMatchObject({ before: "Pre-Deployment", after: "Post-Deployment" });
  expect(only("run.mode", "run_once", "manual")).toMatchObject({ before: "Run Once", after: "Manual" });
  expect(only("source.type", "dockerfile", "command")).toMatchObject({ before: "Docker File", after: "Command" });
  expect(only("run.run_on_rollback", false, true)).toMatchObject({ before: "No", after: "Yes" });
  expect(only("repository.source_folder", "", "app")).toMatchObject({ before: "/ (the root)", after: "app" });
  expect(only("retries.count", 0, 2)).toMatchObject({ before: "0", after: "2" });
});

test("a command that is called like a word stays what it is", () => {
  expect(only("source.command", "image", "command")).toMatchObject({ before: "image", after: "command" });
});

test("a masked variable is secret, and nothing else is", () => {
  expect(only("variables.KEY", "(masked)", "(masked)")).toMatchObject({ label: "Variable KEY", secret: true });
  expect(only("variables.KEY", null, "(masked)")).toMatchObject({ before: null, secret: true });
  expect(only("variables.KEY", "a", "b")).toMatchObject({ secret: false });
  expect(only("source.command", "(masked)", "b")).toMatchObject({ secret: false });
});

test("a field without words of its own keeps its name", () => {
  expect(label("something.new")).toBe("something.new");
});

test("warnings alone are no change", () => {
  const nothing = { added: [], changed: [], removed: [], warnings: ["web: no such branch"] };
  expect(isEmpty(nothing)).toBe(true);
  expect(isEmpty({ ...nothing, removed: [change()] })).toBe(false);
});

test("Required variables are told hostname by hostname", () => {
  expect(unset("Required variables have no value: api: KEY; web: A, B")).toEqual(["api: KEY", "web: A, B"]);
  expect(unset("deployment 3 of shop/dev is running; wait for it or cancel it")).toBeNull();
});
