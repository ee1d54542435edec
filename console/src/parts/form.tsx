// A form: Enter sends it, it can't be sent twice, and what the server refused is told at its top and at its fields.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Problem } from "../api/problem";
import type { Submit } from "../api/submit";

interface Props {
  submit: Submit;
  onSubmit: () => void;
  /** The fields that this form shows an error at; errors of others are told at the top. */
  fields?: readonly string[];
  class?: string;
  label?: string;
  children: ComponentChildren;
}

export function Form({ submit, onSubmit, fields = [], class: more, label, children }: Props) {
  return (
    <form
      class={`form ${more ?? ""}`}
      aria-label={label}
      noValidate
      onInput={submit.edited}
      onChange={submit.edited}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (!submit.busy) onSubmit();
      }}
    >
      <Refusal error={submit.error} shownAtFields={fields} />
      {children}
    </form>
  );
}

/** What the server refused; it gets the focus, so that it is read out and seen. */
export function Refusal({ error, shownAtFields = [] }: { error: Error | null; shownAtFields?: readonly string[] }) {
  const box = useRef<HTMLDivElement>(null);
  // Not once more when it gets shorter while one corrects the fields.
  useEffect(() => box.current?.focus(), [error instanceof Problem ? error.whole : error]);
  if (!error) return null;
  const fields = error instanceof Problem ? [...error.fields] : [];
  const others = fields.filter(([name]) => !shownAtFields.includes(name));
  const known = fields.length - others.length;
  return (
    <div class="notice bad" role="alert" tabIndex={-1} ref={box}>
      {fields.length === 0 && <p>{sentence(error.message)}</p>}
      {known > 0 && <p>{known === 1 ? "One field needs another value; it says which." : `${known} fields need other values; each says which.`}</p>}
      {others.length > 0 && (
        <ul>
          {others.map(([name, message]) => <li key={name}><code>{name}</code>: {message}</li>)}
        </ul>
      )}
    </div>
  );
}

/** The text as a sentence; its first letter stays as it is, since it may be that of an identifier. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
