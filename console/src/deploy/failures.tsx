// What failed, before everything else: its reason, its exit code and the last lines of its log.
import { useState } from "preact/hooks";

import { Section } from "../parts/page";
import { Status } from "../parts/status";
import { amount, Took } from "../parts/time";
import { sentence } from "../parts/form";
import { href } from "../router";
import { useLog } from "../runs/log";
import { phaseOf, reasonOf, type Run } from "./progress";

const LAST_LINES = 20;
// Each log that is open is read; more failures can be opened by hand.
const MOST_OPEN = 3;

export function Failures({ runs }: { runs: readonly Run[] }) {
  if (runs.length === 0) return null;
  return (
    <Section title="What failed">
      <ul class="failures">{runs.map((run, i) => <li key={run.id}><FailedRun run={run} first={i < MOST_OPEN} /></li>)}</ul>
    </Section>
  );
}

function FailedRun({ run, first }: { run: Run; first: boolean }) {
  const [open, setOpen] = useState(first);
  const why = reasonOf(run);
  const printed = run.attempts.length > 0;
  return (
    <article class="card failed-run">
      <header>
        <h3>{run.hostname}</h3>
        <Status status={run.status} />
        {run.exit_code !== null && <strong class="exit-code">exit code {run.exit_code}</strong>}
        <span class="soft">{phaseOf(run)}</span>
        {run.started_at && <span class="soft">after <Took from={run.started_at} to={run.finished_at} /></span>}
        <a class="apart" href={href("runs", run.id)} aria-label={`Whole run of ${run.hostname}`}>Whole run</a>
      </header>
      {why && <p>{sentence(why)}</p>}
      {run.attempts.length > 1 && <p class="soft">It was the last of {run.attempts.length} attempts.</p>}
      {printed && (
        <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>Last lines of its log</summary>
          {open && <LastLines run={run} />}
        </details>
      )}
    </article>
  );
}

function LastLines({ run }: { run: Run }) {
  const log = useLog(run.id, true);
  const last = log.lines.slice(-LAST_LINES);
  const before = log.lines.length - last.length;
  if (!log.known && log.error) return <p class="error">{sentence(log.error.message)} Trying again…</p>;
  if (last.length === 0) return <p class="faint">{log.complete ? "It printed nothing." : "Reading its log…"}</p>;
  return (
    <div class="last-lines" role="region" aria-label={`Last lines of the log of ${run.hostname}`} tabIndex={0}>
      {before > 0 && <p class="faint">{amount(before)} lines before</p>}
      <pre>{last.map((line) => line.plain).join("\n")}</pre>
      {!log.complete && <p class="faint">Reading on…</p>}
    </div>
  );
}
