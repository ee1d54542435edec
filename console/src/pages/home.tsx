// Home: what fails and what runs now before all other projects; first steps where there is nothing yet.
import { api, ask, type Schemas } from "../api/client";
import { gathered } from "../api/gathered";
import { may } from "../api/me";
import { type Pages, usePages } from "../api/pages";
import { type Search, type Searched, usePageSearch, useSearched } from "../api/search";
import { FirstSteps } from "../home/first-steps";
import { ProjectCard } from "../home/project-card";
import { More } from "../parts/more";
import { Page, Section } from "../parts/page";
import { NoMatch, SearchField, SearchMore } from "../parts/search";
import { Failure, Loading, Shown } from "../parts/states";
import { NoProjects } from "../projects/none";
import "../styles/home.css";

type Project = Schemas["ProjectListed"];

const NOW_MS = 15_000;
const ALL_MS = 30_000;
const named = (project: Project) => project.internal_name;

export function HomePage() {
  const search = usePageSearch();
  const failing = useNow("failing", search.search === "");
  const running = useNow("running", search.search === "");
  const projects = useSearched("projects", search.search, (query) => ask(api.GET("/projects", { params: { query } })), named, ALL_MS);
  const list = <All search={search} projects={projects} failing={failing} running={running} />;
  return (
    <Page title="Home">
      <Shown of={{ data: projects.items, error: projects.error, refresh: projects.refresh }}>
        {(found) => (
          <>
            {!search.search && projects.more === null && may("admin", "stack") && <FirstSteps projects={found} />}
            {(search.search || found.length > 0) && <SearchField what="projects" of={search} list={projects} />}
            {search.search || (failing.read && running.read) ? list : <Loading />}
          </>
        )}
      </Shown>
    </Page>
  );
}

interface Now extends Pages<Project> {
  /** Whether it is known what is so, or that it can't be known now. */
  read: boolean;
}

/** The projects in which something fails or runs, as long as `asked`. */
function useNow(status: "failing" | "running", asked: boolean): Now {
  const load = (cursor?: string) => ask(api.GET("/projects", { params: { query: { status, ...(cursor && { cursor }) } } }));
  const pages = usePages<Project>(asked ? `projects?status=${status}` : null, (cursor) => gathered(load, cursor), named, NOW_MS);
  return { ...pages, read: pages.items !== undefined || pages.error !== undefined };
}

interface AllProps {
  search: Search;
  projects: Searched<Project>;
  failing: Now;
  running: Now;
}

function All({ search, projects, failing, running }: AllProps) {
  const first = search.search ? [] : (failing.items ?? []);
  const above = new Set(first.map(named));
  const second = search.search ? [] : (running.items ?? []).filter((project) => !above.has(named(project)));
  for (const project of second) above.add(named(project));
  const rest = (projects.items ?? []).filter((project) => !above.has(named(project)));
  return (
    <>
      {!search.search && failing.error && !failing.items && <Failure error={failing.error} retry={failing.refresh} />}
      <Group title="Failing" projects={first} more={failing} failing />
      <Group title="Running now" projects={second} more={running} />
      {(rest.length > 0 || above.size === 0) && (
        <Section title="Projects">
          {rest.length > 0 && <Cards projects={rest} busy={projects.searching} />}
          {rest.length === 0 && !projects.searching && (search.search ? <NoMatch one="project" of={search} list={projects} /> : <NoProjects />)}
        </Section>
      )}
      <SearchMore of={search} list={projects} />
    </>
  );
}

function Group({ title, projects, more, failing }: { title: string; projects: Project[]; more: Now; failing?: boolean }) {
  if (projects.length === 0) return null;
  return (
    <Section title={title}>
      <Cards projects={projects} failing={failing} />
      <More more={more.more} label="Show more of these" />
    </Section>
  );
}

function Cards({ projects, busy = false, failing }: { projects: Project[]; busy?: boolean; failing?: boolean | undefined }) {
  return <ul class="home-cards" aria-busy={busy}>{projects.map((project) => <ProjectCard project={project} failing={failing} key={named(project)} />)}</ul>;
}
