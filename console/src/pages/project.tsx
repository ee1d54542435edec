// A project's own address leads to its first environment.
import { useEffect } from "preact/hooks";

import { api, ask } from "../api/client";
import { useResource } from "../api/resource";
import { Page } from "../parts/page";
import { Shown } from "../parts/states";
import { href, replace } from "../router";

export function ProjectPage({ project }: { project: string }) {
  const found = useResource(`projects/${project}`, () => ask(api.GET("/projects/{project}", { params: { path: { project } } })));
  const first = found.data?.environments[0]?.internal_name;
  useEffect(() => {
    if (first) replace(href("projects", project, first));
  }, [first]);
  return <Page title={project} crumbs={[{ label: "Projects", href: href("projects") }]}><Shown of={found}>{() => null}</Shown></Page>;
}
