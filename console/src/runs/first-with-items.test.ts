import { expect, test } from "vitest";

import { firstWithItems } from "./first-with-items";

function pages(...items: number[][]) {
  const asked: (string | undefined)[] = [];
  const load = async (cursor?: string) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { items: items[at]!, next: at + 1 < items.length ? String(at + 1) : null };
  };
  return { asked, load };
}

test("a page that holds something is the answer", async () => {
  const { asked, load } = pages([1], [2]);
  expect(await firstWithItems(load)).toEqual({ items: [1], next: "1" });
  expect(asked).toEqual([undefined]);
});

test("empty pages that are not the last are passed over", async () => {
  const { asked, load } = pages([], [], [3], [4]);
  expect(await firstWithItems(load)).toEqual({ items: [3], next: "3" });
  expect(asked).toEqual([undefined, "1", "2"]);
});

test("an empty last page ends the search", async () => {
  const { load } = pages([], []);
  expect(await firstWithItems(load, "1")).toEqual({ items: [], next: null });
});

test("after so many empty pages the reader is asked whether to search on", async () => {
  const { asked, load } = pages([], [], [], [4]);
  expect(await firstWithItems(load, undefined, 3)).toEqual({ items: [], next: "3" });
  expect(asked).toHaveLength(3);
});
