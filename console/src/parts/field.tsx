// Fields of forms: label, hint and error belong to the control, for eyes and for screen readers.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Frame {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Called at each change, before `onInput`: what was wrong with the former value is old. */
  onEdit?: (() => void) | undefined;
  optional?: boolean;
}

interface Wired {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
}

/** The frame of any control; `children` gets what ties the control to its label, hint and error. */
export function Field({ label, hint, error, optional, children }: Omit<Frame, "onEdit"> & { children: (wired: Wired) => ComponentChildren }) {
  const id = useId();
  const described = [optional && `${id}-optional`, hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div class={error ? "field wrong" : "field"}>
      <div class="label">
        <label for={id}>{label}</label> {optional && <span class="optional" id={`${id}-optional`}>optional</span>}
      </div>
      {children({ id, "aria-describedby": described, "aria-invalid": Boolean(error) })}
      {hint && <div class="hint" id={`${id}-hint`}>{hint}</div>}
      {error && <div class="error" id={`${id}-error`}>{error}</div>}
    </div>
  );
}

interface Typed {
  placeholder?: string;
  autofocus?: boolean;
  disabled?: boolean;
  required?: boolean;
  onBlur?: () => void;
}

interface Text extends Typed {
  type?: "text" | "password" | "search" | "url" | "datetime-local";
  inputMode?: "text" | "url" | "numeric";
  maxLength?: number;
  /** The id of a <datalist>. */
  list?: string;
  class?: string;
}

interface Amount extends Typed {
  min?: number;
  max?: number;
  step?: number;
}

export function TextField(props: Frame & { value: string; onInput: (value: string) => void } & Text) {
  const { label, hint, error, onEdit, optional, value, onInput, type = "text", ...rest } = props;
  return (
    <Field {...{ label, hint, error, optional }}>
      {(wired) => (
        // As "text", since Preact's types allow some attributes for some types alone.
        <input type={type as "text"} autocomplete="off" spellcheck={false} {...rest} {...wired} value={value}
          onInput={(event) => (onEdit?.(), onInput(event.currentTarget.value))} />
      )}
    </Field>
  );
}

interface Area extends Typed {
  rows?: number;
  class?: string;
}

export function TextArea(props: Frame & { value: string; onInput: (value: string) => void } & Area) {
  const { label, hint, error, onEdit, optional, value, onInput, ...rest } = props;
  return (
    <Field {...{ label, hint, error, optional }}>
      {(wired) => (
        <textarea rows={3} spellcheck={false} {...rest} {...wired} value={value}
          onInput={(event) => (onEdit?.(), onInput(event.currentTarget.value))} />
      )}
    </Field>
  );
}

export function NumberField(props: Frame & { value: number | null; onInput: (value: number | null) => void } & Amount) {
  const { label, hint, error, onEdit, optional, value, onInput, ...rest } = props;
  return (
    <Field {...{ label, hint, error, optional }}>
      {(wired) => (
        <input type="number" inputMode="numeric" {...rest} {...wired} value={value ?? ""}
          onInput={(event) => (onEdit?.(), onInput(event.currentTarget.value === "" ? null : event.currentTarget.valueAsNumber))} />
      )}
    </Field>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

export function Select<T extends string>(
  props: Frame & { value: T; onInput: (value: T) => void; choices: readonly Choice<T>[]; disabled?: boolean },
) {
  const { label, hint, error, onEdit, optional, value, onInput, choices, disabled } = props;
  return (
    <Field {...{ label, hint, error, optional }}>
      {(wired) => (
        <select {...wired} value={value} disabled={disabled} onChange={(event) => (onEdit?.(), onInput(event.currentTarget.value as T))}>
          {choices.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
        </select>
      )}
    </Field>
  );
}

export function Checkbox(props: { label: ComponentChildren; value: boolean; onInput: (value: boolean) => void; hint?: string; disabled?: boolean }) {
  const id = useId();
  return (
    <div class="checkbox">
      <input type="checkbox" id={id} checked={props.value} disabled={props.disabled}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        onChange={(event) => props.onInput(event.currentTarget.checked)} />
      <label for={id}>{props.label}</label>
      {props.hint && <div class="hint" id={`${id}-hint`}>{props.hint}</div>}
    </div>
  );
}

/** A few choices with a line of explanation each. */
export function Choices<T extends string>(
  props: { label: string; value: T; onInput: (value: T) => void; choices: readonly Choice<T>[]; error?: string | undefined; onEdit?: (() => void) | undefined },
) {
  const id = useId();
  return (
    <fieldset class="choices" aria-describedby={props.error ? `${id}-error` : undefined}>
      <legend>{props.label}</legend>
      <div class="cards">
        {props.choices.map((one) => (
          <label key={one.value} class={one.value === props.value ? "choice chosen" : "choice"}>
            <input type="radio" name={id} value={one.value} checked={one.value === props.value} aria-labelledby={`${id}-${one.value}`}
              aria-describedby={one.hint ? `${id}-${one.value}-hint` : undefined} onChange={() => (props.onEdit?.(), props.onInput(one.value))} />
            <span class="choice-label" id={`${id}-${one.value}`}>{one.label}</span>
            {one.hint && <span class="hint" id={`${id}-${one.value}-hint`}>{one.hint}</span>}
          </label>
        ))}
      </div>
      {props.error && <div class="error" id={`${id}-error`}>{props.error}</div>}
    </fieldset>
  );
}
