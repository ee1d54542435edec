// Sending a form: never twice at once, safely again, with the server's errors at hand.
import { useEffect, useRef, useState } from "preact/hooks";

import { onReconnect } from "./client";
import { Problem, Unreachable } from "./problem";

export interface Submit {
  /** Runs `send` unless it runs already; true when it succeeded. */
  run: (send: (idempotencyKey: string) => Promise<void>) => Promise<boolean>;
  busy: boolean;
  error: Error | null;
  /** The server's error for a field, for the field or anything below it. */
  fieldError: (name: string) => string | undefined;
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
  return { run, busy, error, fieldError: (name) => fields.get(name), clear: () => setError(null) };
}
