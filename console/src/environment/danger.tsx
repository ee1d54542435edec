// What can't be undone, or stops things: told apart from the other settings, each with its words and its button.
import type { ComponentChildren } from "preact";

import { Button } from "../parts/button";

export function DangerZone({ children }: { children: ComponentChildren }) {
  return (
    <section class="danger-zone" aria-label="Danger zone">
      <h3>Danger zone</h3>
      {children}
    </section>
  );
}

interface Props {
  /** The words on the button. */
  action: string;
  /** Why it can't be done now. */
  because?: string | false;
  onClick: () => void;
  children: ComponentChildren;
}

export function Danger({ action, because, onClick, children }: Props) {
  return (
    <div class="danger-item">
      <p class="soft">{children} {because && <strong>{because}</strong>}</p>
      <Button disabled={Boolean(because)} onClick={onClick}>{action}</Button>
    </div>
  );
}
