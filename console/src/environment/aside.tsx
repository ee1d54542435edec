import type { Schemas } from "../api/client";
import type { At, Environment } from "../api/environment";

export function EnvironmentsAside(_: { at: At; project: Schemas["ProjectAnswer"] | undefined; environment: Environment | undefined }) {
  return null;
}
