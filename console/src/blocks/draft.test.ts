import { describe, expect, test } from "vitest";

import { blockPatch, draftOf, EMPTY, newBlock, repositoryErrors, repositoryUrl, type Block, type BlockDraft } from "./draft";

const block: Block = {
  name: "Web", internal_name: "web", flavor: "job", has_token: true, version: 1, created_at: "", updated_at: "",
  repository: { url: "https://git.example/shop", branch: "main", source_folder: "" },
  source: { type: "command", command: "make", build: null },
  variables: [{ name: "TOKEN", value: null, masked: true, required: true }],
  projects: null,
};
const draft = draftOf(block);

describe("the projects that may use a block", () => {
  test("are sent where they differ, in whatever order they were chosen", () => {
    const began = { ...draft, projects: ["a", "b"] };
    expect(blockPatch(began, { ...began, projects: ["b", "a"] })).toEqual({});
    expect(blockPatch(began, { ...began, projects: null })).toEqual({ projects: null });
    expect(blockPatch(draft, { ...draft, projects: ["a"] })).toEqual({ projects: ["a"] });
    expect(newBlock({ ...draft, projects: ["a"] }, "web").projects).toEqual(["a"]);
  });
});

function filled(more: Partial<BlockDraft>): BlockDraft {
  return { ...EMPTY, flavor: "job", name: " Test-Job ", repository: { url: "https://git.example/a", branch: " ", source_folder: "/path/to/folder/" }, ...more };
}

describe("a new block", () => {
  test("has a folder within the repository, however it was written, and main as its branch", () => {
    expect(newBlock(filled({}), "test-job")).toEqual({
      name: "Test-Job", internal_name: "test-job", flavor: "job", variables: [], projects: null,
      repository: { url: "https://git.example/a", branch: "main", source_folder: "path/to/folder", token: null },
      source: { type: "dockerfile", dockerfile: "Dockerfile", command: null },
    });
  });

  test("of an image has no repository, whatever was typed before", () => {
    const made = newBlock(filled({ token: "secret", source: { ...EMPTY.source, type: "image", image: " alpine ", build: "make" } }), "");
    expect(made).toMatchObject({ repository: null, internal_name: null, source: { type: "image", image: "alpine", command: null } });
    expect(JSON.stringify(made)).not.toContain("secret");
  });

  test("of a command says so where the command is missing, rather than nothing", () => {
    expect(newBlock(filled({ source: { ...EMPTY.source, type: "command", command: " " } }), "").source).toEqual({ type: "command", command: "", build: null });
  });
});

describe("a change of a block", () => {
  test("is nothing where nothing was changed", () => {
    expect(blockPatch(draft, draft)).toEqual({});
  });

  test("has only what was changed", () => {
    expect(blockPatch(draft, { ...draft, name: "New" })).toEqual({ name: "New" });
    expect(blockPatch(draft, { ...draft, source: { ...draft.source, build: "make all" } })).toEqual({ source: { type: "command", command: "make", build: "make all" } });
  });

  test("keeps the token unless another is given or it is to be forgotten", () => {
    const repository = { url: "https://git.example/shop", branch: "next", source_folder: "" };
    expect(blockPatch(draft, { ...draft, repository })).toEqual({ repository });
    expect(blockPatch(draft, { ...draft, token: "new" }).repository).toMatchObject({ token: "new" });
    expect(blockPatch(draft, { ...draft, forgetToken: true }).repository).toMatchObject({ token: null });
  });

  test("drops the repository of what becomes an image", () => {
    const patch = blockPatch(draft, { ...draft, source: { ...draft.source, type: "image", image: "alpine" } });
    expect(patch).toEqual({ repository: null, source: { type: "image", image: "alpine", command: "make" } });
  });

  test("has a masked value that was typed anew and keeps one that was not", () => {
    expect(blockPatch(draft, { ...draft, variables: [{ ...block.variables[0]!, value: "x" }] }).variables?.[0]?.value).toBe("x");
    expect(blockPatch(draft, { ...draft, variables: [...block.variables] })).toEqual({});
  });
});

test.each([
  ["https://github.com/a/b", "https://github.com/a/b"],
  [" https://github.com/a/b ", "https://github.com/a/b"],
  ["git@github.com:a/b.git", "https://github.com/a/b.git"],
  ["ssh://git@github.com/a/b.git", "https://github.com/a/b.git"],
  ["github.com/a/b", "https://github.com/a/b"],
  ["file:///srv/shop", "file:///srv/shop"],
  ["http://github.com/a/b", "http://github.com/a/b"],
  ["shop", "shop"],
])("the repository %j is understood as %j", (typed, url) => {
  expect(repositoryUrl(typed)).toBe(url);
});

test.each([
  ["", "is missing"],
  ["http://github.com/a/b", "only https://"],
  ["shop", "only https://"],
])("the repository %j is refused before the server is asked", (url, message) => {
  const [error] = repositoryErrors({ ...EMPTY, repository: { ...EMPTY.repository, url } });
  expect(error).toMatchObject({ field: "repository.url" });
  expect(error!.message).toContain(message);
});

test("a repository on this machine is for the server to judge", () => {
  expect(repositoryErrors({ ...EMPTY, repository: { ...EMPTY.repository, url: "file:///srv/shop" } })).toEqual([]);
});
