import { expect, test } from "vitest";

import { matching } from "./block-match";

const BLOCKS = [
  { name: "Nightly report", internal_name: "nightly-report" },
  { name: "Database back-up", internal_name: "back-up" },
  { name: "Report mailer", internal_name: "mailer" },
];
const found = (text: string) => matching(BLOCKS, text).map(({ internal_name }) => internal_name);

test("without a word all blocks are found, in their order", () => {
  expect(found("  ")).toEqual(["nightly-report", "back-up", "mailer"]);
});

test("a block is found by either of its names, whatever the case", () => {
  expect(found("DATAB")).toEqual(["back-up"]);
  expect(found("mailer")).toEqual(["mailer"]);
});

test("those that begin with what was typed come first", () => {
  expect(found("report")).toEqual(["mailer", "nightly-report"]);
});

test("every word must fit", () => {
  expect(found("report night")).toEqual(["nightly-report"]);
  expect(found("report x")).toEqual([]);
});
