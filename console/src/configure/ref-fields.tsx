// Which code of the block's repository is used here.
import type { Errors } from "../api/submit";
import { Select, TextField } from "../parts/field";
import type { Block, ConfigureForm } from "./form";
import { type RefKind, REFS } from "./refs";

const KINDS = (Object.keys(REFS) as RefKind[]).map((value) => ({ value, label: REFS[value].label }));

interface Props {
  form: ConfigureForm;
  change: (to: Partial<ConfigureForm>) => void;
  errors: Errors;
  block: Block;
}

export function RefFields({ form, change, errors, block }: Props) {
  const { label, placeholder, hint } = REFS[form.refKind];
  function choose(refKind: RefKind) {
    errors.edit("ref");
    // A branch's name is hardly a tag's or a commit's.
    change({ refKind, refName: refKind === "branch" ? (block.repository?.branch ?? "") : "" });
  }
  return (
    <div class="ref-row">
      <Select label="Ref" value={form.refKind} choices={KINDS} onInput={choose} />
      <TextField label={label} class="mono" value={form.refName} onInput={(refName) => change({ refName })} placeholder={placeholder} hint={hint}
        {...errors.at(`ref.${form.refKind}`, "ref")} />
    </div>
  );
}
