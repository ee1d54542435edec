// What started a run, in words.
import type { ComponentChildren } from "preact";

import { Time } from "../parts/time";
import { href } from "../router";
import type { Run } from "./run";

export const TRIGGERS: Record<Run["trigger"], string> = {
  schedule: "Schedule",
  pre_deployment: "Before deployment",
  deployment: "Deployment",
  post_deployment: "After deployment",
  manual: "By hand",
  catch_up: "Catch-up",
};

/** "Schedule", "Before deployment 4" with a link, "By hand". */
export function Trigger({ run }: { run: Run }) {
  const words = TRIGGERS[run.trigger];
  if (run.deployment === null) return <>{words}</>;
  return <a href={href("projects", run.project, run.environment, "deployments", run.deployment)}>{words} {run.deployment}</a>;
}

/** With when it was due, who asked for it and why. */
export function TriggerInFull({ run }: { run: Run }) {
  if (run.trigger === "schedule" || run.trigger === "catch_up") {
    return (
      <>
        {TRIGGERS[run.trigger]}{run.scheduled_at && <>, due <Time at={run.scheduled_at} as="local" /></>}
        {run.because && <>: {run.because}</>}
      </>
    );
  }
  if (run.trigger === "manual") return <>By hand, by {run.by}{run.because && `: ${run.because}`}</>;
  return <><Trigger run={run} />{run.by && `, by ${run.by}`}</>;
}

// As chalicelib/domain/runs.py makes them: the configured block, a time, what tells it from its neighbours.
const RUN_ID = /\b([0-9a-z]{20,}-\d{8}T\d{12}-[0-9a-z]+)\b/;

/** The run that a text names, such as a refusal. */
export function runNamedIn(text: string): string | null {
  return RUN_ID.exec(text)?.[1] ?? null;
}

/** A reason; the run that it names is a link. */
export function Reason({ text }: { text: string }) {
  const named = runNamedIn(text);
  if (!named) return <>{text}</>;
  const [before, after] = text.split(named);
  const link: ComponentChildren = <a href={href("runs", named)}>{named.split("-").slice(1).join("-")}</a>;
  return <>{before}{link}{after}</>;
}
