// A list that comes in pages: the first is read again while one looks, the others are added by "Show more".
import { useEffect, useRef, useState } from "preact/hooks";

import { keepPages, pagesShown } from "../position";
import { useResource } from "./resource";

interface Page<T> {
  items: T[];
  next: string | null;
}

/** What "Show more" has added to the list of a key, in so many pages. */
interface Added<T> extends Page<T> {
  key: string;
  count: number;
}

export interface Pages<T> {
  items: T[] | undefined;
  error: Error | undefined;
  /** Adds the next page; null where there is none. */
  more: (() => Promise<void>) | null;
  refresh: () => void;
}

/** The list under `key`; `load` reads the page of a cursor (undefined: the first), `id` tells its items apart. */
export function usePages<T>(
  key: string | null,
  load: (cursor?: string) => Promise<Page<T>>,
  id: (item: T) => string,
  every = 0,
): Pages<T> {
  const first = useResource(key, () => load(), every);
  const [added, setAdded] = useState<Added<T> | null>(null);
  const older = added?.key === key ? added : null;
  // How many pages are still to come before one is where one was.
  const missing = useRef(0);
  useEffect(() => void (missing.current = key === null ? 0 : pagesShown(key)), [key]);
  useEffect(() => {
    if (missing.current === 0 || next === null) return;
    missing.current -= 1;
    more().catch(() => (missing.current = 0));
  }, [key, first.data === undefined, older]);
  const present = useRef(key);
  present.current = key;
  const next = older ? older.next : (first.data?.next ?? null);

  async function more(): Promise<void> {
    if (next === null || key === null) return;
    const page = await load(next);
    // Another list is shown by now.
    if (present.current !== key) return;
    // What the first page showed so far would slip between the pages when something new comes in at its top.
    setAdded((before) => {
      const there = before?.key === key ? before : { items: first.data?.items ?? [], count: 0 };
      keepPages(key, there.count + 1);
      return { key, items: [...there.items, ...page.items], next: page.next, count: there.count + 1 };
    });
  }

  const items = first.data && merged(first.data.items, older?.items ?? [], id);
  return { items, error: first.error, more: next === null ? null : more, refresh: first.refresh };
}

/** The newest state of each item, those of the first page first. */
export function merged<T>(first: T[], older: T[], id: (item: T) => string): T[] {
  const there = new Set(first.map(id));
  return [...first, ...older.filter((item) => !there.has(id(item)))];
}
