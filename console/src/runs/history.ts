// The runs of a configured block: the last 60 for the strip, and all of them in pages.
import { api, ask } from "../api/client";
import { type At, keyOf } from "../api/environment";
import { type Pages, usePages } from "../api/pages";
import { type Resource, useResource } from "../api/resource";
import { firstWithItems, type Page } from "./first-with-items";
import type { Run } from "./run";

const STRIP = 60;

export interface Filter {
  status: Run["status"] | undefined;
  trigger: Run["trigger"] | undefined;
}

function list(at: At, hostname: string, query: object): Promise<Page<Run>> {
  return ask(api.GET("/projects/{project}/environments/{environment}/blocks/{hostname}/runs", { params: { path: { ...at, hostname }, query } }));
}

function keyOfRuns(at: At, hostname: string): string {
  return `${keyOf(at)}/blocks/${hostname}/runs`;
}

/** The last 60, newest first. */
export function useLastRuns(at: At, hostname: string): Resource<Run[]> {
  return useResource(keyOfRuns(at, hostname), async () => (await list(at, hostname, { limit: STRIP })).items, 4000);
}

export function useHistory(at: At, hostname: string, filter: Filter): Pages<Run> {
  const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
  const load = (cursor?: string) => firstWithItems((from) => list(at, hostname, { ...chosen, ...(from ? { cursor: from } : {}) }), cursor);
  const key = `${keyOfRuns(at, hostname)}?${new URLSearchParams(chosen).toString()}`;
  // A trigger has no index: looking for one that is rare reads many pages.
  return usePages<Run>(key, load, (run) => run.id, filter.trigger ? 15_000 : 4000);
}
