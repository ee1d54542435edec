import { Page } from "../parts/page";

export function ProjectsPage() {
  return <Page title="Projects">{null}</Page>;
}
