// When a job runs: its pattern with zone and policies, its next runs, whether it rests.
import type { Schemas } from "../api/client";
import { Section } from "../parts/page";
import { localTime, Time, utc } from "../parts/time";

type Configured = Schemas["ConfiguredBlockAnswer"];
type Schedule = Schemas["RepeatSchedule"];

const OVERLAP: Record<NonNullable<Schedule["overlap"]>, string> = {
  skip: "a tick is skipped while a run is active",
  queue: "one tick waits while a run is active",
  replace: "the active run is cancelled for the new one",
  allow: "runs may overlap",
};
const CATCH_UP: Record<NonNullable<Schedule["catch_up"]>, string> = {
  none: "missed ticks are not made up for",
  last: "the last missed tick is made up for",
};

export function ScheduleSection({ configured, shutdown }: { configured: Configured; shutdown: boolean }) {
  const { run } = configured;
  if (run?.mode !== "repeat_schedule") return null;
  return (
    <Section title="Schedule">
      <div class="card job-schedule">
        <dl class="facts">
          <div><dt>Pattern</dt><dd><code>{run.cron}</code></dd></div>
          <div><dt>Time zone</dt><dd>{run.timezone}</dd></div>
          <div><dt>Overlap</dt><dd>{OVERLAP[run.overlap ?? "skip"]}</dd></div>
          <div><dt>Catch-up</dt><dd>{CATCH_UP[run.catch_up ?? "none"]}</dd></div>
          {configured.schedule_status === "pending" && <div><dt>State</dt><dd>not published yet: {configured.schedule_reason ?? "it is tried again within five minutes"}</dd></div>}
        </dl>
        <NextRuns configured={configured} zone={run.timezone ?? "UTC"} shutdown={shutdown} />
      </div>
    </Section>
  );
}

function NextRuns({ configured, zone, shutdown }: { configured: Configured; zone: string; shutdown: boolean }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const foreign = zone !== "UTC" && zone !== own;
  if (shutdown) return <p class="soft">The environment is shut down: nothing runs until it is deployed again.</p>;
  if (!configured.next_runs.length) return <p class="soft">{configured.paused ? "Paused: nothing runs until somebody resumes it." : "It is never due again."}</p>;
  return (
    <div>
      <h3>Next runs</h3>
      <ol class="list job-next-runs">
        {configured.next_runs.map(({ utc: at, local }) => (
          <li key={at}>
            <span class="number">{withoutSeconds(localTime(new Date(at)))}</span>
            <span class="number soft">{withoutSeconds(utc(new Date(at)).slice(0, -4))} UTC</span>
            {foreign && <span class="number soft">{local.slice(0, 16).replace("T", " ")}</span>}
            {foreign && <span class="soft">{zone}</span>}
            <span class="soft job-next-in"><Time at={at} /></span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function withoutSeconds(time: string): string {
  return time.replace(/:00(?= [AP]M$|$)/i, "");
}
