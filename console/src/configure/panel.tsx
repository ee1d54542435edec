// The panel Configure KintoBlock: how a block is used in an environment, when it is added and ever after.
import { api, ask } from "../api/client";
import { type At, configuredKey } from "../api/environment";
import { may } from "../api/me";
import { useResource } from "../api/resource";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { dropDraft } from "../parts/draft";
import { Shown } from "../parts/states";
import type { Block, Configured } from "./form";
import { ConfigureFields } from "./fields";
import { draftName } from "./kept";

interface Props {
  at: At;
  block: string;
  /** The hostname under which it is configured; or the one to begin with where it is added. */
  configured?: string;
  hostname?: string;
  onClose: () => void;
  onDone: (configured: Configured, isNew: boolean) => void;
  onRemove?: (present: Configured) => void;
}

export function ConfigurePanel({ at, block, configured, hostname = block, onClose, onDone, onRemove }: Props) {
  // The environment's list has no values of variables.
  const load = () => ask(api.GET("/projects/{project}/environments/{environment}/blocks/{hostname}", { params: { path: { ...at, hostname: configured! } } }));
  const there = useResource(configured === undefined ? null : configuredKey(at, configured), load);
  const drop = () => dropDraft(draftName(at, block, configured === undefined ? undefined : { hostname: configured }));
  const guard = useDiscardGuard(() => (drop(), onClose()));
  const found = useResource(`blocks/${block}`, () => ask(api.GET("/blocks/{block}", { params: { path: { block } } })));
  const fields = (known: Block, opened?: Configured) => (
    <ConfigureFields at={at} block={known} opened={opened} hostname={hostname} watch={guard.watch} onDone={(...saved) => (drop(), onDone(...saved))}
      onRemove={onRemove && ((present) => (drop(), onRemove(present)))} />
  );
  return (
    <>
      <Dialog title={may("admin") ? "Configure KintoBlock" : "Configuration"} kind="panel" onClose={onClose} mayClose={guard.mayClose}>
        <Shown of={found}>{(known) => (configured === undefined ? fields(known) : <Shown of={there}>{(opened) => fields(known, opened)}</Shown>)}</Shown>
      </Dialog>
      {guard.question}
    </>
  );
}
