// States as people read them: a word, a shape and a colour, never the colour alone.
import type { Schemas } from "../api/client";
import { Icon, type IconName } from "./icon";

export type RunStatus = Schemas["RunAnswer"]["status"];
export type AnyStatus = RunStatus | Schemas["EnvironmentAnswer"]["status"] | Schemas["DeploymentAnswer"]["status"];

export type Tone = "good" | "bad" | "busy" | "warn" | "idle";

const LOOKS: Record<AnyStatus, [word: string, tone: Tone, icon: IconName]> = {
  queued: ["Queued", "idle", "clock"],
  running: ["Running", "busy", "play"],
  succeeded: ["Succeeded", "good", "check"],
  failed: ["Failed", "bad", "cross"],
  timed_out: ["Timed out", "bad", "clock"],
  out_of_memory: ["Out of memory", "bad", "warning"],
  cancelled: ["Cancelled", "idle", "stop"],
  start_failed: ["Start failed", "bad", "warning"],
  interrupted: ["Interrupted", "bad", "power"],
  skipped: ["Skipped", "idle", "skip"],
  missed: ["Missed", "warn", "warning"],
  not_deployed: ["Not deployed", "idle", "dots"],
  deployed: ["Deployed", "good", "check"],
  deployed_with_failures: ["Deployed with failures", "warn", "warning"],
  shutdown: ["Shutdown", "idle", "power"],
};

export function tone(status: AnyStatus): Tone {
  return LOOKS[status][1];
}

export function statusWord(status: AnyStatus): string {
  return LOOKS[status][0];
}

export function statusIcon(status: AnyStatus): IconName {
  return LOOKS[status][2];
}

export function Status({ status }: { status: AnyStatus }) {
  return (
    <span class={`status ${tone(status)}`}>
      {status === "running" ? <span class="spinner" aria-hidden="true" /> : <Icon name={statusIcon(status)} />}
      {statusWord(status)}
    </span>
  );
}

/** A state that takes a sentence, in the colour of `status`. */
export function StatusSentence({ status, words }: { status: AnyStatus; words: string }) {
  return (
    <span class={`status sentence ${tone(status)}`}>
      {status === "running" ? <span class="spinner" aria-hidden="true" /> : <Icon name={statusIcon(status)} />}
      <span>{words}</span>
    </span>
  );
}

/** Whether a run or deployment in this state goes on. */
export function isOpen(status: AnyStatus): boolean {
  return status === "queued" || status === "running";
}

export function Badge({ children }: { children: string }) {
  return <span class="badge">{children}</span>;
}
