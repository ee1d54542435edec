// What ended badly or was missed in an environment lately, by hostname: the newest, and how many.
import type { Run } from "./run";

const DAYS = 7;
const DAY_MS = 86_400_000;

export interface Group<T> {
  hostname: string;
  newest: T;
  count: number;
}

/** A group for each hostname, that with the newest first; `runs` come newest first. */
export function byHostname<T extends { hostname: string }>(runs: readonly T[]): Group<T>[] {
  const groups = new Map<string, Group<T>>();
  for (const run of runs) {
    const group = groups.get(run.hostname);
    if (group) group.count += 1;
    else groups.set(run.hostname, { hostname: run.hostname, newest: run, count: 1 });
  }
  return [...groups.values()];
}

type Timed = Pick<Run, "scheduled_at" | "finished_at" | "created_at">;

/** Those of the last seven days: what is older does not call for anybody any more. */
export function lately<T extends Timed>(runs: readonly T[], present: number): T[] {
  return runs.filter((run) => Date.parse(run.finished_at ?? run.scheduled_at ?? run.created_at) > present - DAYS * DAY_MS);
}
