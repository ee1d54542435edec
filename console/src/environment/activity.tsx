import type { At, Environment } from "../api/environment";

export function Activity(_: { at: At; environment: Environment }) {
  return null;
}
