import type { At, Environment } from "../api/environment";

export function ConfiguredBlocks(_: { at: At; environment: Environment }) {
  return null;
}
