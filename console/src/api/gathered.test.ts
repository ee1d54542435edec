import { expect, test } from "vitest";

import { gathered } from "./gathered";

function pages(...items: number[][]) {
  const asked: (string | undefined)[] = [];
  const load = async (cursor?: string) => {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return { items: items[at]!, next: at + 1 < items.length ? String(at + 1) : null };
  };
  return { asked, load };
}

test("a page that has enough is not followed by another", async () => {
  const { asked, load } = pages([1, 2], [3]);
  expect(await gathered(load, undefined, 2)).toEqual({ items: [1, 2], next: "1" });
  expect(asked).toEqual([undefined]);
});

test("short and empty pages are followed until there is enough", async () => {
  const { asked, load } = pages([1], [], [2], [3]);
  expect(await gathered(load, undefined, 2)).toEqual({ items: [1, 2], next: "3" });
  expect(asked).toEqual([undefined, "1", "2"]);
});

test("the last page ends it", async () => {
  const { load } = pages([], [], []);
  expect(await gathered(load, "1")).toEqual({ items: [], next: null });
});

test("after so many pages the reader is asked whether to go on", async () => {
  const { asked, load } = pages([], [1], [], [2]);
  expect(await gathered(load, undefined, 9, 3)).toEqual({ items: [1], next: "3" });
  expect(asked).toHaveLength(3);
});
