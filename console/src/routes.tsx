// Which page an address shows.
import type { ComponentChildren } from "preact";

import { match } from "./router";
import { AuditPage } from "./pages/audit";
import { BlockPage } from "./pages/block";
import { BlocksPage } from "./pages/blocks";
import { CreateBlockPage } from "./pages/create-block";
import { CredentialsPage } from "./pages/credentials";
import { DeploymentPage } from "./pages/deployment";
import { EnvironmentPage } from "./pages/environment";
import { HomePage } from "./pages/home";
import { JobPage } from "./pages/job";
import { NotFoundPage } from "./pages/not-found";
import { ProjectPage } from "./pages/project";
import { ProjectsPage } from "./pages/projects";
import { RunPage } from "./pages/run";
import { TokensPage } from "./pages/tokens";

type Show = (parameters: Record<string, string>) => ComponentChildren;

const ROUTES: [pattern: string, show: Show][] = [
  ["/", () => <HomePage />],
  ["/blocks", () => <BlocksPage />],
  ["/blocks/new", () => <CreateBlockPage />],
  ["/blocks/:block", ({ block }) => <BlockPage key={block} block={block!} />],
  ["/projects", () => <ProjectsPage />],
  ["/projects/:project", ({ project }) => <ProjectPage key={project} project={project!} />],
  ["/projects/:project/:environment", (at) => <EnvironmentPage key={`${at.project}/${at.environment}`} project={at.project!} environment={at.environment!} />],
  ["/projects/:project/:environment/deployments/:number", (at) => !/^\d+$/.test(at.number!) ? <NotFoundPage /> : (
    <DeploymentPage key={`${at.project}/${at.environment}/${at.number}`} project={at.project!} environment={at.environment!} number={Number(at.number)} />
  )],
  ["/projects/:project/:environment/blocks/:hostname", (at) => (
    <JobPage key={`${at.project}/${at.environment}/${at.hostname}`} project={at.project!} environment={at.environment!} hostname={at.hostname!} />
  )],
  ["/runs/:run", ({ run }) => <RunPage key={run} run={run!} />],
  ["/tokens", () => <TokensPage />],
  ["/credentials", () => <CredentialsPage />],
  ["/audit", () => <AuditPage />],
];

export function routed(path: string): ComponentChildren {
  for (const [pattern, show] of ROUTES) {
    const found = match(pattern, path);
    if (found) return show(found);
  }
  return <NotFoundPage />;
}
