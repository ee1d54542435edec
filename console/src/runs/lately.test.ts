import { expect, test } from "vitest";

import { byHostname, lately } from "./lately";

test("each hostname is told once, with its newest and how many there are", () => {
  const runs = [{ hostname: "a", n: 1 }, { hostname: "b", n: 2 }, { hostname: "a", n: 3 }];
  expect(byHostname(runs)).toEqual([
    { hostname: "a", newest: runs[0], count: 2 },
    { hostname: "b", newest: runs[1], count: 1 },
  ]);
});

test("what is older than a week is not lately", () => {
  const at = (time: string) => ({ scheduled_at: null, finished_at: time, created_at: time });
  const present = Date.parse("2026-03-09T00:00:00Z");
  const found = lately([at("2026-03-08T00:00:00Z"), at("2026-03-01T00:00:00Z")], present);
  expect(found.map((run) => run.finished_at)).toEqual(["2026-03-08T00:00:00Z"]);
});

test("a server whose clock is ahead has nothing that is too old", () => {
  const future = { scheduled_at: "2027-01-01T00:00:00Z", finished_at: null, created_at: "2027-01-01T00:00:00Z" };
  expect(lately([future], Date.parse("2026-01-01T00:00:00Z"))).toHaveLength(1);
});
