// The panel of an environment's settings: its name, what a failing post-deployment job does, its jobs' role; shutting it down, deleting it.
import { useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import { type At, type Environment, keyOf } from "../api/environment";
import { may } from "../api/me";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { Choices, TextField } from "../parts/field";
import { Form } from "../parts/form";
import { Stale } from "../parts/stale";
import { rebased, same } from "../parts/stale-fields";
import { announce } from "../parts/toast";
import { Danger, DangerZone } from "./danger";
import { DeleteEnvironment, ShutDown } from "./environment-end";
import { POLICY_CHOICES } from "./policies";
import { choiceOf, OVERRIDES_CHOICES, settingOf } from "./run-overrides";
import { sendOver } from "./send-over";

type Fields = Pick<Environment, "name" | "on_post_deployment_failure" | "role_arn" | "run_overrides">;

const ADDRESS = "/projects/{project}/environments/{environment}";
const LABELS = { name: "Environment Name", on_post_deployment_failure: "After a failing post-deployment job", role_arn: "Role ARN", run_overrides: "Another command or variables for one run" };

function fieldsOf({ name, on_post_deployment_failure, role_arn, run_overrides }: Fields): Fields {
  return { name, on_post_deployment_failure, role_arn, run_overrides };
}

interface Props {
  at: At;
  environment: Environment;
  /** Another one of the project; undefined where it is the only one. */
  other: string | undefined;
  onClose: () => void;
}

export function EnvironmentSettings({ at, environment, other, onClose }: Props) {
  const [base, setBase] = useState(environment);
  const [form, setForm] = useState(() => fieldsOf(environment));
  const [there, setThere] = useState<Environment | null>(null);
  const [ending, setEnding] = useState<"shutdown" | "delete" | null>(null);
  const submit = useSubmit();
  const guard = useDiscardGuard(onClose);
  guard.watch(JSON.stringify(form) !== JSON.stringify(fieldsOf(base)));

  async function save(wanted: Fields, over: Environment): Promise<void> {
    const path = { ...at };
    const saved = await sendOver({
      over,
      send: ({ version }) => ask(api.PATCH(ADDRESS, { params: { path, header: ifMatch(version) }, body: wanted })),
      read: () => ask(api.GET(ADDRESS, { params: { path } })),
      alike: (one, other) => same(fieldsOf(one), fieldsOf(other)),
      onStale: setThere,
    });
    if (!saved) return;
    invalidate(`projects/${at.project}`);
    announce("Environment settings are saved");
    onClose();
  }
  function take(theirs: Environment, wanted: Fields) {
    setBase(theirs);
    setForm(wanted);
    setThere(null);
    submit.clear();
  }
  function sendMine(theirs: Environment) {
    const mine = rebased(fieldsOf(base), fieldsOf(theirs), form);
    take(theirs, mine);
    void submit.run(() => save(mine, theirs));
  }
  return (
    <>
      <Dialog title="Environment settings" kind="panel" onClose={onClose} mayClose={guard.mayClose}>
        <Form submit={submit} onSubmit={() => void submit.run(() => save(form, base))} fields={Object.keys(LABELS)}>
          {there && <Stale began={fieldsOf(base)} there={fieldsOf(there)} mine={form} labels={LABELS} busy={submit.busy} onTakeTheirs={() => take(there, fieldsOf(there))} onSendMine={() => sendMine(there)} />}
          <fieldset class="form" disabled={!may("admin")}>
            <TextField label="Environment Name" value={form.name} onInput={(name) => setForm({ ...form, name })} {...submit.at("name")} hint={<>Its internal name, <code>{base.internal_name}</code>, stays.</>} />
            <Choices label="After a failing post-deployment job" value={form.on_post_deployment_failure} choices={POLICY_CHOICES}
              onInput={(on_post_deployment_failure) => setForm({ ...form, on_post_deployment_failure })} {...submit.at("on_post_deployment_failure")} />
            <TextField label="Role ARN" optional class="mono" value={form.role_arn ?? ""} onInput={(role) => setForm({ ...form, role_arn: role.trim() || null })} {...submit.at("role_arn")}
              disabled={!may("admin", "stack")} placeholder={may("admin", "stack") ? "arn:aws:iam::123456789012:role/kintoblocks/shop" : "None"} hint="What its jobs may do in AWS; a role below the path /kintoblocks/. Without one they get no credentials." />
            <Choices label="Another command or variables for one run" value={choiceOf(form.run_overrides)} choices={OVERRIDES_CHOICES}
              onInput={(choice) => setForm({ ...form, run_overrides: settingOf(choice) })} {...submit.at("run_overrides")} />
          </fieldset>
          {may("admin") ? <footer class="actions"><Button type="submit" kind="primary" busy={submit.busy}>Save</Button></footer> : <p class="hint">Only admins change these.</p>}
        </Form>
        <DangerZone>
          <Danger action="Shut down" because={environment.status === "shutdown" && "It is shut down."} onClick={() => setEnding("shutdown")}>
            Its schedules rest until the next deployment.
          </Danger>
          {may("admin") && (
            <Danger action="Delete environment" because={!other && "It is the project's only one; delete the project instead."} onClick={() => setEnding("delete")}>
              Deletes the environment with all that is configured in it.
            </Danger>
          )}
        </DangerZone>
      </Dialog>
      {guard.question}
      {ending === "shutdown" && <ShutDown at={at} onClose={() => setEnding(null)} onDone={() => (invalidate(keyOf(at)), onClose())} />}
      {ending === "delete" && other && <DeleteEnvironment at={at} name={base.name} next={other} onClose={() => setEnding(null)} />}
    </>
  );
}
