// One token in the list of all.
import { me } from "../api/me";
import { Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { Badge } from "../parts/status";
import { Time, useNow } from "../parts/time";
import { nearness } from "./expiry";
import { list, type Token } from "./roles";

export function TokenEntry({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const { name, role, projects, expires_at: end } = token;
  const near = nearness(end, useNow(60_000));
  return (
    <li class={near === "over" ? "token over" : "token"}>
      <div class="token-head">
        <strong class="token-name">{name}</strong> <Badge>{role.toUpperCase()}</Badge>
        {me.value?.id === token.id && <span class="status busy">This is you</span>}
        {near === "over" && <span class="status bad"><Icon name="clock" />Expired</span>}
        {near === "soon" && <span class="status warn"><Icon name="warning" />Expires soon</span>}
      </div>
      <dl class="token-facts">
        <div><dt>Projects</dt><dd>{projects === null ? "All" : list(projects)}</dd></div>
        <div><dt>Created</dt><dd>by {token.created_by}, <Time at={token.created_at} /></dd></div>
        <div><dt>{near === "over" ? "Expired" : "Expires"}</dt><dd>{end ? <Time at={end} /> : "Never"}</dd></div>
        <div><dt>Last used</dt><dd>{token.last_used_at ? <Time at={token.last_used_at} /> : "Never"}</dd></div>
      </dl>
      <Button kind="quiet" icon="trash" onClick={onRevoke} aria-label={`Revoke ${name}`}>Revoke</Button>
    </li>
  );
}
