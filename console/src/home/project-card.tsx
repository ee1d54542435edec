// A project on Home: the state of each of its environments, and what needs somebody; read only while it is in sight.
import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

import { api, ask, type Schemas } from "../api/client";
import type { At } from "../api/environment";
import { useResource } from "../api/resource";
import { EnvironmentState } from "../deploy/states";
import { Failure } from "../parts/states";
import { statusWord } from "../parts/status";
import { Time } from "../parts/time";
import { href } from "../router";
import { type EnvironmentActivity, useActivity } from "../runs/activity";
import { byHostname, lately } from "../runs/lately";
import { ReasonLines } from "./reasons";

const SLOWLY = 30_000;

/** `failing`: it is in the list of those, whose reasons come first. */
export function ProjectCard({ project, failing = false }: { project: Schemas["ProjectListed"]; failing?: boolean }) {
  const card = useRef<HTMLLIElement>(null);
  const { seen, visible } = useSight(card);
  const { internal_name: name } = project;
  const every = visible ? SLOWLY : 0;
  const found = useResource(seen ? `projects/${name}` : null, () => ask(api.GET("/projects/{project}", { params: { path: { project: name } } })), every);
  return (
    <li class="card home-card" ref={card}>
      <header>
        <h3><a href={href("projects", name)}>{project.name}</a></h3>
        {project.description && <p class="soft">{project.description}</p>}
      </header>
      {failing && <ReasonLines project={project} />}
      {found.error && !found.data && <Failure error={found.error} retry={found.refresh} />}
      <ul>
        {found.data?.environments.map((one) => <EnvironmentLine at={{ project: name, environment: one.internal_name }} brief={one} every={every} failing={failing} key={one.internal_name} />)}
      </ul>
    </li>
  );
}

interface LineProps {
  at: At;
  brief: Schemas["EnvironmentBrief"];
  every: number;
  failing: boolean;
}

function EnvironmentLine({ at, brief, every, failing }: LineProps) {
  const { data } = useActivity(at, every);
  return (
    <li>
      <div class="home-environment">
        <a href={href("projects", at.project, at.environment)}>{brief.name}</a>
        <EnvironmentState of={brief} />
      </div>
      {data && <Told at={at} activity={data} failing={failing} />}
    </li>
  );
}

/** `failing`: what failed is above already. */
function Told({ at, activity: { running, failures, missed, next_ticks: [next] }, failing }: { at: At; activity: EnvironmentActivity; failing: boolean }) {
  const failed = failing ? [] : byHostname(lately(failures, Date.now()));
  const gone = byHostname(lately(missed, Date.now()));
  const [worst] = failed;
  const [lost] = gone;
  return (
    <p class="home-told">
      {running.length > 0 && <span class="busy">{running.length === 1 ? <><a href={href("runs", running[0]!.id)}>{running[0]!.hostname}</a> {statusWord(running[0]!.status).toLowerCase()}</> : `${running.length} runs go on`}</span>}
      {worst && (
        <span class="bad">
          <a href={href("runs", worst.newest.id)}>{worst.hostname}</a> {statusWord(worst.newest.status).toLowerCase()} <Time at={worst.newest.finished_at ?? worst.newest.created_at} />
          {failed.length > 1 && `, ${failed.length - 1} more`}
        </span>
      )}
      {lost && (
        <span class="warn">
          <a href={`${job(at, lost.hostname)}?status=missed`}>{lost.hostname}</a> missed {lost.count === 1 ? "a tick" : `${lost.count} ticks`}
          {gone.length > 1 && `, ${gone.length - 1} more`}
        </span>
      )}
      {next && <span>Next: <a href={job(at, next.hostname)}>{next.hostname}</a> <Time at={next.at} /></span>}
      {!running.length && !worst && !lost && !next && !failing && <span class="faint">All quiet</span>}
    </p>
  );
}

function job(at: At, hostname: string): string {
  return href("projects", at.project, at.environment, "blocks", hostname);
}

/** Whether it is in sight, and whether it ever was. */
function useSight(of: RefObject<HTMLElement | null>): { seen: boolean; visible: boolean } {
  const [sight, setSight] = useState({ seen: false, visible: false });
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => {
      const visible = entries.some((entry) => entry.isIntersecting);
      setSight((before) => ({ seen: before.seen || visible, visible }));
    }, { rootMargin: "200px" });
    if (of.current) watch.observe(of.current);
    return () => watch.disconnect();
  }, []);
  return sight;
}
