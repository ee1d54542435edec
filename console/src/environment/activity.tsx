// What is running now on an environment, what failed last, what was missed, what comes next; calm when there is nothing.
import type { ComponentChildren } from "preact";

import type { At, Environment } from "../api/environment";
import { Section } from "../parts/page";
import { Shown } from "../parts/states";
import { Badge, Status } from "../parts/status";
import { localTime, Time, Took } from "../parts/time";
import { href } from "../router";
import { type EnvironmentActivity, useActivity } from "../runs/activity";
import { byHostname, type Group as Grouped, lately } from "../runs/lately";
import type { Run } from "../runs/run";
import { Trigger } from "../runs/trigger";
import "../styles/home.css";

const MOST = 5;

export function Activity({ at, environment }: { at: At; environment: Environment }) {
  const found = useActivity(at, 4000);
  return (
    <Section title="Activity">
      <Shown of={found}>{(activity) => <Told at={at} environment={environment} activity={activity} />}</Shown>
    </Section>
  );
}

function Told({ at, environment, activity }: { at: At; environment: Environment; activity: EnvironmentActivity }) {
  const { running, next_ticks: next } = activity;
  const failures = byHostname(lately(activity.failures, Date.now()));
  const missed = byHostname(lately(activity.missed, Date.now()));
  const quiet = !running.length && !failures.length && !missed.length;
  if (quiet && next.length < 2) return <Quiet at={at} environment={environment} next={next[0]} />;
  return (
    <div class="activity">
      {quiet && <Quiet at={at} environment={environment} next={next[0]} />}
      {running.length > 0 && <Group title="Running now">{running.map((run) => <Running run={run} key={run.id} />)}</Group>}
      {failures.length > 0 && <Group title="Failed last" more={failures.length - MOST}>{failures.slice(0, MOST).map((one) => <Failed group={one} at={at} key={one.hostname} />)}</Group>}
      {missed.length > 0 && <Group title="Missed" more={missed.length - MOST}>{missed.slice(0, MOST).map((one) => <Missed group={one} at={at} key={one.hostname} />)}</Group>}
      {next.length > 0 && (
        <Group title="Next" more={next.length - MOST}>
          {next.slice(0, MOST).map(({ hostname, at: due }) => (
            <li key={hostname} class="activity-coming">
              <span class="number activity-coming-time">{coming(due)}</span>
              <a class="activity-coming-name" href={jobOf(at, hostname)}>{hostname}</a>
              <Repeats environment={environment} hostname={hostname} />
              <span class="soft activity-coming-in"><Time at={due} /></span>
            </li>
          ))}
        </Group>
      )}
    </div>
  );
}

function Quiet({ at, environment, next }: { at: At; environment: Environment; next: EnvironmentActivity["next_ticks"][number] | undefined }) {
  const then = environment.status === "shutdown" ? "The environment is shut down: nothing is due until it is deployed again."
    : environment.status === "not_deployed" ? "Nothing was deployed here yet."
    : "Nothing is due.";
  return (
    <p class="activity-quiet">
      <strong>All quiet.</strong>{" "}
      {next ? <>Next: <a href={jobOf(at, next.hostname)}>{next.hostname}</a> at {coming(next.at)} (<Time at={next.at} />).</> : then}
    </p>
  );
}

function Group({ title, more = 0, children }: { title: string; more?: number; children: ComponentChildren }) {
  return (
    <section class="activity-group" aria-label={title}>
      <h3>{title}</h3>
      <ul class="list">{children}{/* How many is not known: the server tells the first. */}{more > 0 && <li class="soft">and more</li>}</ul>
    </section>
  );
}

function Running({ run }: { run: Run }) {
  return (
    <li>
      <Status status={run.status} />
      <a class="grow" href={href("runs", run.id)}>{run.hostname}</a>
      <span class="soft"><Trigger run={run} /></span>
      {run.started_at && <Took from={run.started_at} to={null} />}
    </li>
  );
}

function Failed({ at, group: { newest, count, hostname } }: { at: At; group: Grouped<Run> }) {
  return (
    <li>
      <Status status={newest.status} />
      <span class="grow">
        <a href={href("runs", newest.id)}>{hostname}</a>
        <span class="soft"> {newest.reason ?? (newest.exit_code === null ? "" : `exit code ${newest.exit_code}`)}</span>
      </span>
      {count > 1 && <a class="soft" href={jobOf(at, hostname)}>{count} times lately</a>}
      <span class="soft"><Time at={newest.finished_at ?? newest.created_at} /></span>
    </li>
  );
}

function Missed({ at, group: { newest, count, hostname } }: { at: At; group: Grouped<Run> }) {
  return (
    <li>
      <Status status="missed" />
      <span class="grow"><a href={`${jobOf(at, hostname)}?status=missed`}>{hostname}</a> <span class="soft">{newest.reason}</span></span>
      {count > 1 && <span class="soft">{count} ticks</span>}
      <span class="soft">due <Time at={newest.scheduled_at ?? newest.created_at} as="local" /></span>
    </li>
  );
}

function Repeats({ environment, hostname }: { environment: Environment; hostname: string }) {
  const badge = environment.blocks.find((one) => one.hostname === hostname)?.badge;
  return badge ? <Badge>{badge}</Badge> : null;
}

function jobOf({ project, environment }: At, hostname: string): string {
  return href("projects", project, environment, "blocks", hostname);
}

/** Ticks are whole minutes. */
function coming(at: string): string {
  return localTime(new Date(at)).replace(/:00(?= [AP]M$|$)/i, "");
}
