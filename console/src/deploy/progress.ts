// How far a deployment is: its phases with their waves, what failed, and its end in one sentence.
import type { Schemas } from "../api/client";
import { isOpen, type RunStatus, statusWord, tone } from "../parts/status";

export type Deployment = Schemas["DeploymentAnswer"];
export type Brief = Schemas["DeploymentBrief"];
export type Run = Schemas["RunAnswer"];

const TITLES = { pre_deployment: "Pre-Deployment", deployment: "Deployment", post_deployment: "Post-Deployment" } as const;
type PhaseName = keyof typeof TITLES;
const NAMES = Object.keys(TITLES) as PhaseName[];

/** Runs side by side; `order` is null where the phase has one wave by nature. */
export interface Wave {
  order: number | null;
  runs: Run[];
}

export interface Phase {
  name: PhaseName;
  title: string;
  waves: Wave[];
  /** Null where nothing belongs to the phase. */
  status: RunStatus | null;
  from: string | null;
  /** Null while it goes on. */
  to: string | null;
}

export function phases(deployment: Deployment): Phase[] {
  return NAMES.map((name) => {
    const runs = deployment.phases[name];
    const ended = runs.every((run) => !isOpen(run.status));
    return {
      name,
      title: TITLES[name],
      waves: waves(runs),
      status: together(runs.map((run) => run.status)),
      from: sorted(runs.map((run) => run.started_at))[0] ?? null,
      to: ended ? (sorted(runs.map((run) => run.started_at && run.finished_at)).at(-1) ?? null) : null,
    };
  });
}

/** Wave after wave; the API tells the runs in their order. */
export function waves(runs: readonly Run[]): Wave[] {
  const found: Wave[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last && last.order === run.order) last.runs.push(run);
    else found.push({ order: run.order, runs: [run] });
  }
  return found;
}

function sorted(times: (string | null)[]): string[] {
  return times.filter((at) => at !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
}

/** The state of several runs as one: what goes on first, then the worst. */
export function together(statuses: readonly RunStatus[]): RunStatus | null {
  if (statuses.length === 0) return null;
  if (statuses.every((one) => one === "queued")) return "queued";
  if (statuses.some(isOpen)) return "running";
  const bad = statuses.find((one) => tone(one) === "bad");
  if (bad) return bad;
  return (["cancelled", "skipped", "missed"] as const).find((one) => statuses.includes(one)) ?? "succeeded";
}

export function runsOf(deployment: Deployment): Run[] {
  return NAMES.flatMap((name) => deployment.phases[name]);
}

/** The runs that did not succeed by themselves, the first to end first: it is the likeliest cause of the others. */
export function failed(deployment: Deployment): Run[] {
  const bad = runsOf(deployment).filter((run) => tone(run.status) === "bad");
  return bad.sort((a, b) => Date.parse(a.finished_at ?? "") - Date.parse(b.finished_at ?? ""));
}

export function phaseOf(run: Run): string {
  return TITLES[run.trigger as PhaseName] ?? run.trigger;
}

/** When its runs were laid out, which ends Prepare; null before. */
export function preparedAt(deployment: Deployment): string | null {
  return sorted(runsOf(deployment).map((run) => run.created_at))[0] ?? null;
}

/** What it does before its first run begins; null after. */
export function preparing(deployment: Deployment): string | null {
  if (deployment.status !== "running") return null;
  const runs = runsOf(deployment);
  if (runs.length === 0) return "Looking up every commit and writing down what is configured";
  const begun = runs.some((run) => run.started_at !== null || !isOpen(run.status));
  const mayBuild = runs.some((run) => run.commit && run.image && run.attempts.length > 0);
  return mayBuild && !begun ? "Building images where they are missing" : null;
}

/** "exit code 3", or the state in words. */
export function outcome(run: Run): string {
  return run.status === "failed" && run.exit_code !== null ? `exit code ${run.exit_code}` : statusWord(run.status).toLowerCase();
}

/** The reason, where it says more than the exit code that stands beside it. */
export function reasonOf(run: Run): string | null {
  return run.reason === `It ended with exit code ${run.exit_code}.` ? null : run.reason;
}

/** "Deployment 3 failed: migrate, exit code 3" */
export function ending(deployment: Deployment): string {
  const name = `Deployment ${deployment.number}`;
  const bad = failed(deployment).map((run) => `${run.hostname}, ${outcome(run)}`).join("; ");
  switch (deployment.status) {
    case "running": return `${name} is running`;
    case "deployed": return `${name} is deployed`;
    case "cancelled": return `${name} was cancelled`;
    case "deployed_with_failures": return `${name} is deployed with failures: ${bad}`;
    default: return `${name} failed: ${bad || (deployment.reason ?? "without a reason")}`;
  }
}

/** A reason cut at the deployments that it names: every other piece is a number. */
export function mentions(reason: string): string[] {
  return reason.split(/\bdeployment (\d+)\b/);
}

/** The commits of what a deployment ran, each with the hostnames that are at it. */
export function commits(deployment: Deployment): [commit: string, hostnames: string[]][] {
  const found = new Map<string, string[]>();
  for (const { commit, hostname } of runsOf(deployment)) if (commit) found.set(commit, [...(found.get(commit) ?? []), hostname]);
  return [...found];
}

/** "admin", "an automatic rollback": who or what started it, within a sentence. */
export function starter({ by, automatic }: Pick<Brief, "by" | "automatic">): string {
  return automatic ? "an automatic rollback" : by;
}
