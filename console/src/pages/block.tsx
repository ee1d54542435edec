import { Page } from "../parts/page";

export function BlockPage({ block }: { block: string }) {
  return <Page title={block}>{null}</Page>;
}
