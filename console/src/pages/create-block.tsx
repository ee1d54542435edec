import { Page } from "../parts/page";

export function CreateBlockPage() {
  return <Page title="Create New KintoBlock">{null}</Page>;
}
