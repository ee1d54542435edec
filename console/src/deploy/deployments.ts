// One deployment as the server tells it, live while it runs, and its end announced.
import { useEffect, useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { type At, keyOf } from "../api/environment";
import { invalidate, type Resource, useResource } from "../api/resource";
import { announce } from "../parts/toast";
import { type Deployment, ending } from "./progress";

/** The deployment of this number (null: none), read again every two seconds while it runs. */
export function useDeployment(at: At, number: number | null): Resource<Deployment> {
  const [over, setOver] = useState(false);
  const { project, environment } = at;
  const path = { project, environment, number: String(number) };
  const load = () => ask(api.GET("/projects/{project}/environments/{environment}/deployments/{number}", { params: { path } }));
  const found = useResource(number === null ? null : `${keyOf(at)}/deployments/${number}`, load, over ? 0 : 2000);
  const status = found.data?.status;
  useEffect(() => setOver(status !== undefined && status !== "running"), [status]);
  return found;
}

// Those that were seen running and whose end is still to be told; one may end before it is read for the first time.
const going = new Set<string>();

export function hasBegun(at: At, number: number): void {
  going.add(`${keyOf(at)}/${number}`);
}

/** Tells a screen reader, and whoever looks elsewhere on the page, how a deployment that was running has ended. */
export function useEnding(at: At, deployment: Deployment | undefined): void {
  useEffect(() => {
    if (deployment?.status === "running") hasBegun(at, deployment.number);
    else if (deployment && going.delete(`${keyOf(at)}/${deployment.number}`)) {
      announce(ending(deployment));
      // Which one is live is told by the environment, at once and not when it is read again.
      invalidate(keyOf(at));
    }
  }, [deployment?.status]);
}
