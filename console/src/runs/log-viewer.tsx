// A run's log: live while it runs, searched, followed, linked to line by line; as text and nothing else.
import { signal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Button } from "../parts/button";
import { Failure, Loading } from "../parts/states";
import { amount } from "../parts/time";
import { path, query, replace, href } from "../router";
import "../styles/log.css";
import { type Log, useLog } from "./log";
import { LogEmpty } from "./log-empty";
import { LogLines } from "./log-lines";
import { type Hit, search, shown } from "./log-text";
import { GoToLine, Search, TakeAway, Toggle } from "./log-tools";
import { useFollow } from "./follow";

// Drawn at once at most; the rest is a click away and in what is downloaded.
const MOST = 10_000;
// Laid out at once, though not in sight.
const FEW = 500;
const wrap = signal(true);
const timestamps = signal(false);

/** The log of a run; `complete`: the run has ended. */
export function LogViewer({ run, complete }: { run: string; complete: boolean }) {
  const log = useLog(run, complete);
  const { lines } = log;
  const own = path.value === `/runs/${run}`;
  const linked = own ? Number(query.value.get("line")) || null : null;
  const [around, setAround] = useState<number | null>(linked && linked - 1);
  const box = useRef<HTMLDivElement>(null);
  const { follow, setFollow } = useFollow(box, linked === null);
  const last = useRef<number | null>(null);
  const { from, to } = shown(lines.length, MOST, follow ? null : (around ?? last.current));
  // What is drawn stays while one reads further up, however the log grows.
  if (follow) last.current = from + MOST / 2;
  useEffect(() => void (follow && setAround(null)), [follow]);
  const found = useSearch(log);

  function look(index: number): void {
    setFollow(false);
    setAround(index);
    // After it has been drawn; a second time when the lines around it have got their real heights.
    requestAnimationFrame(() => (center(box.current, index + 1), requestAnimationFrame(() => center(box.current, index + 1))));
  }
  function goTo(line: number): void {
    if (own) replace(`${href("runs", run)}?line=${line}`);
    look(line - 1);
  }
  const link = useCallback((event: MouseEvent, line: number) => {
    if (!own || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    replace(`${href("runs", run)}?line=${line}`);
  }, [run, own]);
  const there = linked !== null && linked <= lines.length;
  useEffect(() => void (there && look(linked - 1)), [there, linked]);
  useEffect(() => void (found.hit && look(found.hit.line)), [found.hit]);

  return (
    <div class="log">
      <div class="log-tools">
        <Search wanted={found.wanted} onInput={found.setWanted} count={found.count} at={found.at} onStep={found.step} />
        <GoToLine count={lines.length} onGo={goTo} />
        <div class="actions">
          <Toggle icon="end" on={follow} onClick={() => setFollow(!follow)}>Follow</Toggle>
          <Toggle icon="wrap" on={wrap.value} onClick={() => (wrap.value = !wrap.value)}>Wrap</Toggle>
          <Toggle icon="clock" on={timestamps.value} onClick={() => (timestamps.value = !timestamps.value)}>Timestamps</Toggle>
          <TakeAway run={run} lines={lines} />
        </div>
      </div>
      {log.error && <Failure error={log.error} retry={log.retry} />}
      {lines.length > 0 ? (
        <div class={wrap.value ? "log-box wrapped" : "log-box"} role="region" aria-label="Log lines" tabIndex={0} ref={box}>
          <div class={lines.length > FEW ? "log-lines many" : "log-lines"} style={{ "--digits": String(lines.length).length }}>
            {from > 0 && <Rest words={`Lines 1 to ${amount(from)} are not drawn; Download has them all.`} action="Show earlier" onClick={() => look(Math.max(0, from - 1))} />}
            <LogLines run={run} lines={lines} from={from} to={to} timestamps={timestamps.value} wanted={found.wanted} hit={found.hit}
              linked={linked} onLink={link} />
            {to < lines.length && <Rest words={`${amount(lines.length - to)} more lines follow.`} action="Show later" onClick={() => look(to)} />}
          </div>
        </div>
      ) : (
        !log.error && (log.known ? <LogEmpty run={run} ended={log.complete} /> : <Loading what="Reading the log" />)
      )}
      <Foot log={log} ended={complete} />
    </div>
  );
}

function Rest({ words, action, onClick }: { words: string; action: string; onClick: () => void }) {
  return <div class="log-rest">{words} <Button kind="quiet" onClick={onClick}>{action}</Button></div>;
}

/** Read out when the log begins and when it is complete, not at every line. */
function Foot({ log: { lines, known, complete }, ended }: { log: Log; ended: boolean }) {
  const count = lines.length === 1 ? "1 line" : `${amount(lines.length)} lines`;
  return (
    <p class="log-foot faint">
      <span role="status">{!known ? "" : complete ? "The log is complete" : ended ? "Reading the rest" : "Live: read every three seconds"}</span>
      {lines.length > 0 && <span class="number">{count}</span>}
    </p>
  );
}

function useSearch({ lines }: Log) {
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const hits = useMemo(() => search(lines, wanted), [lines, lines.length, wanted]);
  const place = Math.min(at, Math.max(0, hits.length - 1));
  const found = hits[place];
  // The same object while it is the same place, though the log has grown.
  const hit = useMemo<Hit | null>(() => found ?? null, [found?.line, found?.start, wanted]);
  return {
    wanted,
    setWanted: (text: string) => (setWanted(text), setAt(0)),
    count: hits.length,
    at: place,
    hit,
    step: (step: number) => setAt(hits.length ? (place + step + hits.length) % hits.length : 0),
  };
}

function center(box: HTMLElement | null, line: number): void {
  const found = box?.querySelector<HTMLElement>(`[data-line="${line}"]`);
  if (!box || !found) return;
  const offset = found.getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTop += offset - box.clientHeight / 2 + found.clientHeight / 2;
}
