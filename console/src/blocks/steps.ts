// The steps of creating a block: which there are, which can be reached, and which has a field.
import type { BlockDraft } from "./draft";

export const STEPS = ["flavor", "repository", "details"] as const;
export type Step = (typeof STEPS)[number];

/** The step that the address asks for, or the last one before it for which all is there. */
export function stepOf(asked: string | null, { flavor }: BlockDraft): Step {
  const step = STEPS.find((one) => one === asked) ?? "flavor";
  return flavor === null ? "flavor" : step;
}

/** The first step that has one of the fields that the server refused; null where no step has any. */
export function stepWith(fields: Iterable<string>): Step | null {
  const found = new Set([...fields].map(stepOfField));
  return STEPS.find((step) => found.has(step)) ?? null;
}

function stepOfField(field: string): Step | null {
  const first = field.split(/[.[]/)[0]!;
  if (first === "flavor" || first === "repository") return first;
  return ["name", "internal_name", "source", "variables"].includes(first) ? "details" : null;
}
