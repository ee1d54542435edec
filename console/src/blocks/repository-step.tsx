// Step 2: where the code is, or that there is none because an image is run.
import type { Submit } from "../api/submit";
import { Button } from "../parts/button";
import { Form } from "../parts/form";
import type { NewDraft } from "./kept-draft";
import { REPOSITORY_FIELDS, RepositoryFields } from "./repository-fields";
import { StepHeading } from "./step-heading";

interface Props {
  draft: NewDraft;
  change: (changes: Partial<NewDraft>) => void;
  submit: Submit;
  onBack: () => void;
  onContinue: () => void;
  onImage: () => void;
}

export function RepositoryStep({ draft, change, submit, onBack, onContinue, onImage }: Props) {
  return (
    <>
      <StepHeading>Choose Repository</StepHeading>
      <Form class="card block-form" submit={submit} fields={REPOSITORY_FIELDS} onSubmit={onContinue}>
        <RepositoryFields draft={draft} change={change} submit={submit} />
        <footer class="actions step-actions">
          <Button icon="back" onClick={onBack}>Back</Button>
          <Button onClick={onImage}>Use an image, no repository</Button>
          <Button type="submit" kind="primary" busy={submit.busy}>Continue</Button>
        </footer>
      </Form>
    </>
  );
}
