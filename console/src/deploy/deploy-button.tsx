// The button that opens Compare Versions; while a deployment runs it leads there.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { type At, type Environment, keyOf } from "../api/environment";
import { may } from "../api/me";
import { invalidate, useResource } from "../api/resource";
import { Button, ButtonLink } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { deploymentPage, VersionsDialog } from "./versions-dialog";

export function DeployButton({ at, environment }: { at: At; environment: Environment }) {
  const [open, setOpen] = useState(false);
  const { latest } = environment;
  const nothingYet = environment.blocks.length === 0 && environment.current === null;
  return (
    <>
      {latest?.status === "running" ? (
        <ButtonLink kind="primary" href={deploymentPage(at, latest.number)}>
          <span class="spinner" aria-hidden="true" /> Deployment {latest.number} is running
        </ButtonLink>
      ) : may("deployer") && (
        <Button kind="primary" icon="rocket" onClick={() => (invalidate(`${keyOf(at)}/changes`), setOpen(true))}>Deploy</Button>
      )}
      {open && (nothingYet
        ? <NothingYet onClose={() => setOpen(false)} />
        : <CompareVersions at={at} environment={environment} onClose={() => setOpen(false)} />)}
    </>
  );
}

function NothingYet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Compare Versions" onClose={onClose}>
      <p>There is nothing to deploy yet. Add a KintoBlock to this environment first, under <strong>KintoBlocks</strong> on its page.</p>
      <footer class="actions"><Button kind="primary" onClick={onClose}>Close</Button></footer>
    </Dialog>
  );
}

function CompareVersions({ at, environment, onClose }: { at: At; environment: Environment; onClose: () => void }) {
  const path = { project: at.project, environment: at.environment };
  const { current } = environment;
  // What was compared for another configuration would be confirmed unseen.
  const seen = environment.blocks.map((one) => `${one.hostname}:${one.version}`).join();
  const changes = useResource(`${keyOf(at)}/changes?${current?.number ?? 0}&${seen}`,
    () => ask(api.GET("/projects/{project}/environments/{environment}/changes", { params: { path } })));
  const start = async (key: string) => {
    const params = { path, header: { "Idempotency-Key": key } };
    return (await ask(api.POST("/projects/{project}/environments/{environment}/deployments", { params }))).number;
  };
  return (
    <VersionsDialog title="Compare Versions" action="Confirm Deployment" icon="rocket" at={at} environment={environment} changes={changes}
      start={start} onClose={onClose}
      nothing={<p class="soft">{current ? `Nothing has changed since deployment ${current.number}; deploying again runs its jobs once more.` : "Nothing is configured that could be deployed."}</p>}>
      <p class="soft">{current ? `What is configured now, compared with deployment ${current.number}, which is live.` : "Nothing is live here yet: everything that is configured is new."}</p>
    </VersionsDialog>
  );
}
