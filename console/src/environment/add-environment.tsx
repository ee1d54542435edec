// The dialog that adds an environment to a project.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { internalName, RULE } from "../blocks/internal-name";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { Choices, TextField } from "../parts/field";
import { Form } from "../parts/form";
import { announce } from "../parts/toast";
import { href, navigate } from "../router";
import { type Policy, POLICY_CHOICES } from "./policies";

export function AddEnvironment({ project, onClose }: { project: string; onClose: () => void }) {
  const [name, setName] = useState("");
  const [own, setOwn] = useState("");
  const [policy, setPolicy] = useState<Policy>("keep");
  const submit = useSubmit();
  const guard = useDiscardGuard(onClose);
  const internal = own || internalName(name);
  guard.watch(name !== "" || own !== "");
  async function add(key: string): Promise<void> {
    const params = { path: { project }, header: { "Idempotency-Key": key } };
    const made = await ask(api.POST("/projects/{project}/environments", { params, body: { name, internal_name: internal || null, on_post_deployment_failure: policy, role_arn: null, run_overrides: null } }));
    invalidate(`projects/${project}`);
    announce(`${made.name} is added`);
    onClose();
    navigate(href("projects", project, made.internal_name));
  }
  return (
    <>
      <Dialog title="Add environment" onClose={onClose} mayClose={guard.mayClose}>
        <Form submit={submit} onSubmit={() => void submit.run(add)} fields={["name", "internal_name", "on_post_deployment_failure"]}>
          <TextField label="Environment Name" value={name} onInput={(to) => (own || submit.edit("internal_name"), setName(to))} autofocus placeholder="Production" {...submit.at("name")} />
          <TextField label="Internal Name" class="mono" value={internal} onInput={setOwn} {...submit.at("internal_name")} hint={`Part of addresses; it stays. ${RULE}.`} />
          <Choices label="After a failing post-deployment job" value={policy} onInput={setPolicy} choices={POLICY_CHOICES} {...submit.at("on_post_deployment_failure")} />
          <footer class="actions">
            <Button onClick={() => guard.mayClose() && onClose()}>Cancel</Button>
            <Button type="submit" kind="primary" busy={submit.busy}>Add environment</Button>
          </footer>
        </Form>
      </Dialog>
      {guard.question}
    </>
  );
}
