// A configured block's card: what it is, when it runs, when it runs next.
import { href } from "../router";
import type { At, Listed } from "../api/environment";
import { may } from "../api/me";
import { Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { Badge } from "../parts/status";
import { Time } from "../parts/time";

interface Props {
  at: At;
  configured: Listed;
  /** Whether its environment is shut down: then its schedule rests. */
  resting: boolean;
  onConfigure: () => void;
}

export function BlockCard({ at, configured, resting, onConfigure }: Props) {
  const { hostname, block, flavor, badge, description } = configured;
  const gear = may("admin") ? "Configure KintoBlock" : "Configuration";
  return (
    <li class="card linked block-card">
      <header>
        <div>
          <h3><a class="cover" href={href("projects", at.project, at.environment, "blocks", hostname)}>{hostname}</a></h3>
          {block !== hostname && <p class="faint">{block}</p>}
        </div>
        <Button kind="quiet" icon="gear" aria-label={`${gear} ${hostname}`} title={gear} onClick={onConfigure} />
      </header>
      <div><Badge>{badge ?? (flavor === "service" ? "SERVICE" : "JOB")}</Badge></div>
      <p class="soft words">{description ?? "deployed with each deployment"}</p>
      {configured.run?.mode === "repeat_schedule" && <Schedule configured={configured} resting={resting} />}
    </li>
  );
}

function Schedule({ configured, resting }: { configured: Listed; resting: boolean }) {
  const { paused, schedule_status, schedule_reason, next_runs } = configured;
  const next = resting || paused ? undefined : next_runs[0]?.utc;
  return (
    <>
      <dl class="block-next"><dt>Next run</dt><dd>{next ? <Time at={next} /> : <span title="None is due">—</span>}</dd></dl>
      {paused && (
        <p class="block-mark tone warn">
          <Icon name="pause" /> <span>Paused{paused.until && <> until <Time at={paused.until} as="local" /></>}: {paused.reason}</span>
        </p>
      )}
      {!paused && resting && <p class="block-mark tone idle"><Icon name="power" /> <span>Rests until the next deployment: the environment is shut down.</span></p>}
      {schedule_status === "pending" && (
        <p class="block-mark tone busy"><Icon name="clock" /> <span>Not published yet: {schedule_reason ?? "it is tried again within five minutes"}.</span></p>
      )}
    </>
  );
}
