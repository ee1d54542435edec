// What a page shows of the server: read at once, read again every few seconds and after changes, never blank between.
import { useEffect, useRef, useState } from "preact/hooks";

import { connected, onReconnect } from "./client";
import { Unreachable } from "./problem";

// After an answer that came while another request failed.
const AGAIN_MS = 1000;
const kept = new Map<string, unknown>();
const readers = new Map<string, Set<() => void>>();

export interface Resource<T> {
  data: T | undefined;
  error: Error | undefined;
  /** Reads it again now. */
  refresh: () => void;
}

/**
 * The resource under `key` (null: none yet), read by `load`, and again every `every` milliseconds (0: never) while
 * the page is visible. All that show the same key share what was last read.
 */
export function useResource<T>(key: string | null, load: () => Promise<T>, every = 0): Resource<T> {
  const [, redraw] = useState(0);
  const error = useRef<Error | undefined>(undefined);
  const newest = useRef(load);
  newest.current = load;

  useEffect(() => {
    if (key === null) return;
    let [gone, asked, timer] = [false, 0, 0];
    const next = () => {
      clearTimeout(timer);
      const wait = every || (connected.peek() ? 0 : 3000);
      if (wait) timer = window.setTimeout(() => (document.hidden ? next() : void read()), wait);
    };
    const read = async () => {
      const mine = ++asked;
      try {
        const found = await newest.current();
        if (gone || mine !== asked) return;
        kept.set(key, found);
        error.current = undefined;
      } catch (reason) {
        if (gone || mine !== asked) return;
        if (reason instanceof Unreachable && connected.peek()) {
          timer = window.setTimeout(again, AGAIN_MS);
          return;
        }
        error.current = reason as Error;
      }
      redraw((n) => n + 1);
      next();
    };
    const again = () => void read();
    const returned = () => {
      if (!(error.current instanceof Unreachable)) return;
      error.current = undefined;
      redraw((n) => n + 1);
      again();
    };
    const shown = () => document.hidden || again();
    error.current = undefined;
    join(key, again);
    document.addEventListener("visibilitychange", shown);
    const stop = onReconnect(returned);
    again();
    return () => {
      gone = true;
      stop();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
      readers.get(key)?.delete(again);
    };
  }, [key, every]);

  const data = key === null ? undefined : (kept.get(key) as T | undefined);
  return { data, error: error.current, refresh: () => key !== null && invalidate(key) };
}

function join(key: string, read: () => void): void {
  const all = readers.get(key) ?? new Set();
  readers.set(key, all.add(read));
}

/** Reads again what pages show under this key and below it (`projects/shop` covers `projects/shop/environments/...`). */
export function invalidate(prefix: string): void {
  for (const key of kept.keys()) if (covers(prefix, key) && !readers.get(key)?.size) kept.delete(key);
  for (const [key, all] of readers) if (covers(prefix, key)) for (const read of all) read();
}

/** Forgets what was read under this key and below it, for what is not there any more: nobody reads it again for that. */
export function forget(prefix: string): void {
  for (const key of kept.keys()) if (covers(prefix, key)) kept.delete(key);
}

function covers(prefix: string, key: string): boolean {
  return key === prefix || key.startsWith(`${prefix}/`) || key.startsWith(`${prefix}?`);
}

/** Forgets everything: what one person has read is not for the next. */
export function forgetAll(): void {
  kept.clear();
}
