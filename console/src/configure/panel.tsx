// The panel Configure KintoBlock: how a block is used in an environment, when it is added and ever after.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import type { At } from "../api/environment";
import { may } from "../api/me";
import { useResource } from "../api/resource";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { dropDraft } from "../parts/draft";
import { Shown } from "../parts/states";
import type { Configured } from "./form";
import { ConfigureFields } from "./fields";
import { draftName } from "./kept";

interface Props {
  at: At;
  /** The block, and how it is configured; or the hostname to begin with where it is added. */
  block: string;
  configured?: Configured;
  hostname?: string;
  onClose: () => void;
  onDone: (configured: Configured, isNew: boolean) => void;
  onRemove?: (present: Configured) => void;
}

export function ConfigurePanel({ at, block, configured, hostname = block, onClose, onDone, onRemove }: Props) {
  // What was there when it was opened: the page behind reads it again every few seconds.
  const [opened] = useState(configured);
  const drop = () => dropDraft(draftName(at, block, opened));
  const guard = useDiscardGuard(() => (drop(), onClose()));
  const found = useResource(`blocks/${block}`, () => ask(api.GET("/blocks/{block}", { params: { path: { block } } })));
  return (
    <>
      <Dialog title={may("admin") ? "Configure KintoBlock" : "Configuration"} kind="panel" onClose={onClose} mayClose={guard.mayClose}>
        <Shown of={found}>
          {(known) => <ConfigureFields at={at} block={known} opened={opened} hostname={hostname} watch={guard.watch} onDone={(...saved) => (drop(), onDone(...saved))}
            onRemove={onRemove && ((present) => (drop(), onRemove(present)))} />}
        </Shown>
      </Dialog>
      {guard.question}
    </>
  );
}
