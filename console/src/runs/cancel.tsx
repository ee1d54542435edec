// Cancel run: asks first, then stops it and everything it has running.
import { api, ask } from "../api/client";
import { keyOf } from "../api/environment";
import { invalidate } from "../api/resource";
import { Confirm } from "../parts/dialog";
import { announce } from "../parts/toast";
import type { Run } from "./run";

export function CancelRun({ run, onClose }: { run: Run; onClose: () => void }) {
  async function cancel(key: string) {
    await ask(api.POST("/runs/{run}/cancel", { params: { path: { run: run.id }, header: { "Idempotency-Key": key } } }));
    announce(`The run of ${run.hostname} was cancelled`);
    invalidate(`runs/${run.id}`);
    invalidate(keyOf(run));
  }
  return (
    <Confirm title="Cancel run" action="Cancel run" danger onConfirm={cancel} onClose={onClose}>
      <p>The process of <strong>{run.hostname}</strong> is asked to end, and killed if it does not. What it has done so far stays done.</p>
      {run.deployment !== null && <p>For deployment {run.deployment} it counts as not succeeded.</p>}
    </Confirm>
  );
}
