// The fields of an entry of the audit, in the words that the forms use.
import { label, MASKED, type Row, value } from "../deploy/versions";
import { localTime } from "../parts/time";
import type { Entry } from "./entry";

const LABELS: Record<string, string> = {
  name: "Name",
  flavor: "Flavor",
  description: "Description",
  on_post_deployment_failure: "After a failing post-deployment job",
  role_arn: "Role ARN",
  run_overrides: "Another command or variables for one run",
  shutdown: "Shut Down",
  "repository.token": "Repository Token",
  "pause.reason": "Reason",
  "pause.until": "Until",
  rollback_of: "Rollback to Deployment",
  command: "Command",
  reason: "Reason",
  force: "Even while another is active",
  cancelled: "Cancelled",
  username: "User Name",
  secret: "Token or Password",
  role: "Role",
  projects: "Projects",
  expires_at: "Expires",
};
const SECRETS = ["secret", "repository.token"];
const PROJECT = /^projects\.(.+)$/;
const TIMES = ["pause.until", "expires_at"];

export function fieldRows({ changes }: Entry): Row[] {
  return changes.filter(({ from, to }) => [from, to].some((value) => (value ?? "") !== "")).map(({ field, from, to }) => ({
    field,
    label: labelOf(field),
    before: valueOf(field, from),
    after: valueOf(field, to),
    secret: isSecret(field) && [from, to].includes(MASKED),
  }));
}

function isSecret(field: string): boolean {
  return field.startsWith("variables.") || SECRETS.includes(field);
}

function labelOf(field: string): string {
  const [, variable] = /^variables\.(.+)\.required$/.exec(field) ?? [];
  const [, project] = PROJECT.exec(field) ?? [];
  if (project) return `Project ${project}`;
  return variable ? `Variable ${variable} is required` : (LABELS[field] ?? label(field));
}

function valueOf(field: string, told: unknown): string | null {
  if (TIMES.includes(field) && typeof told === "string") return localTime(new Date(told));
  // Its value is the project's uid, which says nothing to people.
  if (PROJECT.test(field)) return told ? "may use it" : null;
  if (Array.isArray(told)) return told.length === 0 ? "none" : told.join(", ");
  return value(field, told);
}

// Each says that it is those below it, too.
const BROWSERS: [name: string, version: RegExp][] = [
  ["Edge", /\bEdg\/(\d+)/],
  ["Opera", /\bOPR\/(\d+)/],
  ["Firefox", /\bFirefox\/(\d+)/],
  ["Chrome", /Chrome\/(\d+)/],
  ["Safari", /\bVersion\/(\d+)/],
];

/** A user agent as people say it: "Chrome 120", "curl 8.5.0". */
export function agentWord(agent: string): string {
  for (const [name, version] of BROWSERS) {
    const found = version.exec(agent);
    if (found) return `${name} ${found[1]}`;
  }
  return agent.split(" ")[0]!.replace("/", " ");
}
