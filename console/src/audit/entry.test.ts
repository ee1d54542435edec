import { describe, expect, test, vi } from "vitest";

import type { Entry } from "./entry";

// What the router asks of a browser when it begins.
vi.stubGlobal("location", { hash: "" });
vi.stubGlobal("history", { state: null, replaceState: () => undefined });
vi.stubGlobal("addEventListener", () => undefined);
const { plain, sentence } = await import("./entry");
const { agentWord, fieldRows } = await import("./fields");

const NOTHING = { project: null, environment: null, hostname: null, block: null, deployment: null, run: null, host: null, token: null };
const PLACE = { project: "shop", environment: "default" };
const JOB = { ...PLACE, hostname: "back-up", block: "back-up" };

function entry(action: Entry["action"], of: Partial<Entry>, ...changes: Entry["changes"]): Entry {
  return {
    id: "1", at: "2026-11-22T18:00:00Z", by: { id: "a", name: "ci" }, from: { address: null, agent: null },
    action, ...NOTHING, request_id: null, changes, ...of,
  };
}
const change = (field: string, from: unknown = null, to: unknown = null) => ({ field, from, to });
const told = (...given: Parameters<typeof entry>) => plain(sentence(entry(...given)));

describe("an entry is a sentence", () => {
  test.each<[string, Parameters<typeof entry>]>([
    ["ci created the KintoBlock tidy", ["block.create", { block: "tidy" }]],
    ["ci changed the source and the variables of the KintoBlock tidy", ["block.change", { block: "tidy" }, change("source.command"), change("variables.A")]],
    ["ci changed the projects of the KintoBlock tidy", ["block.change", { block: "tidy" }, change("projects.shop", null, "01h")]],
    ["ci deleted the KintoBlock tidy", ["block.delete", { block: "tidy" }]],
    ["ci created the project shop", ["project.create", { project: "shop" }]],
    ["ci changed the name of the project shop", ["project.change", { project: "shop" }, change("name")]],
    ["ci deleted the project shop", ["project.delete", { project: "shop" }]],
    ["ci created the environment shop/default", ["environment.create", PLACE]],
    ["ci changed the failure policy of the environment shop/default", ["environment.change", PLACE, change("on_post_deployment_failure")]],
    ["ci deleted the environment shop/default", ["environment.delete", PLACE]],
    ["ci shut down shop/default", ["environment.shutdown", PLACE]],
    ["ci added back-up to shop/default", ["configured_block.create", JOB]],
    ["ci added nightly, the KintoBlock back-up, to shop/default", ["configured_block.create", { ...JOB, hostname: "nightly" }]],
    ["ci changed the schedule of back-up in shop/default", ["configured_block.change", JOB, change("run.cron"), change("run.timezone")]],
    ["ci changed back-up in shop/default", ["configured_block.change", JOB, change("run.cron"), change("memory_mb"), change("ref.tag")]],
    ["ci removed back-up from shop/default", ["configured_block.delete", JOB]],
    ["ci paused back-up in shop/default", ["schedule.pause", JOB]],
    ["ci resumed back-up in shop/default", ["schedule.resume", JOB]],
    ["ci started deployment 3 of shop/default", ["deployment.start", { ...PLACE, deployment: 3 }]],
    ["ci rolled shop/default back to deployment 1, as deployment 4", ["deployment.rollback", { ...PLACE, deployment: 4 }, change("rollback_of", null, 1)]],
    ["ci cancelled deployment 3 of shop/default", ["deployment.cancel", { ...PLACE, deployment: 3 }]],
    ["ci started a run of back-up in shop/default", ["run.start", { ...JOB, run: "r" }]],
    ["ci cancelled a run of back-up in shop/default", ["run.cancel", { ...JOB, run: "r" }]],
    ["ci gave credentials for ghcr.io", ["credentials.create", { host: "ghcr.io" }]],
    ["ci replaced the credentials for ghcr.io", ["credentials.change", { host: "ghcr.io" }]],
    ["ci removed the credentials for ghcr.io", ["credentials.delete", { host: "ghcr.io" }]],
    ["ci created the token bot, a viewer", ["token.create", { token: "t" }, change("name", null, "bot"), change("role", null, "viewer")]],
    ["ci revoked the token bot, an admin", ["token.delete", { token: "t" }, change("name", "bot"), change("role", "admin")]],
  ])("%s", (words, given) => expect(told(...given)).toBe(words));

  test("what it is about is linked, unless it is gone by it", () => {
    const links = (...given: Parameters<typeof entry>) => sentence(entry(...given)).flatMap((part) => (typeof part === "string" || !part.to ? [] : [part.to]));
    expect(links("run.start", { ...JOB, run: "r1" })).toEqual(["#/runs/r1", "#/projects/shop/default/blocks/back-up", "#/projects/shop/default"]);
    expect(links("configured_block.delete", JOB)).toEqual(["#/projects/shop/default"]);
    expect(links("project.delete", { project: "shop" })).toEqual([]);
  });
});

describe("the fields of an entry", () => {
  test("have the words of the forms", () => {
    const rows = fieldRows(entry("configured_block.change", JOB, change("run.cron", "0 8 * * *", "0 9 * * *"), change("variables.A.required", null, true)));
    expect(rows.map(({ label, before, after }) => [label, before, after])).toEqual([
      ["CRON PATTERN", "0 8 * * *", "0 9 * * *"],
      ["Variable A is required", null, "Yes"],
    ]);
  });

  test("that are masked tell only that they are others; a command that reads like a mask is no secret", () => {
    const rows = fieldRows(entry("block.change", {}, change("variables.KEY", "(masked)", "(masked)"), change("repository.token", null, "(masked)"), change("source.command", "x", "(masked)")));
    expect(rows.map((row) => row.secret)).toEqual([true, true, false]);
  });

  test("nothing that becomes empty is no change to read", () => {
    expect(fieldRows(entry("project.create", {}, change("description", null, "")))).toEqual([]);
  });

  test("lists are told one by one", () => {
    expect(fieldRows(entry("token.create", {}, change("projects", null, ["a", "b"])))[0]!.after).toBe("a, b");
  });
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", "Chrome 120"],
  ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/121.0.1", "Edge 121"],
  ["Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15", "Safari 17"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128"],
  ["curl/8.5.0", "curl 8.5.0"],
  ["Python-urllib/3.11", "Python-urllib 3.11"],
])("an agent in a word: %s", (agent, word) => expect(agentWord(agent)).toBe(word));
