// Section KintoBlocks of an environment: what is configured there, adding to it, configuring it.
import { useState } from "preact/hooks";

import { api, ask, ifMatch } from "../api/client";
import { type At, type Environment, keyOf } from "../api/environment";
import { may } from "../api/me";
import { invalidate } from "../api/resource";
import type { Configured } from "../configure/form";
import { freeHostname } from "../configure/hostnames";
import { ConfigurePanel } from "../configure/panel";
import { Button } from "../parts/button";
import { Confirm } from "../parts/dialog";
import { Section } from "../parts/page";
import { Empty } from "../parts/states";
import { announce } from "../parts/toast";
import "../styles/configure.css";
import { AddBlock } from "./add-block";
import { BlockCard } from "./block-card";
import { takesEffect } from "./takes-effect";

type Shown = { what: "search" } | { what: "add"; block: string } | { what: "configure" | "remove"; configured: Configured };

export function ConfiguredBlocks({ at, environment }: { at: At; environment: Environment }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const resting = environment.status === "shutdown";
  const close = () => setShown(null);

  function done(configured: Configured, isNew: boolean) {
    close();
    invalidate(keyOf(at));
    announce(isNew ? `${configured.hostname} is added` : `${configured.hostname} is configured`);
    setSaid(takesEffect(configured, isNew, resting));
  }

  return (
    <Section title="KintoBlocks" actions={may("admin") && <Button icon="plus" onClick={() => setShown({ what: "search" })}>Add KintoBlock</Button>}>
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
              <BlockCard key={configured.hostname} at={at} configured={configured} resting={resting} onConfigure={() => setShown({ what: "configure", configured })} />
            ))}
          </ul>
        )}
      {shown?.what === "search" && <AddBlock onClose={close} onChoose={(block) => setShown({ what: "add", block })} />}
      {shown?.what === "add" && (
        <ConfigurePanel at={at} block={shown.block} hostname={freeHostname(shown.block, environment.blocks.map(({ hostname }) => hostname))} onClose={close} onDone={done} />
      )}
      {shown?.what === "configure" && (
        <ConfigurePanel at={at} block={shown.configured.block} configured={shown.configured} onClose={close} onDone={done}
          onRemove={(configured) => setShown({ what: "remove", configured })} />
      )}
      {shown?.what === "remove" && <Remove at={at} configured={shown.configured} onClose={close} onRemoved={() => setSaid(null)} />}
    </Section>
  );
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
