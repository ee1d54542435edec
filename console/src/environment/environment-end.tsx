// Asks before an environment is shut down or deleted.
import { api, ask } from "../api/client";
import type { At } from "../api/environment";
import { invalidate } from "../api/resource";
import { Confirm } from "../parts/dialog";
import { announce } from "../parts/toast";
import { href } from "../router";
import { leave } from "./leave";

export function ShutDown({ at, onClose, onDone }: { at: At; onClose: () => void; onDone: () => void }) {
  async function shutDown(key: string) {
    await ask(api.POST("/projects/{project}/environments/{environment}/shutdown", { params: { path: { ...at }, header: { "Idempotency-Key": key } } }));
    invalidate(`projects/${at.project}`);
    announce(`${at.environment} is shut down`);
    onDone();
  }
  return (
    <Confirm title={`Shut down ${at.environment}?`} action="Shut down" danger onConfirm={shutDown} onClose={onClose}>
      <p>Its schedules rest until the next deployment: each of their ticks is written down as skipped.</p>
      <p>Runs that are going on are let finish. What its services deployed elsewhere is not taken down.</p>
    </Confirm>
  );
}

interface DeleteProps {
  at: At;
  name: string;
  /** The environment to show after this one. */
  next: string;
  onClose: () => void;
}

export function DeleteEnvironment({ at, name, next, onClose }: DeleteProps) {
  async function remove() {
    await ask(api.DELETE("/projects/{project}/environments/{environment}", { params: { path: { ...at } } }));
    leave(href("projects", at.project, next), `projects/${at.project}`);
    announce(`${name} is deleted`);
  }
  return (
    <Confirm title={`Delete ${name}?`} action="Delete environment" danger typed={at.environment} onConfirm={remove} onClose={onClose}>
      <p>All that is configured in it goes, schedules first. This can't be undone.</p>
      <p>The KintoBlocks themselves stay; so does the history of runs until it expires.</p>
    </Confirm>
  );
}
