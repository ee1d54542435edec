// The attempts of a run that was tried more than once.
import { Section } from "../parts/page";
import { Status } from "../parts/status";
import { Time, Took } from "../parts/time";
import type { Run } from "./run";

export function Attempts({ run }: { run: Run }) {
  return (
    <Section title="Attempts">
      <ol class="list">
        {run.attempts.map((attempt) => (
          <li key={attempt.number}>
            <strong>Attempt {attempt.number}</strong>
            <Status status={attempt.status} />
            <span class="grow">{attempt.reason ?? (attempt.exit_code === null ? "" : `exit code ${attempt.exit_code}`)}</span>
            {attempt.started_at && <span class="soft"><Time at={attempt.started_at} as="local" /></span>}
            {attempt.started_at && <Took from={attempt.started_at} to={attempt.finished_at} />}
          </li>
        ))}
      </ol>
    </Section>
  );
}
