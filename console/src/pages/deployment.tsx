import { Page } from "../parts/page";

export function DeploymentPage({ number }: { project: string; environment: string; number: number }) {
  return <Page title={`Deployment ${number}`}>{null}</Page>;
}
