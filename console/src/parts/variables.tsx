// The editor of environment variables: rows to type in, many lines to paste, all to copy.
import { useId, useRef, useState } from "preact/hooks";

import type { Errors } from "../api/submit";
import "../styles/variables.css";
import { Button } from "./button";
import { Checkbox, Field, TextField } from "./field";
import { PasteMany } from "./variables-paste";
import { keptNames, nameErrors, NO_VARIABLE, settled, withPasted, type Variable } from "./variables-rows";
import { parseVariables, variablesText, type Pasted } from "./variables-text";
import { announce } from "./toast";

interface Props {
  value: readonly Variable[];
  onInput: (value: Variable[]) => void;
  errors: Errors;
  label?: string;
  /** Names whose masked value the server may keep; those that are masked and without a value when this is first shown. */
  kept?: readonly string[];
  /** What stands in place of a value that the server keeps; where it may keep none, say no more than is known. */
  unseen?: string;
  /** Whether a variable can be masked or required; those of one run alone can't. */
  kinds?: boolean;
}

export function VariablesEditor({ value, onInput, errors, label = "Variables", kept, unseen = "stored, not shown", kinds = true }: Props) {
  const atFirst = useRef(kept ?? keptNames(value));
  const [pasting, setPasting] = useState(false);
  const box = useRef<HTMLFieldSetElement>(null);
  const id = useId();
  const twice = nameErrors(value);
  const { error } = errors.at("variables");

  function change(index: number, row: Variable) {
    errors.edit(`variables[${index}]`);
    errors.edit("variables", false);
    onInput(value.map((one, i) => (i === index ? settled(row, atFirst.current) : one)));
  }
  function paste(pasted: Pasted[], masked: boolean) {
    errors.edit("variables");
    onInput(withPasted(value, pasted, masked));
    setPasting(false);
    announce(pasted.length === 1 ? "1 variable taken over" : `${pasted.length} variables taken over`);
    focusSoon(".variables-actions button");
  }
  function focusSoon(selector: string) {
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(selector)?.focus());
  }
  function add() {
    onInput([...value, NO_VARIABLE]);
    focusSoon(`.variable:nth-child(${value.length + 1}) input`);
  }
  function remove(index: number) {
    // Those after it have other numbers from now on.
    errors.edit("variables");
    onInput(value.filter((_, i) => i !== index));
    focusSoon(value.length > 1 ? `.variable:nth-child(${Math.min(index + 1, value.length - 1)}) .remove button` : ".variables-actions button");
  }

  return (
    <fieldset class="variables" ref={box} aria-describedby={error ? id : undefined}>
      <legend>{label}</legend>
      {error && <div class="error" id={id}>{error}</div>}
      {value.length > 0 && (
        <div class="variable-rows">
          {value.map((row, i) => (
            <Row key={i} row={row} kinds={kinds} unseen={atFirst.current.includes(row.name) ? unseen : undefined} onInput={(to) => change(i, to)} onPaste={(all) => paste(all, false)} onRemove={() => remove(i)}
              nameError={twice[i] ?? errors.at(`variables[${i}].name`).error} valueError={errors.at(`variables[${i}].value`, `variables[${i}]`).error} />
          ))}
        </div>
      )}
      {value.some(({ masked }) => !masked) && (
        <p class="hint">{kinds ? "A value that is not masked" : "These values"} can be read in the AWS account: in the history of executions and builds.</p>
      )}
      {pasting && <PasteMany kinds={kinds} onTake={paste} onClose={() => (setPasting(false), focusSoon(".variables-actions button:nth-child(2)"))} />}
      {!pasting && (
        <div class="actions variables-actions">
          <Button icon="plus" onClick={add}>Add variable</Button>
          <Button kind="quiet" onClick={() => setPasting(true)}>Paste many</Button>
          {value.length > 0 && <Button kind="quiet" icon="copy" onClick={() => void copy(value)}>Copy all</Button>}
        </div>
      )}
    </fieldset>
  );
}

async function copy(variables: readonly Variable[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(variablesText(variables));
    announce(variables.some(({ masked }) => masked) ? "Copied, without the masked values" : "Copied");
  } catch {
    announce("The browser did not allow copying");
  }
}

interface RowProps {
  row: Variable;
  kinds: boolean;
  unseen: string | undefined;
  onInput: (row: Variable) => void;
  onPaste: (all: Pasted[]) => void;
  onRemove: () => void;
  nameError: string | undefined;
  valueError: string | undefined;
}

function Row({ row, kinds, unseen, onInput, onPaste, onRemove, nameError, valueError }: RowProps) {
  // Whoever pastes lines into the first field that there is means several variables.
  function pasteName(event: ClipboardEvent) {
    const text = event.clipboardData?.getData("text") ?? "";
    const { variables, wrong } = parseVariables(text);
    if (!text.includes("=") || variables.length === 0 || wrong.length > 0) return;
    event.preventDefault();
    onPaste(variables);
  }
  return (
    <div class="variable" role="group" aria-label={row.name ? `Variable ${row.name}` : "New variable"} onPaste={(event) => isName(event) && pasteName(event)}>
      <TextField label="Variable" class="mono variable-name" value={row.name} onInput={(name) => onInput({ ...row, name })} error={nameError} placeholder="DATABASE_URL" />
      <ValueField row={row} unseen={unseen} error={valueError} onInput={(value) => onInput({ ...row, value })} />
      {(kinds || row.masked) && (
        <div class="variable-kinds">
          <Checkbox label="Masked" value={row.masked} onInput={(masked) => onInput({ ...row, masked })} />
          <Checkbox label="Required" value={row.required} onInput={(required) => onInput({ ...row, required })} />
        </div>
      )}
      <div class="remove">
        <Button kind="quiet" icon="trash" aria-label={row.name ? `Remove ${row.name}` : "Remove this variable"} onClick={onRemove} />
      </div>
    </div>
  );
}

function isName(event: ClipboardEvent): boolean {
  return event.target instanceof Element && event.target.classList.contains("variable-name");
}

interface ValueProps {
  row: Variable;
  unseen: string | undefined;
  error: string | undefined;
  onInput: (value: string) => void;
}

// One line, so that Enter sends the form; several lines as soon as such a value is there, since an <input> would drop the line ends.
function ValueField({ row, unseen, error, onInput }: ValueProps) {
  const value = row.value ?? "";
  const keeps = unseen && row.masked && row.value === null;
  const rest = {
    value,
    placeholder: keeps ? unseen : "",
    spellcheck: false,
    autocomplete: "off" as const,
    class: row.masked ? "mono masked" : "mono",
  };
  return (
    <Field label="Value" error={error} hint={keeps ? "Left alone, it stays." : undefined}>
      {(wired) =>
        value.includes("\n") ? (
          <textarea {...wired} {...rest} rows={Math.min(8, value.split("\n").length)} onInput={(event) => onInput(event.currentTarget.value)} />
        ) : (
          <input {...wired} {...rest} type="text" onInput={(event) => onInput(event.currentTarget.value)} onPaste={(event) => pasteLines(event, onInput)} />
        )
      }
    </Field>
  );
}

function pasteLines(event: ClipboardEvent & { currentTarget: HTMLInputElement }, onInput: (value: string) => void): void {
  const text = event.clipboardData?.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
  if (!text.includes("\n")) return;
  event.preventDefault();
  const { value, selectionStart, selectionEnd } = event.currentTarget;
  onInput(value.slice(0, selectionStart ?? 0) + text + value.slice(selectionEnd ?? value.length));
}
