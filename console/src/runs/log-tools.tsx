// What one can do with a log: search, go to a line, follow, wrap, show times, copy, download.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Button } from "../parts/button";
import type { IconName } from "../parts/icon";
import { amount } from "../parts/time";
import { announce } from "../parts/toast";
import type { Line } from "./log";

interface SearchProps {
  wanted: string;
  onInput: (wanted: string) => void;
  count: number;
  /** Which of them is looked at, from 0. */
  at: number;
  onStep: (step: 1 | -1) => void;
}

export function Search({ wanted, onInput, count, at, onStep }: SearchProps) {
  const told = count ? `${at + 1} of ${amount(count)}` : "Not found";
  return (
    <form class="log-search" role="search" aria-label="Log" onSubmit={(event) => event.preventDefault()}>
      <input type="search" aria-label="Search the log" placeholder="Search the log" value={wanted} autocomplete="off" spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && onStep(event.shiftKey ? -1 : 1)} />
      <span class="log-count number" role="status">{wanted && told}</span>
      <Button kind="quiet" icon="up" aria-label="Previous match" disabled={!count} onClick={() => onStep(-1)} />
      <Button kind="quiet" icon="down" aria-label="Next match" disabled={!count} onClick={() => onStep(1)} />
    </form>
  );
}

export function GoToLine({ count, onGo }: { count: number; onGo: (line: number) => void }) {
  const [text, setText] = useState("");
  return (
    <form class="log-go" onSubmit={(event) => {
      event.preventDefault();
      const line = Number(text);
      if (line >= 1 && line <= count) onGo(line);
      else announce(count ? `Write a line from 1 to ${amount(count)}` : "There are no lines yet");
    }}>
      <input aria-label="Go to line" placeholder="Line" inputMode="numeric" autocomplete="off" value={text}
        onInput={(event) => setText(event.currentTarget.value)} />
    </form>
  );
}

export function Toggle({ on, icon, onClick, children }: { on: boolean; icon: IconName; onClick: () => void; children: ComponentChildren }) {
  return <Button kind="quiet" icon={icon} class="toggle" aria-pressed={on} onClick={onClick}>{children}</Button>;
}

export function TakeAway({ run, lines }: { run: string; lines: readonly Line[] }) {
  return (
    <>
      <Button kind="quiet" icon="copy" disabled={!lines.length} onClick={() => void copy(lines)}>Copy</Button>
      <Button kind="quiet" icon="download" disabled={!lines.length} onClick={() => download(`${run}.log`, lines)}>Download</Button>
    </>
  );
}

async function copy(lines: readonly Line[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(lines.map((line) => line.plain).join("\n") + "\n");
    announce(`${amount(lines.length)} lines copied`);
  } catch {
    announce("The browser does not let this page copy; download the log instead");
  }
}

/** As it was printed, colours and all. */
function download(name: string, lines: readonly Line[]): void {
  const file = URL.createObjectURL(new Blob(lines.map((line) => `${line.text}\n`), { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = file;
  link.download = name;
  link.click();
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(file), 60_000);
}
