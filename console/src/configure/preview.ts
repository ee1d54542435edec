// What a pattern means, asked while one types: after a short rest, and only the latest answer counts.
import { useEffect, useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { Problem } from "../api/problem";

const REST_MS = 250;
// Where the server did not say: what it said of another text would be wrong.
const AGAIN_MS = 3000;

export interface Asked {
  /** The last answer that was good; it stays while the next is awaited. */
  preview: Schemas["Preview"] | null;
  /** What the server says of a field of the present text. */
  errors: ReadonlyMap<string, string>;
  /** Whether what is told is about the present text. */
  settled: boolean;
}

const NONE: ReadonlyMap<string, string> = new Map();

export function usePreview(cron: string, timezone: string): Asked {
  const [asked, setAsked] = useState<Asked>({ preview: null, errors: NONE, settled: false });
  useEffect(() => {
    const stop = new AbortController();
    setAsked((before) => ({ ...before, settled: false }));
    let timer = setTimeout(() => void look(), REST_MS);
    async function look(): Promise<void> {
      try {
        const preview = await ask(api.POST("/schedules/preview", { body: { cron, timezone, count: 5, from: null }, signal: stop.signal }));
        if (!stop.signal.aborted) setAsked({ preview, errors: NONE, settled: true });
      } catch (error) {
        if (stop.signal.aborted) return;
        const errors = error instanceof Problem ? error.fields : NONE;
        setAsked({ preview: null, errors, settled: errors.size > 0 });
        if (errors.size === 0) timer = setTimeout(() => void look(), AGAIN_MS);
      }
    }
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [cron, timezone]);
  return asked;
}
