// A block as it is typed into forms, and what is sent of it.
import type { Schemas } from "../api/client";
import { tidy, type Variable } from "../parts/variables-rows";
import { same } from "../parts/stale-fields";

export type Block = Schemas["BlockAnswer"];
export type Flavor = Block["flavor"];
export type SourceType = Block["source"]["type"];

/** The fields that a block has in every form. */
export interface BlockDraft {
  flavor: Flavor | null;
  repository: { url: string; branch: string; source_folder: string };
  token: string;
  forgetToken: boolean;
  name: string;
  source: { type: SourceType; command: string; build: string; dockerfile: string; image: string };
  variables: Variable[];
  /** The projects that may use it; null: all of them. */
  projects: string[] | null;
}

export const EMPTY: BlockDraft = {
  flavor: null,
  repository: { url: "", branch: "main", source_folder: "" },
  token: "",
  forgetToken: false,
  name: "",
  source: { type: "dockerfile", command: "", build: "", dockerfile: "Dockerfile", image: "" },
  variables: [],
  projects: null,
};

export function draftOf(block: Block): BlockDraft {
  const { name, flavor, repository, source, variables, projects } = block;
  return {
    ...EMPTY,
    name,
    flavor,
    variables,
    projects,
    repository: repository ? { url: repository.url, branch: repository.branch, source_folder: repository.source_folder } : EMPTY.repository,
    source: {
      ...EMPTY.source,
      type: source.type,
      command: source.command ?? "",
      ...(source.type === "command" && { build: source.build ?? "" }),
      ...(source.type === "dockerfile" && { dockerfile: source.dockerfile }),
      ...(source.type === "image" && { image: source.image }),
    },
  };
}

/** An address as git servers show it, too, as the https address that it stands for. */
export function repositoryUrl(typed: string): string {
  const url = typed.trim();
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](?!\d+\/)(.+)$/.exec(url);
  if (ssh) return `https://${ssh[1]}/${ssh[2]}`;
  return /^[\w-]+(\.[\w-]+)+\/\S+$/.test(url) ? `https://${url}` : url;
}

/** `/path/to/folder/` as the API has it: a path within the repository. */
function folder(typed: string): string {
  return typed.trim().replace(/^(\.?\/)+|\/+$/g, "");
}

function repositoryOf({ repository: { url, branch, source_folder }, source }: BlockDraft) {
  if (source.type === "image") return null;
  return { url: repositoryUrl(url), branch: branch.trim() || "main", source_folder: folder(source_folder) };
}

function sourceOf({ source }: BlockDraft) {
  const command = source.command.trim() === "" ? null : source.command;
  if (source.type === "image") return { type: "image" as const, image: source.image.trim(), command };
  if (source.type === "command") return { type: "command" as const, command: command ?? "", build: source.build.trim() === "" ? null : source.build };
  return { type: "dockerfile" as const, dockerfile: folder(source.dockerfile) || "Dockerfile", command };
}

export function newBlock(draft: BlockDraft, internal_name: string): Schemas["NewBlock"] {
  const repository = repositoryOf(draft);
  return {
    name: draft.name.trim(),
    internal_name: internal_name.trim() || null,
    flavor: draft.flavor ?? "job",
    repository: repository && { ...repository, token: draft.token.trim() || null },
    source: sourceOf(draft),
    variables: tidy(draft.variables),
    projects: draft.projects,
  };
}

/** What differs between two drafts, as a merge patch: what another person changes meanwhile elsewhere stays. */
export function blockPatch(began: BlockDraft, draft: BlockDraft): Schemas["BlockFieldsPatch"] {
  const patch: Schemas["BlockFieldsPatch"] = {};
  const name = draft.name.trim();
  if (name !== began.name) patch.name = name;
  const [repository, source, variables] = [repositoryOf(draft), sourceOf(draft), tidy(draft.variables)];
  const token = draft.token.trim() ? { token: draft.token.trim() } : draft.forgetToken ? { token: null } : {};
  if (!same(repository, repositoryOf(began)) || (repository && "token" in token)) patch.repository = repository && { ...repository, ...token };
  if (!same(source, sourceOf(began))) patch.source = source;
  if (JSON.stringify(variables) !== JSON.stringify(tidy(began.variables))) patch.variables = variables;
  if (JSON.stringify(sorted(draft.projects)) !== JSON.stringify(sorted(began.projects))) patch.projects = draft.projects;
  return patch;
}

function sorted(names: string[] | null): string[] | null {
  return names && [...names].sort();
}

/** What can be said before the server is asked; by the names of the API's fields. */
export function repositoryErrors({ repository }: BlockDraft): { field: string; message: string }[] {
  const url = repositoryUrl(repository.url);
  if (!url) return [{ field: "repository.url", message: "is missing: write https://host/owner/name" }];
  if (!/^(https|file):\/\/./.test(url)) return [{ field: "repository.url", message: "only https:// addresses; write https://host/owner/name" }];
  return [];
}
