// A deployment's phases and waves, from top to bottom, with each run's state and its log in place.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { type AnyStatus, isOpen, Status, statusIcon, tone } from "../parts/status";
import { Icon } from "../parts/icon";
import { sentence } from "../parts/form";
import { Took } from "../parts/time";
import { href, path, query, replace } from "../router";
import { LogViewer } from "../runs/log-viewer";
import { type Deployment, type Phase, phases, preparedAt, preparing, reasonOf, type Run, runsOf, type Wave } from "./progress";

export function Timeline({ deployment }: { deployment: Deployment }) {
  const laidOut = runsOf(deployment).length > 0;
  return (
    <ol class="timeline">
      <Prepare deployment={deployment} laidOut={laidOut} />
      {phases(deployment).map((phase) => <PhaseStep key={phase.name} phase={phase} unknown={!laidOut} over={deployment.status !== "running"} />)}
    </ol>
  );
}

function Prepare({ deployment, laidOut }: { deployment: Deployment; laidOut: boolean }) {
  const doing = preparing(deployment);
  const status: AnyStatus = doing ? "running" : laidOut || deployment.status === "deployed" ? "succeeded" : deployment.status;
  const until = doing ? null : (preparedAt(deployment) ?? deployment.finished_at);
  return (
    <Step title="Prepare" status={status} took={<Took from={deployment.started_at} to={until} />}>
      <p class="soft">{doing ? `${doing}…` : laidOut ? "Every commit and image is fixed, whatever is pushed meanwhile." : "It ended before anything could run."}</p>
    </Step>
  );
}

function PhaseStep({ phase, unknown, over }: { phase: Phase; unknown: boolean; over: boolean }) {
  const several = phase.waves.length > 1;
  const nothing = unknown && !over ? "To come" : phase.name === "deployment" ? "No service" : "No job";
  return (
    <Step title={phase.title} status={phase.status} took={phase.from && <Took from={phase.from} to={phase.to} />}>
      {phase.waves.length === 0 && <p class="faint">{nothing}</p>}
      {phase.waves.map((wave, i) => (
        <div key={i} class="wave">
          {several && <h4>{waveTitle(wave, i, phase.waves.length)}</h4>}
          <ul>{wave.runs.map((run) => <RunRow key={run.id} run={run} />)}</ul>
        </div>
      ))}
    </Step>
  );
}

function waveTitle(wave: Wave, index: number, count: number): string {
  const order = wave.order === null ? "" : `, order ${wave.order}`;
  return `Wave ${index + 1} of ${count}${order}${wave.runs.length > 1 ? ", side by side" : ""}`;
}

function Step(props: { title: string; status: AnyStatus | null; took: ComponentChildren; children: ComponentChildren }) {
  const { title, status, took, children } = props;
  return (
    <li class="phase-step">
      <span class={`node tone ${status ? tone(status) : "idle"}`} aria-hidden="true">
        {status === "running" ? <span class="spinner" /> : <Icon name={status ? statusIcon(status) : "dots"} />}
      </span>
      <header>
        <h3>{title}</h3>
        {status && <Status status={status} />}
        <span class="soft">{took}</span>
      </header>
      {children}
    </li>
  );
}

function RunRow({ run }: { run: Run }) {
  const id = useId();
  const hasLog = run.attempts.length > 0;
  const open = hasLog && opened().has(run.hostname);
  const why = reasonOf(run);
  return (
    <li class={open ? "run-row open" : "run-row"}>
      <div class="run-line">
        {hasLog ? (
          <button type="button" class="opener" aria-label={`Log of ${run.hostname}`} aria-expanded={open} aria-controls={id}
            onClick={() => toggle(run.hostname)}>
            <Icon name="next" /> {run.hostname}
          </button>
        ) : <span class="opener">{run.hostname}</span>}
        <Status status={run.status} />
        {run.exit_code !== null && <span class="exit-code">exit code {run.exit_code}</span>}
        {run.started_at && <span class="soft"><Took from={run.started_at} to={run.finished_at} /></span>}
        {run.attempts.length > 1 && <span class="soft">attempt {run.attempts.length}</span>}
        <a class="apart" href={href("runs", run.id)} aria-label={`Details of ${run.hostname}`}>Details</a>
      </div>
      {why && <p class="soft row-reason">{sentence(why)}</p>}
      <div id={id} class="run-log">{open && <LogViewer run={run.id} complete={!isOpen(run.status)} />}</div>
    </li>
  );
}

/** Which logs are open stands in the address: a reload, or a copied link, shows the same. */
function opened(): Set<string> {
  return new Set((query.value.get("log") ?? "").split(",").filter(Boolean));
}

function toggle(hostname: string): void {
  const all = opened();
  if (!all.delete(hostname)) all.add(hostname);
  const here = href(...path.value.split("/").filter(Boolean));
  replace(all.size > 0 ? `${here}?log=${[...all].join(",")}` : here);
}
