// One run as the server tells it.
import { useEffect, useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { type Resource, useResource } from "../api/resource";
import { isOpen } from "../parts/status";

export type Run = Schemas["RunAnswer"];

/** The run, read again every two seconds until it has ended. */
export function useRun(run: string): Resource<Run> {
  const [every, setEvery] = useState(2000);
  const load = () => ask(api.GET("/runs/{run}", { params: { path: { run } } }));
  const found = useResource(`runs/${run}`, load, every);
  const status = found.data?.status;
  useEffect(() => setEvery(status && !isOpen(status) ? 0 : 2000), [status]);
  return found;
}
