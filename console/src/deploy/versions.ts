// What a deployment changes, field by field, in the words that the forms use.
import type { Schemas } from "../api/client";

export type Changes = Schemas["Changes"];
export type BlockChange = Schemas["BlockChange"];
type FieldChange = Schemas["FieldChange"];

export type Kind = "added" | "changed" | "removed";
export const KINDS: readonly { kind: Kind; word: string; sign: string }[] = [
  { kind: "added", word: "Added", sign: "+" },
  { kind: "changed", word: "Changed", sign: "~" },
  { kind: "removed", word: "Removed", sign: "−" },
];

/** One field: `before` is null where there was nothing, `after` where there will be nothing; `secret`: neither is told. */
export interface Row {
  field: string;
  label: string;
  before: string | null;
  after: string | null;
  secret: boolean;
}

export const MASKED = "(masked)";
const LABELS: Record<string, string> = {
  commit: "Commit",
  image: "Image",
  "repository.url": "Repository",
  "repository.branch": "Branch",
  "repository.source_folder": "Source Folder Path",
  "source.type": "Source Type",
  "source.command": "Command",
  "source.build": "Build",
  "source.dockerfile": "Docker File",
  "source.image": "Published Image",
  "ref.branch": "Ref: Branch",
  "ref.tag": "Ref: Tag",
  "ref.commit": "Ref: Commit",
  "run.mode": "Run Mode",
  "run.phase": "Phase",
  "run.order": "Order",
  "run.run_on_rollback": "Run on Rollback",
  "run.cron": "CRON PATTERN",
  "run.timezone": "Time Zone",
  "run.overlap": "Overlap",
  "run.catch_up": "Catch-Up",
  memory_mb: "Memory Limit",
  timeout_seconds: "Timeout",
  "retries.count": "Retries",
  "retries.backoff_seconds": "Wait before a Retry",
};
const WORDS: Record<string, string> = {
  run_once: "Run Once",
  repeat_schedule: "Repeat Schedule",
  manual: "Manual",
  pre_deployment: "Pre-Deployment",
  post_deployment: "Post-Deployment",
  dockerfile: "Docker File",
  image: "Image",
  command: "Command",
};
const IN_WORDS = new Set(["run.mode", "run.phase", "source.type"]);
const UNITS: Record<string, string> = { memory_mb: "MB", timeout_seconds: "s", "retries.backoff_seconds": "s" };

/** The rows of a block: the commit first, then as the API has them. */
export function rows(change: BlockChange): Row[] {
  const told = change.fields.map(row);
  return [...told.filter((one) => one.field === "commit"), ...told.filter((one) => one.field !== "commit")];
}

function row({ field, from, to }: FieldChange): Row {
  const secret = field.startsWith("variables.") && [from, to].includes(MASKED);
  return { field, label: label(field), before: value(field, from), after: value(field, to), secret };
}

export function label(field: string): string {
  const name = field.startsWith("variables.") ? field.slice("variables.".length) : null;
  return name === null ? (LABELS[field] ?? field) : `Variable ${name}`;
}

export function value(field: string, told: unknown): string | null {
  if (told === null || told === undefined) return null;
  if (typeof told === "boolean") return told ? "Yes" : "No";
  const text = typeof told === "string" ? told : JSON.stringify(told);
  if (IN_WORDS.has(field)) return WORDS[text] ?? text;
  if (field === "repository.source_folder" && text === "") return "/ (the root)";
  if (field === "commit" || field === "ref.commit") return short(text);
  return UNITS[field] ? `${text} ${UNITS[field]}` : text;
}

/** A commit as people read it. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}

export function isEmpty(changes: Changes): boolean {
  return KINDS.every(({ kind }) => changes[kind].length === 0);
}

/** "Required variables have no value: api: KEY; web: A, B" as its parts, hostname by hostname; null for anything else. */
export function unset(detail: string): string[] | null {
  const [, told] = /Required variables have no value: (.+)$/.exec(detail) ?? [];
  return told ? told.split("; ") : null;
}
