import { beforeAll, expect, test, vi } from "vitest";

import type { NewDraft } from "./kept-draft";

let kept: typeof import("./kept-draft");

beforeAll(async () => {
  const store = new Map<string, string>();
  vi.stubGlobal("location", { hash: "", pathname: "/", search: "" });
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
    removeItem: (key: string) => store.delete(key),
  });
  kept = await import("./kept-draft");
});

test("what is written down of a draft has no secrets, and everything else", () => {
  const variable = { name: "A", value: "hunter2", masked: true, required: true };
  const draft: NewDraft = { ...kept.NEW, name: "Test-Job", token: "hunter2", variables: [variable, { ...variable, masked: false, value: "shown" }] };
  const written = kept.withoutSecrets(draft);
  expect(JSON.stringify(written)).not.toContain("hunter2");
  expect(written).toEqual({ ...draft, token: "", variables: [{ ...variable, value: "" }, draft.variables[1]] });
});
