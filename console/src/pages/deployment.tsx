// A deployment, live: what failed first, its timeline with logs, what it changed; cancel and rollback.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { type At, type Environment, keyOf, useEnvironment } from "../api/environment";
import { may } from "../api/me";
import { invalidate } from "../api/resource";
import { ChangesView } from "../deploy/changes";
import { useDeployment, useEnding } from "../deploy/deployments";
import { Failures } from "../deploy/failures";
import { Kind } from "../deploy/kind";
import { type Deployment, failed, runsOf } from "../deploy/progress";
import { Reason } from "../deploy/reason";
import { RollbackButton } from "../deploy/rollback-button";
import { DeploymentState } from "../deploy/states";
import { Timeline } from "../deploy/timeline";
import { deploymentPage } from "../deploy/versions-dialog";
import { Button, ButtonLink } from "../parts/button";
import { Confirm } from "../parts/dialog";
import { Page, Section } from "../parts/page";
import { Shown } from "../parts/states";
import { tone } from "../parts/status";
import { Time, Took } from "../parts/time";
import { href } from "../router";

export function DeploymentPage({ project, environment: name, number }: { project: string; environment: string; number: number }) {
  const at = { project, environment: name };
  const found = useDeployment(at, number);
  const environment = useEnvironment(at).data;
  useEnding(at, found.data);
  const live = environment?.current?.number === number;
  return (
    <Page
      title={`Deployment ${number}`}
      crumbs={[
        { label: "Projects", href: href("projects") },
        { label: project, href: href("projects", project) },
        { label: environment?.name ?? name, href: href("projects", project, name) },
      ]}
      beside={found.data && <DeploymentState of={found.data} live={live} />}
      actions={found.data && <Actions at={at} environment={environment} deployment={found.data} live={live} />}
    >
      <Shown of={found}>{(deployment) => <Content at={at} deployment={deployment} />}</Shown>
      <Neighbours at={at} number={number} latest={environment?.latest?.number} />
    </Page>
  );
}

function Content({ at, deployment }: { at: At; deployment: Deployment }) {
  const notice = { good: "good", bad: "bad", warn: "warn", busy: "", idle: "" }[tone(deployment.status)];
  return (
    <>
      {deployment.reason && <div class={`notice ${notice} deployment-reason`}><p><Reason at={at} text={deployment.reason} /></p></div>}
      <Failures runs={failed(deployment)} />
      <Facts at={at} deployment={deployment} />
      <Section title="Timeline"><Timeline deployment={deployment} /></Section>
      <Section title="Changes">
        <ChangesView changes={deployment.changes} mostOpen={1}
          nothing={<p class="soft">{runsOf(deployment).length > 0 ? "Nothing differs from what was live before it." : "What it changes is known when it is prepared."}</p>} />
      </Section>
    </>
  );
}

function Facts({ at, deployment }: { at: At; deployment: Deployment }) {
  return (
    <dl class="facts card deployment-facts">
      <div><dt>Kind</dt><dd><Kind at={at} deployment={deployment} /></dd></div>
      {!deployment.automatic && <div><dt>By</dt><dd>{deployment.by}</dd></div>}
      <div><dt>Started</dt><dd><Time at={deployment.started_at} as="local" /></dd></div>
      <div><dt>Duration</dt><dd><Took from={deployment.started_at} to={deployment.finished_at} /></dd></div>
    </dl>
  );
}

interface ActionsProps {
  at: At;
  environment: Environment | undefined;
  deployment: Deployment;
  live: boolean;
}

function Actions({ at, environment, deployment, live }: ActionsProps) {
  if (!may("deployer")) return null;
  const good = deployment.status === "deployed" || deployment.status === "deployed_with_failures";
  if (deployment.status === "running") return <Cancel at={at} number={deployment.number} />;
  if (live || !good) return null;
  return <RollbackButton at={at} environment={environment} number={deployment.number} words="Rollback to this version" />;
}

function Cancel({ at, number }: { at: At; number: number }) {
  const [asking, setAsking] = useState(false);
  const path = { project: at.project, environment: at.environment, number: String(number) };
  async function cancel(key: string) {
    const params = { path, header: { "Idempotency-Key": key } };
    await ask(api.POST("/projects/{project}/environments/{environment}/deployments/{number}/cancel", { params }));
    invalidate(keyOf(at));
  }
  return (
    <>
      <Button icon="stop" onClick={() => setAsking(true)}>Cancel deployment</Button>
      {asking && (
        <Confirm title={`Cancel deployment ${number}?`} action="Cancel deployment" dismiss="Let it run" danger onConfirm={cancel} onClose={() => setAsking(false)}>
          <p>What runs now is stopped, and what has not begun is skipped. What has run stays done: services that were changed stay changed.</p>
        </Confirm>
      )}
    </>
  );
}

function Neighbours({ at, number, latest }: { at: At; number: number; latest: number | undefined }) {
  return (
    <nav class="neighbours" aria-label="Other deployments">
      {latest !== undefined && number > latest && <ButtonLink kind="quiet" icon="back" href={deploymentPage(at, latest)}>{`Deployment ${latest}, the latest`}</ButtonLink>}
      {latest !== undefined && number > 1 && number <= latest && <ButtonLink kind="quiet" icon="back" href={deploymentPage(at, number - 1)}>{`Deployment ${number - 1}`}</ButtonLink>}
      {latest !== undefined && number < latest && <ButtonLink kind="quiet" icon="next" href={deploymentPage(at, number + 1)}>{`Deployment ${number + 1}`}</ButtonLink>}
    </nav>
  );
}
