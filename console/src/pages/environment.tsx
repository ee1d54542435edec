// A project's page, at one of its environments: what goes on, its KintoBlocks, Status & History, the others at the side.
import { api, ask } from "../api/client";
import { type At, type Environment, useEnvironment } from "../api/environment";
import { useResource } from "../api/resource";
import { AuditOf } from "../audit/audit-of";
import { DeployButton } from "../deploy/deploy-button";
import { History } from "../deploy/history";
import type { Standing } from "../deploy/live";
import { EnvironmentState } from "../deploy/states";
import { Activity } from "../environment/activity";
import { ConfiguredBlocks } from "../environment/blocks";
import { EnvironmentsAside } from "../environment/aside";
import { Page } from "../parts/page";
import { Shown } from "../parts/states";
import { href } from "../router";

function standingOf({ status, current, latest }: Environment): Standing {
  return { status, current: current?.number ?? null, latest: latest?.number ?? null };
}

export function EnvironmentPage(at: At) {
  const found = useEnvironment(at);
  const { project } = at;
  const named = useResource(`projects/${project}`, () => ask(api.GET("/projects/{project}", { params: { path: { project } } })), 15_000);
  const status = found.data && <EnvironmentState of={standingOf(found.data)} />;
  return (
    <Page
      title={named.data?.name ?? project}
      crumbs={[{ label: "Projects", href: href("projects") }]}
      beside={<><span class="beside-name">{found.data?.name ?? at.environment}</span>{status}</>}
      lead={named.data?.description || undefined}
      actions={found.data && <DeployButton at={at} environment={found.data} />}
    >
      <div class="with-aside">
        <div>
          <Shown of={found}>
            {(environment) => (
              <>
                <Activity at={at} environment={environment} />
                <ConfiguredBlocks at={at} environment={environment} />
                <History at={at} environment={environment} />
                <AuditOf project={project} />
              </>
            )}
          </Shown>
        </div>
        <EnvironmentsAside at={at} project={named.data} environment={found.data} />
      </div>
    </Page>
  );
}
