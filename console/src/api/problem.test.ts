import { expect, it } from "vitest";

import { Problem } from "./problem";

const errors = ["name", "variables", "variables[0].name", "variables[1].value", "variables[10].name", "run.cron"].map((field) => ({ field, message: "wrong" }));
const problem = new Problem(422, { errors });
const left = (field: string, below = true) => [...(problem.without(field, below)?.fields.keys() ?? [])];

it("loses the errors of a field and of what is below it", () => {
  expect(left("run")).not.toContain("run.cron");
  expect(left("variables[1]")).toEqual(["name", "variables", "variables[0].name", "variables[10].name", "run.cron"]);
  expect(left("variables")).toEqual(["name", "run.cron"]);
  expect(left("variables", false)).toHaveLength(5);
});

it("is gone with its last error, and the same while nothing changes", () => {
  const one = new Problem(422, { errors: [{ field: "name", message: "wrong" }] });
  expect(one.without("name", true)).toBeNull();
  expect(one.without("description", true)).toBe(one);
  expect(problem.without("name", true)?.without("run", true)?.whole).toBe(problem);
});
