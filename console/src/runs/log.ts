// Reading a run's log: all that is there page by page, then what is added, until the API says that it is complete.
import { useEffect, useRef, useState } from "preact/hooks";

import { api, ask, onReconnect } from "../api/client";
import { Problem, Unreachable } from "../api/problem";
import { plain } from "./log-text";

// CloudWatch allows ten reads a second in a whole account.
const POLL_MS = 3000;
const NEXT_PAGE_MS = 500;
const FULL_PAGE = 1000;

export interface Line {
  at: string;
  /** As the run printed it. */
  text: string;
  plain: string;
}

export interface Log {
  /** All lines so far; the same array grows. */
  lines: readonly Line[];
  /** Whether anything was answered yet. */
  known: boolean;
  /** Whether there will be no more. */
  complete: boolean;
  error: Error | undefined;
  retry: () => void;
}

type Read = Omit<Log, "retry">;
const NOTHING: Read = { lines: [], known: false, complete: false, error: undefined };

/** The log of a run; `final`: the run has ended, so that only what was printed already is missing. */
export function useLog(run: string, final: boolean): Log {
  const [log, setLog] = useState<Read>(NOTHING);
  const [again, setAgain] = useState(0);
  const ended = useRef(final);
  ended.current = final;

  useEffect(() => {
    const lines: Line[] = [];
    let [gone, timer] = [false, 0];
    let after: string | undefined;
    const later = (wait: number) => {
      timer = window.setTimeout(() => (document.hidden ? later(POLL_MS) : void read()), wait);
    };
    async function read() {
      try {
        const page = await ask(api.GET("/runs/{run}/logs", { params: { path: { run }, query: after ? { after } : {} } }));
        if (gone) return;
        for (const line of page.lines) lines.push({ ...line, plain: plain(line.text) });
        const full = page.lines.length >= FULL_PAGE || (ended.current && page.next !== after);
        after = page.next;
        setLog({ lines, known: true, complete: page.complete, error: undefined });
        if (!page.complete) later(full ? NEXT_PAGE_MS : POLL_MS);
      } catch (reason) {
        if (gone) return;
        setLog((before) => ({ ...before, error: reason as Error }));
        if (!(reason instanceof Problem) || reason.status >= 500) later(POLL_MS);
      }
    }
    const stop = onReconnect(() => setLog((before) => (before.error instanceof Unreachable ? { ...before, error: undefined } : before)));
    setLog(NOTHING);
    void read();
    return () => {
      gone = true;
      stop();
      clearTimeout(timer);
    };
  }, [run, again]);

  return { ...log, retry: () => setAgain((n) => n + 1) };
}
