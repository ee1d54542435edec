// What a failing post-deployment job does, in words.
import type { Environment } from "../api/environment";

export type Policy = Environment["on_post_deployment_failure"];

export const POLICIES: Record<Policy, { label: string; short: string; hint: string }> = {
  keep: { label: "Keep", short: "the deployment is kept", hint: "The new version stays: deployed with failures." },
  fail: { label: "Fail", short: "the deployment fails", hint: "The deployment counts as failed; the new version stays until you roll back." },
  rollback: { label: "Roll back", short: "it is rolled back", hint: "The last good deployment is deployed again, once." },
};

export const POLICY_CHOICES = (Object.keys(POLICIES) as Policy[]).map((value) => ({ value, label: POLICIES[value].label, hint: POLICIES[value].hint }));
