// All projects, as cards with their environments' states.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePageSearch, useSearched } from "../api/search";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { NoMatch, SearchField, SearchMore } from "../parts/search";
import { Failure, Loading } from "../parts/states";
import { ProjectCard } from "../projects/card";
import { CreateProject } from "../projects/create";
import { NoProjects } from "../projects/none";
import "../styles/projects.css";

const EVERY_MS = 15_000;

export function ProjectsPage() {
  const [creating, setCreating] = useState(false);
  const search = usePageSearch();
  const projects = useSearched(
    "projects", search.search, (query) => ask(api.GET("/projects", { params: { query } })), ({ internal_name }) => internal_name, EVERY_MS,
  );
  const { items, error, refresh, searching } = projects;
  const create = <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>Create New Project</Button>;
  const some = search.search !== "" || (items && items.length > 0);
  return (
    <Page title="Projects" actions={some && may("admin", "stack") && create}>
      {some && <SearchField what="projects" of={search} list={projects} />}
      {items === undefined && (error ? <Failure error={error} retry={refresh} /> : <Loading />)}
      {items?.length === 0 && !search.search && (
        <NoProjects title="There is no project yet.">
          <p>A project holds environments; in each you configure which KintoBlocks run, and deploy them.</p>
          {create}
        </NoProjects>
      )}
      {items?.length === 0 && search.search && !searching && <NoMatch one="project" of={search} list={projects} />}
      {items && items.length > 0 && <ul class="cards projects" aria-busy={searching}>{items.map((project) => <ProjectCard key={project.internal_name} project={project} />)}</ul>}
      <SearchMore of={search} list={projects} />
      {creating && <CreateProject onClose={() => setCreating(false)} />}
    </Page>
  );
}
