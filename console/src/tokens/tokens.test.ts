import { describe, expect, test } from "vitest";

import { endOf, nearness } from "./expiry";
import { aRole, inWords } from "./roles";

const NOW = Date.parse("2026-11-22T18:00:00Z");

describe("when a token ends", () => {
  test("is so many days from now, on a date, or never", () => {
    expect(endOf("30", "", NOW)).toBe("2026-12-22T18:00:00.000Z");
    expect(endOf("date", "2027-01-01T12:00Z", NOW)).toBe("2027-01-01T12:00:00.000Z");
    expect(endOf("never", "2027-01-01T12:00Z", NOW)).toBeNull();
  });

  test("a date that is not written is an error", () => {
    expect(() => endOf("date", "", NOW)).toThrow(RangeError);
  });

  test("is over, soon or far", () => {
    const at = (...ends: (string | null)[]) => ends.map((end) => nearness(end, NOW));
    expect(at("2026-11-22T18:00:00Z", "2026-11-29T17:59:59Z", "2026-11-29T18:00:00Z", null)).toEqual(["over", "soon", "far", "far"]);
  });
});

test("a token in words", () => {
  expect(aRole("admin")).toBe("an admin");
  expect(inWords({ role: "viewer", projects: null })).toBe("a viewer of all projects");
  expect(inWords({ role: "deployer", projects: ["a", "b", "c"] })).toBe("a deployer, limited to a, b and c");
});
