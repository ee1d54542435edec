// The block that is being created, kept for this browser session, so that a reload loses nothing but secrets.
import { useRef, useState } from "preact/hooks";

import { token } from "../api/session";
import { EMPTY, type BlockDraft } from "./draft";

const KEY = "kintoblocks.new-block";

export interface NewDraft extends BlockDraft {
  internalName: string;
  /** Whether the internal name still follows the name; not any more once it is edited. */
  follows: boolean;
}

export const NEW: NewDraft = { ...EMPTY, internalName: "", follows: true };

/** The draft as it may be written down: without the token and without masked values. */
export function withoutSecrets(draft: NewDraft): NewDraft {
  return { ...draft, token: "", variables: draft.variables.map((one) => (one.masked ? { ...one, value: "" } : one)) };
}

function read(): NewDraft {
  try {
    return { ...NEW, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<NewDraft>) };
  } catch {
    return NEW;
  }
}

export function forgetDraft(): void {
  sessionStorage.removeItem(KEY);
}

// What one person began is not for the next who signs in in this tab.
let before = token.peek();
token.subscribe((secret) => {
  if (secret === null || (before !== null && secret !== before)) forgetDraft();
  before = secret;
});

/** The draft, and how to change it; changes of one moment add up. */
export function useKeptDraft(): [NewDraft, (changes: Partial<NewDraft>) => void] {
  const [draft, setDraft] = useState(read);
  const newest = useRef(draft);
  function change(changes: Partial<NewDraft>): void {
    newest.current = { ...newest.current, ...changes };
    sessionStorage.setItem(KEY, JSON.stringify(withoutSecrets(newest.current)));
    setDraft(newest.current);
  }
  return [draft, change];
}
