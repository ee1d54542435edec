// What the audit is chosen by; the choice is in the address, so that it can be sent to somebody.
import { useEffect, useId, useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { may } from "../api/me";
import { useResource } from "../api/resource";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { navigate } from "../router";
import { auditPage, type Filter, FILTERS } from "./read";

const LABELS: Record<(typeof FILTERS)[number], string> = { project: "Project", environment: "Environment", hostname: "Hostname", block: "KintoBlock", by: "Person" };
const MANY = { params: { query: { limit: 100 } } };

export function AuditFilters({ filter, errors }: { filter: Filter; errors: ReadonlyMap<string, string> }) {
  const [typed, setTyped] = useState(filter);
  const id = useId();
  useEffect(() => setTyped(filter), [auditPage(filter)]);
  // Of these two one seldom thinks; links come with them.
  const shown = FILTERS.filter((name) => (name !== "environment" && name !== "hostname") || filter[name]);
  return (
    <form class="audit-filters" role="search" aria-label="Audit" noValidate onSubmit={(event) => (event.preventDefault(), navigate(auditPage(tidy(typed))))}>
      {shown.map((name) => (
        <TextField key={name} label={LABELS[name]} value={typed[name] ?? ""} onInput={(value) => setTyped({ ...typed, [name]: value })}
          list={`${id}-${name}`} placeholder="Any" error={typed[name] === filter[name] ? errors.get(name) : undefined} />
      ))}
      <Suggestions id={id} />
      <div class="actions">
        <Button type="submit" icon="search">Filter</Button>
        {Object.keys(filter).length > 0 && <Button kind="quiet" icon="close" onClick={() => navigate(auditPage({}))}>Show all</Button>}
      </div>
    </form>
  );
}

function tidy(typed: Filter): Filter {
  return Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value?.trim()]));
}

/** What there is now; what was deleted can be typed. */
function Suggestions({ id }: { id: string }) {
  const projects = useResource("projects?limit=100", () => ask(api.GET("/projects", MANY)));
  const blocks = useResource("blocks?limit=100", () => ask(api.GET("/blocks", MANY)));
  const tokens = useResource(may("admin", "stack") ? "tokens?limit=100" : null, () => ask(api.GET("/tokens", MANY)));
  return (
    <>
      <Names id={`${id}-project`} of={projects.data?.items.map((one) => one.internal_name)} />
      <Names id={`${id}-block`} of={blocks.data?.items.map((one) => one.internal_name)} />
      <Names id={`${id}-by`} of={tokens.data?.items.map((one) => one.name)} />
    </>
  );
}

function Names({ id, of = [] }: { id: string; of?: string[] | undefined }) {
  return <datalist id={id}>{[...new Set(of)].map((name) => <option key={name} value={name} />)}</datalist>;
}
