// One run: why it ran and how it ended, its attempts and its log; cancelled or run again from here.
import { useState } from "preact/hooks";

import { may } from "../api/me";
import { Button } from "../parts/button";
import { Page, Section } from "../parts/page";
import { Shown } from "../parts/states";
import { isOpen, Status, tone } from "../parts/status";
import { href } from "../router";
import { Attempts } from "../runs/attempts";
import { CancelRun } from "../runs/cancel";
import { RunFacts } from "../runs/facts";
import { LogViewer } from "../runs/log-viewer";
import { type Run, useRun } from "../runs/run";
import { StartRun } from "../runs/start";
import { Reason } from "../runs/trigger";
import "../styles/runs.css";

export function RunPage({ run }: { run: string }) {
  const found = useRun(run);
  const { data } = found;
  return (
    <Page title={data ? `Run of ${data.hostname}` : "Run"} crumbs={crumbs(data)} beside={data && <Status status={data.status} />}
      actions={data && <Actions run={data} />}>
      <Shown of={found}>{(present) => <Told run={present} />}</Shown>
    </Page>
  );
}

function crumbs(run: Run | undefined) {
  const start = { label: "Projects", href: href("projects") };
  if (!run) return [start];
  const { project, environment, hostname } = run;
  return [
    start,
    { label: `${project} / ${environment}`, href: href("projects", project, environment) },
    { label: hostname, href: href("projects", project, environment, "blocks", hostname) },
  ];
}

function Actions({ run }: { run: Run }) {
  const [asked, setAsked] = useState<"cancel" | "again" | null>(null);
  const close = () => setAsked(null);
  if (!may("deployer")) return null;
  return (
    <>
      {isOpen(run.status) && <Button icon="stop" onClick={() => setAsked("cancel")}>Cancel run</Button>}
      {!isOpen(run.status) && run.trigger !== "deployment" && <Button icon="play" onClick={() => setAsked("again")}>Run again</Button>}
      {asked === "cancel" && <CancelRun run={run} onClose={close} />}
      {asked === "again" && <StartRun at={run} hostname={run.hostname} block={run.block} again={run} onClose={close} />}
    </>
  );
}

function Told({ run }: { run: Run }) {
  return (
    <>
      {run.reason && <p class={`notice tone ${tone(run.status)}`}><span><Reason text={run.reason} /></span></p>}
      <RunFacts run={run} />
      {run.attempts.length > 1 && <Attempts run={run} />}
      <Section title="Log"><LogViewer run={run.id} complete={!isOpen(run.status)} /></Section>
    </>
  );
}
