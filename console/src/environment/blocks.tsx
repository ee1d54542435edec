// Section KintoBlocks of an environment: what is configured there, adding to it, configuring it.
import { useRef, useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import { type At, configuredKey, type Environment, keyOf, type Listed } from "../api/environment";
import { may } from "../api/me";
import { forget, invalidate } from "../api/resource";
import type { Configured } from "../configure/form";
import { freeHostname } from "../configure/hostnames";
import { ConfigurePanel } from "../configure/panel";
import { Button } from "../parts/button";
import { Confirm } from "../parts/dialog";
import { Section } from "../parts/page";
import { Empty } from "../parts/states";
import { announce } from "../parts/toast";
import { changeDialog, closeDialog, openDialog, query } from "../router";
import "../styles/configure.css";
import { AddBlock } from "./add-block";
import { BlockCard } from "./block-card";
import { takesEffect } from "./takes-effect";

const PARAMETERS = ["panel", "block", "hostname"];

export function ConfiguredBlocks({ at, environment }: { at: At; environment: Environment }) {
  const { panel, block, hostname } = Object.fromEntries(PARAMETERS.map((name) => [name, query.value.get(name) ?? ""])) as Record<"panel" | "block" | "hostname", string>;
  const [removing, setRemoving] = useState<Configured | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const resting = environment.status === "shutdown";
  const close = () => closeDialog(...PARAMETERS);
  const taken = environment.blocks.map((one) => one.hostname);
  const chosen = useOpened(environment.blocks, panel === "configure" ? hostname : "");

  function configure({ hostname: chosen }: Listed) {
    // Read now: what another person has changed since it was read last would be refused as stale.
    forget(configuredKey(at, chosen));
    openDialog({ panel: "configure", hostname: chosen });
  }
  function done(configured: Configured, isNew: boolean) {
    close();
    invalidate(keyOf(at));
    announce(isNew ? `${configured.hostname} is added` : `${configured.hostname} is configured`);
    setSaid(takesEffect(configured, isNew, resting));
  }

  return (
    <Section title="KintoBlocks" actions={may("admin") && <Button icon="plus" onClick={() => openDialog({ panel: "search" })}>Add KintoBlock</Button>}>
      {said && (
        <div class="notice good takes-effect" role="status">
          <p>{said}</p>
          <Button kind="quiet" icon="close" aria-label="Dismiss" onClick={() => setSaid(null)} />
        </div>
      )}
      {environment.blocks.length === 0
        ? <Empty title="No KintoBlock is configured here yet."><p>{may("admin") ? "Add a job or a service, say when it runs, then deploy." : "An admin adds jobs and services, and says when they run."}</p></Empty>
        : (
          <ul class="cards">
            {environment.blocks.map((configured) => (
              <BlockCard key={configured.hostname} at={at} configured={configured} resting={resting} onConfigure={() => configure(configured)} />
            ))}
          </ul>
        )}
      {panel === "search" && <AddBlock project={at.project} onClose={close} onChoose={(name) => changeDialog({ panel: "add", block: name })} />}
      {panel === "add" && <ConfigurePanel key={`+${block}`} at={at} block={block} hostname={freeHostname(block, taken)} onClose={close} onDone={done} />}
      {chosen && (
        <ConfigurePanel key={chosen.hostname} at={at} block={chosen.block} configured={chosen.hostname} onClose={close} onDone={done}
          onRemove={(configured) => (close(), setRemoving(configured))} />
      )}
      {removing && <Remove at={at} configured={removing} onClose={() => setRemoving(null)} onRemoved={() => setSaid(null)} />}
    </Section>
  );
}

/** The configured block of a hostname; it stays while its panel is open, though somebody removes it. */
function useOpened(blocks: readonly Listed[], hostname: string): Listed | undefined {
  const last = useRef<Listed | undefined>(undefined);
  const found = blocks.find((one) => one.hostname === hostname);
  if (found || last.current?.hostname !== hostname) last.current = found;
  return last.current;
}

function Remove({ at, configured, onClose, onRemoved }: { at: At; configured: Configured; onClose: () => void; onRemoved: () => void }) {
  const { hostname, version, run } = configured;
  async function remove() {
    const path = { ...at, hostname };
    await ask(api.DELETE("/projects/{project}/environments/{environment}/blocks/{hostname}", { params: { path, header: ifMatch(version) } }));
    invalidate(keyOf(at));
    onRemoved();
    announce(`${hostname} is removed`);
  }
  return (
    <Confirm title={`Remove ${hostname}?`} action="Remove from environment" danger onConfirm={remove} onClose={onClose}>
      {run?.mode === "repeat_schedule" && <p>Its schedule stops at once.</p>}
      <p>It is taken out of {at.project}/{at.environment}, with its variables. The block itself and the history of its runs stay.</p>
    </Confirm>
  );
}
