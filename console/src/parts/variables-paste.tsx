// "Paste many": KEY=value lines, with what is understood of them told while one types.
import { useState } from "preact/hooks";

import { Button } from "./button";
import { Checkbox, TextArea } from "./field";
import { parseVariables, type Pasted } from "./variables-text";

interface Props {
  /** Whether they can be masked. */
  kinds: boolean;
  onTake: (pasted: Pasted[], masked: boolean) => void;
  onClose: () => void;
}

export function PasteMany({ kinds, onTake, onClose }: Props) {
  const [text, setText] = useState("");
  const [masked, setMasked] = useState(false);
  const { variables, wrong } = parseVariables(text);
  const count = variables.length;
  return (
    <div class="variables-paste">
      <TextArea label="Paste many" rows={6} value={text} onInput={setText} autofocus placeholder={"DATABASE_URL=postgres://db/shop\nGREETING='Good morning'"}
        hint="One KEY=value a line, as in an .env file: comments, quotes and export are understood. A name that is there already gets the new value."
        error={wrong.length > 0 ? wrong.map(({ line, message }) => `Line ${line}: ${message}.`).join(" ") : undefined} />
      {kinds && <Checkbox label="All of them are masked" value={masked} onInput={setMasked} />}
      <div class="actions">
        <Button disabled={count === 0} onClick={() => onTake(variables, masked)}>{count === 1 ? "Take over 1 variable" : `Take over ${count} variables`}</Button>
        <Button kind="quiet" onClick={onClose}>Cancel</Button>
      </div>
    </div>
  );
}
