import { Page } from "../parts/page";

export function BlocksPage() {
  return <Page title="KintoBlocks">{null}</Page>;
}
