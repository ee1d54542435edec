// Run now: a job outside its schedule and deployments, perhaps with another command or other variables.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { type At, configuredKey, keyOf } from "../api/environment";
import { may } from "../api/me";
import { Problem } from "../api/problem";
import { invalidate, useResource } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button, ButtonLink } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Checkbox, TextArea, TextField } from "../parts/field";
import { Form, sentence } from "../parts/form";
import { announce } from "../parts/toast";
import { VariablesEditor } from "../parts/variables";
import { tidy, type Variable, variableFields } from "../parts/variables-rows";
import { href, navigate } from "../router";
import type { Run } from "./run";
import { runNamedIn } from "./trigger";

interface Props {
  at: At;
  hostname: string;
  block: string;
  /** The run whose command and variables are taken over. */
  again?: Run;
  onClose: () => void;
}

export function StartRun({ at, hostname, block, again, onClose }: Props) {
  const submit = useSubmit();
  const [command, setCommand] = useState(again?.command ?? "");
  const [variables, setVariables] = useState<Variable[]>([...(again?.variables ?? [])]);
  const [reason, setReason] = useState("");
  const [force, setForce] = useState(false);
  const active = activeRun(submit.error);
  const found = useResource(configuredKey(at, hostname), () => ask(api.GET("/projects/{project}/environments/{environment}/blocks/{hostname}", { params: { path: { ...at, hostname } } })));
  const rule = found.data?.run_overrides;
  const mayOverride = may(rule?.role ?? "admin");

  async function start(forced: boolean) {
    let started: Run | undefined;
    const sent = await submit.run(async (key) => {
      started = await ask(api.POST("/projects/{project}/environments/{environment}/blocks/{hostname}/runs", {
        params: { path: { ...at, hostname }, header: { "Idempotency-Key": key } },
        body: { command: mayOverride ? command.trim() || null : null, variables: mayOverride ? tidy(variables) : [], reason: reason.trim() || null, force: forced },
      }));
    });
    if (!sent || !started) return;
    invalidate(keyOf(at));
    announce(`A run of ${hostname} was started`);
    onClose();
    navigate(href("runs", started.id));
  }

  return (
    <Dialog title={`${again ? "Run again" : "Run now"}: ${hostname}`} onClose={onClose} mayClose={() => !submit.busy}>
      <Form submit={active ? { ...submit, error: null, edited: () => undefined } : submit} onSubmit={() => void start(force)} fields={shownFields(variables)}>
        {active && <Active run={active} message={submit.error!.message} busy={submit.busy} onForce={() => void start(true)} />}
        {mayOverride ? (
          <>
            <p class="soft">It runs as it is configured now; what you write here is for this run alone.</p>
            <CommandField block={block} value={command} onInput={setCommand} {...submit.at("command")} />
            <VariablesEditor value={variables} onInput={setVariables} errors={submit} kinds={false} />
          </>
        ) : rule && (
          <p class="notice">It runs as it is configured now. Only an admin may choose another command or variables: {rule.reason}.</p>
        )}
        <TextField label="Reason" optional hint="For those who read the history." value={reason} onInput={setReason} {...submit.at("reason")} />
        <Checkbox label="Even while another run of it is active" value={force} onInput={setForce} />
        <footer class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" icon="play" busy={submit.busy}>{again ? "Run again" : "Run now"}</Button>
        </footer>
      </Form>
    </Dialog>
  );
}

/** A mask is no field here: that it is refused is told at the top. */
function shownFields(variables: readonly Variable[]): string[] {
  return ["command", "reason", ...variableFields(variables).filter((name) => !name.endsWith(".masked"))];
}

function CommandField({ block, ...rest }: { block: string; value: string; onInput: (text: string) => void; error: string | undefined }) {
  const found = useResource(`blocks/${block}`, () => ask(api.GET("/blocks/{block}", { params: { path: { block } } })));
  const source = found.data?.source;
  const usual = source?.command;
  const hint = usual ? <>Left empty, it is <code>{usual}</code></> : source ? "Left empty, the image's own." : "Left empty, the configured one.";
  return <TextArea label="Command" optional rows={2} class="mono" hint={hint} {...rest} />;
}

/** The run that is in the way, by the refusal that names it. */
function activeRun(error: Error | null): string | null {
  return error instanceof Problem && error.status === 409 ? runNamedIn(error.message) : null;
}

function Active({ run, message, busy, onForce }: { run: string; message: string; busy: boolean; onForce: () => void }) {
  return (
    <div class="notice warn" role="alert">
      <p><strong>Another run of it is active.</strong> {sentence(message.replace(`Run ${run}`, "A run").replace(/;.*/, ""))}</p>
      <div class="actions">
        <ButtonLink href={href("runs", run)} icon="search">Look at it</ButtonLink>
        <Button icon="play" busy={busy} onClick={onForce}>Run anyway</Button>
      </div>
    </div>
  );
}
