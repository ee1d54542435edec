// What was typed into a form and is not saved yet: kept for this browser session, so that Back and a reload lose nothing.
import { token } from "../api/session";

const PREFIX = "kintoblocks.draft/";

/** What was kept under this name; null where nothing was. */
export function readDraft<T>(name: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "null") as T | null;
  } catch {
    return null;
  }
}

/** Keeps a draft, which must hold no secret. */
export function keepDraft(name: string, draft: object): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // A full storage keeps what it had: the form itself goes on.
  }
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

// What one person began is not for the next who signs in in this tab.
let before = token.peek();
token.subscribe((secret) => {
  if (secret === null || (before !== null && secret !== before)) for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  before = secret;
});
