// Pause and resume: a schedule rests, with a reason that everybody reads in its history.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { type At, keyOf } from "../api/environment";
import { may } from "../api/me";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { TextField } from "../parts/field";
import { Form, Refusal } from "../parts/form";
import { Time } from "../parts/time";
import { announce } from "../parts/toast";

interface Props {
  at: At;
  hostname: string;
  onClose: () => void;
}

export function PauseSchedule({ at, hostname, onClose }: Props) {
  const submit = useSubmit();
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  async function pause() {
    const sent = await submit.run(async () => {
      await ask(api.POST("/projects/{project}/environments/{environment}/blocks/{hostname}/pause", {
        params: { path: { ...at, hostname } },
        body: { reason: reason.trim(), until: until ? new Date(until).toISOString() : null },
      }));
    });
    if (!sent) return;
    invalidate(keyOf(at));
    announce(`${hostname} is paused`);
    onClose();
  }
  return (
    <Dialog title={`Pause: ${hostname}`} onClose={onClose}>
      <Form submit={submit} onSubmit={() => void pause()} fields={["reason", "until"]}>
        <p class="soft">Each tick is written down as skipped meanwhile; a run that is active goes on, and it can still be run by hand.</p>
        <TextField label="Reason" value={reason} onInput={setReason} {...submit.at("reason")} placeholder="The bank's maintenance" autofocus />
        <TextField label="Until" optional type="datetime-local" hint="In your time. Left empty: until somebody resumes it." value={until} onInput={setUntil} {...submit.at("until")} />
        <footer class="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" icon="pause" busy={submit.busy}>Pause</Button>
        </footer>
      </Form>
    </Dialog>
  );
}

/** That it rests, why, until when; and the way back. */
export function Paused({ at, hostname, paused }: { at: At; hostname: string; paused: Schemas["Pause"] }) {
  const submit = useSubmit();
  async function resume() {
    const sent = await submit.run(async () => {
      await ask(api.POST("/projects/{project}/environments/{environment}/blocks/{hostname}/resume", { params: { path: { ...at, hostname } } }));
    });
    if (sent) announce(`${hostname} runs again`);
    invalidate(keyOf(at));
  }
  return (
    <div class="notice warn job-paused">
      <p>
        <strong>Paused</strong> by {paused.by} <Time at={paused.at} />, {paused.until ? <>until <Time at={paused.until} as="local" /></> : "until somebody resumes it"}: {paused.reason}
      </p>
      <Refusal error={submit.error} />
      {may("deployer") && <Button icon="play" busy={submit.busy} onClick={() => void resume()}>Resume</Button>}
    </div>
  );
}
