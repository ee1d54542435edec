// The last runs of a job as bars: how high, and in words for those who can't see them.
import { type AnyStatus, isOpen, statusWord } from "../parts/status";
import type { Run } from "./run";

const ORDER: AnyStatus[] = [
  "running", "queued", "succeeded", "failed", "timed_out", "out_of_memory", "start_failed", "interrupted", "cancelled", "skipped", "missed",
];

/** "57 succeeded, 2 failed, 1 missed" */
export function summary(runs: readonly Pick<Run, "status">[]): string {
  const counts = new Map<AnyStatus, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return ORDER.filter((status) => counts.has(status)).map((status) => `${counts.get(status)} ${statusWord(status).toLowerCase()}`).join(", ");
}

type Timed = Pick<Run, "status" | "started_at" | "finished_at">;

/** How long a run took, or has taken at `present`; null where nothing ran. In milliseconds. */
export function took(run: Timed, present: number): number | null {
  if (!run.started_at) return null;
  const end = run.finished_at ? Date.parse(run.finished_at) : isOpen(run.status) ? present : NaN;
  return Number.isNaN(end) ? null : Math.max(0, end - Date.parse(run.started_at));
}

/** Heights from 0.4 to 1 by duration, as logarithms so that one long run does not flatten the rest; null: nothing ran. */
export function heights(runs: readonly Timed[], present: number): (number | null)[] {
  const taken = runs.map((run) => took(run, present));
  const logs = taken.map((ms) => (ms === null ? null : Math.log1p(ms / 1000)));
  const most = Math.max(0, ...logs.map((one) => one ?? 0));
  // Runs that all took no time to speak of are alike, and not the smallest there are.
  return logs.map((one) => (one === null ? null : 0.4 + 0.6 * (most ? one / most : 0.5)));
}
