// A list that comes in pages: the first is read again while one looks, the others are added by "Show more".
import { useEffect, useState } from "preact/hooks";

import { useResource } from "./resource";

interface Page<T> {
  items: T[];
  next: string | null;
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
  const [older, setOlder] = useState<Page<T> | null>(null);
  useEffect(() => setOlder(null), [key]);
  const next = older ? older.next : (first.data?.next ?? null);

  async function more(): Promise<void> {
    if (next === null) return;
    const page = await load(next);
    // What the first page showed so far would slip between the pages when something new comes in at its top.
    setOlder((before) => ({ items: [...(before?.items ?? first.data?.items ?? []), ...page.items], next: page.next }));
  }

  const items = first.data && merged(first.data.items, older?.items ?? [], id);
  return { items, error: first.error, more: next === null ? null : more, refresh: first.refresh };
}

/** The newest state of each item, those of the first page first. */
export function merged<T>(first: T[], older: T[], id: (item: T) => string): T[] {
  const there = new Set(first.map(id));
  return [...first, ...older.filter((item) => !there.has(id(item)))];
}
