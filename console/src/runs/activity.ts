// What goes on in an environment, as its own page and Home show it.
import { api, ask, type Schemas } from "../api/client";
import { type At, keyOf } from "../api/environment";
import { type Resource, useResource } from "../api/resource";

export type EnvironmentActivity = Schemas["Activity"];

/** `asked` false: nothing is read. */
export function useActivity(at: At, every: number, asked = true): Resource<EnvironmentActivity> {
  const { project, environment } = at;
  const load = () => ask(api.GET("/projects/{project}/environments/{environment}/activity", { params: { path: { project, environment } } }));
  return useResource(asked ? `${keyOf(at)}/activity` : null, load, every);
}
