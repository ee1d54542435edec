import { describe, expect, test } from "vitest";

import { differences, plainWords, rebased, same } from "./stale-fields";

const variable = (name: string, value: string | null, more = {}) => ({ name, value, masked: false, required: false, ...more });
const began = { name: "web", source: { type: "command", command: "a", build: null as string | null }, variables: [variable("A", "1")], version: 1 };
const labels = { name: "Name", "source.command": "Command", "source.build": "Build command", variables: "Variable" };

describe("what differs", () => {
  test("is told field by field with who changed it", () => {
    const there = { ...began, name: "theirs", source: { ...began.source, command: "b" }, version: 2 };
    const mine = { ...began, name: "mine", source: { ...began.source, build: "make" } };
    expect(differences(began, there, mine, labels)).toEqual([
      { label: "Name", was: "web", theirs: "theirs", mine: "mine", by: "both" },
      { label: "Command", was: "a", theirs: "b", mine: "a", by: "them" },
      { label: "Build command", was: "—", theirs: "—", mine: "make", by: "me" },
    ]);
  });

  test("is nothing where only fields without a label differ", () => {
    expect(differences(began, { ...began, version: 7 }, began, labels)).toEqual([]);
  });

  test("is not a contest where both want the same", () => {
    const there = { ...began, name: "new" };
    expect(differences(began, there, there, labels).map(({ by }) => by)).toEqual(["them"]);
  });

  test("is told by name in a list of variables", () => {
    const there = { ...began, variables: [variable("B", "2"), variable("A", "1")] };
    const mine = { ...began, variables: [variable("A", "3")] };
    expect(differences(began, there, mine, labels)).toEqual([
      { label: "Variable: A", was: "1", theirs: "1", mine: "3", by: "me" },
      { label: "Variable: B", was: "—", theirs: "2", mine: "—", by: "them" },
    ]);
  });

  test("never tells a masked value", () => {
    const mine = { ...began, variables: [variable("A", "hunter2", { masked: true, required: true })] };
    expect(JSON.stringify(differences(began, began, mine, labels))).not.toContain("hunter2");
    expect(plainWords(mine.variables[0])).toBe("a new masked value, required");
  });
});

test.each([
  [null, undefined, true],
  ["", null, true],
  [{ a: 1, b: null }, { b: undefined, a: 1 }, true],
  [0, null, false],
  [false, null, false],
  [[1], [1, 2], false],
])("%j and %j are the same to a reader: %s", (a, b, expected) => {
  expect(same(a, b)).toBe(expected);
});

test.each([
  [true, "yes"],
  [0, "0"],
  [[], "—"],
  [{ branch: "main", tag: null }, "branch: main"],
  [{}, "—"],
])("%j is told as %s", (value, words) => {
  expect(plainWords(value)).toBe(words);
});

describe("my changes on top of theirs", () => {
  test("keep what only they changed", () => {
    const there = { ...began, name: "theirs", source: { ...began.source, command: "b" }, version: 2 };
    const mine = { ...began, source: { ...began.source, build: "make" } };
    expect(rebased(began, there, mine)).toEqual({ ...there, source: { type: "command", command: "b", build: "make" } });
  });

  test("win where both changed", () => {
    expect(rebased(began, { ...began, name: "theirs" }, { ...began, name: "mine" }).name).toBe("mine");
  });

  test("are not mixed with a choice of another kind", () => {
    const other = { type: "image", image: "alpine", command: null };
    type Source = typeof began.source | typeof other;
    const [a, b, c]: Source[] = [began.source, other, { ...began.source, command: "mine" }];
    expect(rebased<Source | undefined>(a, b, c)).toEqual(c);
    expect(rebased<Source | undefined>(a, b, a)).toEqual(b);
    expect(rebased<Source | undefined>(a, c, b)).toEqual(b);
  });

  test("take a list as a whole", () => {
    const mine = { ...began, variables: [variable("B", "2")] };
    expect(rebased(began, { ...began, variables: [] }, mine).variables).toEqual(mine.variables);
  });
});
