import { describe, expect, test } from "vitest";

import { parseVariables, variablesText } from "./variables-text";

const read = (text: string) => Object.fromEntries(parseVariables(text).variables.map(({ name, value }) => [name, value]));

describe("pasted variables", () => {
  test.each([
    ["A=1", { A: "1" }],
    ["A=1\nB=2\n", { A: "1", B: "2" }],
    ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["\uFEFFA=1", { A: "1" }],
    ["", {}],
    ["\n \n\t\n", {}],
    ["# a comment\n  # another\nA=1 # the reason", { A: "1" }],
    ["A=a#b", { A: "a#b" }],
    ["A=#nothing", { A: "" }],
    ["A=", { A: "" }],
    ["A=  spaces around  ", { A: "spaces around" }],
    ["A = 1", { A: "1" }],
    ["export A=1\nexport\tB=2", { A: "1", B: "2" }],
    ["exported=1", { exported: "1" }],
    ["URL=https://host/?a=b&c=d==", { URL: "https://host/?a=b&c=d==" }],
    [`A="a b"\nB='a "b" \\n'`, { A: "a b", B: 'a "b" \\n' }],
    [`A="  kept  " # comment`, { A: "  kept  " }],
    [`A="say \\"hi\\"\\n\\t\\$HOME \\\\ \\d"`, { A: 'say "hi"\n\t$HOME \\ \\d' }],
    ["A='one\ntwo=2\n# three'\nB=4", { A: "one\ntwo=2\n# three", B: "4" }],
    ['A="one\ntwo"\nB=4', { A: "one\ntwo", B: "4" }],
    ['A="one \\\ntwo"', { A: "one two" }],
    ["A=it's", { A: "it's" }],
    ["A=''", { A: "" }],
    ["A=1\nA=2", { A: "2" }],
    ["__proto__x=1\nconstructor=2", { __proto__x: "1", constructor: "2" }],
  ])("are read as they were meant: %j", (text, expected) => {
    expect(read(text)).toEqual(expected);
    expect(parseVariables(text).wrong).toEqual([]);
  });

  test.each([
    ["A=1\nnonsense\nB=2", 2, "no KEY=value"],
    ["1A=1\nB=2", 1, "no KEY=value"],
    ["=1\nB=2", 1, "no KEY=value"],
    ["A-B=1\nB=2", 1, "no KEY=value"],
    ["\n\nA='open\nB=2", 3, "the quote ' is not closed"],
    ['A="open\nB=2', 1, 'the quote " is not closed'],
    ['A="a" b\nB=2', 1, "something follows"],
    ["A='1\n2' x\nnonsense\nB=2", 1, "something follows"],
  ])("that can't be understood are told by line, and the others stay: %j", (text, line, message) => {
    const { variables, wrong } = parseVariables(text);
    expect(wrong[0]!.line).toBe(line);
    expect(wrong[0]!.message).toContain(message);
    expect(variables).toContainEqual({ name: "B", value: "2" });
  });

  test("are numbered rightly after a value of several lines", () => {
    expect(parseVariables("A='1\n2\n3'\n!\nB=1\n?").wrong.map(({ line }) => line)).toEqual([4, 6]);
  });

  test("never have their text in a message, since it may be a secret", () => {
    const { wrong } = parseVariables("hunter2\nA='hunter2\nB=\"hunter2\" hunter2");
    expect(wrong.length).toBeGreaterThan(1);
    expect(JSON.stringify(wrong)).not.toContain("hunter2");
  });
});

describe("copied variables", () => {
  test.each(["", "plain", "a b", " a ", "it's", 'say "hi"', "it's \"both\"", "one\ntwo", "it's\ntwo", "a\\nb", "it's \\n", "$HOME", "it's $HOME `x`", "#no", "a #b", "tab\t", "cr\r", "ü", "=", "'", '"', "\\", "it's\\"])(
    "are read back as they were: %j",
    (value) => {
      expect(read(variablesText([{ name: "A", value, masked: false }, { name: "B", value: "2", masked: false }]))).toEqual({ A: value, B: "2" });
    },
  );

  test("leave masked values out", () => {
    const text = variablesText([{ name: "TOKEN", value: "hunter2", masked: true }, { name: "A", value: null, masked: false }]);
    expect(text).toBe("# TOKEN is masked\nA=");
  });
});
