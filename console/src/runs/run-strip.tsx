// The strip of the last 60 runs: a bar each, oldest first, taken in at a glance and walked through by arrows.
import { useRef, useState } from "preact/hooks";

import { Empty, Shown } from "../parts/states";
import { type AnyStatus, Status, statusWord, tone } from "../parts/status";
import { duration, localTime, Time } from "../parts/time";
import type { Resource } from "../api/resource";
import { href } from "../router";
import type { Run } from "./run";
import { heights, summary, took } from "./strip";

export function RunStrip({ runs, service }: { runs: Resource<Run[]>; service: boolean }) {
  return (
    <Shown of={runs}>
      {(found) => found.length > 0 ? <Bars runs={[...found].reverse()} /> : (
        <Empty title="No runs yet"><p>{service ? "A service runs when its environment is deployed." : "Its runs come here, one bar each. Run it now, or wait until it is due."}</p></Empty>
      )}
    </Shown>
  );
}

// What stands on a bar, so that it is told without its colour too.
const MARKS: Partial<Record<AnyStatus, string>> = {
  failed: "×", timed_out: "×", out_of_memory: "×", start_failed: "×", interrupted: "×", missed: "!", cancelled: "–", skipped: "",
};

function Bars({ runs }: { runs: Run[] }) {
  const present = Date.now();
  const high = heights(runs, present);
  const bar = useRef<HTMLDivElement>(null);
  const [looked, setLooked] = useState<string | null>(null);
  const at = runs.findIndex((run) => run.id === looked);
  const stop = at >= 0 ? at : runs.length - 1;

  function walk(event: KeyboardEvent) {
    const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: runs.length - 1 }[event.key];
    if (to === undefined || !runs[to]) return;
    event.preventDefault();
    bar.current?.querySelectorAll("a")[to]?.focus();
  }
  return (
    <div class="card run-strip-card">
      <div class="run-strip" role="toolbar" aria-label={`Last ${runs.length} runs`} ref={bar} onKeyDown={walk} onMouseLeave={() => setLooked(null)}>
        {runs.map((run, i) => (
          <a key={run.id} class={`run-bar ${tone(run.status)} ${run.status}`} href={href("runs", run.id)} aria-label={told(run, present)}
            tabIndex={i === stop ? 0 : -1} onFocus={() => setLooked(run.id)} onMouseEnter={() => setLooked(run.id)}>
            <span class="run-bar-mark" aria-hidden="true">{MARKS[run.status] ?? ""}</span>
            <span class="run-bar-body" style={{ "--high": high[i] ?? 0 }} />
          </a>
        ))}
      </div>
      <p class="run-strip-told">
        {at >= 0 ? <Looked run={runs[at]!} present={present} /> : <><strong>{summary(runs)}</strong> <span class="faint">the newest at the right; higher took longer</span></>}
      </p>
    </div>
  );
}

function when(run: Run): string {
  return run.scheduled_at ?? run.created_at;
}

function told(run: Run, present: number): string {
  const ms = took(run, present);
  const lasted = ms === null ? "" : `, took ${duration(ms)}`;
  return `${statusWord(run.status)}, ${localTime(new Date(when(run)))}${lasted}${run.reason ? `, ${run.reason}` : ""}`;
}

function Looked({ run, present }: { run: Run; present: number }) {
  const ms = took(run, present);
  return (
    <>
      <Status status={run.status} /> <Time at={when(run)} as="local" /> {ms !== null && <span class="number">{duration(ms)}</span>}{" "}
      <span class="soft">{run.reason}</span>
    </>
  );
}
