// How the parts of a configuration are called on the screen, by their paths.
import { plainWords } from "../parts/stale-fields";
import { megabytes, span } from "./limits";

export const LABELS = {
  "ref.branch": "Branch",
  "ref.tag": "Tag",
  "ref.commit": "Commit",
  "run.mode": "Run mode",
  "run.phase": "Phase",
  "run.order": "Order",
  "run.run_on_rollback": "Run on rollback",
  "run.cron": "CRON PATTERN",
  "run.timezone": "Time zone",
  "run.overlap": "Overlap",
  "run.catch_up": "Catch-up",
  variables: "Variable",
  memory_mb: "Memory Limit",
  timeout_seconds: "Timeout",
  "retries.count": "Retries",
  "retries.backoff_seconds": "Back-off",
};

const WORDS: Record<string, string> = {
  run_once: "Run Once",
  repeat_schedule: "Repeat Schedule",
  manual: "Manual",
  pre_deployment: "Pre-Deployment",
  post_deployment: "Post-Deployment",
};

/** A value as the panel says it. */
export function words(value: unknown, path: string): string {
  if (path.startsWith("run.") && WORDS[String(value)]) return WORDS[String(value)]!;
  if (path === "memory_mb") return megabytes(Number(value));
  return path.endsWith("_seconds") ? span(Number(value)) : plainWords(value);
}
