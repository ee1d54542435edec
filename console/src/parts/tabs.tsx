// Tabs as the ARIA practices describe them: one tab stop, arrows move, the panel belongs to its tab.
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

interface Tab<T extends string> {
  value: T;
  label: string;
}

interface Props<T extends string> {
  label: string;
  tabs: readonly Tab<T>[];
  value: T;
  onInput: (value: T) => void;
  children: ComponentChildren;
}

export function Tabs<T extends string>({ label, tabs, value, onInput, children }: Props<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
  function move(event: KeyboardEvent) {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const to = (tabs.findIndex((tab) => tab.value === value) + step + tabs.length) % tabs.length;
    onInput(tabs[to]!.value);
    list.current?.querySelectorAll("button")[to]?.focus();
  }
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((tab) => (
          <button key={tab.value} type="button" role="tab" id={`${id}-${tab.value}`} aria-controls={`${id}-panel`}
            aria-selected={tab.value === value} tabIndex={tab.value === value ? 0 : -1} onClick={() => onInput(tab.value)}>
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`}>{children}</div>
    </div>
  );
}
