// Credentials: for which git servers and image registries the stack has a secret.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { invalidate } from "../api/resource";
import { CredentialsForm } from "../blocks/credentials-form";
import { AdminsOnly } from "../parts/admins-only";
import { Button } from "../parts/button";
import { Confirm, Dialog } from "../parts/dialog";
import { More } from "../parts/more";
import { Page } from "../parts/page";
import { Empty, Failure, Loading } from "../parts/states";
import { Time } from "../parts/time";
import { announce } from "../parts/toast";
import "../styles/blocks.css";

type Credentials = Schemas["CredentialsAnswer"];
type Doing = { what: "add" } | { what: "replace" | "forget"; of: Credentials };

export function CredentialsPage() {
  if (may("admin", "stack")) return <All />;
  return <Page title="Credentials"><AdminsOnly what="Only admins of all projects manage credentials." /></Page>;
}

function All() {
  const all = usePages("credentials", load, (one) => one.host, 15_000);
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);
  return (
    <Page title="Credentials" actions={<Button kind="primary" icon="plus" onClick={() => setDoing({ what: "add" })}>Add credentials</Button>}
      lead="One secret for all private repositories of a git server, or for all private images of a registry. It is encrypted at once and never shown again; a token of a KintoBlock's own comes first.">
      {!all.items && !all.error && <Loading />}
      {!all.items && all.error && <Failure error={all.error} retry={all.refresh} />}
      {all.items?.length === 0 && (
        <Empty title="No credentials yet.">
          <p>Public repositories and images need none. For private ones, add the host: github.com, or ghcr.io.</p>
        </Empty>
      )}
      {all.items && all.items.length > 0 && (
        <ul class="list">{all.items.map((one) => <Entry key={one.host} one={one} onDo={(what) => setDoing({ what, of: one })} />)}</ul>
      )}
      <More more={all.more} />
      {doing?.what === "forget" && <Forget one={doing.of} onClose={done} />}
      {(doing?.what === "add" || doing?.what === "replace") && (
        <Dialog title={doing.what === "add" ? "Add credentials" : `Replace the secret for ${doing.of.host}`} onClose={done}>
          <CredentialsForm of={doing.what === "replace" ? doing.of : null} hosts={all.items?.map(({ host }) => host) ?? []} onDone={done} />
        </Dialog>
      )}
    </Page>
  );
}

function load(cursor?: string): Promise<{ items: Credentials[]; next: string | null }> {
  return ask(api.GET("/credentials", { params: { query: cursor ? { cursor } : {} } }));
}

function Entry({ one, onDo }: { one: Credentials; onDo: (what: "replace" | "forget") => void }) {
  return (
    <li>
      <div class="grow">
        <strong>{one.host}</strong>
        <div class="soft">{one.username ? `User name ${one.username}` : "A token, without a user name"}</div>
      </div>
      <div class="soft">given by {one.by}, <Time at={one.updated_at} /></div>
      <div class="actions">
        <Button onClick={() => onDo("replace")} aria-label={`Replace the secret for ${one.host}`}>Replace</Button>
        <Button kind="quiet" icon="trash" onClick={() => onDo("forget")} aria-label={`Forget the secret for ${one.host}`}>Forget</Button>
      </div>
    </li>
  );
}

function Forget({ one, onClose }: { one: Credentials; onClose: () => void }) {
  async function forget() {
    await ask(api.DELETE("/credentials/{host}", { params: { path: { host: one.host } } }));
    invalidate("credentials");
    announce(`The secret for ${one.host} is forgotten`);
  }
  return (
    <Confirm title={`Forget the secret for ${one.host}`} action="Forget" danger onConfirm={forget} onClose={onClose}>
      <p>{`Jobs that need it can't fetch private code or images of ${one.host} any more, unless their KintoBlock has a token of its own.`}</p>
    </Confirm>
  );
}
