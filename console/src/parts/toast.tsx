// Short messages about what has just happened, read out by screen readers.
import { signal } from "@preact/signals";

const SHOWN_MS = 6000;
const said = signal<readonly { id: number; text: string }[]>([]);
let count = 0;

/**
 * Shows a message for a few seconds; the function that it returns takes it back.
 * Several may come at once, as when a connection returns with news: none takes another's place, but the same again its own.
 */
export function announce(text: string): () => void {
  const id = ++count;
  said.value = [...said.value.filter((one) => one.text !== text), { id, text }];
  const withdraw = () => void (said.value = said.value.filter((one) => one.id !== id));
  setTimeout(withdraw, SHOWN_MS);
  return withdraw;
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map(({ id, text }) => <div class="toast" key={id}>{text}</div>)}
    </div>
  );
}
