// All projects, as cards with their environments' states.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { Button } from "../parts/button";
import { More } from "../parts/more";
import { Page } from "../parts/page";
import { Failure, Loading } from "../parts/states";
import { ProjectCard } from "../projects/card";
import { CreateProject } from "../projects/create";
import { NoProjects } from "../projects/none";
import "../styles/projects.css";

const EVERY_MS = 15_000;

export function ProjectsPage() {
  const [creating, setCreating] = useState(false);
  const { items, error, more, refresh } = usePages(
    "projects", (cursor) => ask(api.GET("/projects", { params: { query: cursor ? { cursor } : {} } })), ({ internal_name }) => internal_name, EVERY_MS,
  );
  const create = <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>Create New Project</Button>;
  return (
    <Page title="Projects" actions={items && items.length > 0 && may("admin", "stack") && create}>
      {items === undefined && (error ? <Failure error={error} retry={refresh} /> : <Loading />)}
      {items?.length === 0 && (
        <NoProjects title="There is no project yet.">
          <p>A project holds environments; in each you configure which KintoBlocks run, and deploy them.</p>
          {create}
        </NoProjects>
      )}
      {items && items.length > 0 && <ul class="cards projects">{items.map((project) => <ProjectCard key={project.internal_name} project={project} />)}</ul>}
      <More more={more} />
      {creating && <CreateProject onClose={() => setCreating(false)} />}
    </Page>
  );
}
