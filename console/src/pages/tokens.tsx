// Tokens: who may call the API and use this console, as what, where and until when.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { AdminsOnly } from "../parts/admins-only";
import { Button } from "../parts/button";
import { More } from "../parts/more";
import { Page } from "../parts/page";
import { Shown } from "../parts/states";
import { CreateToken } from "../tokens/create";
import { TokenEntry } from "../tokens/entry";
import { RevokeToken } from "../tokens/revoke";
import type { Token } from "../tokens/roles";
import "../styles/administration.css";

export function TokensPage() {
  const [creating, setCreating] = useState(false);
  const allowed = may("admin", "stack");
  return (
    <Page title="Tokens" actions={allowed && <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>Create token</Button>}
      lead="People sign in here with a token, and programs call the API with one. Give each its own: then the audit tells them apart, and one can be revoked without the others.">
      {allowed ? <List /> : <AdminsOnly what="Only admins of all projects manage tokens." />}
      {creating && <CreateToken onClose={() => setCreating(false)} />}
    </Page>
  );
}

function List() {
  const found = usePages("tokens", (cursor) => ask(api.GET("/tokens", { params: { query: cursor ? { cursor } : {} } })), ({ id }) => id, 15_000);
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <>
      <Shown of={{ data: found.items, error: found.error, refresh: found.refresh }}>
        {(tokens) => <ul class="list token-list">{tokens.map((one) => <TokenEntry key={one.id} token={one} onRevoke={() => setRevoking(one)} />)}</ul>}
      </Shown>
      <More more={found.more} />
      {revoking && <RevokeToken token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}
