// Step 3: the names, the source and the default variables.
import type { Submit } from "../api/submit";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Form } from "../parts/form";
import { VariablesEditor } from "../parts/variables";
import { variableFields } from "../parts/variables-rows";
import { BlockProjects, PROJECTS_FIELDS } from "./block-projects";
import { repositoryUrl } from "./draft";
import { internalName, isInternalName, RULE } from "./internal-name";
import type { NewDraft } from "./kept-draft";
import { SOURCE_FIELDS, SourceFields } from "./source-fields";
import { StepHeading } from "./step-heading";
import { flavorWord, sourceWord } from "./words";

interface Props {
  draft: NewDraft;
  change: (changes: Partial<NewDraft>) => void;
  submit: Submit;
  onBack: () => void;
  onCreate: () => void;
}

export function DetailsStep({ draft, change, submit, onBack, onCreate }: Props) {
  const fields = ["name", "internal_name", ...SOURCE_FIELDS, ...variableFields(draft.variables), ...PROJECTS_FIELDS];
  const flavor = draft.flavor ?? "job";
  return (
    <>
      <StepHeading>Name and source</StepHeading>
      <Form class="card block-form" submit={submit} fields={fields} onSubmit={onCreate}>
        <Names draft={draft} change={change} submit={submit} />
        <SourceFields draft={draft} change={change} submit={submit} />
        <Origin draft={draft} onChoose={onBack} />
        <VariablesEditor label="Default variables" value={draft.variables} kept={[]} onInput={(variables) => change({ variables })} errors={submit} />
        <p class="hint">Every environment begins with these and may say otherwise. A masked value is encrypted and never shown again; a required one must have a value before a deployment.</p>
        <BlockProjects draft={draft} change={change} submit={submit} />
        <footer class="actions step-actions">
          <Button icon="back" onClick={onBack}>Back</Button>
          <Button type="submit" kind="primary" busy={submit.busy}>{`Create ${flavorWord(flavor)}`}</Button>
        </footer>
      </Form>
    </>
  );
}

function Names({ draft, change, submit }: Pick<Props, "draft" | "change" | "submit">) {
  const { name, internalName: internal, follows } = draft;
  function rename(to: string) {
    if (follows) submit.edit("internal_name");
    change({ name: to, ...(follows && { internalName: internalName(to) }) });
  }
  // Emptied, it follows the name again, since an empty one would be no use.
  const edit = (to: string) => change({ internalName: to, follows: to === "" });
  const broken = internal !== "" && !isInternalName(internal);
  return (
    <div class="row">
      <TextField label="Name" value={name} onInput={rename} placeholder="Test-Job" {...submit.at("name")} hint="What people call it." />
      <TextField label="Internal Name" class="mono" value={internal} onInput={edit} placeholder="test-job"
        {...submit.at("internal_name")} error={submit.at("internal_name").error ?? (broken ? `Not possible: ${RULE}.` : undefined)} hint={`Part of addresses and logs, and it stays. ${RULE}.`} />
    </div>
  );
}

function Origin({ draft, onChoose }: { draft: NewDraft; onChoose: () => void }) {
  const { type } = draft.source;
  const url = repositoryUrl(draft.repository.url);
  if (type === "image" && url) return <p class="notice">An image is run as it is: the repository is not used.</p>;
  if (type === "image") return null;
  if (url) return <p class="hint">From <code>{url}</code>.</p>;
  return (
    <div class="notice warn">
      <p>{`${sourceWord(type)} needs a repository, and none is chosen yet.`}</p>
      <Button onClick={onChoose}>Choose Repository</Button>
    </div>
  );
}
