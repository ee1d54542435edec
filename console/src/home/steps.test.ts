import { expect, test, vi } from "vitest";

vi.stubGlobal("location", { hash: "" });
vi.stubGlobal("history", { state: null, replaceState: () => undefined });
vi.stubGlobal("addEventListener", () => {});
const { firstSteps, present } = await import("./steps");

const done = (...known: Parameters<typeof firstSteps>) => firstSteps(...known).map((step) => step.done);

test("who has nothing begins with a block", () => {
  expect(done({ blocks: false, first: null })).toEqual([false, false, false, false]);
  expect(present(firstSteps({ blocks: false, first: null }))).toBe(0);
});

test("a step is done when what it makes is there, in whatever order", () => {
  const first = { project: "shop", environment: "default", blocks: 0, status: "not_deployed" };
  expect(done({ blocks: false, first })).toEqual([false, true, false, false]);
  expect(done({ blocks: true, first: { ...first, blocks: 2 } })).toEqual([true, true, true, false]);
  expect(present(firstSteps({ blocks: true, first: { ...first, blocks: 2, status: "deployed" } }))).toBe(-1);
});

test("configuring and deploying lead to the project that there is", () => {
  const first = { project: "shop", environment: "dev", blocks: 0, status: "not_deployed" };
  expect(firstSteps({ blocks: true, first }).map((step) => step.to)).toEqual([
    "#/blocks/new", "#/projects", "#/projects/shop/dev", "#/projects/shop/dev",
  ]);
});
