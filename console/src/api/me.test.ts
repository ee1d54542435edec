import { beforeAll, describe, expect, test, vi } from "vitest";

import type { Me, Role } from "./me";

// What the module asks of a browser when it begins.
let may: typeof import("./me").may;
beforeAll(async () => {
  vi.stubGlobal("location", { href: "http://localhost/#/", hash: "", pathname: "/", search: "" });
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  ({ may } = await import("./me"));
});

const who = (role: Role, projects: Me["projects"] = null) => ({ role, projects });

describe("what a token may do", () => {
  test("roles are ordered: each may do what those below it may", () => {
    const roles: Role[] = ["viewer", "deployer", "admin"];
    const allowed = roles.map((role) => roles.filter((wanted) => may(wanted, "project", who(role))));
    expect(allowed).toEqual([["viewer"], ["viewer", "deployer"], ["viewer", "deployer", "admin"]]);
  });

  test("one that is limited to projects does what its role may there, and nothing that is of the whole stack", () => {
    expect(may("admin", "project", who("admin", ["shop"]))).toBe(true);
    expect(may("admin", "stack", who("admin", ["shop"]))).toBe(false);
    expect(may("admin", "stack", who("admin"))).toBe(true);
    expect(may("admin", "stack", who("deployer"))).toBe(false);
  });

  test("as long as nobody is known, nothing may be done", () => {
    expect(may("viewer", "project", null)).toBe(false);
  });
});
