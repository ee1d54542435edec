import { Page } from "../parts/page";

export function RunPage({ run }: { run: string }) {
  return <Page title={run}>{null}</Page>;
}
