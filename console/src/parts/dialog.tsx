// Dialogs on the browser's own <dialog>: focus stays inside, Escape closes, the page behind is out of reach.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { useSubmit } from "../api/submit";
import { Button } from "./button";
import { TextField } from "./field";
import { Form } from "./form";

interface Props {
  title: string;
  onClose: () => void;
  /** `panel` opens at the side, as tall as the window; `wide` has room for tables. */
  kind?: "box" | "panel" | "wide";
  /** Asked before closing by Escape, backdrop or the cross; false keeps it open (what was typed would be lost). */
  mayClose?: () => boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, kind = "box", mayClose = () => true, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const close = () => mayClose() && onClose();
  return (
    <dialog
      ref={dialog}
      class={`dialog ${kind}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => event.target === dialog.current && close()}
    >
      <div class="dialog-inside">
        <header>
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" icon="close" aria-label="Close" onClick={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  /** What will happen, in plain words. */
  children: ComponentChildren;
  /** The words on the button, a verb: "Delete project". */
  action: string;
  danger?: boolean;
  /** The words on the other button, where "Cancel" could mean either. */
  dismiss?: string;
  /** What must be typed before the button works, for what can't be undone. */
  typed?: string;
  onConfirm: (idempotencyKey: string) => Promise<void>;
  onClose: () => void;
}

/** Asks before something happens; a refusal of the server is shown where one asked. */
export function Confirm({ title, children, action, danger = false, dismiss = "Cancel", typed, onConfirm, onClose }: ConfirmProps) {
  const submit = useSubmit();
  const [text, setText] = useState("");
  const ready = !typed || text.trim() === typed;
  return (
    <Dialog title={title} onClose={onClose}>
      <Form submit={submit} onSubmit={async () => ready && (await submit.run(onConfirm)) && onClose()}>
        <div class="prose">{children}</div>
        {typed && <TextField label={`Type ${typed} to confirm`} value={text} onInput={setText} autofocus />}
        <footer class="actions">
          <Button onClick={onClose}>{dismiss}</Button>
          <Button type="submit" kind={danger ? "danger" : "primary"} busy={submit.busy} disabled={!ready}>{action}</Button>
        </footer>
      </Form>
    </Dialog>
  );
}
