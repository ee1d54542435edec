// The dialog Create New Project.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { internalName, RULE } from "../blocks/internal-name";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { TextArea, TextField } from "../parts/field";
import { Form } from "../parts/form";
import { announce } from "../parts/toast";
import { href, navigate } from "../router";

type NewProject = Schemas["NewProject"];

const NOTHING: NewProject = { name: "", internal_name: "", description: "", environment: "default" };
export const LONGEST_DESCRIPTION = 200;

export function CreateProject({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState(NOTHING);
  // Whoever has written an internal name keeps it.
  const [own, setOwn] = useState(false);
  const submit = useSubmit();
  const guard = useDiscardGuard(onClose);
  const { name, internal_name, description, environment } = form;
  function change(to: Partial<NewProject>) {
    const next = { ...form, ...to };
    setForm(next);
    guard.watch(Boolean(next.name || next.description));
  }
  async function create(key: string): Promise<void> {
    const made = await ask(api.POST("/projects", {
      params: { header: { "Idempotency-Key": key } },
      body: { ...form, internal_name: internal_name || null, description: description.trim() },
    }));
    invalidate("projects");
    announce(`${made.name} is created`);
    onClose();
    navigate(href("projects", made.internal_name, made.environments[0]?.internal_name ?? environment));
  }
  return (
    <>
      <Dialog title="Create New Project" onClose={onClose} mayClose={guard.mayClose}>
        <Form submit={submit} onSubmit={() => void submit.run(create)} fields={["name", "internal_name", "description", "environment"]}>
          <TextField label="Project Name" value={name} autofocus placeholder="Shop" {...submit.at("name")}
            onInput={(to) => (own || submit.edit("internal_name"), change({ name: to, ...(own ? {} : { internal_name: internalName(to) }) }))} />
          <TextField label="Internal Name" class="mono" value={internal_name ?? ""} {...submit.at("internal_name")} hint={`Part of addresses; it stays. ${RULE}.`}
            onInput={(to) => (setOwn(to !== ""), change({ internal_name: to }))} />
          <TextArea label="Description" optional rows={2} value={description} {...submit.at("description")}
            onInput={(to) => change({ description: to })} hint={`${description.trim().length} of ${LONGEST_DESCRIPTION} characters`} />
          <TextField label="Environment Name" class="mono" value={environment} onInput={(to) => change({ environment: to })} {...submit.at("environment")}
            hint="The first environment; more can be added. The same rule as for the internal name." />
          <footer class="actions">
            <Button onClick={() => guard.mayClose() && onClose()}>Cancel</Button>
            <Button type="submit" kind="primary" busy={submit.busy}>Create Project</Button>
          </footer>
        </Form>
      </Dialog>
      {guard.question}
    </>
  );
}
