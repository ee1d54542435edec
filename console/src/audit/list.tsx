// Entries of the audit: a sentence each, from what to what, and where it came from.
import type { Pages } from "../api/pages";
import { Fields } from "../deploy/changes";
import type { Row } from "../deploy/versions";
import { More } from "../parts/more";
import { Empty, Shown } from "../parts/states";
import { Time, utc } from "../parts/time";
import "../styles/administration.css";
import { type Entry, type Part, sentence } from "./entry";
import { agentWord, fieldRows } from "./fields";

// What is created is told whole by its fields: that many are read at a glance.
const MOST_OPEN = 4;

/** `nothing`: what to say where nothing was ever changed. */
export function AuditList({ entries, nothing }: { entries: Pages<Entry>; nothing: string }) {
  return (
    <>
      <Shown of={{ data: entries.items, error: entries.error, refresh: entries.refresh }}>
        {(found) => found.length > 0
          ? <ol class="list audit-list">{found.map((one) => <Told key={one.id} entry={one} />)}</ol>
          : <Nothing goesOn={entries.more !== null} words={nothing} />}
      </Shown>
      <More more={entries.more} />
    </>
  );
}

function Nothing({ goesOn, words }: { goesOn: boolean; words: string }) {
  if (goesOn) return <Empty title="None among the newest"><p>Show more looks through older ones.</p></Empty>;
  return <Empty title="Nothing was changed"><p>{words}</p></Empty>;
}

function Told({ entry }: { entry: Entry }) {
  const rows = fieldRows(entry);
  return (
    <li class="audit-entry">
      <p class="audit-sentence">{sentence(entry).map((part, i) => <Piece key={i} part={part} who={i === 0} />)}</p>
      <span class="soft audit-time"><Time at={entry.at} as="local" /></span>
      {rows.length > 0 && <Changes rows={rows} />}
      <Origin entry={entry} />
    </li>
  );
}

function Piece({ part, who }: { part: Part; who: boolean }) {
  if (typeof part === "string") return <>{part}</>;
  if (part.to) return <a href={part.to}>{part.name}</a>;
  return who ? <strong>{part.name}</strong> : <b>{part.name}</b>;
}

function Changes({ rows }: { rows: Row[] }) {
  const kind = rows.every((row) => row.before === null) ? "added" : rows.every((row) => row.after === null) ? "removed" : "changed";
  const fields = <Fields rows={rows} kind={kind} />;
  if (kind === "changed" || rows.length <= MOST_OPEN) return <div class="audit-fields">{fields}</div>;
  return <details class="audit-fields"><summary>{rows.length} fields</summary>{fields}</details>;
}

function Origin({ entry: { id, at, by, from, request_id: request } }: { entry: Entry }) {
  const told = [from.address && `from ${from.address}`, from.agent && `by ${agentWord(from.agent)}`].filter(Boolean).join(" ");
  return (
    <details class="audit-origin">
      <summary>{told || "by the operator's command"}</summary>
      <dl class="facts">
        <div><dt>When</dt><dd>{utc(new Date(at))}</dd></div>
        {by.id && <div><dt>Token</dt><dd><code>{by.id}</code></dd></div>}
        {from.agent && <div class="whole"><dt>User agent</dt><dd>{from.agent}</dd></div>}
        {request && <div><dt>Request</dt><dd><code>{request}</code></dd></div>}
        <div><dt>Entry</dt><dd><code>{id}</code></dd></div>
      </dl>
    </details>
  );
}
