// The facts of a run, those alone that it has.
import type { ComponentChildren } from "preact";

import { Time, Took } from "../parts/time";
import type { Run } from "./run";
import { TriggerInFull } from "./trigger";

export function RunFacts({ run }: { run: Run }) {
  return (
    <div class="card run-facts">
      <dl class="facts">
        <Fact name="Trigger" wide><TriggerInFull run={run} /></Fact>
        {run.exit_code !== null && <Fact name="Exit code"><span class="number">{run.exit_code}</span></Fact>}
        {run.started_at && <Fact name="Duration"><Took from={run.started_at} to={run.finished_at} /></Fact>}
        <Moment name="Due" at={run.scheduled_at} />
        <Moment name="Queued" at={run.created_at} />
        <Moment name="Started" at={run.started_at} />
        <Moment name="Finished" at={run.finished_at} />
        {run.commit && <Fact name="Commit"><code title={run.commit}>{run.commit.slice(0, 12)}</code></Fact>}
        {run.image && <Fact name="Image" wide><code>{run.image}</code></Fact>}
        {run.command && <Fact name="Command, for this run alone" wide><code class="whole">{run.command}</code></Fact>}
        {run.variables.length > 0 && <Fact name="Variables, for this run alone" wide><Variables of={run} /></Fact>}
      </dl>
    </div>
  );
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ComponentChildren }) {
  return <div class={wide ? "wide" : ""}><dt>{name}</dt><dd>{children}</dd></div>;
}

function Moment({ name, at }: { name: string; at: string | null }) {
  return at ? <Fact name={name}><Time at={at} as="local" /></Fact> : null;
}

function Variables({ of }: { of: Run }) {
  return (
    <ul>
      {of.variables.map(({ name, value, masked }) => (
        <li key={name}><code class="whole">{name}={masked ? "••••••" : value}</code></li>
      ))}
    </ul>
  );
}
