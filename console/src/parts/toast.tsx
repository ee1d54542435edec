// Short messages about what has just happened, read out by screen readers.
import { signal } from "@preact/signals";

const SHOWN_MS = 6000;
const said = signal<{ id: number; text: string } | null>(null);
let count = 0;

export function announce(text: string): void {
  const id = ++count;
  said.value = { id, text };
  setTimeout(() => {
    if (said.value?.id === id) said.value = null;
  }, SHOWN_MS);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value && <div class="toast" key={said.value.id}>{said.value.text}</div>}
    </div>
  );
}
