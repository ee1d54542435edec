import { ButtonLink } from "../parts/button";
import { Page } from "../parts/page";
import { Empty } from "../parts/states";

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page.">
        <ButtonLink href="#/" kind="primary">Home</ButtonLink>
      </Empty>
    </Page>
  );
}
