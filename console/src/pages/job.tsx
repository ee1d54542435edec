import { Page } from "../parts/page";

export function JobPage({ hostname }: { project: string; environment: string; hostname: string }) {
  return <Page title={hostname}>{null}</Page>;
}
