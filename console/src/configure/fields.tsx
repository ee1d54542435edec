// The form of Configure KintoBlock: what is typed, sending it, and what another person changed meanwhile.
import { useEffect, useRef, useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import type { At } from "../api/environment";
import { may } from "../api/me";
import { Problem } from "../api/problem";
import { type Submit, useSubmit } from "../api/submit";
import { isInternalName, RULE } from "../blocks/internal-name";
import { sendOver } from "../environment/send-over";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Form } from "../parts/form";
import { Stale } from "../parts/stale";
import { rebased, same } from "../parts/stale-fields";
import { Tabs } from "../parts/tabs";
import { VariablesEditor } from "../parts/variables";
import { keptNames, tidy, variableFields } from "../parts/variables-rows";
import { Defaults } from "./defaults";
import { type Block, body, type Configuration, type Configured, type ConfigureForm, FIELDS, present } from "./form";
import { draftName, fresh, keep, readKept, stillLost } from "./kept";
import { LABELS, words } from "./labels";
import { LimitsFields } from "./limits-fields";
import { RefFields } from "./ref-fields";
import { RunOnceFields } from "./run-once";
import { ScheduleFields } from "./schedule";

const MODES = [
  { value: "run_once", label: "Run Once" },
  { value: "repeat_schedule", label: "Repeat Schedule" },
  { value: "manual", label: "Manual" },
] as const;

interface Props {
  at: At;
  block: Block;
  opened: Configured | undefined;
  hostname: string;
  watch: (dirty: boolean) => void;
  onDone: (configured: Configured, isNew: boolean) => void;
  onRemove?: (present: Configured) => void;
}

export function ConfigureFields({ at, block, opened, hostname, watch, onDone, onRemove }: Props) {
  const name = draftName(at, block.internal_name, opened);
  const [kept, setKept] = useState(() => readKept(name, opened));
  const [base, setBase] = useState(kept?.base ?? opened);
  const [form, setForm] = useState(() => kept?.form ?? fresh(block, opened, hostname));
  const [there, setThere] = useState<Configured | null>(null);
  const submit = useSubmit();
  const change = (to: Partial<ConfigureForm>) => setForm((before) => ({ ...before, ...to }));
  useEffect(() => watch(keep(name, form, base, block, hostname, kept?.lost ?? [])), [form, base]);

  async function send(wanted: Configuration, over: Configured | undefined): Promise<void> {
    const path = { ...at, hostname: form.hostname.trim() };
    const address = "/projects/{project}/environments/{environment}/blocks/{hostname}";
    if (!over && !isInternalName(path.hostname)) throw wrongHostname(`write ${RULE}`);
    if (!over) return onDone(await add(() => ask(api.PUT(address, { params: { path, header: { "If-None-Match": "*" } }, body: wanted }))), true);
    await sendOver({
      over,
      send: async ({ version }) => onDone(await ask(api.PUT(address, { params: { path, header: ifMatch(version) }, body: wanted })), false),
      read: () => ask(api.GET(address, { params: { path } })),
      alike: (one, other) => same(bodyOf(one, block), bodyOf(other, block)) && !newSecrets(one, other),
      onStale: setThere,
    });
  }
  function done() {
    // As it is sent, so that the server's errors stand at the rows that they are about.
    const tidied = { ...form, variables: tidy(form.variables) };
    setForm(tidied);
    void submit.run(() => send(body(tidied, block), base));
  }
  function startOver() {
    setKept(null);
    setBase(opened);
    setForm(fresh(block, opened, hostname));
    setThere(null);
    submit.clear();
  }
  function takeTheirs(theirs: Configured) {
    setBase(theirs);
    setForm(present(theirs, block));
    setThere(null);
    submit.clear();
  }
  function sendMine(theirs: Configured, began: Configured) {
    const mine = rebased(bodyOf(began, block), bodyOf(theirs, block), body(form, block));
    setBase(theirs);
    setForm(present({ ...theirs, ...mine }, block));
    setThere(null);
    void submit.run(() => send(mine, theirs));
  }

  return (
    <Form class="configure" submit={submit} onSubmit={done} fields={[...FIELDS, ...variableFields(form.variables)]}>
      {there && base && (
        <Stale began={bodyOf(base, block)} there={bodyOf(there, block)} mine={body(form, block)} labels={LABELS} words={words} busy={submit.busy}
          onTakeTheirs={() => takeTheirs(there)} onSendMine={() => sendMine(there, base)} />
      )}
      {kept && <Restored lost={stillLost(kept.lost, form)} onStartOver={startOver} />}
      <p class="soft">{block.flavor === "service" ? "The service" : "The job"} <strong>{block.name}</strong> in the environment <strong>{at.environment}</strong> of {at.project}. It applies here only.</p>
      <fieldset class="form configure" disabled={!may("admin")}>
        <Identity isNew={!base} form={form} change={change} submit={submit} block={block} />
        {block.flavor === "job" && <Mode form={form} change={change} submit={submit} />}
        <div class="configure-part">
          <Defaults defaults={block.variables} given={form.variables} onOverride={(one) => change({ variables: [...form.variables, one] })} />
          <VariablesEditor value={form.variables} onInput={(variables) => change({ variables })} errors={submit}
            kept={keptNames([...(base?.variables ?? []), ...block.variables])} />
        </div>
        <LimitsFields form={form} change={change} errors={submit} command={block.source.type === "command"} />
      </fieldset>
      {may("admin") ? (
        <footer class="actions">
          {base && onRemove && <Button kind="quiet" icon="trash" class="remove" onClick={() => onRemove(base)}>Remove from environment</Button>}
          <Button type="submit" kind="primary" busy={submit.busy}>Done Configuring</Button>
        </footer>
      ) : <p class="hint">Only admins change it.</p>}
    </Form>
  );
}

function Restored({ lost, onStartOver }: { lost: readonly string[]; onStartOver: () => void }) {
  return (
    <div class={lost.length > 0 ? "notice warn" : "notice"} role="status">
      <p><strong>Your unsaved changes are back.</strong></p>
      {lost.length > 0 && <p>Masked values are not kept in the browser. Type them again: {lost.map((name, i) => <>{i > 0 && ", "}<code>{name}</code></>)}.</p>}
      <Button icon="undo" onClick={onStartOver}>Start over</Button>
    </div>
  );
}

interface PartProps {
  form: ConfigureForm;
  change: (to: Partial<ConfigureForm>) => void;
  submit: Submit;
}

function Identity({ isNew, form, change, submit, block }: PartProps & { isNew: boolean; block: Block }) {
  const box = useRef<HTMLDivElement>(null);
  // When the panel opened, the form was not there yet.
  useEffect(() => box.current?.querySelector<HTMLElement>("input:not(:disabled), select")?.focus(), []);
  return (
    <div class="form" ref={box}>
      <TextField label="Hostname" class="mono" value={form.hostname} disabled={!isNew} onInput={(hostname) => change({ hostname })} {...submit.at("hostname")}
        hint={isNew ? "What it is called in this environment: lower-case letters, digits and hyphens. Cannot be changed after." : "Cannot be changed."} />
      {block.repository && <RefFields form={form} change={change} errors={submit} block={block} />}
    </div>
  );
}

function Mode({ form, change, submit }: PartProps) {
  return (
    <Tabs label="When it runs" tabs={MODES} value={form.mode} onInput={(mode) => (submit.edit("run"), change({ mode }))}>
      {form.mode === "run_once" && <RunOnceFields value={form.once} onInput={(once) => change({ once })} errors={submit} />}
      {form.mode === "repeat_schedule" && <ScheduleFields value={form.schedule} onInput={(schedule) => change({ schedule })} errors={submit} />}
      {form.mode === "manual" && <p class="soft">Runs only when somebody starts it, with Run now or over the API. Deployments leave it alone.</p>}
    </Tabs>
  );
}

function bodyOf(configured: Configured, block: Block): Configuration {
  return body(present(configured, block), block);
}

/** A masked value may be another though nothing looks so: only configuring and pausing change `updated_at`. */
function newSecrets(one: Configured, other: Configured): boolean {
  return one.updated_at !== other.updated_at && same(one.paused, other.paused);
}

/** Adding never writes over what is there: the server refuses, and the field says so. */
async function add(put: () => Promise<Configured>): Promise<Configured> {
  try {
    return await put();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 412) throw error;
    throw wrongHostname("taken in this environment; choose another");
  }
}

// What is not even part of an address, the server could not say this of.
function wrongHostname(message: string): Problem {
  return new Problem(422, { errors: [{ field: "hostname", message }] });
}
