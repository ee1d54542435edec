// Sending a form: never twice at once, safely again, with the server's errors at hand.
import { useEffect, useRef, useState } from "preact/hooks";

import { onReconnect } from "./client";
import { Problem, Unreachable } from "./problem";

/** What a group of fields needs of the form around it. */
export type Errors = Pick<Submit, "at" | "edit">;

export interface Submit {
  /** Runs `send` unless it runs already; true when it succeeded. */
  run: (send: (idempotencyKey: string) => Promise<void>) => Promise<boolean>;
  busy: boolean;
  error: Error | null;
  /** For the control of these fields: the first one's error, and what takes their errors back when it is changed. */
  at: (...names: string[]) => { error: string | undefined; onEdit: () => void };
  /** Takes back the errors of a field that was changed, and of what is below it. */
  edit: (name: string, below?: boolean) => void;
  /** Takes back a refusal that names no field, since something was changed. */
  edited: () => void;
  clear: () => void;
}

/** What a click asked for keeps its idempotency key until the server has answered it, whatever happens to the line. */
export function useSubmit(): Submit {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const going = useRef(false);
  const key = useRef(crypto.randomUUID());

  useEffect(() => onReconnect(() => setError((before) => (before instanceof Unreachable ? null : before))), []);

  async function run(send: (idempotencyKey: string) => Promise<void>): Promise<boolean> {
    if (going.current) return false;
    going.current = true;
    setBusy(true);
    setError(null);
    try {
      await send(key.current);
      key.current = crypto.randomUUID();
      return true;
    } catch (reason) {
      if (reason instanceof Problem && reason.status < 500) key.current = crypto.randomUUID();
      setError(reason as Error);
      return false;
    } finally {
      going.current = false;
      setBusy(false);
    }
  }

  const fields = error instanceof Problem ? error.fields : new Map<string, string>();
  const edit = (name: string, below = true) => setError((before) => (before instanceof Problem ? before.without(name, below) : before));
  const at = (...names: string[]) => ({
    error: names.map((name) => fields.get(name)).find(Boolean),
    onEdit: () => names.forEach((name) => edit(name)),
  });
  const edited = () => setError((before) => (before instanceof Problem && before.fields.size > 0 ? before : null));
  return { run, busy, error, at, edit, edited, clear: () => setError(null) };
}
