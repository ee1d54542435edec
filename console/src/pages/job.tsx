// A configured block in its environment: when it runs, how its last runs went at a glance, and every one of them.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { type At, configuredKey, keyOf, useEnvironment } from "../api/environment";
import { may } from "../api/me";
import { invalidate, useResource } from "../api/resource";
import { AuditOf } from "../audit/audit-of";
import { ConfigurePanel } from "../configure/panel";
import { Button } from "../parts/button";
import { Page, Section } from "../parts/page";
import { Shown } from "../parts/states";
import { Badge } from "../parts/status";
import { announce } from "../parts/toast";
import { closeDialog, href, openDialog, query } from "../router";
import { useLastRuns } from "../runs/history";
import { RunHistory } from "../runs/history-table";
import { Paused, PauseSchedule } from "../runs/pause";
import { RunStrip } from "../runs/run-strip";
import { ScheduleSection } from "../runs/schedule";
import { StartRun } from "../runs/start";
import "../styles/runs.css";

type Configured = Schemas["ConfiguredBlockAnswer"];

export function JobPage({ project, environment, hostname }: At & { hostname: string }) {
  const at = { project, environment };
  const load = () => ask(api.GET("/projects/{project}/environments/{environment}/blocks/{hostname}", { params: { path: { ...at, hostname } } }));
  const found = useResource(configuredKey(at, hostname), load, 10_000);
  const { data } = found;
  const home = href("projects", project, environment);
  return (
    <Page title={hostname} crumbs={[{ label: "Projects", href: href("projects") }, { label: `${project} / ${environment}`, href: home }]}
      beside={data?.badge ? <Badge>{data.badge}</Badge> : data && <Badge>SERVICE</Badge>}
      lead={data && <Lead configured={data} />} actions={data && <Actions at={at} configured={data} />}>
      <Shown of={found}>{(configured) => <Job at={at} configured={configured} />}</Shown>
    </Page>
  );
}

function Lead({ configured: { description, block, flavor } }: { configured: Configured }) {
  const when = flavor === "service" ? "A service: it runs when the environment is deployed." : `Runs ${description}.`;
  return <>{when} Its block is <a href={href("blocks", block)}>{block}</a>.</>;
}

function Actions({ at, configured }: { at: At; configured: Configured }) {
  const [asked, setAsked] = useState<"run" | "pause" | null>(null);
  const { hostname, block, flavor, run, paused } = configured;
  const close = () => setAsked(null);
  const closePanel = () => closeDialog("panel");
  function done() {
    closePanel();
    invalidate(keyOf(at));
    announce(`${hostname} is configured`);
  }
  return (
    <>
      <Button kind="quiet" icon="gear" onClick={() => openDialog({ panel: "configure" })}>{may("admin") ? "Configure" : "Configuration"}</Button>
      {run?.mode === "repeat_schedule" && !paused && may("deployer") && <Button icon="pause" onClick={() => setAsked("pause")}>Pause</Button>}
      {flavor === "job" && may("deployer") && <Button kind="primary" icon="play" onClick={() => setAsked("run")}>Run now</Button>}
      {query.value.get("panel") === "configure" && <ConfigurePanel at={at} block={block} configured={hostname} onClose={closePanel} onDone={done} />}
      {asked === "run" && <StartRun at={at} hostname={hostname} block={block} onClose={close} />}
      {asked === "pause" && <PauseSchedule at={at} hostname={hostname} onClose={close} />}
    </>
  );
}

function Job({ at, configured }: { at: At; configured: Configured }) {
  const { hostname, paused } = configured;
  const last = useLastRuns(at, hostname);
  const { data } = useEnvironment(at, 30_000);
  return (
    <>
      {paused && <Paused at={at} hostname={hostname} paused={paused} />}
      <Section title="Last 60 runs"><RunStrip runs={last} service={configured.flavor === "service"} /></Section>
      <ScheduleSection configured={configured} shutdown={data?.status === "shutdown"} />
      <RunHistory at={at} hostname={hostname} />
      <AuditOf {...at} hostname={hostname} />
    </>
  );
}
