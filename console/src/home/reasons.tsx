// Why a project is failing: each job or deployment, with how it ended and when, and a link to it.
import type { Schemas } from "../api/client";
import { statusWord } from "../parts/status";
import { Icon } from "../parts/icon";
import { Time } from "../parts/time";
import { href } from "../router";

type Reason = Schemas["Reason"];

const MOST_SHOWN = 3;

export function ReasonLines({ project }: { project: Schemas["ProjectListed"] }) {
  const { reasons, more_reasons: more, internal_name: name } = project;
  const hidden = reasons.length - MOST_SHOWN;
  return (
    <ul class="home-reasons" aria-label="Why it is failing">
      {[...reasons].sort(urgency).slice(0, MOST_SHOWN).map((reason) => (
        <li key={`${reason.environment}/${reason.hostname ?? ""}`}>
          <Icon name="warning" />
          <span>
            <a href={address(name, reason)}>{reason.hostname ?? `Deployment ${reason.deployment}`}</a> in {reason.environment} {outcome(reason)} <Time at={reason.at} />
          </span>
        </li>
      ))}
      {(hidden > 0 || more) && <li class="home-reasons-more">{more ? `and more than ${hidden} others` : hidden === 1 ? "and 1 other" : `and ${hidden} others`}</li>}
    </ul>
  );
}

/** Deployments first, then what ended last. */
function urgency(one: Reason, other: Reason): number {
  return Number(one.hostname !== null) - Number(other.hostname !== null) || Date.parse(other.at) - Date.parse(one.at);
}

function address(project: string, { environment, deployment, run }: Reason): string {
  return run ? href("runs", run) : href("projects", project, environment, "deployments", deployment ?? 0);
}

/** "failed (exit code 3)", "timed out", "missed a tick" */
function outcome({ status, exit_code: code }: Reason): string {
  if (status === "missed") return "missed a tick";
  if (status === "interrupted") return "was interrupted";
  if (status === "out_of_memory") return "ran out of memory";
  if (status === "start_failed") return "could not start";
  return `${status === "deployed_with_failures" ? "ended with failures" : statusWord(status).toLowerCase()}${code === null ? "" : ` (exit code ${code})`}`;
}
