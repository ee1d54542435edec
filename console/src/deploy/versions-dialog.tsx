// What would change, and the button that makes it so: Compare Versions before a deployment, the same before a rollback.
import type { ComponentChildren } from "preact";

import { type At, type Environment, keyOf } from "../api/environment";
import { Problem } from "../api/problem";
import { invalidate, type Resource } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import type { IconName } from "../parts/icon";
import { Refusal } from "../parts/form";
import { Failure, Loading } from "../parts/states";
import { href, navigate } from "../router";
import { ChangesView } from "./changes";
import { hasBegun } from "./deployments";
import { starter } from "./progress";
import { type Changes, unset } from "./versions";

interface Props {
  title: string;
  /** The words on the button. */
  action: string;
  icon: IconName;
  at: At;
  environment: Environment | undefined;
  changes: Resource<Changes>;
  /** What stands where nothing would change. */
  nothing: ComponentChildren;
  /** Starts the deployment; its number. */
  start: (idempotencyKey: string) => Promise<number>;
  onClose: () => void;
  children?: ComponentChildren;
}

export function VersionsDialog({ title, action, icon, at, environment, changes, nothing, start, onClose, children }: Props) {
  const submit = useSubmit();
  const known = changes.data !== undefined || changes.error !== undefined;
  async function confirm() {
    const done = await submit.run(async (key) => {
      const number = await start(key);
      hasBegun(at, number);
      navigate(deploymentPage(at, number));
    });
    // The deployment that is in the way, or what has begun, is told by the environment.
    invalidate(keyOf(at));
    if (done) onClose();
  }
  return (
    <Dialog title={title} kind="wide" onClose={onClose}>
      {children}
      {changes.data ? <ChangesView changes={changes.data} nothing={nothing} />
        : changes.error ? <Failure error={changes.error} retry={changes.refresh} /> : <Loading what="Comparing versions" />}
      <Told error={submit.error} />
      <Running at={at} environment={environment} />
      <footer class="actions stuck">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" icon={icon} busy={submit.busy} disabled={!known} onClick={() => void confirm()}>{action}</Button>
      </footer>
    </Dialog>
  );
}

function Told({ error }: { error: Error | null }) {
  const missing = error instanceof Problem ? unset(error.message) : null;
  if (!missing) return <Refusal error={error} />;
  return (
    <div class="notice bad" role="alert">
      <p><strong>Required variables have no value.</strong> Give them one by the gear of their block, then deploy again.</p>
      <ul>{missing.map((one) => <li key={one}><code>{one}</code></li>)}</ul>
    </div>
  );
}

function Running({ at, environment }: { at: At; environment: Environment | undefined }) {
  const latest = environment?.latest;
  if (latest?.status !== "running") return null;
  return (
    <div class="notice running-notice">
      <p>
        <a href={deploymentPage(at, latest.number)}>Deployment {latest.number}</a> is running, started by {starter(latest)}.
        Another can begin when it has ended.
      </p>
    </div>
  );
}

export function deploymentPage({ project, environment }: At, number: number): string {
  return href("projects", project, environment, "deployments", number);
}
