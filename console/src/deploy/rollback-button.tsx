// Going back to an earlier deployment: what it means, what it would change, and the confirmation.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { type At, type Environment, keyOf } from "../api/environment";
import { may } from "../api/me";
import { invalidate, useResource } from "../api/resource";
import { Button } from "../parts/button";
import { VersionsDialog } from "./versions-dialog";

interface Props {
  at: At;
  environment: Environment | undefined;
  number: number;
  words: string;
}

export function RollbackButton({ at, environment, number, words }: Props) {
  const [open, setOpen] = useState(false);
  if (!may("deployer")) return null;
  const named = words.includes(String(number)) ? undefined : `${words} (deployment ${number})`;
  return (
    <>
      <Button icon="undo" aria-label={named} onClick={() => (invalidate(`${keyOf(at)}/deployments/${number}/changes`), setOpen(true))}>{words}</Button>
      {open && <Rollback at={at} environment={environment} number={number} onClose={() => setOpen(false)} />}
    </>
  );
}

function Rollback({ at, environment, number, onClose }: Omit<Props, "words"> & { onClose: () => void }) {
  const path = { project: at.project, environment: at.environment, number: String(number) };
  const changes = useResource(`${keyOf(at)}/deployments/${number}/changes?${environment?.current?.number ?? 0}`,
    () => ask(api.GET("/projects/{project}/environments/{environment}/deployments/{number}/changes", { params: { path } })));
  const start = async (key: string) => {
    const params = { path, header: { "Idempotency-Key": key } };
    return (await ask(api.POST("/projects/{project}/environments/{environment}/deployments/{number}/rollback", { params }))).number;
  };
  return (
    <VersionsDialog title={`Rollback to deployment ${number}`} action="Confirm Rollback" icon="undo" at={at} environment={environment}
      changes={changes} start={start} onClose={onClose}
      nothing={<p class="soft">Nothing differs from what is live; its services are deployed once more.</p>}>
      <ul class="means">
        <li>A new deployment makes everything as it was in deployment {number}: commits, commands, plain variables.</li>
        <li>Services are deployed again. Jobs run only if they have <strong>run on rollback</strong> switched on.</li>
        <li>Masked variables keep their present values, and what is configured stays as it is: the next <strong>Deploy</strong> brings it back.</li>
      </ul>
    </VersionsDialog>
  );
}
