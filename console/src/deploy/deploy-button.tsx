import type { At, Environment } from "../api/environment";

export function DeployButton(_: { at: At; environment: Environment }) {
  return null;
}
