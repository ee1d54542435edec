// Home: the projects with their environments' state and what needs somebody; first steps where there is nothing yet.
import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { FirstSteps } from "../home/first-steps";
import { ProjectCard } from "../home/project-card";
import { More } from "../parts/more";
import { Page, Section } from "../parts/page";
import { Shown } from "../parts/states";
import { NoProjects } from "../projects/none";
import "../styles/home.css";

export function HomePage() {
  const load = (cursor?: string) => ask(api.GET("/projects", { params: { query: cursor ? { cursor } : {} } }));
  const projects = usePages("projects", load, (one) => one.internal_name, 30_000);
  return (
    <Page title="Home">
      <Shown of={{ data: projects.items, error: projects.error, refresh: projects.refresh }}>
        {(found) => (
          <>
            {projects.more === null && may("admin", "stack") && <FirstSteps projects={found} />}
            <Section title="Projects">
              {found.length > 0 ? <ul class="home-cards">{found.map((one) => <ProjectCard project={one} key={one.internal_name} />)}</ul>
                : <NoProjects />}
              <More more={projects.more} />
            </Section>
          </>
        )}
      </Shown>
    </Page>
  );
}
