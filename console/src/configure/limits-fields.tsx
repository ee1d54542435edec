// Memory limit, timeout and retries of a configured block.
import type { Errors } from "../api/submit";
import { NumberField } from "../parts/field";
import type { ConfigureForm } from "./form";
import { machine, megabytes, MEMORY, span, TIMEOUTS, waits } from "./limits";
import { Preset } from "./preset";

interface Props {
  form: ConfigureForm;
  change: (to: Partial<ConfigureForm>) => void;
  errors: Errors;
  /** Whether it runs as a bare command, for which memory only chooses the machine. */
  command: boolean;
}

export function LimitsFields({ form, change, errors, command }: Props) {
  const { memoryMb, timeoutSeconds, retries, backoffSeconds } = form;
  return (
    <fieldset class="configure-part">
      <legend>Limits</legend>
      <div class="row">
        <Preset label="Memory Limit" other="Memory Limit in MB" value={memoryMb} onInput={(value) => change({ memoryMb: value })}
          usual={MEMORY} words={megabytes} min={32} max={147456} hint={memoryHint(memoryMb, command)} {...errors.at("memory_mb")} />
        <Preset label="Timeout" other="Timeout in seconds" value={timeoutSeconds} onInput={(value) => change({ timeoutSeconds: value })}
          usual={TIMEOUTS} words={span} min={1} max={86400} hint="Then it is stopped and counts as timed out. Waiting, fetching and building don't count." {...errors.at("timeout_seconds")} />
      </div>
      <div class="row">
        <NumberField label="Retries" value={retries} onInput={(value) => change({ retries: value })} min={0} max={10}
          hint={retriesHint(retries, backoffSeconds)} {...errors.at("retries.count")} onEdit={() => errors.edit("retries")} />
        {retries !== 0 && (
          <NumberField label="Back-off in seconds" value={backoffSeconds} onInput={(value) => change({ backoffSeconds: value })} min={0} max={3600}
            hint="Before the first retry; doubled each time, an hour at most." {...errors.at("retries.backoff_seconds")} />
        )}
      </div>
    </fieldset>
  );
}

function memoryHint(mb: number | null, command: boolean): string {
  const size = mb === null ? null : machine(mb);
  const on = size ? `Runs on a ${size} build machine. ` : "";
  return on + (command ? "A command may use all of its machine." : "A container that needs more is stopped: out of memory.");
}

function retriesHint(retries: number | null, backoff: number | null): string {
  if (!retries || backoff === null || retries > 10) return "Further attempts after one that ended badly.";
  return `Waits ${waits(retries, backoff).map(span).join(", ")}.`;
}
