import { Page } from "../parts/page";

export function HomePage() {
  return <Page title="Home">{null}</Page>;
}
