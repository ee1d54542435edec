// The panel of a project's settings: its name and description, and deleting it.
import { useState } from "preact/hooks";

import { api, ask, ifMatch, type Schemas } from "../api/client";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { Confirm, Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { TextArea, TextField } from "../parts/field";
import { Form } from "../parts/form";
import { Stale } from "../parts/stale";
import { rebased, same } from "../parts/stale-fields";
import { announce } from "../parts/toast";
import { LONGEST_DESCRIPTION } from "../projects/create";
import { href } from "../router";
import { Danger, DangerZone } from "./danger";
import { leave } from "./leave";
import { sendOver } from "./send-over";

type Project = Schemas["ProjectAnswer"];
type Fields = Pick<Project, "name" | "description">;

const LABELS = { name: "Project Name", description: "Description" };
const fieldsOf = ({ name, description }: Fields): Fields => ({ name, description });

export function ProjectSettings({ project, onClose }: { project: Project; onClose: () => void }) {
  const [base, setBase] = useState(project);
  const [form, setForm] = useState(() => fieldsOf(project));
  const [there, setThere] = useState<Project | null>(null);
  const [deleting, setDeleting] = useState(false);
  const submit = useSubmit();
  const guard = useDiscardGuard(onClose);
  const path = { project: base.internal_name };
  guard.watch(form.name !== base.name || form.description !== base.description);

  async function save(wanted: Fields, over: Project): Promise<void> {
    const saved = await sendOver({
      over,
      send: ({ version }) => ask(api.PATCH("/projects/{project}", { params: { path, header: ifMatch(version) }, body: wanted })),
      read: () => ask(api.GET("/projects/{project}", { params: { path } })),
      alike: (one, other) => same(fieldsOf(one), fieldsOf(other)),
      onStale: setThere,
    });
    if (!saved) return;
    invalidate("projects");
    announce("Project settings are saved");
    onClose();
  }
  function take(theirs: Project, wanted: Fields) {
    setBase(theirs);
    setForm(wanted);
    setThere(null);
    submit.clear();
  }
  function sendMine(theirs: Project) {
    const mine = rebased(fieldsOf(base), fieldsOf(theirs), form);
    take(theirs, mine);
    void submit.run(() => save(mine, theirs));
  }
  return (
    <>
      <Dialog title="Project settings" kind="panel" onClose={onClose} mayClose={guard.mayClose}>
        <Form submit={submit} onSubmit={() => void submit.run(() => save(form, base))} fields={["name", "description"]}>
          {there && <Stale began={fieldsOf(base)} there={fieldsOf(there)} mine={form} labels={LABELS} busy={submit.busy} onTakeTheirs={() => take(there, fieldsOf(there))} onSendMine={() => sendMine(there)} />}
          <TextField label="Project Name" value={form.name} onInput={(name) => setForm({ ...form, name })} {...submit.at("name")} hint={<>Its internal name, <code>{base.internal_name}</code>, stays.</>} />
          <TextArea label="Description" optional rows={3} value={form.description} onInput={(description) => setForm({ ...form, description })}
            {...submit.at("description")} hint={`${form.description.length} of ${LONGEST_DESCRIPTION} characters`} />
          <footer class="actions"><Button type="submit" kind="primary" busy={submit.busy}>Save</Button></footer>
        </Form>
        <DangerZone>
          <Danger action="Delete project" onClick={() => setDeleting(true)}>Deletes the project with its environments and all that is configured in them.</Danger>
        </DangerZone>
      </Dialog>
      {guard.question}
      {deleting && <DeleteProject project={base} onClose={() => setDeleting(false)} />}
    </>
  );
}

function DeleteProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const { internal_name, name, environments } = project;
  async function remove() {
    await ask(api.DELETE("/projects/{project}", { params: { path: { project: internal_name } } }));
    leave(href("projects"), "projects");
    announce(`${name} is deleted`);
  }
  return (
    <Confirm title={`Delete ${name}?`} action="Delete project" danger typed={internal_name} onConfirm={remove} onClose={onClose}>
      <p>{environments.length === 1 ? "Its environment" : `Its ${environments.length} environments`} and all that is configured there go, schedules first. This can't be undone.</p>
      <p>The KintoBlocks themselves stay; so does the history of runs until it expires.</p>
    </Confirm>
  );
}
