// Asks before a dialog drops what was typed in it.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { Confirm } from "./dialog";

interface Guard {
  /** For Dialog: false, and the question, while there is something to lose. */
  mayClose: () => boolean;
  /** To be told at each change whether there is. */
  watch: (dirty: boolean) => void;
  /** The question while it is asked; to be put beside the dialog, not into its form. */
  question: ComponentChildren;
}

export function useDiscardGuard(onClose: () => void): Guard {
  const dirty = useRef(false);
  const [asking, setAsking] = useState(false);
  function mayClose(): boolean {
    if (dirty.current) setAsking(true);
    return !dirty.current;
  }
  const question = asking && (
    <Confirm title="Drop your changes?" action="Drop changes" dismiss="Keep editing" danger onConfirm={async () => onClose()} onClose={() => setAsking(false)}>
      <p>What you typed here is not saved.</p>
    </Confirm>
  );
  return { mayClose, watch: (to) => void (dirty.current = to), question };
}
