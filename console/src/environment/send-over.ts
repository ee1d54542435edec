// Saving over just what one has seen, where a version also moves on by what no form shows: a deployment, a pause.
import { unlessStale } from "../parts/stale";

const TRIES = 3;

interface Saving<T> {
  /** What one has seen. */
  over: T;
  send: (over: T) => Promise<unknown>;
  read: () => Promise<T>;
  /** Whether what the form shows is the same in both. */
  alike: (one: T, other: T) => boolean;
  onStale: (there: T) => void;
}

/** Whether it was saved; otherwise `onStale` was told what is there now. */
export async function sendOver<T>({ over, send, read, alike, onStale }: Saving<T>): Promise<boolean> {
  let [seen, there] = [over, over];
  for (let tries = 0; tries < TRIES; tries++) {
    if (await unlessStale(() => send(seen), read, (found) => (there = found))) return true;
    if (!alike(over, there)) break;
    seen = there;
  }
  onStale(there);
  return false;
}
