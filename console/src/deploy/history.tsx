// Status & History: what is live in an environment, and every deployment that there was.
import { api, ask } from "../api/client";
import { type At, type Environment, keyOf } from "../api/environment";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { More } from "../parts/more";
import { Section } from "../parts/page";
import { Empty, Shown } from "../parts/states";
import { Time, Took } from "../parts/time";
import "../styles/deploy.css";
import { useDeployment } from "./deployments";
import { Kind } from "./kind";
import { type Brief, commits, starter } from "./progress";
import { Reason } from "./reason";
import { RollbackButton } from "./rollback-button";
import { DeploymentState } from "./states";
import { short } from "./versions";
import { deploymentPage } from "./versions-dialog";

interface Props {
  at: At;
  environment: Environment;
}

export function History({ at, environment }: Props) {
  const path = { project: at.project, environment: at.environment };
  const load = (cursor?: string) => ask(api.GET("/projects/{project}/environments/{environment}/deployments", { params: { path, query: cursor ? { cursor } : {} } }));
  const pages = usePages(`${keyOf(at)}/deployments`, load, (one) => String(one.number), 4000);
  return (
    <Section title="Status & History">
      <Shown of={{ data: pages.items, error: pages.error, refresh: pages.refresh }}>
        {(items) => (items.length === 0 ? <NotYet environment={environment} /> : (
          <div class="history">
            <Live at={at} environment={environment} />
            <ul class="list">{items.map((one) => <Row key={one.number} at={at} environment={environment} deployment={one} />)}</ul>
            <More more={pages.more} />
          </div>
        ))}
      </Shown>
    </Section>
  );
}

function NotYet({ environment }: Pick<Props, "environment">) {
  return (
    <Empty title="Not deployed yet">
      {environment.blocks.length > 0 ? (
        <p>{may("deployer") ? <><strong>Deploy</strong>, at the top of the page, runs</> : "A deployment runs"} its jobs around its services, in order. Its schedules do not wait for it.</p>
      ) : <p>{may("admin") ? "Add a KintoBlock above; then deploy." : "No KintoBlock is configured that could be deployed."}</p>}
    </Empty>
  );
}

function Live({ at, environment }: Props) {
  const { current } = environment;
  const found = useDeployment(at, current?.number ?? null);
  if (!current) return <div class="card"><p class="soft">Nothing is live yet: no deployment has come to its end.</p></div>;
  const at_commits = found.data ? commits(found.data) : [];
  return (
    <dl class="facts card live-facts">
      <div><dt>Live</dt><dd><a href={deploymentPage(at, current.number)}>Deployment {current.number}</a></dd></div>
      <div><dt>Since</dt><dd><Time at={current.finished_at ?? current.started_at} /></dd></div>
      <div><dt>By</dt><dd>{starter(current)}</dd></div>
      {at_commits.length > 0 && (
        <div class="whole"><dt>Commits</dt><dd>{at_commits.map(([commit, hostnames]) => (
          <span class="commit" key={commit}><code title={commit}>{short(commit)}</code> {hostnames.join(", ")}</span>
        ))}</dd></div>
      )}
      {environment.status === "shutdown" && <div class="whole"><dt>Shutdown</dt><dd>Its schedules rest until the next deployment.</dd></div>}
    </dl>
  );
}

function Row({ at, environment, deployment }: Props & { deployment: Brief }) {
  const live = environment.current?.number === deployment.number;
  const good = deployment.status === "deployed" || deployment.status === "deployed_with_failures";
  return (
    <li class="deployment-row">
      <div class="deployment-told">
        <div class="deployment-head">
          <a class="deployment-name" href={deploymentPage(at, deployment.number)}>Deployment {deployment.number}</a>
          <DeploymentState of={deployment} live={live} />
        </div>
        <p class="soft">
          <Kind at={at} deployment={deployment} />{!deployment.automatic && ` by ${deployment.by}`}
          {", "}<Time at={deployment.started_at} />{", "}<Took from={deployment.started_at} to={deployment.finished_at} />
        </p>
        {deployment.reason && <p class="soft"><Reason at={at} text={deployment.reason} /></p>}
      </div>
      {good && !live && <RollbackButton at={at} environment={environment} number={deployment.number} words="Rollback" />}
    </li>
  );
}
