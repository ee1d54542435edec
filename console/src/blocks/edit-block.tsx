// Changing a block: only what was changed is sent; what another person changed meanwhile is shown before anything is overwritten.
import { useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import { Problem } from "../api/problem";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Form } from "../parts/form";
import { Section } from "../parts/page";
import { Stale, unlessStale } from "../parts/stale";
import { rebased } from "../parts/stale-fields";
import { VariablesEditor } from "../parts/variables";
import { keptNames, tidy, variableFields } from "../parts/variables-rows";
import { BlockProjects, PROJECTS_FIELDS } from "./block-projects";
import { type Block, type BlockDraft, blockPatch, draftOf, repositoryErrors } from "./draft";
import { REPOSITORY_FIELDS, RepositoryFields } from "./repository-fields";
import { SOURCE_FIELDS, SourceFields } from "./source-fields";
import { LABELS } from "./words";

export function EditBlock({ block, onSaved, onCancel }: { block: Block; onSaved: () => void; onCancel: () => void }) {
  const [began, setBegan] = useState(block);
  const [draft, setDraft] = useState(() => draftOf(block));
  const [there, setThere] = useState<Block | null>(null);
  const submit = useSubmit();
  const change = (changes: Partial<BlockDraft>) => setDraft((before) => ({ ...before, ...changes }));
  const path = { block: block.internal_name };

  async function send(from: Block, wanted: BlockDraft) {
    const sent = { ...wanted, variables: tidy(wanted.variables) };
    setDraft(sent);
    const patch = blockPatch(draftOf(from), sent);
    let done = false;
    await submit.run(async () => {
      if (sent.source.type !== "image") refuse(repositoryErrors(sent));
      const patching = () => ask(api.PATCH("/blocks/{block}", { params: { path }, body: patch, headers: ifMatch(from.version) }));
      done = Object.keys(patch).length === 0 || (await unlessStale(patching, () => ask(api.GET("/blocks/{block}", { params: { path } })), setThere));
    });
    if (done) onSaved();
  }
  function startFrom(now: Block, wanted: BlockDraft) {
    submit.clear();
    setThere(null);
    setBegan(now);
    setDraft(wanted);
  }
  const fields = ["name", ...REPOSITORY_FIELDS, ...SOURCE_FIELDS, ...variableFields(draft.variables), ...PROJECTS_FIELDS];
  return (
    <Section title="Edit KintoBlock">
      <Form class="card block-form" label="Edit KintoBlock" submit={submit} fields={fields} onSubmit={() => void send(began, draft)}>
        {there && (
          <Stale began={draftOf(began)} there={draftOf(there)} mine={draft} labels={LABELS} busy={submit.busy} onTakeTheirs={() => startFrom(there, draftOf(there))}
            onSendMine={() => {
              const mine = rebased(draftOf(began), draftOf(there), draft);
              startFrom(there, mine);
              void send(there, mine);
            }} />
        )}
        <TextField label="Name" value={draft.name} onInput={(name) => change({ name })} {...submit.at("name")} hint="The internal name stays." />
        <SourceFields draft={draft} change={change} submit={submit} />
        {draft.source.type !== "image" && <RepositoryFields draft={draft} change={change} submit={submit} hasToken={began.has_token} />}
        <VariablesEditor key={began.version} label="Default variables" value={draft.variables} kept={keptNames(began.variables)} unseen="not shown"
          onInput={(variables) => change({ variables })} errors={submit} />
        <BlockProjects draft={draft} change={change} submit={submit} />
        <p class="hint">What environments have deployed of this KintoBlock stays as it is until they are deployed again.</p>
        <footer class="actions">
          <Button onClick={onCancel}>Cancel</Button>
          <Button type="submit" kind="primary" busy={submit.busy}>Save</Button>
        </footer>
      </Form>
    </Section>
  );
}

function refuse(errors: { field: string; message: string }[]): void {
  if (errors.length > 0) throw new Problem(422, { errors });
}
