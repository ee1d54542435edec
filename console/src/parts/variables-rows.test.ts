import { describe, expect, test } from "vitest";

import { keptNames, nameErrors, settled, tidy, variableFields, withPasted, type Variable } from "./variables-rows";

const row = (name: string, value: string | null = "", more: Partial<Variable> = {}): Variable => ({ name, value, required: false, masked: false, ...more });
const masked = { masked: true };

describe("a masked variable whose value the server keeps", () => {
  const stored = [row("A", "1"), row("TOKEN", null, masked)];
  const kept = keptNames(stored);

  test("keeps it when it is left alone", () => {
    expect(kept).toEqual(["TOKEN"]);
    expect(settled(stored[1]!, kept).value).toBeNull();
  });

  test("keeps it again when what was typed is taken away", () => {
    expect(settled(row("TOKEN", "new", masked), kept).value).toBe("new");
    expect(settled(row("TOKEN", "", masked), kept).value).toBeNull();
  });

  test("loses it under another name and when it is not masked any more", () => {
    expect(settled(row("TOKEN2", null, masked), kept).value).toBe("");
    expect(settled(row("TOKEN", null), kept).value).toBe("");
  });
});

describe("rows", () => {
  test("that say nothing are not sent, and masked ones without a value say so", () => {
    const rows = [row(" A ", "1"), row("", ""), row("B"), row("S", "", masked), row("", "2")];
    expect(tidy(rows)).toEqual([row("A", "1"), row("B"), row("S", null, masked), row("", "2")]);
  });

  test("with a name that is there already are told, the first not", () => {
    expect(nameErrors([row("A"), row("B"), row("A "), row(""), row("")]).map(Boolean)).toEqual([false, false, true, false, false]);
  });

  test("take pasted values by name and keep what else they say; new ones come last", () => {
    const rows = [row("A", "1", { required: true }), row(""), row("S", null, masked)];
    expect(withPasted(rows, [{ name: "B", value: "2" }, { name: "A", value: "3" }], false)).toEqual([
      row("A", "3", { required: true }), row("S", null, masked), row("B", "2"),
    ]);
  });

  test("are all masked when they were pasted so", () => {
    expect(withPasted([row("A", "1")], [{ name: "A", value: "2" }, { name: "B", value: "3" }], true).map((one) => one.masked)).toEqual([true, true]);
  });

  test("have their errors at the names that the API gives", () => {
    expect(variableFields([row("A")])).toContain("variables[0].name");
    expect(variableFields([])).toEqual(["variables"]);
  });
});
