import { expect, test } from "vitest";

import { pieces, plain, search, shown } from "./log-text";

const lines = (...texts: string[]) => texts.map((text) => ({ plain: text }));

test("colours and titles of terminals are taken out", () => {
  expect(plain("\u001b[1;31mred\u001b[0m and \u001b]0;title\u0007plain")).toBe("red and plain");
  expect(plain("\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\")).toBe("link");
});

test("of a progress bar its last state stays", () => {
  expect(plain("10%\r50%\r100%")).toBe("100%");
  expect(plain("a line of Windows\r")).toBe("a line of Windows");
});

test("tabs stay, other controls go, markup is text", () => {
  expect(plain("a\tb\u0000\u0007<b>c</b>")).toBe("a\tb<b>c</b>");
});

test("a search finds every occurrence whatever its case, as text and not as a pattern", () => {
  expect(search(lines("Error: error", "fine", "an ERROR"), "error")).toEqual([
    { line: 0, start: 0 }, { line: 0, start: 7 }, { line: 2, start: 3 },
  ]);
  expect(search(lines("a.b", "axb"), "a.b")).toEqual([{ line: 0, start: 0 }]);
  expect(search(lines("1-2 [x] {y} ^$"), "[x] {y} ^$")).toHaveLength(1);
  expect(search(lines("anything"), "")).toEqual([]);
});

test("letters that change their length in lower case do not shift what is found", () => {
  expect(pieces("İİ here", "here")[1]).toEqual({ text: "here", start: 3, hit: true });
});

test("a line is cut at its hits and put together again is the line", () => {
  const cut = pieces("one two one", "ONE");
  expect(cut.map((piece) => piece.hit)).toEqual([true, false, true]);
  expect(cut.map((piece) => piece.text).join("")).toBe("one two one");
  expect(pieces("", "x")).toEqual([{ text: "", start: 0, hit: false }]);
});

test("the last lines are shown, or those around the one that is looked at", () => {
  expect(shown(50, 100, null)).toEqual({ from: 0, to: 50 });
  expect(shown(250, 100, null)).toEqual({ from: 150, to: 250 });
  expect(shown(250, 100, 3)).toEqual({ from: 0, to: 100 });
  expect(shown(250, 100, 120)).toEqual({ from: 70, to: 170 });
  expect(shown(250, 100, 249)).toEqual({ from: 150, to: 250 });
});
