// The blocks that one can add, found by their names: pages are read until enough of them fit.
import { useEffect, useRef, useState } from "preact/hooks";

import { api, ask, onReconnect, type Schemas } from "../api/client";
import { matching } from "./block-match";

type Block = Schemas["BlockAnswer"];

const ENOUGH = 20;
const PAGE = 100;

export interface Found {
  /** Those that fit, of what was read so far. */
  blocks: Block[];
  /** Whether more pages are being read. */
  reading: boolean;
  /** Whether there is no block at all. */
  none: boolean;
  error: Error | null;
  retry: () => void;
}

export function useBlockSearch(text: string): Found {
  const [read, setRead] = useState<Block[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [error, setError] = useState<Error | null>(null);
  const going = useRef(false);
  const found = matching(read, text);
  const wanted = next !== null && found.length < ENOUGH && error === null;

  useEffect(() => onReconnect(() => setError(null)), []);
  useEffect(() => {
    if (!wanted || going.current) return;
    going.current = true;
    ask(api.GET("/blocks", { params: { query: { limit: PAGE, ...(next ? { cursor: next } : {}) } } }))
      .then((page) => (setRead((before) => [...before, ...page.items]), setNext(page.next)))
      .catch((reason: unknown) => setError(reason as Error))
      .finally(() => (going.current = false));
  }, [wanted, next]);

  return { blocks: found.slice(0, ENOUGH), reading: wanted, none: next === null && read.length === 0, error, retry: () => setError(null) };
}
