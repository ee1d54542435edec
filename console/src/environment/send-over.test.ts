import { expect, test } from "vitest";

import { Problem } from "../api/problem";
import { sendOver } from "./send-over";

interface Thing {
  version: number;
  name: string;
}

/** A server that holds `there` and takes a change over its version only. */
function saving(there: Thing, over: Thing) {
  const told: Thing[] = [];
  const sent: number[] = [];
  const send = async ({ version }: Thing) => {
    sent.push(version);
    if (version !== there.version) throw new Problem(412, {});
  };
  const saved = sendOver({ over, send, read: async () => there, alike: (a, b) => a.name === b.name, onStale: (found) => void told.push(found) });
  return { saved, sent, told };
}

test("what nobody else touched is saved at once", async () => {
  const { saved, sent } = saving({ version: 1, name: "a" }, { version: 1, name: "a" });
  expect(await saved).toBe(true);
  expect(sent).toEqual([1]);
});

test("a version that moved on by something else is no reason to ask", async () => {
  const { saved, sent, told } = saving({ version: 5, name: "a" }, { version: 1, name: "a" });
  expect(await saved).toBe(true);
  expect(sent).toEqual([1, 5]);
  expect(told).toEqual([]);
});

test("what another person changed is told and not written over", async () => {
  const { saved, sent, told } = saving({ version: 5, name: "theirs" }, { version: 1, name: "a" });
  expect(await saved).toBe(false);
  expect(sent).toEqual([1]);
  expect(told).toEqual([{ version: 5, name: "theirs" }]);
});

test("another refusal is passed on", async () => {
  const refused = sendOver({ over: 1, send: () => Promise.reject(new Problem(422, {})), read: async () => 1, alike: () => true, onStale: () => undefined });
  await expect(refused).rejects.toThrow(Problem);
});
