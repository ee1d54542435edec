import type { At, Environment } from "../api/environment";

export function History(_: { at: At; environment: Environment }) {
  return null;
}
