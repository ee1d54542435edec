// What the panel Configure KintoBlock holds while one types, and how it becomes the body that is sent.
import type { Schemas } from "../api/client";
import type { RefKind } from "./refs";

export type Configured = Schemas["ConfiguredBlockAnswer"];
export type Block = Schemas["BlockAnswer"];
export type Configuration = Schemas["Configuration"];
type RunOnce = Schemas["RunOnce"];
type RepeatSchedule = Schemas["RepeatSchedule"];
type Manual = Schemas["Manual"];

/** All tabs are kept, so that changing between them loses nothing; `mode` says which one counts. */
export interface ConfigureForm {
  block: string;
  hostname: string;
  refKind: RefKind;
  refName: string;
  mode: "run_once" | "repeat_schedule" | "manual";
  once: { phase: RunOnce["phase"]; order: number | null; runOnRollback: boolean };
  schedule: Omit<RepeatSchedule, "mode">;
  variables: Schemas["Variable"][];
  memoryMb: number | null;
  timeoutSeconds: number | null;
  retries: number | null;
  backoffSeconds: number | null;
}

export const FIELDS = [
  "hostname", "ref", "ref.branch", "ref.tag", "ref.commit", "run.phase", "run.order", "run.cron", "run.timezone",
  "run.overlap", "run.catch_up", "memory_mb", "timeout_seconds", "retries.count", "retries.backoff_seconds",
];

/** A block as it is added: what the API would take where nothing is said. */
export function added(block: Block, hostname: string): ConfigureForm {
  return {
    block: block.internal_name,
    hostname,
    refKind: "branch",
    refName: block.repository?.branch ?? "",
    mode: "run_once",
    once: { phase: "pre_deployment", order: 0, runOnRollback: false },
    schedule: { cron: "* * * * *", timezone: "UTC", overlap: "skip", catch_up: "none" },
    variables: [],
    memoryMb: 128,
    timeoutSeconds: 300,
    retries: 0,
    backoffSeconds: 10,
  };
}

/** What is configured, to be changed. */
export function present(configured: Configured, block: Block): ConfigureForm {
  const { ref, run } = configured;
  const fresh = added(block, configured.hostname);
  return {
    ...fresh,
    refKind: ref?.tag ? "tag" : ref?.commit ? "commit" : "branch",
    refName: ref?.tag ?? ref?.commit ?? ref?.branch ?? fresh.refName,
    mode: run?.mode ?? "run_once",
    once: run?.mode === "run_once" ? { phase: run.phase, order: run.order, runOnRollback: run.run_on_rollback } : fresh.once,
    schedule: run?.mode === "repeat_schedule" ? withoutMode(run) : fresh.schedule,
    variables: configured.variables,
    memoryMb: configured.memory_mb,
    timeoutSeconds: configured.timeout_seconds,
    retries: configured.retries.count,
    backoffSeconds: configured.retries.backoff_seconds,
  };
}

function withoutMode({ cron, timezone, overlap, catch_up }: RepeatSchedule): ConfigureForm["schedule"] {
  return { cron, timezone, overlap, catch_up };
}

/** The body of the PUT. Empty numbers go as null: the server says at the field what to write instead. */
export function body(form: ConfigureForm, block: Block): Configuration {
  return {
    block: form.block,
    ref: block.repository ? ({ [form.refKind]: form.refName.trim() } as unknown as Schemas["Ref"]) : null,
    run: block.flavor === "service" ? null : run(form),
    variables: form.variables,
    memory_mb: form.memoryMb as number,
    timeout_seconds: form.timeoutSeconds as number,
    retries: { count: form.retries as number, backoff_seconds: form.backoffSeconds as number },
  };
}

function run({ mode, once, schedule }: ConfigureForm): RunOnce | RepeatSchedule | Manual {
  if (mode === "manual") return { mode };
  if (mode === "repeat_schedule") return { mode, ...schedule, cron: schedule.cron.trim(), timezone: schedule.timezone.trim() };
  return { mode, phase: once.phase, order: once.order as number, run_on_rollback: once.runOnRollback };
}

export function differ(one: ConfigureForm, other: ConfigureForm): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
