// An entry of the audit as a sentence, with links to what it is about.
import type { Schemas } from "../api/client";
import { href } from "../router";
import { aRole } from "../tokens/roles";

export type Entry = Schemas["AuditEntry"];
/** A piece of a sentence: plain words, or the name of a thing with its page (null: it has none, or none any more). */
export type Part = string | { name: string; to: string | null };

const GROUPS: [prefix: string, words: string][] = [
  ["run.", "the schedule"],
  ["variables.", "the variables"],
  ["memory_mb", "the memory limit"],
  ["timeout_seconds", "the timeout"],
  ["retries.", "the retries"],
  ["ref.", "the ref"],
  ["repository.", "the repository"],
  ["source.", "the source"],
  ["projects", "the projects"],
  ["name", "the name"],
  ["description", "the description"],
  ["on_post_deployment_failure", "the failure policy"],
  ["role_arn", "the role"],
  ["run_overrides", "who may run another command"],
];
const MOST_NAMED = 2;

/** Who did what to what: "admin changed the schedule of back-up in shop/default". */
export function sentence(entry: Entry): Part[] {
  return [{ name: entry.by.name, to: null }, " ", ...deed(entry)];
}

export function plain(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === "string" ? part : part.name)).join("");
}

function deed(entry: Entry): Part[] {
  const [what, how] = entry.action.split(".") as [keyof typeof DEEDS, string];
  return DEEDS[what](entry, how);
}

const DEEDS = {
  block: (entry: Entry, how: string): Part[] => [made(entry, how), "the KintoBlock ", block(entry, how)],
  project: (entry: Entry, how: string): Part[] => [made(entry, how), "the project ", project(entry, how)],
  environment: (entry: Entry, how: string): Part[] =>
    how === "shutdown" ? ["shut down ", environment(entry)] : [made(entry, how), "the environment ", environment(entry, how)],
  configured_block: (entry: Entry, how: string): Part[] => {
    if (how === "create") return ["added ", hostname(entry), ...sort(entry), " to ", environment(entry)];
    if (how === "delete") return ["removed ", hostname(entry, how), ...sort(entry), " from ", environment(entry)];
    return [made(entry, how), hostname(entry), " in ", environment(entry)];
  },
  schedule: (entry: Entry, how: string): Part[] => [how === "pause" ? "paused " : "resumed ", hostname(entry), " in ", environment(entry)],
  deployment: (entry: Entry, how: string): Part[] => {
    const of: Part[] = [deployment(entry), " of ", environment(entry)];
    if (how === "cancel") return ["cancelled ", ...of];
    if (how === "start") return ["started ", ...of];
    return ["rolled ", environment(entry), ` back to deployment ${String(value(entry, "rollback_of"))}, as `, deployment(entry)];
  },
  run: (entry: Entry, how: string): Part[] => {
    const run = { name: "a run", to: entry.run && href("runs", entry.run) };
    return [how === "cancel" ? "cancelled " : "started ", run, " of ", hostname(entry), " in ", environment(entry)];
  },
  credentials: (entry: Entry, how: string): Part[] => {
    const words = { create: "gave credentials for ", change: "replaced the credentials for ", delete: "removed the credentials for " };
    return [words[how as keyof typeof words], { name: entry.host ?? "a host", to: how === "delete" ? null : href("credentials") }];
  },
  token: (entry: Entry, how: string): Part[] => {
    const name = String(value(entry, "name") ?? entry.token);
    return [how === "create" ? "created the token " : "revoked the token ", { name, to: how === "create" ? href("tokens") : null }, `, ${aRole(String(value(entry, "role")))}`];
  },
};

/** "created ", "deleted ", or "changed the schedule of ". */
function made(entry: Entry, how: string): string {
  if (how === "create") return "created ";
  if (how === "delete") return "deleted ";
  const groups = [...new Set(entry.changes.map(({ field }) => GROUPS.find(([prefix]) => field.startsWith(prefix))?.[1] ?? "the settings"))];
  return groups.length > 0 && groups.length <= MOST_NAMED ? `changed ${groups.join(" and ")} of ` : "changed ";
}

function value(entry: Entry, field: string): unknown {
  const found = entry.changes.find((change) => change.field === field);
  return found?.to ?? found?.from;
}

function block({ block: name }: Entry, how: string): Part {
  return { name: name ?? "", to: name && how !== "delete" ? href("blocks", name) : null };
}

function project({ project: name }: Entry, how: string): Part {
  return { name: name ?? "", to: name && how !== "delete" ? href("projects", name) : null };
}

function environment(entry: Entry, how = ""): Part {
  const names = [entry.project ?? "", entry.environment ?? ""];
  return { name: names.join("/"), to: how === "delete" ? null : href("projects", ...names) };
}

function hostname(entry: Entry, how = ""): Part {
  const name = entry.hostname ?? "";
  return { name, to: how === "delete" ? null : href("projects", entry.project ?? "", entry.environment ?? "", "blocks", name) };
}

/** The block, where the hostname does not say it. */
function sort(entry: Entry): Part[] {
  return entry.block === null || entry.block === entry.hostname ? [] : [", the KintoBlock ", block(entry, ""), ","];
}

function deployment(entry: Entry): Part {
  const number = entry.deployment ?? 0;
  return { name: `deployment ${number}`, to: href("projects", entry.project ?? "", entry.environment ?? "", "deployments", number) };
}
