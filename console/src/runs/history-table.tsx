// Every run and every tick of a job, also those that did not run, with the reason; filters are in the address.
import type { At } from "../api/environment";
import { Button } from "../parts/button";
import { Select } from "../parts/field";
import { More } from "../parts/more";
import { Section } from "../parts/page";
import { Empty, Shown } from "../parts/states";
import { Status, statusWord } from "../parts/status";
import { localTime, Time, Took, utc } from "../parts/time";
import { href, path, query, replace } from "../router";
import { type Filter, useHistory } from "./history";
import type { Run } from "./run";
import { Reason, Trigger, TRIGGERS } from "./trigger";

const STATUSES: Run["status"][] = [
  "queued", "running", "succeeded", "failed", "timed_out", "out_of_memory", "start_failed", "interrupted", "cancelled", "skipped", "missed",
];

export function RunHistory({ at, hostname }: { at: At; hostname: string }) {
  const filter = filterOf(query.value);
  const runs = useHistory(at, hostname, filter);
  const filtered = Boolean(filter.status || filter.trigger);
  return (
    <Section title="History">
      <div class="history-filters" role="group" aria-label="Filter">
        <Select label="Status" value={filter.status ?? ""} onInput={(status) => choose({ ...filter, status: status || undefined })}
          choices={[{ value: "", label: "Any" }, ...STATUSES.map((value) => ({ value, label: statusWord(value) }))]} />
        <Select label="Trigger" value={filter.trigger ?? ""} onInput={(trigger) => choose({ ...filter, trigger: trigger || undefined })}
          choices={[{ value: "", label: "Any" }, ...entries(TRIGGERS).map(([value, label]) => ({ value, label }))]} />
        {filtered && <Button kind="quiet" icon="close" onClick={() => choose({ status: undefined, trigger: undefined })}>Show all</Button>}
      </div>
      <Shown of={{ data: runs.items, error: runs.error, refresh: runs.refresh }}>
        {(found) => found.length > 0 ? <RunTable runs={found} /> : <Nothing filtered={filtered} goesOn={runs.more !== null} />}
      </Shown>
      <More more={runs.more} />
    </Section>
  );
}

function Nothing({ filtered, goesOn }: { filtered: boolean; goesOn: boolean }) {
  if (goesOn) return <Empty title="None among the newest"><p>Show more looks through older ones.</p></Empty>;
  if (filtered) return <Empty title="No run is like this"><p>Choose another status or trigger, or show all.</p></Empty>;
  return <Empty title="Nothing ran yet"><p>Every run and every tick is written down here, also those that are skipped or missed.</p></Empty>;
}

/** Where there is little room each run is read as a card, whose cells show the names of their columns. */
function RunTable({ runs }: { runs: Run[] }) {
  return (
    <div class="history-room">
      <div class="table-frame history-frame">
        <table class="run-history" role="table">
          <thead role="rowgroup">
            <tr role="row">
              {["Status", "Due", "Started", "Duration", "Exit code", "Trigger", "By", "Log"].map((name) => <th scope="col" role="columnheader" key={name}>{name}</th>)}
            </tr>
          </thead>
          <tbody role="rowgroup">{runs.map((run) => <Row run={run} key={run.id} />)}</tbody>
        </table>
      </div>
    </div>
  );
}

/** The link in its last cell covers the whole row. */
function Row({ run }: { run: Run }) {
  const due = run.scheduled_at ?? run.created_at;
  return (
    <tr role="row" class="linked">
      <td role="cell" class="history-status"><Status status={run.status} />{run.reason && <p class="soft history-reason"><Reason text={run.reason} /></p>}</td>
      <td role="cell" data-name="Due"><Time at={due} as="local" /></td>
      <td role="cell" data-name="Started" class={run.started_at ? "" : "without"}>{run.started_at ? <Time at={run.started_at} as="local" /> : <None />}</td>
      <td role="cell" data-name="Duration" class={run.started_at ? "" : "without"}>{run.started_at ? <Took from={run.started_at} to={run.finished_at} /> : <None />}</td>
      <td role="cell" data-name="Exit code" class={run.exit_code === null ? "without" : "number"}>{run.exit_code ?? <None />}</td>
      <td role="cell" data-name="Trigger" class="history-trigger"><Trigger run={run} />{run.because && <p class="soft history-reason">{run.because}</p>}</td>
      <td role="cell" data-name="By" class="history-by">{run.by}</td>
      <td role="cell" data-name="Log"><a class="cover" href={href("runs", run.id)} title={`Due ${utc(new Date(due))}`} aria-label={`${run.started_at ? "Log" : "Details"} of the run of ${localTime(new Date(due))}`}>{run.started_at ? "Log" : "Details"}</a></td>
    </tr>
  );
}

function None() {
  return <span class="faint"><span aria-hidden="true">–</span><span class="hidden-text">none</span></span>;
}

function filterOf(found: URLSearchParams): Filter {
  const [status, trigger] = [found.get("status"), found.get("trigger")];
  return {
    status: STATUSES.find((one) => one === status),
    trigger: entries(TRIGGERS).find(([one]) => one === trigger)?.[0],
  };
}

function choose(filter: Filter): void {
  const chosen = Object.entries(filter).filter((one): one is [string, string] => Boolean(one[1]));
  replace(`#${path.value}${chosen.length ? `?${new URLSearchParams(chosen).toString()}` : ""}`);
}

function entries<K extends string, V>(of: Record<K, V>): [K, V][] {
  return Object.entries(of) as [K, V][];
}
