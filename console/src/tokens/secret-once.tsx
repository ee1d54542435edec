// A new token's secret, shown this once: it is not let go unasked before it was copied.
import { useId, useRef, useState } from "preact/hooks";

import type { Schemas } from "../api/client";
import { Button } from "../parts/button";
import { Confirm, Dialog } from "../parts/dialog";
import { inWords } from "./roles";

export function SecretOnce({ token, onClose }: { token: Schemas["MadeToken"]; onClose: () => void }) {
  const [copied, setCopied] = useState<"not yet" | "yes" | "refused">("not yet");
  const [asking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  function mayClose() {
    if (copied !== "yes") setAsking(true);
    return copied === "yes";
  }
  async function copy() {
    try {
      await navigator.clipboard.writeText(token.secret);
      setCopied("yes");
    } catch {
      choose(field.current!);
      setCopied("refused");
    }
  }
  return (
    <>
      <Dialog title="The token is created" onClose={onClose} mayClose={mayClose}>
        <p><strong class="token-name">{token.name}</strong> is {inWords(token)}.</p>
        <div class="notice warn"><p><strong>You will not see it again.</strong> Copy it now to where it is kept: a password manager, your CI's secrets.</p></div>
        <div class="field">
          <label for={id}>Token</label>
          <div class="secret-once">
            <input id={id} ref={field} class="mono" readOnly value={token.secret} autofocus onFocus={(event) => choose(event.currentTarget)} onCopy={() => setCopied("yes")} />
            <Button kind="primary" icon={copied === "yes" ? "check" : "copy"} onClick={() => void copy()}>{copied === "yes" ? "Copied" : "Copy"}</Button>
          </div>
          <div class="hint" role="status">
            {copied === "refused" ? "The browser does not let this page copy: it is selected, press Ctrl+C or ⌘C." : copied === "yes" ? "It is in the clipboard." : ""}
          </div>
        </div>
        <p class="soft">Who has it signs in here with it, or sends it with each request: <code>Authorization: Bearer kinto_…</code></p>
        <footer class="actions"><Button onClick={() => mayClose() && onClose()}>Done</Button></footer>
      </Dialog>
      {asking && (
        <Confirm title="Close without copying it?" action="Close" dismiss="Back" danger onConfirm={async () => onClose()} onClose={() => setAsking(false)}>
          <p>Nobody can show it again. If it is lost, revoke it and create another.</p>
        </Confirm>
      )}
    </>
  );
}

/** Backward, so that its beginning stays in sight. */
function choose(field: HTMLInputElement): void {
  field.setSelectionRange(0, field.value.length, "backward");
}
