// Away from the page of what was just deleted, without asking the server for it once more.
import { forget } from "../api/resource";
import { replace } from "../router";

/** Shows the page `to` instead; what was read under `key` is not shown again. */
export function leave(to: string, key: string): void {
  forget(key);
  replace(to);
}
