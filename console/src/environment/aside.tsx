// At the side of a project's page: its environments, and the settings behind two buttons.
import { useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import type { At, Environment } from "../api/environment";
import { may } from "../api/me";
import { EnvironmentState } from "../deploy/states";
import { Button } from "../parts/button";
import { href } from "../router";
import "../styles/projects.css";
import { AddEnvironment } from "./add-environment";
import { EnvironmentSettings } from "./environment-settings";
import { POLICIES } from "./policies";
import { ProjectSettings } from "./project-settings";

type Project = Schemas["ProjectAnswer"];
type Opened = "add" | "project" | "environment";

export function EnvironmentsAside({ at, project, environment }: { at: At; project: Project | undefined; environment: Environment | undefined }) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  return (
    <aside class="environments" aria-label="Environments and settings">
      <section aria-label="Environments">
        <h2>Environments</h2>
        <ul>{project?.environments.map((one) => <Card key={one.internal_name} at={at} one={one} />)}</ul>
        {project && may("admin") && <Button icon="plus" onClick={() => setOpened("add")}>Add environment</Button>}
      </section>
      {project && environment && (
        <section aria-label="Settings">
          <h2>Settings</h2>
          <p class="soft">After a failing post-deployment job: {POLICIES[environment.on_post_deployment_failure].short}.</p>
          <div class="settings-buttons">
            {may("deployer") && <Button icon="gear" onClick={() => setOpened("environment")}>Environment settings</Button>}
            {may("admin") && <Button icon="gear" onClick={() => setOpened("project")}>Project settings</Button>}
          </div>
        </section>
      )}
      {opened === "add" && <AddEnvironment project={at.project} onClose={close} />}
      {opened === "project" && project && <ProjectSettings project={project} onClose={close} />}
      {opened === "environment" && environment && project && (
        <EnvironmentSettings at={at} environment={environment} other={project.environments.find(({ internal_name }) => internal_name !== at.environment)?.internal_name} onClose={close} />
      )}
    </aside>
  );
}

function Card({ at, one }: { at: At; one: Project["environments"][number] }) {
  const { internal_name, name } = one;
  return (
    <li>
      <a class="card" href={href("projects", at.project, internal_name)} aria-current={internal_name === at.environment ? "page" : undefined}>
        <span class="environment-name">{name}</span> <EnvironmentState of={one} />
      </a>
    </li>
  );
}
