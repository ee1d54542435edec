// What is live in an environment and how its latest deployment went: the status alone is that of the latest.
import type { Schemas } from "../api/client";

/** By the numbers of its deployments. */
export interface Standing {
  status: Schemas["EnvironmentBrief"]["status"];
  current: number | null;
  latest: number | null;
}

const LATEST: Partial<Record<Standing["status"], string>> = { running: "is running", failed: "failed", cancelled: "was cancelled" };
const DESPITE: Partial<Record<Standing["status"], string>> = {
  failed: "its post-deployment jobs did not succeed",
  cancelled: "it was cancelled after its services were deployed",
};

/** "Deployment 5 is live; 6 was cancelled"; null where the status alone is not misunderstood. */
export function standing({ status, current, latest }: Standing): string | null {
  const how = current === latest ? DESPITE[status] : LATEST[status] && `${latest} ${LATEST[status]}`;
  return current === null || !how ? null : `Deployment ${current} is live; ${how}`;
}

/** The same of one deployment that is live: "Live; its post-deployment jobs did not succeed". */
export function liveDespite(status: Standing["status"]): string | null {
  const how = DESPITE[status];
  return how ? `Live; ${how}` : null;
}
