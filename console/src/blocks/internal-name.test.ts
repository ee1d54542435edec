import { describe, expect, test } from "vitest";

import { internalName, isInternalName } from "./internal-name";

// The vectors of tests/domain/test_names.py.
describe("a display name", () => {
  test.each([
    ["Test-Job", "test-job"],
    ["Smoke tests (nightly)", "smoke-tests-nightly"],
    ["Über Größe", "uber-groe"],
    ["  trimmed  ", "trimmed"],
    ["2nd migration", "nd-migration"],
    ["a".repeat(60), "a".repeat(48)],
    ["a".repeat(47) + " b", "a".repeat(47)],
    ["a_b.c", "a-b-c"],
    ["日本語", ""],
    ["1", ""],
    ["a", ""],
    ["-", ""],
  ])("%j gives the internal name %j", (name, internal) => {
    expect(internalName(name)).toBe(internal);
  });
});

test.each(["ab", "a1", "test-job", "a--b", "z9-9z", "a".repeat(48)])("an internal name is %s", (name) => {
  expect(isInternalName(name)).toBe(true);
});

test.each(["", "a", "1a", "-ab", "ab-", "Ab", "a_b", "a.b", "a b", "ab\n", "ä1", "a".repeat(49), "а".repeat(3), "ab/", "a\x00b"])(
  "no internal name is %j",
  (name) => {
    expect(isInternalName(name)).toBe(false);
  },
);
