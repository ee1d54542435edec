import { describe, expect, test } from "vitest";

import { EMPTY } from "./draft";
import { stepOf, stepWith } from "./steps";

describe("the step of an address", () => {
  const chosen = { ...EMPTY, flavor: "job" as const };
  test.each([
    [null, "flavor"],
    ["flavor", "flavor"],
    ["repository", "repository"],
    ["details", "details"],
    ["nonsense", "flavor"],
  ])("%j is %s", (asked, step) => {
    expect(stepOf(asked, chosen)).toBe(step);
  });

  test("is the first one until a flavor is chosen", () => {
    expect(stepOf("details", EMPTY)).toBe("flavor");
  });
});

test.each([
  [["repository.url"], "repository"],
  [["name", "repository.source_folder"], "repository"],
  [["internal_name"], "details"],
  [["variables[0].name"], "details"],
  [["source.command"], "details"],
  [["flavor", "name"], "flavor"],
  [["something"], null],
  [[], null],
])("of the fields %j, the first step is %s", (fields, step) => {
  expect(stepWith(fields)).toBe(step);
});
