// One environment, as several parts of its page and of others read it.
import { api, ask, type Schemas } from "./client";
import { type Resource, useResource } from "./resource";

export type Environment = Schemas["EnvironmentAnswer"];

/** A configured block in its environment: without the values of its variables. */
export type Listed = Schemas["ConfiguredBlockBrief"];

export interface At {
  project: string;
  environment: string;
}

/** The key under which everything of an environment is kept: `invalidate` it after a change. */
export function keyOf({ project, environment }: At): string {
  return `projects/${project}/environments/${environment}`;
}

/** The key under which what is configured under a hostname is kept. */
export function configuredKey(at: At, hostname: string): string {
  return `${keyOf(at)}/blocks/${hostname}`;
}

/** The environment, read again every four seconds. */
export function useEnvironment(at: At, every = 4000): Resource<Environment> {
  const { project, environment } = at;
  const load = () => ask(api.GET("/projects/{project}/environments/{environment}", { params: { path: { project, environment } } }));
  return useResource(keyOf(at), load, every);
}
