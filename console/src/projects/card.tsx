// A project's card: its environments and how they are, each a link.
import { api, ask, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { EnvironmentState } from "../deploy/states";
import { href } from "../router";

type Brief = Schemas["ProjectListed"];
type Environments = Schemas["ProjectAnswer"]["environments"];

const MOST_SHOWN = 5;
const EVERY_MS = 15_000;

export function ProjectCard({ project }: { project: Brief }) {
  const { name, internal_name, description } = project;
  const found = useResource(`projects/${internal_name}`, () => ask(api.GET("/projects/{project}", { params: { path: { project: internal_name } } })), EVERY_MS);
  return (
    <li class="card linked project-card">
      <h2><a class="cover" href={href("projects", internal_name)}>{name}</a></h2>
      {description && <p class="soft clamp">{description}</p>}
      {found.data ? <States project={internal_name} environments={found.data.environments} /> : <p class="faint">{found.error ? "Its environments can't be read now." : "…"}</p>}
    </li>
  );
}

function States({ project, environments }: { project: string; environments: Environments }) {
  const more = environments.length - MOST_SHOWN;
  return (
    <ul class="environment-states" aria-label="Environments">
      {environments.slice(0, MOST_SHOWN).map((one) => (
        <li key={one.internal_name}><a href={href("projects", project, one.internal_name)}>{one.name}</a> <EnvironmentState of={one} /></li>
      ))}
      {more > 0 && <li class="faint">and {more} more</li>}
    </ul>
  );
}
