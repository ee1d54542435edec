// An amount: one of the usual ones, or any other.
import { useState } from "preact/hooks";

import { NumberField, Select } from "../parts/field";

interface Props {
  label: string;
  /** The label of the field for any other amount; it names the unit. */
  other: string;
  value: number | null;
  onInput: (value: number | null) => void;
  usual: readonly number[];
  words: (amount: number) => string;
  min: number;
  max: number;
  hint?: string;
  error?: string | undefined;
  onEdit?: () => void;
}

export function Preset({ label, other, value, onInput, usual, words, min, max, hint, error, onEdit }: Props) {
  const [free, setFree] = useState(value === null || !usual.includes(value));
  const choices = [...usual.map((amount) => ({ value: String(amount), label: words(amount) })), { value: "other", label: "Another…" }];
  function choose(chosen: string) {
    setFree(chosen === "other");
    onEdit?.();
    if (chosen !== "other") onInput(Number(chosen));
  }
  return (
    <div class="preset">
      <Select label={label} value={free ? "other" : String(value)} choices={choices} onInput={choose} hint={free ? undefined : hint} error={free ? undefined : error} />
      {free && <NumberField label={other} value={value} onInput={onInput} min={min} max={max} hint={hint} error={error} onEdit={onEdit} />}
    </div>
  );
}
