import { Page } from "../parts/page";

export function CredentialsPage() {
  return <Page title="Credentials">{null}</Page>;
}
